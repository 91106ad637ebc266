"""Rows of one group on one side, equal ones too: sizes, classes, and what changes nothing."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sknumpynet.rows import RowClusters, usable_rows


def table(n=120, n_groups=20, seed=0, n_classes=3):
    """Different rows, in groups of different sizes."""
    rng = np.random.default_rng(seed)
    X = rng.permutation(n).astype(float)[:, None]
    return X, rng.integers(0, n_classes, n), (n_groups * rng.random(n) ** 2).astype(int)


def clusters_of(X, y, groups, weight=None, share=1.0):
    weight = None if weight is None else np.asarray(weight, dtype=float)
    return RowClusters(X, y, usable_rows(len(y), weight), groups, share)


def sides(clusters, fraction, strata=None, seed=0):
    parts = clusters.split(fraction, strata, np.random.default_rng(seed))
    return [clusters.rows(part).index for part in parts]


@settings(max_examples=60, deadline=None)
@given(st.integers(2, 30), st.floats(0.05, 0.6), st.booleans(), st.integers(0, 99))
def test_no_group_is_on_both_sides(n_groups, fraction, stratified, seed):
    X, y, groups = table(n_groups=n_groups, seed=seed)
    kept, held_out = sides(clusters_of(X, y, groups), fraction, y if stratified else None, seed)
    assert not np.intersect1d(groups[kept], groups[held_out]).size
    np.testing.assert_array_equal(np.sort(np.concatenate([kept, held_out])), np.arange(len(y)))
    assert len(kept)


@settings(max_examples=60, deadline=None)
@given(st.integers(5, 40), st.integers(2, 5), st.booleans(), st.integers(0, 99))
def test_in_parts_every_group_is_in_one_and_none_is_empty(n_groups, n_parts, stratified, seed):
    X, y, groups = table(n_groups=n_groups, seed=seed)
    groups[:n_groups] = np.arange(n_groups)
    clusters = clusters_of(X, y, groups)
    part = clusters.deal(n_parts, y if stratified else None, np.random.default_rng(seed))
    assert set(part) == set(range(n_parts))
    rows = [clusters.rows(np.flatnonzero(part == k)).index for k in range(n_parts)]
    assert sum(len(np.unique(groups[index])) for index in rows) == n_groups


def test_parts_have_about_as_many_rows_of_each_class():
    rng = np.random.default_rng(0)
    sizes = rng.integers(1, 30, 100)
    groups = np.repeat(np.arange(100), sizes)
    y = (np.arange(100) % 4 == 0).astype(int)[groups]
    clusters = clusters_of(np.arange(len(y), dtype=float)[:, None], y, groups)
    part = clusters.deal(5, y, np.random.default_rng(0))
    rows = [clusters.rows(np.flatnonzero(part == k)).index for k in range(5)]
    assert np.ptp([len(index) for index in rows]) < 0.1 * len(y) / 5
    assert np.ptp([y[index].sum() for index in rows]) < 0.2 * y.sum() / 5
    shares = [len(sides(clusters, 0.1, y, seed)[1]) / len(y) for seed in range(20)]
    assert min(shares) >= 0.1
    assert max(shares) < 0.15
    of_class = [y[sides(clusters, 0.1, y, seed)[1]].mean() for seed in range(20)]
    assert np.abs(np.array(of_class) - y.mean()).max() < 0.2


@pytest.mark.parametrize("sizes", [(100, 5, 5, 5), (90, 10), (40, 40, 40)])
def test_a_large_group_stays_in_training_unless_all_are_large(sizes):
    groups = np.repeat(np.arange(len(sizes)), sizes)
    X = np.arange(len(groups), dtype=float)[:, None]
    for seed in range(20):
        _, held_out = sides(clusters_of(X, groups * 0, groups), 0.1, seed=seed)
        assert len(held_out) <= max(0.2 * len(groups), min(sizes))


def test_the_only_groups_of_a_class_stay_in_training():
    y = np.array([0] * 40 + [1] * 10)
    groups = np.concatenate([np.arange(40) // 5, np.full(10, 99)])
    X = np.arange(50.0)[:, None]
    for seed in range(20):
        kept, held_out = sides(clusters_of(X, y, groups), 0.3, y, seed)
        assert set(y[kept]) == {0, 1}
        assert len(held_out) >= 12


def test_neither_order_nor_units_nor_names_of_groups_that_sort_alike_change_it():
    X, y, groups = table()
    expected = sides(clusters_of(X, y, groups), 0.2)[1]
    order = np.random.default_rng(1).permutation(len(y))
    moved = order[sides(clusters_of(X[order], y[order], groups[order]), 0.2)[1]]
    np.testing.assert_array_equal(np.sort(moved), np.sort(expected))
    renamed = sides(clusters_of(8 * X, y, 7 * groups + 3), 0.2)[1]
    np.testing.assert_array_equal(renamed, expected)


def test_a_row_of_weight_2_is_that_row_twice():
    X, y, groups = table()
    twice = np.concatenate([np.arange(len(y)), np.arange(0, len(y), 3)])
    weight = np.where(np.arange(len(y)) % 3 == 0, 2.0, 1.0)
    one = sides(clusters_of(X, y, groups, weight), 0.2)[1]
    other = twice[sides(clusters_of(X[twice], y[twice], groups[twice]), 0.2)[1]]
    np.testing.assert_array_equal(np.unique(other), np.sort(one))


def test_a_group_for_each_row_is_none():
    X, y, _ = table()
    for y_ in (y, y * 0):
        one, other = clusters_of(X, y_, None), clusters_of(X, y_, np.arange(len(y)))
        strata = y if y_.any() else None
        np.testing.assert_array_equal(sides(one, 0.2, strata)[1], sides(other, 0.2, strata)[1])
        parts = [c.deal(4, strata, np.random.default_rng(0)) for c in (one, other)]
        np.testing.assert_array_equal(*parts)


def test_equal_rows_join_groups():
    # 2 is the same row as 0, 3 as 10.
    X = np.array([0, 1, 0, 10, 10, 11, 20, 21, 30, 31.0])[:, None]
    groups = np.array([0, 0, 1, 1, 2, 2, 3, 3, 4, 4])
    clusters = clusters_of(X, np.zeros(10), groups)
    joined = [set(groups[clusters.rows(np.array([k])).index]) for k in range(clusters.n_clusters)]
    assert joined == [{0, 1, 2}, {3}, {4}]
    # Not to more than the share: these are four of eight different rows.
    clusters = clusters_of(X, np.zeros(10), groups, share=0.4)
    joined = [set(groups[clusters.rows(np.array([k])).index]) for k in range(clusters.n_clusters)]
    assert joined == [{0}, {1}, {2}, {3}, {4}]


def test_where_columns_have_few_values_groups_stay_apart():
    rng = np.random.default_rng(0)
    X, groups = rng.integers(0, 2, (500, 3)).astype(float), np.repeat(np.arange(50), 10)
    clusters = clusters_of(X, np.zeros(500), groups, share=0.1)
    assert clusters.n_clusters == 50
    kept, held_out = sides(clusters, 0.1)
    assert not np.intersect1d(groups[kept], groups[held_out]).size
    order = rng.permutation(500)
    again = sides(clusters_of(X[order], np.zeros(500), groups[order], share=0.1), 0.1)[1]
    assert set(groups[order][again]) == set(groups[held_out])
