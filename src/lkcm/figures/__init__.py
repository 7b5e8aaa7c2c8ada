"""Figures and tables of the book: one theme, static first, interactive where JavaScript runs.

Figures take data frames and results and compute no statistics. Channels are named by their class
(``alt.X("g:Q")``): for a plain string Altair looks through all its classes, 5 ms a channel.
Importing this package enables the Altair theme of the book.
"""

from lkcm.figures import theme
from lkcm.figures.renderer import figure_html, show
from lkcm.figures.tables import cards, chip, html_text, in_short, table, table_html, web_address

__all__ = [
    "cards",
    "chip",
    "figure_html",
    "html_text",
    "in_short",
    "show",
    "table",
    "table_html",
    "theme",
    "web_address",
]
