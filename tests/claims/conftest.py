"""The evidence as it stands, and the means to change it."""

import dataclasses

import pandas as pd
import pytest

from lkcm import evidence
from lkcm.claims.material import Material


@pytest.fixture(scope="session")
def material():
    return Material.of(evidence.load())


@pytest.fixture(scope="session")
def without(material):
    """Return the material with some tables emptied or some rows kept."""

    def changed(**tables):
        kept = {
            name: frame if isinstance(frame, pd.DataFrame) else getattr(material, name)[frame]
            for name, frame in tables.items()
        }
        return dataclasses.replace(material, **kept)

    return changed


@pytest.fixture(scope="session")
def trials_with(material):
    """Return trials with a column set to a value in a share of them."""

    def changed(column, value, share, other):
        trials = material.trials.copy()
        n = round(share * len(trials))
        trials[column] = [value] * n + [other] * (len(trials) - n)
        return dataclasses.replace(material, trials=trials)

    return changed
