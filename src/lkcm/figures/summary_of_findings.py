"""The GRADE summary of findings as a table with its computed footnotes."""

from IPython.display import display

from lkcm.figures.tables import html_text, table_html
from lkcm.harms.findings import COLUMNS, Findings


def summary_of_findings(found: Findings, name: str = "findings") -> None:
    """Display a summary of findings; without a line it says so in words.

    Parameters
    ----------
    found : Findings
        Of `lkcm.harms.findings.summarise`.
    name : str
        Unique on its page; names the download.
    """
    html, plain = findings_html(found, name)
    display({"text/html": html, "text/plain": plain}, raw=True)


def findings_html(found: Findings, name: str = "findings") -> tuple[str, str]:
    """Return the summary as safe HTML and as text.

    Parameters
    ----------
    found, name
        As `summary_of_findings`.
    """
    if found.lines.empty:
        words = f"Summary of findings: no core trial prints a usable figure for {found.noun}."
        return f"<p>{html_text(words)}</p>", words
    caption = f"Summary of findings (GRADE): LKCM on {found.noun}, core trials"
    lines = found.lines.drop(columns=["group", "brief"])
    kept = {column: head for column, head in COLUMNS.items() if lines[column].notna().any()}
    table = table_html(lines, caption=caption, name=name, columns=kept, missing="–")
    notes = "".join(
        f"<p><sup>{html_text(letter)}</sup> {html_text(note)}</p>"
        for letter, note in found.footnotes.items()
    )
    footnotes = f'<div class="lkcm-footnotes">{notes}</div>' if notes else ""
    said = "\n".join(f"{letter}: {note}" for letter, note in found.footnotes.items())
    text = lines[list(kept)].rename(columns=kept).to_string(index=False)
    return table + footnotes, f"{caption}\n{text}\n{said}"
