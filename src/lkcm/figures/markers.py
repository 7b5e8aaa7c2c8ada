"""Behaviour and physiology: which way each trial points, and what stands behind each result."""

import altair as alt
import pandas as pd

from lkcm.figures.theme import DIRECTION, DIRECTION_SHAPE, scale

#: Directions of a trial by colour: the book's, one for results that differ, one for what cannot
#: be used.
SHOWN = {
    "favours LKCM": DIRECTION["favours LKCM"],
    "mixed": "#b0489f",
    "no difference": DIRECTION["no difference"],
    "favours control": DIRECTION["favours control"],
    "unknown": DIRECTION["unknown"],
    "cannot be used": DIRECTION["unknown"],
}
#: The same by shape.
SHAPE = {
    **{name: DIRECTION_SHAPE.get(name, "square") for name in SHOWN},
    "unknown": "circle",
    "cannot be used": "cross",
}

_STEP = 26


def direction_chart(trials: pd.DataFrame) -> alt.LayerChart:
    """Return one symbol a trial in the row of its task or marker, sorted by direction.

    Parameters
    ----------
    trials : DataFrame
        Of `lkcm.informants.objective.by_trial`, with ``label`` and ``address``; symbols of
        trials that print a figure are filled.
    """
    words = [
        f"{row.label}, {row.instruments or row.marker}: {row.direction}"
        + (f" ({row.results} results)" if row.results > 1 else "")
        for row in trials.itertuples()
    ]
    trials = trials.assign(words=words, fill=(trials["figures"] > 0).astype(float))
    present = [name for name in SHOWN if trials["direction"].eq(name).any()]
    legend = alt.Legend(title=None, orient="bottom", columns=3, symbolFillColor="transparent")
    widest = int(trials["place"].max())
    base = alt.Chart(trials).encode(
        y=alt.Y(
            "marker:N",
            sort=list(dict.fromkeys(trials["marker"])),
            title=None,
            axis=alt.Axis(ticks=False, domain=False, grid=True, labelLimit=230),
        ),
        x=alt.X("place:Q", axis=None, scale=alt.Scale(domain=[0.4, widest + 0.6], nice=False)),
    )
    marks = base.mark_point(size=130, filled=True, strokeWidth=1.7).encode(
        color=alt.Color("direction:N", scale=scale(SHOWN, present), legend=legend),
        stroke=alt.Stroke("direction:N", scale=scale(SHOWN, present), legend=legend),
        shape=alt.Shape("direction:N", scale=scale(SHAPE, present), legend=legend),
        fillOpacity=alt.FillOpacity("fill:Q", scale=None, legend=None),
        href=alt.Href("address:N"),
        description=alt.Description("words:N"),
        tooltip=[alt.Tooltip("words:N", title="Trial")],
    )
    return alt.layer(marks).properties(width=max(330, 30 * widest), height=alt.Step(_STEP))


def mentioned_chart(counts: pd.DataFrame) -> alt.LayerChart:
    """Return results mentioned by group, split into better, none, worse and untold.

    Parameters
    ----------
    counts : DataFrame
        Of `lkcm.informants.objective.marker_counts`, without the row "all".
    """
    names = {
        "better": "favours LKCM",
        "none": "no difference",
        "worse": "favours control",
        "untold": "unknown",
    }
    long = counts.melt(
        id_vars=["marker", "mentioned"], value_vars=list(names), var_name="kind", value_name="n"
    )
    long = long[long["n"] > 0].assign(direction=lambda rows: rows["kind"].map(names))
    long["rank"] = long["direction"].map({name: place for place, name in enumerate(DIRECTION)})
    long["words"] = (
        long["marker"] + ": " + long["n"].astype(str) + " of " + long["mentioned"].astype(str)
        + " results, " + long["direction"]
    )  # fmt: skip
    present = [name for name in DIRECTION if long["direction"].eq(name).any()]
    y = alt.Y(
        "marker:N",
        sort=list(counts["marker"]),
        title=None,
        axis=alt.Axis(ticks=False, domain=False, labelLimit=230),
    )
    bars = (
        alt.Chart(long)
        .mark_bar(height=15, stroke="currentColor", strokeOpacity=0.35)
        .encode(
            y=y,
            x=alt.X("n:Q", title="results mentioned", axis=alt.Axis(tickMinStep=1)),
            order=alt.Order("rank:Q"),
            color=alt.Color(
                "direction:N",
                scale=scale(DIRECTION, present),
                legend=alt.Legend(title=None, orient="bottom"),
            ),
            description=alt.Description("words:N"),
            tooltip=[alt.Tooltip("words:N", title="Results")],
        )
    )
    told = counts.assign(
        told=[
            f"{row.mentioned:.0f} for {row.better:.0f}" if row.better else f"{row.mentioned:.0f}"
            for row in counts.itertuples()
        ]
    )
    ends = (
        alt.Chart(told)
        .mark_text(align="left", dx=6, aria=False)
        .encode(y=y, x=alt.X("mentioned:Q"), text=alt.Text("told:N"))
    )
    return alt.layer(bars, ends).properties(width=330, height=alt.Step(24))
