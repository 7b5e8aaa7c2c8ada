import json
import shutil
import subprocess
from functools import cache
from io import StringIO

import numpy as np
import pandas as pd
import pytest

from lkcm import evidence
from lkcm.effects import convert
from lkcm.effects.export import (
    FORMATS,
    METAFOR,
    METAPSY_DESIGN,
    METAPSY_FIGURES,
    for_metafor,
    for_metapsy,
    whole,
)


@pytest.fixture(scope="module")
def tables():
    found = evidence.load(tables=["trials", "effects"])
    return convert(found.table("effects"), found.table("trials")), found.table("trials")


def written(tables, form):
    make, options = FORMATS[form]
    return make(*tables).to_csv(index=False, **options)


@cache
def r_with(*packages):
    """Whether R and these packages are here; without them nothing can be read back."""
    if shutil.which("Rscript") is None:
        return False
    code = (
        f"quit(status = !all(sapply(c({', '.join(map(json.dumps, packages))}), requireNamespace)))"
    )
    return subprocess.run(["Rscript", "-e", code], capture_output=True).returncode == 0


def run_r(code, file):
    command = ["Rscript", "-e", code, str(file)]
    out = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return [float(number) for number in out.split()]


def test_all_poolable_effects_are_there_for_metafor(tables):
    table = for_metafor(*tables)
    assert table.columns.tolist() == list(METAFOR)
    assert len(table) == tables[0]["status"].eq("poolable").sum()
    assert table["study"].is_monotonic_increasing
    assert table[["yi", "vi", "study", "grp1", "grp2", "obs"]].notna().all(axis=None)


def test_the_metapsy_standard_is_kept(tables):
    table = for_metapsy(*tables)
    assert table.columns.tolist()[: len(METAPSY_DESIGN)] == list(METAPSY_DESIGN)
    assert set(METAPSY_FIGURES) <= set(table.columns)
    assert table[".id"].is_unique
    g = table[".g"].notna()
    assert (g != table[".log_rr"].notna()).all()  # one or the other
    np.testing.assert_array_equal(table["precalc_g"], table[".g"])
    text = written(tables, "metapsy")
    assert {line.count(";") for line in text.splitlines()} == {len(table.columns) - 1}
    assert set(table["rating"]) & {"self-report", "clinician"}
    one_arm = table["study"].map(table.groupby("study")["multi_arm1"].count()) == 0
    assert table.loc[one_arm, "multi_arm2"].isna().all()


def test_weeks_are_counted_from_randomisation(tables):
    converted, trials = tables
    table = for_metapsy(converted, trials).set_index(".id")
    weeks = trials.set_index("trial_id")["weeks"]
    rows = converted[converted["effect_id"].isin(table.index)].set_index("effect_id")
    for effect, row in rows.iterrows():
        expected = weeks[row["trial_id"]]
        expected += 0 if row["timepoint"] == "post" else row["followup_weeks"]
        assert table.loc[effect, "time_weeks"] == pytest.approx(expected, nan_ok=True)


def test_odds_ratios_have_no_place_in_the_standard(tables):
    converted, trials = tables
    turned = converted.assign(measure=np.where(converted["measure"] == "SMD", "logOR", "SMD"))
    table = for_metapsy(turned, trials)
    assert len(table) == (turned["status"].eq("poolable") & turned["measure"].eq("SMD")).sum()


def test_everything_is_in_the_plain_table(tables):
    assert len(whole(*tables)) == len(tables[0])
    read = pd.read_csv(StringIO(written(tables, "csv")))
    assert read["effect_id"].tolist() == tables[0]["effect_id"].tolist()


@pytest.mark.parametrize("form", list(FORMATS))
def test_no_effects_give_a_header(tables, form):
    converted, trials = tables
    text = written((converted.head(0), trials), form)
    assert len(text.splitlines()) == 1


@pytest.mark.slow
@pytest.mark.skipif(not r_with("metafor"), reason="R with metafor is not here")
def test_metafor_reads_its_table_as_it_is(tables, tmp_path):
    from lkcm.synthesis.contrasts import pool_effects, usable

    converted, trials = tables
    own = converted[converted["reporter"].eq("self")]
    file = tmp_path / "effects.csv"
    file.write_text(written((own, trials), "metafor"))
    code = """
    suppressMessages(library(metafor))
    d <- subset(read.csv(commandArgs(TRUE)[1]), measure == "SMD")
    V <- vcalc(vi, cluster = study, obs = obs, grp1 = grp1, grp2 = grp2, w1 = w1, w2 = w2,
               data = d, rho = 0.6)
    fit <- rma.mv(yi, V, random = ~ 1 | study / effect_id, data = d)
    cat(nrow(d), fit$beta, fit$se)
    """
    k, estimate, se = run_r(code, file)
    ours = pool_effects(usable(own))
    assert k == ours.k
    assert estimate == pytest.approx(ours.mean.estimate, rel=1e-3)
    assert se == pytest.approx(ours.mean.se_model, rel=1e-3)


@pytest.mark.slow
@pytest.mark.skipif(not r_with("metafor"), reason="R with metafor is not here")
def test_r_reads_the_metapsy_table_as_the_standard_says(tables, tmp_path):
    file = tmp_path / "metapsy.csv"
    file.write_text(written(tables, "metapsy"))
    code = """
    suppressMessages(library(metafor))
    d <- read.csv2(commandArgs(TRUE)[1], check.names = FALSE)
    stopifnot(is.numeric(d$.g), is.numeric(d$.g_se), is.character(d$study), is.numeric(d$n_arm1))
    d <- d[!is.na(d$.g), ]
    fit <- rma(.g, sei = .g_se, data = d)
    cat(nrow(d), fit$k, sum(d$.g))
    """
    rows, k, total = run_r(code, file)
    table = for_metapsy(*tables)
    assert rows == k == table[".g"].notna().sum()
    assert total == pytest.approx(table[".g"].sum())
