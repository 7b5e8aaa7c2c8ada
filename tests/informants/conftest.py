"""Rows of reporters, made by hand."""

from collections.abc import Callable

import pandas as pd
import pytest

from lkcm.effects import convert
from lkcm.informants.classes import informant_rows
from lkcm.informants.example import example_tables

#: Reporter, role and class as in the evidence.
ROLES = {
    "self": ("self", "self"),
    "partner": ("partner", "significant-other"),
    "peer": ("peer", "significant-other"),
    "clinician": ("clinician", "clinician"),
    "behaviour": ("behaviour-task", "task"),
}


def made_rows(*lines: dict) -> pd.DataFrame:
    """Converted and classed rows of lines with trial, reporter, g and n, or sign and significant.

    A line with g prints post-test means with unit standard deviation.
    """
    effects = []
    for place, line in enumerate(lines):
        reporter, role = ROLES[line.get("reporter", "self")]
        row = {
            "effect_id": f"{line['trial']}-{place}",
            "trial_id": line["trial"],
            "comparator_type": line.get("comparator", "waitlist"),
            "outcome": line.get("outcome", "other-compassion"),
            "instrument": line.get("instrument", f"scale {place}"),
            "reporter": reporter,
            "rater_role": role,
            "about": "participant",
            "timepoint": line.get("timepoint", "post"),
            "effect_scope": "between-group",
            "model": "post",
            "harm": "none",
            "higher_is_better": "yes",
            "sign": line.get("sign", "+" if line.get("g", 1) > 0 else "-"),
            "significant": line.get("significant", "not-stated"),
            "n_t": line.get("n", 50),
            "n_c": line.get("n", 50),
            "source_url": "https://example.org/page",
        }
        if "g" in line:
            row |= {"mean_t": line["g"], "sd_t": 1.0, "mean_c": 0.0, "sd_c": 1.0}
        effects.append(row)
    names = dict.fromkeys(line["trial"] for line in lines)
    trials = pd.DataFrame(
        {"trial_id": list(names), "design": "parallel", "n_arms": 2, "lkcm_core": "yes"}
    )
    return informant_rows(convert(pd.DataFrame(effects), trials))


@pytest.fixture(scope="session")
def made() -> Callable[..., pd.DataFrame]:
    return made_rows


@pytest.fixture(scope="session")
def example() -> pd.DataFrame:
    """Classed rows of the synthetic review."""
    trials, effects = example_tables()
    return informant_rows(convert(effects, trials))
