"""Rows known by their content: blocks, groups of equal rows, weights."""

import numpy as np
import pytest

from sknumpynet.rows import DistinctRows, RowClusters, Rows, row_blocks, rows, usable_rows


@pytest.mark.parametrize("weight", [None, np.arange(10_000.0)])
def test_blocks_hold_every_row_once_in_order(weight):
    X = np.arange(20_000.0).reshape(10_000, 2)
    index = np.arange(0, 10_000, 2)
    chosen = Rows(index, None if weight is None else weight[index])
    blocks = list(row_blocks(X, chosen))
    assert max(len(block) for block, _ in blocks) <= rows.MOST_ROWS
    np.testing.assert_array_equal(np.concatenate([block for block, _ in blocks]), X[index])
    weights = np.concatenate([w for _, w in blocks])
    np.testing.assert_array_equal(weights, 1 if weight is None else weight[index])


@pytest.mark.parametrize(
    ("weight", "index", "kept"),
    [
        (None, [0, 1, 2], None),
        ([1, 1, 1], [0, 1, 2], None),
        ([2, 2, 2], [0, 1, 2], [2, 2, 2]),
        ([0.5, 0, 3], [0, 2], [0.5, 3]),
        ([0, 1, 1], [1, 2], None),
    ],
)
def test_usable_rows_have_weight(weight, index, kept):
    weight = None if weight is None else np.array(weight, dtype=float)
    found = usable_rows(3, weight)
    np.testing.assert_array_equal(found.index, index)
    if kept is None:
        assert found.weight is None
    else:
        np.testing.assert_array_equal(found.weight, kept)
    assert found.total() == (3 if weight is None else weight.sum())


def groups_of(X, y, weight=None):
    weight = None if weight is None else np.asarray(weight, dtype=float)
    return DistinctRows(X, y, usable_rows(len(y), weight))


def clusters_of(X, y, weight=None):
    weight = None if weight is None else np.asarray(weight, dtype=float)
    return RowClusters(X, y, usable_rows(len(y), weight))


def content(X, y, merged):
    """Rows, targets and weights of some Rows, as one table."""
    weight = np.ones(len(merged.index)) if merged.weight is None else merged.weight
    return np.column_stack([X[merged.index], y[merged.index], weight])


def make_table(seed=0, n_rows=300):
    rng = np.random.default_rng(seed)
    X = rng.integers(-2, 3, size=(n_rows, 2)).astype(float)
    return X, rng.integers(0, 3, size=n_rows), rng.integers(0, 4, size=n_rows)


def test_merging_sums_the_weights_of_equal_rows():
    X = np.array([[1.0], [2.0], [1.0], [1.0], [2.0]])
    y = np.array([0, 0, 0, 1, 0])
    groups = groups_of(X, y, [1, 2, 4, 8, 16])
    merged = content(X, y, groups.merged(np.arange(groups.n_groups)))
    assert {tuple(row) for row in merged} == {(1, 0, 5), (2, 0, 18), (1, 1, 8)}


def test_merging_equals_counting_by_numpy():
    X, y, weight = make_table()
    groups = groups_of(X, y, weight)
    merged = content(X, y, groups.merged(np.arange(groups.n_groups)))
    rows_of_weight = np.repeat(np.column_stack([X, y]), weight, axis=0)
    expected, counts = np.unique(rows_of_weight, axis=0, return_counts=True)
    order = np.lexsort(merged[:, 2::-1].T)
    np.testing.assert_array_equal(merged[order], np.column_stack([expected, counts]))


def test_repeated_and_weighted_rows_merge_to_the_same():
    X, y, weight = make_table()
    repeat = np.repeat(np.arange(len(y)), weight)
    weighted, repeated = groups_of(X, y, weight), groups_of(X[repeat], y[repeat])
    every = np.arange(weighted.n_groups)
    np.testing.assert_array_equal(
        content(X, y, weighted.merged(every)),
        content(X[repeat], y[repeat], repeated.merged(every)),
    )


@pytest.mark.parametrize("unit", [1, 0.1])
def test_content_alone_decides_the_order_of_the_groups(unit):
    # Multiples of 0.1 have sums whose last bit depends on the order.
    X, y, weight = make_table()
    weight = weight * unit
    order = np.random.default_rng(1).permutation(len(y))
    for make, rows_of in ((groups_of, DistinctRows.merged), (clusters_of, RowClusters.rows)):
        here, there = make(X, y, weight), make(X[order], y[order], weight[order])
        every = np.arange(groups_of(X, y, weight).n_groups)
        np.testing.assert_array_equal(
            content(X, y, rows_of(here, every)),
            content(X[order], y[order], rows_of(there, every)),
        )


def test_groups_are_in_the_order_of_y_then_of_the_columns():
    X, y, weight = make_table()
    groups = groups_of(X, y, weight)
    merged = content(X, y, groups.merged(np.arange(groups.n_groups)))
    np.testing.assert_array_equal(
        merged, merged[np.lexsort((merged[:, 1], merged[:, 0], y[groups.first]))]
    )


def test_rows_that_all_differ_need_no_weights():
    X = np.arange(10.0)[:, None]
    groups = groups_of(X, np.zeros(10))
    merged = groups.merged(np.arange(10))
    assert merged.weight is None
    np.testing.assert_array_equal(np.sort(merged.index), np.arange(10))


def test_the_rows_of_clusters_are_those_of_the_groups():
    X, y, weight = make_table()
    groups = groups_of(X, y, weight)
    chosen = np.arange(0, groups.n_groups, 3)
    members = clusters_of(X, y, weight).rows(chosen).by_number()
    assert (np.diff(members.index) > 0).all()
    np.testing.assert_array_equal(members.weight, weight[members.index])
    inside = {tuple(row) for row in np.column_stack([X, y])[groups.first[chosen]]}
    expected = [
        i for i, row in enumerate(np.column_stack([X, y])) if weight[i] and tuple(row) in inside
    ]
    np.testing.assert_array_equal(members.index, expected)


def test_the_rows_of_all_clusters_are_all_rows():
    X, y, _ = make_table()
    clusters = clusters_of(X, y)
    members = clusters.rows(np.arange(clusters.n_clusters)).by_number()
    assert members.weight is None
    np.testing.assert_array_equal(members.index, np.arange(len(y)))
