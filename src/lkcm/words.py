"""Numbers and names as the book writes them."""

#: Values of the evidence tables whose words are not the value without its hyphens.
_NAMED = {
    "other-compassion": "compassion for others",
    "ptsd": "PTSD",
    "not-lkcm": "not LKCM",
    "no-extractable-data": "no data that can be extracted",
    "post": "directly after",
    "followup": "follow-up",
}


def named(value: str) -> str:
    """Return a coded value of the tables in words: ``negative affect``, ``self-compassion``."""
    plain = value if value.startswith("self-") else value.replace("-", " ")
    return _NAMED.get(value, plain)


def number(value: float) -> str:
    """Return a count with thousands separated, such as ``2,577``."""
    return f"{value:,.0f}"


def count_of(count: int, noun: str) -> str:
    """Return a count with its noun in the right number, such as ``1 trial`` or ``7 trials``."""
    return f"{number(count)} {noun}{'' if count == 1 else 's'}"


def percent(share: float) -> str:
    """Return a share as per cent without decimals; very small or large shares keep one.

    A true minus sign, and no minus before zero, as in `two`.
    """
    digits = 1 if 0 < share < 0.01 or 0.99 < share < 1 else 0
    text = f"{100 * share:.{digits}f} %"
    return "0 %" if text == "-0 %" else text.replace("-", "\N{MINUS SIGN}")


def tenth(share: float) -> str:
    """Return a share as per cent with one decimal, for bounds."""
    return f"{100 * share:.1f}\N{NO-BREAK SPACE}%"


def share_of(part: int, whole: int, noun: str) -> str:
    """Return ``part of whole noun (share)``, such as ``8 of 250 trials (3 %)``."""
    share = f" ({percent(part / whole)})" if whole else ""
    return f"{number(part)} of {number(whole)} {noun}{share}"


def two(value: float) -> str:
    """Return a number with two decimals, a true minus sign, and no minus before zero."""
    text = f"{value:.2f}"
    return "0.00" if text == "-0.00" else text.replace("-", "\N{MINUS SIGN}")


def interval(estimate: float, ends: tuple[float, float] | None) -> str:
    """Return an estimate with its interval, such as ``0.79 (95 % CI 0.19 to 1.39)``."""
    if ends is None:
        return f"{two(estimate)} (no interval)"
    return f"{two(estimate)} (95\N{NO-BREAK SPACE}% CI {span(ends)})"


def short_interval(estimate: float, ends: tuple[float, float] | None) -> str:
    """Return ``0.79 (0.19 to 1.39)``, for columns whose heading says what the interval is."""
    return two(estimate) + (f" ({span(ends)})" if ends else "")


def span(ends: tuple[float, float]) -> str:
    """Return the ends of an interval, such as ``0.19 to 1.39``, on one line."""
    return f"{two(ends[0])} to {two(ends[1])}".replace(" ", "\N{NO-BREAK SPACE}")
