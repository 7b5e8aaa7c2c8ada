"""Where things are in a checkout of the review."""

from pathlib import Path

#: The checkout: the folder that holds ``Snakefile``, ``book/``, ``notebooks/`` and ``data/``.
ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "data"
NOTEBOOKS = ROOT / "notebooks"
BOOK = ROOT / "book"
#: Reference values of other programs, each with the R script that made it.
ORACLES = ROOT / "tests" / "oracles"
