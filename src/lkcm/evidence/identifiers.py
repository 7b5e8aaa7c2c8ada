"""What identifies a paper for certain: DOI, PubMed number, address."""

import re
from urllib.parse import unquote, urlsplit

_DOI_IN_URL = re.compile(r"10\.\d{4,9}/[^\s?#&]+")
_URL_ENDS = re.compile(
    r"(/(full|fulltext|abstract|pdf|epdf|html|summary|figures|references|tables?|meta|v\d+)|"
    r"\.(pdf|html?|full|short|abstract))$",
    re.IGNORECASE,
)


def identifiers(doi: str, pmid: str, url: str) -> frozenset[str]:
    """Return what identifies a paper for certain.

    Parameters
    ----------
    doi, pmid, url : str
        Empty where unknown. A DOI or PubMed number is also read from the address.

    Returns
    -------
    frozenset of str
        ``doi:…`` and ``url:…`` in small letters, ``pmid:…``.
    """
    keys = {f"doi:{doi.lower()}"} if doi else set()
    keys |= {f"pmid:{pmid}"} if pmid else set()
    try:
        parts = urlsplit(url)
    except ValueError:
        return frozenset(keys)
    if parts.scheme not in ("http", "https"):
        return frozenset(keys)
    host = (parts.hostname or "").removeprefix("www.")
    path = unquote(parts.path).rstrip("/")
    in_url = _DOI_IN_URL.search(unquote(f"{path}?{parts.query}"))
    if in_url and not doi:
        bare = in_url[0].rstrip("/.,;")
        while _URL_ENDS.search(bare):
            bare = _URL_ENDS.sub("", bare)
        keys.add(f"doi:{bare.lower()}")
    if host == "pubmed.ncbi.nlm.nih.gov" and path[1:].isdecimal():
        keys.add(f"pmid:{path[1:]}")
    query = "&".join(p for p in parts.query.split("&") if not p.startswith("utm_"))
    if path or query:
        keys.add(f"url:{host}{path}{'?' if query else ''}{query}".lower())
    return frozenset(keys)
