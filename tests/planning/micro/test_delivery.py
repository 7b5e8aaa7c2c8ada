import numpy as np
import pandas as pd
import pytest

from lkcm import evidence
from lkcm.effects import convert
from lkcm.planning.micro.delivery import (
    DELIVERY,
    delivery_contrast,
    delivery_counts,
    delivery_effects,
    digital_features,
)
from lkcm.synthesis.censored import synthesise
from lkcm.synthesis.outcome import outcome_rows


@pytest.fixture(scope="module")
def rows():
    tables = evidence.load()
    trials, effects = tables.table("trials"), tables.table("effects")
    found = outcome_rows(convert(effects, trials), "self-compassion")
    return found[found["group"] == "passive"], trials.set_index("trial_id")["delivery"]


def test_each_delivery_is_the_synthesis_of_its_own_trials(rows):
    about, delivery = rows
    table = delivery_effects(about, delivery).set_index("delivery")
    alone = synthesise(about[about["trial_id"].map(delivery) == "in-person"]).fits
    assert table.loc["in person", "k"] == alone["A"].k
    if alone["A"].headline:
        assert table.loc["in person", "a"] == pytest.approx(alone["A"].estimate)
    assert (table["figures"] <= table["k"]).all()


def test_no_row_of_a_delivery_gives_no_estimate(rows):
    about, delivery = rows
    table = delivery_effects(about, pd.Series("in-person", index=delivery.index))
    digital = table.set_index("delivery").loc["digital"]
    assert digital["k"] == 0
    assert np.isnan(digital["a"])
    assert delivery_contrast(table) is None


def test_the_contrast_is_a_difference_of_independent_estimates():
    table = pd.DataFrame(
        {"delivery": ["in person", "digital"], "a": [0.5, 0.3], "a_se": [0.3, 0.4]}
    )
    difference, low, high = delivery_contrast(table)
    assert difference == pytest.approx(-0.2)
    assert high - low == pytest.approx(2 * 1.959964 * 0.5)


@pytest.fixture
def trials():
    return pd.DataFrame(
        {
            "delivery": ["app", "app", "in-person", None, "online"],
            "n_randomised": [100, 300, 40, 50, None],
            "digital_features": ["app, partner dyads", "VR", None, None, "online group sessions"],
            "sensing": ["not-stated", "heart rate by watch", None, "none", "not-stated"],
        }
    )


def test_counts_stand_in_a_fixed_order(trials):
    table = delivery_counts(trials)
    assert table["delivery"].tolist() == ["in person", "online", "app", "not stated"]
    assert set(table["delivery"]) <= set(DELIVERY.values())
    app = table.set_index("delivery").loc["app"]
    assert (app["trials"], app["median_n"], app["people"]) == (2, 200, 400)
    assert table["trials"].sum() == len(trials)


def test_features_are_found_by_their_words(trials):
    found = digital_features(trials).set_index("feature")["trials"]
    assert found["a partner to practise with"] == 1
    assert found["a teacher, therapist or group online"] == 1
    assert found["virtual reality"] == 1
    assert found["help in the moment"] == 0
    assert found["sensing by phone or watch"] == 1
