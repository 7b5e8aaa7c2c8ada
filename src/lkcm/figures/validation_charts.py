"""How far this library and other programs are apart, number by number."""

import altair as alt
import numpy as np
import pandas as pd

from lkcm.figures.theme import CATEGORICAL

#: Differences below this are drawn here: doubles have no more digits.
FLOOR = 1e-16


def difference_chart(compared: pd.DataFrame, quantities: dict[str, str]) -> alt.LayerChart:
    """Return one tick a data set and quantity, on a logarithmic axis of relative differences.

    Parameters
    ----------
    compared : DataFrame
        Of `lkcm.synthesis.validation`: ``program``, ``set``, ``quantity``, ``difference``.
    quantities : dict of str to str
        Quantities in words, in the order in which they stand.
    """
    keys = ["quantity", "program", "set"]
    rows = compared.groupby(keys, sort=False)["difference"].max().reset_index()
    rows["shown"] = rows["difference"].clip(lower=FLOOR)
    rows["words"] = rows["quantity"].map(quantities)
    rows["detail"] = [f"{v.set}, {v.program}: {v.difference:.1e}" for v in rows.itertuples()]
    programs = list(dict.fromkeys(rows["program"]))
    top = 10 ** np.ceil(np.log10(max(rows["shown"].max(), 1e-3)))
    axis = {
        "title": "relative difference (logarithmic)",
        "scale": alt.Scale(type="log", domain=[FLOOR, top]),
        "axis": alt.Axis(format=".0e", values=[10.0**p for p in range(-16, 1, 2)]),
    }
    marks = pd.DataFrame({"x": [1e-6, 1e-4], "words": ["1e-6", "1e-4"]})
    line = alt.Chart(marks).encode(x=alt.X("x:Q", **axis))
    ticks = (
        alt.Chart(rows)
        .mark_tick(thickness=2, size=16, opacity=0.8)
        .encode(
            x=alt.X("shown:Q", **axis),
            y=alt.Y(
                "words:N",
                sort=list(quantities.values()),
                title=None,
                axis=alt.Axis(labelLimit=300),
            ),
            color=alt.Color(
                "program:N",
                scale=alt.Scale(domain=programs, range=list(CATEGORICAL[: len(programs)])),
                legend=alt.Legend(title="Beside", orient="top"),
            ),
            description=alt.Description("detail:N"),
            tooltip=[alt.Tooltip("detail:N", title="Data set")],
        )
    )
    rules = line.mark_rule(strokeDash=[3, 3], aria=False)
    words = line.mark_text(dy=-7, aria=False).encode(y=alt.YValue(0), text=alt.Text("words:N"))
    return alt.layer(rules, words, ticks).properties(width=380, height=alt.Step(24))
