import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lkcm.synthesis.one_per_sample import BECAUSE, RULE, one_per_sample
from lkcm.synthesis.pooled import PoolError

#: On shared cores an example may take long: no deadline, and few examples.
unhurried = settings(deadline=None, max_examples=50)


def effects(*rows, **columns):
    """Build a table of converted effects; each row is what differs from a plain one."""
    plain = {
        **{"sample_id": "neff2013", "measure": "g", "yi": 0.5, "vi": 0.04, "level": "1"},
        **{"status": "poolable", "reason": None, "instrument": "SCS", "timepoint": "post"},
        **{"followup_weeks": np.nan, "n_t_used": 25.0, "n_c_used": 25.0},
    }
    table = pd.DataFrame(
        [plain | {"effect_id": f"neff2013-{i}"} | row for i, row in enumerate(rows, start=1)]
    )
    return table.assign(**columns)


def chosen(table, **options):
    return one_per_sample(table, **options).kept["effect_id"].tolist()


FOLLOWUP = {"timepoint": "followup", "followup_weeks": 26.0}


@pytest.mark.parametrize(
    ("worse", "better", "key"),
    [
        pytest.param(FOLLOWUP, {}, "time", id="post before follow-up"),
        pytest.param(FOLLOWUP, FOLLOWUP | {"followup_weeks": 4.0}, "time", id="earlier follow-up"),
        pytest.param(
            FOLLOWUP | {"followup_weeks": np.nan}, FOLLOWUP, "time", id="follow-up of known time"
        ),
        pytest.param({"level": "2a"}, {"level": "1"}, "level", id="arms before statistics"),
        pytest.param({"level": "2b"}, {"level": "2a"}, "level", id="stated before assumed sizes"),
        pytest.param({"level": "2c"}, {"level": "2b"}, "level", id="statistics before p values"),
        pytest.param({}, {"instrument": "SCS total"}, "part", id="total before unknown"),
        pytest.param({"instrument": "self-kindness"}, {}, "part", id="unknown before facet"),
        pytest.param(
            {"instrument": "SCS subscales"},
            {"instrument": None},
            "part",
            id="none before subscale",
        ),
        pytest.param({"n_t_used": 24.0}, {}, "size", id="more people"),
        pytest.param({"effect_id": "neff2013-10"}, {}, "turn", id="2 before 10"),
    ],
)
def test_the_rule_prefers(worse, better, key):
    result = one_per_sample(effects(worse, better))
    assert result.kept["effect_id"].tolist() == ["neff2013-2"]
    assert result.unused["unused_because"].tolist() == [BECAUSE[key]]
    assert result.unused["used_instead"].tolist() == ["neff2013-2"]


def test_earlier_rules_win_over_later_ones():
    late = {"timepoint": "followup", "followup_weeks": 4.0}
    assert chosen(effects(late, {"level": "2b", "instrument": "item"})) == ["neff2013-2"]
    assert chosen(effects({"level": "2a", "instrument": "SCS total"}, {})) == ["neff2013-2"]
    assert chosen(effects({"n_t_used": 90.0}, {"instrument": "SCS total"})) == ["neff2013-2"]


def test_a_preferred_instrument_wins_over_a_total_score():
    table = effects({"instrument": "CS total"}, {"instrument": "scs-sf "}, {"instrument": "SCS"})
    assert chosen(table) == ["neff2013-1"]
    assert chosen(table, preferred_instruments=["SCS", "SCS-SF"]) == ["neff2013-3"]
    assert chosen(table, preferred_instruments=["SCS-SF", "SCS"]) == ["neff2013-2"]


def test_a_facet_named_as_another_outcome_is_a_whole_there():
    table = effects({"instrument": "SCS mindfulness"}, {"instrument": "mindfulness"})
    assert chosen(table) == ["neff2013-2"]


def test_rows_that_cannot_be_pooled_are_listed_with_their_reason():
    table = effects(
        {"status": "excluded", "reason": "within one arm", "yi": np.nan},
        {"sample_id": "other", "status": "censored", "reason": "a bound of p"},
        {"sample_id": "other", "status": "sensitivity", "reason": ""},
        {},
    )
    result = one_per_sample(table)
    assert result.kept["effect_id"].tolist() == ["neff2013-4"]
    assert result.unused["unused_because"].tolist() == [
        "within one arm",
        "a bound of p",
        "not in this pool: sensitivity",
    ]
    assert result.unused["used_instead"].isna().tolist() == [False, True, True]
    assert chosen(table, statuses=("poolable", "sensitivity")) == ["neff2013-3", "neff2013-4"]


def test_a_table_without_rows_to_pool_keeps_none():
    table = effects({"status": "excluded"})
    assert len(one_per_sample(table).kept) == 0
    assert len(one_per_sample(table.iloc[:0]).unused) == 0


@pytest.mark.parametrize(
    ("table", "words"),
    [
        pytest.param(effects({}).drop(columns=["yi", "level"]), "lack .* yi, level", id="column"),
        pytest.param(effects({}, {"effect_id": "neff2013-1"}), "twice.*neff2013-1", id="id"),
        pytest.param(effects({}, {"sample_id": None}), "neff2013-2", id="sample"),
        pytest.param(effects({}, {"vi": np.nan}), "neff2013-2", id="variance"),
        pytest.param(effects({}, {"measure": "lnRR"}), "metrics.*g, lnRR", id="metric"),
    ],
)
def test_a_table_that_is_not_of_converted_effects_is_refused(table, words):
    with pytest.raises(PoolError, match=words):
        one_per_sample(table)


def test_every_rule_is_a_sentence():
    assert len(RULE) == len(BECAUSE)
    assert all(sentence.endswith(".") for sentence in RULE)


rows = st.fixed_dictionaries(
    {
        "sample_id": st.sampled_from(["a", "b", "c"]),
        "level": st.sampled_from(["1", "2a", "2b"]),
        "timepoint": st.sampled_from(["post", "followup"]),
        "followup_weeks": st.sampled_from([4.0, 26.0, np.nan]),
        "instrument": st.sampled_from(["SCS", "SCS total", "self-kindness", None]),
        "n_t_used": st.sampled_from([20.0, 30.0]),
        "status": st.sampled_from(["poolable", "poolable", "censored"]),
    }
)


@unhurried
@given(st.lists(rows, min_size=1, max_size=12), st.randoms())
def test_row_order_is_irrelevant_and_no_row_is_lost(drawn, random):
    table = effects(*drawn)
    shuffled = table.sample(frac=1, random_state=random.randrange(1000))
    one, other = one_per_sample(table), one_per_sample(shuffled)
    assert set(one.kept["effect_id"]) == set(other.kept["effect_id"])
    reasons = [r.unused.set_index("effect_id")["unused_because"].to_dict() for r in (one, other)]
    assert reasons[0] == reasons[1]
    assert len(one.kept) + len(one.unused) == len(table)
    poolable = table[table["status"] == "poolable"]
    assert sorted(one.kept["sample_id"]) == sorted(poolable["sample_id"].unique())
