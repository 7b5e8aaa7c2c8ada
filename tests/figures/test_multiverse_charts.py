import numpy as np
import pandas as pd
import pytest

from lkcm.figures.multiverse_charts import option_shares, specification_curve
from lkcm.figures.renderer import figure_html
from lkcm.synthesis.choices import ESTIMATORS, UNITS

OPTIONS = list(ESTIMATORS.options)


def made(n):
    estimate = np.linspace(-0.2, 1.0, n)
    return pd.DataFrame(
        {
            ESTIMATORS.name: [OPTIONS[i % 5] for i in range(n)],
            UNITS.name: ["one by the rule"] * (n // 2) + ["mean, rho = 0.2"] * (n - n // 2),
            "estimate": estimate,
            "ci_low": estimate - 0.3,
            "ci_high": estimate + 0.3,
            "k": 5,
            "excludes": estimate > 0.3,
            "headline": np.arange(n) == n // 3,
        }
    )


def test_shares_of_a_choice_add_up_to_one():
    shares = option_shares(made(200), [ESTIMATORS, UNITS], bins=10)
    sums = shares.groupby([shares["label"].str.partition(":")[0], "start"])["share"].sum()
    np.testing.assert_allclose(sums, 1.0)
    first = shares[(shares["start"] == 0) & (shares["label"] == f"{UNITS.name}: one by the rule")]
    assert first["share"].tolist() == [1.0]


@pytest.mark.parametrize("n", [1, 3, 2000])
def test_any_number_of_fits_is_drawn(n):
    curve = made(n)
    html = figure_html(
        specification_curve(curve, [ESTIMATORS, UNITS], shown=50),
        title="A title",
        alt="An alt",
        name="curve",
        data=curve.head(50),
    )
    assert "headline" in html


def test_few_of_many_fits_are_drawn_and_both_ends_are_among_them():
    curve = made(1000)
    spec = specification_curve(curve, [UNITS], shown=50).to_dict()
    rows = next(d for d in spec["datasets"].values() if "says" in d[0])
    assert len(rows) == 50
    assert [rows[0]["estimate"], rows[-1]["estimate"]] == [-0.2, 1.0]
