"""Write the vendored Vega bundle that turns static charts interactive."""

import argparse
import os
import sys
from pathlib import Path

#: Vega-Lite version in the bundle; must be the one of the charts' specs (a test compares them).
VEGA_LITE = "6.4"

#: File name of the bundle; ``book/_static/charts.js`` loads it from the folder ``assets``.
BUNDLE = "vega.js"

_LICENCE = "Vega, Vega-Lite, Vega-Embed and Vega-Tooltip: BSD-3-Clause"


def write_assets(folder: Path) -> Path:
    """Write ``vega.js`` into a folder, unless the same version is there.

    The folder must not be Sphinx's ``_static``, whose scripts Jupyter Book puts on every page: the
    bundle (0.9 MB) is fetched only when a chart comes near. Bundling takes about a second.

    Parameters
    ----------
    folder : Path
        Created if it does not exist.

    Returns
    -------
    Path
        The file, whole at any moment, the same bytes for the same versions.
    """
    import vl_convert  # heavy, and not needed when only a chapter is run

    head = (
        f"/* {_LICENCE}. Vega-Lite {VEGA_LITE}, bundled by vl-convert {vl_convert.__version__} */"
    )
    target = folder / BUNDLE
    if target.exists() and target.read_text(encoding="utf-8").startswith(head):
        return target
    folder.mkdir(parents=True, exist_ok=True)
    body = vl_convert.javascript_bundle("window.vegaEmbed=vegaEmbed;", vl_version=VEGA_LITE)
    # As shipped, the bundle's top-level constants clash with globals of the page.
    text = f"{head}\n(()=>{{{body}}})();\n"
    partial = folder / f".{BUNDLE}-{os.getpid()}"
    partial.write_text(text, encoding="utf-8")
    os.replace(partial, target)
    return target


def main(argv: list[str] | None = None) -> int:
    """Write the bundle; called by the rule ``assets`` of the Snakefile."""
    parser = argparse.ArgumentParser(prog="python -m lkcm.book.assets")
    parser.add_argument("folder", type=Path)
    write_assets(parser.parse_args(argv).folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
