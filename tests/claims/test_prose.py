import pandas as pd
import pytest

from lkcm.claims.prose import VerdictMovedError, paragraph, plain


@pytest.fixture
def ledger():
    return pd.DataFrame(
        {
            "claim_id": ["c01", "c02", "c03"],
            "claim": ["Trials are few.", "Effects are large", "Harms are rare"],
            "status": ["supported", "contradicted", "cannot be told"],
            "number": ["3 trials", "g 0.10", "none"],
        }
    )


TEXT = "Trials are few, but their effects are not large."


def test_prose_stands_while_its_verdicts_hold(ledger):
    assert paragraph(ledger, {"c01": "supported", "c02": "contradicted"}, TEXT) == TEXT


def test_a_verdict_that_moved_stops_the_build_and_names_the_claims(ledger):
    with pytest.raises(VerdictMovedError) as stopped:
        paragraph(ledger, {"c01": "contradicted", "c02": "supported"}, TEXT)
    told = str(stopped.value)
    assert "claim c01 is 'supported'; the text was written for 'contradicted'" in told
    assert "claim c02 is 'contradicted'" in told
    assert TEXT in told


def test_a_claim_whose_data_vanished_gets_a_plain_sentence(ledger):
    told = paragraph(ledger, {"c03": "supported", "c01": "supported"}, TEXT)
    assert told == "Harms are rare: cannot be told. Trials are few: supported (3 trials)."


def test_claims_that_a_table_does_not_have_are_passed_over(ledger):
    assert paragraph(ledger, {"c77": "supported"}, TEXT) == TEXT


def test_a_plain_sentence_has_its_number(ledger):
    assert plain(ledger, "c02") == "Effects are large: contradicted (g 0.10)."
