"""Numbers as the book writes them."""


def number(value: float) -> str:
    """Return a count with thousands separated, such as ``2,577``."""
    return f"{value:,.0f}"


def percent(share: float) -> str:
    """Return a share as per cent without decimals; very small or large shares keep one."""
    digits = 1 if 0 < share < 0.01 or 0.99 < share < 1 else 0
    return f"{100 * share:.{digits}f} %"


def share_of(part: int, whole: int, noun: str) -> str:
    """Return ``part of whole noun (share)``, such as ``8 of 250 trials (3 %)``."""
    share = f" ({percent(part / whole)})" if whole else ""
    return f"{number(part)} of {number(whole)} {noun}{share}"
