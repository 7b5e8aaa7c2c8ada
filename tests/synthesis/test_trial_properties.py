import numpy as np
import pandas as pd
import pytest
from made_rows import figure, made_rows

from lkcm import evidence
from lkcm.effects import convert
from lkcm.synthesis.contrasts import every_outcome
from lkcm.synthesis.trial_properties import MODERATORS, NOT_STATED, with_moderators


def about(**columns):
    plain = {"clinical_level": "none", "delivery": np.nan, "age_group": "adults", "year": 2010}
    return pd.DataFrame([{"trial_id": "t0", "weeks": 8.0, "sessions": 8.0, **plain, **columns}])


@pytest.mark.parametrize(
    ("level", "sample"),
    [
        ("none", "non-clinical"),
        ("caregivers", "non-clinical"),
        ("diagnosis", "clinical"),
        ("elevated-symptoms", "clinical"),
        ("not-stated", NOT_STATED),
        (np.nan, NOT_STATED),
    ],
)
def test_samples_are_clinical_or_not_or_not_stated(level, sample):
    found = with_moderators(made_rows(figure(0.3)), about(clinical_level=level))
    assert found["clinical_sample"].tolist() == [sample]


def test_numbers_are_in_their_units():
    row = with_moderators(made_rows(figure(0.3)), about()).iloc[0]
    assert row["doublings"] == 6
    assert row["decades"] == -1
    assert row["delivery"] == NOT_STATED
    unsized = made_rows(figure(0.3) | {"n_t_used": np.nan})
    assert np.isnan(with_moderators(unsized, about())["doublings"].iloc[0])


def test_an_unknown_comparator_is_not_stated_and_stays_a_group():
    row = with_moderators(made_rows(figure(0.3) | {"group": "unknown"}), about()).iloc[0]
    assert (row["group"], row["comparator_group"]) == ("unknown", NOT_STATED)


def test_every_moderator_finds_its_column_in_the_evidence():
    found = evidence.load(tables=["trials", "effects"])
    effects, trials = found.table("effects"), found.table("trials")
    rows = every_outcome(convert(effects, trials))
    full = with_moderators(rows, trials)
    assert len(full) == len(rows)
    for moderator in MODERATORS:
        values = full[moderator.column]
        assert pd.api.types.is_numeric_dtype(values) == moderator.is_number
        assert moderator.is_number or values.notna().all()
