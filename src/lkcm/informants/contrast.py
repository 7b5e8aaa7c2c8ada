"""Two classes of reporter against each other: within trials, and apart from it between trials.

Within a trial that asked both, programme, control, people and time are the same and only the
reporter differs. Between trials everything else differs too, so the two contrasts are never
merged.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from lkcm.informants.agreement_range import Agreement, Drawn, error_correlation, over_draws
from lkcm.informants.compared_arms import compared_arms
from lkcm.synthesis.comparators import GROUPS
from lkcm.synthesis.dependent import RHO, pool_dependent
from lkcm.synthesis.heterogeneity import Array
from lkcm.synthesis.pool import pool_many
from lkcm.synthesis.pooled import HEADLINE_FROM, UNCERTAIN_BELOW, Interval, headline_test

#: What must be the same for two reports to be of one comparison at one time.
SAME = ("study", "arm_t", "comparator_type", "timepoint", "followup_weeks")


@dataclass(frozen=True)
class Contrast:
    """The effect by one class of reporter minus that by another.

    Attributes
    ----------
    kind : str
        "within trials" or "between trials".
    first, second : str
        Keys of `lkcm.informants.classes.CLASSES`.
    k : int
        Trials with both classes; between trials, of both kinds together.
    drawn : Drawn or None
        The pooled contrast; None below three trials (between trials, three of each).
    tau2 : float or None
        Variance of the contrast between trials, mean over the draws.
    prediction_interval : tuple of two floats, or None
        Where the contrast of a further trial lies.
    trials : DataFrame
        What there is, one row a trial: ``sample_id``, ``g_first``, ``g_second``, ``contrast``,
        ``se`` (at the middle of the agreement), ``low``, ``high``, ``outcomes`` and ``raters``;
        empty between trials.
    notes : tuple of str
        What a reader must know, first why there is no estimate.
    """

    kind: str
    first: str
    second: str
    k: int
    drawn: Drawn | None
    tau2: float | None
    prediction_interval: Interval
    trials: pd.DataFrame
    notes: tuple[str, ...]

    @property
    def estimate(self) -> float | None:
        """The pooled contrast."""
        return None if self.drawn is None else self.drawn.estimate

    @property
    def ci(self) -> Interval:
        """Its interval, over the draws of the agreement."""
        return None if self.drawn is None else self.drawn.ci


def within_trials(
    rows: pd.DataFrame,
    first: str = "self",
    second: str = "second-person",
    *,
    agreement: Agreement | None = None,
    rho: float = RHO,
    level: float = 0.95,
) -> Contrast:
    """Contrast two classes of reporter within the trials that asked both on one outcome.

    In each trial the effects of a class are averaged within an outcome, their difference between
    the classes is taken, and the outcomes are averaged. Its variance has the covariance of all
    effects involved (`error_correlation`): the agreement between reporters, rho between two
    instruments of one reporter. Trials are pooled by REML with Knapp-Hartung, for each draw of
    the agreement.

    Parameters
    ----------
    rows : DataFrame
        Of `lkcm.informants.classes.informant_rows`.
    first, second : str
        Classes.
    agreement : Agreement, optional
        Range of the correlation between reporters.
    rho : float
        Correlation of two instruments of one reporter.
    level : float
        Level of the intervals.

    Returns
    -------
    Contrast
    """
    agreement = agreement or Agreement()
    values = np.append(agreement.values(), agreement.middle)
    trials, variances = [], []
    for sample, both in _asked_both(rows, first, second):
        weights = _weights(both, first)
        trials.append(_described(sample, both, weights, first))
        variances.append(_variance(both, weights, values, rho))
    table = pd.DataFrame(trials, columns=list(TRIAL_COLUMNS))
    spread = np.array(variances).reshape(len(trials), len(values))
    table["se"] = np.sqrt(np.maximum(spread[:, -1], 0.0))
    half = stats.norm.isf((1 - level) / 2) * table["se"]
    table = table.assign(low=table["contrast"] - half, high=table["contrast"] + half)
    notes = _few(len(table), "that asked both on one outcome, with figures")
    if len(table) < HEADLINE_FROM:
        return Contrast("within trials", first, second, len(table), None, None, None, table, notes)
    if (spread[:, :-1] <= 0).any():
        told = "at an agreement this high two reports are one: their difference has no variance"
        return Contrast(
            "within trials", first, second, len(table), None, None, None, table, (told, *notes)
        )
    drawn, tau2, interval = _pool(table["contrast"].to_numpy(), spread[:, :-1], level)
    return Contrast(
        "within trials", first, second, len(table), drawn, tau2, interval, table, notes
    )


#: Columns of the trials of a contrast, before their intervals.
TRIAL_COLUMNS = ("sample_id", "g_first", "g_second", "contrast", "outcomes", "raters", "effects")


def between_trials(
    rows: pd.DataFrame,
    first: str = "self",
    second: str = "second-person",
    *,
    rho: float = RHO,
    level: float = 0.95,
) -> Contrast:
    """Contrast the trials that asked only one class with those that asked only the other.

    Each side is pooled by the dependent-effects model; the sides share nobody, so variances add,
    with Welch and Satterthwaite's degrees of freedom. No agreement enters.

    Parameters
    ----------
    rows, first, second, rho, level
        As `within_trials`.

    Returns
    -------
    Contrast
    """
    usable = _usable(rows[rows["method"].isin([first, second])])
    asked = usable.groupby("sample_id")["method"].nunique()
    alone = usable[usable["sample_id"].map(asked).eq(1)]
    sides = [alone[alone["method"] == name] for name in (first, second)]
    numbers = [side["sample_id"].nunique() for side in sides]
    shape = ("between trials", first, second, sum(numbers))
    nothing = pd.DataFrame(columns=[*TRIAL_COLUMNS, "se", "low", "high"])
    lacking = [
        f"{n} trial{'' if n == 1 else 's'} with figures by {name} alone: a contrast between "
        "trials needs three of each"
        for n, name in zip(numbers, (first, second), strict=True)
        if n < HEADLINE_FROM
    ]
    if lacking:
        return Contrast(*shape, None, None, None, nothing, tuple(lacking))
    means = [
        pool_dependent(
            side["yi"], side["vi"], side["sample_id"],
            rho=rho, arms=compared_arms(side), level=level,
        ).mean
        for side in sides
    ]  # fmt: skip
    notes = ("trials differ in more than the reporter: programme, people, control, outcome",)
    if any(mean.ci is None for mean in means):
        return Contrast(*shape, None, None, None, nothing, ("no robust error", *notes))
    parts = np.array([mean.se**2 for mean in means])
    df = parts.sum() ** 2 / np.sum(parts**2 / [mean.df for mean in means])
    difference = means[0].estimate - means[1].estimate
    drawn = over_draws([difference], [np.sqrt(parts.sum())], [df], level)
    return Contrast(*shape, drawn, None, None, nothing, notes)


def _usable(rows: pd.DataFrame) -> pd.DataFrame:
    return rows[rows["status"].eq("poolable") & rows["measure"].eq("SMD")]


def _asked_both(rows: pd.DataFrame, first: str, second: str) -> list[tuple[str, pd.DataFrame]]:
    """Find, for each trial, one comparison at one time with outcomes that both classes rated."""
    usable = _usable(rows[rows["method"].isin([first, second])])
    usable = usable.assign(
        **{name: usable[name].astype("str").fillna("") for name in SAME},
        rank=usable["group"].map({name: place for place, name in enumerate(GROUPS)}),
        weeks=pd.to_numeric(usable["followup_weeks"]).where(usable["timepoint"] != "post", -1.0),
    )
    cell = ["sample_id", *SAME, "outcome"]
    usable = usable[usable.groupby(cell)["method"].transform("nunique").eq(2)]
    order = usable.sort_values(["weeks", "rank", "arm_t", "study"], kind="stable")
    found = []
    for sample, trial in order.groupby("sample_id", sort=True):
        comparison = trial[list(SAME)].eq(trial[list(SAME)].iloc[0]).all(axis=1)
        found.append((sample, trial[comparison]))
    return found


def _weights(both: pd.DataFrame, first: str) -> Array:
    """Weigh the effects: within an outcome alike in each class, outcomes alike."""
    share = both.groupby(["outcome", "method"])["yi"].transform("size").to_numpy(float)
    sign = np.where(both["method"] == first, 1.0, -1.0)
    return sign / share / both["outcome"].nunique()


def _described(sample: str, both: pd.DataFrame, weights: Array, first: str) -> dict[str, object]:
    parts = weights * both["yi"].to_numpy()
    is_first = both["method"].eq(first).to_numpy()
    g_first, g_second = parts[is_first].sum(), -parts[~is_first].sum()
    raters = sorted(set(both.loc[~is_first, "rater"]))
    values = (sample, g_first, g_second, g_first - g_second)
    words = ", ".join(sorted(set(both["outcome"]))), ", ".join(raters), len(both)
    return dict(zip(TRIAL_COLUMNS, (*values, *words), strict=True))


def _variance(both: pd.DataFrame, weights: Array, agreement: Array, rho: float) -> Array:
    """Compute the variance of a trial's contrast for each agreement, shape (draws,)."""
    g, v = both["yi"].to_numpy(float), both["vi"].to_numpy(float)
    total = both[["n_t_used", "n_c_used"]].sum(axis=1).to_numpy(float)
    # without sizes the correlation is the agreement itself: h and N then play no part
    null = both["null_variance"].fillna(both["vi"]).to_numpy(float)
    total = np.where(total > 0, total, np.inf)
    i, j = np.triu_indices(len(both), 1)
    label = both["asked"].to_numpy()
    between = np.where((label[i] == label[j])[:, None], rho, agreement)
    pair = (g[[i, j]][:, :, None], null[[i, j]][:, :, None], total[[i, j]][:, :, None])
    correlation = error_correlation(*pair, between)
    cross = weights[i] * weights[j] * np.sqrt(v[i] * v[j])
    return weights**2 @ v + 2 * cross @ correlation


def _pool(effects: Array, variances: Array, level: float) -> tuple[Drawn, float, Interval]:
    """Pool the trials for each draw of the agreement, variances of shape (k, draws)."""
    k, draws = variances.shape
    fits = pool_many(
        np.repeat(effects[:, None], draws, axis=1), variances, test=headline_test(k), level=level
    )
    drawn = over_draws(fits["estimate"], fits["se"], fits["df"], level)
    tau2 = float(fits["tau2"].mean())
    half = drawn.half_width(tau2, level)
    return drawn, tau2, (drawn.estimate - half, drawn.estimate + half)


def _few(k: int, which: str) -> tuple[str, ...]:
    if k < HEADLINE_FROM:
        number = {0: "no trial", 1: "one trial", 2: "two trials"}[k]
        return (f"{number} {which}: a model needs three",)
    return ("k < 5: very uncertain",) if k < UNCERTAIN_BELOW else ()
