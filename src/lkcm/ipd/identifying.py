"""What could tell who a participant is: such columns and values are refused."""

import re

import pandas as pd

#: Words in the name of a column that holds what identifies a person directly.
_WORDS = (
    *("name", "surname", "firstname", "lastname", "fullname", "forename", "initials", "nickname"),
    *("email", "mail", "phone", "telephone", "mobile", "fax", "address", "street", "postcode"),
    *("zip", "zipcode", "birthday", "birthdate", "dob", "dateofbirth", "birth", "ssn", "nhs"),
    *("passport", "mrn", "ip", "ipaddress", "prolific", "prolificid", "mturk", "workerid"),
    *("latitude", "longitude", "gps", "photo", "insurance"),
)
_SPLIT = re.compile(r"[^a-z0-9]+")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
#: Values that identify by their form, whatever the column is called.
_FORMS = {
    "an e-mail address": re.compile(r"[^@\s]+@[^@\s]+\.[a-zA-Z]{2,}"),
    "an IP address": re.compile(r"(?:\d{1,3}\.){3}\d{1,3}"),
    "a date": re.compile(r"\d{4}-\d{2}-\d{2}(?:[ T].*)?|\d{1,2}[./]\d{1,2}[./](?:19|20)\d{2}"),
    "a telephone number": re.compile(
        r"(?:\+|00)\d[\d ()/-]{7,}|\(?0\d{2,4}\)?[ /-]\d{3}[\d -]{3,}"
    ),
    "a full name": re.compile(r"[A-Z][a-z]+,? (?:[A-Z]\. )?[A-Z][a-z]+"),
}
#: Two capitalised words are a name where the column has hardly two alike ("Waiting List" repeats).
_MOSTLY = 0.5


def identifying_column(name: object) -> bool:
    """Tell whether a column's name says that it identifies a person."""
    text = _CAMEL.sub(" ", str(name)).lower()
    words = [word for word in _SPLIT.split(text) if word]
    pairs = {a + b for a, b in zip(words, words[1:], strict=False)}
    triples = {"".join(words[i : i + 3]) for i in range(len(words) - 2)}
    return bool({*words, *pairs, *triples} & set(_WORDS))


def identifying_values(values: pd.Series) -> tuple[str, int] | None:
    """Find values that identify a person by their form.

    Parameters
    ----------
    values : Series
        A column.

    Returns
    -------
    tuple of str and int, or None
        What the first one looks like, and its place in the column from 0. The value itself is not
        returned: it must not reach a screen or a log.
    """
    if pd.api.types.is_datetime64_any_dtype(values) and values.notna().any():
        return "a date", int(values.notna().to_numpy().argmax())
    if pd.api.types.is_numeric_dtype(values):
        return None
    text = values.astype("string").str.strip()
    for words, form in _FORMS.items():
        found = text.str.fullmatch(form).fillna(False).to_numpy(dtype=bool)
        if words == "a full name" and text[found].nunique() <= _MOSTLY * text.notna().sum():
            continue
        if found.any():
            return words, int(found.argmax())
    return None
