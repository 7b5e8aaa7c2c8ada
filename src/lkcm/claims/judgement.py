"""What a check says of a claim, and the rules that all checks share."""

from dataclasses import dataclass

from lkcm.evidence.describe import share_with_interval
from lkcm.synthesis.pooled import HEADLINE_FROM, UNCERTAIN_BELOW, Interval, Pooled
from lkcm.words import interval, percent, share_of

SUPPORTED = "supported"
CONTRADICTED = "contradicted"
NOT_SHOWN = "not what this evidence shows"
CANNOT_TELL = "cannot be told"
#: All that a claim can be, with the rule for a reader.
STATUSES = {
    SUPPORTED: "the rule of the claim is met by the evidence of this book",
    CONTRADICTED: "the opposite holds within the claim's own frame: records to March 2022 (years "
    "to 2021), measured with the Self-Compassion Scale where it is about self-compassion",
    NOT_SHOWN: "the opposite holds in this evidence, which is not the claim's own frame",
    CANNOT_TELL: "the evidence is too thin, its interval holds both answers, or its sources, "
    "mostly abstracts, give a floor only",
}


@dataclass(frozen=True)
class Judgement:
    """The status of a claim with what it rests on.

    Attributes
    ----------
    status : str
        One of `STATUSES`.
    number : str
        The number that decides, with its interval; "none" where there is none.
    because : str
        One sentence for a reader.
    rule : str
        When the claim counts as supported.
    page : str
        Chapter that shows it.
    value : float, int or None
        The number itself.
    ends : tuple of two floats, or None
        Its interval.
    rows : tuple of str
        Identifiers of the trials or rows that it rests on.
    """

    status: str
    number: str
    because: str
    rule: str
    page: str
    value: float | int | None = None
    ends: Interval = None
    rows: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.status not in STATUSES:
            raise ValueError(f"status {self.status!r}; allowed: {', '.join(STATUSES)}")


def nothing(because: str, rule: str, page: str) -> Judgement:
    """Return the judgement of a claim on which the evidence has nothing."""
    return Judgement(CANNOT_TELL, "none", because, rule, page)


def of_effect(
    fit: Pooled | None, figure: float, framed: Pooled | None, rule: str, page: str
) -> Judgement:
    """Judge "the effect is there, and is as large as the figure".

    Parameters
    ----------
    fit : Pooled or None
        The book's pooled effect.
    figure : float
        The claim's.
    framed : Pooled or None
        The pooled effect within the claim's own frame.
    rule, page : str
        As `Judgement`.
    """
    k = 0 if fit is None else fit.k
    if k < UNCERTAIN_BELOW or fit.ci is None:
        pooled = k >= HEADLINE_FROM and fit.ci is not None
        shown = f"g {interval(fit.estimate, fit.ci)}, k = {k}" if pooled else "none"
        few = f"{k} core trial{' has' if k == 1 else 's have'} a usable figure, {UNCERTAIN_BELOW}"
        return Judgement(CANNOT_TELL, shown, f"Only {few} are asked for.", rule, page)
    low, high = fit.ci
    number = f"g {interval(fit.estimate, fit.ci)}, k = {k}"
    if low <= figure <= high:
        status = SUPPORTED if low > 0 else CANNOT_TELL
    elif framed is not None and framed.k >= UNCERTAIN_BELOW and _excludes(framed.ci, figure):
        status = CONTRADICTED
    else:
        status = NOT_SHOWN
    told = "holds" if low <= figure <= high else "does not hold"
    because = f"The interval {told} the claim's {figure:.2f}."
    return Judgement(status, number, because, rule, page, fit.estimate, fit.ci)


def _excludes(ends: Interval, figure: float) -> bool:
    return ends is not None and not ends[0] <= figure <= ends[1]


def of_sign(
    estimate: float, ends: Interval, number: str, because: str, rule: str, page: str
) -> Judgement:
    """Judge "the difference is above zero" by its interval."""
    if ends is None or ends[0] <= 0 <= ends[1]:
        status = CANNOT_TELL
    else:
        status = SUPPORTED if ends[0] > 0 else NOT_SHOWN
    return Judgement(status, number, because, rule, page, estimate, ends)


def of_floor(
    yes: int, n: int, noun: str, most: float, rule: str, page: str, rows: tuple[str, ...] = ()
) -> Judgement:
    """Judge "this is rare" by a share that is a floor, since sources leave out what was done.

    A floor can refute that something is rare; it can never show it.

    Parameters
    ----------
    yes, n : int
        Trials whose source states it, and all trials.
    noun : str
        What the trials state, as in "whose source mentions harms".
    most : float
        Share above which it is not rare.
    rule, page, rows
        As `Judgement`.
    """
    if n == 0:
        return nothing("There is no trial.", rule, page)
    share, low, high = share_with_interval(yes, n)
    status = NOT_SHOWN if low > most else CANNOT_TELL
    because = (
        f"{share_of(yes, n, 'trials')} {noun}: a floor, for the sources are mostly abstracts, and "
        f"what they leave out may have been done. It would refute the claim from {percent(most)}."
    )
    number = f"at least {percent(share)} ({percent(low)} to {percent(high)})"
    return Judgement(status, number, because, rule, page, share, (low, high), rows)


def of_share(
    yes: int, n: int, noun: str, least: float, rule: str, page: str, rows: tuple[str, ...] = ()
) -> Judgement:
    """Judge "this is more than so much" by an exact interval of a share."""
    if n == 0:
        return nothing("There is nothing to count.", rule, page)
    share, low, high = share_with_interval(yes, n)
    status = SUPPORTED if low > least else NOT_SHOWN if high < least else CANNOT_TELL
    because = f"{share_of(yes, n, noun)}; asked for: more than {percent(least)}."
    number = f"{percent(share)} ({percent(low)} to {percent(high)})"
    return Judgement(status, number, because, rule, page, share, (low, high), rows)
