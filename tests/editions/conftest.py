"""Records of two small editions, and a small review under git to release."""

import copy
import os
import shutil
import subprocess
import sys

import pytest
from checkouts import copy_parts

from lkcm.paths import ROOT

#: What a release needs beside the code and the prose.
PARTS = (
    *("src", "book", "notebooks", "Snakefile", "_config.yml", "_toc.yml"),
    *("requirements.lock", "CITATION.cff", ".zenodo.json", ".gitignore"),
)
CHAPTERS = """pages:
  mood:
    notebook: pooling.ipynb
    title: Does exercise lower low mood?
    part: What it adds up to
    tables: [trials, effects, second_reading, reference_estimates]
    parameters: {outcome: low-mood, noun: low mood, higher_is_better: false, references: {}}
  what-changed:
    notebook: what_changed.ipynb
    title: What changed?
    part: Behind the book
    tables: [trials, effects]
    reads_results: true
"""
#: Three trials against a waitlist: enough for a pooled headline.
EFFECTS = """effect_id,trial_id,outcome,reporter,comparator_type,timepoint,higher_is_better,\
n_t,n_c,mean_t,sd_t,mean_c,sd_c,sign,source_url
alpha1999-1,alpha1999,low-mood,self,waitlist,post,no,20,20,10,5,13,5,+,https://example.org/alpha
beta2003-1,beta2003,low-mood,self,waitlist,post,no,30,30,11,6,12,6,+,https://example.org/beta
delta2010-1,delta2010,low-mood,self,waitlist,post,no,40,40,9,4,11,4,+,https://example.org/delta
"""


def value(text, number=None):
    return {"text": text, "value": text if number is None else number}


@pytest.fixture
def old():
    """A small record, as JSON holds it."""
    return {
        "version": "2026.10",
        "date": "2026-10-05",
        "commit": "0123456789abcdef",
        "data_hash": "aaaa",
        "last_search": "2026-10-01",
        "site_sha256": "",
        "tables": {"trials": {"sha256": "a" * 64, "bytes": 10}},
        "rows": {
            "trials": {
                "neff2013": {"authors": "Neff, Germer", "year": "2013", "n_randomised": "54"},
                "gone2001": {"title": "Gone"},
            },
            "effects": {"neff2013-1": {"stat_value": "0.86"}, "gone2001-1": {"p_value": "<0.05"}},
            "corrections": {},
        },
        "pages": {"mood": {"notebook": "pooling.ipynb", "parameters": {"r": 0.6}}},
        "packages": {"altair": "6.3.0"},
        "software": {"python": "3.11.7"},
        "results": {
            "pages": {
                "mood": {
                    "values": {
                        "estimate_passive": value("g 0.50", 0.5),
                        "verdict_passive": value("unclear"),
                        "k_passive": value("4", 4),
                    }
                },
                "claims": {"values": {"status_c08": value("supported")}},
            }
        },
    }


@pytest.fixture
def new(old):
    """The next edition: a trial came, one went, a cell was corrected, numbers moved."""
    record = copy.deepcopy(old) | {"version": "2026.11", "date": "2026-11-20"}
    trials, effects = record["rows"]["trials"], record["rows"]["effects"]
    del trials["gone2001"], effects["gone2001-1"]
    trials["lv2024"] = {"authors": "Lv, Wu, Chen", "year": "2024"}
    effects["lv2024-1"] = {"stat_value": "0.3"}
    effects["neff2013-1"]["stat_value"] = "0.96"
    record["rows"]["corrections"] = {
        "effects/neff2013-1/stat_value": {"reason": "misread", "date": "2026-11-02"}
    }
    values = record["results"]["pages"]["mood"]["values"]
    values["estimate_passive"] = value("g 0.62", 0.62)
    values["verdict_passive"] = value("favours LKCM on average")
    record["results"]["pages"]["claims"]["values"]["status_c08"] = value("contradicted")
    record["pages"]["mood"]["parameters"]["r"] = 0.5
    record["packages"] = {"altair": "6.3.1", "narwhals": "2.0"}
    return record


class Review:
    """A review of two pages in a git repository of its own."""

    def __init__(self, root):
        self.root = root
        self.data = root / "data"

    def git(self, *arguments):
        identity = ["-c", "user.name=t", "-c", "user.email=t@example.org"]
        subprocess.run(["git", *identity, *arguments], cwd=self.root, check=True)

    def commit(self):
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", "change")

    def command(self, *arguments):
        environment = os.environ | {"PYTHONPATH": str(self.root / "src")}
        return {
            "args": [sys.executable, *arguments],
            "cwd": self.root,
            "env": environment,
            "text": True,
        }

    def lkcm(self, *arguments):
        return subprocess.run(**self.command("-m", "lkcm.cli", *arguments), capture_output=True)

    def release(self, version):
        """Release as the command does, but for nbval, which has a test of its own."""
        code = (
            "import sys; from lkcm.editions.release import release; "
            "from lkcm.editions.version import EditionError\n"
            "try: release(sys.argv[1], today='2026-11-20', validate=lambda root: '')\n"
            "except EditionError as error: sys.exit(f'refused: {error}')"
        )
        return self.command("-c", code, version)


@pytest.fixture(scope="session")
def review(tmp_path_factory):
    root = tmp_path_factory.mktemp("review")
    copy_parts(root, PARTS)
    (root / "CHANGELOG.md").write_text("# Changelog\n\n## Unreleased\n")
    shutil.copytree(ROOT / "tests" / "data" / "other-review", root / "data")
    (root / "data" / "effects.csv").write_text(EFFECTS)
    (root / "data" / "chapters.yml").write_text(CHAPTERS)
    (root / "data" / "book").mkdir()
    front = "# Exercise\n\n{glue:text}`chapters/what-changed.ipynb::since:s`\n"
    (root / "data" / "book" / "index.md").write_text(front)
    found = Review(root)
    found.git("init", "--quiet")
    found.commit()
    return found
