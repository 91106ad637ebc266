"""Step 3 of 5: a network of any size
=====================================

A network of any size, made by adding layers, and how the error flows back in it.

After a question from someone whose school project computes the forward pass of any list of layers,
squares the error, and then does not know how to go on. This is an answer.

**Forward.** A_0 = X holds n samples in its rows. Layer l, for l = 1, ..., m, has weights W_l of
shape (k_{l-1}, k_l), offsets b_l of shape (k_l,) and an activation f_l::

    Z_l = A_{l-1} W_l + b_l,    A_l = f_l(Z_l),    both of shape (n, k_l)

The error is one number: L = 1/n * (the sum of all entries of (A_m - Y)^2).

**Backward.** Ask how L grows with each array, from the end. The error answers for A_m. Then each
layer, given dA_l, answers for its own arrays, and hands dA_{l-1} to the layer before it::

    dA_m = 2 (A_m - Y) / n
    for l = m, ..., 1:
        dZ_l = dA_l * f_l'(Z_l)                (n, k_l)
        dW_l = A_{l-1}^T dZ_l                  (k_{l-1}, k_l)
        db_l = the sum of the rows of dZ_l     (k_l,)
        dA_{l-1} = dZ_l W_l^T                  (n, k_{l-1})

A layer needs dA_l and what it kept of the forward pass, and does not know how many others there
are. So the loop works for any length. The slopes f' follow from the results A: for linear 1, for
relu 1 where A > 0 and 0 elsewhere, for sigmoid A (1 - A), for tanh 1 - A^2. Softmax alone mixes the
columns of a row: dA_j/dZ_k = A_j ([j = k] - A_k), hence dZ = A * (dA - the row sums of dA * A). The
step is W_l <- W_l - learning_rate * dW_l, and the same for b_l.

**Mistakes in the question's code**, shown in parts 2 and 4. Its derivative of tanh divides by x^2,
which is infinite at 0, where tanh is steepest with slope 1. Its relu takes the largest entry of a
whole row, one number, where every entry is to be compared with 0. Its weights start within 1e-3 of
0: each layer then makes the signal smaller by such a factor on the way forward, and the error on
the way back, so that hardly anything arrives at any weight and training does not get off the
ground. Weights within 1 / sqrt(inputs) keep the size of the signals.

**The last activation** must be able to reach the targets, here 1, 0 and -1. A sigmoid stays above
0: the third sample alone then adds more than 1 to the sum, and L stays above 1/3. A tanh comes as
close to 1 and -1 as one has patience for. A linear output gets there.

Run ``python examples/learn/layers_of_any_size.py``; it writes layers_of_any_size.png beside itself.
"""

# sphinx_gallery_thumbnail_path = "../examples/images/layers_of_any_size.png"

import argparse
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from sknumpynet import NumpyMLPRegressor
from sknumpynet.inspection import check_gradient

FIGURE = Path(__file__).with_suffix(".png")

X = np.array([[1.0, 1.0], [0.0, 0.0], [12.0, 5.0]])
Y = np.array([[1.0], [0.0], [-1.0]])


def sigmoid(Z):
    return (1 + np.tanh(Z / 2)) / 2  # 1 / (1 + exp(-Z)), without an exp that could overflow


def softmax(Z):
    E = np.exp(Z - Z.max(axis=1, keepdims=True))  # the shift cancels in the fraction
    return E / E.sum(axis=1, keepdims=True)


# Name: (A from Z, dZ from dA and A). In all five, the derivative can be had from the result A.
ACTIVATIONS = {
    "linear": (lambda Z: Z, lambda dA, A: dA),
    "relu": (lambda Z: np.maximum(Z, 0), lambda dA, A: dA * (A > 0)),
    "sigmoid": (sigmoid, lambda dA, A: dA * A * (1 - A)),
    "tanh": (np.tanh, lambda dA, A: dA * (1 - A**2)),
    "softmax": (softmax, lambda dA, A: A * (dA - (dA * A).sum(axis=1, keepdims=True))),
}


class Network:
    """Any number of layers ``A_l = f_l(A_{l-1} W_l + b_l)``.

    Weights start uniform within ``start``, by default 1 / sqrt(inputs of the layer).
    """

    def __init__(self, n_inputs, seed=0, start=None):
        self.n_outputs, self.start = n_inputs, start
        self.rng = np.random.default_rng(seed)
        self.activations, self.W, self.b = [], [], []

    def add(self, units, activation):
        """Put a layer at the end; returns the network, so that calls can be chained."""
        bound = 1 / np.sqrt(self.n_outputs) if self.start is None else self.start
        self.W.append(self.rng.uniform(-bound, bound, size=(self.n_outputs, units)))
        self.b.append(np.zeros(units))
        self.activations.append(ACTIVATIONS[activation])
        self.n_outputs = units
        return self

    def forward(self, X):
        """The output of the last layer; all outputs are kept for ``backward``."""
        self.A = [X]
        for W, b, (activate, _) in zip(self.W, self.b, self.activations, strict=True):
            self.A.append(activate(self.A[-1] @ W + b))
        return self.A[-1]

    def backward(self, dA):
        """Fill ``dW`` and ``db``, given dL/dA of the last layer."""
        self.dW, self.db = [None] * len(self.W), [None] * len(self.W)
        for layer in reversed(range(len(self.W))):
            _, differentiate = self.activations[layer]
            dZ = differentiate(dA, self.A[layer + 1])
            self.dW[layer] = self.A[layer].T @ dZ
            self.db[layer] = dZ.sum(axis=0)
            dA = dZ @ self.W[layer].T

    def error(self, X, Y):
        """The mean over samples of the squared error, and all gradients."""
        difference = self.forward(X) - Y
        self.backward(2 * difference / len(X))
        return float((difference**2).sum() / len(X))

    def step(self, learning_rate):
        for array, gradient in zip(self.W + self.b, self.dW + self.db, strict=True):
            array -= learning_rate * gradient


def gradient_error(network, X, Y):
    """Compare the gradient of the error with differences of it, along random directions."""
    arrays = network.W + network.b
    borders = np.cumsum([array.size for array in arrays])[:-1]

    def function(theta):
        for array, part in zip(arrays, np.split(theta, borders), strict=True):
            array[...] = part.reshape(array.shape)
        error = network.error(X, Y)
        return error, np.concatenate([d.ravel() for d in network.dW + network.db])

    return check_gradient(function, np.concatenate([array.ravel() for array in arrays])).error


def show_slips():
    """The two wrong formulas beside the right ones; returns {x: (right, wrong slope of tanh)}."""
    slopes = {x: (1 - np.tanh(x) ** 2, (1 - np.tanh(x) ** 2) / x**2) for x in (0.01, 0.5, 2.0)}
    print("   slope of tanh    right   divided by x^2")
    for x, (right, wrong) in slopes.items():
        print(f"      at x = {x:<6g}{right:8.4f}{wrong:17.4f}")
    row = np.array([-3, 1, 2])
    print(f"   relu of {row}: {np.maximum(row, 0)}, not the largest entry {max(0, row.max())}")
    return slopes


def three_hidden_layers(output, start=None):
    network = Network(2, start=start)
    return network.add(8, "tanh").add(8, "tanh").add(8, "tanh").add(1, output)


def train(network, steps, learning_rate=0.05):
    """The error before each step, and the norm of each dW before the first."""
    errors, first_norms = [], None
    for _ in range(steps):
        errors.append(network.error(X, Y))
        if first_norms is None:
            first_norms = [float(np.linalg.norm(dW)) for dW in network.dW]
        network.step(learning_rate)
    return errors, first_norms


def numbers(values):
    """Four decimals, and no -0.0000."""
    return ", ".join(f"{round(float(value), 4) + 0.0:.4f}" for value in np.ravel(values))


def plot(errors, norms, output):
    fig, (left, right) = plt.subplots(1, 2, figsize=(12, 4.6), layout="constrained")
    for name, curve in errors.items():
        left.loglog(np.arange(1, len(curve) + 1), curve, label=name)
    left.axhline(1 / 3, color="black", lw=0.8, ls=":")
    last = max(len(curve) for curve in errors.values())
    left.text(last, 0.26, "no sigmoid gets below 1/3", ha="right", va="top", fontsize=9)
    left.set(xlabel="step", ylabel="mean squared error", title="Three points, four networks")
    left.set_ylim(1e-9, 10)
    left.legend(frameon=False, loc="lower left")
    for (name, values), color in zip(norms.items(), ("tab:blue", "tab:red"), strict=True):
        layers = [f"layer {i}" for i in range(1, len(values) + 1)]
        right.semilogy(layers, values, "o-", label=f"start {name}", color=color)
    right.set(ylabel="norm of dW before the first step", title="What reaches the weights")
    right.set_ylim(1e-9, 10)
    right.grid(axis="y", alpha=0.3)
    right.legend(frameon=False, loc="center right")
    fig.savefig(output, dpi=110)
    plt.close(fig)


def main(output=FIGURE, steps=5000):
    """Check all gradients, show the slips, train four networks and the estimator, and draw."""
    rng = np.random.default_rng(0)
    print("1. Five layers with five activations: gradient against differences of the error")
    mixed = Network(4).add(6, "relu").add(5, "sigmoid").add(4, "softmax").add(5, "tanh")
    checked = gradient_error(mixed.add(2, "linear"), rng.normal(size=(7, 4)), np.ones((7, 2)))
    print(f"   relative difference {checked:.1e}")

    print("\n2. Slips in the question")
    slopes = show_slips()

    print(f"\n3. Learning [[1, 1], [0, 0], [12, 5]] -> [1, 0, -1] in {steps} steps")
    errors, norms = {}, {}
    for name, activation, start in (
        ("linear output", "linear", None),
        ("tanh output", "tanh", None),
        ("sigmoid output", "sigmoid", None),
        ("linear output, start within 1e-3", "linear", 1e-3),
    ):
        network = three_hidden_layers(activation, start)
        errors[name], first_norms = train(network, steps)
        if activation == "linear":
            norms["within 1 / sqrt(inputs)" if start is None else "within 1e-3"] = first_norms
        predictions = numbers(network.forward(X))
        print(f"   {name:34} error {errors[name][-1]:8.2e}   predictions {predictions}")

    print("\n4. What reaches the weights: norm of dW before the first step, layer by layer")
    for name, values in norms.items():
        print(f"   {'start ' + name:30} {', '.join(f'{v:.1e}' for v in values)}")

    model = NumpyMLPRegressor(
        hidden_layer_sizes=(8, 8),
        activation=("tanh", "relu"),
        solver="lbfgs",
        max_iter=1000,
        random_state=0,
    )
    predictions = model.fit(X, Y.ravel()).predict(X)
    estimator_error = float(np.mean((predictions - Y.ravel()) ** 2))
    print("\n5. An estimator with an activation per layer")
    print("   NumpyMLPRegressor((8, 8), activation=('tanh', 'relu'), solver='lbfgs')")
    print(f"   error {estimator_error:.2e}, predictions {numbers(predictions)}")

    plot(errors, norms, output)
    print(f"\nFigure: {output}")
    return {
        "checked": checked,
        "slopes": slopes,
        "errors": errors,
        "norms": norms,
        "estimator_error": estimator_error,
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=Path, default=FIGURE, help="where to write the figure")
    parser.add_argument("--steps", type=int, default=5000, help="steps of each network")
    main(**vars(parser.parse_args()))
