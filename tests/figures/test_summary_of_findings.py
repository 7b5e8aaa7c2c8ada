import numpy as np
import pandas as pd

from lkcm.figures.summary_of_findings import findings_html, summary_of_findings
from lkcm.harms.findings import summarise
from lkcm.synthesis.outcome import GroupPool
from lkcm.synthesis.pool import pool


def group(k, n=400):
    yi = np.linspace(0.4, 0.6, k)
    kept = pd.DataFrame({"yi": yi, "n_t_used": n / 2, "n_c_used": n / 2})
    return GroupPool("passive", kept, kept.head(0), pool(yi, np.full(k, 4 / n)))


def test_a_table_with_its_footnotes(capsys):
    html, text = findings_html(summarise([group(6)], "stress <b>", False))
    assert "LKCM on stress &lt;b&gt;" in html and "<b>" not in html
    assert "⊕⊕◯◯ low (a, b)" in html
    assert '<div class="lkcm-footnotes"><p><sup>a</sup> Risk of bias' in html
    assert "a: Risk of bias" in text
    summary_of_findings(summarise([group(6)], "stress", False))
    assert "Summary of findings" in capsys.readouterr().out


def test_nothing_to_grade_has_no_footnotes():
    html, _ = findings_html(summarise([group(2)], "stress"))
    assert "lkcm-footnotes" not in html and "not graded" in html


def test_no_trial_is_said_in_words():
    html, text = findings_html(summarise([], "a & b"))
    assert html == f"<p>{text.replace('&', '&amp;')}</p>"
    assert "no core trial prints a usable figure for a & b" in text
