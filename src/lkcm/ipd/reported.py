"""What trials say of mediators, moderators and open data, and what that decides."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pandas as pd

from lkcm.evidence.describe import share_with_interval
from lkcm.ipd.power import WANTED
from lkcm.words import number, percent, share_of

#: A mediator or moderator tested in this many trials could be pooled; fewer establish nothing.
ESTABLISHED_FROM = 10
#: What a synthesis of participants' data needs, and how a table says that a source tells of it.
ELEMENTS_REPORTED: Mapping[str, Callable[[pd.DataFrame], pd.Series]] = {
    "number randomised": lambda t: t["n_randomised"].notna(),
    "age": lambda t: t["mean_age"].notna(),
    "gender": lambda t: t["pct_female"].notna(),
    "ethnicity": lambda t: t["ethnicity_reported"].eq("yes"),
    "country": lambda t: t["country"].notna(),
    "drop-out of each arm": lambda t: t["dropout_t"].notna() & t["dropout_c"].notna(),
    "worsening or adverse events of each arm": lambda t: t["harms_mentioned"].eq("yes-per-arm"),
    "a mediator": lambda t: t["mediation_tested"].eq("yes"),
    "a moderator": lambda t: t["moderator_tested"].eq("yes"),
    "open participant data": lambda t: t["data_open"].eq("yes"),
}
#: Elements of which the demographic groups of the equity panel are made.
GROUPS = ("age", "gender", "ethnicity")


@dataclass(frozen=True)
class Decision:
    """What this evidence says of a claim.

    Attributes
    ----------
    claim_id : str
        A row of claims.csv.
    verdict : str
        supported | contradicted | not what this evidence shows | cannot be told.
    sentence, rule : str
        What was found, and the rule that turns it into the verdict.
    """

    claim_id: str
    verdict: str
    sentence: str
    rule: str


def elements_reported(trials: pd.DataFrame) -> pd.DataFrame:
    """Return, element by element, the share of trials whose source tells of it.

    Returns
    -------
    DataFrame
        ``item``, ``stated``, ``trials``, ``share``, ``low``, ``high`` (exact 95 %), most often
        told first.
    """
    n = trials["sample_id"].nunique()
    rows = []
    for item, states in ELEMENTS_REPORTED.items():
        stated = int(states(trials).groupby(trials["sample_id"]).any().sum())
        rows.append((item, stated, n, *share_with_interval(stated, n)))
    columns = ["item", "stated", "trials", "share", "low", "high"]
    return pd.DataFrame(rows, columns=columns).sort_values("share", ascending=False, kind="stable")


def reported_tests(trials: pd.DataFrame, labels: pd.Series) -> pd.DataFrame:
    """Return the trials whose source reports a test of a mediator or moderator, or open data.

    Parameters
    ----------
    trials : DataFrame
        The evidence.
    labels : Series
        Label of each ``trial_id``.

    Returns
    -------
    DataFrame
        ``label``, ``what`` (mediator | moderator | open data), ``named`` (mediators), ``n``,
        ``source_url``.
    """
    parts = []
    for column, what in (
        ("mediation_tested", "mediator"),
        ("moderator_tested", "moderator"),
        ("data_open", "open data"),
    ):
        rows = trials[trials[column].eq("yes")]
        named = (
            rows["mediator"] if what == "mediator" else pd.Series(None, rows.index, dtype="str")
        )
        parts.append(
            pd.DataFrame(
                {
                    "label": rows["trial_id"].map(labels),
                    "what": what,
                    "named": named,
                    "n": rows["n_randomised"],
                    "source_url": rows["source_url"],
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def mediators(trials: pd.DataFrame) -> pd.Series:
    """Return the number of samples that tested each named mediator, most first."""
    rows = trials[trials["mediation_tested"].eq("yes")][["sample_id", "mediator"]].dropna()
    named = rows.assign(mediator=rows["mediator"].str.split(r"[;,] ?", regex=True))
    named = named.explode("mediator")
    return named.groupby("mediator")["sample_id"].nunique().sort_values(ascending=False)


def participant_reviews(references: pd.DataFrame) -> pd.DataFrame:
    """Return published estimates that say they rest on individual participants' data."""
    text = references["title"].fillna("") + " " + references["question"].fillna("")
    text = text + " " + references["subset"].fillna("")
    return references[
        text.str.contains(r"individual[- ](?:participant|patient)|\bIPD\b", case=False)
    ]


def decide(
    trials: pd.DataFrame,
    references: pd.DataFrame,
    powers: pd.DataFrame | None,
    *,
    participants: bool = False,
) -> list[Decision]:
    """Decide claims c12, c13 and c32 to c35 from what trials report.

    Parameters
    ----------
    trials, references : DataFrame
        Evidence: trials, and published estimates (may be empty).
    powers : DataFrame, or None
        From `lkcm.ipd.power.power_cases`; None where too few sizes are known.
    participants : bool
        Whether participants' files are there.
    """
    reported = elements_reported(trials).set_index("item")
    return [
        _mediators(trials, reported.loc["a mediator"]),
        _moderators(reported.loc["a moderator"]),
        _open_data(reported.loc["open participant data"], references),
        _power(powers),
        _elements(trials, reported),
        _equity(reported, participants),
    ]


def _share(row: pd.Series) -> str:
    return share_of(int(row["stated"]), int(row["trials"]), "trials")


def _mediators(trials: pd.DataFrame, row: pd.Series) -> Decision:
    counts = mediators(trials)
    most = int(counts.max()) if len(counts) else 0
    few = most < ESTABLISHED_FROM
    sentence = f"The sources of {_share(row)} report a test of a mediator (a floor); "
    sentence += f"no mediator is named in more than {number(most)}." if most else "none is named."
    rule = f"supported where no mediator is tested in {ESTABLISHED_FROM} trials or more"
    return Decision("c12", "supported" if few else "not what this evidence shows", sentence, rule)


def _moderators(row: pd.Series) -> Decision:
    few = row["stated"] < ESTABLISHED_FROM
    sentence = f"The sources of {_share(row)} report a test of a moderator (a floor)."
    rule = f"supported where fewer than {ESTABLISHED_FROM} trials report a test"
    return Decision("c13", "supported" if few else "not what this evidence shows", sentence, rule)


def _open_data(row: pd.Series, references: pd.DataFrame) -> Decision:
    reviews, every = participant_reviews(references), references
    found = reviews.drop_duplicates("title") if len(reviews) else reviews
    all_reviews = every["title"].nunique() if len(every) else 0
    sentence = f"The sources of {_share(row)} say that participants' data are open"
    sentence += (
        f"; of {number(all_reviews)} published syntheses in the table of references "
        f"{number(len(found))} say that they use participants' data."
        if all_reviews
        else "."
    )
    minority = row["high"] < 0.5 and (not all_reviews or len(found) < all_reviews / 2)
    rule = "supported where both shares are below one half"
    return Decision("c32", "supported" if minority else "cannot be told", sentence, rule)


def _power(powers: pd.DataFrame | None) -> Decision:
    rule = "supported where printed figures never have more power than participants' data "
    rule += f"and less than {percent(WANTED)} in most cases examined"
    if powers is None or powers.empty:
        sentence = "Too few trials state size and mean age for a simulation."
        return Decision("c33", "cannot be told", sentence, rule)
    reach = {name: int((powers[name] >= WANTED).sum()) for name in ("aggregate", "participants")}
    cases, k = len(powers), int(powers["k"].max())
    sentence = (
        f"Simulated for the {number(k)} core trials that print size and mean age: a test of a "
        f"moderator reaches {percent(WANTED)} power with printed figures in {reach['aggregate']} "
        f"of {cases} cases examined, with the same trials' participants in "
        f"{reach['participants']}."
    )
    short = (powers["aggregate"] <= powers["participants"]).all()
    short = short and reach["aggregate"] < cases / 2
    verdict = "supported" if short else "not what this evidence shows"
    return Decision("c33", verdict, sentence, rule)


def _elements(trials: pd.DataFrame, reported: pd.DataFrame) -> Decision:
    have = [ELEMENTS_REPORTED[name](trials).groupby(trials["sample_id"]).any() for name in GROUPS]
    every = int(pd.concat(have, axis=1).all(axis=1).sum())
    n = int(reported["trials"].iloc[0])
    told = ", ".join(f"{name} {percent(reported.loc[name, 'share'])}" for name in GROUPS)
    sentence = f"Sources tell of {told}; of all three, {share_of(every, n, 'trials')}. "
    sentence += "What an abstract leaves out may have been measured: this is a floor."
    rule = "cannot be told while the sources are abstracts, which name few of the elements"
    return Decision("c34", "cannot be told", sentence, rule)


def _equity(reported: pd.DataFrame, participants: bool) -> Decision:
    row = reported.loc["ethnicity"]
    sentence = f"The sources of {_share(row)} report ethnicity"
    sentence += (
        "; the equity panel is computed from participants' files."
        if participants
        else ", and no participants' data are here: nothing tells whether effects differ by group."
    )
    rule = "cannot be told without participants' data"
    return Decision("c35", "cannot be told", sentence, rule)
