import numpy as np
import pandas as pd
import pytest

from lkcm.harms.events import mantel_haenszel
from lkcm.harms.participants import COUNTED, worsened


def people(trial, arm, yes, no, unknown=0):
    states = ["yes"] * yes + ["no"] * no + [np.nan] * unknown
    return pd.DataFrame({"trial": trial, "arm": arm, "worsening": states})


def test_everybody_is_counted_once():
    frame = pd.concat(
        [
            *(people("a", "lkcm", 3, 17, 2), people("a", "control", 5, 14, 1)),
            *(people("b", "lkcm", 0, 30), people("b", "control", 2, 28)),
        ]
    )
    found = worsened(frame)
    assert found.to_dict("list") == {
        "trial": ["a", "b"],
        "a": [3, 0],
        "n_t": [20, 30],
        "c": [5, 2],
        "n_c": [19, 30],
        "unknown": [3, 0],
    }
    pooled = mantel_haenszel(found["a"], found["n_t"], found["c"], found["n_c"])
    top = 3 * 19 / 39 + 0
    bottom = 5 * 20 / 39 + 2 * 30 / 60
    assert np.exp(pooled.estimate) == pytest.approx(top / bottom)


@pytest.mark.parametrize(
    "frame",
    [
        pytest.param(people("a", "lkcm", 3, 17), id="one arm"),
        pytest.param(
            pd.concat([people("a", "lkcm", 0, 0, 9), people("a", "control", 1, 8)]), id="silent"
        ),
        pytest.param(people("a", "lkcm", 0, 0), id="nobody"),
    ],
)
def test_a_trial_without_both_arms_is_left_out(frame):
    found = worsened(frame)
    assert found.empty
    assert list(found.columns) == list(COUNTED)
