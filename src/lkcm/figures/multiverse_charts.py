"""The specification curve: all fits of a multiverse in order, with the choices behind them."""

from collections.abc import Sequence

import altair as alt
import numpy as np
import pandas as pd

from lkcm.figures.theme import CATEGORICAL
from lkcm.synthesis.choices import Choice

#: Colours by what an interval says.
SAYS = {"excludes zero": CATEGORICAL[0], "includes zero": CATEGORICAL[4]}

_WIDTH, _HEIGHT, _ROW = 400, 200, 17


def specification_curve(
    curve: pd.DataFrame, choices: Sequence[Choice], *, shown: int = 240, bins: int = 40
) -> alt.VConcatChart:
    """Return estimates in order with their intervals, above the options that gave them.

    Parameters
    ----------
    curve : DataFrame
        Of `lkcm.synthesis.multiverse.Multiverse.curve`, with at least one fit.
    choices : sequence of Choice
        Choices shown below the curve.
    shown : int
        Fits drawn, evenly spaced in the order; fewer where there are fewer.
    bins : int
        Columns of the lower part: the darker a cell, the larger the option's share of the fits
        in that part of the order.
    """
    places = np.unique(np.linspace(0, len(curve) - 1, min(shown, len(curve))).round().astype(int))
    drawn = curve.iloc[places]
    points = pd.DataFrame(
        {
            "rank": 100 * (places + 0.5) / len(curve),
            "estimate": drawn["estimate"].to_numpy(),
            "low": drawn["ci_low"].to_numpy(),
            "high": drawn["ci_high"].to_numpy(),
            "says": np.where(drawn["excludes"], "excludes zero", "includes zero"),
            "k": drawn["k"].to_numpy(),
        }
    )
    x = {"scale": alt.Scale(domain=[0, 100], nice=False)}
    top = _curve(points, _headline(curve), x)
    cells = option_shares(curve, choices, bins)
    order = list(dict.fromkeys(cells["label"]))
    bottom = (
        alt.Chart(cells)
        .mark_rect(color=CATEGORICAL[0], aria=False)
        .encode(
            x=alt.X("start:Q", title="fits in order of their estimate (%)", **x),
            x2=alt.X2("end:Q"),
            y=alt.Y("label:N", sort=order, title=None, axis=alt.Axis(labelLimit=290, ticks=False)),
            fillOpacity=alt.FillOpacity("share:Q", scale=None, legend=None),
        )
        .properties(width=_WIDTH, height=_ROW * len(order))
    )
    return alt.vconcat(top, bottom, spacing=6)


def option_shares(curve: pd.DataFrame, choices: Sequence[Choice], bins: int) -> pd.DataFrame:
    """Return how the options are spread over the order of the fits.

    Parameters
    ----------
    curve, choices, bins
        As `specification_curve`.

    Returns
    -------
    DataFrame
        ``label`` (choice and option), ``start``, ``end`` (per cent of the order) and ``share`` of
        the fits between them; the shares of a choice add up to one in each part.
    """
    bins = min(bins, len(curve))
    part = pd.Series(np.arange(len(curve)) * bins // len(curve))
    edges = np.linspace(0, 100, bins + 1)
    tables = []
    for choice in choices:
        counts = pd.crosstab(curve[choice.name].astype(str).reset_index(drop=True), part)
        shares = counts / counts.sum()
        for option in choice.options:
            if option not in shares.index:
                continue
            label = f"{choice.name}: {option}"
            table = {"label": label, "start": edges[:-1], "end": edges[1:]}
            tables.append(pd.DataFrame(table | {"share": shares.loc[option].to_numpy()}))
    columns = ["label", "start", "end", "share"]
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=columns)


def _headline(curve: pd.DataFrame) -> pd.DataFrame:
    places = np.flatnonzero(curve["headline"])[:1]
    rank = 100 * (places + 0.5) / len(curve)
    return pd.DataFrame({"rank": rank, "estimate": curve["estimate"].to_numpy()[places]})


def _curve(points: pd.DataFrame, headline: pd.DataFrame, x: dict[str, object]) -> alt.LayerChart:
    present = [name for name in SAYS if points["says"].eq(name).any()]
    colour = alt.Color(
        "says:N",
        scale=alt.Scale(domain=present, range=[SAYS[name] for name in present]),
        legend=alt.Legend(title="95 % interval", orient="top"),
    )
    across = alt.X("rank:Q", title=None, axis=alt.Axis(labels=False, ticks=False), **x)
    base = alt.Chart(points).encode(x=across)
    zero = alt.Chart(pd.DataFrame({"y": [0.0]})).mark_rule(aria=False).encode(y=alt.Y("y:Q"))
    y = {"title": "Hedges g"}
    layers = [
        zero,
        base.mark_rule(opacity=0.35, aria=False).encode(
            y=alt.Y("low:Q", **y), y2=alt.Y2("high:Q"), color=colour
        ),
        base.mark_point(size=14, filled=True).encode(
            y=alt.Y("estimate:Q", **y),
            color=colour,
            tooltip=[
                alt.Tooltip("estimate:Q", format=".2f"),
                alt.Tooltip("low:Q", format=".2f"),
                alt.Tooltip("high:Q", format=".2f"),
                alt.Tooltip("k:Q", title="trials"),
            ],
        ),
    ]
    if len(headline):
        mark = alt.Chart(headline.assign(words="headline")).encode(
            x=across, y=alt.Y("estimate:Q", **y)
        )
        ring = mark.mark_point(
            shape="diamond", size=170, filled=False, strokeWidth=2.5, color="currentColor"
        )
        words = mark.mark_text(dy=-14, fontWeight=700).encode(text=alt.Text("words:N"))
        layers += [ring, words]
    return alt.layer(*layers).properties(width=_WIDTH, height=_HEIGHT)
