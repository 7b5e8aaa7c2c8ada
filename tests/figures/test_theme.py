from itertools import combinations

import altair as alt
import numpy as np
import pytest

import lkcm.figures  # noqa: F401 (enables the theme)
from lkcm.figures import theme

PALETTES = {
    "comparator": list(theme.COMPARATOR.values()),
    "direction": list(theme.DIRECTION.values()),
    "categorical": list(theme.CATEGORICAL),
}

#: Full-strength simulation matrices on linear RGB of Machado, Oliveira & Fernandes (2009).
SIGHT = {
    "normal": np.eye(3),
    "deuteranopia": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
    "protanopia": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
}

_XYZ = np.array(
    [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339, 0.1191920, 0.9503041],
    ]
)


def linear_rgb(colour: str) -> np.ndarray:
    channels = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)


def luminance(colour: str) -> float:
    return float(_XYZ[1] @ linear_rgb(colour))


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def lab(rgb: np.ndarray) -> np.ndarray:
    xyz = _XYZ @ np.clip(rgb, 0, 1) / np.array([0.95047, 1, 1.08883])
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def distances(colours: list[str], sight: str) -> list[float]:
    seen = [lab(SIGHT[sight] @ linear_rgb(colour)) for colour in colours]
    return [float(np.linalg.norm(a - b)) for a, b in combinations(seen, 2)]


def test_contrast_is_that_of_wcag():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.005)


@pytest.mark.parametrize("background", theme.BACKGROUNDS)
@pytest.mark.parametrize("palette", PALETTES)
def test_every_colour_is_seen_on_every_page(palette, background):
    assert min(contrast(colour, background) for colour in PALETTES[palette]) >= 3


@pytest.mark.parametrize("sight", SIGHT)
@pytest.mark.parametrize(("palette", "least"), [("comparator", 20), ("categorical", 12)])
def test_colours_differ_to_every_eye(palette, least, sight):
    assert min(distances(PALETTES[palette], sight)) >= least


@pytest.mark.parametrize("sight", SIGHT)
def test_directions_differ_to_every_eye(sight):
    assert min(distances(PALETTES["direction"], sight)) >= 10


def test_comparators_differ_in_grey_print():
    lightness = sorted(lab(linear_rgb(colour))[0] for colour in PALETTES["comparator"])
    assert min(np.diff(lightness)) >= 5


@pytest.mark.parametrize("ramp", [theme.SEQUENTIAL], ids=["sequential"])
def test_ramps_only_get_darker(ramp):
    lightness = [lab(linear_rgb(colour))[0] for colour in ramp]
    assert max(np.diff(lightness)) < -8


def test_middle_of_the_diverging_ramp_is_its_lightest():
    lightness = [lab(linear_rgb(colour))[0] for colour in theme.DIVERGING]
    middle = len(lightness) // 2
    assert np.all(np.diff(lightness[: middle + 1]) > 0)
    assert np.all(np.diff(lightness[middle:]) < 0)


def test_shapes_double_every_colour():
    assert list(theme.COMPARATOR_SHAPE) == list(theme.COMPARATOR)
    assert list(theme.DIRECTION_SHAPE) == list(theme.DIRECTION)
    assert len(set(theme.COMPARATOR_SHAPE.values())) == len(theme.COMPARATOR)
    assert len(set(theme.DIRECTION_SHAPE.values())) == len(theme.DIRECTION)


def settings(node: object, path: str = "") -> list[tuple[str, object]]:
    if isinstance(node, dict):
        return [leaf for key, value in node.items() for leaf in settings(value, f"{path}.{key}")]
    return [(path, node)]


def test_theme_is_on_and_writes_in_the_ink_of_the_page():
    assert alt.theme.active == "lkcm"
    config = theme.lkcm_theme()["config"]
    assert config["background"] is None
    assert config["view"]["stroke"] is None
    inks = {
        path: value
        for path, value in settings(config)
        if path.endswith(("labelColor", "titleColor", "domainColor", "gridColor", "tickColor"))
    }
    assert len(inks) >= 9
    assert set(inks.values()) == {"currentColor"}
    assert config["text"]["color"] == config["rule"]["color"] == "currentColor"


def test_no_text_is_smaller_than_twelve_pixels():
    sizes = [v for path, v in settings(theme.lkcm_theme()) if path.lower().endswith("fontsize")]
    assert len(sizes) >= 8
    assert min(sizes) >= 12


def test_scale_keeps_the_order_of_the_palette_and_what_is_present():
    scale = theme.scale(theme.COMPARATOR, ["active", "passive", "active"]).to_dict()
    assert scale["domain"] == ["passive", "active"]
    assert scale["range"] == [theme.COMPARATOR["passive"], theme.COMPARATOR["active"]]


def test_scale_refuses_what_has_no_colour():
    with pytest.raises(ValueError, match="not in the palette: \\['sham'\\]"):
        theme.scale(theme.COMPARATOR, ["sham", "active"])
