"""The GRADE summary of findings of one outcome: a line a comparator, with computed footnotes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from string import ascii_lowercase

import pandas as pd
from scipy import stats

from lkcm.harms.certainty import NOT_GRADED, REPORTING, Certainty, Domain, certainty
from lkcm.synthesis.censored import AcrossLevels
from lkcm.synthesis.comparators import GROUPS
from lkcm.synthesis.outcome import GroupPool
from lkcm.synthesis.pooled import Pooled
from lkcm.synthesis.wording import people
from lkcm.words import short_interval, span, two

#: Columns of the summary with their headings.
COLUMNS = {
    "comparator": "LKCM beside",
    "evidence": "Evidence",
    "effect": "g (95 % CI); g of a further trial",
    "certainty": "Certainty (GRADE)",
    "words": "In words",
}


@dataclass(frozen=True)
class Findings:
    """A summary of findings.

    Attributes
    ----------
    noun : str
        The outcome in words.
    lines : DataFrame
        One row a group of comparators with a core trial: ``group``, ``k``, ``brief``
        (the effect without its prediction interval) and `COLUMNS`; the letters of footnotes
        stand behind the certainty.
    footnotes : dict of str to str
        Sentences by letter, in the order in which the lines use them.
    graded : dict of str to Certainty
        The certainty by group.
    """

    noun: str
    lines: pd.DataFrame
    footnotes: Mapping[str, str]
    graded: Mapping[str, Certainty]


def summarise(
    groups: Sequence[GroupPool],
    noun: str,
    higher_is_better: bool = True,
    *,
    reporting: Domain = REPORTING,
) -> Findings:
    """Summarise one outcome.

    Parameters
    ----------
    groups : sequence of GroupPool
        Core trials of the outcome by group of comparators (`lkcm.synthesis.outcome.pool_by`).
    noun : str
        The outcome in words, such as "depression".
    higher_is_better : bool
        Whether more of the outcome is better, for "raise" and "lower".
    reporting : Domain
        The judgement on publication bias.

    Returns
    -------
    Findings
        Without lines where no core trial has a usable figure.
    """
    letters: dict[str, str] = {}
    graded, lines = {}, []
    for found in groups:
        if found.pooled is None:
            continue
        grade = certainty(found, reporting=reporting)
        graded[found.name] = grade
        used = [
            letters.setdefault(note, ascii_lowercase[len(letters) % 26])
            for note in grade.footnotes
        ]
        line = _line(found, grade, noun, higher_is_better)
        if used:
            line["certainty"] += f" ({', '.join(used)})"
        lines.append(line)
    columns = ["group", "k", "brief", *COLUMNS]
    footnotes = {letter: note for note, letter in letters.items()}
    return Findings(noun, pd.DataFrame(lines, columns=columns), footnotes, graded)


def _line(
    found: GroupPool, grade: Certainty, noun: str, higher_is_better: bool
) -> dict[str, object]:
    fit = found.pooled
    trials = "1 trial" if fit.k == 1 else f"{fit.k} trials"
    line = {"group": found.name, "comparator": GROUPS[found.name], "k": fit.k}
    line["evidence"] = f"{trials}, {people(found)} people"
    if grade.level == NOT_GRADED:
        effects = "; ".join(two(value) for value in found.kept["yi"])
        few = "One trial" if fit.k == 1 else "Two trials"
        told = f"{few}: shown, neither pooled nor graded."
        line |= {"effect": effects, "brief": effects}
        return line | {"certainty": NOT_GRADED, "words": told}
    low, high = fit.ci or (-1.0, 1.0)
    of_100 = "." if low <= 0 <= high else f". {_of_100(fit.estimate)}"
    return line | {
        "effect": _effect(fit),
        "brief": short_interval(fit.estimate, fit.ci),
        "certainty": f"{grade.symbol} {grade.level}",
        "words": f"{_in_words(found, grade, noun, higher_is_better)}{of_100}",
    }


def _effect(fit: Pooled) -> str:
    further = fit.prediction_interval
    told = short_interval(fit.estimate, fit.ci)
    return told if further is None else f"{told}; {span(further)}"


def _of_100(g: float) -> str:
    """Say g as Cohen's U3: the share of one group that is beyond the middle of the other."""
    better = f"{100 * stats.norm.cdf(g):.0f}"
    return f"At this g, {better} of 100 end better off than the middle of the control group."


def _in_words(found: GroupPool, grade: Certainty, noun: str, higher_is_better: bool) -> str:
    """Say the effect as GRADE's informative statements do (Santesso et al. 2020)."""
    fit = found.pooled
    low, high = fit.ci or (-1.0, 1.0)
    helps, hurts = ("raise", "lower") if higher_is_better else ("lower", "raise")
    against = GROUPS[found.name]
    verb = helps if low > 0 else hurts if high < 0 else None
    if grade.level == "very low":
        return f"It is very uncertain whether LKCM changes {noun} beside {against}"
    if verb is None:
        return f"LKCM may or may not {helps} {noun} beside {against}"
    surely = {"high": f"{verb}s", "moderate": f"probably {verb}s"}.get(grade.level, f"may {verb}")
    return f"LKCM {surely} {noun} beside {against}"


def answer_sentence(found: Findings, group: str, across: AcrossLevels | None) -> str:
    """Say what trials beside one group of comparators add up to, for the head of a chapter.

    Parameters
    ----------
    found : Findings
        Of `summarise`.
    group : str
        A key of `lkcm.synthesis.comparators.GROUPS`.
    across : AcrossLevels or None
        All levels of evidence together; told where both readings have a headline.
    """
    lines = found.lines[(found.lines["group"] == group) & (found.lines["k"] > 2)]
    if lines.empty:
        told = f"Too few core trials print a figure to pool {found.noun} beside {GROUPS[group]}"
    else:
        one = lines.iloc[0]
        claim = one["words"].split(". ")[0].rstrip(".")
        effect = one["brief"].replace("(", "(95\N{NO-BREAK SPACE}% CI ")
        evidence = one["evidence"].replace(", ", " (", 1)
        told = f"{claim}: g {effect} in the {evidence}) that can be pooled"
    if across is None or across.ci_span is None:
        return f"{told}."
    if not all(fit.headline for fit in across.fits.values()):
        return f"{told}."
    low, high = across.span
    k = len(across.chosen.kept)
    return (
        f"{told}. With trials that print no figure, {k} in all, g is {two(low)} to {two(high)} "
        f"(95\N{NO-BREAK SPACE}% CI {span(across.ci_span)}, over both readings of bare "
        "directions), as far as abstracts tell."
    )


def findings_text(found: Findings, group: str) -> str:
    """Return the effect of one group in a line, for the front page.

    Parameters
    ----------
    found : Findings
        Of `summarise`.
    group : str
        A key of `lkcm.synthesis.comparators.GROUPS`.
    """
    line = found.lines[found.lines["group"] == group]
    if line.empty:
        return "no core trial with a usable figure"
    one = line.iloc[0]
    return f"g {one['brief']}, {one['evidence']}"
