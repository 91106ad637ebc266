"""Step 5 of 5: why a falling loss proves little
================================================

Two dense layers on random numbers, and why a falling loss proves little.

After a text on a fully connected network in NumPy.

**The network.** x: (64, 1000) and y: (64, 10) are standard normal, and so are w1: (1000, 100),
b1: (100,), w2: (100, 10) and b2: (10,) at the start::

    h = x w1 + b1,    r = max(h, 0),    p = r w2 + b2,    L = the sum of all entries of (p - y)^2

**Backward**, as in the steps before, from the end::

    dp = 2 (p - y)                                       (64, 10)
    dw2 = r^T dp,     db2 = the sum of the rows of dp    (100, 10) and (10,)
    dr = dp w2^T,     dh = dr where h > 0, else 0        (64, 100) both
    dw1 = x^T dh,     db1 = the sum of the rows of dh    (1000, 100) and (100,)

An epoch moves all four by 1e-6 times their gradient, and there are 500. The rate is that small
because L is a sum of 640 squares, and large ones: standard normal weights make h some 30 and p some
200 in size, and L starts above 10^7.

**The text's two slips.** It predicts with h where relu(h) is meant: p = h w2 + b2. The model is
then linear, and the gradient above is not that of its loss. And the last line of its update takes
db1 from w1, where b1 was meant. NumPy broadcasts (100,) to (1000, 100) without a word: b1 never
learns, and every row of w1 moves by what was meant for b1.

**Its loss falls all the same**, like the published one, and in the end below that of the right
version (1e-9 against 1e-4). The wrong step still has a part that points downhill, and with 1000
columns for 64 rows there are weights for any y; a linear model, which the first slip makes of it,
finds them sooner than one with relu. The b1 slip alone hardly shows. The y are random, so the lower
loss says nothing about a better model: a falling loss does not prove a gradient right. A comparison
with differences of the loss does. And only the right model can bend: for a linear one, the
predictions at x and at -x average to that at 0 (part 2).

**The estimator** minimizes L / 128: half of each square, averaged over 64 rows. From the text's
start it takes the same steps with the rate 128 * 1e-6. Its own start has weights that keep the size
of the signals, so that L begins near 10^3 and a larger rate can be borne.

Run ``python examples/learn/two_dense_layers.py``; it writes two_dense_layers.png beside itself.
"""

# sphinx_gallery_thumbnail_path = "../examples/images/two_dense_layers.png"

import argparse
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from threadpoolctl import threadpool_limits

from sknumpynet import NumpyMLPRegressor
from sknumpynet.inspection import check_gradient

FIGURE = Path(__file__).with_suffix(".png")

# The loss the text prints in epochs 50, 100, ..., as published; its random numbers are not ours.
PUBLISHED = (47088.9, 674.3, 13.65, 0.31, 0.0073, 0.0002, 0.0)

SHAPES = {"w1": (1000, 100), "b1": (100,), "w2": (100, 10), "b2": (10,)}


def random_start(seed):
    """x, y and {name: array}, all standard normal."""
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=(64, 1000)), rng.normal(size=(64, 10))
    return x, y, {name: rng.normal(size=shape) for name, shape in SHAPES.items()}


def predict(x, p, slip):
    """The prediction, and the two arrays that ``backward`` needs."""
    h = x @ p["w1"] + p["b1"]
    r = np.maximum(h, 0)
    return (h if slip else r) @ p["w2"] + p["b2"], h, r


def loss_and_gradient(x, y, p, slip):
    """The loss and {name: gradient}; with ``slip``, the loss is another and the gradient is not."""
    prediction, h, r = predict(x, p, slip)
    d_prediction = 2 * (prediction - y)
    dh = d_prediction @ p["w2"].T * (h > 0)
    gradient = {
        "w1": x.T @ dh,
        "b1": dh.sum(axis=0),
        "w2": r.T @ d_prediction,
        "b2": d_prediction.sum(axis=0),
    }
    return float(((prediction - y) ** 2).sum()), gradient


def update(p, gradient, rate, slip):
    p["w1"] -= rate * gradient["w1"]
    p["w2"] -= rate * gradient["w2"]
    p["b2"] -= rate * gradient["b2"]
    p["w1" if slip else "b1"] -= rate * gradient["b1"]


def train(x, y, start, epochs, slip, rate=1e-6):
    """The loss of each epoch, before its step."""
    p = {name: array.copy() for name, array in start.items()}
    curve = []
    for _ in range(epochs):
        loss, gradient = loss_and_gradient(x, y, p, slip)
        curve.append(loss)
        update(p, gradient, rate, slip)
    return np.array(curve), p


def flat(arrays):
    return np.concatenate([arrays[name].ravel() for name in SHAPES])


def gradient_error(x, y, start, slip):
    """How far the gradient is from differences of the loss, relative to the largest slope."""
    borders = np.cumsum([array.size for array in start.values()])[:-1]

    def function(theta):
        parts = np.split(theta, borders)
        p = {name: part.reshape(SHAPES[name]) for name, part in zip(SHAPES, parts, strict=True)}
        loss, gradient = loss_and_gradient(x, y, p, slip)
        return loss, flat(gradient)

    return check_gradient(function, flat(start)).error


def cosine_with_downhill(x, y, start):
    """Cosine of the angle between the text's step and the steepest way down its own loss."""
    prediction, h, _ = predict(x, start, slip=True)
    d_prediction = 2 * (prediction - y)
    dh = d_prediction @ start["w2"].T
    downhill = -flat(
        {
            "w1": x.T @ dh,
            "b1": dh.sum(axis=0),
            "w2": h.T @ d_prediction,
            "b2": d_prediction.sum(axis=0),
        }
    )
    moved = {name: array.copy() for name, array in start.items()}
    update(moved, loss_and_gradient(x, y, start, slip=True)[1], 1e-6, slip=True)
    step = flat(moved) - flat(start)
    return float(step @ downhill / np.linalg.norm(step) / np.linalg.norm(downhill))


def bend(x, p, slip):
    """How far the mean of the predictions at x and -x is from that at 0, relative to its size."""
    ahead, back, middle = (predict(sign * x, p, slip)[0] for sign in (1, -1, 0))
    return float(np.linalg.norm((ahead + back) / 2 - middle) / np.linalg.norm(middle))


def estimator(rate, **options):
    return NumpyMLPRegressor(
        hidden_layer_sizes=100,
        activation="relu",
        solver="sgd",
        batch_size=64,
        momentum=0,
        alpha=0,
        learning_rate_init=rate,
        early_stopping=False,
        n_iter_no_change=10,
        feature_scaling=None,
        target_scaling=False,
        dtype="float64",
        random_state=0,
        **options,
    )


def estimator_from_the_same_start(x, y, start, epochs):
    """The loss of each epoch as a sum of squares, with the text's start and rate."""
    model = estimator(rate=128 * 1e-6)
    # Each partial_fit is an epoch. The first one makes the network, whose weights are replaced.
    model.partial_fit(x, y)
    model.coefs_ = [start["w1"], start["w2"]]
    model.intercepts_ = [start["b1"], start["b2"]]
    for _ in range(epochs):
        model.partial_fit(x, y)
    return 128 * np.array(model.loss_curve_[1:])


def print_table(curves, epochs):
    names = ["published", *curves]
    print("   epoch" + "".join(f"{name:>18}" for name in names))
    for epoch in range(50, epochs + 1, 50):
        i = epoch // 50 - 1
        published = f"{PUBLISHED[i]:g}" if i < len(PUBLISHED) else "..."
        cells = [f"{c[epoch - 1]:.4g}" if epoch <= len(c) else "" for c in curves.values()]
        print(f"   {epoch:5}" + "".join(f"{cell:>18}" for cell in [published, *cells]))


def plot(curves, output):
    fig, ax = plt.subplots(figsize=(9, 5.4), layout="constrained")
    styles = (
        {"color": "tab:red"},
        {"color": "tab:blue", "lw": 5, "alpha": 0.35},
        {"color": "black", "ls": "--", "lw": 1.2},
        {"color": "tab:green"},
    )
    for (name, curve), style in zip(curves.items(), styles, strict=True):
        ax.semilogy(np.arange(1, len(curve) + 1), curve, label=name, **style)
    published = PUBLISHED[:-1]
    at = 50 * np.arange(1, len(published) + 1)
    ax.plot(at, published, "x", color="black", label="published, other random numbers")
    ax.axhline(1e-3, color="gray", lw=0.8, ls=":", label="1e-3")
    ax.set(xlabel="epoch", ylabel="sum of squared errors", title="Two dense layers, random data")
    ax.legend(frameon=False)
    fig.savefig(output, dpi=110)
    plt.close(fig)


def main(output=FIGURE, epochs=500, seed=0):
    """Train both versions and the estimator, check both gradients, and draw."""
    x, y, start = random_start(seed)
    text_curve, text_end = train(x, y, start, epochs, slip=True)
    right_curve, right_end = train(x, y, start, epochs, slip=False)
    same_curve = estimator_from_the_same_start(x, y, start, epochs)

    print("1. The estimator with its own start, as it prints (L / 128)")
    model = estimator(rate=0.005, max_iter=500, tol=1e-8, verbose=50).fit(x, y)
    own_curve = 128 * np.array(model.loss_curve_)

    print("\n2. Which gradient is that of its loss?")
    checks = {}
    for name, slip, end in (("the text's", True, text_end), ("the right one", False, right_end)):
        checks[name] = (gradient_error(x, y, start, slip), bend(x, end, slip))
        error, bent = checks[name]
        print(f"   {name}: {error:.1e} off, relative to the largest slope of the loss")
        print(f"      predictions at x and -x average to {bent:.1e} off that at 0")
    cosine = cosine_with_downhill(x, y, start)
    print(f"   cosine between the text's first step and straight downhill: {cosine:.2f}")

    curves = {
        "text's version": text_curve,
        "right version": right_curve,
        "estimator, same": same_curve,
        "estimator, own": own_curve,
    }
    difference = float(np.abs(same_curve / right_curve - 1).max())
    print("\n3. The sum of squared errors in each epoch, from the same start and from its own")
    print_table(curves, epochs)
    print(f"   right version and estimator: at most {difference:.1e} of the loss apart")

    labels = (
        "text's version",
        "right version, same start",
        "estimator, same start",
        "estimator, own start",
    )
    plot(dict(zip(labels, curves.values(), strict=True)), output)
    print(f"\nFigure: {output}")
    return {
        "curves": curves,
        "checks": checks,
        "cosine": cosine,
        "difference": difference,
        "n_iter": model.n_iter_,
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=Path, default=FIGURE, help="where to write the figure")
    parser.add_argument("--epochs", type=int, default=500, help="epochs of each training")
    # Matrices as small as these gain nothing from threads, which on busy cores wait for each other.
    with threadpool_limits(limits=1):
        main(**vars(parser.parse_args()))
