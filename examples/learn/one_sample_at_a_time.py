"""Step 4 of 5: one sample at a time, and rows
==============================================

A three-layer network that learns from one sample at a time, and what it is in rows.

After a text that derives backpropagation for a curve through 30 points, with a column per sample.

**The network.** A sample is a column a_0 = (x, x^2)^T of shape (2, 1). The sizes k_0, ..., k_3 are
2, 100, 400, 1; W_l has shape (k_l, k_{l-1}), b_l (k_l, 1), and s(z) = 1 / (1 + exp(-z))::

    z_l = W_l a_{l-1} + b_l,    a_l = s(z_l) for l = 1 and 2,    the prediction is z_3

**The recursion.** The loss of one sample is C = (z_3 - y)^2. Let delta_l = dC/dz_l, of the shape of
z_l. It starts with delta_3 = 2 (z_3 - y). Entry j of z_l moves every entry i of z_{l+1}, with the
factor W_{l+1}[i, j] s'(z_l[j]), and all those ways to C add up::

    delta_l = W_{l+1}^T delta_{l+1} * s'(z_l)
    dW_l = delta_l a_{l-1}^T,    db_l = delta_l

as W_l[i, j] moves z_l[i] with the factor a_{l-1}[j], and b_l[i] moves it with the factor 1. After
each sample, every W and b goes 0.002 times its gradient downhill. A round is all 30 samples, and
there are 200 rounds.

**In rows.** With a row per sample all arrays are transposed, and Z = A W + b, dW = A^T dZ: for n
rows, that product is the *sum* of the n products delta_l a_{l-1}^T. This is how the core of the
package computes. Its squared error is half of (z - y)^2, averaged over the rows of a batch. For one
row its gradient is half of the text's, so that the same steps take twice the learning rate, 0.004.
Parts 1 and 2 show that there is no other difference.

**Speed** (part 3). With one row at a time, about 41,000 weights have to be moved for every sample,
and that takes what it takes, in the text's loop and here. Time is saved where rows share a step.

**The text's weakness** (part 4). Its s'(z) = exp(z) / (1 + exp(z))^2 is right, but the square
overflows above z = 355, and above z = 709 it is infinity / infinity. As a = s(z) is known from the
forward pass, s' = a (1 - a) needs no exponential and cannot overflow. Its prediction goes point by
point, where one product serves all points.

Run ``python examples/learn/one_sample_at_a_time.py``; the figure is one_sample_at_a_time.png.
"""

# sphinx_gallery_thumbnail_path = "../examples/images/one_sample_at_a_time.png"

import argparse
import time
import warnings
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.ticker import LogLocator, NullLocator
from sklearn.exceptions import ConvergenceWarning
from threadpoolctl import threadpool_limits

from sknumpynet import NumpyMLPRegressor
from sknumpynet.losses import SquaredError
from sknumpynet.network import Architecture, Network, build_layers
from sknumpynet.training import Batch, Objective

FIGURE = Path(__file__).with_suffix(".png")

SIZES = (2, 100, 400, 1)


def thirty_points():
    """x: (30,), y: (1, 30), features (x, x^2): (2, 30)."""
    random = np.random.RandomState(111)
    x = np.sort(5 * random.rand(30))
    y = x**2 + 2 * random.randn(30)
    return x, np.stack([x, x**2]), y.reshape(1, -1)


def start(seed):
    """Standard normal weights and offsets, W_l: (k_l, k_{l-1}) and b_l: (k_l, 1)."""
    random = np.random.RandomState(seed)
    W = [random.randn(SIZES[i], SIZES[i - 1]) for i in (1, 2, 3)]
    b = [random.randn(SIZES[i], 1) for i in (1, 2, 3)]
    return W, b


def logistic(z):
    return 1 / (1 + np.exp(-z))


def slope_as_in_the_text(z):
    return np.exp(z) / (1 + np.exp(z)) ** 2


def forward(a, W, b):
    """All z_l and all a_l of one column; a[0] is the sample, z[-1] the prediction."""
    z, a = [], [a]
    for layer in range(3):
        z.append(W[layer] @ a[layer] + b[layer])
        a.append(logistic(z[layer]))
    return z, a


def recursion(sample, y, W, b):
    """The loss of one sample and the gradients dW_l and db_l: the recursion of the docstring."""
    z, a = forward(sample, W, b)
    delta = 2 * (z[2] - y)
    dW, db = [None] * 3, [None] * 3
    for layer in (2, 1, 0):
        dW[layer], db[layer] = delta @ a[layer].T, delta
        if layer > 0:
            delta = W[layer].T @ delta * slope_as_in_the_text(z[layer - 1])
    return float((z[2] - y).item() ** 2), dW, db


def train_by_loop(features, y, W, b, rounds, learning_rate=0.002):
    """The text's training, in place; the mean loss of the samples in each round."""
    curve = []
    for _ in range(rounds):
        total = 0.0
        for i in range(features.shape[1]):
            loss, dW, db = recursion(features[:, i : i + 1], y[:, i : i + 1], W, b)
            total += loss
            for array, gradient in zip(W + b, dW + db, strict=True):
                array -= learning_rate * gradient
        curve.append(total / features.shape[1])
    return np.array(curve)


def largest_difference_to_the_core(features, y, W, b):
    """The gradient of all 30 samples, and of each alone, by recursion and by the core's Objective.

    Relative to the largest entry of the gradient.
    """
    layers = build_layers(Architecture(2, SIZES[1:-1], ("logistic", "logistic"), 1))
    network = Network.initialized(layers, "float64", np.random.default_rng(0))
    linear = [p for p in network.parameters() if hasattr(p, "W")]
    for p, W_l, b_l in zip(linear, W, b, strict=True):
        p.W[...], p.b[...] = W_l.T, b_l.ravel()

    objective = Objective(network, SquaredError(), penalty=0.0, max_batch=30)
    worst = 0.0
    for samples in [slice(0, 30), *(slice(i, i + 1) for i in range(30))]:
        X, target = features[:, samples], y[:, samples]
        n = X.shape[1]
        total = np.zeros(network.layout.n_trained)
        for i in range(n):
            _, dW, db = recursion(X[:, i : i + 1], target[:, i : i + 1], W, b)
            # The order of theta: all weights, then all offsets.
            total += np.concatenate([d.T.ravel() for d in dW] + [d.ravel() for d in db])
        _, gradient = objective(network.theta, Batch(X.T, target.T))
        expected = total / (2 * n)  # half, and the mean over the rows of the batch
        worst = max(worst, np.abs(gradient - expected).max() / np.abs(expected).max())
    return float(worst)


def estimator(rounds, **options):
    """The network of the text, for exactly so many rounds: patience never ends the training."""
    return NumpyMLPRegressor(
        hidden_layer_sizes=(100, 400),
        activation="logistic",
        alpha=0,
        max_iter=rounds,
        n_iter_no_change=np.inf,
        early_stopping=False,
        random_state=0,
        **options,
    )


ONE_BY_ONE = {"solver": "sgd", "batch_size": 1, "momentum": 0, "learning_rate_init": 0.004}


def from_the_same_start(X, y, W, b, rounds):
    """An estimator with the text's weights, on the raw numbers, in the order of the samples."""
    model = estimator(
        rounds,
        shuffle=False,
        warm_start=True,
        feature_scaling=None,
        target_scaling=False,
        dtype="float64",
        **ONE_BY_ONE,
    )
    # coefs_ can be set as soon as there is a network. One pass makes it, its weights are replaced,
    # and with warm_start fit goes on from there.
    model.partial_fit(X, y)
    model.coefs_ = [W_l.T for W_l in W]
    model.intercepts_ = [b_l.ravel() for b_l in b]
    return model


def fit_and_time(model, X, y):
    """Fit for all rounds, which the estimator warns about as not converged; returns seconds."""
    before = time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(X, y)
    return time.perf_counter() - before


def time_predictions(model, W, b, n_points):
    """Seconds to predict n points one by one, and all at once by the estimator."""
    x = np.linspace(0, 5, n_points)
    features = np.stack([x, x**2])
    before = time.perf_counter()
    one_by_one = [forward(features[:, i : i + 1], W, b)[0][2].item() for i in range(n_points)]
    middle = time.perf_counter()
    at_once = model.predict(features.T)
    after = time.perf_counter()
    np.testing.assert_allclose(at_once, one_by_one, rtol=1e-3, atol=1e-3)
    return middle - before, after - middle


def show_overflow():
    """Print the slope by both formulas; returns {z: (the text's, a (1 - a))}."""
    slopes = {}
    with np.errstate(over="ignore", invalid="ignore"):
        for z in (0.0, 10.0, 400.0, 800.0):
            a = logistic(z)
            slopes[z] = (float(slope_as_in_the_text(z)), float(a * (1 - a)))
            print(f"   z = {z:3g}:{slopes[z][0]:12.4g}{slopes[z][1]:12.4g}")
    return slopes


def plot(x, y, predictions, curves, output):
    """``predictions``: {name: y at 200 points from 0 to 5}, ``curves``: {name: loss per round}."""
    fig, (left, right) = plt.subplots(1, 2, figsize=(12, 4.8), layout="constrained")
    grid = np.linspace(0, 5, 200)
    left.plot(x, y, "o", ms=5, color="black", label="30 points")
    left.plot(grid, grid**2, color="tab:gray", ls=":", label="x², without the noise")
    for (name, prediction), color in zip(predictions.items(), COLORS, strict=False):
        left.plot(grid, prediction, color=color, label=name)
    left.set(xlabel="x", ylabel="y", title="The fitted curves")
    left.legend(frameon=False)
    for (name, curve), color in zip(curves.items(), COLORS, strict=False):
        right.loglog(np.arange(1, len(curve) + 1), curve, color=color, label=name)
    # The one that must lie on the text's: thin and dashed, on top of a broad line.
    right.lines[0].set(linewidth=5, alpha=0.35)
    right.lines[-1].set(linestyle="--", linewidth=1.2)
    right.set(xlabel="round", ylabel="mean of (prediction - y)²", title="Loss per round")
    for axis, digits in ((right.xaxis, (1, 2, 5)), (right.yaxis, (1, 2, 4, 6))):
        axis.set_major_locator(LogLocator(subs=digits))
        axis.set_major_formatter("{x:g}")
        axis.set_minor_locator(NullLocator())
    right.legend(frameon=False)
    fig.savefig(output, dpi=110)
    plt.close(fig)


COLORS = ("tab:red", "tab:blue", "tab:green", "black")


def main(output=FIGURE, rounds=200, n_points=2000, seed=0):
    """Compare gradients and trainings, time them, show the overflow, and draw."""
    x, features, y = thirty_points()
    X, target = features.T, y.ravel()
    W, b = start(seed)
    print("1. The recursion, and the core's Objective with the same weights")
    difference = largest_difference_to_the_core(features, y, W, b)
    print(f"   largest relative difference of a gradient: {difference:.1e}")

    same = from_the_same_start(X, target, W, b, rounds)
    before = time.perf_counter()
    loop_curve = train_by_loop(features, y, W, b, rounds)
    loop_seconds = time.perf_counter() - before
    same_seconds = fit_and_time(same, X, target)
    # Entry 0 is from the pass that made the network. The estimator's loss is half of the text's.
    same_curve = 2 * np.array(same.loss_curve_[1:])
    curve_difference = float(np.abs(same_curve / loop_curve - 1).max())
    print(f"\n2. {rounds} rounds from the same start: mean loss of a sample")
    print(f"   {'round':>8}{'the loop':>14}{'the estimator':>18}")
    for i in sorted({1, 10, 50, 100, rounds} & set(range(1, rounds + 1))):
        print(f"   {i:8}{loop_curve[i - 1]:14.6f}{same_curve[i - 1]:18.6f}")
    print(f"   largest relative difference: {curve_difference:.1e}")

    scaled = estimator(rounds, **ONE_BY_ONE)
    scaled_seconds = fit_and_time(scaled, X, target)
    shared = estimator(rounds, batch_size=30, learning_rate_init=0.003)
    shared_seconds = fit_and_time(shared, X, target)
    grid = np.linspace(0, 5, 200)
    grid = np.stack([grid, grid**2])
    print("\n3. Seconds on this machine, and how many times faster than the loop")
    errors = {}
    for name, model, seconds in (
        ("the loop, one sample at a time", None, loop_seconds),
        ("estimator, same start, order and float64", same, same_seconds),
        ("estimator, one at a time, scaled, float32", scaled, scaled_seconds),
        ("estimator, all 30 in each step of Adam", shared, shared_seconds),
    ):
        fitted = forward(features, W, b)[0][2] if model is None else model.predict(X)
        errors[name] = float(np.mean((fitted - target) ** 2))
        print(
            f"   {name:42}{seconds:7.3f} s {loop_seconds / seconds:6.1f} times,"
            f" squared error {errors[name]:.2f}"
        )
    one_by_one, at_once = time_predictions(same, W, b, n_points)
    print(f"   {f'the loop, predicting {n_points} points':42}{one_by_one:7.3f} s")
    print(f"   {'estimator, predicting them':42}{at_once:7.3f} s {one_by_one / at_once:6.1f} times")

    print("\n4. The slope of s at z: exp(z) / (1 + exp(z))^2, and a (1 - a)")
    slopes = show_overflow()

    predictions = {
        "the text's loop": forward(grid, W, b)[0][2].ravel(),
        "estimator, one at a time, scaled": scaled.predict(grid.T),
        "estimator, all 30 in a step": shared.predict(grid.T),
    }
    in_units_of_y = 2 * np.var(
        target
    )  # the loss of a scaled target is half a squared error in them
    curves = {
        "the text's loop": loop_curve,
        "estimator, one at a time, scaled": in_units_of_y * np.array(scaled.loss_curve_),
        "estimator, all 30 in a step": in_units_of_y * np.array(shared.loss_curve_),
        "estimator, same start as the text": same_curve,
    }
    plot(x, target, predictions, curves, output)
    print(f"\nFigure: {output}")
    return {
        "difference": difference,
        "curve_difference": curve_difference,
        "loop_curve": loop_curve,
        "errors": errors,
        "slopes": slopes,
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=Path, default=FIGURE, help="where to write the figure")
    parser.add_argument("--rounds", type=int, default=200, help="rounds over the 30 samples")
    # Matrices as small as these gain nothing from threads, which on busy cores wait for each other.
    with threadpool_limits(limits=1):
        main(**vars(parser.parse_args()))
