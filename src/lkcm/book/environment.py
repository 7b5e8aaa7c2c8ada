"""``environment.yml`` (conda) from ``requirements.lock``: the same versions, generated."""

import sys
from pathlib import Path

import yaml


def environment(lock: str) -> str:
    """Return the text of ``environment.yml`` for the text of a lock file."""
    pins = [line for line in lock.splitlines() if line and not line.startswith("#")]
    content = {
        "name": "lkcm",
        "channels": ["conda-forge"],
        "dependencies": ["python=3.11", "pip", {"pip": [*pins, "--editable ."]}],
    }
    head = "# Generated from requirements.lock by `make lock`; edit pyproject.toml instead.\n"
    return head + yaml.safe_dump(content, sort_keys=False)


if __name__ == "__main__":
    sys.stdout.write(environment(Path(sys.argv[1]).read_text(encoding="utf-8")))
