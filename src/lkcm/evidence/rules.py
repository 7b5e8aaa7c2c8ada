"""Rules between the columns of a table and between tables.

Each function takes the tables at hand and returns what it finds. A rule that needs a table that
is not there, or was not read to its end, finds nothing.
"""

from collections.abc import Callable, Iterable

import numpy as np
import pandas as pd

from lkcm.evidence.problems import Problem
from lkcm.evidence.schemas import REFERENCES
from lkcm.evidence.typed import Table

Tables = dict[str, Table]

_RESULTS = ("effects", "second_reading", "harms_context")
_INTERVALS = (*_RESULTS, "agreement", "reference_estimates")

#: Rows with the same values in these columns report the same contrast.
CONTRAST = [
    "trial_id", "arm_t", "study", "control", "outcome", "instrument", "reporter", "about",
    "timepoint", "followup_weeks", "effect_scope",
]  # fmt: skip
#: Two analyses of one contrast differ in these (completers and all randomised, say).
ANALYSIS = ["model", "n_t", "n_c"]
FIGURES = [
    "stat_kind", "stat_value", "p_value", "ci_low", "ci_high",
    "mean_t", "sd_t", "mean_c", "sd_c", "mean_pre_t", "sd_pre_t", "mean_pre_c", "sd_pre_c",
    "mean_change_t", "sd_change_t", "mean_change_c", "sd_change_c", "events_t", "events_c",
]  # fmt: skip

_EFFECT_KINDS = ["d", "g", "smd", "md", "beta", "or", "rr", "hr"]
_RATIOS = ["or", "rr", "hr"]
_SIZED_KINDS = ["d", "g", "smd", "t", "F", "eta2"]


def cross_field_problems(tables: Tables) -> list[Problem]:
    """Find all problems between columns and between tables."""
    return [item for rule in _ALL for item in rule(tables)]


def _present(tables: Tables, names: Iterable[str]) -> list[Table]:
    """Return those of the tables that are there and have rows."""
    return [tables[name] for name in names if name in tables and len(tables[name].frame)]


def _complete(tables: Tables, name: str) -> Table | None:
    """Return a table to compare with: there, with rows, and read to its end."""
    table = tables.get(name)
    return table if table and table.raw.whole and len(table.frame) else None


def references(tables: Tables) -> list[Problem]:
    """Find identifiers that stand in no row of the table that they point to."""
    problems = []
    for name, columns in REFERENCES.items():
        for column, (target, target_column) in columns.items():
            table, other = tables.get(name), _complete(tables, target)
            if table is None or other is None or target_column not in other.raw.cells:
                continue
            values = table.frame[column]
            unknown = values.notna() & ~values.isin(other.frame[target_column])
            allowed = f"a {target_column} of {target}.csv"
            problems += table.where("reference-unknown", unknown, column, allowed=allowed)
    return problems


def decisions(tables: Tables) -> list[Problem]:
    """Find records of a trial without the trial, exclusions without a reason."""
    problems = []
    for table in _present(tables, ("records", "screening")):
        frame = table.frame
        trial = frame["decision"].isin(["included", "duplicate-report"])
        problems += table.where(
            "record-without-trial",
            trial & frame["trial_id"].isna(),
            "trial_id",
            allowed="the trial of an included record or duplicate report",
        )
        unexplained = (frame["decision"] == "excluded") & frame["reason"].isna()
        problems += table.where("record-without-reason", unexplained, "reason", allowed="a reason")
    return problems


def included_records(tables: Tables) -> list[Problem]:
    """Find trials that do not have exactly one included record."""
    records, trials = _complete(tables, "records"), _complete(tables, "trials")
    if records is None or trials is None:
        return []
    included = records.frame["decision"] == "included"
    leading = records.frame["trial_id"].where(included)
    allowed = "one included record a trial"
    twice = leading.notna() & leading.duplicated()
    without = trials.frame["trial_id"].notna() & ~trials.frame["trial_id"].isin(leading)
    return records.where(
        "trial-included-twice", twice, "trial_id", allowed=allowed
    ) + trials.where("trial-without-record", without, "trial_id", allowed=allowed)


def labels(tables: Tables) -> list[Problem]:
    """Find trials that have neither authors nor a title."""
    problems = []
    for table in _present(tables, ("trials",)):
        bare = table.frame["authors"].isna() & table.frame["title"].isna()
        problems += table.where("trial-unlabelled", bare, "title", allowed="authors or a title")
    return problems


def intervals(tables: Tables) -> list[Problem]:
    """Find confidence limits in the wrong order, or one without the other."""
    problems = []
    for table in _present(tables, _INTERVALS):
        low, high = table.frame["ci_low"], table.frame["ci_high"]
        found = _words("{} to {}", low, high)
        problems += table.where("ci-reversed", low > high, "ci_low", found, "ci_low <= ci_high")
        one = low.isna() != high.isna()
        problems += table.where("ci-one-sided", one, "ci_low", found, "both limits or neither")
    return problems


def events(tables: Tables) -> list[Problem]:
    """Find more events than people, or events without the number of people."""
    problems = []
    for table in _present(tables, _RESULTS):
        for arm in "tc":
            count, size = table.frame[f"events_{arm}"], table.frame[f"n_{arm}"]
            found = _words("{} events of {}", count, size)
            column = f"events_{arm}"
            problems += table.where("events-above-n", count > size, column, found, f"<= n_{arm}")
            unsized = count.notna() & size.isna()
            problems += table.where("events-without-n", unsized, f"n_{arm}", allowed="a number")
    return problems


def statistics(tables: Tables) -> list[Problem]:
    """Find statistics outside their range or their interval, without a value or without a kind."""
    problems = []
    for table in _present(tables, _RESULTS):
        kind, value = table.frame["stat_kind"], table.frame["stat_value"]
        low, high = table.frame["ci_low"], table.frame["ci_high"]
        found = _words("{} = {}", kind, value)
        impossible = (
            (kind.isin(["p", "eta2"]) & ~value.between(0, 1))
            | ((kind == "F") & (value < 0))
            | (kind.isin(_RATIOS) & (value <= 0))
        ) & value.notna()
        allowed = "p, eta2 in [0, 1]; F at least 0; or, rr, hr above 0"
        problems += table.where("statistic-impossible", impossible, "stat_value", found, allowed)
        outside = kind.isin(_EFFECT_KINDS) & ((value < low) | (value > high))
        allowed = "ci_low <= stat_value <= ci_high"
        problems += table.where("statistic-outside-ci", outside, "stat_value", found, allowed)
        bare = kind.isin([*_EFFECT_KINDS, "t", "F", "eta2"]) & value.isna()
        problems += table.where("statistic-without-value", bare, "stat_value", allowed="a number")
        unnamed = kind.isna() & value.notna()
        problems += table.where("value-without-statistic", unnamed, "stat_kind", allowed="a kind")
    return problems


def sizes(tables: Tables) -> list[Problem]:
    """Find statistics that lack the sizes or degrees of freedom to convert them."""
    problems = []
    trials = tables.get("trials")
    for table in _present(tables, ("effects",)):
        frame = table.frame
        usable = frame["stat_value"].notna() & (frame["effect_scope"] != "within-group")
        unsized = frame["n_t"].isna() | frame["n_c"].isna()
        if trials is not None:
            totals = trials.frame["n_randomised"].notna() & (trials.frame["n_arms"] == 2)
            unsized &= ~frame["trial_id"].isin(trials.frame.loc[totals, "trial_id"])
        kind = frame["stat_kind"]
        problems += table.where(
            "statistic-without-n",
            usable & unsized & kind.isin(_SIZED_KINDS),
            "n_t",
            _words("n_t {}, n_c {}", frame["n_t"], frame["n_c"]),
            "the size of both arms",
        )
        undetermined = usable & kind.isin(["F", "eta2"]) & frame["df1"].isna()
        problems += table.where("statistic-without-df", undetermined, "df1", allowed="a number")
    return problems


def means(tables: Tables) -> list[Problem]:
    """Find means without their SD or without the other arm, and standard deviations of zero."""
    problems = []
    for table in _present(tables, _RESULTS):
        frame = table.frame
        between = frame["effect_scope"] != "within-group"
        for when in ("", "pre_", "change_"):
            for arm, other in ("tc", "ct"):
                mean, sd = f"mean_{when}{arm}", f"sd_{when}{arm}"
                bare = frame[mean].notna() & frame[sd].isna()
                problems += table.where("mean-without-sd", bare, sd, allowed="the SD of the mean")
                problems += table.where("sd-zero", frame[sd] == 0, sd, allowed="above 0")
                missing = f"mean_{when}{other}"
                alone = between & frame[mean].notna() & frame[missing].isna()
                problems += table.where("mean-one-arm", alone, missing, allowed="both means")
    return problems


def signs(tables: Tables) -> list[Problem]:
    """Find means that contradict the sign.

    A comparison of change is held against the difference in change, any other against the
    difference of the means afterwards; where those means are not given nothing is concluded.
    """
    problems = []
    for table in _present(tables, ("effects",)):
        frame = table.frame
        after = frame["mean_t"] - frame["mean_c"]
        gain = after - (frame["mean_pre_t"] - frame["mean_pre_c"])
        gain = (frame["mean_change_t"] - frame["mean_change_c"]).fillna(gain)
        of_change = (frame["effect_scope"] == "group-by-time") | (frame["model"] == "change")
        better = frame["higher_is_better"].map({"yes": 1.0, "no": -1.0}).astype("float64")
        difference = gain.where(of_change, after) * better
        stated = frame["sign"].map({"+": 1.0, "-": -1.0}).astype("float64")
        conflict = (difference * stated < 0) & (frame["effect_scope"] != "within-group")
        found = _words(
            "sign {}, but the means differ by {} towards LKCM", frame["sign"], difference
        )
        problems += table.where("sign-conflict", conflict, "sign", found, "the sign of the means")
    return problems


def contrasts(tables: Tables) -> list[Problem]:
    """Find rows that report a contrast a second time without saying so.

    Where the instrument is named, contrast and analysis identify a row; where it is not, two
    rows may be two instruments, and only rows with the same figures are the same.
    """
    problems = []
    for table in _present(tables, ("effects",)):
        own = table.frame[table.frame["same_result_as"].isna() & table.frame["trial_id"].notna()]
        rows = own[CONTRAST + ANALYSIS].copy()
        unnamed = own["instrument"].isna()
        rows["figures"] = pd.util.hash_pandas_object(own[FIGURES], index=False).where(unnamed, 0)
        twice = rows.duplicated().reindex(table.frame.index, fill_value=False)
        alike = own.duplicated(CONTRAST).reindex(table.frame.index, fill_value=False)
        allowed = "each contrast once, or same_result_as"
        shown = table.frame["outcome"]
        problems += table.where("contrast-twice", twice, "same_result_as", shown, allowed)
        problems += table.where("contrast-unclear", alike & ~twice, "instrument", shown, allowed)
    return problems


def same_results(tables: Tables) -> list[Problem]:
    """Find rows that name themselves, or each other in a circle, as the same result."""
    problems = []
    for table in _present(tables, ("effects",)):
        links = table.frame.dropna(subset=["effect_id", "same_result_as"])
        target = dict(zip(links["effect_id"], links["same_result_as"], strict=True))
        itself = table.frame["same_result_as"] == table.frame["effect_id"]
        allowed = "the effect_id of another row"
        problems += table.where("same-result-self", itself, "same_result_as", allowed=allowed)
        circle = table.frame["effect_id"].isin(_in_cycles(target)) & ~itself
        problems += table.where("same-result-cycle", circle, "same_result_as", allowed=allowed)
    return problems


def _in_cycles(target: dict[str, str]) -> set[str]:
    """Find identifiers that lie on a circle of references."""
    done: set[str] = set()
    cycles: set[str] = set()
    for start in target:
        path: dict[str, None] = {}
        at = start
        while at in target and at not in done and at not in path:
            path[at] = None
            at = target[at]
        if at in path:
            steps = list(path)
            cycles.update(steps[steps.index(at) :])
        done.update(path)
    return cycles


def _words(template: str, *columns: pd.Series) -> np.ndarray:
    """Write each row's text from a template; a missing value is a dash."""
    texts = [c.astype("object").where(c.notna(), "–") for c in columns]
    plain = [[f"{v:g}" if isinstance(v, float) else str(v) for v in text] for text in texts]
    return np.array([template.format(*row) for row in zip(*plain, strict=True)], dtype=object)


_ALL: tuple[Callable[[Tables], list[Problem]], ...] = (
    references,
    decisions,
    included_records,
    labels,
    intervals,
    events,
    statistics,
    sizes,
    means,
    signs,
    contrasts,
    same_results,
)
