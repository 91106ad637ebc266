"""Trees become text and arrays and come back to the last bit and type; nothing else is taken."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from sknumpynet.checkpoints.tree import MANY, pack, unpack

DTYPES = st.one_of(
    hnp.boolean_dtypes(),
    hnp.integer_dtypes(endianness="<"),
    hnp.unsigned_integer_dtypes(endianness="<"),
    hnp.floating_dtypes(endianness="<"),
    hnp.complex_number_dtypes(endianness="<"),
)
ARRAYS = hnp.arrays(DTYPES, hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4))
NUMBERS = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
LEAVES = st.one_of(
    NUMBERS,
    st.integers(min_value=2**64, max_value=2**200),
    ARRAYS,
    ARRAYS.filter(lambda a: a.size).map(lambda a: a.ravel()[0]),
    st.lists(st.floats(), min_size=MANY, max_size=MANY + 3),
)
TREES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.lists(inner, max_size=3).map(tuple),
        st.dictionaries(st.text(), inner, max_size=3),
    ),
    max_leaves=12,
)


def bits(tree):
    """A form of a tree that is equal for trees of the same bits and types alone."""
    kind = type(tree)
    if kind is dict:
        return kind, [(name, bits(item)) for name, item in tree.items()]
    if kind in (list, tuple):
        return kind, [bits(item) for item in tree]
    if isinstance(tree, (np.ndarray, np.generic)):
        return kind, tree.dtype.str, tree.shape, tree.tobytes()
    # NaN is one in text.
    return kind, repr(tree)


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(TREES)
def test_a_tree_comes_back_to_the_last_bit_and_type(tree):
    text, arrays = pack(tree)
    assert all(array.dtype.kind in "biufc" for array in arrays)
    assert bits(unpack(text, arrays)) == bits(tree)


@settings(max_examples=30, deadline=None)
@given(TREES)
def test_the_text_is_json_for_any_reader(tree):
    def refuse(constant):
        raise AssertionError(f"{constant} is no JSON")

    json.loads(pack(tree)[0], parse_constant=refuse)


def test_the_state_of_each_bit_generator_comes_back():
    for kind in (np.random.PCG64, np.random.MT19937, np.random.Philox, np.random.SFC64):
        source = np.random.Generator(kind(3))
        source.normal(size=7)
        other = np.random.Generator(kind(4))
        other.bit_generator.state = unpack(*pack(source.bit_generator.state))
        np.testing.assert_array_equal(other.normal(size=5), source.normal(size=5))


def test_many_floats_are_an_array():
    values = [0.1, float("nan"), float("-inf"), -0.0] * MANY
    text, arrays = pack({"loss": values})
    assert len(text) < 50
    assert len(arrays) == 1
    assert bits(unpack(text, arrays)) == bits({"loss": values})


class Own(dict):
    """No dict of Python's own."""


@pytest.mark.parametrize(
    ("tree", "named"),
    [
        ([object()], "object"),
        ({"a": Own()}, "Own"),
        ({1: 2}, "text"),
        (np.array([None]), "ndarray"),
        (np.array(["a"]), "ndarray"),
        (b"bytes", "bytes"),
        (np.datetime64("2020-01-01"), "datetime64"),
    ],
)
def test_what_is_no_number_or_text_is_refused(tree, named):
    with pytest.raises(TypeError, match=named):
        pack(tree)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "{}",
        '{"dict": 3}',
        '{"unheard of": 1}',
        '{"array": 2}',
        '{"array": "0"}',
        '{"int": "12z"}',
        '{"dict": {}, "tuple": []}',
        "[" * 100_000,
    ],
)
def test_a_text_that_is_no_tree_is_refused(text):
    with pytest.raises(ValueError, match="No tree"):
        unpack(text, [np.zeros(1)])
