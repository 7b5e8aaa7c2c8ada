import re

import yaml

from lkcm.book.environment import environment
from lkcm.paths import ROOT

LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")


def test_environment_yml_is_current():
    assert (ROOT / "environment.yml").read_text(encoding="utf-8") == environment(LOCK), "make lock"


def test_every_version_is_exact_and_no_host_is_named():
    for line in LOCK.splitlines():
        assert re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.+!]+", line), line


def test_conda_installs_the_lock_and_the_review():
    pins = yaml.safe_load(environment("a==1\n"))["dependencies"][-1]["pip"]
    assert pins == ["a==1", "--editable ."]
