import pytest

from lkcm.bias.asymmetry import egger
from lkcm.bias.public_set import writing_to_learn
from lkcm.bias.trim_and_fill import trim_and_fill
from lkcm.synthesis.pool import pool


def test_the_set_is_the_one_that_metafor_describes():
    # metafor 3.8.1: rma(yi, vi), regtest() and trimfill() of dat.bangertdrowns2004
    table = writing_to_learn()
    assert len(table) == 48 and table["label"].is_unique
    fit = pool(table["yi"], table["vi"], test="wald")
    assert (fit.estimate, fit.se, fit.tau2) == pytest.approx((0.2219, 0.0460, 0.0499), abs=5e-5)
    assert egger(table["yi"], table["vi"]).statistic == pytest.approx(2.4904, abs=2e-4)
    filled = trim_and_fill(table["yi"], table["vi"])
    assert (filled.k0, filled.estimate) == (7, pytest.approx(0.1586, abs=5e-5))


def test_variances_fit_to_the_sizes():
    table = writing_to_learn()
    ratio = table["vi"] / (table["hi"] + table["yi"] ** 2 / (2 * (table["n_t"] + table["n_c"])))
    assert ratio.median() == pytest.approx(1, abs=0.02)
    assert ratio.between(0.8, 1.25).mean() > 0.9
