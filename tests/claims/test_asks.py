import dataclasses

import pytest

from lkcm.claims.asks import ASKS, progress


def test_every_ask_is_counted_by_period(material):
    found = progress(material)
    assert set(found["ask"]) == {ask.name for ask in ASKS}
    assert found["yes"].le(found["trials"]).all()
    assert found[["low", "share", "high"]].apply(lambda r: r.is_monotonic_increasing, axis=1).all()


def test_no_trial_is_counted_twice_or_lost(material):
    found = progress(material)
    dated = material.reports["year"].notna().sum()
    everybody = found[found["ask"].eq("Reporting of harms")]
    assert everybody["trials"].sum() == dated


def test_a_trial_that_meets_an_ask_is_counted_in_its_period(material):
    trials = material.trials.assign(data_open="not-stated")
    trials.loc[trials["year"].eq(2024), "data_open"] = "yes"
    found = progress(dataclasses.replace(material, trials=trials))
    data = found[found["ask"].eq("Individual participant data")].set_index("period")
    later = [period for period in data.index if period.startswith("2023")]
    assert data.loc[later, "yes"].item() > 0
    assert data.drop(index=later)["yes"].sum() == 0


def test_without_trials_there_is_nothing_to_count(material):
    none = dataclasses.replace(
        material, trials=material.trials.head(0), effects=material.effects.head(0)
    )
    assert progress(none).empty


@pytest.mark.parametrize("ask", ASKS, ids=[ask.name for ask in ASKS])
def test_an_ask_names_claims_of_the_table(material, ask):
    assert set(ask.claims) <= set(material.claims["claim_id"])
