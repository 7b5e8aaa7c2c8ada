"""The one visual language of the book: fonts, palettes and encodings.

Importing this module registers and enables the Altair theme ``lkcm``. Every text, axis, grid and
rule colour is ``currentColor`` and the background is empty, so that one SVG serves the light page,
the dark page and print. Every palette colour has a contrast of at least 3:1 (WCAG 2.2, success
criterion 1.4.11) against white and against the two dark page backgrounds.

Use a palette through `scale`::

    alt.Color("comparator:N", scale=scale(COMPARATOR), legend=alt.Legend(title="Control"))
    alt.FillOpacity("level:O", scale=scale(LEVEL_FILL))
"""

from collections.abc import Iterable, Mapping

import altair as alt

#: Fonts of the reader's own system; nothing is downloaded.
FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"

#: Width of a plotting area, in pixels, that with its axis labels fills the text column (720 px).
WIDTH = 600

#: Page backgrounds on which every colour must be seen: paper, and the two dark page surfaces.
BACKGROUNDS = ("#ffffff", "#121212", "#14181e")

#: Class of the control group. In order of lightness, so that the four also differ in grey print.
COMPARATOR = {
    "passive": "#1f64ba",
    "mindfulness": "#178650",
    "unknown": "#7f848a",
    "active": "#dc7900",
}

#: The same classes by shape: a second cue beside colour.
COMPARATOR_SHAPE = {
    "passive": "circle",
    "mindfulness": "diamond",
    "unknown": "cross",
    "active": "square",
}

#: Level of evidence by fill opacity inside an opaque outline: a figure with stated sizes is solid,
#: one with assumed sizes is pale, a direction or a bound on p is hollow.
LEVEL_FILL = {"figure": 1.0, "assumed": 0.45, "censored": 0.0}

#: Vega draws no legend for fill opacity: put these words in the caption instead.
LEVEL_KEY = (
    "Solid: figure with stated sizes; pale: sizes assumed; hollow: direction or bound only."
)

#: Direction of a result.
DIRECTION = {
    "favours LKCM": "#7350cf",
    "no difference": "#6f747a",
    "favours control": "#c94f2b",
    "unknown": "#8e9299",
}

#: The same directions by shape.
DIRECTION_SHAPE = {
    "favours LKCM": "triangle-right",
    "no difference": "diamond",
    "favours control": "triangle-left",
    "unknown": "cross",
}

#: Unordered categories without a meaning fixed above; with more than five, label directly instead.
CATEGORICAL = ("#1f64ba", "#dc7900", "#178650", "#b0489f", "#7f848a")

#: Ordered quantities, light to dark, for filled cells (give the cells a ``currentColor`` stroke).
SEQUENTIAL = ("#d6e4f5", "#a8c6ea", "#75a3dc", "#437fc9", "#1f64ba", "#174a8a", "#10335f")

#: Quantities around zero: control side, middle, LKCM side.
DIVERGING = ("#8f3213", "#c94f2b", "#e8a48d", "#e4e4e6", "#b7a4e6", "#7350cf", "#4a2ba0")

_INK = "currentColor"


def scale(palette: Mapping[str, str | float], present: Iterable[str] | None = None) -> alt.Scale:
    """Return the scale that maps the keys of a palette to its values.

    Parameters
    ----------
    palette : mapping of str to str or float
        One of the palettes of this module, such as `COMPARATOR`.
    present : iterable of str, optional
        The keys that occur in the data. Only these stand in the legend, in the palette's order.

    Returns
    -------
    altair.Scale

    Raises
    ------
    ValueError
        If `present` holds a key that the palette does not have.
    """
    wanted = set(palette) if present is None else set(present)
    if unknown := sorted(wanted - set(palette)):
        raise ValueError(f"not in the palette: {unknown}; allowed: {list(palette)}")
    domain = [key for key in palette if key in wanted]
    return alt.Scale(type="ordinal", domain=domain, range=[palette[key] for key in domain])


def _text_config() -> dict[str, dict]:
    """Return the settings of axes, headers, legends and titles."""
    return {
        "axis": {
            "domainColor": _INK,
            "domainOpacity": 0.55,
            "gridColor": _INK,
            "gridOpacity": 0.14,
            "labelColor": _INK,
            "labelFontSize": 12,
            "labelLimit": 340,
            "labelPadding": 5,
            "tickColor": _INK,
            "tickOpacity": 0.55,
            "tickSize": 4,
            "titleColor": _INK,
            "titleFontSize": 12.5,
            "titleFontWeight": 600,
            "titlePadding": 10,
        },
        # vega pushes the end labels inwards, into their neighbours
        "axisXQuantitative": {"labelFlush": False},
        "axisXDiscrete": {"labelAngle": 0, "labelOverlap": "greedy"},
        "header": {
            "labelColor": _INK,
            "labelFontSize": 12.5,
            "labelFontWeight": 600,
            "labelLimit": 340,
            "titleColor": _INK,
            "titleFontSize": 12.5,
            "titleFontWeight": 600,
        },
        "legend": {
            "labelColor": _INK,
            "labelFontSize": 12,
            "labelLimit": 340,
            "orient": "top",
            "symbolBaseFillColor": _INK,
            "symbolBaseStrokeColor": _INK,
            "symbolSize": 90,
            "symbolStrokeWidth": 1.5,
            "titleColor": _INK,
            "titleFontSize": 12.5,
            "titleFontWeight": 600,
        },
        "title": {
            "anchor": "start",
            "color": _INK,
            "fontSize": 14,
            "fontWeight": 600,
            "subtitleColor": _INK,
            "subtitleFontSize": 12.5,
        },
    }


def _mark_config() -> dict[str, dict]:
    """Return the settings of marks: opaque, text and rules in the ink of the page."""
    marks = {
        mark: {"color": CATEGORICAL[0], "opacity": 1}
        for mark in ("arc", "area", "bar", "boxplot", "circle", "line", "square", "tick", "trail")
    }
    marks["line"]["strokeWidth"] = 2
    marks["point"] = {"color": CATEGORICAL[0], "filled": True, "opacity": 1, "size": 70}
    marks["rule"] = {"color": _INK, "opacity": 1}
    marks["text"] = {"color": _INK, "fontSize": 12, "opacity": 1}
    return marks


@alt.theme.register("lkcm", enable=True)
def lkcm_theme() -> alt.theme.ThemeConfig:
    """Return the Altair theme of the book.

    Returns
    -------
    altair.theme.ThemeConfig
        Configuration that Altair merges into every chart; nothing in it is smaller than 12 px.
    """
    ranges = {
        "category": list(CATEGORICAL),
        "diverging": list(DIVERGING),
        "heatmap": list(SEQUENTIAL),
        "ordinal": list(SEQUENTIAL),
        "ramp": list(SEQUENTIAL),
    }
    return {
        "config": {
            "background": None,
            "font": FONT,
            "padding": {"left": 0, "top": 4, "right": 6, "bottom": 4},
            "range": ranges,
            "view": {"continuousHeight": 320, "continuousWidth": WIDTH, "stroke": None},
            **_text_config(),
            **_mark_config(),
        }
    }
