import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lkcm.evidence.labels import cite_authors, trial_labels


def trials(*rows):
    columns = ["trial_id", "authors", "year", "journal", "title"]
    frame = pd.DataFrame([dict(zip(columns, row, strict=True)) for row in rows], columns=columns)
    return frame.astype(dict.fromkeys(columns, "str") | {"year": "Int64"})


@pytest.mark.parametrize(
    ("authors", "cited"),
    [
        ("Arimitsu", "Arimitsu"),
        ("Neff & Germer", "Neff & Germer"),
        ("Neff and Germer", "Neff & Germer"),
        ("Lv et al.", "Lv et al."),
        ("Feldman, Greeson et al.", "Feldman et al."),
        ("Parks, Birtel & Crisp", "Parks et al."),
        ("Böckler et al. (ReSource project)", "Böckler et al."),
        ("Neff, K. D., & Germer, C. K.", "Neff & Germer"),
        ("Neff KD, Germer CK", "Neff & Germer"),
        ("Le Nguyen et al.", "Le Nguyen et al."),
        ("University of Nevada, Las Vegas", "University of Nevada, Las Vegas"),
        ("(authors not on the page read)", ""),
        ("K. D.", "K. D."),
    ],
)
def test_authors_as_cited(authors, cited):
    assert cite_authors(authors) == cited


@pytest.mark.parametrize(
    ("row", "label"),
    [
        (("a", "Neff & Germer", 2013, "J", "T"), "Neff & Germer 2013"),
        (("a", "Homaei", None, "J", "T"), "Homaei n.d."),
        (("a", "(not on the page read)", 2022, "BMC Nursing", "T"), "BMC Nursing 2022"),
        (("a", None, 2022, "J Clin Nurs (Iran)", "T"), "J Clin Nurs (Iran) 2022"),
        (("a", None, 2022, None, "(A title, paraphrased)"), "A title, paraphrased 2022"),
        (("a17", None, None, None, None), "a17 n.d."),
        (
            ("a", None, 2022, None, "Effects of kindness on stress in nurses"),
            "Effects of kindness on stress… 2022",
        ),
        (("a", None, 2022, "x" * 40, None), "x" * 31 + "… 2022"),
    ],
)
def test_label(row, label):
    assert list(trial_labels(trials(row))) == [label]


def test_labels_that_would_be_alike_get_letters():
    rows = [("a", "Mak et al.", 2018, None, None)] * 2 + [("b", "Xu", None, None, None)] * 2
    expected = ["Mak et al. 2018a", "Mak et al. 2018b", "Xu n.d.-a", "Xu n.d.-b"]
    assert list(trial_labels(trials(*rows))) == expected


def test_after_z_comes_aa():
    labels = trial_labels(trials(*[("a", "Xu", 2000, None, None)] * 28))
    assert list(labels[25:]) == ["Xu 2000z", "Xu 2000aa", "Xu 2000ab"]


def test_the_index_of_the_table_is_kept():
    frame = trials(("a", "Xu", 2000, None, None), ("b", "Wu", 2001, None, None))
    frame.index = [7, 3]
    assert trial_labels(frame).to_dict() == {7: "Xu 2000", 3: "Wu 2001"}


def test_no_trials_no_labels():
    assert trial_labels(trials()).empty


texts = st.one_of(st.none(), st.text(max_size=40), st.sampled_from(["Xu", "Xu 2000a", "Xu & Wu"]))


@given(st.lists(st.tuples(st.just("id"), texts, st.sampled_from([None, 2000]), texts, texts)))
def test_labels_are_unique_whatever_the_table(rows):
    assert trial_labels(trials(*rows)).is_unique
