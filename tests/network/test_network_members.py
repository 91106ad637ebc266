"""Members: vectors that are folded into the first matrix, groups, and where both start."""

import numpy as np
import pytest
import scipy.sparse as sp
from numpy.testing import assert_allclose, assert_array_equal

from sknumpynet.network import (
    Architecture,
    Heads,
    Linear,
    MemberLinear,
    Network,
    SparseRows,
    Workspace,
    build_layers,
)
from sknumpynet.network.build import ceilings_of_members
from sknumpynet.network.embeddings import CosineEmbedding


def network_of(*layers, seed=0, dtype="float64"):
    return Network.initialized(layers, dtype, np.random.default_rng(seed))


def forward(network, x):
    return network.forward(x, Workspace(network, len(x)))


GROUPS = [((3, 6),), ((1, 6),), ((2, 2), (1, 6)), ((1, 6), (2, 3), (2, 1)), ((2, 4),)]


@pytest.mark.parametrize("groups", GROUPS)
@pytest.mark.parametrize("first", [True, False])
def test_each_member_multiplies_the_rows_by_its_vector(groups, first):
    network = network_of(MemberLinear(groups, 6, 4, first=first, signs=False))
    x = np.random.default_rng(1).normal(size=(5, 6))
    (p,) = network.parameters()
    expected = np.concatenate([(x * r) @ p.W + p.b for r in p.r])
    assert_allclose(forward(network, x), expected, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("groups", GROUPS)
def test_vectors_are_0_behind_what_a_member_sees_and_have_no_gradient_there(groups):
    layer = MemberLinear(groups, 6, 4, signs=False)
    network = network_of(layer)
    n_seen = np.repeat([n for _, n in groups], [k for k, _ in groups])
    hidden = np.arange(6) >= n_seen[:, np.newaxis]
    assert_array_equal(network.parameters()[0].r == 0, hidden)
    rng = np.random.default_rng(1)
    workspace = Workspace(network, 5, training=True)
    workspace.gradient[...] = np.nan
    network.forward(rng.normal(size=(5, 6)), workspace)
    network.backward(rng.normal(size=(len(n_seen) * 5, 4)), workspace)
    g = network.layout.views(workspace.gradient)[0]
    assert_array_equal(g.r == 0, hidden)
    assert np.isfinite(workspace.gradient).all()


def test_sparse_rows_need_no_matrix_for_each_member():
    """What is allocated and read beside W grows with the stored numbers, not k times with W."""
    n_columns = 5000
    network = network_of(MemberLinear(((8, n_columns),), n_columns, 4, first=True))
    matrix = sp.random(6, n_columns, density=2e-3, format="csr", random_state=1)
    x, shift = SparseRows(matrix, np.ones(n_columns)), np.ones(n_columns)
    for training in (False, True):
        products = []

        def dot(x, W, out, products=products):
            products.append(x.shape)
            return np.dot(x, W, out)

        workspace = Workspace(network, 6, training=training, dot=dot)
        for _, _, ws in workspace.steps(6):
            ws.folded[:] = np.nan
        for rows in (slice(0, 6), slice(2, 5), slice(0, 6)):
            raw = network.forward(x[rows], workspace)
            (p,) = network.parameters()
            dense = matrix[rows].toarray() + shift
            expected = np.concatenate([(dense * r) @ p.W + p.b for r in p.r])
            assert_allclose(raw, expected, rtol=1e-10, atol=1e-12)
        # The product of the shift, of all members at once; once where nothing is trained.
        assert products == [(8, n_columns)] * (3 if training else 1)


@pytest.mark.parametrize("shift", [None, np.array([0.5, -2.0, 0.0, 7.0])])
def test_sparse_rows_are_the_dense_matrix_plus_shift(shift):
    matrix = sp.random(6, 4, density=0.4, format="csr", random_state=1)
    matrix = sp.vstack([matrix[:3], sp.csr_matrix((1, 4)), matrix[4:]], format="csr")
    dense = matrix.toarray() + (0 if shift is None else shift)
    network = network_of(MemberLinear(((3, 4),), 4, 5, first=True, signs=False))
    d_raw = np.random.default_rng(2).normal(size=(18, 5))
    results = []
    for x in (SparseRows(matrix, shift), dense):
        workspace = Workspace(network, 6, training=True)
        workspace.gradient[...] = np.nan
        raw = network.forward(x, workspace).copy()
        network.backward(d_raw.copy(), workspace)
        results.append((raw, workspace.gradient))
    for sparse, expected in zip(*results, strict=True):
        assert_allclose(sparse, expected, rtol=1e-12, atol=1e-13)


def test_vectors_start_as_signs_or_normal_and_the_rest_as_a_linear_layer():
    signs, normal = (
        network_of(MemberLinear(((50, 40),), 40, 3, signs=signs)).parameters()[0]
        for signs in (True, False)
    )
    assert set(np.unique(signs.r)) == {-1.0, 1.0}
    assert abs(signs.r.mean()) < 0.1
    assert abs(normal.r.mean()) < 0.1
    assert 0.9 < normal.r.std() < 1.1
    assert len(np.unique(normal.r)) == 2000
    for options in ({}, {"initializer": "he_uniform", "spread_offsets": True}):
        one = network_of(MemberLinear(((2, 40),), 40, 3, **options)).parameters()[0]
        plain = network_of(Linear(40, 3, **options)).parameters()[0]
        assert_array_equal(one.W, plain.W)
        assert_array_equal(one.b, plain.b)


def test_heads_start_apart_and_each_as_a_linear_layer():
    (heads,), (plain,) = (
        network_of(layer).parameters() for layer in (Heads(3, 40, 5), Linear(40, 5))
    )
    assert_array_equal(heads.W[0], plain.W)
    assert len(np.unique(heads.W)) == heads.W.size
    assert_array_equal(heads.b, 0)


def test_only_vectors_and_offsets_are_not_decayed():
    layout = network_of(MemberLinear(((3, 4),), 4, 5), Heads(3, 5, 2)).layout
    roles = {(slot.name, slot.layer): slot.role for slot in layout.slots}
    assert roles == {
        ("W", (0,)): "weight",
        ("W", (1,)): "weight",
        ("b", (0,)): "offset",
        ("b", (1,)): "offset",
        ("r", (0,)): "offset",
    }


def test_vectors_are_folded_once_by_a_caller_that_only_predicts(monkeypatch):
    network = network_of(MemberLinear(((2, 3), (1, 4)), 4, 5), Heads(3, 5, 1))
    calls, original = [], np.multiply
    monkeypatch.setattr(np, "multiply", lambda *a, **k: calls.append(1) or original(*a, **k))
    workspace = Workspace(network, 6)
    x = np.random.default_rng(0).normal(size=(6, 4))
    for n in (6, 2, 6, 1):
        network.forward(x[:n], workspace)
    # One for each group.
    assert len(calls) == 2
    training = Workspace(network, 6, training=True)
    for n in (6, 2, 6):
        network.forward(x[:n], training)
    assert len(calls) == 2 + 3 * 2


@pytest.mark.parametrize(
    ("ceilings", "n", "expected"),
    [
        ((0.3, 1.2, 10), 8, [0.3] * 2 + [1.2] * 2 + [10] * 4),
        ((10, 0.3, 1.2), 16, [0.3] * 5 + [1.2] * 5 + [10] * 6),
        ((0.3, 1.2, 10), 3, [0.3, 1.2, 10]),
        ((0.3, 1.2, 10), 2, [1.2, 10]),
        ((0.3, 1.2, 10), 1, [1.2]),
        ((0.3, 1.2), 1, [1.2]),
        ((2,), 3, [2, 2, 2]),
    ],
)
def test_members_share_the_ceilings(ceilings, n, expected):
    assert ceilings_of_members(ceilings, n) == expected


def build(n_members=1, hidden=(6, 5), **options):
    return build_layers(
        Architecture(4, hidden, ["tanh"] * len(hidden), 2, n_members=n_members, **options)
    )


COSINE = {"numeric_embedding": "cosine", "numeric": [0, 2], "embedding_width": 4}


def test_members_are_in_the_first_and_in_the_last_linear_layer():
    layers = build(3)
    assert [type(layer) for layer in layers[::2]] == [MemberLinear, Linear, Heads]
    assert layers[0].first
    assert layers[0].signs
    assert layers[0].groups == ((3, 4),)
    assert vars(layers[2]) == vars(build()[2])
    (alone,) = build(3, hidden=())
    assert isinstance(alone, MemberLinear)
    assert alone.group == "output"


def test_an_embedding_stands_in_front():
    layers = build(4, max_frequency=(3.0, 0.1), **COSINE)
    assert layers[0] == CosineEmbedding(4, (0, 2), 4, first=True, highest=3.0)
    # 0.03, 0.3 and 3: two members see the numbers and the first of them.
    assert layers[1].groups == ((2, 2 + 2 * 2), (2, 2 + 2 * 4))
    assert not layers[1].first
    assert not layers[1].signs
    plain = build(**COSINE)
    assert isinstance(plain[1], Linear)
    assert (plain[1].n_in, plain[1].first) == (10, False)


def test_vectors_of_numbers_that_show_from_the_start_on_are_signs():
    layers = build(4, number_start=0.3, **COSINE)
    assert layers[0].number_start == 0.3
    assert layers[1].signs
    other = build(4, number_start=0.3, **COSINE | {"numeric_embedding": "piecewise_linear"})
    assert not other[1].signs


def test_an_embedding_without_numbers_is_none():
    assert build(numeric_embedding="cosine", numeric=[]) == build()


def test_behind_an_embedding_of_categories_the_data_are_no_longer_first():
    layers = build(2, embeddings=[(3, 7, 2)], **COSINE)
    assert layers[1] == CosineEmbedding(5, (0, 2), 4, highest=1.0)
    assert layers[2].n_in == 3 + 2 * 4
    without = build(2, embeddings=[(3, 7, 2)])
    assert without[1].groups == ((2, 5),)
    assert not without[1].first
