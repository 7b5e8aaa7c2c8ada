from lkcm import evidence
from lkcm.claims.material import Material
from lkcm.synthesis.outcome import core, outcome_rows, pool_group


def test_effects_are_those_of_the_pooling_page(material):
    rows = core(outcome_rows(material.converted, "self-compassion"))
    expected = pool_group(rows[rows["group"] == "passive"], "passive").pooled
    assert material.pooled("self-compassion", "passive") == expected


def test_the_frame_is_older_and_narrower(material):
    framed = material.framed("passive")
    every = material.rows("self-compassion", "passive", core_only=False)
    assert framed is None or framed.k < every["sample_id"].nunique()


def test_tables_that_are_not_there_are_empty(tmp_path):
    (tmp_path / "trials.csv").write_text("trial_id,title,source_url\na,A,https://example.org\n")
    (tmp_path / "effects.csv").write_text(
        "effect_id,trial_id,outcome,reporter,sign,source_url\n"
        "a-1,a,mood,self,+,https://example.org\n"
    )
    found = Material.of(evidence.load(tmp_path))
    assert found.reference.empty
    assert found.claims.empty
    assert found.pooled("mood", "passive") is None
    assert found.framed("passive") is None


def test_a_trial_says_what_any_of_its_reports_says(material):
    said = material.says("registered", ("yes",))
    assert len(said) == material.trials["sample_id"].nunique()
    assert said.sum() <= material.trials["registered"].eq("yes").sum()
