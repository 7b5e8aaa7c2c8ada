"""Short labels of trials: "Neff & Germer 2013", "Lv et al. 2024"."""

import re

import pandas as pd

_INSTITUTION = re.compile(
    r"\b(University|College|Institute|Hospital|investigators|consortium|group|team)\b", re.I
)
_INITIALS = re.compile(r"^(?:[A-Z]\.?[\s-]*){1,4}$")
_ENCLOSED = re.compile(r"^\(([^()]*)\)$")
_TRAILING_INITIALS = re.compile(r"\s+(?:[A-Z]\.?-?){1,3}$")


def trial_labels(trials: pd.DataFrame, width: int = 32) -> pd.Series:
    """Label each trial: authors and year as in a citation, unique within the table.

    Where authors are not known (an empty cell, or a remark in brackets) the journal stands in
    their place, else the title, else the identifier; where the year is not known, "n.d.".

    Parameters
    ----------
    trials : pandas.DataFrame
        Columns trial_id, authors, year, journal, title as the loader types them.
    width : int
        Longest name, in characters; longer ones are cut at a word.

    Returns
    -------
    pandas.Series
        Text, with the index of `trials`. Labels that would be alike get a letter in the order
        of the table: "Mak et al. 2018a", "Mak et al. 2018b", "BMC Nursing n.d.-a".
    """
    plain = [
        f"{_name(row, width)} {'n.d.' if pd.isna(row.year) else int(row.year)}"
        for row in trials[["trial_id", "authors", "year", "journal", "title"]].itertuples()
    ]
    labels = pd.Series(plain, index=trials.index, dtype="str", name="label")
    alike = labels.duplicated(keep=False)
    order = labels.groupby(labels).cumcount()
    suffixed = [
        label + ("-" if label.endswith("n.d.") else "") + _letters(n)
        for label, n in zip(labels, order, strict=True)
    ]
    return labels.where(~alike, pd.Series(suffixed, index=trials.index, dtype="str"))


def _name(row, width: int) -> str:
    """Find what stands before the year."""
    cited = "" if pd.isna(row.authors) else cite_authors(row.authors)
    for text in (cited, row.journal, row.title):
        if pd.notna(text) and text.strip():
            return _shorten(_ENCLOSED.sub(r"\1", text), width)
    return _shorten(str(row.trial_id), width)


def cite_authors(authors: str) -> str:
    """Cite authors as in running text: one, two joined by "&", or the first "et al.".

    Parameters
    ----------
    authors : str
        Surnames, or surnames with initials, separated by commas, semicolons, "&" or "and".

    Returns
    -------
    str
        Empty if `authors` is only a remark in brackets.
    """
    bare = re.sub(r"\([^()]*\)", "", authors).strip(" ,;")
    if not bare or _INSTITUTION.search(bare):
        return bare
    others = bool(re.search(r"\bet al\b", bare))
    names = re.split(r"\s*[;,]\s*|\s+&\s+|\s+and\s+", re.sub(r"\bet al\b\.?", "", bare))
    surnames = [
        _TRAILING_INITIALS.sub("", name.strip(" &"))
        for name in names
        if name.strip(" &") and not _INITIALS.match(name.strip(" &"))
    ]
    if not surnames:
        return bare
    if others or len(surnames) > 2:
        return f"{surnames[0]} et al."
    return " & ".join(surnames)


def _shorten(text: str, width: int) -> str:
    """Text of at most `width` characters, cut at a word."""
    text = " ".join(text.split())
    if len(text) <= width:
        return text
    cut = text[:width].rsplit(" ", 1)[0] if " " in text[:width] else text[: width - 1]
    return cut.rstrip(" ,;:–-(") + "…"


def _letters(n: int) -> str:
    """Write a number from 0 in letters: a to z, aa, ab."""
    letters = ""
    n += 1
    while n:
        n, digit = divmod(n - 1, 26)
        letters = chr(97 + digit) + letters
    return letters
