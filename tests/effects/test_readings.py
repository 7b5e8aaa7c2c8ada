import pandas as pd
import pytest

from lkcm.effects import readings
from lkcm.effects.convert import convert
from lkcm.effects.readings import both_readings, converted_effects
from lkcm.effects.supplement import supplement
from lkcm.evidence import UndeclaredTable, load

TABLES = ("trials", "effects", "second_reading")


@pytest.fixture(scope="module")
def evidence():
    return load(tables=TABLES)


@pytest.fixture(scope="module")
def supplemented(evidence):
    tables = (evidence.table(name) for name in ("effects", "second_reading", "trials"))
    return supplement(*tables)[0]


def test_they_are_the_tables_worked_out_step_by_step(evidence, supplemented):
    pd.testing.assert_frame_equal(both_readings(evidence), supplemented)
    pd.testing.assert_frame_equal(
        converted_effects(evidence, r=0.4), convert(supplemented, evidence.table("trials"), r=0.4)
    )


def test_each_caller_has_a_table_of_its_own(evidence):
    one = both_readings(evidence)
    one["outcome"] = "spoilt"
    assert not (both_readings(evidence)["outcome"] == "spoilt").any()
    two = converted_effects(evidence)
    two["yi"] = 99.0
    assert not (converted_effects(evidence)["yi"] == 99.0).any()


def test_the_same_evidence_is_converted_once(evidence, monkeypatch):
    before = converted_effects(evidence, r=0.3)
    monkeypatch.setattr(readings, "convert", None)
    pd.testing.assert_frame_equal(converted_effects(load(tables=TABLES), r=0.3), before)


def test_changed_evidence_is_converted_anew(tmp_path, evidence):
    trials, effects = (evidence.source(name).raw.cells for name in ("trials", "effects"))
    trials.to_csv(tmp_path / "trials.csv", index=False)
    effects.to_csv(tmp_path / "effects.csv", index=False)
    whole = converted_effects(load(tmp_path, TABLES))
    assert len(whole) == len(effects)  # there is no second reading
    effects.iloc[:50].to_csv(tmp_path / "effects.csv", index=False)
    assert len(converted_effects(load(tmp_path, TABLES))) == 50


def test_an_undeclared_table_is_refused():
    with pytest.raises(UndeclaredTable, match="second_reading"):
        both_readings(load(tables=("trials", "effects")))
