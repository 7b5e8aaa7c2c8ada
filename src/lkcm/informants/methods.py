"""The multi-method model: effects of one construct by class of reporter, with their agreement.

One dependent-effects model holds all classes that have three trials or more with figures. The
sampling errors of two reporters of the same people correlate by their agreement, which is drawn
from a range. Beside it stands, for each class, the synthesis across levels of evidence, and below
three trials whatever exists.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from lkcm.informants.agreement_range import Agreement, Drawn, over_draws
from lkcm.informants.classes import CLASSES
from lkcm.informants.compared_arms import compared_arms
from lkcm.informants.contrast import Contrast, between_trials, within_trials
from lkcm.synthesis.censored import AcrossLevels, synthesise_each
from lkcm.synthesis.covariance import Reporters
from lkcm.synthesis.dependent import RHO, Dependent, pool_dependent
from lkcm.synthesis.pooled import HEADLINE_FROM, UNCERTAIN_BELOW, Interval, PoolError

#: Words for a row's direction, as the direction charts of the book use them.
DIRECTIONS = ("favours LKCM", "no difference", "favours control", "unknown")


@dataclass(frozen=True)
class ClassEffect:
    """What one class of reporter says.

    Attributes
    ----------
    name : str
        A key of `lkcm.informants.classes.CLASSES`.
    trials : int
        Trials that say anything usable in this class, in whatever form.
    k, effects : int
        Trials with figures, and their effects.
    drawn : Drawn or None
        The pooled effect over the draws of the agreement; None below three trials with figures.
    prediction_interval : tuple of two floats, or None
        Where the true effect of a further measure in a further trial lies.
    across : AcrossLevels or None
        The synthesis across levels, one row a trial; None below three trials.
    directions : dict of str to int
        Trials by what their row says, of `DIRECTIONS`; one row a trial, the pre-stated one.
    rows : DataFrame
        All rows of the class, usable or not.
    notes : tuple of str
        What a reader must know, first why there is no estimate.
    """

    name: str
    trials: int
    k: int
    effects: int
    drawn: Drawn | None
    prediction_interval: Interval
    across: AcrossLevels | None
    directions: dict[str, int]
    rows: pd.DataFrame
    notes: tuple[str, ...]

    @property
    def estimate(self) -> float | None:
        """The pooled effect."""
        return None if self.drawn is None else self.drawn.estimate

    @property
    def ci(self) -> Interval:
        """Its interval, over the draws of the agreement."""
        return None if self.drawn is None else self.drawn.ci


@dataclass(frozen=True)
class MultiMethod:
    """One construct by class of reporter.

    Attributes
    ----------
    classes : dict of str to ClassEffect
        In the order asked for.
    within, between : Contrast
        The first class minus the second, within trials and between trials.
    agreement : Agreement
        The range of the correlation between reporters.
    rho : float
        Correlation of two instruments of one reporter.
    """

    classes: dict[str, ClassEffect]
    within: Contrast
    between: Contrast
    agreement: Agreement
    rho: float

    def to_frame(self) -> pd.DataFrame:
        """Return one row a class; NaN where there is no estimate, ``notes`` say why."""
        rows = []
        for one in self.classes.values():
            low, high = one.ci or (np.nan, np.nan)
            pi_low, pi_high = one.prediction_interval or (np.nan, np.nan)
            ends = one.drawn.over_agreement if one.drawn else (np.nan, np.nan)
            rows.append(
                {
                    "class": one.name,
                    "label": CLASSES[one.name],
                    "trials": one.trials,
                    "k": one.k,
                    "effects": one.effects,
                    "estimate": np.nan if one.estimate is None else one.estimate,
                    "low": low,
                    "high": high,
                    "pi_low": pi_low,
                    "pi_high": pi_high,
                    "lowest": ends[0],
                    "highest": ends[1],
                    **one.directions,
                    "notes": "; ".join(one.notes),
                }
            )
        return pd.DataFrame(rows)


def multi_method(
    rows: pd.DataFrame,
    outcomes: Sequence[str],
    classes: Sequence[str] = ("self", "second-person"),
    *,
    agreement: Agreement | None = None,
    rho: float = RHO,
    level: float = 0.95,
) -> MultiMethod:
    """Synthesise one construct by class of reporter.

    Parameters
    ----------
    rows : DataFrame
        Of `lkcm.informants.classes.informant_rows`, narrowed to the comparators in question.
    outcomes : sequence of str
        Outcomes of the construct, in the order in which one is chosen for a trial that has
        several and no figure.
    classes : sequence of str
        Two keys of `lkcm.informants.classes.CLASSES` or more; the contrasts are first minus
        second.
    agreement : Agreement, optional
        Range of the correlation between reporters of the same people; in the model, draws above
        ``rho`` are held at it.
    rho : float
        Correlation of two instruments of one reporter.
    level : float
        Level of the intervals.

    Returns
    -------
    MultiMethod

    Raises
    ------
    PoolError
        Fewer than two classes, or one that is not known.
    """
    if unknown := [name for name in classes if name not in CLASSES]:
        raise PoolError(f"class {', '.join(unknown)} is unknown; allowed: {', '.join(CLASSES)}")
    if len(set(classes)) < 2 or len(set(classes)) < len(classes):
        raise PoolError("a multi-method model needs two different classes of reporter")
    agreement = agreement or Agreement()
    mine = rows[rows["outcome"].isin(list(outcomes)) & rows["method"].isin(list(classes))]
    pooled = _joint(mine, classes, agreement, rho, level)
    parts = {name: mine[mine["method"] == name] for name in classes}
    said = {name: speaking(part, outcomes) for name, part in parts.items()}
    enough = {
        name: part for name, part in said.items() if part["sample_id"].nunique() >= HEADLINE_FROM
    }
    across = synthesise_each(enough, level=level)
    found = {
        name: _class_effect(name, parts[name], said[name], pooled, across.get(name))
        for name in classes
    }
    pair = {"first": classes[0], "second": classes[1], "rho": rho, "level": level}
    return MultiMethod(
        classes=found,
        within=within_trials(mine, agreement=agreement, **pair),
        between=between_trials(mine, **pair),
        agreement=agreement,
        rho=rho,
    )


def _joint(
    rows: pd.DataFrame, classes: Sequence[str], agreement: Agreement, rho: float, level: float
) -> dict[str, tuple[Drawn | None, Interval, tuple[str, ...]]]:
    """Fit all classes that have three trials with figures in one model, for each draw."""
    usable = rows[rows["status"].eq("poolable") & rows["measure"].eq("SMD")]
    trials = usable.groupby("method")["sample_id"].nunique()
    fitted = [name for name in classes if trials.get(name, 0) >= HEADLINE_FROM]
    usable = usable[usable["method"].isin(fitted)]
    if not fitted:
        return {}
    columns = {name: usable["method"].eq(name).to_numpy(float) for name in fitted}
    # an agreement above rho would have reporters agree more with others than with themselves
    draws = np.minimum(agreement.values(), rho)
    data = (usable["yi"], usable["vi"], usable["sample_id"])
    options = {"moderators": columns, "intercept": False, "rho": rho, "level": level}
    options["arms"] = compared_arms(usable)
    try:
        fits = [
            pool_dependent(*data, reporters=Reporters(usable["asked"], float(r)), **options)
            for r in draws
        ]
    except PoolError as error:
        return dict.fromkeys(fitted, (None, None, (str(error),)))
    return {name: _over_fits(fits, place, level) for place, name in enumerate(fitted)}


def _over_fits(
    fits: list[Dependent], place: int, level: float
) -> tuple[Drawn, Interval, tuple[str, ...]]:
    """Put one coefficient of the fits together over the draws."""
    ones = [fit.coefficients[place] for fit in fits]
    numbers = {
        field: np.array([getattr(one, field) for one in ones], dtype=float)
        for field in ("estimate", "se", "df")
    }
    drawn = over_draws(numbers["estimate"], numbers["se"], numbers["df"], level)
    if drawn.se is None:
        return drawn, None, ("too few trials bear on this class for a robust standard error",)
    tau2 = float(np.mean([fit.tau2 for fit in fits]))
    half = drawn.half_width(tau2, level)
    return drawn, (drawn.estimate - half, drawn.estimate + half), ()


def joint_effect(
    rows: pd.DataFrame, name: str, agreement: Agreement, level: float = 0.95
) -> tuple[int, Drawn | None]:
    """Pool one class alone.

    Parameters
    ----------
    rows : DataFrame
        As `multi_method`, of one construct.
    name : str
        The class.
    agreement : Agreement
        Of several raters within it.
    level : float
        Level of the interval.

    Returns
    -------
    k : int
        Trials with figures.
    drawn : Drawn or None
        None below three trials.
    """
    mine = rows[rows["method"].eq(name)]
    figures = mine[mine["status"].eq("poolable") & mine["measure"].eq("SMD")]
    drawn, _, _ = _joint(mine, (name,), agreement, RHO, level).get(name, (None, None, ()))
    return figures["sample_id"].nunique(), drawn


def _class_effect(
    name: str,
    rows: pd.DataFrame,
    said: pd.DataFrame,
    pooled: dict[str, tuple[Drawn | None, Interval, tuple[str, ...]]],
    across: AcrossLevels | None,
) -> ClassEffect:
    figures = rows[rows["status"].eq("poolable") & rows["measure"].eq("SMD")]
    k, trials = figures["sample_id"].nunique(), said["sample_id"].nunique()
    drawn, interval, notes = pooled.get(name, (None, None, ()))
    if k < HEADLINE_FROM:
        notes = (f"{_number(k)} with a figure: a model needs three", *notes)
    elif k < UNCERTAIN_BELOW:
        notes = ("k < 5: very uncertain", *notes)
    return ClassEffect(
        name=name,
        trials=trials,
        k=k,
        effects=len(figures),
        drawn=drawn,
        prediction_interval=interval,
        across=across,
        directions=_directions(said),
        rows=rows,
        notes=notes,
    )


def speaking(rows: pd.DataFrame, outcomes: Sequence[str]) -> pd.DataFrame:
    """Return the rows that say something, of each trial those on its first outcome in order.

    Parameters
    ----------
    rows : DataFrame
        Of one class.
    outcomes : sequence of str
        Outcomes in the order in which one is chosen; what a row says plays no part.
    """
    usable = rows[rows["status"].ne("excluded") & rows["measure"].eq("SMD")]
    rank = usable["outcome"].map({name: place for place, name in enumerate(outcomes)})
    return usable[rank.eq(rank.groupby(usable["sample_id"]).transform("min"))]


def direction(rows: pd.DataFrame) -> pd.Series:
    """Say what each row's result favours, of `DIRECTIONS`.

    A difference stated not to be statistically significant is "no difference", whatever its sign.
    """
    none = rows["significant"].eq("no")
    names = np.select(
        [none, rows["sign"].eq("+"), rows["sign"].eq("-")],
        ["no difference", "favours LKCM", "favours control"],
        "unknown",
    )
    return pd.Series(names, index=rows.index, dtype="str")


def _directions(rows: pd.DataFrame) -> dict[str, int]:
    """Count trials by direction; a trial whose rows differ counts as unknown."""
    said = (
        direction(rows)
        .groupby(rows["sample_id"])
        .agg(lambda values: values.iloc[0] if values.nunique() == 1 else "unknown")
    )
    counts = said.value_counts()
    return {name: int(counts.get(name, 0)) for name in DIRECTIONS}


def _number(k: int) -> str:
    return {0: "no trial", 1: "one trial", 2: "two trials"}[k]
