import pytest

from lkcm.editions.version import EditionError, order


def test_editions_of_a_month_come_in_order():
    versions = ["2026.11", "2026.11.1", "2026.11.2", "2026.11.10", "2026.12", "2027.01"]
    assert sorted(reversed(versions), key=order) == versions


@pytest.mark.parametrize(
    "text", ["", "2026", "2026.13", "2026.1", "2026.11.0", "v2026.11", "1.0", "2026.11-a"]
)
def test_anything_else_is_refused_with_what_is_allowed(text):
    with pytest.raises(EditionError, match=r"YYYY\.MM"):
        order(text)
