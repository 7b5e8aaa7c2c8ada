import pytest

from lkcm.words import number, percent, share_of


@pytest.mark.parametrize(
    ("share", "text"),
    [(0, "0 %"), (0.004, "0.4 %"), (0.03, "3 %"), (0.5, "50 %"), (0.996, "99.6 %"), (1, "100 %")],
)
def test_percent(share, text):
    assert percent(share) == text


def test_number():
    assert number(26473.0) == "26,473"


def test_share_of():
    assert share_of(8, 250, "trials") == "8 of 250 trials (3 %)"
    assert share_of(0, 0, "trials") == "0 of 0 trials"
