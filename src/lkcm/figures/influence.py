"""Charts of influence: subsets of the trials, and what each trial does to Q and to the pool."""

import altair as alt
import pandas as pd

from lkcm.figures.theme import COMPARATOR, SEQUENTIAL


def gosh_chart(cells: pd.DataFrame, pooled: float, words: str) -> alt.LayerChart:
    """Return pooled effect and I2 of subsets of the trials, fuller in colour where there are more.

    Parameters
    ----------
    cells : DataFrame
        From `lkcm.bias.wording.gosh_cells`.
    pooled : float
        Pooled effect of all trials, a dashed line.
    words : str
        Title of the axis of effects.
    """
    most = int(cells["subsets"].max())
    squares = (
        alt.Chart(cells)
        .mark_rect(aria=False, color=SEQUENTIAL[len(SEQUENTIAL) // 2])
        .encode(
            x=alt.X("x:Q", title=words, scale=alt.Scale(zero=False)),
            x2=alt.X2("x2:Q"),
            y=alt.Y("y:Q", title="I² of the subset (%)"),
            y2=alt.Y2("y2:Q"),
            # Opacity, since a pale colour for few would shine on a dark page.
            opacity=alt.Opacity(
                "subsets:Q",
                title="Subsets",
                scale=alt.Scale(type="log", domain=[1, max(most, 2)], range=[0.2, 1]),
                legend=alt.Legend(
                    format=",d",
                    orient="right",
                    symbolType="square",
                    symbolSize=200,
                    values=[10**power for power in range(len(str(most)))],
                ),
            ),
            tooltip=[alt.Tooltip("subsets:Q", format=",d")],
        )
    )
    lines = pd.DataFrame({"x": [pooled]})
    rule = alt.Chart(lines).mark_rule(strokeDash=[5, 3], aria=False)
    return (squares + rule.encode(x=alt.X("x:Q"))).properties(width=500, height=260)


def baujat_chart(rows: pd.DataFrame) -> alt.LayerChart:
    """Return what each trial adds to heterogeneity against how far it moves the pool.

    Parameters
    ----------
    rows : DataFrame
        ``label``, ``baujat_x`` and ``baujat_y`` (`lkcm.bias.influence.influence`), and ``named``
        (bool): whether the label is written beside the point.
    """
    base = alt.Chart(rows).encode(
        x=alt.X("baujat_x:Q", title="Contribution to Q"),
        y=alt.Y("baujat_y:Q", title="Squared shift of the pooled effect (SE²)"),
    )
    points = base.mark_point(color=COMPARATOR["passive"], size=70).encode(
        tooltip=[
            alt.Tooltip("label:N", title="Trial"),
            alt.Tooltip("baujat_x:Q"),
            alt.Tooltip("baujat_y:Q"),
        ],
        description=alt.Description("label:N"),
    )
    names = base.transform_filter("datum.named").mark_text(align="left", dx=7, aria=False)
    return (points + names.encode(text=alt.Text("label:N"))).properties(width=460, height=260)
