"""Published Bayesian averages, with which the one of this book is compared.

Each file in the folder ``robma`` holds the data, the ensemble and the printed results of one
example, mostly of the R package RoBMA, and where they were read.
"""

import json
from pathlib import Path

import numpy as np
from scipy import stats

from lkcm.bias.bias_models import BIAS_MODELS, Array, RegressionModel, SelectionModel
from lkcm.bias.marginal import Prior
from lkcm.bias.model_average import ModelAverage, model_average

STORED = Path(__file__).with_name("robma")


def published_averages() -> dict[str, dict[str, object]]:
    """Return the examples of averages over effect, heterogeneity and bias, by file name.

    Returns
    -------
    dict of str to dict
        ``title``, ``source``, ``estimation`` (of the printed values: "bridge sampling", or
        "product space", where model probabilities are shares of draws), ``scale`` on which the
        models were fitted, ``data``, priors, ``bias_models``, and as printed ``inclusion_bf``
        (where finite) and its ``error_percent``, ``posterior`` (probabilities), ``mu`` (``mean``,
        ``low``, ``high``) and ``tau``.
    """
    found = {path.stem: published(path.stem) for path in sorted(STORED.glob("*.json"))}
    return {name: example for name, example in found.items() if "inclusion_bf" in example}


def published(name: str) -> dict[str, object]:
    """Return one example by the name of its file."""
    return json.loads((STORED / f"{name}.json").read_text(encoding="utf-8"))


def average_again(example: dict[str, object]) -> ModelAverage:
    """Average over the models of an example of `published_averages`.

    On Fisher's z the results are on twice that scale, which is that of its priors.
    """
    return model_average(
        *example_data(example),
        bias_models=_bias_models(example["bias_models"]),
        mu_prior=prior(example["effect_prior"]),
        tau_prior=prior(example["heterogeneity_prior"]),
    )


def example_data(example: dict[str, object]) -> tuple[Array, Array]:
    """Return effects and variances of an example as its models take them.

    For models on Fisher's z: 2 arsinh(d / 2), and four over n - 3, with n from the standard error
    of d in two equal groups. Twice Fisher's z has the scale of d, on which RoBMA's priors are
    stated and to which it turns them back by the factor two.
    """
    data = example["data"]
    d = np.array(data["d"])
    v = np.array(data["v"]) if "v" in data else np.square(data["se"])
    if example["scale"] == "d":
        return d, v
    n = (4 + d**2 / 2) / v
    return 2 * np.arcsinh(d / 2), 4 / (n - 3)


def prior(stated: dict[str, object]) -> Prior:
    """Turn a prior as stored into a distribution.

    Raises
    ------
    ValueError
        A family that is not known.
    """
    scale = stated["scale"]
    match stated["family"]:
        case "normal":
            return stats.norm(0.0, scale)
        case "normal above zero":
            return stats.truncnorm(-stated["loc"] / scale, np.inf, loc=stated["loc"], scale=scale)
        case "half-normal":
            return stats.halfnorm(scale=scale)
        case "half-Cauchy":
            return stats.halfcauchy(scale=scale)
        case "t":
            return stats.t(stated["df"], scale=scale)
        case "inverse gamma":
            return stats.invgamma(stated["shape"], scale=scale)
    raise ValueError(f"family of a prior {stated['family']!r} is unknown")


def bias_model(stated: dict[str, object], share: float) -> SelectionModel | RegressionModel:
    """Turn a model of bias as stored (one-sided steps, or a regression) into one with a prior."""
    if "steps" in stated:
        return SelectionModel(f"steps at {stated['steps']}", share, tuple(stated["steps"]))
    return RegressionModel(f"power {stated['power']}", share, stated["power"], stated["scale"])


def _bias_models(stated: str | list) -> tuple[SelectionModel | RegressionModel, ...]:
    if isinstance(stated, str):
        return {"PSMA": tuple(BIAS_MODELS), "none": ()}[stated]
    return tuple(bias_model(model, 1 / len(stated)) for model in stated)
