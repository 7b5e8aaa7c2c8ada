"""Prose that holds only while the verdicts hold for which it was written."""

from collections.abc import Mapping

import pandas as pd

from lkcm.claims.judgement import CANNOT_TELL


class VerdictMovedError(ValueError):
    """Prose was written for verdicts that the evidence no longer gives."""


def paragraph(ledger: pd.DataFrame, written_for: Mapping[str, str], text: str) -> str:
    """Return a text if the verdicts for which it was written still hold.

    Parameters
    ----------
    ledger : DataFrame
        Of `lkcm.claims.ledger.judge`.
    written_for : mapping of str to str
        Claim -> the status that the text says or presumes.
    text : str
        The paragraph.

    Returns
    -------
    str
        The text; where a claim's data vanished so that it cannot be told, a plain sentence on
        each claim instead.

    Raises
    ------
    VerdictMovedError
        If a claim has another status now: the text has to be written anew. Names every claim.
    """
    status = ledger.set_index("claim_id")["status"]
    moved = {
        claim: status[claim]
        for claim, expected in written_for.items()
        if claim in status and status[claim] != expected
    }
    if not moved:
        return text
    wrong = [
        f"claim {claim} is {now!r}; the text was written for {written_for[claim]!r}"
        for claim, now in moved.items()
        if now != CANNOT_TELL
    ]
    if wrong:
        start = f"{text[:60]}…" if len(text) > 60 else text
        raise VerdictMovedError("; ".join(wrong) + f". Write the paragraph anew: {start!r}")
    return " ".join(plain(ledger, claim) for claim in written_for if claim in status)


def plain(ledger: pd.DataFrame, claim: str) -> str:
    """Return a claim and its status in a plain sentence, whatever the status is."""
    row = ledger.set_index("claim_id").loc[claim]
    number = "" if row["number"] == "none" else f" ({row['number']})"
    return f"{row['claim'].rstrip('.')}: {row['status']}{number}."
