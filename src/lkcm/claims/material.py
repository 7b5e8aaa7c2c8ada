"""What the checks work on: the evidence, converted once."""

from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from lkcm.effects import convert
from lkcm.effects.readings import both_readings
from lkcm.evidence import Evidence
from lkcm.evidence.describe import lkcm_group_sizes, one_per_sample
from lkcm.synthesis.outcome import core, outcome_rows, pool_group
from lkcm.synthesis.pooled import Pooled

#: Last year whose trials the searched records of Lv et al. (to 3 March 2022) hold for certain.
FRAME_TO = 2021
#: Instruments of the claim's own frame.
SCS = r"^(?:SCS|Self-Compassion Scale)"


@dataclass(frozen=True)
class Material:
    """The evidence as the checks read it.

    Attributes
    ----------
    trials, effects, reference, claims, instruments : DataFrame
        Evidence tables; effects with the rows that only the second reading has.
    r : float
        Pre-post correlation assumed in conversions.
    """

    trials: pd.DataFrame
    effects: pd.DataFrame
    reference: pd.DataFrame
    claims: pd.DataFrame
    instruments: pd.DataFrame
    r: float = 0.6

    @classmethod
    def of(cls, evidence: Evidence, r: float = 0.6) -> "Material":
        """Take the tables from the evidence; those that are not there are empty."""
        others = map(evidence.table, ("reference_estimates", "claims", "instruments"))
        return cls(evidence.table("trials"), both_readings(evidence), *others, r=r)

    @cached_property
    def converted(self) -> pd.DataFrame:
        """All rows as effects."""
        return convert(self.effects, self.trials, r=self.r)

    @cached_property
    def samples(self) -> pd.DataFrame:
        """One row a trial, with the size of its LKCM group (``group_n``, ``group_basis``)."""
        return lkcm_group_sizes(self.trials, self.effects)

    @cached_property
    def reports(self) -> pd.DataFrame:
        """One row a trial, its first report."""
        return one_per_sample(self.trials)

    def says(self, column: str, values: tuple[object, ...]) -> pd.Series:
        """Tell of each trial whether any of its reports has one of the values in a column."""
        return self.trials[column].isin(values).groupby(self.trials["sample_id"]).any()

    def rows(self, outcome: str, group: str, *, core_only: bool = True) -> pd.DataFrame:
        """Return the self-reported rows of an outcome against a group of comparators."""
        found = outcome_rows(self.converted, outcome)
        found = found[found["group"] == group]
        return core(found) if core_only else found

    def pooled(self, outcome: str, group: str) -> Pooled | None:
        """Pool the core trials of an outcome as its page does; None without a trial."""
        return pool_group(self.rows(outcome, group), group).pooled

    def framed(self, group: str) -> Pooled | None:
        """Pool self-compassion within the claim's own frame: years, instrument, all programmes."""
        rows = self.rows("self-compassion", group, core_only=False)
        years = rows["trial_id"].map(self.trials.set_index("trial_id")["year"])
        scale = rows["instrument"].str.contains(SCS, na=False)
        inside = rows[scale & years.le(FRAME_TO).fillna(False).astype(bool)]
        return pool_group(inside, group).pooled
