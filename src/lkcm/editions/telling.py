"""A difference between two editions in words: for the terminal, and for the front page."""

from collections.abc import Sequence

from lkcm.editions.difference import Changed, Difference, Moved
from lkcm.words import count_of

#: The front page shows at most this many lines.
FRONT = 3
NOTHING = "Nothing changed"


def report(found: Difference) -> list[str]:
    """Return everything that changed, in lines for a terminal.

    Parameters
    ----------
    found : Difference
        Of two editions.

    Returns
    -------
    list of str
        A single line where nothing changed.
    """
    if found.is_empty:
        return [f"{NOTHING} from {found.old} to {found.new}."]
    lines = [f"From {found.old} to {found.new}"]
    lines += _listed("trials in", found.trials_in) + _listed("trials out", found.trials_out)
    lines += _listed("results in", found.results_in) + _listed("results out", found.results_out)
    lines += _section("cells corrected", [_cell(one) for one in found.cells])
    lines += _section("estimates moved", [_moved(one) for one in found.headlines])
    others = [one for one in found.moved if not one.headline]
    lines += _section("other values moved", [_moved(one) for one in others])
    lines += _section("claims that changed status", [_changed(one) for one in found.claims])
    lines += _section("parameters", [_changed(one) for one in found.parameters])
    lines += _section("software", [_changed(one) for one in found.software])
    return lines + _section("tables", [_changed(one) for one in found.tables])


def since(found: Difference) -> list[str]:
    """Return up to three sentences for the front page, the gravest first."""
    if found.is_empty:
        return [f"{NOTHING} since edition {found.old}."]
    verdicts = [one for one in found.headlines if one.old_verdict != one.new_verdict]
    lines = [
        f"{one.page}: {one.old or 'not there'} became {one.new or 'not there'}, the verdict "
        f"'{one.old_verdict or 'none'}' became '{one.new_verdict or 'none'}'."
        for one in verdicts
    ]
    lines += [f"Claim {one.name}: {one.old or 'new'} became {one.new}." for one in found.claims]
    evidence = _evidence(found)
    if evidence:
        lines.append(evidence)
    still = len(found.headlines) - len(verdicts)
    if still:
        lines.append(f"{count_of(still, 'estimate')} moved without a change of verdict.")
    if not lines:
        lines.append(f"No estimate moved since edition {found.old}.")
    return lines[:FRONT]


def _evidence(found: Difference) -> str:
    parts = [
        count_of(len(found.trials_in), "trial") + " added" if found.trials_in else "",
        count_of(len(found.trials_out), "trial") + " removed" if found.trials_out else "",
        count_of(len(found.results_in), "result") + " added" if found.results_in else "",
        count_of(len(found.results_out), "result") + " removed" if found.results_out else "",
        count_of(len(found.cells), "cell") + " corrected" if found.cells else "",
    ]
    told = ", ".join(part for part in parts if part)
    return f"{told} since edition {found.old}." if told else ""


def _listed(name: str, items: Sequence[str]) -> list[str]:
    return _section(name, list(items))


def _section(name: str, lines: list[str]) -> list[str]:
    return [f"{name} ({len(lines)})", *(f"  {line}" for line in lines)] if lines else []


def _cell(one) -> str:
    reason = f" ({one.reason})" if one.reason else ""
    where = f"{one.table} {one.row}, {one.column}"
    return f"{where}: {one.old or 'empty'} -> {one.new or 'empty'}{reason}"


def _moved(one: Moved) -> str:
    verdict = ""
    if one.old_verdict != one.new_verdict:
        verdict = f"; verdict: {one.old_verdict or 'none'} -> {one.new_verdict or 'none'}"
    step = "" if one.difference is None else f" (by {one.difference:+.3g})"
    return f"{one.page}, {one.key}: {one.old or 'none'} -> {one.new or 'none'}{step}{verdict}"


def _changed(one: Changed) -> str:
    return f"{one.name}: {one.old or 'none'} -> {one.new or 'none'}"
