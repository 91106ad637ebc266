"""Layers that the package does not have yet, to show that the contract of a layer carries them.

Members (rows that change), checked through the objective, with residual blocks (layers within a
layer), batch normalization (weights of the rows, statistics) and dropout (a generator of its own).
"""

import pickle
import warnings
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning

from sknumpynet import NumpyMLPRegressor
from sknumpynet.estimators import fitting
from sknumpynet.inspection import check_gradient
from sknumpynet.losses import MulticlassLogLoss, SquaredError
from sknumpynet.network import (
    Architecture,
    BatchNorm,
    Dropout,
    Layout,
    Linear,
    Network,
    Parameter,
    Residual,
    Workspace,
    build_layers,
)
from sknumpynet.network.activations import Identity, Tanh
from sknumpynet.network.layer import Buffer, Layer, Scratch
from sknumpynet.training import Batch, Objective, mean_loss, raw_scores

N_ROWS, N_COLUMNS = 12, 4


@dataclass(frozen=True)
class Members(Layer):
    """``y_j = x r_j``: (B, n) to (k B, n), a vector for each member."""

    k: int
    n: int

    def rows_out(self, n_rows):
        return self.k * n_rows

    def parameters(self):
        return {"r": Parameter((self.k, self.n), "weight", "members")}

    def buffers(self):
        return {"y": Buffer((self.n,), of_output=True), "dx": Buffer((self.n,), training=True)}

    def initialize(self, p, rng):
        p.r[...] = 1

    def forward(self, x, p, ws):
        ws.kept = x
        np.multiply(x, p.r[:, None], out=ws.y.reshape(self.k, *x.shape))
        return ws.y

    def backward(self, dy, p, ws):
        x = ws.kept
        dy = dy.reshape(self.k, *x.shape)
        ws.g.r[...] = (dy * x).sum(axis=1)
        return np.sum(dy * p.r[:, None], axis=0, out=ws.dx)


@dataclass(frozen=True)
class Heads(Layer):
    """``y_j = x_j W_j + b_j`` for the rows of each of k members."""

    k: int
    n_in: int
    n_out: int

    def parameters(self):
        return {
            "W": Parameter((self.k, self.n_in, self.n_out), "weight", "output"),
            "b": Parameter((self.k, self.n_out), "offset", "output"),
        }

    def buffers(self):
        return {"y": Buffer((self.n_out,)), "dx": Buffer((self.n_in,), training=True)}

    def largest_product(self, n_rows, sparse):
        return 2.0 * (n_rows // self.k) * self.n_in * self.n_out

    def start(self, p, raw):
        p.b[...] = raw

    def forward(self, x, p, ws):
        ws.kept = x.reshape(self.k, -1, self.n_in)
        np.matmul(ws.kept, p.W, out=ws.y.reshape(self.k, -1, self.n_out))
        ws.y.reshape(self.k, -1, self.n_out)[...] += p.b[:, None]
        return ws.y

    def backward(self, dy, p, ws):
        dy = dy.reshape(self.k, -1, self.n_out)
        np.matmul(ws.kept.transpose(0, 2, 1), dy, out=ws.g.W)
        ws.g.b[...] = dy.sum(axis=1)
        np.matmul(dy, p.W.transpose(0, 2, 1), out=ws.dx.reshape(ws.kept.shape))
        return ws.dx


def residual(n=5):
    inner = Residual((BatchNorm(n), Linear(n, n)), n, n)
    return Residual((Linear(n, 3), Tanh(3), Linear(3, n), inner), n, n)


NETWORKS = {
    "residual": [Linear(N_COLUMNS, 5, first=True), Tanh(5), residual(), Linear(5, 3)],
    "normalization": [Linear(N_COLUMNS, 5, first=True), BatchNorm(5), Tanh(5), Linear(5, 3)],
    "dropout": [Linear(N_COLUMNS, 5, first=True), Tanh(5), Dropout(5, 0.4), Linear(5, 3)],
    "members": [Members(3, N_COLUMNS), Linear(N_COLUMNS, 5), Tanh(5), Heads(3, 5, 3)],
    "members last": [Linear(N_COLUMNS, 5, first=True), Tanh(5), Members(2, 5), Heads(2, 5, 3)],
    "all": [
        *(Linear(N_COLUMNS, 5, first=True), BatchNorm(5), Tanh(5)),
        *(Members(2, 5), Dropout(5, 0.3), BatchNorm(5), residual(), Heads(2, 5, 3)),
    ],
    "members within": [
        Linear(N_COLUMNS, 5, first=True),
        Members(2, 5),
        Residual((Dropout(5, 0.2), residual()), 5, 5),
        Heads(2, 5, 3),
    ],
}
every_network = pytest.mark.parametrize("name", NETWORKS)

RNG = np.random.default_rng(0)
X = RNG.normal(size=(N_ROWS, N_COLUMNS))
LOSSES = [
    (SquaredError(), RNG.normal(size=(N_ROWS, 3))),
    (MulticlassLogLoss(3), RNG.integers(0, 3, size=N_ROWS)),
]
WEIGHT = np.array([1, 2, 1, 3, 1, 1, 2, 1, 5, 1, 1, 1])


def make(layers, dtype="float64", seed=1):
    network = Network.initialized(layers, dtype, np.random.default_rng(seed))
    n_trained = network.layout.n_trained
    network.theta[:n_trained] += np.random.default_rng(2).normal(0, 0.4, n_trained)
    return network


def evaluate(network, loss, batch, theta=None, penalty=0.0, seed=3):
    """Loss and gradient, with the same draws in every call."""
    rng = np.random.default_rng(seed)
    objective = Objective(network, loss, penalty, len(batch.x), rng)
    return objective(network.theta if theta is None else theta, batch)


@every_network
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize(("loss", "y"), LOSSES, ids=lambda value: type(value).__name__)
def test_gradients(name, weighted, loss, y):
    network = make(NETWORKS[name])
    batch = Batch(X, y, WEIGHT / WEIGHT.mean() if weighted else None)
    check = check_gradient(
        lambda theta: evaluate(network, loss, batch, theta, penalty=0.7), network.theta.copy()
    )
    assert check.error < 1e-6
    assert np.abs(check.analytic).max() > 1e-3


@every_network
def test_smaller_batches_use_the_first_rows_of_the_same_scratch(name):
    network = make(NETWORKS[name])
    workspace = Workspace(network, N_ROWS)
    network.forward(X, workspace)
    expected = network.forward(X[:5].copy(), Workspace(network, 5))
    np.testing.assert_allclose(network.forward(X[:5], workspace), expected, rtol=1e-14)
    for (_, _, part), (_, _, whole) in zip(
        workspace.steps(5), workspace.steps(N_ROWS), strict=True
    ):
        assert np.shares_memory(getattr(part, "y", X), getattr(whole, "y", X))


@pytest.mark.parametrize("name", ["normalization", "all", "members within"])
def test_a_row_of_weight_k_is_that_row_k_times_in_batch_statistics_too(name):
    layers = [layer for layer in NETWORKS[name] if not layer.draws]
    if name == "members within":
        layers[2] = residual()
    loss, y = LOSSES[0]
    repeated = np.repeat(np.arange(N_ROWS), WEIGHT)
    results = []
    for batch in (Batch(X, y, WEIGHT / WEIGHT.mean()), Batch(X[repeated], y[repeated])):
        network = make(layers)
        value, gradient = evaluate(network, loss, batch)
        results.append((value, gradient.copy(), network.theta))
    for weighted, equal in zip(*results, strict=True):
        np.testing.assert_allclose(weighted, equal, rtol=1e-9, atol=1e-12)


def test_statistics_are_learned_in_training_and_used_in_prediction():
    network = make([BatchNorm(N_COLUMNS)])
    network.layout.views(network.theta)[0].scale[...] = 1
    network.layout.views(network.theta)[0].shift[...] = 0
    objective = Objective(network, SquaredError(), 0.0, N_ROWS)
    batch = Batch(3 * X + 7, np.zeros_like(X))
    for _ in range(400):
        objective(network.theta, batch)
    z = network.forward(batch.x, Workspace(network, N_ROWS))
    np.testing.assert_allclose(z.mean(axis=0), 0, atol=1e-6)
    np.testing.assert_allclose(z.std(axis=0), 1, rtol=1e-4)
    # One by one as all at once: nothing of the batch is used.
    alone = [network.forward(row[None], Workspace(network, 1))[0] for row in batch.x]
    np.testing.assert_allclose(z, alone, rtol=1e-12)


@every_network
def test_pickles_hold_theta_and_views_stay_attached(name):
    network = make(NETWORKS[name])
    twin = pickle.loads(pickle.dumps(network))
    assert twin.layers == network.layers
    assert twin.layout.slots == network.layout.slots
    before = network.forward(X, Workspace(network, N_ROWS)).copy()
    np.testing.assert_array_equal(twin.forward(X, Workspace(twin, N_ROWS)), before)
    twin.theta[:] = 0
    assert all((W == 0).all() for W in twin.arrays("W"))


def test_layers_within_a_layer_have_their_slots_in_order():
    layout = Layout([Linear(4, 5), residual(), Linear(5, 1, group="output")])
    slots = [(slot.layer, slot.name, slot.role, slot.group) for slot in layout.slots]
    assert slots == [
        ((0,), "W", "weight", "hidden"),
        ((1, 0), "W", "weight", "hidden"),
        ((1, 2), "W", "weight", "hidden"),
        ((1, 3, 1), "W", "weight", "hidden"),
        ((2,), "W", "weight", "output"),
        ((0,), "b", "offset", "hidden"),
        ((1, 0), "b", "offset", "hidden"),
        ((1, 2), "b", "offset", "hidden"),
        ((1, 3, 1), "b", "offset", "hidden"),
        ((1, 3, 0), "scale", "offset", "normalization"),
        ((1, 3, 0), "shift", "offset", "normalization"),
        ((2,), "b", "offset", "output"),
        ((1, 3, 0), "mean", "statistic", "normalization"),
        ((1, 3, 0), "variance", "statistic", "normalization"),
        ((1, 3, 0), "share", "statistic", "normalization"),
    ]
    network = Network([Linear(4, 5), residual(), Linear(5, 1)], np.arange(float(layout.size)))
    shapes = [W.shape for W in network.arrays("W")]
    assert shapes == [(4, 5), (5, 3), (3, 5), (5, 5), (5, 1)]
    view = network.parameters()[1].children[3].children[0].scale
    assert np.shares_memory(view, network.theta)


def test_width_and_products_count_layers_within_and_members():
    network = make([Linear(4, 7, first=True), Members(3, 7), Residual((Linear(7, 9),), 7, 9)])
    assert network.widest == 3 * 9
    assert network.largest_product(10) == 2 * 30 * 7 * 9
    assert make([Linear(40, 7, first=True)]).largest_product(10, sparse=True) == 0
    assert make([Members(3, 7)]).widest == 3 * 7
    assert make(NETWORKS["members"]).largest_product(10) == 2 * 30 * 4 * 5


def test_one_member_with_a_vector_of_ones_is_the_plain_network_to_the_last_bit():
    layers = build_layers(Architecture(N_COLUMNS, (6, 5), ["relu", "tanh"], 3))
    plain = Network.initialized(layers, "float32", np.random.default_rng(5))
    behind = [replace(layers[0], first=False), *layers[1:]]
    one = Network.initialized([Members(1, N_COLUMNS), *behind], "float32", np.random.default_rng(5))
    loss, y = LOSSES[1]
    batch = Batch(X.astype("float32"), y)
    value, gradient = evaluate(plain, loss, batch)
    one_value, one_gradient = evaluate(one, loss, batch)
    assert one_value == value
    views = one.layout.views(one_gradient)[1:]
    for p, q in zip(views, plain.layout.views(gradient), strict=True):
        assert vars(p).keys() == vars(q).keys()
        for name, array in vars(q).items():
            np.testing.assert_array_equal(getattr(p, name), array)


@pytest.mark.parametrize(("loss", "y"), LOSSES, ids=lambda value: type(value).__name__)
@pytest.mark.parametrize("weight", [None, WEIGHT / WEIGHT.mean()], ids=["equal", "weighted"])
def test_members_that_share_nothing_are_separate_networks(loss, y, weight):
    k, batch = 3, Batch(X, y, weight)
    joint = make([Members(k, N_COLUMNS), Heads(k, N_COLUMNS, 3)])
    ones, heads = joint.parameters()
    ones.r[...] = 1
    value, gradient = evaluate(joint, loss, batch)
    g = joint.layout.views(gradient)[1]
    values, raw = [], []
    for j in range(k):
        single = make([Linear(N_COLUMNS, 3, first=True)])
        single.parameters()[0].W[...] = heads.W[j]
        single.parameters()[0].b[...] = heads.b[j]
        one_value, one_gradient = evaluate(single, loss, batch)
        q = single.layout.views(one_gradient)[0]
        # The loss is the mean over members.
        np.testing.assert_allclose(g.W[j], q.W / k, rtol=1e-12, atol=1e-15)
        np.testing.assert_allclose(g.b[j], q.b / k, rtol=1e-12, atol=1e-15)
        values.append(one_value)
        raw.append(single.forward(X, Workspace(single, N_ROWS)).copy())
    assert value == pytest.approx(np.mean(values), rel=1e-13)
    # What is predicted, and validated, is the mean of the predictions.
    prediction = np.mean([loss.predict(scores) for scores in raw], axis=0)
    out = np.empty((N_ROWS, 3))
    raw_scores(joint, loss, [batch.part(slice(0, 5)), batch.part(slice(5, 12))], out, 7)
    np.testing.assert_allclose(loss.predict(out), prediction, rtol=1e-12)
    if isinstance(loss, SquaredError):
        losses = ((prediction - y) ** 2 / 2).sum(axis=1)
    else:
        losses = -np.log(prediction[np.arange(N_ROWS), y])
    expected = np.average(losses, weights=weight)
    assert mean_loss(joint, loss, [batch], N_ROWS) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("layer", [Linear(4, 3), Heads(2, 4, 3)])
def test_the_last_layer_starts_at_given_scores(layer):
    network = make([layer])
    network.start_at(np.array([1.0, -2.0, 0.5]))
    raw = network.forward(np.zeros((2, 4)), Workspace(network, 2))
    np.testing.assert_array_equal(raw, [[1.0, -2.0, 0.5]] * 2)


def test_a_layer_without_a_start_cannot_be_the_last():
    with pytest.raises(NotImplementedError, match=r"Tanh has no start.* last layer"):
        make([Linear(4, 3), Tanh(3)]).start_at(np.zeros(3))


@pytest.mark.parametrize(
    "name", ["g", "first", "rng", "training", "kept", "weight", "children", "n_rows", "_buffers"]
)
def test_a_buffer_cannot_shadow_a_member_of_its_scratch(name):
    class Shadow(Layer):
        def buffers(self):
            return {name: Buffer((2,))}

    with pytest.raises(ValueError, match=rf"Shadow declares a buffer '{name}'.*another name"):
        Scratch(Shadow(), 3, np.dtype("float64"))


@pytest.mark.parametrize(("name", "role"), [("W", "wieght"), ("children", "weight")])
def test_parameters_that_have_no_place_are_refused(name, role):
    class Odd(Layer):
        def parameters(self):
            return {name: Parameter((2,), role)}

    with pytest.raises(ValueError, match=rf"Odd declares the parameter '{name}' .*'{role}'"):
        Layout([Odd()])


@dataclass(frozen=True)
class Notes(Identity):
    """Draws, keeps what it drew in ``drawn``, and changes nothing."""

    draws: ClassVar[bool] = True
    drawn: ClassVar[list] = []

    def forward(self, x, p, ws):
        if ws.training:
            self.drawn.append(ws.rng.random())
        return x


def fitted(*calls, noted=True, **options):
    """A regressor after these calls, and what a layer in front of its output drew, if ``noted``."""

    def with_notes(*described):
        *hidden, output = build_layers(*described)
        return [*hidden, Notes(8), output]

    options = {"max_iter": 3, "batch_size": 10, "random_state": 4, "n_iter_no_change": 99} | options
    model = NumpyMLPRegressor((8,), **options)
    rng = np.random.default_rng(0)
    table = rng.normal(size=(40, 3))
    y = table[:, 0] + rng.normal(size=40)
    with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        patch.setattr(Notes, "drawn", [])
        if noted:
            patch.setattr(fitting, "build_layers", with_notes)
        for call in calls:
            getattr(model, call)(table, y)
        return model, Notes.drawn


@pytest.mark.parametrize("calls", [("fit",), ("fit", "fit"), ("partial_fit",) * 3])
def test_a_layer_that_draws_does_not_change_the_order_of_the_rows(calls):
    plain, _ = fitted(*calls, noted=False, warm_start=True)
    noted, drawn = fitted(*calls, warm_start=True)
    assert drawn
    np.testing.assert_array_equal(noted.network_.theta, plain.network_.theta)


def test_what_layers_draw_is_reproducible_and_goes_on():
    _, first = fitted("fit")
    assert len(first) == len(set(first)) == 3 * 4
    assert fitted("fit")[1] == first
    assert fitted(*["partial_fit"] * 3)[1] == first
    _, warm = fitted("fit", "fit", max_iter=2, warm_start=True)
    assert warm[:12] == first
    assert len(set(warm)) == 2 * 2 * 4
    assert not set(fitted("fit", random_state=5)[1]) & set(first)
    assert not fitted("fit", noted=False)[0].network_.draws
