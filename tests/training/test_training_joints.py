"""The contract of a layer carries members, whose rows change, with every other kind of layer.

Checked through the objective, with residual blocks (layers within a
layer), batch normalization (weights of the rows, statistics) and dropout (a generator of its own).
"""

import pickle
import warnings
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning

from sknumpynet import NumpyMLPRegressor
from sknumpynet.fitting import build as architecture
from sknumpynet.inspection import check_gradient
from sknumpynet.losses import MulticlassLogLoss, SquaredError
from sknumpynet.network import (
    BatchNorm,
    Dropout,
    Heads,
    Layer,
    Layout,
    Linear,
    MemberLinear,
    Network,
    Parameter,
    Residual,
    Workspace,
    build_layers,
)
from sknumpynet.network.activations.table import Identity, Tanh
from sknumpynet.network.embeddings import CosineEmbedding, PiecewiseLinearEmbedding
from sknumpynet.network.layer import Buffer, Scratch
from sknumpynet.training import Batch, Objective, mean_loss, raw_scores

N_ROWS, N_COLUMNS = 12, 4


def residual(n=5):
    inner = Residual((BatchNorm(n), Linear(n, n)), n, n)
    return Residual((Linear(n, 3), Tanh(n=3), Linear(3, n), inner), n, n)


def members(k, n_in, n_out, **options):
    return MemberLinear(((k, n_in),), n_in, n_out, **options)


NETWORKS = {
    "residual": [Linear(N_COLUMNS, 5, first=True), Tanh(n=5), residual(), Linear(5, 3)],
    "normalization": [Linear(N_COLUMNS, 5, first=True), BatchNorm(5), Tanh(n=5), Linear(5, 3)],
    "dropout": [Linear(N_COLUMNS, 5, first=True), Tanh(n=5), Dropout(5, 0.4), Linear(5, 3)],
    "members": [members(3, N_COLUMNS, 5, first=True), Tanh(n=5), Heads(3, 5, 3)],
    "members late": [Linear(N_COLUMNS, 5, first=True), Tanh(n=5), members(2, 5, 4), Heads(2, 4, 3)],
    "members alone": [members(3, N_COLUMNS, 3, first=True)],
    "members in groups": [
        Linear(N_COLUMNS, 5, first=True),
        *(MemberLinear(((2, 2), (1, 5), (2, 4)), 5, 4), Tanh(n=4), Linear(4, 6), Heads(5, 6, 3)),
    ],
    "cosine": [
        CosineEmbedding(N_COLUMNS, (0, 3, 2), 5, first=True, highest=0.6),
        *(MemberLinear(((2, 7), (1, 16)), 16, 5), Tanh(n=5), Heads(3, 5, 3)),
    ],
    "piecewise linear": [
        Linear(N_COLUMNS, 5, first=True),
        PiecewiseLinearEmbedding(5, (4, 1), 3, n_bins=4),
        *(members(2, 9, 5), Tanh(n=5), Heads(2, 5, 3)),
    ],
    "all": [
        *(Linear(N_COLUMNS, 5, first=True), BatchNorm(5), Tanh(n=5)),
        *(members(2, 5, 5), Dropout(5, 0.3), BatchNorm(5), residual(), Heads(2, 5, 3)),
    ],
    "members within": [
        Linear(N_COLUMNS, 5, first=True),
        members(2, 5, 5),
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
    network = make([members(3, 4, 7, first=True), Residual((Linear(7, 9),), 7, 9)])
    assert network.widest == 3 * 9
    assert network.largest_product(10) == 2 * 30 * 7 * 9
    assert make([Linear(40, 7, first=True)]).largest_product(10, sparse=True) == 0
    # The matrices of the members, 3 x 100 x 7 numbers, do not grow with the rows.
    assert make([members(3, 100, 7, first=True)]).widest == 3 * 7
    # One product for each member; of the gradient of the rows before, one for a group.
    assert make([members(3, 100, 7, first=True)]).largest_product(10) == 2 * 10 * 100 * 7
    assert make([members(3, 100, 7, first=True)]).largest_product(10, sparse=True) == 0
    assert make([members(3, 100, 7)]).largest_product(10) == 2 * 10 * 100 * 3 * 7
    groups = MemberLinear(((5, 10), (3, 100)), 100, 7)
    assert make([groups]).largest_product(10) == 2 * 10 * 100 * 3 * 7
    assert make([Heads(3, 5, 2)]).largest_product(30) == 2 * 10 * 5 * 2


@pytest.mark.parametrize("n_raw", [1, 3])
@pytest.mark.parametrize("first", [True, False])
def test_one_member_with_a_vector_of_ones_is_the_plain_network_to_the_last_bit(first, n_raw):
    plain = [Linear(30, 20, first=first), Tanh(n=20), Linear(20, n_raw, group="output")]
    one = [members(1, 30, 20, first=first), Tanh(n=20), Heads(1, 20, n_raw)]
    before = [] if first else [Linear(N_COLUMNS, 30, first=True)]
    x = np.random.default_rng(1).normal(size=(N_ROWS, 30 if first else N_COLUMNS))
    loss = SquaredError() if n_raw == 1 else LOSSES[1][0]
    batch = Batch(x.astype("float32"), np.ones((N_ROWS, 1)) if n_raw == 1 else LOSSES[1][1])
    networks, results = [], []
    for layers in (plain, one):
        network = Network.initialized(before + layers, "float32", np.random.default_rng(5))
        networks.append(network)
        for p in network.parameters():
            if hasattr(p, "r"):
                p.r[...] = 1
        for p, q in zip(network.parameters(), networks[0].parameters(), strict=True):
            for name, array in vars(q).items():
                getattr(p, name)[...] = array
        value, gradient = evaluate(network, loss, batch)
        results.append((value, network.layout.views(gradient)))
    (plain_value, plain_views), (value, views) = results
    assert value == plain_value
    for p, q in zip(views, plain_views, strict=True):
        assert vars(q).keys() <= vars(p).keys()
        for name, array in vars(q).items():
            np.testing.assert_array_equal(getattr(p, name).reshape(array.shape), array)
    blocks = [Batch(batch.x, None)]
    out = np.empty((2, N_ROWS, n_raw), "float32")
    for network, scores in zip(networks, out, strict=True):
        raw_scores(network, loss, blocks, scores, N_ROWS)
    np.testing.assert_array_equal(out[0], out[1])


@pytest.mark.parametrize(("loss", "y"), LOSSES, ids=lambda value: type(value).__name__)
@pytest.mark.parametrize("weight", [None, WEIGHT / WEIGHT.mean()], ids=["equal", "weighted"])
@pytest.mark.parametrize("later", [False, True])
def test_members_that_share_nothing_are_separate_networks(loss, y, weight, later):
    """Each sees columns of its own, so that it has rows of the common matrix of its own."""
    k, n = 3, N_COLUMNS
    tables = np.random.default_rng(8).normal(size=(k, N_ROWS, n))
    batch = Batch(np.concatenate(tables, axis=1), y, weight)
    first = members(k, k * n, 5, first=not later)
    layers = [first, Tanh(n=5), Heads(k, 5, 3)]
    if later:
        layers = [CosineEmbedding(k * n, (), 1, first=True), *layers]
    joint = make(layers)
    *_, shared, _, heads = joint.parameters()
    shared.r[...] = np.repeat(np.eye(k), n, axis=1)
    value, gradient = evaluate(joint, loss, batch)
    *_, g, _, g_heads = joint.layout.views(gradient)
    values, raw, offsets = [], [], []
    for j in range(k):
        own = slice(j * n, (j + 1) * n)
        single = make([Linear(n, 5, first=True), Tanh(n=5), Linear(5, 3)])
        hidden, _, output = single.parameters()
        hidden.W[...], hidden.b[...] = shared.W[own], shared.b
        output.W[...], output.b[...] = heads.W[j], heads.b[j]
        one_value, one_gradient = evaluate(single, loss, Batch(tables[j], y, weight))
        q_hidden, _, q_output = single.layout.views(one_gradient)
        # The loss is the mean over members.
        np.testing.assert_allclose(g.W[own], q_hidden.W / k, rtol=1e-12, atol=1e-15)
        np.testing.assert_allclose(g_heads.W[j], q_output.W / k, rtol=1e-12, atol=1e-15)
        np.testing.assert_allclose(g_heads.b[j], q_output.b / k, rtol=1e-12, atol=1e-15)
        offsets.append(q_hidden.b / k)
        values.append(one_value)
        raw.append(single.forward(tables[j], Workspace(single, N_ROWS)).copy())
    np.testing.assert_allclose(g.b, np.sum(offsets, axis=0), rtol=1e-12, atol=1e-15)
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


@pytest.mark.parametrize("layer", [Linear(4, 3), Heads(2, 4, 3), members(1, 4, 3)])
def test_the_last_layer_starts_at_given_scores(layer):
    network = make([layer])
    network.start_at(np.array([1.0, -2.0, 0.5]))
    raw = network.forward(np.zeros((2, 4)), Workspace(network, 2))
    np.testing.assert_array_equal(raw, [[1.0, -2.0, 0.5]] * 2)


def test_a_layer_without_a_start_cannot_be_the_last():
    with pytest.raises(NotImplementedError, match=r"Tanh has no start.* last layer"):
        make([Linear(4, 3), Tanh(n=3)]).start_at(np.zeros(3))


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
        return [*hidden, Notes(n=8), output]

    options = {"max_iter": 3, "batch_size": 10, "random_state": 4, "n_iter_no_change": 99} | options
    model = NumpyMLPRegressor((8,), **options)
    rng = np.random.default_rng(0)
    table = rng.normal(size=(40, 3))
    y = table[:, 0] + rng.normal(size=40)
    with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        patch.setattr(Notes, "drawn", [])
        if noted:
            patch.setattr(architecture, "build_layers", with_notes)
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
