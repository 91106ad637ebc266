"""Each scaling against scikit-learn, and the promises that all scalings make."""

import numpy as np
import pytest
import scipy.sparse as sp
from scipy.stats import norm
from sklearn.preprocessing import QuantileTransformer, RobustScaler, StandardScaler

from catalogue import FEATURE_SCALINGS, LINEAR_SCALINGS, SCALINGS, SORTING_SCALINGS
from sknumpynet.encoding import TableEncoder, sorted_columns
from sknumpynet.frames import TableColumns
from sknumpynet.rows import usable_rows

every_scaling = pytest.mark.parametrize("name", SCALINGS)
N_ROWS = 600


def fit(name, X, weight=None):
    weight = None if weight is None else np.asarray(weight, dtype=float)
    return TableEncoder(name).fit(X, usable_rows(X.shape[0], weight))


def encode(encoder, X, dtype="float64"):
    return encoder.encode(X, np.empty(X.shape, dtype=dtype))


def encode_sparse(encoder, X, dtype="float64"):
    """The dense matrix that the sparse one and its shift stand for."""
    matrix, shift = encoder.encode_sparse(X, np.dtype(dtype))
    return matrix.toarray() + (0 if shift is None else shift)


def make_table(n_rows=N_ROWS, seed=0):
    """Columns of several kinds, most of them with many zeros."""
    rng = np.random.default_rng(seed)
    kept = rng.random((n_rows, 6)) < [0.2, 0.5, 0.9, 1.0, 0.0, 0.6]
    values = np.column_stack(
        [
            rng.normal(size=n_rows),
            rng.poisson(3, size=n_rows),
            rng.normal(50, 3, size=n_rows),
            rng.normal(-7, 1, size=n_rows),
            np.zeros(n_rows),
            -rng.exponential(1e-3, size=n_rows),
        ]
    )
    return values * kept


WEIGHT = np.random.default_rng(1).integers(0, 4, size=N_ROWS)


@pytest.mark.parametrize("name", FEATURE_SCALINGS)
@pytest.mark.parametrize("repeated", [1, 3])
def test_values_by_hand(name, repeated):
    X = np.array([[1.0], [2.0], [4.0], [8.0], [16.0]])
    encoder = fit(name, X, None if repeated == 1 else np.full(5, repeated))
    expected = np.array(FEATURE_SCALINGS[name].encoded)[:, np.newaxis]
    np.testing.assert_allclose(encode(encoder, X), expected, rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(encode(encoder, X, "float32"), expected, rtol=1e-6, atol=1e-7)


def test_none_leaves_the_columns_alone():
    X = make_table()
    encoder = fit(None, X)
    np.testing.assert_array_equal(encode(encoder, X), X)
    matrix, shift = encoder.encode_sparse(sp.csr_matrix(X), np.dtype("float64"))
    np.testing.assert_array_equal(matrix.toarray(), X)
    assert shift is None


def assert_equal_within_bounds(encoded, expected, atol):
    """Equal within 4, the same order and sign beyond, and never beyond 10."""
    near = np.abs(expected) <= 4
    np.testing.assert_allclose(encoded[near], expected[near], atol=atol)
    far = np.abs(encoded[~near])
    assert ((far > 4) & (far <= 10) & (far <= np.abs(expected[~near]))).all()
    np.testing.assert_array_equal(np.sign(encoded[~near]), np.sign(expected[~near]))
    np.testing.assert_array_equal(np.argsort(far), np.argsort(np.abs(expected[~near])))


@pytest.mark.parametrize("weight", [None, WEIGHT])
def test_standard_is_scikit_learns(weight):
    X = make_table()
    expected = StandardScaler().fit(X, sample_weight=weight).transform(X)
    assert_equal_within_bounds(encode(fit("standard", X, weight), X), expected, atol=1e-12)


@pytest.mark.parametrize("name", LINEAR_SCALINGS)
def test_a_row_far_out_is_bounded_smoothly(name):
    X = np.random.default_rng(0).normal(5, 2, size=(1000, 1))
    encoder = fit(name, X)
    z = np.linspace(-300, 300, 60_001)
    unbounded = z[:, None] * encoder.scaling.factor**-1 + encoder.scaling.center
    encoded = encode(encoder, unbounded).ravel()
    near = np.abs(z) <= 3
    np.testing.assert_allclose(encoded[near], z[near], atol=1e-3)
    assert np.abs(encoded).max() <= 10
    slopes = np.diff(encoded) / np.diff(z)
    assert ((slopes >= -1e-9) & (slopes <= 1 + 1e-9)).all()
    # No kink: the slope changes by little from one hundredth to the next.
    assert np.abs(np.diff(slopes)).max() < 0.01


@every_scaling
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize(
    ("low", "high", "coded"),
    [(0, 1, (0, 1)), (0, 1e-5, (0, 1)), (-3, 0, (-1, 0)), (1, 2, (0, 1)), (-1, 1, (0, 1))],
)
def test_columns_of_two_values_become_zeros_and_ones(name, weighted, low, high, coded):
    rng = np.random.default_rng(0)
    ones = np.column_stack([rng.random(9000) < p for p in (0.001, 0.3, 0.999)])
    # The last rows decide whether there is a third value.
    X = np.hstack([np.where(ones, high, low), rng.normal(3, 2, size=(9000, 2))])
    X[:, 4] = np.where(np.arange(9000) == 8999, 5.0, ones[:, 1])
    weight = rng.integers(1, 3, 9000) if weighted else None
    dense, sparse = fit(name, X, weight), fit(name, sp.csr_matrix(X), weight)
    expected = np.where(ones, coded[1], coded[0])
    np.testing.assert_allclose(encode(dense, X)[:, :3], expected, atol=1e-12)
    np.testing.assert_allclose(encode_sparse(sparse, sp.csr_matrix(X))[:, :3], expected, atol=1e-12)
    assert len(np.unique(encode(dense, X)[:, 4])) == 3
    np.testing.assert_allclose(encode_sparse(sparse, sp.csr_matrix(X)), encode(dense, X), atol=1e-9)


@every_scaling
def test_a_column_of_zeros_alone_is_still_a_constant(name):
    X = np.zeros((50, 2))
    X[:, 1] = np.arange(50)
    np.testing.assert_array_equal(encode(fit(name, X), X + 1)[:, 0], 0)


def test_quantile_measures_a_column_that_is_mostly_one_value_as_standard_does():
    rng = np.random.default_rng(0)
    X = rng.normal(2, 3, size=(3000, 2)) * (rng.random((3000, 2)) < [0.6, 0.9])
    weight = rng.integers(1, 4, 3000).astype(float)
    for w in (None, weight):
        encoded, standard = encode(fit("quantile", X, w), X), encode(fit("standard", X, w), X)
        np.testing.assert_allclose(encoded[:, 0], standard[:, 0], atol=1e-9)
        assert np.abs(encoded[:, 1] - standard[:, 1]).max() > 0.3


def test_standard_goes_through_many_rows_in_blocks():
    X = make_table(10_000)
    expected = StandardScaler().fit_transform(X)
    assert_equal_within_bounds(encode(fit("standard", X), X), expected, atol=1e-10)


def test_robust_is_scikit_learns_where_quartiles_are_rows():
    X = np.random.default_rng(0).normal(5, 2, size=(401, 3))
    np.testing.assert_allclose(
        encode(fit("robust", X), X), RobustScaler().fit_transform(X), rtol=1e-12, atol=1e-14
    )


def test_robust_ignores_outliers_and_measures_a_rare_value_by_half_its_range():
    X = np.zeros((100, 2))
    X[:, 0] = np.arange(100)
    X[99, 0] = 1e9
    X[:10, 1] = 4.0
    X[10, 1] = 2.0
    encoded = encode(fit("robust", X), X)
    assert np.abs(encoded[:99, 0]).max() < 1.1
    assert set(encoded[:, 1]) == {0.0, 1.0, 2.0}


@pytest.mark.parametrize(("n_rows", "n_quantiles"), [(271, 10), (1210, 40)])
def test_quantile_is_scikit_learns_where_quantiles_are_rows(n_rows, n_quantiles):
    X = np.random.default_rng(0).standard_t(2, size=(n_rows, 2))
    reference = QuantileTransformer(
        n_quantiles=n_quantiles, output_distribution="normal", subsample=None
    )
    most = norm.ppf(0.999)
    expected = np.clip(reference.fit_transform(X), -most, most)
    encoder = fit("quantile", X)
    np.testing.assert_allclose(encode(encoder, X), expected, atol=1e-6)
    outside = np.array([[-1e6, 1e6], [X[:, 0].min(), X[:, 1].max()], [0.0, 0.0]])
    expected = np.clip(reference.transform(outside), -most, most)
    np.testing.assert_allclose(encode(encoder, outside), expected, atol=1e-6)


@pytest.mark.parametrize("n_rows", [300, 1200, 5000])
def test_quantile_makes_a_skew_column_normal(n_rows):
    X = np.random.default_rng(0).exponential(size=(n_rows, 1))
    encoded = encode(fit("quantile", X), X)
    assert encoded.mean() == pytest.approx(0, abs=0.1)
    assert encoded.std() == pytest.approx(1, abs=0.05)
    assert (np.abs(encoded) > 3).mean() < 0.02
    assert (np.diff(encoded[np.argsort(X, axis=0).ravel()], axis=0) >= 0).all()


def test_quantile_maps_a_frequent_value_to_the_middle_of_its_levels():
    X = np.repeat([0.0, 1.0, 2.0, 3.0], [200, 290, 270, 240])[:, None]
    encoded = encode(fit("quantile", X), np.array([[0.0], [1.0], [2.0], [3.0]])).ravel()
    # Half of 1 is below 0.2 + 0.145.
    np.testing.assert_allclose(encoded[1], norm.ppf(0.345), atol=0.05)
    assert (np.diff(encoded) > 0).all()


@every_scaling
def test_encoded_columns_have_unit_size(name):
    X = np.random.default_rng(0).normal(size=(1000, 4)) * [1e-6, 1, 1e3, 1e9] + [1, -1e3, 0, 1e9]
    encoded = encode(fit(name, X), X)
    np.testing.assert_allclose(np.median(encoded, axis=0), 0, atol=0.1)
    assert ((encoded.std(axis=0) > 0.5) & (encoded.std(axis=0) < 1.5)).all()


@every_scaling
def test_a_row_of_weight_k_is_that_row_k_times(name):
    X = make_table()
    weighted, repeated = fit(name, X, WEIGHT), fit(name, np.repeat(X, WEIGHT, axis=0))
    np.testing.assert_allclose(encode(weighted, X), encode(repeated, X), rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize("name", LINEAR_SCALINGS)
@pytest.mark.parametrize("n_rows", [4, 8, 12, 20, 40, 100])
@pytest.mark.parametrize("unit", [0.1, 1 / 3, 7.0])
def test_the_unit_of_the_weights_does_not_matter(name, n_rows, unit):
    """Also where a quantile lies on the border between two rows, up to rounding."""
    X = np.arange(n_rows, dtype=float)[:, None]
    weighted, plain = fit(name, X, np.full(n_rows, unit)), fit(name, X)
    np.testing.assert_allclose(encode(weighted, X), encode(plain, X), atol=1e-12)


@every_scaling
def test_the_order_of_the_rows_does_not_matter(name):
    X = make_table()
    order = np.random.default_rng(2).permutation(N_ROWS)
    encoders = fit(name, X, WEIGHT), fit(name, X[order], WEIGHT[order])
    np.testing.assert_allclose(*(encode(encoder, X) for encoder in encoders), atol=1e-11)


@every_scaling
@pytest.mark.parametrize("weight", [None, WEIGHT, WEIGHT / 7])
def test_sparse_is_dense(name, weight):
    X, new = make_table(), make_table(50, seed=3)
    dense, sparse = fit(name, X, weight), fit(name, sp.csr_matrix(X), weight)
    expected = encode(dense, new)
    for encoder in (dense, sparse):
        np.testing.assert_allclose(
            encode_sparse(encoder, sp.csr_matrix(new)), expected, rtol=1e-8, atol=1e-8
        )


@every_scaling
def test_a_sparse_block_stays_sparse(name):
    X = sp.csr_matrix(make_table())
    matrix, shift = fit(name, X).encode_sparse(X, np.dtype("float32"))
    assert matrix.nnz <= X.nnz
    assert (matrix.dtype, shift.dtype) == (np.float32, np.float32)


@pytest.mark.parametrize("value", [0.0, 1 / 3, -5.0, 1e9 + 0.1, 1e-300, -1e15])
@pytest.mark.parametrize("weight", [None, np.random.default_rng(0).random(N_ROWS)])
@pytest.mark.parametrize("name", SCALINGS)
def test_a_constant_column_becomes_0(name, weight, value):
    X = np.column_stack([np.full(N_ROWS, value), np.arange(N_ROWS)])
    for dtype in ("float64", "float32"):
        np.testing.assert_array_equal(encode(fit(name, X, weight), X, dtype)[:, 0], 0)
    sparse = sp.csr_matrix(X)
    encoded = encode_sparse(fit(name, sparse, weight), sparse)
    np.testing.assert_allclose(encoded[:, 0], 0, atol=1e-14 * abs(value))


@every_scaling
@pytest.mark.parametrize("value", [5.0, 1.6e9])
@pytest.mark.parametrize("weight", [None, np.random.default_rng(0).random(N_ROWS)])
def test_a_constant_column_does_not_disturb_the_sparse_product_in_float32(name, weight, value):
    """In the product of a sparse block, what cancels must not be much larger than what stays."""
    X = sp.csr_matrix(np.column_stack([np.full(N_ROWS, value), np.arange(N_ROWS) % 7]))
    matrix, shift = fit(name, X, weight).encode_sparse(X, np.dtype("float32"))
    assert np.abs(matrix.data).max() < 100
    assert np.abs(shift).max() < 100


@pytest.mark.parametrize("name", LINEAR_SCALINGS)
@pytest.mark.parametrize("value", [0.0, 5.0, -1e6])
def test_a_column_that_was_constant_may_start_to_vary(name, value):
    """The first part of a stream (partial_fit) may not show what a column is for."""
    X = np.full((50, 1), value)
    encoder = TableEncoder(name, stream=True).fit(X, usable_rows(50, None))
    later = value + np.array([[-2.0], [0.0], [1.0], [3.0]]) * max(1, abs(value))
    encoded = encode(encoder, later).ravel()
    assert 0.1 < encoded[2] < 10
    np.testing.assert_allclose(encoded / encoded[2], [-2, 0, 1, 3], atol=1e-9)
    # Where no more rows will come, it stays what nothing was learned of.
    np.testing.assert_array_equal(encode(fit(name, X), later), 0)


@every_scaling
@pytest.mark.parametrize("make", [np.asarray, sp.csr_matrix])
def test_rounding_is_no_spread(name, make):
    """Of a column that varies in its last digit, another value must not become enormous."""
    X = 0.3 + 5e-17 * np.arange(N_ROWS)[:, None] / N_ROWS
    assert 1 < len(np.unique(X)) <= 3
    matrix, shift = fit(name, make(X)).encode_sparse(sp.csr_matrix([[0.301]]), np.dtype("float64"))
    assert np.abs(matrix.toarray() + shift).max() < 100


@every_scaling
def test_a_single_row_is_all_constant(name):
    X = np.array([[3.0, -1.0]])
    np.testing.assert_array_equal(encode(fit(name, X), X), 0)


@every_scaling
def test_columns_far_from_0_keep_their_digits_in_float32(name):
    small = np.random.default_rng(0).normal(size=(N_ROWS, 1))
    far = small + 1.6e9
    expected = encode(fit(name, far - 1.6e9), far - 1.6e9)
    np.testing.assert_allclose(encode(fit(name, far), far, "float32"), expected, atol=2e-6)


@every_scaling
@pytest.mark.parametrize("spread", [1.0, 0.3])
def test_sparse_columns_far_from_0_are_measured_as_dense_ones(name, spread):
    X = 1.6e9 + spread * np.random.default_rng(0).normal(size=(N_ROWS, 1))
    sparse = sp.csr_matrix(X)
    np.testing.assert_allclose(
        encode_sparse(fit(name, sparse), sparse), encode(fit(name, X), X), rtol=1e-5, atol=1e-5
    )


@every_scaling
@pytest.mark.parametrize("unit", [1e-300, 1e-170, 1e-40, 1e-8, 1e8, 1e40, 1e150])
def test_any_unit_that_float64_holds_will_do(name, unit):
    X = unit * np.random.default_rng(0).normal(size=(N_ROWS, 1))
    encoder = fit(name, X)
    expected = encode(fit(name, X / unit), X / unit)
    if name == "standard" and unit < 1e-150:
        expected = 0 * expected  # The variance underflows, and the column counts as constant.
    for dtype in ("float64", "float32"):
        np.testing.assert_allclose(encode(encoder, X, dtype), expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", LINEAR_SCALINGS)
@pytest.mark.parametrize("names", [None, ["age", "fare"]])
@pytest.mark.parametrize("make", [np.asarray, sp.csr_matrix])
def test_a_column_that_overflows_is_named(name, names, make):
    X = np.array([[1.0, -1.7e308], [2.0, 1.6e308], [3.0, 1.7e308], [4.0, -1.7e308]])
    encoder = TableEncoder(name)
    column = "1" if names is None else "'fare'"
    with pytest.raises(
        ValueError, match=f"feature_scaling='{name}' cannot measure column {column}"
    ):
        encoder.fit(make(X), usable_rows(4, None), TableColumns(2, names=names))


def test_quantile_takes_the_largest_numbers():
    X = np.linspace(1e308, 1.7e308, 60)[:, None]
    encoded = encode(fit("quantile", X), X).ravel()
    assert (np.diff(encoded) > 0).all()


@every_scaling
@pytest.mark.parametrize("dtype", ["float32", "float64", "int32"])
def test_columns_may_come_in_any_dtype(name, dtype):
    X = make_table().round().astype(dtype)
    expected = encode(fit(name, X.astype(float)), X.astype(float))
    np.testing.assert_array_equal(encode(fit(name, X), X), expected)
    encoder = fit(name, sp.csr_matrix(X))
    np.testing.assert_allclose(encode_sparse(encoder, sp.csr_matrix(X)), expected, atol=1e-9)


@every_scaling
def test_the_layout_in_memory_does_not_matter(name, tmp_path):
    X = make_table()
    file = np.memmap(tmp_path / "X", dtype="float64", mode="w+", shape=X.shape)
    file[:] = X
    expected = encode(fit(name, X, WEIGHT), X)
    for table in (np.asfortranarray(X), file, np.repeat(X, 2, axis=1)[:, ::2]):
        np.testing.assert_array_equal(encode(fit(name, table, WEIGHT), table), expected)


@pytest.mark.parametrize("name", SORTING_SCALINGS)
def test_wide_tables_are_sorted_in_chunks_of_columns(name, monkeypatch):
    X = make_table()
    expected = encode(fit(name, X, WEIGHT), X)
    monkeypatch.setattr(sorted_columns, "QUANTILE_CHUNK", 4 * N_ROWS)
    np.testing.assert_array_equal(encode(fit(name, X, WEIGHT), X), expected)


@every_scaling
def test_rows_that_are_not_used_have_no_influence(name):
    X = make_table()
    rows = usable_rows(N_ROWS, WEIGHT.astype(float))
    X_changed = X.copy()
    X_changed[WEIGHT == 0] = 1e6
    thirds = rows._replace(index=rows.index[::3], weight=rows.weight[::3])
    for table, used in [(X_changed, rows), (X_changed, thirds)]:
        np.testing.assert_array_equal(
            encode(TableEncoder(name).fit(table, used), X),
            encode(TableEncoder(name).fit(X, used), X),
        )


@pytest.mark.parametrize("name", LINEAR_SCALINGS)
@pytest.mark.parametrize("far", [0.0, 1.0, 1e3, 1.2345e5])
def test_a_float32_table_is_encoded_in_float32_without_loss(name, far):
    """The centre, which float32 cannot hold, is subtracted in two parts."""
    rng = np.random.default_rng(0)
    X = (far + rng.standard_normal((500, 4)) * [1e-1, 1, 3, 100]).astype(np.float32)
    encoder = fit(name, X)
    exact = encode(encoder, X.astype(np.float64))
    np.testing.assert_allclose(encode(encoder, X, "float32"), exact, rtol=3e-7, atol=2e-9)


@pytest.mark.parametrize("tau", [20, 1000, 5000, None])
@pytest.mark.parametrize("jump", [0.0, 1e3, 1.6e9])
def test_first_rows_that_are_far_or_light_do_not_spoil_the_spread(tau, jump):
    """Weights that fade into the past, and a column whose past lies elsewhere."""
    n = 20_000
    X = np.random.default_rng(0).standard_normal((n, 2))
    X[n // 2 :, 0] += jump
    weight = np.ones(n) if tau is None else np.maximum(np.exp((np.arange(n) - n) / tau), 1e-300)
    mean = np.average(X, axis=0, weights=weight)
    spread = np.sqrt(np.average((X - mean) ** 2, axis=0, weights=weight))
    mapping = fit("standard", X, weight).scaling
    np.testing.assert_allclose(mapping.center, mean, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(mapping.factor, 1 / spread, rtol=1e-6)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("unit", [1e-310, 1e-307, 1e300])
def test_robust_measures_columns_whose_reciprocal_or_square_overflows(unit, dtype):
    x = np.arange(-4.0, 5.0)
    X = np.column_stack([x * unit, x])
    encoder = fit("robust", X)
    encoded = encode(encoder, X, dtype)
    np.testing.assert_allclose(encoded[:, 0], encoded[:, 1], rtol=1e-6)
    np.testing.assert_allclose(encode_sparse(encoder, sp.csr_matrix(X), dtype), encoded, rtol=1e-6)


@every_scaling
def test_a_large_constant_column_is_0_also_for_single_precision_rows(name):
    X = np.column_stack([np.full(40, 1e39), np.arange(40.0)])
    encoder = fit(name, X)
    later = np.array([[5.0, 3.0]], dtype=np.float32)
    assert encode(encoder, later, "float32")[0, 0] in (0.0, encode(encoder, X[:1], "float32")[0, 0])


@pytest.mark.parametrize("far", [1e8, 1e15, 1e25, 1e60])
@pytest.mark.parametrize("constant", [False, True])
def test_rows_of_almost_no_weight_have_almost_no_influence(far, constant):
    n = 8000
    values = np.full(n, 0.1) if constant else np.random.default_rng(0).standard_normal(n)
    values[:4096] = far
    weight = np.ones(n)
    weight[:4096] = 1e-300
    mapping = fit("standard", values[:, np.newaxis], weight).scaling
    rest = values[4096:]
    np.testing.assert_allclose(mapping.center, rest.mean(), rtol=1e-12, atol=1e-12)
    expected = 0.0 if constant else 1 / rest.std()
    np.testing.assert_allclose(mapping.factor, expected, rtol=1e-6)
