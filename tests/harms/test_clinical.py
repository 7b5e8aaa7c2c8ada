import numpy as np
import pandas as pd
import pytest

from lkcm.effects import convert
from lkcm.evidence.load import load
from lkcm.harms.clinical import clinical_contrast, contrast_sentence, difference
from lkcm.paths import DATA
from lkcm.synthesis.dependent import pool_dependent
from lkcm.synthesis.outcome import outcome_rows


def figures(effects, level, n=200, start=0):
    """Rows of converted effects, each of a trial of its own."""
    base = outcome_rows(CONVERTED, "self-compassion").iloc[0]
    rows = [
        base.to_dict()
        | {
            "effect_id": f"e-{start + place}",
            "sample_id": f"s{start + place}",
            "clinical_level": level,
            **{"yi": g, "vi": 4 / n, "status": "poolable", "measure": "SMD", "level": "2a"},
            **{"null_variance": 4 / n, "n_t_used": n / 2, "n_c_used": n / 2, "instrument": "SCS"},
        }
        for place, g in enumerate(effects)
    ]
    return pd.DataFrame(rows)


EVIDENCE = load(DATA, ["trials", "effects"])
CONVERTED = convert(EVIDENCE.table("effects"), EVIDENCE.table("trials"))
CLINICAL, OTHER = [0.3, 0.5, 0.4, 0.6, 0.2], [0.7, 0.9, 0.8, 1.0]


def both(clinical=CLINICAL, other=OTHER):
    tables = [figures(clinical, "diagnosis"), figures(other, "none", start=100)]
    return pd.concat([table for table in tables if len(table)], ignore_index=True)


def test_the_contrast_of_figures_is_the_meta_regression():
    rows = both()
    found = clinical_contrast(rows)
    is_clinical = rows["clinical_level"].eq("diagnosis").astype(float)
    fit = pool_dependent(
        rows["yi"], rows["vi"], rows["sample_id"], moderators={"clinical": is_clinical}
    )
    assert found.figures.estimate == pytest.approx(fit.coefficients[1].estimate)
    assert found.figures.ci == pytest.approx(fit.coefficients[1].ci)
    told = contrast_sentence(found, "stress", "passive comparators")
    assert "from printed figures" in told and "smaller in clinical samples" in told


def test_with_few_figures_nothing_is_fitted_from_them():
    found = clinical_contrast(both(other=OTHER[:3]))
    assert found.figures is None
    assert found.across["A"] is not None and found.fewest == 3
    told = contrast_sentence(found, "stress", "passive comparators")
    assert "cannot be told" in told and "5 clinical and 3 non-clinical" in told


def test_across_levels_the_difference_is_that_of_the_two_fits():
    found = clinical_contrast(both(other=OTHER + [0.85, 0.75]))
    one, two = (side.levels.fits["A"] for side in (found.clinical, found.other))
    estimate, ends = found.across["A"]
    assert estimate == pytest.approx(one.estimate - two.estimate)
    assert ends[0] < estimate < ends[1]


def test_other_levels_and_an_empty_side():
    rows = both(other=())
    rows.loc[0, "clinical_level"] = "caregivers"
    found = clinical_contrast(rows)
    assert len(found.clinical.figures.kept) == 4 and found.other.figures.pooled is None
    assert found.across == {"A": None, "B": None}
    assert "4 clinical and 0 non-clinical" in contrast_sentence(found, "stress", "mindfulness")


def test_the_square_and_add_interval():
    estimate, (low, high) = difference(0.5, (0.3, 0.9), 0.2, (0.0, 0.3))
    assert estimate == pytest.approx(0.3)
    assert low == pytest.approx(0.3 - np.hypot(0.2, 0.1))
    assert high == pytest.approx(0.3 + np.hypot(0.4, 0.2))
    # symmetric intervals give the interval of independent normals
    z, s = 1.959964, (0.1, 0.2)
    ends = [(m - z * e, m + z * e) for m, e in zip((0.4, 0.1), s, strict=True)]
    _, told = difference(0.4, ends[0], 0.1, ends[1])
    assert told == pytest.approx((0.3 - z * np.hypot(*s), 0.3 + z * np.hypot(*s)))


def test_fewer_than_ten_trials_are_no_conclusion():
    rows = both(other=OTHER)
    rows.loc[rows["clinical_level"].eq("none") & rows.index.isin([8]), "status"] = "sensitivity"
    rows.loc[8, "level"] = "2c"
    told = contrast_sentence(clinical_contrast(rows), "stress", "passive comparators")
    assert "Fewer than 10 trials on one side: no conclusion." in told
