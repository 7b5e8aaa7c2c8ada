import pytest

from lkcm.evidence.problems import problem
from lkcm.evidence.questions import Terminal, ask_row, described, errors_in


def dialogue(*answers):
    """Terminal that gives the answers in turn, and what it was shown."""
    waiting, shown = iter(answers), []

    def ask(prompt):
        shown.append(prompt)
        try:
            return next(waiting)
        except StopIteration:
            raise EOFError from None

    return Terminal(ask, shown.append), shown


def ask_trial(columns, *answers, defaults=None, row=None):
    terminal, shown = dialogue(*answers)
    return ask_row(terminal, "trials", columns, defaults or {}, row), shown


def ask_effect(columns, *answers, row=None):
    terminal, shown = dialogue(*answers)
    return ask_row(terminal, "effects", columns, {}, row), shown


@pytest.mark.parametrize(
    ("column", "answers", "cell"),
    [
        pytest.param("design", ["cluster"], "cluster", id="value of the vocabulary"),
        pytest.param("design", ["2"], "cluster", id="its number"),
        pytest.param("design", [""], "", id="empty"),
        pytest.param("itt", [""], "not-stated", id="what empty means"),
        pytest.param("itt", ["!"], "", id="left empty"),
        pytest.param("title", ["  two \t words "], "two words", id="blanks"),
        pytest.param("trial_id", ["", "x"], "x", id="required"),
        pytest.param("lkcm_core", ["", "!", "part"], "part", id="nothing is taken for granted"),
        pytest.param("year", ["20013", "1066", "soon", "2013"], "2013", id="year"),
        pytest.param("n_arms", ["1", "2.5", "2"], "2", id="range and whole number"),
        pytest.param("doi", ["https://doi.org/10.1/x", "10.1234/x"], "10.1234/x", id="form"),
        pytest.param("design", ["Cluster", "6", "cluster"], "cluster", id="not in vocabulary"),
        pytest.param("title", ["a\x1bb", "ab"], "ab", id="invisible character"),
    ],
)
def test_answers(column, answers, cell):
    row, _ = ask_trial([column], *answers)
    assert row == {column: cell}


def test_vocabulary_unit_and_reason_are_shown():
    _, shown = ask_trial(["design", "weeks"], "lottery", "other", "-1", "8")
    text = "\n".join(shown)
    for said in (
        " 2  cluster: groups of people randomised",
        "found lottery, allowed: parallel | cluster",
        "Duration (weeks): Length of the intervention.",
        "found -1, allowed: a number at least 0",
    ):
        assert said in text


def test_default_is_offered_and_taken():
    row, shown = ask_trial(["title"], "", defaults={"title": "Kindness"})
    assert row == {"title": "Kindness"}
    assert shown[-1] == "title [Kindness]: "


def test_going_back():
    row, _ = ask_trial(["title", "journal", "country"], "<", "A", "B", "<", "C", "D")
    assert row == {"title": "A", "journal": "C", "country": "D"}


@pytest.mark.parametrize(
    ("columns", "answers", "row"),
    [
        pytest.param(
            ["n_t", "events_t"], ["10", "yes", "12", "10"], {"n_t": "10", "events_t": "10"},
            id="more events than people",
        ),
        pytest.param(
            ["stat_kind", "ci_low", "ci_high"], ["d", "0.3", "0.1", "0.9"],
            {"stat_kind": "d", "ci_low": "0.3", "ci_high": "0.9"}, id="limits in order",
        ),
        pytest.param(
            ["stat_kind", "stat_value"], ["or", "-2", "2"],
            {"stat_kind": "or", "stat_value": "2"}, id="negative odds ratio",
        ),
        pytest.param(["p_value"], ["0,05", "<.05"], {"p_value": "<.05"}, id="p value"),
        pytest.param(["sign"], ["-"], {"sign": "-"}, id="a sign that looks like a command"),
    ],
)  # fmt: skip
def test_fields_are_checked_against_each_other(columns, answers, row):
    assert ask_effect(columns, *answers)[0] == row


def test_figures_that_the_source_does_not_print_are_not_asked_for():
    columns = ["timepoint", "followup_weeks", "mean_t", "sd_t", "events_t", "stat_kind",
               "stat_value", "ci_low", "ci_high", "df1"]  # fmt: skip
    row, shown = ask_effect(columns, "post", "no", "no", "text")
    assert row == dict.fromkeys(columns, "") | {"timepoint": "post", "stat_kind": "text"}
    assert [line for line in shown if line.startswith(("mean_t [", "sd_t [", "events_t ["))] == []


def test_figures_are_asked_for_in_groups():
    row, _ = ask_effect(["mean_t", "sd_t", "mean_pre_t"], "yes", "3", "1", "")
    assert row == {"mean_t": "3", "sd_t": "1", "mean_pre_t": ""}


def test_end_of_input_is_passed_on():
    with pytest.raises(EOFError):
        ask_trial(["title", "journal"], "A")


@pytest.mark.parametrize(
    ("answers", "default", "said"),
    [
        (["y"], False, True),
        (["NO"], True, False),
        ([""], True, True),
        (["maybe", ""], False, False),
    ],
)
def test_yes_and_no(answers, default, said):
    assert dialogue(*answers)[0].yes("Really?", default=default) is said


def test_errors_between_rows():
    row = {"trial_id": "t", "effect_id": "t-1", "outcome": "stress", "instrument": "PSS"}
    errors = errors_in({"effects": [row, row]})
    assert {error.rule for error in errors} == {"key-repeated", "contrast-twice"}
    assert errors_in({"effects": [row]}) == []


def test_problem_in_words():
    item = problem("events-above-n", "effects.csv", column="events_t", found="3", allowed="<= n_t")
    assert described(item) == (
        "events_t, found 3, allowed: <= n_t. Check events and n against the source."
    )
