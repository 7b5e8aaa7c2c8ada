"""The Bayesian average beside printed ones.

Tolerances are those of the printed values, which are sampled, as ours are integrated:

- Bridge sampling estimates each marginal likelihood; its Bayes factors are within 2 % here.
- In product space a model's probability is its share of correlated draws. Where RoBMA prints an
  error of a Bayes factor it is taken twice; the largest that it prints, 16 %, is taken twice where
  it prints none.
- Means: three printed errors; without one, 0.006 after bridge sampling (an error of 1 % of a
  standard deviation, as RoBMA aims for, of at most 0.5, and rounding), and 0.05 in product space
  (three errors of a standard deviation of 0.5 at 795 effective draws, the fewest that it prints).
- Ends of intervals lie in tails with few draws, beside a spike at zero: 0.04, with a mixture of
  models after bridge sampling the more so, and 0.05.
"""

import numpy as np
import pytest

from lkcm.bias.marginal import fit, grids
from lkcm.bias.published import (
    average_again,
    bias_model,
    example_data,
    prior,
    published,
    published_averages,
)

BRIDGE, LARGEST_ERROR = 0.02, 0.16142
MEAN = {"bridge sampling": 0.006, "product space": 0.05}
END = 0.05

EXAMPLES = published_averages()


def tolerance_of(example, name):
    """Part by which a printed Bayes factor may be off."""
    if example["estimation"] != "product space":
        return BRIDGE
    return 2 * example.get("error_percent", {}).get(name, 100 * LARGEST_ERROR) / 100


@pytest.fixture(scope="module", params=EXAMPLES)
def beside(request):
    example = EXAMPLES[request.param]
    return example, average_again(example)


def test_there_are_the_examples_that_could_be_read():
    assert len(EXAMPLES) == 9
    assert all("commit" in example["source"] for example in EXAMPLES.values())


def test_bayes_factors_are_the_printed_ones(beside):
    example, ours = beside
    for name, printed in example["inclusion_bf"].items():
        apart = abs(np.log(getattr(ours, name).bayes_factor / printed))
        assert apart < tolerance_of(example, name), name


def test_probabilities_follow_from_the_bayes_factors(beside):
    example, ours = beside
    for name, printed in example["posterior"].items():
        tolerance = tolerance_of(example, name)
        # An error of the log odds, turned into one of the probability, and rounding.
        assert getattr(ours, name).posterior == pytest.approx(
            printed, abs=tolerance * printed * (1 - printed) + 0.0015
        )


def test_estimates_are_the_printed_ones(beside):
    example, ours = beside
    for printed, value in ((example["mu"], ours.estimate), (example["tau"], ours.tau)):
        error = printed.get("error")
        tolerance = MEAN[example["estimation"]] if error is None else 3 * error + 0.0005
        assert value == pytest.approx(printed["mean"], abs=tolerance)
    assert ours.ci == pytest.approx((example["mu"]["low"], example["mu"]["high"]), abs=END)


def test_probabilities_by_integration_are_met_to_their_digits():
    example = published("power_pose")
    ours = average_again(example)
    names = {False: "fixed", True: "random"}
    for model in ours.models:
        name = f"{names[model['heterogeneity']]}_H{int(model['effect'])}"
        # metaBMA integrates adaptively and prints five digits.
        assert model["posterior"] == pytest.approx(example["integrated"][name], abs=3e-4)


def test_marginal_likelihoods_of_single_models_are_the_printed_ones():
    example = published("bem2011_seven")
    y, v = example_data(example)
    options = {"mu_prior": prior(example["effect_prior"])}
    at = grids(y, v, prior(example["heterogeneity_prior"]))
    logs = []
    for model in example["models"]:
        bias = bias_model(model["bias"], 1.0) if model["bias"] else None
        kinds = {name: model[name] for name in ("effect", "heterogeneity")}
        found = fit(y, v, at, bias=bias, **kinds, **options)
        # Ours are on twice Fisher's z.
        logs.append(found.log_marginal + len(y) * np.log(2))
        # The two selection models are up to a tenth apart, for a reason that the page does not
        # tell; the others agree to the two digits that are printed.
        tolerance = 0.12 if bias is not None and "steps" in model["bias"] else 0.006
        assert logs[-1] == pytest.approx(model["log_marginal"], abs=tolerance)
    shares = np.exp(logs) / np.exp(logs).sum()
    printed = [model["posterior"] for model in example["models"]]
    assert shares == pytest.approx(printed, abs=0.01)


def test_a_family_that_is_not_known_is_an_error():
    with pytest.raises(ValueError, match="'triangular' is unknown"):
        prior({"family": "triangular", "scale": 1.0})
