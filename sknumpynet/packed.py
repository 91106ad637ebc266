"""Long lists in files: an array or two in place of an entry for each item.

In: a list. Out: what stands for it in a state, which every format holds at once, and the list
again, to the last bit and type. skops writes 200 bytes of JSON for each item of a list: a column of
5,000 levels took 4 MB of a file, now 0.1.
See DECISIONS: lists in files.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

#: What an array of objects is marked by.
OBJECTS = "objects"

#: A shorter list stays a list: an array is a file of its own there, of 400 bytes.
FEWEST = 8

#: Half of a pair of surrogates is text in Python, and in no encoding.
ANY_TEXT = "surrogatepass"


def packed(items: Sequence[Any]) -> Any:
    """An array of numbers; of text all of it and the length of each; else a list of the items."""
    kinds = {type(item) for item in items}
    if len(items) < FEWEST or len(kinds) > 1:
        return list(items)
    (kind,) = kinds
    if kind is str:
        text = bytearray("".join(items).encode("utf-8", ANY_TEXT))
        lengths = np.array([len(item) for item in items])
        smallest = np.min_scalar_type(lengths.max())
        return np.array(text, dtype=np.uint8), lengths.astype(smallest)
    if kind in (bool, float):
        return np.array(items)
    if kind is int and all(-(2**63) <= item < 2**63 for item in items):
        return np.array(items, dtype=np.int64)
    return list(items)


def unpacked(state: Any) -> list[Any]:
    """The list again. One that was never packed is given back."""
    if isinstance(state, np.ndarray):
        return state.tolist()
    if not isinstance(state, tuple):
        return state
    text, lengths = state[0].tobytes().decode("utf-8", ANY_TEXT), state[1]
    ends = np.cumsum(lengths, dtype=np.int64).tolist()
    return [text[start:end] for start, end in zip([0, *ends], ends, strict=False)]


def packed_labels(labels: np.ndarray | list[np.ndarray]) -> Any:
    """Of an array of objects these packed, of several each; any other one as it is."""
    if isinstance(labels, list):
        return [packed_labels(one) for one in labels]
    return (OBJECTS, packed(labels.tolist())) if labels.dtype.kind == "O" else labels


def unpacked_labels(state: Any) -> Any:
    """The arrays again."""
    if isinstance(state, list):
        return [unpacked_labels(one) for one in state]
    if not isinstance(state, tuple):
        return state
    items = unpacked(state[1])
    labels = np.empty(len(items), dtype=object)
    labels[:] = items
    return labels
