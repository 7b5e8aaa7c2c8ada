import numpy as np
import pytest

from lkcm.evidence.effect_tables import Effects
from lkcm.evidence.trial_tables import Trials
from lkcm.informants.example import ASKED, Truth, example_tables
from lkcm.informants.simulated_reporters import WORLDS


def test_the_rows_have_the_columns_of_the_evidence():
    trials, effects = example_tables()
    for schema, table in ((Trials, trials), (Effects, effects)):
        assert set(table.columns) <= set(schema.to_schema().columns)
    assert len(trials) == len(ASKED)
    assert len(effects) == sum(map(len, ASKED))
    assert effects["effect_id"].is_unique


def test_everything_says_that_it_is_synthetic():
    trials, effects = example_tables()
    for column in (trials["trial_id"], trials["sample_id"], effects["effect_id"]):
        assert column.str.contains("synthetic").all()
    assert trials["authors"].str.contains("Synthetic").all()


def test_a_seed_gives_one_review(example):
    one, other = example_tables(seed=3)[1], example_tables(seed=3)[1]
    assert one.equals(other)
    assert not one.equals(example_tables(seed=4)[1])
    assert example["status"].eq("poolable").all()
    assert example.groupby("sample_id")["asked"].nunique().max() == 3


@pytest.mark.parametrize("world", list(WORLDS))
def test_large_arms_show_the_truth(world):
    truth = Truth(world=world, g_self=0.6, loading=0.7)
    _, effects = example_tables(truth, per_arm=(6000, 6001), seed=2)
    g = (effects["mean_t"] - effects["mean_c"]) / effects["sd_c"]
    means = g.groupby(effects["reporter"].eq("self")).mean()
    np.testing.assert_allclose(means, [truth.g_other, 0.6], atol=0.15)
    assert truth.agreement == pytest.approx(0.49)
