"""A tree of dicts, lists, numbers and arrays as text and plain arrays, and back.

In: what a training says of its state. Out: a JSON text and the arrays that it refers to by their
number; from these the same tree, to the last bit and the last type. Nothing that executes is
written, so nothing that is read can be more than numbers.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

#: Kinds of NumPy's numbers: bool, integers, floats, complex ones.
NUMBERS = "biufc"

#: From so many floats on a list of them is an array: a history of 200 epochs takes 0.1 ms then, as
#: text 1.
MANY = 16

#: Integers beyond are written in hexadecimal digits: many readers of JSON have floats alone.
MOST_INTEGER = 2**53


def pack(tree: Any) -> tuple[str, list[np.ndarray]]:
    """The text and the arrays of a tree.

    It may consist of dicts with keys of text, lists, tuples, arrays and scalars of NumPy that are
    numbers, and of Python's None, bool, int, float and str; a TypeError names what else there is.
    """
    arrays: list[np.ndarray] = []
    return json.dumps(_packed(tree, arrays), allow_nan=False), arrays


def unpack(text: str, arrays: Sequence[np.ndarray]) -> Any:
    """The tree; a ValueError if this is none."""
    try:
        return _unpacked(json.loads(text), arrays)
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError) as error:
        raise ValueError(f"No tree: {type(error).__name__}: {error}") from error


def _packed(value: Any, arrays: list[np.ndarray]) -> Any:
    """In JSON an object has one name, that of a type: what has no form of its own there."""
    kind = type(value)
    if value is None or kind in (bool, str):
        return value
    if kind is int:
        return value if abs(value) < MOST_INTEGER else {"int": hex(value)}
    if kind is float:
        return value if math.isfinite(value) else {"float": repr(value)}
    if kind is dict:
        if not all(type(name) is str for name in value):
            raise TypeError(
                f"A name of a dict that is to be saved must be text. Got {list(value)}."
            )
        return {"dict": {name: _packed(item, arrays) for name, item in value.items()}}
    if kind is list and len(value) >= MANY and all(type(item) is float for item in value):
        return {"floats": _noted(np.array(value, dtype=np.float64), arrays)}
    if kind is list:
        return [_packed(item, arrays) for item in value]
    if kind is tuple:
        return {"tuple": [_packed(item, arrays) for item in value]}
    if kind is np.ndarray and value.dtype.kind in NUMBERS:
        return {"array": _noted(value, arrays)}
    if isinstance(value, np.generic) and value.dtype.kind in NUMBERS:
        return {"scalar": _noted(np.asarray(value), arrays)}
    raise TypeError(f"A {kind.__name__} cannot be saved, only numbers, text, dicts and lists.")


def _noted(array: np.ndarray, arrays: list[np.ndarray]) -> int:
    arrays.append(array)
    return len(arrays) - 1


def _unpacked(value: Any, arrays: Sequence[np.ndarray]) -> Any:
    if isinstance(value, list):
        return [_unpacked(item, arrays) for item in value]
    if not isinstance(value, dict):
        return value
    ((kind, content),) = value.items()
    if kind == "dict":
        return {name: _unpacked(item, arrays) for name, item in content.items()}
    if kind == "tuple":
        return tuple(_unpacked(item, arrays) for item in content)
    return _FROM_CONTENT[kind](content, arrays)


_FROM_CONTENT: dict[str, Callable[[Any, Sequence[np.ndarray]], Any]] = {
    "int": lambda content, arrays: int(content, 16),
    "float": lambda content, arrays: float(content),
    "floats": lambda content, arrays: arrays[content].tolist(),
    "array": lambda content, arrays: arrays[content],
    "scalar": lambda content, arrays: arrays[content][()],
}
