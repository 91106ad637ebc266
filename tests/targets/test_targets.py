"""Targets as numbers, and predictions back in the user's terms."""

import numpy as np
import pytest
import scipy.sparse as sp

from sknumpynet.rows import usable_rows
from sknumpynet.targets import NumberTarget, UnknownClasses

FLOAT = np.dtype("float64")


def all_rows(y, weight=None):
    return usable_rows(len(y), None if weight is None else np.asarray(weight, dtype=float))


def make_y(n_outputs=None, seed=0):
    shape = 50 if n_outputs is None else (50, n_outputs)
    return np.random.default_rng(seed).gamma(2.0, 3.0, size=shape)


@pytest.mark.parametrize("unit", ["standard", "mean", None])
@pytest.mark.parametrize("n_outputs", [None, 1, 3])
def test_decoding_undoes_encoding(unit, n_outputs):
    y = make_y(n_outputs)
    target = NumberTarget(unit).fit(y, all_rows(y))
    encoded = target.encode(y, FLOAT)
    assert encoded.shape == (50, n_outputs or 1)
    assert target.decode(encoded).shape == y.shape
    np.testing.assert_allclose(target.decode(encoded), y, rtol=1e-12)


@pytest.mark.parametrize("n_outputs", [None, 3])
@pytest.mark.parametrize("weight", [None, np.arange(50)])
def test_standard_targets_have_weighted_mean_0_and_variance_1(n_outputs, weight):
    y = make_y(n_outputs) * 1e3
    target = NumberTarget("standard").fit(y, all_rows(y, weight))
    encoded = target.encode(y, FLOAT)
    mean = np.average(encoded, axis=0, weights=weight)
    np.testing.assert_allclose(mean, 0, atol=1e-12)
    np.testing.assert_allclose(np.average((encoded - mean) ** 2, axis=0, weights=weight), 1)


@pytest.mark.parametrize("weight", [None, np.arange(50)])
def test_positive_targets_are_measured_by_their_mean_and_0_stays_0(weight):
    y = make_y(2)
    y[3] = 0
    encoded = NumberTarget("mean").fit(y, all_rows(y, weight)).encode(y, FLOAT)
    np.testing.assert_allclose(np.average(encoded, axis=0, weights=weight), 1)
    np.testing.assert_array_equal(encoded[3], 0)


def test_without_unit_targets_stay_as_they_are():
    y = make_y()
    target = NumberTarget(None).fit(y, all_rows(y))
    np.testing.assert_array_equal(target.encode(y, FLOAT).ravel(), y)


@pytest.mark.parametrize("factor", [1e-30, 1e-3, 1e3, 1e30])
def test_another_unit_gives_the_same_codes(factor):
    y = make_y()
    codes = [NumberTarget("standard").fit(t, all_rows(t)).encode(t, FLOAT) for t in (y, factor * y)]
    np.testing.assert_allclose(*codes, rtol=1e-9, atol=1e-12)


def test_targets_far_from_0_keep_their_digits_in_float32():
    y = make_y()
    near, far = (NumberTarget("standard").fit(t, all_rows(t)) for t in (y, y + 1e6))
    encoded = far.encode(y + 1e6, np.dtype("float32"))
    assert encoded.dtype == np.float32
    np.testing.assert_allclose(encoded, near.encode(y, FLOAT), atol=1e-6)
    np.testing.assert_allclose(far.decode(encoded), y + 1e6, rtol=1e-12, atol=1e-5)


@pytest.mark.parametrize("unit", ["standard", "mean"])
@pytest.mark.parametrize("value", [0.0, 1 / 3, -7.0, 1e9 + 0.1])
def test_a_constant_target_is_decoded_exactly(unit, value):
    y = np.full(30, value)
    target = NumberTarget(unit).fit(y, all_rows(y, np.random.default_rng(0).random(30)))
    encoded = target.encode(y, FLOAT)
    assert np.isfinite(encoded).all()
    if unit == "standard":
        np.testing.assert_array_equal(encoded, 0)
    np.testing.assert_array_equal(target.decode(encoded), y)


@pytest.mark.parametrize("unit", ["standard", "mean"])
def test_only_the_given_rows_count(unit):
    y = make_y()
    rows = all_rows(y)._replace(index=np.arange(20))
    changed = y.copy()
    changed[20:] = 1e9
    codes = [NumberTarget(unit).fit(t, rows).encode(y, FLOAT) for t in (y, changed)]
    np.testing.assert_array_equal(*codes)


@pytest.mark.parametrize(
    "y", [[1e308, -1e308, 0.0], [1.7e308, 1.7e308, 1.6e308], [1e200, 0.0, 0.0]]
)
def test_targets_that_overflow_are_refused(y):
    with pytest.raises(ValueError, match="cannot measure y: .*up to 1.*Divide y"):
        NumberTarget("standard").fit(np.array(y), all_rows(y))


LABELS = {
    "str": np.array(["b", "a", "b", "c"]),
    "object": np.array(["b", "a", "b", "c"], dtype=object),
    "int": np.array([5, -1, 5, 100]),
    "list": [2, 1, 2, 3],
    "uint8": np.array([5, 0, 5, 255], dtype=np.uint8),
}


@pytest.mark.parametrize("kind", sorted(LABELS))
def test_labels_become_codes_in_sorted_order_and_back(kind):
    y = LABELS[kind]
    target = UnknownClasses().learn(y)
    np.testing.assert_array_equal(target.classes, np.unique(y))
    codes = target.encode(target.codes(y), FLOAT)
    np.testing.assert_array_equal(codes, [1, 0, 1, 2])
    np.testing.assert_array_equal(target.decode(codes), y)
    assert target.decode(codes).dtype == target.classes.dtype == np.asarray(y).dtype
    assert target.n_outputs == 3


@pytest.mark.parametrize("y", [np.array([True, False, True]), np.array(["yes", "no", "yes"])])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_two_classes_share_one_score(y, dtype):
    target = UnknownClasses().learn(y)
    encoded = target.encode(target.codes(y), np.dtype(dtype))
    assert encoded.dtype == dtype
    np.testing.assert_array_equal(encoded, [[1], [0], [1]])
    np.testing.assert_array_equal(target.decode(target.codes(y)), y)
    assert target.n_outputs == 1


def test_a_single_class_has_a_score_of_its_own():
    target = UnknownClasses().learn(["only", "only"])
    assert target.n_outputs == 1
    np.testing.assert_array_equal(target.encode(target.codes(["only"]), FLOAT), [0])


@pytest.mark.parametrize(
    ("classes", "y"),
    [
        (["cat", "dog"], ["cat", "cow", "zebra", "ant", "dog"]),
        (np.array(["cat", "dog"], dtype=object), ["cat", "cow", "zebra", "ant", "dog"]),
        ([2, 5], np.array([2.0, 3.0, 6.0, 1.0, 5.0])),
        ([2, 5], [2, 3, 6, 1, 5]),
        ([2, 5], np.array([2, "two", None, "x", 5], dtype=object)),
        (["2", "5"], np.array(["2", 2, 5, 2.0, "5"], dtype=object)),
    ],
)
def test_a_label_that_is_none_of_the_classes_has_the_code_minus_1(classes, y):
    codes = UnknownClasses().learn(classes).known_codes(y)
    np.testing.assert_array_equal(codes, [0, -1, -1, -1, 1])


def test_classes_may_be_given_before_their_labels_come():
    target = UnknownClasses().learn([3, 1, 2])
    np.testing.assert_array_equal(target.codes([2, 2]), [1, 1])
    assert target.n_outputs == 3


@pytest.mark.parametrize("make", [np.array, lambda y: np.array(y, dtype=bool), sp.csr_matrix])
def test_several_labels_per_row_are_an_indicator(make):
    y = [[1, 0, 1], [0, 0, 0]]
    given = UnknownClasses().read(make(y), "y")
    target = UnknownClasses().learn(given)
    np.testing.assert_array_equal(target.classes, [0, 1, 2])
    encoded = target.encode(target.codes(given), np.dtype("float32"))
    assert encoded.dtype == np.float32
    np.testing.assert_array_equal(encoded, y)
    codes = target.codes(given)
    assert codes.dtype.kind == "i"
    np.testing.assert_array_equal(target.decode(codes), y)
    assert target.n_outputs == 3
