"""Random effects as Vega-Lite transforms, for charts that pool again in the browser.

DerSimonian and Laird's tau2 (1986, Control Clin Trials 7:177) and Knapp and Hartung's interval
(2003, Stat Med 22:2693) are sums over trials, so joinaggregate steps hold them. They give the
numbers of `lkcm.synthesis.pool.pool` with ``method="DL"`` and the test of `headline_test`.
"""

import altair as alt
import numpy as np
from scipy import stats

from lkcm.synthesis.pooled import ADHOC_BELOW, HEADLINE_FROM, UNCERTAIN_BELOW

#: Normal quantile of a 95 % interval.
Z = float(stats.norm.isf(0.025))


def quantiles(k: int) -> list[float | None]:
    """Return the quantiles of 95 % intervals by number of trials, from 0 to `k`.

    None for no trial, the normal one for one trial, t with k - 1 degrees of freedom from two on.
    """
    return [None, Z, *stats.t.isf(0.025, np.arange(1, k)).tolist()][: k + 1]


def pool_again(chart: alt.Chart, passes: str, quantile: str) -> alt.Chart:
    """Add the pooled effect of the rows that pass a filter, as fields of every row.

    Parameters
    ----------
    chart : altair.Chart
        Its rows have ``yi``, ``vi`` and ``n_total``.
    passes : str
        Vega expression of a row.
    quantile : str
        Name of a parameter that holds `quantiles`.

    Returns
    -------
    altair.Chart
        Fields ``passes``, ``k``, ``n`` (participants), ``n_unsized`` (rows without a number of
        participants), ``q``, ``tau2``, ``weight``, ``max_weight``, ``estimate``, ``se`` (of the
        headline's test; Wald for one trial), ``ci_low``, ``ci_high``, ``plain_low``,
        ``plain_high`` (plain Knapp-Hartung), ``pi_low`` and ``pi_high`` (prediction interval).
        Without a row that passes, the effect and its intervals are not numbers.
    """
    return _intervals(_weighted_mean(_heterogeneity(chart, passes)), quantile)


def _heterogeneity(chart: alt.Chart, passes: str) -> alt.Chart:
    """Add k, n, Q and tau2; a row left out weighs nothing."""
    excess = "(datum.q - (datum.k - 1)) / (datum.sum_w - datum.sum_w2 / datum.sum_w)"
    return (
        chart.transform_calculate(
            passes=passes,
            count="datum.passes ? 1 : 0",
            w="datum.passes ? 1 / datum.vi : 0",
            participants="datum.passes && isValid(datum.n_total) ? datum.n_total : 0",
            unsized="datum.passes && !isValid(datum.n_total) ? 1 : 0",
        )
        .transform_calculate(wy="datum.w * datum.yi", w2="datum.w * datum.w")
        .transform_joinaggregate(
            k="sum(count)",
            n="sum(participants)",
            n_unsized="sum(unsized)",
            sum_w="sum(w)",
            sum_wy="sum(wy)",
            sum_w2="sum(w2)",
        )
        .transform_calculate(
            deviation="datum.passes ? datum.w * pow(datum.yi - datum.sum_wy / datum.sum_w, 2) : 0"
        )
        .transform_joinaggregate(q="sum(deviation)")
        .transform_calculate(tau2=f"datum.k > 1 ? max(0, {excess}) : 0")
    )


def _weighted_mean(chart: alt.Chart) -> alt.Chart:
    """Add the random-effects weights and mean, and the Knapp-Hartung factor of its variance."""
    return (
        chart.transform_calculate(weight="datum.passes ? 1 / (datum.vi + datum.tau2) : 0")
        .transform_calculate(weighted="datum.weight * datum.yi")
        .transform_joinaggregate(
            sum_weight="sum(weight)", sum_weighted="sum(weighted)", max_weight="max(weight)"
        )
        .transform_calculate(estimate="datum.sum_weighted / datum.sum_weight")
        .transform_calculate(
            residual="datum.passes ? datum.weight * pow(datum.yi - datum.estimate, 2) : 0"
        )
        .transform_joinaggregate(residuals="sum(residual)")
        .transform_calculate(factor="datum.k > 1 ? datum.residuals / (datum.k - 1) : 1")
    )


def _intervals(chart: alt.Chart, quantile: str) -> alt.Chart:
    """Add standard errors and intervals."""
    # the ad hoc form does not let the factor fall under one
    least = f"(datum.k < {ADHOC_BELOW} ? 1 : 0)"
    half = {
        "ci": "datum.t * datum.se",
        "plain": "datum.t * datum.se_plain",
        "pi": "datum.t * sqrt(datum.tau2 + datum.se * datum.se)",
    }
    ends = {
        f"{name}_{end}": f"datum.estimate {sign} {width}"
        for name, width in half.items()
        for end, sign in (("low", "-"), ("high", "+"))
    }
    return chart.transform_calculate(
        t=f"{quantile}[datum.k]",
        se=f"sqrt(max({least}, datum.factor) / datum.sum_weight)",
        se_plain="sqrt(datum.factor / datum.sum_weight)",
    ).transform_calculate(**ends)


def in_words(chart: alt.Chart) -> alt.Chart:
    r"""Add the result of `pool_again` in words.

    Returns
    -------
    altair.Chart
        Fields ``answer``, one line, and ``details``, lines joined by ``\n``: n, prediction
        interval, estimator and test. Under three trials they say that nothing is pooled.
    """
    effect = f"'g ' + {_two('estimate')} + ' (' + {_span('ci')} + ')'"
    people = (
        "'n = ' + format(datum.n, ',d') + "
        "(datum.n_unsized > 0 ? ' and ' + datum.n_unsized + ' of unknown size' : '')"
    )
    uncertain = f"(datum.k < {UNCERTAIN_BELOW} ? '; k < {UNCERTAIN_BELOW}: very uncertain' : '')"
    test = (
        f"(datum.k < {ADHOC_BELOW} ? 'DerSimonian-Laird, Knapp-Hartung ad hoc (k < {ADHOC_BELOW})"
        f"\\nKnapp-Hartung plain: ' + {_span('plain')} : 'DerSimonian-Laird, Knapp-Hartung')"
    )
    prediction = f"'95 % prediction interval ' + {_span('pi')}"
    return chart.transform_calculate(
        answer=(
            "datum.k === 0 ? 'k = 0: no trial passes'"
            " : datum.k === 1 ? 'k = 1: one trial, its own interval'"
            " : datum.k === 2 ? 'k = 2: two trials, no pooled headline'"
            f" : 'k = ' + datum.k + ', ' + {effect} + ', tau² ' + {_two('tau2')}"
        ),
        details=(
            f"datum.k >= {HEADLINE_FROM}"
            f" ? {people} + {uncertain} + '\\n' + {prediction} + '\\n' + {test}"
            f" : datum.k === 1 ? {effect} + ' by Wald; ' + {people}"
            f" : datum.k === 2 ? {people} : ''"
        ),
    )


def _two(field: str) -> str:
    """Return the expression that writes a field with two decimals."""
    return f"format(datum.{field}, '.2f')"


def _span(name: str) -> str:
    """Return the expression that writes an interval."""
    return f"{_two(f'{name}_low')} + ' to ' + {_two(f'{name}_high')}"
