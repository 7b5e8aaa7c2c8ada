import numpy as np
import pytest

from lkcm.harms.example import (
    CHANGE_SD,
    arm_summaries,
    synthetic_participants,
    true_risks,
    worked_example,
)


def test_the_same_seed_gives_the_same_people():
    one, other = (synthetic_participants(3, 20, 2.0, 5) for _ in range(2))
    assert one.equals(other)
    assert not one["change"].equals(synthetic_participants(3, 20, 2.0, 6)["change"])
    assert one.groupby("trial")["lkcm"].sum().tolist() == [20, 20, 20]


@pytest.mark.parametrize("skewness", [0.0, 1.2])
def test_counted_participants_recover_the_simulated_truth(skewness):
    people = synthetic_participants(40, 500, 2.5, 11, skewness)
    truth = true_risks(2.5, CHANGE_SD / 2, skewness)
    found = worked_example(people, CHANGE_SD / 2, truth).set_index("label")
    counted = found.loc["counted in participants (Mantel-Haenszel)"]
    assert counted["low"] < truth[0] / truth[1] < counted["high"]
    assert found.loc["simulated truth", "estimate"] == pytest.approx(truth[0] / truth[1])
    if skewness == 0:
        normal = found.loc["from means and SDs, normal"]
        assert np.log(normal["estimate"]) == pytest.approx(np.log(truth[0] / truth[1]), abs=0.05)


def test_summaries_are_what_a_report_would_print():
    people = synthetic_participants(2, 30, 1.0, 3)
    found = arm_summaries(people)
    first = people[(people["trial"] == "Synthetic 1") & people["lkcm"]]["change"]
    assert found.loc["Synthetic 1", "worse_t"] == pytest.approx(first.mean())
    assert found.loc["Synthetic 1", "sd_t"] == pytest.approx(first.std())
    assert found["n_c"].tolist() == [30, 30]


def test_no_benefit_is_a_ratio_of_one():
    risks = true_risks(0.0, 1.0)
    assert risks[0] == risks[1]
