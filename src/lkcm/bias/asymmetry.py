"""Small-study effects: Egger's regression in two forms, PET, PEESE, and their conditional form.

The predictor of all of them is the standard error, or, for standardised mean differences, what
the sizes alone say of it: sqrt(h), h = 1/n_t + 1/n_c times the factor of the analysis. The
variance of such an effect holds the effect itself, so that the classic predictor sees asymmetry
where there is none (Pustejovsky & Rodgers 2019, Res Synth Methods 10:57).
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import special

from lkcm.bias.regression import Line, likelihood_tau2, weighted_line
from lkcm.bias.sets import EQUAL, in_blocks, needs, one_set
from lkcm.synthesis.heterogeneity import Array

#: Fewest trials of a line with one degree of freedom.
MINIMUM = 3
#: What a line needs beside trials.
DIFFERENT = "needs predictors that differ"
#: One-sided level at which the conditional rule takes PEESE in place of PET (Stanley 2017, Soc
#: Psychol Personal Sci 8:581).
CONDITIONAL = 0.05

EGGER_COLUMNS = ("z", "p", "slope", "slope_se", "limit", "limit_se", "tau2")
EGGER_LM_COLUMNS = ("t", "p", "df", "slope", "slope_se", "limit", "limit_se")
LIMIT_COLUMNS = ("estimate", "se", "t", "p", "df")
PET_PEESE_COLUMNS = (
    *("pet", "pet_se", "pet_p", "peese", "peese_se", "peese_p"),
    *("chose_peese", "estimate", "se", "p"),
)


@dataclass(frozen=True)
class Egger:
    """Egger's test; what the trials do not define is None.

    Attributes
    ----------
    k : int
        Number of trials.
    predictor : str
        ``standard error`` or ``size``.
    statistic, p : float or None
        z (mixed-effects form) or t (``lm``) of the slope, and its two-sided p value.
    df : float or None
        k - 2 for t, Satterthwaite's for dependent effects, None for z.
    slope, slope_se : float or None
        Change of the effect by one unit of the predictor; above zero, small trials have larger
        effects.
    limit, limit_se : float or None
        Effect where the predictor is zero: a trial without end.
    tau2 : float or None
        Residual variance between trials (REML); None for t, which scales the variances.
    needs : str or None
        What is missing, in words, where nothing is defined.
    """

    k: int
    predictor: str
    statistic: float | None
    p: float | None
    df: float | None
    slope: float | None
    slope_se: float | None
    limit: float | None
    limit_se: float | None
    tau2: float | None
    needs: str | None


@dataclass(frozen=True)
class Limit:
    """An effect adjusted for small-study effects: the regression's value at no error.

    Attributes
    ----------
    k : int
        Number of trials.
    estimate, se : float or None
        Effect where the predictor is zero, and its standard error.
    t, p, df : float or None
        t test of that effect against zero, two-sided, k - 2 df (Satterthwaite's for dependent
        effects).
    needs : str or None
        What is missing, in words, where nothing is defined.
    """

    k: int
    estimate: float | None
    se: float | None
    t: float | None
    p: float | None
    df: float | None
    needs: str | None


@dataclass(frozen=True)
class PetPeese:
    """PET, PEESE, and the one that the conditional rule takes.

    Attributes
    ----------
    pet, peese : Limit
        Lines on the predictor, and on its square.
    chosen : {"pet", "peese"} or None
        PEESE where PET's effect is above zero at one-sided `CONDITIONAL`, else PET.
    """

    pet: Limit
    peese: Limit
    chosen: str | None

    @property
    def taken(self) -> Limit:
        """The estimate that the rule takes; PET's, with its words, where there is none."""
        return self.peese if self.chosen == "peese" else self.pet


def egger(yi: ArrayLike, vi: ArrayLike, h: ArrayLike | None = None) -> Egger:
    """Test for small-study effects by mixed-effects meta-regression.

    REML and Wald: metafor's ``regtest(yi, vi, model = "rma")`` with predictor "sei", or with
    sqrt(h) as moderator.

    Parameters
    ----------
    yi, vi : array-like, shape (k,)
        Effects and their sampling variances.
    h : array-like, shape (k,), optional
        What the sizes say of the variances: the predictor is sqrt(h). Give it for standardised
        mean differences; without it the predictor is the standard error.

    Returns
    -------
    Egger
        With z.

    Raises
    ------
    PoolError
        Effects, variances or sizes that cannot be used.
    """
    return _egger(one_set(egger_many, yi, vi, h), "z", h)


def egger_many(yi: ArrayLike, vi: ArrayLike, h: ArrayLike | None = None) -> pd.DataFrame:
    """Test many data sets as `egger`.

    Parameters
    ----------
    yi, vi, h : array-like, shape (k, B)
        A data set a column, NaN where it has fewer trials.

    Returns
    -------
    DataFrame
        ``k`` and `EGGER_COLUMNS`, a data set a row; NaN where not defined.

    Raises
    ------
    PoolError
        As `egger`, for any of the data sets.
    """
    return in_blocks(_egger_block, EGGER_COLUMNS, MINIMUM, yi, vi, h)


def egger_lm(yi: ArrayLike, vi: ArrayLike, h: ArrayLike | None = None) -> Egger:
    """Test for small-study effects by weighted regression, the classic form.

    Weights 1 / vi with a scale: ``lm(yi ~ x, weights = 1 / vi)``, metafor's
    ``regtest(yi, vi, model = "lm")``.

    Parameters
    ----------
    yi, vi, h : array-like, shape (k,)
        As `egger`.

    Returns
    -------
    Egger
        With t and k - 2 df.

    Raises
    ------
    PoolError
        As `egger`.
    """
    return _egger(one_set(egger_lm_many, yi, vi, h), "t", h)


def egger_lm_many(yi: ArrayLike, vi: ArrayLike, h: ArrayLike | None = None) -> pd.DataFrame:
    """Test many data sets as `egger_lm`.

    Parameters
    ----------
    yi, vi, h : array-like, shape (k, B)
        As `egger_many`.

    Returns
    -------
    DataFrame
        ``k`` and `EGGER_LM_COLUMNS`, a data set a row; NaN where not defined.

    Raises
    ------
    PoolError
        As `egger`, for any of the data sets.
    """
    return in_blocks(_lm_block, EGGER_LM_COLUMNS, MINIMUM, yi, vi, h)


def pet_peese(yi: ArrayLike, vi: ArrayLike, h: ArrayLike | None = None) -> PetPeese:
    """Adjust for small-study effects by PET, PEESE and the conditional rule.

    Stanley & Doucouliagos (2014, Res Synth Methods 5:60): ``lm(yi ~ x, weights = 1 / vi)`` with
    x the predictor of `egger` (PET) or its square (PEESE).

    Parameters
    ----------
    yi, vi, h : array-like, shape (k,)
        As `egger`.

    Returns
    -------
    PetPeese
        Both estimates and the choice.

    Raises
    ------
    PoolError
        As `egger`.
    """
    rows = [one_set(_limits, yi, vi, h, power=power) for power in (1, 2)]
    pet, peese = (
        Limit(**row | {"df": row["k"] - 2 if row["t"] is not None else None}, needs=_missing(row))
        for row in rows
    )
    if pet.t is None:
        return PetPeese(pet, peese, None)
    return PetPeese(pet, peese, "peese" if _above_zero(pet.t, pet.df) else "pet")


def pet_peese_many(yi: ArrayLike, vi: ArrayLike, h: ArrayLike | None = None) -> pd.DataFrame:
    """Adjust many data sets as `pet_peese`.

    Parameters
    ----------
    yi, vi, h : array-like, shape (k, B)
        As `egger_many`.

    Returns
    -------
    DataFrame
        ``k`` and `PET_PEESE_COLUMNS`, a data set a row: ``estimate``, ``se`` and ``p`` are those
        that the rule takes; NaN where not defined.

    Raises
    ------
    PoolError
        As `egger`, for any of the data sets.
    """
    pet, peese = (_limits(yi, vi, h, power=power) for power in (1, 2))
    defined = pet["t"].notna()
    chose = defined & _above_zero(pet["t"], pet["df"])
    table = pd.DataFrame({"k": pet["k"]})
    for name, limit in (("pet", pet), ("peese", peese)):
        table[name], table[f"{name}_se"] = limit["estimate"], limit["se"]
        table[f"{name}_p"] = limit["p"]
    table["chose_peese"] = chose.where(defined, np.nan).astype(float)
    for column in ("estimate", "se", "p"):
        table[column] = peese[column].where(chose, pet[column])
    return table


def _above_zero(t: ArrayLike, df: ArrayLike) -> ArrayLike:
    return special.stdtr(df, -t) < CONDITIONAL


def _limits(
    yi: ArrayLike, vi: ArrayLike, h: ArrayLike | None = None, *, power: int
) -> pd.DataFrame:
    def block(yi: Array, vi: Array, h: Array | None = None) -> dict[str, Array]:
        line, scale = _scaled_line(yi, vi, h, power)
        se = np.sqrt(scale * line.limit_unit)
        return {"estimate": line.limit, "se": se} | _t_test(line.limit, se, len(yi) - 2)

    return in_blocks(block, LIMIT_COLUMNS, MINIMUM, yi, vi, h)


def _egger(row: dict[str, float | None], letter: str, h: ArrayLike | None) -> Egger:
    statistic = row.pop(letter)
    fields = {"tau2": None} | row
    fields["df"] = row["k"] - 2 if letter == "t" and statistic is not None else None
    predictor = "standard error" if h is None else "size"
    return Egger(predictor=predictor, statistic=statistic, needs=_missing(row), **fields)


def _missing(row: dict[str, float | None]) -> str | None:
    if row["k"] < MINIMUM:
        return needs(MINIMUM)
    return DIFFERENT if row["p"] is None else None


def _egger_block(yi: Array, vi: Array, h: Array | None = None) -> dict[str, Array]:
    x = _predictor(vi, h)
    tau2 = likelihood_tau2(yi, vi, x)
    line = weighted_line(yi, x, 1 / (vi + tau2))
    se = np.sqrt(line.slope_unit)
    z = line.slope / se
    return {
        "z": z,
        "p": 2 * special.ndtr(-np.abs(z)),
        "slope": line.slope,
        "slope_se": se,
        "limit": line.limit,
        "limit_se": np.sqrt(line.limit_unit),
        "tau2": np.where(np.isfinite(z), tau2, np.nan),
    }


def _lm_block(yi: Array, vi: Array, h: Array | None = None) -> dict[str, Array]:
    line, scale = _scaled_line(yi, vi, h)
    se = np.sqrt(scale * line.slope_unit)
    return {
        "slope": line.slope,
        "slope_se": se,
        "limit": line.limit,
        "limit_se": np.sqrt(scale * line.limit_unit),
    } | _t_test(line.slope, se, len(yi) - 2)


def _scaled_line(yi: Array, vi: Array, h: Array | None, power: int = 1) -> tuple[Line, Array]:
    line = weighted_line(yi, _predictor(vi, h) ** power, 1 / vi)
    scale = line.scatter / (len(yi) - 2)
    # A line through every trial leaves rounding for a scale: nothing can be tested with it.
    rounding = (EQUAL**2) * (yi**2 / vi).sum(0)
    return line, np.where(scale > rounding, scale, np.nan)


def _t_test(estimate: Array, se: Array, df: int) -> dict[str, Array]:
    t = estimate / se
    return {"t": t, "p": 2 * special.stdtr(df, -np.abs(t)), "df": np.full(len(t), df)}


def _predictor(vi: Array, h: Array | None) -> Array:
    """Return the square root of the size or of the variance, NaN where it does not differ."""
    x = np.sqrt(vi if h is None else h)
    return np.where(np.ptp(x, axis=0) > EQUAL * x.max(0), x, np.nan)
