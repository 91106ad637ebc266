"""Splitting off validation rows: by content, in proportion, the same for the same data."""

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from sknumpynet.rows import RowClusters, usable_rows

FRACTIONS = st.floats(0.05, 0.5)


def split(X, y, fraction, *, weight=None, stratified=False, seed=0):
    """The two parts, each as a table of (X, y, weight)."""
    weight = None if weight is None else np.asarray(weight, dtype=float)
    clusters = RowClusters(X, y, usable_rows(len(y), weight))
    parts = clusters.split(fraction, y if stratified else None, np.random.default_rng(seed))
    groups = clusters.distinct
    dense = X.toarray() if sp.issparse(X) else X
    table = np.column_stack([dense, y])
    return [
        np.column_stack([table[groups.first[part]], groups.weight[part]]) for part in parts
    ], groups.n_groups


def distinct_rows(n, n_classes=1, seed=0):
    rng = np.random.default_rng(seed)
    return rng.permutation(n).astype(float)[:, None], rng.integers(0, n_classes, size=n)


def as_set(part):
    return {tuple(row) for row in part}


@settings(max_examples=50, deadline=None)
@given(st.integers(3, 200), st.floats(0.01, 0.99), st.booleans(), st.integers(0, 9))
def test_the_parts_are_disjoint_and_together_all(n, fraction, stratified, seed):
    X, y = distinct_rows(n, n_classes=3, seed=seed)
    (kept, held_out), n_groups = split(X, y, fraction, stratified=stratified, seed=seed)
    assert len(kept) + len(held_out) == n_groups == n
    assert len(as_set(kept) | as_set(held_out)) == n
    assert len(kept) >= 1


@pytest.mark.parametrize(
    ("n", "fraction", "n_held_out"),
    [(100, 0.1, 10), (101, 0.1, 11), (10, 0.25, 3), (10, 0.01, 2), (3, 0.9, 2), (1000, 0.5, 500)],
)
@pytest.mark.parametrize("stratified", [False, True])
def test_the_fraction_is_rounded_up_and_at_least_2(n, fraction, n_held_out, stratified):
    X, y = distinct_rows(n)
    (_, held_out), _ = split(X, y, fraction, stratified=stratified)
    assert len(held_out) == n_held_out


@pytest.mark.parametrize("seed", range(3))
def test_equal_rows_fall_on_one_side(seed):
    rng = np.random.default_rng(seed)
    X, y = rng.integers(0, 6, size=(500, 2)).astype(float), rng.integers(0, 2, size=500)
    (kept, held_out), n_groups = split(X, y, 0.2, seed=seed)
    assert n_groups < 80
    assert not {row[:3] for row in as_set(kept)} & {row[:3] for row in as_set(held_out)}
    assert kept[:, -1].sum() + held_out[:, -1].sum() == 500


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(2, 120), min_size=2, max_size=6), FRACTIONS, st.integers(0, 9))
def test_every_class_is_shared_out_in_proportion(sizes, fraction, seed):
    y = np.repeat(np.arange(len(sizes)), sizes)
    X = np.random.default_rng(seed).permutation(len(y)).astype(float)[:, None]
    (kept, held_out), _ = split(X, y, fraction, stratified=True, seed=seed)
    counts, sizes = np.bincount(held_out[:, 1].astype(int), minlength=len(sizes)), np.array(sizes)
    # One fraction fits all classes up to a row. (The last row of a class has to stay.)
    least, most = (counts - 1) / sizes, np.where(counts < sizes - 1, (counts + 1) / sizes, 1)
    assert least.max() <= most.min()
    assert set(kept[:, 1]) == set(range(len(sizes)))


def test_classes_with_a_single_row_stay_in_training():
    y = np.concatenate([np.zeros(50, dtype=int), np.ones(50, dtype=int), np.arange(2, 30)])
    X = np.arange(len(y), dtype=float)[:, None]
    for seed in range(5):
        (_, held_out), _ = split(X, y, 0.4, stratified=True, seed=seed)
        assert set(held_out[:, 1]) == {0, 1}
        # The fraction is that of the rows that may be split off.
        assert len(held_out) == 40


def test_a_rare_class_is_validated_on_as_often_as_its_share():
    """On 0.1 of its 4 rows in the mean, although 0.4 of a row is never split off."""
    y = np.repeat([0, 1], [96, 4])
    X = np.arange(100.0)[:, None]
    times = 0
    for seed in range(300):
        (_, held_out), _ = split(X, y, 0.1, stratified=True, seed=seed)
        times += (held_out[:, 1] == 1).sum()
    # 120 expected, with a standard deviation of 8.5.
    assert 80 < times < 160


def test_without_a_class_of_two_rows_nothing_can_be_split_off():
    X, y = np.arange(5.0)[:, None], np.arange(5)
    (kept, held_out), _ = split(X, y, 0.4, stratified=True)
    assert (len(kept), len(held_out)) == (5, 0)


@pytest.mark.parametrize("stratified", [False, True])
def test_weighted_repeated_permuted_and_sparse_data_split_alike(stratified):
    rng = np.random.default_rng(0)
    X, y = rng.integers(-9, 10, size=(200, 2)).astype(float), rng.integers(0, 3, size=200)
    weight = rng.integers(1, 4, size=200)
    repeat = rng.permutation(np.repeat(np.arange(200), weight))
    parts = [
        split(table, target, 0.3, weight=w, stratified=stratified, seed=5)[0]
        for table, target, w in [
            (X, y, weight),
            (X[::-1], y[::-1], weight[::-1]),
            (X[repeat], y[repeat], None),
            (sp.csr_matrix(X), y, weight),
        ]
    ]
    for other in parts[1:]:
        for part, expected in zip(other, parts[0], strict=True):
            np.testing.assert_array_equal(part, expected)


def test_the_seed_decides_and_every_row_has_the_same_chance():
    X, y = distinct_rows(60, n_classes=2)
    times = np.zeros(60)
    for seed in range(400):
        (_, held_out), _ = split(X, y, 0.25, stratified=True, seed=seed)
        times[held_out[:, 0].astype(int)] += 1
    # 100 expected, with a standard deviation of 8.7.
    assert times.min() > 60
    assert times.max() < 140
    first, again, other = (split(X, y, 0.25, seed=seed)[0][1] for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert as_set(first) != as_set(other)


def held_out_rows(X, y, seed=0):
    """Numbers of the rows to validate on."""
    clusters = RowClusters(X, y, usable_rows(len(y), None))
    _, held_out = clusters.split(0.3, None, np.random.default_rng(seed))
    return clusters.rows(held_out).by_number().index


def discrete_table(n=200, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.integers(-3, 4, size=(n, 5)) * (rng.random((n, 5)) < 0.6)
    return X.astype(float), rng.integers(0, 3, size=n)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(-20, 20), min_size=5, max_size=5), st.integers(0, 99))
def test_units_of_the_columns_change_nothing(exponents, seed):
    X, y = discrete_table()
    expected = held_out_rows(X, y, seed)
    X = X * 2.0 ** np.array(exponents)
    np.testing.assert_array_equal(held_out_rows(X, y, seed), expected)
    np.testing.assert_array_equal(held_out_rows(sp.csr_matrix(X), y, seed), expected)


def test_the_unit_of_y_changes_nothing():
    rng = np.random.default_rng(0)
    X, y = rng.standard_normal((100, 3)), rng.standard_normal((100, 2))
    np.testing.assert_array_equal(held_out_rows(X, 1000 * y), held_out_rows(X, y))


@pytest.mark.parametrize("value", [0.0, -1.0, 5.0, np.nan])
def test_a_constant_column_behind_changes_nothing(value):
    X, y = discrete_table()
    more = np.column_stack([X, np.full(len(X), value)])
    np.testing.assert_array_equal(held_out_rows(more, y), held_out_rows(X, y))
    np.testing.assert_array_equal(held_out_rows(sp.csr_matrix(more), y), held_out_rows(X, y))


def test_no_column_behind_changes_anything_where_those_before_differ():
    rng = np.random.default_rng(0)
    X, y, more = rng.standard_normal((200, 2)), rng.integers(0, 2, 200), rng.standard_normal(200)
    for table, target in ((X, y), (np.round(X), y + rng.random(200))):
        np.testing.assert_array_equal(
            held_out_rows(np.column_stack([table, more]), target), held_out_rows(table, target)
        )


@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_the_rows_changes_nothing(seed):
    X, y = discrete_table()
    order = np.random.default_rng(seed).permutation(len(y))
    there = order[held_out_rows(X[order], y[order], seed)]
    np.testing.assert_array_equal(np.sort(there), held_out_rows(X, y, seed))


def test_signs_of_zeros_dtype_and_storage_change_nothing():
    X, y = discrete_table()
    expected = held_out_rows(X, y)
    negative = np.where((X == 0) & (np.arange(len(X)) % 2 == 0)[:, None], -0.0, X)
    assert np.signbit(negative[X == 0]).any()
    stored = sp.csr_matrix(X)
    stored.data[::3] = 0.0
    with_zeros = stored.toarray()
    for table in (negative, X.astype(np.float32), np.asfortranarray(X), sp.csr_matrix(X)):
        np.testing.assert_array_equal(held_out_rows(table, y), expected)
    np.testing.assert_array_equal(held_out_rows(stored, y), held_out_rows(with_zeros, y))


def test_rows_that_are_apart_come_on_either_side_of_all_classes():
    """As many as of single rows, and about a tenth of the copies of each."""
    rng = np.random.default_rng(0)
    X, y = rng.integers(0, 3, (3000, 1)).astype(float), (rng.random(3000) < 0.2).astype(int)
    clusters = RowClusters(X, y, usable_rows(3000, None))
    clusters.take_apart()
    parts = clusters.split(0.1, y, np.random.default_rng(0))
    kept, held_out = (clusters.rows(part).index for part in parts)
    np.testing.assert_array_equal(np.sort(np.concatenate([kept, held_out])), np.arange(3000))
    assert len(held_out) == 300
    assert y[held_out].mean() == pytest.approx(y.mean(), abs=0.005)
    for value in range(3):
        assert np.mean(X[held_out] == value) == pytest.approx(1 / 3, abs=0.08)
