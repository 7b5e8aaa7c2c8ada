"""Time every analysis of participants' data on 50,000 participants in 60 trials.

Run ``python benchmarks/ipd.py``. The participants are synthetic.
"""

from collections.abc import Callable
from time import perf_counter

import numpy as np
import pandas as pd

from lkcm.ipd.binary import logistic_mixed, population_average
from lkcm.ipd.crossproducts import ONE
from lkcm.ipd.equity import equity_panel
from lkcm.ipd.mediation import mediate
from lkcm.ipd.missing import completed_effect, impute
from lkcm.ipd.moderators import moderation
from lkcm.ipd.one_stage import one_stage
from lkcm.ipd.participants import prepare
from lkcm.ipd.splines import effect_curve
from lkcm.ipd.synthetic import synthesise
from lkcm.ipd.two_stage import TREATMENT, two_stage
from lkcm.ipd.whom import cohort, scores

TRIALS, PEOPLE = 60, 834


def main() -> None:
    """Print seconds of each analysis."""
    row = {"n": PEOPLE, "age": 35.0, "female": 70.0, "mean": 55.0, "sd": 15.0}
    row |= {"comparator": "passive", "weeks": 8.0}
    plan = pd.DataFrame([row | {"trial": f"S{place:02d}"} for place in range(TRIALS)])
    people = prepare(synthesise(plan, 20240101))
    people["older"] = people["age"] / 10
    people["cluster"] = np.random.default_rng(1).integers(0, PEOPLE // 12, len(people)).astype(str)
    names = ["post", "baseline", "severity", "mediator"]
    own = (ONE, "baseline")
    analyses: dict[str, Callable[[], object]] = {
        "two stages": lambda: two_stage(people, "post", ["baseline"]),
        "one stage": lambda: one_stage(people, "post", stratified=own),
        "two stages, clusters": lambda: two_stage(people, "post", ["baseline"], cluster="cluster"),
        "one stage, clusters": lambda: one_stage(
            people, "post", stratified=own, cluster="cluster"
        ),
        "moderator": lambda: moderation(people, "post", "severity"),
        "spline": lambda: effect_curve(people, "post", "severity"),
        "logistic, treatment only": lambda: logistic_mixed(people, "worse"),
        "logistic, a covariate": lambda: logistic_mixed(people, "worse", (TREATMENT, "older")),
        "logistic, clusters": lambda: logistic_mixed(
            people, "worse", random=ONE, cluster="cluster"
        ),
        "population average": lambda: population_average(people, "worse"),
        "20 imputations": lambda: completed_effect(impute(people, names, seed=1), "post"),
        "mediation": lambda: mediate(people, seed=1),
        "equity panel": lambda: equity_panel(people),
        "doubly robust learner": lambda: scores(cohort(people, "post", ["severity", "age"])),
    }
    print(f"{len(people):,} participants in {TRIALS} trials; seconds")
    total = 0.0
    for name, analysis in analyses.items():
        start = perf_counter()
        analysis()
        seconds = perf_counter() - start
        total += seconds
        print(f"{name:26} {seconds:7.2f}")
    print(f"{'all':26} {total:7.2f}")


if __name__ == "__main__":
    main()
