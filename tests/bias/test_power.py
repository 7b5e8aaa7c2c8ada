import numpy as np
import pytest

from lkcm.bias.beta_selection import beta_selection_many
from lkcm.bias.checks import ANY, CHECKS, POOLED
from lkcm.bias.power import FEW, WORLDS, measure, power_at
from lkcm.bias.simulation import simulate_reviews

N = np.array([12.0, 15, 18, 22, 25, 30, 40, 55, 70, 100] * 3)


@pytest.fixture(scope="module")
def table():
    return power_at(N, N, 0.5, 0.2, sets=300)


def rate(table, world, check):
    return table.set_index(["selection", "check"]).loc[(world, check), "rate"]


def test_every_kind_of_selection_has_every_check(table):
    assert len(table) == len(WORLDS) * (len(CHECKS) + 2)
    assert table["rate"].dropna().between(0, 1).all()
    assert table.loc[table["check"].isin([POOLED, "pet_peese"]), "rate"].isna().all()
    error = table["rate_se"].dropna()
    sets = table.loc[error.index, "sets"]
    assert (error <= np.sqrt(0.25 / sets) + 1e-12).all()


def test_sound_tests_keep_their_level_and_gain_with_selection(table):
    for check in ("egger", "3psm"):
        assert rate(table, "none", check) < 0.05 + 4 * np.sqrt(0.05 * 0.95 / 300)
        assert rate(table, "strong", check) > rate(table, "moderate", check)
    assert rate(table, "strong", "3psm") > 0.5


def test_any_is_more_often_positive_than_each_and_less_than_all_together(table):
    decide = [name for name, check in CHECKS.items() if check.verdict]
    rates = [rate(table, "none", name) for name in decide]
    # "Any" is of fewer reviews than the cheap checks: two Monte Carlo errors.
    error = 2 * table.set_index(["selection", "check"]).loc[("none", ANY), "rate_se"]
    assert max(rates) - error <= rate(table, "none", ANY) <= sum(rates) + error


def test_reviews_look_like_the_one_at_hand_under_every_kind(table):
    pooled = table[table["check"] == POOLED]
    assert (pooled["mu"] + pooled["bias"]).to_numpy() == pytest.approx(0.5, abs=0.03)
    assert (pooled.set_index("selection")["mu"].drop("none") < 0.45).all()


def test_the_seed_decides_and_each_kind_has_its_own_stream(table):
    again = power_at(N, N, 0.5, 0.2, sets=300, worlds=("strong",))
    first = table[table["selection"] == "strong"].reset_index(drop=True)
    assert again["rate"].equals(first["rate"])
    other = power_at(N, N, 0.5, 0.2, sets=300, worlds=("strong",), seed=1)
    assert not other["rate"].equals(first["rate"])


def test_costly_checks_are_asked_about_a_few_of_the_same_reviews(table):
    costly = [name for name, check in CHECKS.items() if check.costly]
    sets = table.set_index("check")["sets"]
    assert set(sets[[*costly, ANY]]) == {FEW}
    assert set(sets.drop([*costly, ANY])) == {300}
    options = {"sets": 300, "worlds": ("strong",), "names": ("beta", "egger")}
    few = power_at(N, N, 0.5, 0.2, few=20, **options).set_index("check")
    assert few.loc[["beta", ANY], "sets"].tolist() == [20, 20]
    assert few.loc["egger", "rate"] == rate(table, "strong", "egger")
    generator = np.random.default_rng([20240101, WORLDS.index("strong")])
    drawn = {"mu": few["mu"].iloc[0], "tau": 0.2, "sets": 300, "selection": "strong"}
    review = simulate_reviews(generator, N, N, **drawn)
    beta = beta_selection_many(review.yi[:, :20], review.vi[:, :20])
    assert few.loc["beta", "bias"] == pytest.approx(beta["estimate"].mean() - few["mu"].iloc[0])


def test_bias_left_is_the_mean_error():
    generator = np.random.default_rng(2)
    review = simulate_reviews(generator, N, N, mu=0.2, tau=0.1, sets=200, selection="strong")
    (line,) = measure([review], [0.2], ("pet_peese",))
    line = line.set_index("check")
    assert line.loc[POOLED, "bias"] > 0.05
    assert abs(line.loc["pet_peese", "bias"]) < line.loc[POOLED, "bias"]
    assert (line["rmse"] >= line["bias"].abs()).all()


def test_too_few_trials_leave_rates_at_zero_and_say_how_often_defined():
    table = power_at(N[:3], N[:3], 0.5, 0.2, sets=50, worlds=("none",)).set_index("check")
    assert table.loc["4psm", ["rate", "defined"]].tolist() == [0, 0]
    assert np.isnan(table.loc["4psm", "bias"])
    assert table.loc["egger", "defined"] == 1
