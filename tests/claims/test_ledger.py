import dataclasses

import numpy as np
import pytest

from lkcm.claims.judgement import CANNOT_TELL, STATUSES
from lkcm.claims.ledger import CHECKS, COLUMNS, NO_CHECK, judge
from lkcm.paths import BOOK

#: Claims on methods, decided by simulation without any trial of the evidence.
ON_METHODS = ("c07", "c10")


def test_every_claim_of_the_table_is_judged(material):
    ledger = judge(material)
    assert list(ledger["claim_id"]) == list(material.claims["claim_id"])
    assert set(COLUMNS) <= set(ledger.columns)
    assert set(ledger["status"]) <= {*STATUSES, NO_CHECK}
    assert ledger["because"].notna().equals(ledger["status"].ne(NO_CHECK))


def test_checks_belong_to_claims_and_are_named(material):
    assert set(CHECKS) <= set(material.claims["claim_id"])
    assert len(set(CHECKS.values())) == len(CHECKS)
    checked = judge(material)["check"]
    assert checked[checked.ne("")].str.startswith("lkcm.claims.").all()


def test_a_claim_without_a_check_is_listed_as_such(material):
    claims = material.claims.head(1).assign(claim_id="c99")
    ledger = judge(dataclasses.replace(material, claims=claims))
    assert ledger.loc[0, "status"] == NO_CHECK


@pytest.mark.parametrize("seed", range(4))
def test_any_part_of_the_evidence_gives_a_status(material, seed):
    rng = np.random.default_rng(seed)
    kept = material.trials[rng.random(len(material.trials)) < 0.15 * seed]
    effects = material.effects[material.effects["trial_id"].isin(kept["trial_id"])]
    part = dataclasses.replace(material, trials=kept, effects=effects)
    assert set(judge(part)["status"]) <= {*STATUSES, NO_CHECK}


def test_claims_whose_data_vanish_cannot_be_told(material):
    nothing = dataclasses.replace(
        material,
        trials=material.trials.head(0),
        effects=material.effects.head(0),
        reference=material.reference.head(0),
    )
    ledger = judge(nothing).set_index("claim_id")["status"]
    assert set(ledger.drop(list(ON_METHODS))) == {CANNOT_TELL}


def test_chapters_that_are_named_exist(material):
    chapters = (BOOK / "chapters.yml").read_text("utf-8")
    pages = judge(material)["page"].dropna().unique()
    assert [page for page in pages if f"\n  {page}:\n" not in chapters] == []
