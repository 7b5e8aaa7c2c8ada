"""What the commentary asks of the field, and how far trials have come, by period."""

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from lkcm.claims.material import Material
from lkcm.claims.reporting import DIGITAL
from lkcm.evidence.describe import CLINICAL, LARGE, share_with_interval

#: First years of the periods in which trials are counted.
PERIODS = (1900, 2010, 2015, 2020, 2023)

#: Of each trial of `Material.samples`, whether it meets an ask.
Meets = Callable[[Material], pd.Series]


@dataclass(frozen=True)
class Ask:
    """Something that the commentary asks for.

    Attributes
    ----------
    name : str
        In few words.
    criterion : str
        What counts as meeting it, in the words of a table.
    meets : callable
        From the material to one truth value a trial, by ``sample_id``.
    among : callable or None
        The trials that could meet it; None for all.
    claims : tuple of str
        The claims that bear on it.
    page : str
        Chapter that takes it up.
    floor : bool
        Whether the count is a floor, since sources leave out what was done.
    """

    name: str
    criterion: str
    meets: Meets
    claims: tuple[str, ...]
    page: str
    among: Meets | None = None
    floor: bool = True


def _any(material: Material, states: pd.Series) -> pd.Series:
    return states.fillna(False).astype(bool).groupby(material.trials["sample_id"]).any()


def _has_row(material: Material, rows: pd.Series) -> pd.Series:
    trials = material.effects.loc[rows.fillna(False).astype(bool), "trial_id"]
    return _any(material, material.trials["trial_id"].isin(trials))


def _large(material: Material) -> pd.Series:
    sizes = material.samples.set_index("sample_id")["group_n"]
    return sizes.gt(LARGE)


def _sized(material: Material) -> pd.Series:
    return material.samples.set_index("sample_id")["group_n"].notna()


def _clinical(material: Material) -> pd.Series:
    return _any(material, material.trials["clinical_level"].isin(CLINICAL))


def _against_treatment(material: Material) -> pd.Series:
    return _has_row(material, material.effects["comparator_type"].eq("psychotherapy"))


def _harms(material: Material) -> pd.Series:
    told = ["yes-none-occurred", "yes-other", "yes-per-arm"]
    return _any(material, material.trials["harms_mentioned"].isin(told))


def _digital(material: Material) -> pd.Series:
    return _any(material, material.trials["delivery"].isin(DIGITAL))


def _delivery_stated(material: Material) -> pd.Series:
    return _any(material, material.trials["delivery"].notna())


def _beyond_self(material: Material) -> pd.Series:
    reporter = material.effects["reporter"]
    return _has_row(material, reporter.notna() & reporter.ne("self"))


def _open_data(material: Material) -> pd.Series:
    return _any(material, material.trials["data_open"].eq("yes"))


#: The asks, in the commentary's order.
ASKS = (
    Ask(
        name="Larger trials",
        criterion=f"more than {LARGE} people in the LKCM group",
        meets=_large,
        among=_sized,
        claims=("c08", "c09", "c10", "c11"),
        page="larger-trials",
        floor=False,
    ),
    Ask(
        name="Clinical outcomes against gold-standard comparators",
        criterion="clinical sample, compared with a psychotherapy",
        meets=_against_treatment,
        among=_clinical,
        claims=("c14", "c15", "c16", "c17"),
        page="clinical-depression",
    ),
    Ask(
        name="Reporting of harms",
        criterion="source mentions harms",
        meets=_harms,
        claims=("c18", "c19", "c20", "c21"),
        page="harms",
    ),
    Ask(
        name="Scalable and responsive practice",
        criterion="delivered online, by app or by audio",
        meets=_digital,
        among=_delivery_stated,
        claims=("c22", "c23", "c24", "c25"),
        page="responsive-practice",
        floor=False,
    ),
    Ask(
        name="Beyond self-report",
        criterion="a result that is not a self-report",
        meets=_beyond_self,
        claims=("c26", "c27", "c28", "c29", "c30", "c31"),
        page="second-person",
    ),
    Ask(
        name="Individual participant data",
        criterion="source states that data are open",
        meets=_open_data,
        claims=("c12", "c13", "c32", "c33", "c34", "c35"),
        page="trials-tell",
    ),
)


def progress(material: Material) -> pd.DataFrame:
    """Count, ask by ask and period by period, the trials that meet it.

    Parameters
    ----------
    material : Material
        The evidence.

    Returns
    -------
    DataFrame
        ``ask``, ``criterion``, ``period`` (text, in order), ``yes``, ``trials``, ``share`` with
        its exact 95 % interval ``low`` to ``high``, and ``floor`` (bool). Periods without a trial
        that could meet the ask, and trials without a year, are left out.
    """
    year = material.reports.set_index("sample_id")["year"].astype(float)
    period = pd.cut(year, [*PERIODS, 2200], right=False, labels=_names(year))
    lines = []
    for ask in ASKS:
        meets = ask.meets(material).reindex(period.index, fill_value=False)
        among = ask.among(material) if ask.among else pd.Series(True, index=period.index)
        among = among.reindex(period.index, fill_value=False) & period.notna()
        for name in period.cat.categories:
            inside = among & period.eq(name)
            yes, n = int((meets & inside).sum()), int(inside.sum())
            if n:
                share, low, high = share_with_interval(yes, n)
                lines.append((ask.name, ask.criterion, name, yes, n, share, low, high, ask.floor))
    columns = ["ask", "criterion", "period", "yes", "trials", "share", "low", "high", "floor"]
    return pd.DataFrame(lines, columns=columns)


def _names(year: pd.Series) -> list[str]:
    last = int(year.max()) if year.notna().any() else PERIODS[-1]
    ends = [f"{a} to {b - 1}" for a, b in zip(PERIODS[1:], PERIODS[2:], strict=False)]
    return [f"to {PERIODS[1] - 1}", *ends, f"{PERIODS[-1]} to {max(last, PERIODS[-1])}"]
