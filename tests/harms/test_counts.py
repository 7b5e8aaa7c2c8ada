from lkcm.harms.counts import COUNTS, adverse_counts, dropout_counts, worsening_counts

ADVERSE = {"outcome": "adverse-event", "harm": "adverse-event", "model": "counts"}
DROPOUT = {"outcome": "dropout", "harm": "dropout", "model": "counts", "timepoint": "post"}


def test_the_lkcm_arm_counts_even_where_the_control_arm_is_not_stated(evidence):
    trials, effects = evidence(
        [{"trial_id": "alpha"}, {"trial_id": "beta"}],
        [
            ADVERSE | {"trial_id": "alpha", "events_t": 0, "n_t": 22, "hold": "control not given"},
            ADVERSE
            | {"trial_id": "beta", "events_t": 0, "n_t": 62, "events_c": 0, "n_c": 61}
            | {"instrument": "Serious adverse events"},
            ADVERSE | {"trial_id": "beta", "events_t": 0, "instrument": "serious", "n_t": ""},
            ADVERSE | {"trial_id": "beta", "instrument": "no count"},
        ],
    )
    found = adverse_counts(effects, trials)
    assert found["kind"].tolist() == ["any", "serious"]
    assert found.loc[0, ["a", "n_t"]].tolist() == [0, 22]
    assert found.loc[0, ["c", "n_c"]].isna().all()
    assert found.loc[1, list(COUNTS)].tolist() == [0, 62, 0, 61]


def test_a_row_that_repeats_another_is_not_counted_twice(evidence):
    row = ADVERSE | {"trial_id": "alpha", "events_t": 1, "n_t": 22}
    trials, effects = evidence(
        [{"trial_id": "alpha"}], [row, row | {"same_result_as": "e0", "instrument": "serious"}]
    )
    assert len(adverse_counts(effects, trials)) == 1


def test_drop_out_directly_after_comes_before_follow_up(evidence):
    counts = {"events_t": 3, "n_t": 20, "events_c": 1, "n_c": 20}
    later = counts | {"events_t": 9, "timepoint": "followup"}
    trials, effects = evidence(
        [{"trial_id": "alpha"}, {"trial_id": "beta"}, {"trial_id": "gamma"}],
        [
            DROPOUT | later | {"trial_id": "alpha"},
            DROPOUT | counts | {"trial_id": "alpha", "instrument": "left"},
            DROPOUT | counts | {"trial_id": "beta", "hold": "odd"},
            DROPOUT | counts | {"trial_id": "gamma", "n_c": ""},
        ],
    )
    usable, unusable = dropout_counts(effects, trials)
    assert usable["trial_id"].tolist() == ["alpha"] and usable["a"].tolist() == [3]
    because = unusable.set_index("trial_id")["because"]
    assert because["beta"] == "odd"
    assert "not stated" in because["gamma"]


def test_sizes_are_taken_only_where_they_add_up_to_those_randomised(evidence):
    trial = {"n_randomised": 30, "n_arms": 2, "dropout_t": 0, "dropout_c": 2}
    result = {"n_t": 15, "n_c": 15, "comparator_type": "waitlist"}
    trials, effects = evidence(
        [
            trial | {"trial_id": "alpha"},
            trial | {"trial_id": "beta"},
            trial | {"trial_id": "gamma", "n_arms": 3},
        ],
        [
            result | {"trial_id": "alpha"},
            result | {"trial_id": "beta", "n_c": 14},
            result | {"trial_id": "gamma"},
        ],
    )
    usable, unusable = dropout_counts(effects, trials)
    assert usable[["trial_id", *COUNTS]].to_numpy().tolist() == [["alpha", 0, 15, 2, 15]]
    assert usable["group"].tolist() == ["passive"]
    assert unusable["trial_id"].tolist() == ["beta", "gamma"]


def test_people_who_worsened_count_where_both_arms_do(evidence):
    row = {"trial_id": "alpha", "harm": "worsening", "timepoint": "post", "instrument": "BDI"}
    both = {"events_t": 2, "n_t": 20, "events_c": 5, "n_c": 21}
    trials, effects = evidence(
        [{"trial_id": "alpha"}, {"trial_id": "beta"}],
        [row | both, row | {"trial_id": "beta", "n_t": 20}],
    )
    found = worsening_counts(effects, trials)
    assert found[["trial_id", *COUNTS]].to_numpy().tolist() == [["alpha", 2, 20, 5, 21]]


def test_no_rows_are_no_error(evidence):
    trials, effects = evidence([{"trial_id": "alpha"}])
    assert adverse_counts(effects, trials).empty
    assert all(table.empty for table in dropout_counts(effects, trials))
