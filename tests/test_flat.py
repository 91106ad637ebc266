"""Objects as a text and arrays: the same come back, and none of classes that files do not hold."""

import datetime as dt
import json
import pickle

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from sknumpynet.flat import FEW, Flat
from sknumpynet.frames.read_column import ReadOptions


def again(content):
    """As skops does it."""
    flat = Flat.__new__(Flat)
    flat.__setstate__(Flat(content).__getstate__())
    return flat.content


VALUES = [
    *(None, True, -0.0, 0.1, 1e-320, 2**70, -5, "text", "half \ud800", ""),
    *((), (1, (2, "a")), [1, [2.5]], {"a": 1, 2: (None,)}, {1: "one", "1": "text"}),
    *(np.float32(0.1), np.int8(3), np.bool_(True), np.float64(2.0)),
    *(dt.date(2020, 1, 1), np.dtype("f4"), float, {1, 2}, b"bytes"),
    ReadOptions(text_components=3),
]


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_values_come_back_with_their_type(value):
    found = again([value, value])
    assert found == [value, value]
    assert repr(found) == repr([value, value])
    assert type(found[0]) is type(value)


def test_what_is_no_number_comes_back():
    found = again([float("nan"), float("inf"), np.float32("nan")])
    assert_array_equal(found, [np.nan, np.inf, np.nan])
    assert type(found[2]) is np.float32


@pytest.mark.parametrize(
    "array",
    [
        *(np.arange(3.0), np.zeros((0, 3), dtype=np.int8), np.array(2.5), np.eye(3)[:, ::2]),
        *(np.arange(FEW + 1.0), np.array(["a", "bc"]), np.array(["2020"], dtype="M8[D]")),
        np.array([["a", None], [(1, 2), 3.5]], dtype=object),
        np.array([None, None], dtype=object),
    ],
    ids=repr,
)
def test_arrays_come_back(array):
    found = again(array)
    assert_array_equal(found, array)
    assert (found.dtype, found.shape) == (array.dtype, array.shape)
    assert found.flags.writeable


def test_what_was_shared_is_shared():
    array, items = np.zeros(2), [1]
    parts = [array, items, ReadOptions(5)]
    one, other = again([parts, [*parts]])
    assert one is not other
    for found, expected in zip(one, other, strict=True):
        assert found is expected


def test_what_holds_itself():
    items = [1]
    items.append(items)
    found = again(items)
    assert found[1] is found


def test_numbers_are_drawn_from_where_they_were():
    rng = np.random.default_rng(3)
    rng.random(5, dtype=np.float32)
    found, same = again([rng, rng])
    assert found is same
    assert_array_equal(found.random(4, dtype=np.float32), rng.random(4, dtype=np.float32))


def test_pickles_hold_the_object_itself():
    assert pickle.loads(pickle.dumps(Flat([1, 2]))) == [1, 2]


@pytest.mark.parametrize("name", ["os.system", "subprocess.Popen", "sknumpynet.flat._Reader"])
def test_no_other_class_is_made(name):
    text = json.dumps(["object", name, ["tuple", "true"], None])
    with pytest.raises(ValueError, match=f"A file of a model holds no {name}"):
        Flat.__new__(Flat).__setstate__({"text": text, "arrays": [], "others": []})
