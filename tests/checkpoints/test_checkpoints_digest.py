"""Digests: equal for equal content in any process, other for what is another in any part."""

import functools
import os
import subprocess
import sys
from collections import OrderedDict
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import KFold, PredefinedSplit, ShuffleSplit

from sknumpynet.checkpoints import digest
from sknumpynet.losses import Huber


def scaled(factor):
    return lambda x: x * factor


def recursive(n):
    def again(m):
        return n and again(m - 1)

    return again


class Cut:
    """Has slots, and holds itself."""

    __slots__ = ("me", "value")

    def __init__(self, value):
        self.value, self.me = value, self


def predefined(n):
    return PredefinedSplit(np.arange(2000) % n)


#: No two of these are the same.
DIFFERENT = [
    *(None, True, False, 0, 1, 2, 0.0, -0.0, 0.1, np.inf, np.nan, 1j, "", "0", "a", b"", b"a"),
    *([], (), [[]], [1], [1, 2], [[1], 2], [1, [2]], (1, 2), {}, {1: 2}, {2: 1}, {1, 2}),
    *({"a": 1, "b": 2}, OrderedDict(a=1, b=2), frozenset({1, 2})),
    *(np.zeros(2), np.zeros(3), np.zeros((2, 1)), np.zeros(2, "f4"), np.zeros(0), np.array(0.0)),
    *(np.array([0.0, 1e-300]), np.array(["a", "b"]), np.array(["a", None], dtype=object)),
    *(np.array(["2020-01-01"], "M8[D]"), np.array([1, "1"], dtype=object)),
    *(date(2020, 1, 1), date(2020, 1, 2), pd.Timestamp("2020-01-01"), pd.Timestamp("2021-01-01")),
    *(KFold(3), KFold(4), KFold(4, shuffle=True, random_state=1), ShuffleSplit(3)),
    *(predefined(4), predefined(5), Huber(0.5), Huber(0.25), Huber, KFold, np.exp, len),
    *(scaled(2), scaled(3), lambda x: x, lambda x: x + 1, lambda x: x + 2, recursive(1)),
    *(functools.partial(scaled, 2), functools.partial(scaled, 3), [].append, Cut(1), Cut(2)),
    *(np.random.default_rng(0), np.random.default_rng(1), np.random.RandomState(0)),
    *(os, sys, Path("a"), Path("b"), pd.CategoricalDtype(["a"]), pd.CategoricalDtype(["b"])),
]


def test_other_content_has_another_digest():
    found = [digest(value) for value in DIFFERENT]
    same = [(DIFFERENT[i], DIFFERENT[found.index(d)]) for i, d in enumerate(found)
            if found.index(d) != i]  # fmt: skip
    assert same == []


@pytest.mark.parametrize("make", [
    lambda: {"b": [1, (2.5, "x")], "a": {3, 4}},
    lambda: np.arange(6.0).reshape(2, 3),
    lambda: KFold(4, shuffle=True, random_state=1),
    lambda: predefined(4),
    lambda: scaled(2),
    lambda: np.random.default_rng(5),
    lambda: Cut(3),
    lambda: recursive(2),
    lambda: Huber(0.5),
    lambda: np.array(["a", None, 2], dtype=object),
])  # fmt: skip
def test_equal_content_has_one_digest(make):
    assert digest(make()) == digest(make())


def test_neither_order_of_a_dict_nor_place_in_memory_counts():
    assert digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})
    assert digest(np.arange(6.0).reshape(2, 3)) == digest(
        np.asfortranarray([[0, 1, 2.0], [3, 4, 5]])
    )
    assert digest(np.float64(0.1)) == digest(0.1)
    assert digest(np.arange(8)[::2]) == digest(np.arange(0, 8, 2))
    one = [1.5, "x"]
    assert digest([one, one]) == digest([[1.5, "x"], [1.5, "x"]])


def test_a_generator_that_was_drawn_from_is_another():
    generator = np.random.default_rng(0)
    before = digest(generator)
    generator.random()
    assert digest(generator) != before


def test_it_is_the_same_in_every_process():
    source = (
        "import numpy as np\nfrom sklearn.model_selection import KFold\n"
        "from sknumpynet.checkpoints import digest\n"
        "print(digest([{'a', 'b', 'c', 'd'}, {'x': 1, 'y': 'z'}, KFold(3), np.arange(3), "
        "lambda x: x in {'p', 'q', 'r'}]))"
    )
    said = {
        subprocess.run(
            [sys.executable, "-c", source],
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(said) == 1
