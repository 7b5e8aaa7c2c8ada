import pytest

from lkcm.words import (
    count_of,
    interval,
    named,
    number,
    percent,
    share_of,
    short_interval,
    span,
    tenth,
    two,
)


@pytest.mark.parametrize(
    ("share", "text"),
    [(0, "0 %"), (0.004, "0.4 %"), (0.03, "3 %"), (0.5, "50 %"), (0.996, "99.6 %"), (1, "100 %")]
    + [(-0.03, "−3 %"), (-0.001, "0 %")],
)
def test_percent(share, text):
    assert percent(share) == text


@pytest.mark.parametrize(("share", "text"), [(0.0472, "4.7"), (0, "0.0"), (0.5, "50.0")])
def test_tenth(share, text):
    assert tenth(share) == f"{text}\N{NO-BREAK SPACE}%"


@pytest.mark.parametrize(
    ("count", "text"), [(0, "0 trials"), (1, "1 trial"), (1234, "1,234 trials")]
)
def test_count_of(count, text):
    assert count_of(count, "trial") == text


def test_number():
    assert number(26473.0) == "26,473"


def test_share_of():
    assert share_of(8, 250, "trials") == "8 of 250 trials (3 %)"
    assert share_of(0, 0, "trials") == "0 of 0 trials"


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.125, "0.12"), (-0.5, "\N{MINUS SIGN}0.50"), (-0.001, "0.00"), (12, "12.00")],
)
def test_two(value, text):
    assert two(value) == text


def plain(text):
    return text.replace("\N{NO-BREAK SPACE}", " ")


def test_intervals():
    assert plain(span((-0.19, 1.4))) == "\N{MINUS SIGN}0.19 to 1.40"
    assert " " not in span((0.19, 1.4))
    assert plain(interval(0.8, (0.2, 1.4))) == "0.80 (95 % CI 0.20 to 1.40)"
    assert interval(0.8, None) == "0.80 (no interval)"
    assert plain(short_interval(0.8, (0.2, 1.4))) == "0.80 (0.20 to 1.40)"
    assert short_interval(0.8, None) == "0.80"


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("negative-affect", "negative affect"),
        ("self-compassion", "self-compassion"),
        ("other-compassion", "compassion for others"),
        ("wellbeing", "wellbeing"),
        ("not-lkcm", "not LKCM"),
        ("post", "directly after"),
        ("followup", "follow-up"),
    ],
)
def test_coded_values_in_words(value, words):
    assert named(value) == words
