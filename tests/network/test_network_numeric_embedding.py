"""Embeddings of numbers: what they compute, where they start, and the order of their columns."""

from types import SimpleNamespace

import numpy as np
import pytest
import scipy.sparse as sp
from numpy.testing import assert_allclose, assert_array_equal

from catalogue import NUMERIC_EMBEDDINGS, input_of
from sknumpynet.inspection import check_gradient
from sknumpynet.losses import SquaredError
from sknumpynet.network import Heads, LevelEmbedding, MemberLinear, Network, SparseRows, Workspace
from sknumpynet.network.activations.table import Tanh
from sknumpynet.network.embeddings import CosineEmbedding, PiecewiseLinearEmbedding
from sknumpynet.network.embeddings.quantiles import Bins
from sknumpynet.network.layer import Scratch
from sknumpynet.training import Batch, Objective


def run(layer, x, **parameters):
    p = SimpleNamespace(**{name: np.array(value) for name, value in parameters.items()})
    return layer.forward(x, p, Scratch(layer, len(x), x.dtype))


def started(layer, seed=0, dtype="float64"):
    return Network.initialized([layer], dtype, np.random.default_rng(seed))


def forward(network, x, **options):
    return network.forward(x, Workspace(network, len(x), **options))


def test_cosine_by_hand():
    """Passed on, then the numbers, then a frequency after the other."""
    layer = CosineEmbedding(3, (0, 2), 3)
    y = run(
        layer,
        np.array([[1.0, 7.0, 2.0]]),
        frequency=[[0.5, 0.25], [-1.0, 0.0]],
        phase=[[0.0, 0.5], [0.25, 1 / 6]],
        scale=[[2.0, 3.0], [10.0, 20.0], [30.0, 40.0]],
        shift=[[0.1, 0.2], [0.3, 0.4], [0.5, 0.6]],
    )
    # Angles in turns: 0.5 and 1; -0.75 and 1/6.
    expected = [7, 2.1, 6.2, -10 + 0.3, 20 + 0.4, 0.5, 40 * 0.5 + 0.6]
    assert_allclose(y, [expected], atol=1e-12)


@pytest.mark.parametrize(
    ("highest", "expected"), [(3.0, [0.03, 0.3, 3.0]), (0.3, [0.01, 0.3 / 30**0.5, 0.3])]
)
def test_frequencies_start_evenly_spaced_on_a_logarithmic_scale(highest, expected):
    layer = CosineEmbedding(60, tuple(range(50)), 4, highest=highest)
    (p,) = started(layer).parameters()
    assert_allclose(np.abs(p.frequency), np.repeat(expected, 50).reshape(3, 50), rtol=1e-12)
    assert 50 < (p.frequency > 0).sum() < 100
    assert_array_equal(p.phase, 0)


def test_at_the_start_nothing_but_what_is_passed_on_comes_through():
    x = np.random.default_rng(0).normal(size=(4, 5))
    y = forward(started(CosineEmbedding(5, (3, 0), 4)), x)
    assert_array_equal(y[:, :3], x[:, [1, 2, 4]])
    assert_array_equal(y[:, 3:], 0)


def test_a_number_may_come_through_from_the_start_on_and_its_functions_not():
    x = np.random.default_rng(0).normal(size=(4, 5))
    y = forward(started(CosineEmbedding(5, (3, 0), 4, number_start=0.3)), x)
    assert_array_equal(y[:, :3], x[:, [1, 2, 4]])
    assert_allclose(y[:, 3:5], 0.3 * x[:, [3, 0]], rtol=1e-15)
    assert_array_equal(y[:, 5:], 0)


def test_leading_columns_are_those_of_low_frequencies():
    layer = CosineEmbedding(5, (3, 0), 4, highest=3.0)
    counts = [layer.columns_up_to(c) for c in (0.01, 0.03, 0.29, 0.3, 2.9, 3.0, 100.0)]
    assert counts == [5, 7, 7, 9, 9, 11, 11]
    assert PiecewiseLinearEmbedding(5, (3, 0), 4).columns_up_to(0.01) == 3 + 2 * 4


def by_definition(x, edges, slope, shift, V):
    """``w x + v + e(x) V`` for one column, with e(x) written out as in the paper."""
    n_bins = len(edges) - 1
    e = np.empty((len(x), n_bins))
    for t in range(n_bins):
        share = (x - edges[t]) / (edges[t + 1] - edges[t])
        low = -np.inf if t == 0 else 0
        high = np.inf if t == n_bins - 1 else 1
        e[:, t] = np.clip(share, low, high)
    return x[:, np.newaxis] * slope + shift + e @ V[:n_bins]


@pytest.mark.parametrize("n_bins", [1, 2, 7, 8])
def test_piecewise_linear_is_what_the_paper_writes(n_bins):
    rng = np.random.default_rng(0)
    layer = PiecewiseLinearEmbedding(4, (2, 1), 3, n_bins=8)
    edges = np.sort(rng.normal(size=(2, n_bins + 1)), axis=1)
    edges = np.concatenate([edges, edges[:, -1:].repeat(8 - n_bins, axis=1)], axis=1)
    V, slope, shift = rng.normal(size=(2, 8, 3)), rng.normal(size=(2, 3)), rng.normal(size=(2, 3))
    x = np.concatenate([rng.normal(0, 2, size=(200, 4)), edges[:, :1].repeat(2, 1).reshape(1, 4)])
    y = run(layer, x, edges=edges, V=V, slope=slope, shift=shift)
    assert_array_equal(y[:, :2], x[:, [0, 3]])
    for i, column in enumerate((2, 1)):
        part = y[:, 2 + 3 * i : 5 + 3 * i]
        used = edges[i, : n_bins + 1]
        expected = by_definition(x[:, column], used, slope[i], shift[i], V[i])
        assert_allclose(part, expected, atol=1e-12)


@pytest.mark.parametrize("n_bins", [1, 2, 3, 8, 48])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_bins_are_those_that_a_search_finds(n_bins, dtype):
    """Of numbers below, above, between and on edges; the fourth column has one value alone."""
    rng = np.random.default_rng(0)
    edges = np.sort(rng.normal(size=(5, n_bins + 1)), axis=1).astype(dtype)
    edges[1, n_bins // 2 + 1 :] = edges[1, n_bins // 2 + 1]
    edges[3] = edges[3, 0]
    x = np.concatenate([rng.normal(0, 2, size=(300, 5)).astype(dtype), edges.T])
    found = Bins(edges, 2).of(x)
    for column, (of_column, values) in enumerate(zip(edges, x.T, strict=True)):
        between = np.unique(of_column)[1:-1]
        expected = np.searchsorted(between, values, side="right")
        assert_array_equal(found[:, column], expected * 5 + column)


def test_a_workspace_sees_that_edges_have_changed():
    """Those of the first pass are remembered in it."""
    rng = np.random.default_rng(0)
    network = started(PiecewiseLinearEmbedding(3, (0, 2), 2, n_bins=4))
    x = rng.normal(size=(50, 3))
    network.look(x)
    (p,) = network.parameters()
    p.V[...] = rng.normal(size=p.V.shape)
    workspace = Workspace(network, 50)
    before = network.forward(x, workspace).copy()
    network.look(2 * x[::3])
    workspace.forget()
    after = network.forward(x, workspace)
    assert_array_equal(after, forward(network, x))
    assert not np.allclose(after, before)


def look(x, weight=None, n_bins=4):
    network = started(PiecewiseLinearEmbedding(1, (0,), 2, n_bins=n_bins))
    network.look(np.array(x, dtype=float)[:, np.newaxis], weight)
    (edges,) = network.parameters()[0].edges
    assert len(edges) == n_bins + 1
    assert (np.diff(edges) >= 0).all()
    return np.unique(edges).tolist()


def test_edges_are_quantiles_of_the_rows():
    assert look(np.random.default_rng(0).permutation(101) / 10) == [0, 2.5, 5, 7.5, 10]
    # Values that are often there have one edge only.
    assert look([0] * 60 + [1, 2, 3, 4] * 10) == [0, 2, 4]
    assert look([3, 1, 1]) == [1, 3]
    assert look([2, 2]) == [2]
    # No bins that are too narrow to be told apart.
    assert look([0, 1e-9, 1, 2, 3], n_bins=5) == [0, 1, 2, 3]


def test_a_row_of_weight_k_is_that_row_k_times_in_the_edges():
    rng = np.random.default_rng(0)
    x, weight = rng.normal(size=40), rng.integers(1, 5, size=40)
    assert look(x, weight.astype(float)) == look(np.repeat(x, weight))
    assert look(x, weight / 7) == look(x, weight.astype(float))
    assert look(x, weight.astype(float)) != look(x)


@pytest.mark.parametrize("values", [[2.0, 2.0, 2.0], [0.0, 1.0, 1.0]])
def test_a_column_of_one_or_two_values_is_linear(values):
    network = started(PiecewiseLinearEmbedding(1, (0,), 2))
    network.look(np.array(values)[:, np.newaxis])
    (p,) = network.parameters()
    p.V[...] = np.random.default_rng(1).normal(size=p.V.shape)
    y = forward(network, np.linspace(-3, 3, 7)[:, np.newaxis])
    assert_allclose(np.diff(y, axis=0), np.broadcast_to(y[1] - y[0], (6, 2)), atol=1e-12)
    assert np.abs(y[1] - y[0]).min() > 1e-3


@pytest.mark.parametrize("name", NUMERIC_EMBEDDINGS)
@pytest.mark.parametrize("shift", [None, np.array([0.5, -2.0, 0.0, 7.0])])
def test_sparse_rows_are_the_dense_matrix_plus_shift(name, shift):
    matrix = sp.random(6, 4, density=0.4, format="csr", random_state=1)
    network = started(NUMERIC_EMBEDDINGS[name](4, (0, 2), 3))
    network.theta[:] = np.random.default_rng(2).normal(size=network.theta.size)
    dense = matrix.toarray() + (0 if shift is None else shift)
    expected = forward(network, dense)
    assert_array_equal(forward(network, SparseRows(matrix, shift)), expected)


@pytest.mark.parametrize("name", NUMERIC_EMBEDDINGS)
def test_wider_than_theta_is_as_theta_made_wider(name):
    rng = np.random.default_rng(2)
    kind = NUMERIC_EMBEDDINGS[name]
    layers = [kind(4, (0, 2), 3), MemberLinear(((2, 8),), 8, 5), Tanh(n=5), Heads(2, 5, 1)]
    network = Network.initialized(layers, "float32", rng)
    network.look(rng.normal(size=(50, 4)).astype("float32"))
    network.theta[: network.layout.n_trained] = rng.normal(size=network.layout.n_trained)
    x = rng.normal(size=(7, 4))
    expected = forward(network.astype("float64"), x)
    assert_array_equal(forward(network, x, dtype=np.dtype("float64")), expected)


@pytest.mark.parametrize("name", NUMERIC_EMBEDDINGS)
def test_behind_an_embedding_of_categories(name):
    """Codes in the last columns become several, which are passed on and have a gradient."""
    levels = LevelEmbedding(3, ((4, 2), (5, 3)))
    numbers = NUMERIC_EMBEDDINGS[name](levels.n_out, (0, 2), 4)
    groups = ((2, 8), (1, numbers.n_out))
    layers = [levels, numbers, MemberLinear(groups, numbers.n_out, 5), Tanh(n=5), Heads(3, 5, 1)]
    rng = np.random.default_rng(0)
    network = Network.initialized(layers, "float64", rng)
    x = input_of(levels, rng.normal(size=(30, 5)))
    network.look(x)
    network.theta[: network.layout.n_trained] = rng.normal(size=network.layout.n_trained)
    objective = Objective(network, SquaredError(), 0.1, len(x))
    batch = Batch(x, rng.normal(size=(len(x), 1)))
    start = network.theta[: network.layout.n_trained].copy()
    check = check_gradient(lambda theta: objective(theta, batch), start)
    assert check.error < 1e-6
    g = network.layout.views(objective(network.theta, batch)[1])
    assert (g[0].E != 0).mean() > 0.9
