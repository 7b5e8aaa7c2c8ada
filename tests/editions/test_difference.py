import copy

from lkcm.editions.difference import Cell, Changed, difference


def test_an_edition_does_not_differ_from_itself(old, new):
    for record in (old, new):
        found = difference(record, copy.deepcopy(record))
        assert found.is_empty
        assert found.headlines == ()
        assert found.frame("cells").empty
        assert "reason" in found.frame("cells")


def test_trials_and_results_that_came_and_went(old, new):
    found = difference(old, new)
    assert found.trials_in == ("Lv et al. 2024 (lv2024)",)
    assert found.trials_out == ("gone2001",)
    assert found.results_in == ("lv2024-1",)
    assert found.results_out == ("gone2001-1",)


def test_corrected_cells_have_their_reason(old, new):
    expected = Cell("effects", "neff2013-1", "stat_value", "0.86", "0.96", "misread")
    assert difference(old, new).cells == (expected,)


def test_headlines_have_their_step_and_verdicts(old, new):
    (moved,) = difference(old, new).headlines
    assert (moved.page, moved.key, moved.old, moved.new) == (
        *("mood", "estimate_passive"),
        *("g 0.50", "g 0.62"),
    )
    assert round(moved.difference, 6) == 0.12
    assert (moved.old_verdict, moved.new_verdict) == ("unclear", "favours LKCM on average")


def test_claims_parameters_and_software(old, new):
    found = difference(old, new)
    assert found.claims == (Changed("c08", "supported", "contradicted"),)
    assert found.parameters == (Changed("mood: r", "0.6", "0.5"),)
    assert set(found.software) == {
        Changed("altair", "6.3.0", "6.3.1"),
        Changed("narwhals", "", "2.0"),
    }


def test_the_last_digits_of_another_processor_are_no_change(old):
    other = copy.deepcopy(old)
    other["results"]["pages"]["mood"]["values"]["estimate_passive"]["value"] *= 1 + 1e-8
    assert difference(old, other).is_empty


def test_a_value_that_vanished_is_told(old):
    other = copy.deepcopy(old)
    del other["results"]["pages"]["mood"]["values"]["estimate_passive"]
    (moved,) = difference(old, other).headlines
    assert (moved.old, moved.new, moved.difference) == ("g 0.50", "", None)


def test_forwards_and_backwards_mirror_each_other(old, new):
    there, back = difference(old, new), difference(new, old)
    assert there.results_in == back.results_out
    assert [(one.old, one.new) for one in there.cells] == [(b.new, b.old) for b in back.cells]
    assert [m.difference for m in there.headlines] == [-m.difference for m in back.headlines]
