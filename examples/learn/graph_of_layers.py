"""Step 2 of 5: layers as nodes of a graph
==========================================

Layers as nodes of a graph, in which a gradient is the sum over all uses.

After a text on "MiniFlow", a small library of layers that know their neighbours.

**The graph.** A layer is a node. It reads the values of some nodes (MiniFlow: its inbound layers)
and is read by others (its outbound layers). It can be computed once all it reads is computed; an
order of the nodes in which that always holds is a *topological order*. On the way back, a node
knows its gradient once all that read it have sent their part: the same order, from its end.

**One node, several uses.** If x is read by u and by v, it moves the cost C through both::

    dC/dx = dC/du * du/dx + dC/dv * dv/dx

so the contributions of all outbound nodes are *added*. Part 1 shows it on y = u v with u = 3 x and
v = x + 2. At x = 5, u = 15 and v = 7; u sends back 7 * 3 = 21 and v sends back 15 * 1, in all 36.
Indeed y = 3 x^2 + 6 x grows by 6 x + 6 = 36.

**The linear layer.** Z = X W + b; X: (n, k), with a row for each of n samples, W: (k, m), b: (m,),
Z: (n, m). Entry by entry, Z_ij = sum_l X_il W_lj + b_j. Now look for all entries of Z that use a
number, and for the factor at which they grow with it::

    X_il is used in row i, in every column j, with the factor W_lj:   dX_il = sum_j dZ_ij W_lj
    W_lj is used in column j, in every row i, with the factor X_il:   dW_lj = sum_i X_il dZ_ij
    b_j  is used in column j, in every row i, with the factor 1:      db_j  = sum_i dZ_ij

As matrices: dX = dZ W^T, dW = X^T dZ, db = the sum over rows. The products are sums over uses.
The other two nodes are the sigmoid, with dZ = dA * A * (1 - A), and the cost C, the mean of
(P - T)^2 over all entries, with dP = 2 (P - T) / (number of entries).

**A step.** Every parameter goes downhill: w <- w - eta dC/dw, with eta the learning rate.

MiniFlow keeps a dictionary ``gradients`` and lists of both neighbours in each layer. A node of
``sknumpynet.graph`` has one array ``gradient``, knows only what it reads, and leaves in
``contributions`` what it has sent back.

Part 3 trains a network of two linear layers on scikit-learn's diabetes data: 442 patients, 10
columns. Columns and target are brought to mean 0 and variance 1 on the training rows, so that there
a cost of 1 is that of a model which always predicts the mean (on the test rows it is 0.80). Part 4
is the same network as an estimator. Its loss is half the mean squared error, so its learning rate
is twice that of the graph, and it has a penalty on large weights (``alpha``, divided by the number
of training rows), without which it would go on to learn its 332 rows by heart.

Run ``python examples/learn/graph_of_layers.py``; it writes graph_of_layers.png beside itself.
"""

# sphinx_gallery_thumbnail_path = "../examples/images/graph_of_layers.png"

import argparse
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_diabetes
from sklearn.model_selection import train_test_split

from sknumpynet import NumpyMLPRegressor
from sknumpynet.graph import (
    Add,
    Input,
    Linear,
    MeanSquaredError,
    Multiply,
    Parameter,
    Sigmoid,
    backpropagate,
    draw,
    evaluate,
    find_parameters,
    sgd_update,
    topological_order,
)

FIGURE = Path(__file__).with_suffix(".png")


def one_node_two_uses():
    """Print what comes back to x in y = (3 x) (x + 2) at x = 5; return y, the parts and the sum."""
    x = Input(5, name="x")
    u, v = Multiply(3, x, name="u"), Add(x, 2, name="v")
    y = Multiply(u, v, name="y")
    evaluate(y)
    backpropagate(y)
    from_u, from_v = float(u.contributions[1]), float(v.contributions[0])
    print(f"   x = {x.value:g}, u = {u.value:g}, v = {v.value:g}, y = {y.value:g}")
    print(f"   u sends back {from_u:g}, v sends back {from_v:g}: dy/dx = {x.gradient:g}")
    return y, (from_u, from_v), float(x.gradient)


def build_network(rng, n_columns, n_hidden):
    """X -> linear -> sigmoid -> linear -> cost; a weight starts near 1 / sqrt(inputs)."""
    X, target = Input(name="X"), Input(name="T")
    W1 = Parameter(rng.normal(size=(n_columns, n_hidden)) / np.sqrt(n_columns), name="W1")
    W2 = Parameter(rng.normal(size=(n_hidden, 1)) / np.sqrt(n_hidden), name="W2")
    b1, b2 = Parameter(np.zeros(n_hidden), name="b1"), Parameter(np.zeros(1), name="b2")
    hidden = Sigmoid(Linear(X, W1, b1, name="Z1"), name="A")
    return X, target, MeanSquaredError(Linear(hidden, W2, b2, name="P"), target, name="cost")


def diabetes():
    """Training and test rows; columns and target of mean 0 and variance 1 on the training rows."""
    X, y = load_diabetes(return_X_y=True, scaled=False)
    X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=110, random_state=0)
    mean, deviation = X_train.mean(axis=0), X_train.std(axis=0)
    X_train, X_test = (X_train - mean) / deviation, (X_test - mean) / deviation
    mean, deviation = y_train.mean(), y_train.std()
    y_train, y_test = (y_train - mean) / deviation, (y_test - mean) / deviation
    return X_train, X_test, y_train.reshape(-1, 1), y_test.reshape(-1, 1)


def train(network, rng, data, epochs, batch_size, learning_rate):
    """Go through mini-batches; return the costs on training and test rows, from before training."""
    X, target, cost = network
    X_train, X_test, y_train, y_test = data

    def costs():
        both = []
        for X.value, target.value in ((X_test, y_test), (X_train, y_train)):
            both.append(float(evaluate(cost)))
        return both[::-1]

    curve = [costs()]
    for _ in range(epochs):
        for batch in np.array_split(rng.permutation(len(X_train)), len(X_train) // batch_size):
            X.value, target.value = X_train[batch], y_train[batch]
            evaluate(cost)
            backpropagate(cost)
            sgd_update(find_parameters(cost), learning_rate)
        curve.append(costs())
    return np.array(curve)


def plot(shared, cost, curve, estimator_cost, output):
    fig = plt.figure(figsize=(12, 10), layout="constrained")
    fig.get_layout_engine().set(w_pad=0.2, h_pad=0.15)
    top, bottom = fig.subfigures(2, 1, height_ratios=(5.8, 4.2))
    left, right = bottom.subplots(1, 2, width_ratios=(7, 5))
    title = "The network: shapes above, norms of the gradients below; at the end, the cost"
    draw(cost, top.subplots()).set_title(title)
    draw(shared, left).set_title("One node, two uses: the gradient is the sum")
    epochs = np.arange(len(curve))
    right.plot(epochs, curve[:, 0], color="tab:gray", label="graph, training rows")
    right.plot(epochs, curve[:, 1], color="tab:blue", label="graph, test rows")
    right.axhline(estimator_cost, color="tab:orange", ls="--", label="estimator, test rows")
    right.set(xlabel="epoch", ylabel="cost: mean squared error", title="Learning diabetes")
    right.set_ylim(0, 1.05)
    right.legend(frameon=False)
    fig.savefig(output, dpi=110)
    plt.close(fig)


def main(output=FIGURE, epochs=60, n_hidden=8, batch_size=20, learning_rate=0.03, seed=0):
    """Print the sum over uses, the order of a network and its training, and draw all three."""
    rng = np.random.default_rng(seed)
    print("1. One node, two uses: y = u v, u = 3 x, v = x + 2")
    shared, parts, gradient = one_node_two_uses()

    data = diabetes()
    X_train, X_test, y_train, y_test = data
    network = build_network(rng, X_train.shape[1], n_hidden)
    cost = network[-1]
    order = [node.name for node in topological_order(cost)]
    print("\n2. The network in a topological order")
    print("   " + " -> ".join(order))

    curve = train(network, rng, data, epochs, batch_size, learning_rate)
    backpropagate(cost)
    print(f"\n3. Diabetes, 10 -> {n_hidden} sigmoid -> 1, mini-batches of about {batch_size}")
    print("   epoch   cost on training rows   on test rows")
    for epoch in sorted({0, 1, 5, 20, epochs} & set(range(epochs + 1))):
        print(f"   {epoch:5}{curve[epoch, 0]:24.3f}{curve[epoch, 1]:15.3f}")

    model = NumpyMLPRegressor(
        n_hidden,
        "logistic",
        solver="sgd",
        momentum=0,
        batch_size=batch_size,
        learning_rate_init=2 * learning_rate,
        alpha=10,
        random_state=seed,
    )
    model.fit(X_train, y_train.ravel())
    estimator_cost = float(np.mean((model.predict(X_test) - y_test.ravel()) ** 2))
    print("\n4. The same network as a NumpyMLPRegressor, with a penalty on large weights")
    print(f"   after {model.n_iter_} epochs: cost on test rows {estimator_cost:.3f}")

    plot(shared, cost, curve, estimator_cost, output)
    print(f"\nFigure: {output}")
    return {
        "parts": parts,
        "gradient": gradient,
        "order": order,
        "curve": curve,
        "estimator_cost": estimator_cost,
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=Path, default=FIGURE, help="where to write the figure")
    parser.add_argument("--epochs", type=int, default=60, help="epochs on the diabetes data")
    main(**vars(parser.parse_args()))
