"""Step 1 of 5: a bill is backpropagation
=========================================

How a bill for apples and oranges is backpropagation, and how that reads digits.

After chapter 5 of the "fish book", which teaches backpropagation with a shopping receipt.

**The receipt.** Two apples at 100 and three oranges at 150, with a tax of 10 %, cost::

    bill = (apple price * number of apples + orange price * number of oranges) * tax,  tax = 1.1

Forward, each operation computes its number: 200 and 450, then 650, then 715. Backward, the question
is how fast the bill grows with each of these numbers, asked from the end. Write ``dx`` for
d bill / dx. An operation can answer for its own inputs as soon as it knows ``dy``, the answer for
its result::

    y = a + b    y grows as fast as a does, so da = dy, and likewise db = dy
    y = a * b    y grows b times as fast as a, so da = dy * b, and likewise db = dy * a

The bill grows as fast as itself: d bill = 1. So d tax = 1 * 650, d subtotal = 1 * 1.1, and the sums
for apples and for oranges get 1.1 each. From there, apple price 1.1 * 2 = 2.2, number of apples
1.1 * 100 = 110, orange price 1.1 * 3 = 3.3, number of oranges 1.1 * 150 = 165. That is all.

**The layers.** With n samples in the rows of X, the same rule for larger operations reads::

    affine    Y = X W + b; X: (n, k), W: (k, m), b: (m,), Y: (n, m).
              dX = dY W^T, dW = X^T dY, and db = the sum of the rows of dY, as b is used in each.
    ReLU      y = max(x, 0).
              dx = dy where x > 0, and 0 elsewhere: the forward pass leaves a mask behind.
    sigmoid   y = 1 / (1 + e) with e = exp(-x), so dy/dx = e / (1 + e)^2 = y * e / (1 + e).
              Since e / (1 + e) = 1 - y, dx = dy * y * (1 - y): the forward pass leaves y behind.
    softmax   Y_ij = exp(Z_ij) / sum_k exp(Z_ik) and L = -1/n sum_ij T_ij log Y_ij; all (n, m), and
              a row of T is 1 for the true class and 0 for the others.
              log Y_ij = Z_ij - log sum_k exp(Z_ik), with the derivative [j = k] - Y_ik to Z_ik.
              As a row of T sums to 1, dZ = (Y - T) / n.

**The text's slips**, mended in ``sknumpynet.graph``: the forward of ReLU computes its result and
does not return it; there is a word ``delf`` that does not exist; ``np.dot(self,x.T, dout)`` has a
comma for a point, which hands the layer itself to NumPy as a matrix; ``app_num`` is a mistyped
name; and Sigmoid keeps nothing, although its backward pass needs y. The first is the treacherous
one: Python goes on with None, and the error appears in another layer. The graph names the culprit
(part 3).

Run ``python examples/learn/apple_receipt.py``; it writes apple_receipt.png beside itself.
"""

# sphinx_gallery_thumbnail_path = "../examples/images/apple_receipt.png"

import argparse
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from threadpoolctl import threadpool_limits

from sknumpynet import NumpyMLPClassifier
from sknumpynet.graph import (
    Add,
    Input,
    Linear,
    Multiply,
    Node,
    Parameter,
    ReLU,
    SoftmaxCrossEntropy,
    backpropagate,
    draw,
    evaluate,
    find_parameters,
    sgd_update,
    topological_order,
)

FIGURE = Path(__file__).with_suffix(".png")


def small_receipt():
    """The bill for two apples at 100, with 10 % tax."""
    apples = Multiply(
        Input(100, name="apple price"), Input(2, name="number of apples"), name="apples"
    )
    return Multiply(apples, Input(1.1, name="tax"), name="bill")


def full_receipt():
    """The bill for two apples at 100 and three oranges at 150, with 10 % tax."""
    apples = Multiply(
        Input(100, name="apple price"), Input(2, name="number of apples"), name="apples"
    )
    oranges = Multiply(
        Input(150, name="orange price"), Input(3, name="number of oranges"), name="oranges"
    )
    subtotal = Add(apples, oranges, name="subtotal")
    return Multiply(subtotal, Input(1.1, name="tax"), name="bill")


def settle(bill):
    """Run both passes, print a line for each node, and return {name: (value, gradient)}."""
    evaluate(bill)
    backpropagate(bill)
    print(f"   {'x':18}{'value':>8}{'d bill / dx':>14}")
    numbers = {}
    for node in topological_order(bill):
        numbers[node.name] = value, gradient = float(node.value), float(node.gradient)
        print(f"   {node.name:18}{value:8.4g}{gradient:14.4g}")
    return numbers


class ReLUWithoutReturn(Node):
    """The text's slip: the result is computed and thrown away."""

    def forward(self, x):
        np.maximum(x, 0)


def message_about_the_slip():
    """What the graph says when a forward returns nothing."""
    try:
        evaluate(ReLUWithoutReturn(Input([-1, 2]), name="hidden") * 3)
    except TypeError as error:
        return str(error)
    return "nothing"


def build_network(rng, n_hidden=50):
    """64 pixels -> n_hidden ReLU -> 10 scores -> loss; a weight starts near 1 / sqrt(inputs)."""
    images, targets = Input(name="images"), Input(name="targets")
    W1 = Parameter(rng.normal(size=(64, n_hidden)) / np.sqrt(64), name="W1")
    W2 = Parameter(rng.normal(size=(n_hidden, 10)) / np.sqrt(n_hidden), name="W2")
    b1, b2 = Parameter(np.zeros(n_hidden), name="b1"), Parameter(np.zeros(10), name="b2")
    scores = Linear(ReLU(Linear(images, W1, b1)), W2, b2)
    return images, targets, scores, SoftmaxCrossEntropy(scores, targets)


def largest_gradient_error(loss, rng, n_entries=25, step=1e-5):
    """Compare entries of every parameter's gradient with (L(w + step) - L(w - step)) / (2 step)."""
    evaluate(loss)
    backpropagate(loss)
    worst = 0.0
    for parameter in find_parameters(loss):
        value, gradient = parameter.value, parameter.gradient
        for entry in rng.integers(value.size, size=n_entries):
            ends = []
            for sign in (1, -1):
                moved = value.copy()
                moved.flat[entry] += sign * step
                parameter.value = moved
                ends.append(float(evaluate(loss)))
            parameter.value = value
            slope = (ends[0] - ends[1]) / (2 * step)
            worst = max(worst, abs(slope - gradient.flat[entry]))
    return worst


def train_on_digits(rng, epochs, batch_size=50, learning_rate=0.3):
    """Mini-batches through the graph; returns accuracies per epoch, the graph, and the data."""
    X, labels = load_digits(return_X_y=True)
    X = X / 16  # grey levels 0 ... 16
    X_train, X_test, y_train, y_test = train_test_split(X, labels, test_size=400, random_state=0)
    one_hot = np.eye(10)
    images, targets, scores, loss = build_network(rng)

    # Three images are enough to see whether the gradient belongs to the loss.
    images.value, targets.value = X_train[:3], one_hot[y_train[:3]]
    gradient_error = largest_gradient_error(loss, rng)

    def accuracy(X, y):
        images.value = X
        return float((evaluate(scores).argmax(axis=1) == y).mean())

    curve = []
    for _ in range(epochs):
        for batch in np.array_split(rng.permutation(len(X_train)), len(X_train) // batch_size):
            images.value, targets.value = X_train[batch], one_hot[y_train[batch]]
            evaluate(loss)
            backpropagate(loss)
            sgd_update(find_parameters(loss), learning_rate)
        curve.append((accuracy(X_train, y_train), accuracy(X_test, y_test)))
    return np.array(curve), gradient_error, (X_train, X_test, y_train, y_test)


def plot(bill, curve, estimator_accuracy, output):
    fig, (top, bottom) = plt.subplots(
        2, 1, figsize=(9, 8.4), height_ratios=(1.35, 1), layout="constrained"
    )
    draw(bill, top)
    top.set_title("The receipt: values above the edges, d bill / d value below, in red")
    epochs = np.arange(1, len(curve) + 1)
    bottom.plot(epochs, curve[:, 0], "o-", ms=3, color="tab:gray", label="graph, training images")
    bottom.plot(epochs, curve[:, 1], "o-", ms=3, color="tab:blue", label="graph, test images")
    bottom.axhline(0.95, color="black", lw=0.8, ls=":", label="95 %")
    bottom.axhline(
        estimator_accuracy, color="tab:orange", lw=1.2, label="NumpyMLPClassifier, test images"
    )
    bottom.set(xlabel="epoch", ylabel="accuracy", title="The same rule, learning digits")
    bottom.xaxis.get_major_locator().set_params(integer=True)
    bottom.legend(loc="lower right", frameon=False)
    fig.savefig(output, dpi=110)
    plt.close(fig)


def main(output=FIGURE, epochs=20, seed=0):
    """Print both receipts, the slip and the gradient check, train on digits, and draw."""
    rng = np.random.default_rng(seed)
    print("1. Two apples at 100, tax 10 %")
    small = settle(small_receipt())
    print("\n2. Two apples at 100, three oranges at 150, tax 10 %")
    bill = full_receipt()
    full = settle(bill)

    print("\n3. A ReLU that returns nothing, as in the text. The graph says:")
    slip = message_about_the_slip()
    print(f"   {slip}")

    curve, gradient_error, (X_train, X_test, y_train, y_test) = train_on_digits(rng, epochs)
    print("\n4. Digits, 64 -> 50 ReLU -> 10, mini-batches of about 50")
    print(f"   gradient against differences of the loss: at most {gradient_error:.1e} apart")
    for epoch in sorted({1, 2, 5, 10, epochs} & set(range(1, epochs + 1))):
        train, test = curve[epoch - 1]
        print(f"   epoch {epoch:3}: accuracy {train:.3f} on training images, {test:.3f} on test")

    model = NumpyMLPClassifier(50, learning_rate_init=0.003, random_state=seed)
    estimator_accuracy = model.fit(X_train, y_train).score(X_test, y_test)
    print("\n5. The same network as an estimator: NumpyMLPClassifier(50, learning_rate_init=0.003)")
    print(f"   epoch {model.n_iter_:3}: accuracy {estimator_accuracy:.3f} on test images")

    plot(bill, curve, estimator_accuracy, output)
    print(f"\nFigure: {output}")
    return {
        "small": small,
        "full": full,
        "slip": slip,
        "gradient_error": gradient_error,
        "accuracy": float(curve[-1, 1]),
        "estimator_accuracy": float(estimator_accuracy),
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=Path, default=FIGURE, help="where to write the figure")
    parser.add_argument("--epochs", type=int, default=20, help="epochs on the digits")
    # Matrices as small as these gain nothing from threads, which on busy cores wait for each other.
    with threadpool_limits(limits=1):
        main(**vars(parser.parse_args()))
