"""scikit-learn's MLP with the weights of a model.

In: a model, and the columns that its first weights are for. Out: a fitted MLPClassifier or
MLPRegressor; or the option for which that class has nothing.
"""

from __future__ import annotations

import warnings
from types import SimpleNamespace
from typing import Any

import numpy as np
from scipy.special import expit, softmax
from sklearn.base import is_classifier
from sklearn.neural_network import MLPClassifier, MLPRegressor

from ..fitting.found import Model
from ..network import ACTIVATIONS, LevelEmbedding, Network, NumericEmbedding
from ..quoting import quoted
from .columns import Columns
from .refused import refused

#: Activations of scikit-learn's MLP, by their names there and here.
SHARED = ("identity", "logistic", "tanh", "relu")

#: Options that make other layers, their plain value, and what is missing there.
OTHER_LAYERS = {
    "numeric_embedding": (
        None,
        "its MLP has no embeddings of numbers (the default of NumpyMLP*, 'auto', makes them from "
        "600 training rows on, for numbers in y from 300 on)",
    ),
    "n_members": (1, "its MLP is a single network"),
    "normalization": (None, "its MLP normalizes no layer"),
    "residual": (False, "its MLP has no way around a layer"),
}

#: From raw scores to predictions.
LINKS = {
    "identity": lambda raw: raw,
    "exp": np.exp,
    "logistic": expit,
    "softmax": lambda raw: softmax(raw, axis=1),
}


def check_loss(estimator: Any, model: Model) -> None:
    """Refuse a loss whose predictions are not those of an MLP's outputs."""
    loss, n = model.loss, model.target.n_outputs
    what = f"loss={quoted(estimator.loss)}"
    if loss.n_raw(n) != n:
        raise refused(
            what, f"its MLP has one output for each column of y, here are {loss.n_raw(n)}"
        )
    if not is_classifier(estimator) and loss.out_activation in ("logistic", "softmax"):
        raise refused(what, "its MLPRegressor has no such outputs")
    raw = np.linspace(-2.0, 3.0, 3 * n).reshape(3, n)
    link = LINKS.get(loss.out_activation)
    if link is None or not np.allclose(loss.predict(raw), link(raw), rtol=1e-12, atol=0.0):
        raise refused(what, "its MLP makes no such predictions of its outputs")
    if loss.out_activation == "exp" and "loss" not in MLPRegressor().get_params():
        raise refused(what, "its MLPRegressor has outputs above 0 from scikit-learn 1.7 on")


def perceptron_of(estimator: Any, model: Model, columns: Columns) -> Any:
    """The MLP, fitted to rows that stand in for those of fit, and given the weights."""
    layers, activation = dense_layers(estimator, model)
    hidden = tuple(len(p.b) for p in layers[:-1])
    options = {"hidden_layer_sizes": hidden, "activation": activation, "random_state": 0}
    target: Any = model.target
    y: Any = None
    kind, X, more = MLPRegressor, columns.encoded, {}
    if is_classifier(estimator):
        kind, more = MLPClassifier, {"classes": target.classes}
        y = np.resize(target.classes, len(X))
        if target.in_columns:
            y = 1 * (y[:, np.newaxis] == target.classes)
    else:
        y = np.ones(len(X) if target.one_dimensional else (len(X), target.n_outputs))
        if model.loss.out_activation == "exp":
            options["loss"] = "poisson"
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        mlp = kind(**options).partial_fit(X, y, **more)
    weights = [columns.weights, *(p.W.copy() for p in layers[1:])]
    offsets = [columns.offsets, *(p.b.copy() for p in layers[1:])]
    if target.unit is not None:
        _in_unit(model, weights, offsets)
    mlp.coefs_, mlp.intercepts_ = weights, offsets
    mlp.n_iter_, mlp.t_, mlp.loss_ = estimator.n_iter_, estimator.t_, estimator.loss_
    mlp.loss_curve_ = list(estimator.loss_curve_)
    return mlp


def _in_unit(model: Model, weights: list[np.ndarray], offsets: list[np.ndarray]) -> None:
    """Have the last layer give predictions in the unit of y."""
    target: Any = model.target
    unit, shift = target.unit, target.shift
    if model.loss.out_activation == "exp":
        offsets[-1] = offsets[-1] + np.log(unit)
    else:
        weights[-1], offsets[-1] = weights[-1] * unit, offsets[-1] * unit + shift


def dense_layers(estimator: Any, model: Model) -> tuple[list[SimpleNamespace], str]:
    """The parameters of each linear layer in float64, and the activation between them."""
    network = model.network.astype("float64").as_it_predicts()
    n = network.begins[0]
    pairs = list(zip(network.layers, network.parameters(), strict=True))[n:]
    linear, between = [p for _, p in pairs[::2]], [layer for layer, _ in pairs[1::2]]
    # What looks up levels is one-hot with weights of its own.
    are_dense = all(isinstance(layer, LevelEmbedding) for layer in network.layers[:n])
    are_dense &= all({"W", "b"} == vars(p).keys() and p.W.ndim == 2 for p in linear)
    if not are_dense or len(network.begins) != len(linear) or len(between) != len(linear) - 1:
        raise _other_layers(estimator, network)
    names = {name for layer in between for name in SHARED if type(layer) is ACTIVATIONS[name]}
    known = [ACTIVATIONS[name] for name in SHARED]
    if len(names) > 1 or not all(type(layer) in known for layer in between):
        what = f"activation={quoted(estimator.activation)}"
        raise refused(what, f"its MLP has one of {', '.join(SHARED)} in all hidden layers")
    return linear, next(iter(names), "identity")


def _other_layers(estimator: Any, network: Network) -> ValueError:
    # "auto" may have embedded nothing.
    embeds = any(isinstance(layer, NumericEmbedding) for layer in network.layers)
    for name, (plain, why) in OTHER_LAYERS.items():
        if embeds if name == "numeric_embedding" else getattr(estimator, name) != plain:
            what = f"{name}={quoted(getattr(estimator, name))}"
            return refused(what, f"{why}. Fit with {name}={plain}")
    return refused("the network", "its MLP has linear layers and activations alone")
