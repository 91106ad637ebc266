"""Findings about what happens inside the network: units that do nothing, gradients that grow.

In: a subject. Out: a finding, or None.
"""

from __future__ import annotations

import numpy as np

from .finding import Finding
from .subject import Subject

#: Share of the units of a layer that are dead, or saturated, before it is told. Weight decay alone
#: leaves 0.56 of the units of TabularMLP* dead where few are needed (counts of two columns).
SHARE_DEAD, SHARE_SATURATED = 0.75, 0.3

#: Gradients explode if one step by "sgd" would move the weights by this part of their length, or if
#: the gradient at a hidden layer is so many times that at the raw scores.
STEP, GROWTH = 0.3, 1000.0


def dead_units(subject: Subject) -> Finding | None:
    """Three quarters of a hidden layer give the same output for every row."""
    layers = [layer for layers in subject.layers for layer in layers]
    # Those at an end of their activation are another finding.
    shares = [float((layer.dead & ~layer.saturated).mean()) for layer in layers]
    share = max(shares, default=0.0)
    if share < SHARE_DEAD:
        return None
    worst = layers[shares.index(share)]
    text = (
        f"{share:.0%} of the units of {worst.name} ({worst.activation}) give the same output for "
        "every row: no row tells them anything, and few gradients pass."
    )
    advice = (
        f"Lower learning_rate_init (it is {subject.est.learning_rate_init:g}), or set "
        "activation='gelu' or 'leaky_relu', which pass a gradient everywhere"
    )
    return Finding("dead units", share, text, advice + _scaling(subject) + ".", "activation")


def saturated_units(subject: Subject) -> Finding | None:
    """A third of a hidden layer is at the ends of a bounded activation for nearly every row."""
    layers = [layer for layers in subject.layers for layer in layers]
    worst = max(layers, key=lambda layer: layer.share_saturated, default=None)
    if worst is None or worst.share_saturated < SHARE_SATURATED:
        return None
    share = worst.share_saturated
    text = (
        f"{share:.0%} of the units of {worst.name} ({worst.activation}) are at an end of their "
        "activation for nearly every row, where it has no slope."
    )
    advice = (
        f"Lower learning_rate_init (it is {subject.est.learning_rate_init:g}), or set "
        "activation='relu' or normalization='batch'"
    )
    option = "activation" if subject.est.feature_scaling else "feature_scaling"
    return Finding("saturated units", share, text, advice + _scaling(subject) + ".", option)


def _scaling(subject: Subject) -> str:
    return "" if subject.est.feature_scaling else "; set feature_scaling='standard' (it is None)"


def exploding_gradients(subject: Subject) -> Finding | None:
    """The gradient would throw the weights far away, or grows from layer to layer."""
    kind, est = "exploding gradients", subject.est
    parts = {one.name: _ratio(one.gradient, one.weights) for one in subject.gradients}
    if not parts:
        return None
    name = max(parts, key=lambda key: parts[key])
    if est.solver == "sgd" and est.max_grad_norm is None:
        step = parts[name] * float(est.learning_rate_init)
        if not step < STEP:
            text = (
                f"The next step would move the weights of the {name} by {step:.3g} times their "
                "length."
            )
            advice = (
                f"Set max_grad_norm=1 (it is None), a lower learning_rate_init (it is "
                f"{float(est.learning_rate_init):g}), or a solver that sets the length of its "
                "steps, as 'adam'."
            )
            return Finding(kind, step, text, advice, "max_grad_norm")
    growth = _growth(subject)
    if not growth > GROWTH:
        return None
    text = (
        f"On its way back through {len(subject.layers[0])} hidden layers the gradient grows to "
        f"{growth:.3g} times its size."
    )
    advice = (
        f"Set normalization='layer' (it is {est.normalization!r}), residual=True, or "
        "max_grad_norm=1."
    )
    return Finding(kind, growth, text, advice, "normalization")


def _growth(subject: Subject) -> float:
    """How much larger the gradient at a hidden layer is than that at the raw scores.

    The gradient of a matrix is a product of both: of what the layer is given, and the gradient at
    what it gives.
    """
    given = [np.sqrt(np.mean(layer.outputs**2)) for layer in subject.layers[0]]
    sizes = [one.gradient for one in subject.gradients[1:]]
    if len(given) != len(sizes) or len(sizes) < 2:
        return 0.0
    *hidden, last = (_ratio(size, float(a)) for size, a in zip(sizes, given, strict=True))
    return max(_ratio(one, last) for one in hidden)


def _ratio(a: float, b: float) -> float:
    if not (np.isfinite(a) and np.isfinite(b)):
        return float("inf")
    return a / b if b > 0 else 0.0
