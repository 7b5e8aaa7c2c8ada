"""The synthesis across levels of evidence: figures, p values, "no difference" and directions.

Most reports print no figure, and those that do are not a random part. Here one random-effects
likelihood takes each trial as what it says (`lkcm.synthesis.contributions`), so that a "no
difference" pulls towards zero and a significance away from it, each as far as its sample size
allows. A bare direction is read in two ways, A and B; the span between them is the uncertainty
about reporting that this synthesis can show.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd

from lkcm.synthesis.censored_fit import BOUNDED_NEEDED, fit_many
from lkcm.synthesis.contributions import KINDS, VARIANTS, Chosen, bounds, choose
from lkcm.synthesis.pool import pool
from lkcm.synthesis.pooled import HEADLINE_FROM, UNCERTAIN_BELOW, Interval, headline_test

#: What every reader of such a synthesis must know.
COVERS = ("covers what reports say in whatever form; it covers nothing that they never mention",)
#: Steps from the pooled figures to all levels: what is new, the kinds used and the variant.
STEPS = (
    ("figures", ("figure",), "A"),
    ("+ exact p values (2c)", ("exact-p",), "A"),
    ("+ printed p values and bounds", ("p-value",), "A"),
    ("+ significance in words", ("significance",), "A"),
    ("+ no difference", ("no-difference",), "A"),
    ("+ bare directions, variant A", ("direction",), "A"),
    ("+ bare directions, variant B", (), "B"),
)
#: Columns of `waterfall`.
WATERFALL = (
    *("step", "variant", "method", "k", "added", "estimate", "ci_low", "ci_high"),
    *("tau2", "told"),
)


@dataclass(frozen=True)
class Censored:
    """A synthesis across levels under one reading of bare directions.

    Attributes
    ----------
    variant, method : str
        Of `lkcm.synthesis.contributions.VARIANTS` and `lkcm.synthesis.censored_fit.METHODS`.
    k : int
        Number of trials.
    kinds : dict
        Number of trials by kind of contribution.
    bounded : int
        Trials that bound their effect on both sides: figures, and "no difference".
    estimate, se : float or None
        Mean true effect and its standard error; None where there is no estimate.
    ci : tuple of two floats, or None
        Profile-likelihood interval.
    tau2 : float or None
        Variance of the true effects.
    tau2_ci : tuple of two floats, or None
        Its profile-likelihood interval.
    loglik : float or None
        Log-likelihood at the estimate (adjusted, under REML).
    headline : bool
        Whether enough trials (three) bound the effect to show the estimate as a headline.
    notes : tuple of str
        What a reader must know, first why there is no estimate where there is none.
    """

    variant: str
    method: str
    k: int
    kinds: dict[str, int]
    bounded: int
    estimate: float | None
    se: float | None
    ci: Interval
    tau2: float | None
    tau2_ci: Interval
    loglik: float | None
    headline: bool
    notes: tuple[str, ...]

    def to_dict(self) -> dict[str, object]:
        """Return the fields by name, with nothing in them that JSON cannot hold."""
        return asdict(self)


@dataclass(frozen=True)
class AcrossLevels:
    """The synthesis of one outcome and group of comparators, under each variant.

    Attributes
    ----------
    chosen : Chosen
        One row a sample with its contribution, and the rows that are not used.
    fits : dict
        `Censored` by variant.
    """

    chosen: Chosen
    fits: dict[str, Censored]

    @property
    def span(self) -> Interval:
        """Lowest and highest estimate of the variants; None where one has no estimate."""
        return self._ends([(fit.estimate, fit.estimate) for fit in self.fits.values()])

    @property
    def ci_span(self) -> Interval:
        """From the lowest to the highest end of the variants' intervals; None if one lacks."""
        return self._ends([fit.ci or (None, None) for fit in self.fits.values()])

    @staticmethod
    def _ends(pairs: list[tuple[float | None, float | None]]) -> Interval:
        if not pairs or any(None in pair for pair in pairs):
            return None
        return min(low for low, _ in pairs), max(high for _, high in pairs)


def synthesise(
    rows: pd.DataFrame,
    variants: Sequence[str] = tuple(VARIANTS),
    *,
    method: str = "ML",
    level: float = 0.95,
    without_sizes: str = "leave-out",
) -> AcrossLevels:
    """Synthesise the rows of one outcome against one group of comparators, all levels together.

    Parameters
    ----------
    rows : DataFrame
        Of `lkcm.synthesis.outcome.outcome_rows`, narrowed to the comparators in question.
    variants : sequence of str
        Which readings of bare directions, "A" and "B".
    method : {"ML", "REML"}
        Of `lkcm.synthesis.censored_fit.METHODS`.
    level : float
        Level of the intervals, between 0 and 1.
    without_sizes : {"leave-out", "median"}
        Of `lkcm.synthesis.contributions.WITHOUT_SIZES`.

    Returns
    -------
    AcrossLevels
        With the figures of all trials only, this is random-effects pooling by ML or REML.

    Raises
    ------
    PoolError
        An unknown option, or rows that `lkcm.synthesis.one_per_sample` refuses.
    """
    parts = {"": rows}
    return synthesise_each(
        parts, variants, method=method, level=level, without_sizes=without_sizes
    )[""]


def synthesise_each(
    parts: Mapping[str, pd.DataFrame],
    variants: Sequence[str] = tuple(VARIANTS),
    *,
    method: str = "ML",
    level: float = 0.95,
    without_sizes: str = "leave-out",
) -> dict[str, AcrossLevels]:
    """Synthesise several groups of rows, each by itself, side by side.

    Parameters
    ----------
    parts : mapping of str to DataFrame
        Rows of each group, as `synthesise` takes them.
    variants, method, level, without_sizes
        As `synthesise`.

    Returns
    -------
    dict of str to AcrossLevels
        In the order of `parts`.

    Raises
    ------
    PoolError
        As `synthesise`.
    """
    chosen = {name: choose(rows, without_sizes=without_sizes) for name, rows in parts.items()}
    sets = [(found.kept, variant) for found in chosen.values() for variant in variants]
    fits = iter(fit_together(sets, method, level))
    return {
        name: AcrossLevels(chosen=found, fits={variant: next(fits) for variant in variants})
        for name, found in chosen.items()
    }


def fit_chosen(
    kept: pd.DataFrame, variant: str = "A", method: str = "ML", level: float = 0.95
) -> Censored:
    """Fit the rows that `choose` kept, or some of them.

    Parameters
    ----------
    kept : DataFrame
        ``kept`` of `lkcm.synthesis.contributions.Chosen`.
    variant, method, level
        As `synthesise`.
    """
    return fit_together([(kept, variant)], method, level)[0]


def fit_together(
    parts: Sequence[tuple[pd.DataFrame, str]], method: str = "ML", level: float = 0.95
) -> list[Censored]:
    """Fit several sets of chosen rows side by side, which is much faster than one by one.

    Parameters
    ----------
    parts : sequence of (DataFrame, str)
        Rows as `fit_chosen` takes them, each with the variant.
    method, level
        As `synthesise`.

    Returns
    -------
    list of Censored
        In the order of `parts`.
    """
    says = [bounds(kept, variant) for kept, variant in parts]
    most = max((len(table) for table in says), default=0)
    wide = {
        name: np.full((most, len(says)), False if name == "either" else np.nan)
        for name in ("low", "high", "variance", "either")
    }
    for column, table in enumerate(says):
        for name, cells in wide.items():
            cells[: len(table), column] = table[name]
    fits = fit_many(**wide, method=method, level=level).to_dict("records")
    together = zip(parts, says, fits, strict=True)
    return [_in_words(*part, table, fit, method) for part, table, fit in together]


def _in_words(
    kept: pd.DataFrame, variant: str, says: pd.DataFrame, fit: dict[str, object], method: str
) -> Censored:
    found = {name: _plain(fit[name]) for name in ("estimate", "se", "tau2", "loglik")}
    counts = kept["kind"].value_counts()
    bounded = int(fit["bounded"])
    has_estimate = found["estimate"] is not None
    return Censored(
        variant=variant,
        method=method,
        k=len(kept),
        kinds={kind: int(counts.get(kind, 0)) for kind in KINDS},
        bounded=bounded,
        ci=_ends(fit, "ci"),
        tau2_ci=_ends(fit, "tau2_ci"),
        headline=has_estimate and bounded >= HEADLINE_FROM,
        notes=_notes(says, bounded, method, has_estimate) + COVERS,
        **found,
    )


def waterfall(found: AcrossLevels, method: str = "ML", level: float = 0.95) -> pd.DataFrame:
    """Show how the estimate moves from the pooled figures to all levels.

    Parameters
    ----------
    found : AcrossLevels
        Of `synthesise`.
    method, level
        As `synthesise`.

    Returns
    -------
    DataFrame
        Columns `WATERFALL`: first the figures pooled as on the pooling pages (REML, or NaN below
        three trials), then `STEPS`, each with all the kinds before it. Steps on the way are
        no estimates to quote: with significant results in and "no difference" still out, they
        are too high. ``told`` says why a number is missing.
    """
    kept = found.chosen.kept
    figures = kept[kept["kind"] == "figure"]
    lines = [_pooled_line(figures, level)]
    used: list[str] = []
    parts = []
    for _, new, variant in STEPS:
        used += new
        parts.append((kept[kept["kind"].isin(used)], variant))
    for (step, new, variant), fit in zip(STEPS, fit_together(parts, method, level), strict=True):
        low, high = fit.ci or (np.nan, np.nan)
        values = (
            *(step, variant, method, fit.k, int(kept["kind"].isin(new).sum())),
            *(fit.estimate, low, high, fit.tau2, "" if fit.estimate is not None else fit.notes[0]),
        )
        lines.append(dict(zip(WATERFALL, values, strict=True)))
    table = pd.DataFrame(lines, columns=list(WATERFALL))
    numbers = ["estimate", "ci_low", "ci_high", "tau2"]
    return table.astype(dict.fromkeys(numbers, float))


def _pooled_line(figures: pd.DataFrame, level: float) -> dict[str, object]:
    line = {"step": "pooled as on the pooling page", "variant": "", "method": "REML"}
    line |= {"k": len(figures), "added": len(figures), "told": ""}
    if len(figures) < HEADLINE_FROM:
        few = (
            "no trial prints a figure",
            "one figure: not pooled",
            "two figures: not pooled",
        )
        return line | {"told": few[len(figures)]}
    fit = pool(figures["yi"], figures["vi"], test=headline_test(len(figures)), level=level)
    low, high = fit.ci or (np.nan, np.nan)
    return line | {"estimate": fit.estimate, "ci_low": low, "ci_high": high, "tau2": fit.tau2}


def _notes(says: pd.DataFrame, bounded: int, method: str, has_estimate: bool) -> tuple[str, ...]:
    """Say in words why there is no estimate, or how far it can be relied on."""
    k = len(says)
    if k == 0:
        return ("no trial says anything that can be used",)
    if bounded < BOUNDED_NEEDED[method]:
        return (_unbounded(says, bounded),)
    if not has_estimate:
        return ("the likelihood has no maximum that could be found",)
    notes = []
    if bounded < HEADLINE_FROM:
        count = "one trial bounds" if bounded == 1 else "two trials bound"
        notes.append(
            f"only {count} the effect on both sides: no headline, for how large it is then "
            "rests on the normal shape of the distribution of effects"
        )
    if k < UNCERTAIN_BELOW:
        notes.append("k < 5: very uncertain")
    return tuple(notes)


def _unbounded(says: pd.DataFrame, bounded: int) -> str:
    if bounded:
        return "only one trial bounds the effect on both sides: REML needs two"
    if says["either"].all():
        return "no row says which arm did better: neither size nor direction can be estimated"
    known = says[~says["either"]]
    told = "no trial prints a figure or finds no difference, so that nothing bounds the effect"
    if (known["low"] >= 0).all():
        return f"all trials favour LKCM, but {told}: how large it is cannot be estimated"
    if (known["high"] <= 0).all():
        return f"all trials favour the control, but {told}: how large it is cannot be estimated"
    return f"trials point both ways and {told}: its size cannot be estimated"


def _ends(fit: dict[str, object], name: str) -> Interval:
    ends = _plain(fit.get(f"{name}_low")), _plain(fit.get(f"{name}_high"))
    return None if None in ends else ends


def _plain(value: float | None) -> float | None:
    return None if value is None or not np.isfinite(value) else float(value)
