import json
from pathlib import Path

import numpy as np
import pytest

from lkcm.synthesis.correlated import pool_correlated
from lkcm.synthesis.heterogeneity import pymare
from lkcm.synthesis.pooled import PoolError

ORACLE = json.loads((Path(__file__).parents[1] / "oracles" / "dependent.json").read_text())
#: Both sides do the same arithmetic in another order: 1e-12 is the worst seen.
RELATIVE = 1e-9
#: Four data sets, three rho, with and without moderators.
PLANNED = 4 * 3 * 2


def name(case):
    return f"{case['set']}-{'+'.join(case['moderators']) or 'mean'}-{case['rho']:g}"


CASES = [pytest.param(case, id=name(case)) for case in ORACLE["robust"]]


def test_the_comparison_is_as_large_as_planned():
    assert len({case.id for case in CASES}) >= PLANNED
    assert {"corrdat", "hierdat"} <= {case["set"] for case in ORACLE["robust"]}


@pytest.mark.parametrize("case", CASES)
def test_robumeta_agrees(case):
    table = ORACLE["sets"][case["set"]]
    moderators = {column: table[column] for column in case["moderators"]}
    columns = (table["yi"], table["vi"], table["study"])
    ours = pool_correlated(*columns, moderators=moderators, rho=case["rho"])
    assert ours["name"].tolist() == ["intercept", *moderators]
    for field in ("tau2", "estimate", "se", "df", "p", "ci_low", "ci_high"):
        np.testing.assert_allclose(ours[field], case[field], rtol=RELATIVE, err_msg=field)


def test_pymares_own_fit_is_the_same_where_no_study_stands_alone():
    table = ORACLE["sets"]["corrdat"]
    model = pymare().estimators.DerSimonianLaird(weight_scheme="rescale", rho=0.8)
    columns = (np.array(table[column])[:, None] for column in ("yi", "vi"))
    intercept = np.ones((len(table["yi"]), 1))
    results = model.fit(*columns, X=intercept, g=np.array(table["study"])).summary()
    ours = pool_correlated(table["yi"], table["vi"], table["study"], rho=0.8)
    theirs = [results.fe_params, results.fe_se, results.fe_dof, results.tau2]
    for column, value in zip(("estimate", "se", "df", "tau2"), theirs, strict=True):
        assert ours[column][0] == pytest.approx(float(np.ravel(value)[0]), rel=RELATIVE)


def test_the_order_of_effects_is_irrelevant():
    table = ORACLE["sets"]["hierdat"]
    columns = [np.array(table[column]) for column in ("yi", "vi", "study")]
    order = np.random.default_rng(1).permutation(len(columns[0]))
    one = pool_correlated(*columns, moderators={"binge": table["binge"]})
    binge = np.array(table["binge"])[order]
    other = pool_correlated(*(column[order] for column in columns), moderators={"binge": binge})
    for field in ("estimate", "se", "df", "tau2"):
        np.testing.assert_allclose(one[field], other[field], rtol=1e-9)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        pytest.param({"study": ["a", "a"]}, "need more than 1 studies; found 1", id="one study"),
        pytest.param({"rho": 1.5}, "rho is 1.5; allowed: from 0 to 1", id="rho"),
        pytest.param({"vi": [1, 0]}, "zero or negative", id="variance"),
        pytest.param({"moderators": {"a": [1, 1]}}, "a is constant", id="moderator"),
    ],
)
def test_what_cannot_be_pooled_is_told_in_words(options, words):
    with pytest.raises(PoolError, match=words):
        pool_correlated(**({"yi": [1, 2], "vi": [1, 1], "study": ["a", "b"]} | options))
