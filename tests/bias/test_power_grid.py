import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lkcm.bias.checks import ANY, CHECKS, POOLED
from lkcm.bias.power_grid import (
    ARMS,
    DIGITS,
    SCALES,
    cells,
    compute,
    gather,
    main,
    shard,
    stored,
    trials_needed,
    typical_arms,
)
from lkcm.paths import ROOT

#: A decision on the edge may fall otherwise on another machine: 4 of 2,000 reviews; with selection
#: models, which do not always find a top of the likelihood in a few trials, 20.
EXACT, ITERATED = 0.002, 0.01
ITERATIVE = ("3psm", "4psm", "beta", "copas")
#: Cells that are computed anew and compared with what is stored: cheap ones of each selection.
AGAIN = [("none", 8, 0.4), ("moderate", 20, 0.0), ("strong", 5, 1.76)]


def test_the_stored_grid_is_complete():
    table = stored()
    full = SCALES["full"]
    asked = {(s, k, round(tau, 2)) for s, k, tau in cells(full)}
    found = set(zip(table["selection"], table["k"], table["tau"].round(2), strict=True))
    assert found == asked
    costly = table["check"].isin([ANY, *(name for name, c in CHECKS.items() if c.costly)])
    assert (table["sets"] == np.where(costly, full.few, full.sets)).all()
    assert set(table["check"]) == {POOLED, ANY, *CHECKS}
    assert not table.duplicated(["selection", "k", "tau", "check"]).any()


@pytest.mark.parametrize("cell", AGAIN, ids=str)
def test_the_stored_grid_is_what_this_code_gives(cell):
    """When this fails, the checks changed: run `make power-grid`."""
    selection, k, tau = cell
    table = stored()
    mine = table[(table["selection"] == selection) & (table["k"] == k) & (table["tau"] == tau)]
    full = SCALES["full"]
    fresh = compute([cell], full.sets, full.few).round(DIGITS).set_index("check")
    old = mine.set_index("check")["rate"].dropna()
    for check, rate in fresh["rate"].dropna().items():
        tolerance = ITERATED if check in (*ITERATIVE, ANY) else EXACT
        assert rate == pytest.approx(old[check], abs=tolerance), check


def test_shards_put_together_are_the_grid_whatever_their_number():
    whole = gather([compute(cells(SCALES["small"])[:4], 20, 10)])
    pieces = [compute(cells(SCALES["small"])[:4][i::3], 20, 10) for i in range(3)]
    pd.testing.assert_frame_equal(gather(pieces[::-1]), whole, check_dtype=False)


def test_arms_are_those_of_this_review_and_scale():
    assert typical_arms(10).tolist() == list(ARMS)
    assert (np.diff(typical_arms(37)) >= 0).all()
    assert typical_arms(31, 45.5).mean() == pytest.approx(45.5, abs=0.5)
    assert typical_arms(1).tolist() == [np.rint(np.sqrt(25 * 30))]


def test_the_fewest_trials_are_found_where_false_alarms_allow():
    lines = [
        {"check": check, "tau": 0.0, "k": k, "selection": selection, "rate": rate}
        for check, alarm in (("sound", 0.05), ("loud", 0.2))
        for k in (5, 20, 50)
        for selection, rate in (("none", alarm), ("moderate", k / 60), ("strong", k / 20))
    ]
    found = trials_needed(pd.DataFrame(lines), 0.8, 0.1).set_index(["check", "selection"])["k"]
    assert found["sound"].to_dict() == {"moderate": 50, "strong": 20}
    assert found["loud"].isna().all()


def test_what_is_unknown_is_said(capsys, tmp_path):
    with pytest.raises(ValueError, match="allowed: small, full"):
        shard("large", 0, 1)
    with pytest.raises(ValueError, match="allowed: 0 to 1"):
        shard("small", 2, 2)
    argv = ["--scale", "small", "--shard", "7", "--of", "2", "--output", str(tmp_path / "x.csv")]
    assert main(argv) == 2
    assert "allowed: 0 to 1" in capsys.readouterr().err
    assert not (tmp_path / "x.csv").exists()


@pytest.mark.slow
def test_the_pipeline_scatters_and_gathers(tmp_path):
    run = subprocess.run(
        [
            *(sys.executable, "-m", "snakemake", "-s", ROOT / "Snakefile"),
            *("--directory", tmp_path, "--cores", "2", "--config", f"data={ROOT / 'data'}"),
            *("grid=small", "--", "power_grid"),
        ],
        env=os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    shards = sorted((tmp_path / ".work/power/small").glob("*.csv"))
    assert [path.stem for path in shards] == ["0", "1"]
    table = pd.read_csv(tmp_path / ".work/power/small.csv")
    assert len(table.drop_duplicates(["selection", "k", "tau"])) == len(cells(SCALES["small"]))
