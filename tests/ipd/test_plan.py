import pytest

from lkcm import evidence as tables
from lkcm.ipd.plan import COLUMNS, plan
from lkcm.paths import DATA, ROOT


@pytest.fixture(scope="module")
def evidence():
    return tables.load(DATA, ["trials", "effects"])


def test_sizes_and_scores_are_the_published_ones(evidence):
    trials, effects = evidence.table("trials"), evidence.table("effects")
    design = plan(trials, effects)
    assert tuple(design.columns) == COLUMNS and len(design) == 16
    assert design["trial"].is_unique and design["n"].is_monotonic_increasing
    assert design["n"].isin(trials["n_randomised"]).all()
    printed = design[design["basis"] == "size, mean and SD"]
    assert len(printed) >= 3
    row = printed[printed["model"].str.startswith("Gaiswinkler")].iloc[0]
    source = effects[
        effects["trial_id"].eq("gaiswinkler2020") & effects["instrument"].eq("SCS total")
    ]
    assert row["mean"] == pytest.approx(100 * (source["mean_pre_t"].iloc[0] - 1) / 4)
    assert row["sd"] == pytest.approx(100 * source["sd_pre_t"].iloc[0] / 4)
    assert design[["mean", "sd", "age", "female"]].notna().all().all()


def test_a_review_with_few_trials_is_filled_up_and_says_so():
    other = tables.load(ROOT / "tests" / "data" / "other-review")
    design = plan(other.table("trials"), other.table("effects"), 8)
    assert len(design) == 8 and design["basis"].eq("assumed").any()
