"""Free text behind the door: one scale for a text, missing ones, and texts that say nothing."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.stats import f as f_distribution

from sknumpynet.encoding import TableEncoder
from sknumpynet.encoding import texts as module
from sknumpynet.encoding.group import Options, Trained
from sknumpynet.encoding.texts import LEAST_CHANCE, SIZE, unrelated
from sknumpynet.frames import FrameReader
from sknumpynet.rows import usable_rows

WORDS = ["red", "green", "blue", "warm", "cold", "old", "new", "big", "small", "long", "wide"]
N = 120


def texts(seed, n=N):
    rng = np.random.default_rng(seed)
    return [f"{' '.join(rng.choice(WORDS, 3))} {i}" for i in range(n)]


GAPS = [None if i % 4 == 0 else text for i, text in enumerate(texts(1))]
X = pd.DataFrame({"n": np.arange(N), "a": texts(0), "b": GAPS})


def fit(frame, y=None, weight=None, **options):
    reader = FrameReader()
    table = reader.learn(frame)
    rows = usable_rows(len(table), weight)
    encoder = TableEncoder(**options).fit(table, rows, reader.table_columns(table), y)
    return encoder, table, rows


def encoded(encoder, table):
    return encoder.encode(table, np.full((len(table), encoder.n_columns), 77.0))


def test_a_text_has_one_scale():
    weight = np.random.default_rng(0).random(N) + 0.5
    encoder, table, _ = fit(X, weight=weight)
    names = encoder.names
    assert names == [
        "n",
        *(f"a: text {i}" for i in range(12)),
        *(f"b: text {i}" for i in range(9)),
        "b missing",
    ]
    assert encoder.numbers == [0]
    out = encoded(encoder, table)
    there = X["b"].notna().to_numpy()
    for columns, rows in ((slice(1, 13), np.full(N, True)), (slice(13, 22), there)):
        part, w = out[rows, columns], weight[rows]
        assert_allclose(w @ part, 0.0, atol=1e-6)
        assert np.average((part**2).sum(axis=1), weights=w) == pytest.approx(SIZE**2)
        # All by the same factor.
        before = table[rows, columns] - np.average(table[rows, columns], axis=0, weights=w)
        assert_allclose(part / np.linalg.norm(part), before / np.linalg.norm(before), atol=1e-6)
    assert_array_equal(out[~there, 13:22], 0.0)
    assert_array_equal(out[:, 22], ~there)
    # Missing where it never was: as the mean.
    gone = np.full_like(table, np.nan)
    assert_array_equal(encoded(encoder, gone)[0, 1:13], 0.0)


def test_without_indicators():
    encoder, _, _ = fit(X, missing_indicator=False)
    assert encoder.names[-1] == "b: text 8"


@pytest.mark.parametrize("scaling", [None, "robust", "quantile"])
def test_the_scale_is_not_that_of_numbers(scaling):
    table = fit(X)[1]
    wanted, found = (
        encoded(fit(X, feature_scaling=s)[0], table)[:, 1:] for s in ("standard", scaling)
    )
    assert_array_equal(found, wanted)


def test_texts_that_are_all_the_same_are_zeros():
    same = X.assign(a=["one and the same" + " " * (i + 1) for i in range(N)])
    encoder, table, _ = fit(same)
    assert_array_equal(encoded(encoder, table)[:, 1:2], 0.0)


# Whether they have to do with the target.


def p_values(Z, y, weight):
    """Of the F test that a linear fit explains nothing, for each target."""
    root = np.sqrt(weight)[:, None]
    design = np.hstack([np.ones((len(Z), 1)), Z]) * root
    y = y * root
    rest = ((y - design @ np.linalg.lstsq(design, y, rcond=None)[0]) ** 2).sum(axis=0)
    mean = ((y - root * (root * y).sum(axis=0) / (root**2).sum()) ** 2).sum(axis=0)
    k, n = np.linalg.matrix_rank(design) - 1, weight.sum()
    return f_distribution.sf((mean - rest) / k / (rest / (n - k - 1)), k, n - k - 1)


def chance(frame, y, weight=None):
    """What the package finds of the column "b"."""
    _, table, rows = fit(frame, weight=weight)
    columns = encoder_columns(frame)
    own = [c for c in columns if c.name == "b"]
    text = module.Texts(own, Options()).fit(table, rows, own)
    return module._chance(text, table, rows, y)


def encoder_columns(frame):
    reader = FrameReader()
    columns = reader.table_columns(reader.learn(frame))
    return [Trained(j, column) for j, column in enumerate(columns)]


@pytest.mark.parametrize("seed", range(3))
def test_the_chance_is_that_of_an_f_test(seed):
    rng = np.random.default_rng(seed)
    weight = rng.integers(1, 4, N).astype(float)
    encoder, table, _ = fit(X, weight=weight)
    Z = encoded(encoder, table)[:, 13:]
    y = rng.normal(size=(N, 2)) + 7.0 + 0.5 * Z[:, :1] / SIZE * seed
    wanted = p_values(Z, y, weight)
    assert chance(X, y, weight) == pytest.approx(2 * wanted.min(), rel=1e-6)
    # One of zeros and ones for each class, and none for a class without rows.
    codes = rng.choice([0, 1, 3], N)
    wanted = p_values(Z, np.stack([codes == k for k in (0, 1, 3)], axis=1) * 1.0, weight)
    assert chance(X, codes, weight) == pytest.approx(3 * wanted.min(), rel=1e-6)


def test_a_row_of_weight_two_is_that_row_twice():
    y = np.random.default_rng(0).normal(size=(N, 1))
    assert chance(X, y, np.full(N, 2.0)) != pytest.approx(chance(X, y))
    twice = X.loc[np.repeat(np.arange(N), 2)].reset_index(drop=True)
    reader = FrameReader(min_frequency=3)
    table, rows = reader.learn(twice), usable_rows(2 * N, None)
    own = [Trained(j, c) for j, c in enumerate(reader.table_columns(table)) if c.name == "b"]
    text = module.Texts(own, Options()).fit(table, rows, own)
    found = module._chance(text, table, rows, np.repeat(y, 2, axis=0))
    assert found == pytest.approx(chance(X, y, np.full(N, 2.0)), rel=1e-6)


def test_a_constant_target_says_nothing():
    assert chance(X, np.ones((N, 1))) == 1.0
    assert chance(X, np.zeros(N, dtype=np.int64)) == 1.0


def test_silent_texts_are_left_out_and_named():
    # Of the words of "a", and of nothing.
    y = np.array([["red" in t] for t in X["a"]], dtype=float)
    with pytest.warns(UserWarning, match="Left out of X: 'b'. A linear fit of its text") as told:
        encoder, _, _ = fit(X, y)
    assert len(told) == 1
    assert encoder.left_out == set(range(13, 22))
    # The first part of a stream is small, and y may be unknown.
    assert fit(X, y, stream=True)[0].left_out == fit(X)[0].left_out == set()
    with pytest.warns(UserWarning, match="'a', 'b'"):
        assert fit(X, np.random.default_rng(1).normal(size=(N, 1)))[0].names == ["n"]


def test_where_there_is_nothing_else_it_stays():
    y = np.random.default_rng(1).normal(size=(N, 1))
    assert len(fit(X[["a"]], y)[0].names) == 12


def test_by_chance_one_of_a_hundred_is_taken():
    columns = [c for c in encoder_columns(X) if c.name == "a"]
    table, rows = fit(X)[1:]
    rng = np.random.default_rng(0)
    n_taken = sum(
        not unrelated(table, rows, columns, rng.normal(size=(N, 1)), Options()) for _ in range(500)
    )
    # Binomial: mean 5, standard deviation 2.2.
    assert LEAST_CHANCE == 0.01
    assert n_taken <= 15
