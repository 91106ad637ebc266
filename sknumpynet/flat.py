"""What a fit has found in files of skops: a text and its arrays, not an entry for each object.

In: objects of this package, whatever they hold. Out: a state with one JSON text, arrays, and the
few objects that are of others; from these the same objects, to the last bit and type. skops writes
500 bytes to 2 kB of JSON for each attribute and object, more the deeper they are: a model with five
bags of the Titanic frame took 3.2 MB where its pickle has 0.9; now 1.05.
See DECISIONS: lists in files.

Only classes that :data:`~.in_files.IN_FILES` names are made of the text, as ``trusted_types`` says
of them; objects of all others are entries of skops, which asks for them. Pickles and copies hold
the objects themselves.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Callable
from importlib import import_module
from typing import Any, ClassVar

import numpy as np

from .in_files import IN_FILES

#: Kinds of arrays without objects.
PLAIN = "biufcUSMm"

#: Bytes of an array up to which it is in the text: a file of its own takes 600 more.
FEW = 256


class Flat:
    """Stands for an object in the state of another: in a file of skops flat, else as it is."""

    def __init__(self, content: Any) -> None:
        self.content = content

    def __reduce_ex__(self, protocol: Any) -> tuple:
        return _itself, (self.content,)

    def __getstate__(self) -> dict[str, Any]:
        writer = _Writer()
        text = json.dumps(writer.written(self.content), separators=(",", ":"))
        return {"text": text, "arrays": writer.arrays, "others": writer.others}

    def __setstate__(self, state: dict[str, Any]) -> None:
        reader = _Reader(state["arrays"], state["others"])
        self.content = reader.read(json.loads(state["text"]))


def _itself(content: Any) -> Any:
    return content


class _Writer:
    """Every value as itself, if JSON has it, or as a list whose first item is its kind.

    What may be shared, and changed in place, is written once: each has a number, in the order in
    which they are begun.
    """

    def __init__(self) -> None:
        self.arrays: list[np.ndarray] = []
        self.others: list[Any] = []
        self._numbers: dict[int, int] = {}
        self._known: list[Any] = []

    def written(self, value: Any) -> Any:
        kind = type(value)
        if value is None or kind in (bool, int, float, str):
            return value
        if kind is tuple:
            return ["tuple", *map(self.written, value)]
        if isinstance(value, np.generic) and value.dtype.kind in "biuf" and value.itemsize <= 8:
            return ["scalar", value.dtype.str, value.item()]
        if id(value) in self._numbers:
            return ["same", self._numbers[id(value)]]
        self._numbers[id(value)] = len(self._known)
        # Also so that no other gets its id.
        self._known.append(value)
        if kind is list:
            return ["list", *map(self.written, value)]
        if kind is dict:
            pairs = [each for pair in value.items() for each in pair]
            return ["dict", *map(self.written, pairs)]
        if isinstance(value, np.ndarray) and value.dtype.kind in PLAIN:
            return self._array(np.asarray(value))
        if kind is np.random.Generator and type(value.bit_generator) is np.random.PCG64:
            return ["generator", value.bit_generator.state]
        if kind is np.ndarray and value.dtype.kind == "O":
            return ["objects", list(value.shape), self.written(value.ravel().tolist())]
        parts = _parts_of(value)
        if parts is None:
            self.others.append(value)
            return ["other", len(self.others) - 1]
        arguments, state = parts
        return ["object", _name_of(kind), self.written(arguments), self.written(state)]

    def _array(self, value: np.ndarray) -> list[Any]:
        if value.nbytes <= FEW and value.flags.c_contiguous:
            text = b64encode(value.tobytes()).decode("ascii")
            return ["few", value.dtype.str, list(value.shape), text]
        self.arrays.append(value)
        return ["array", len(self.arrays) - 1]


def _name_of(kind: type) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"


def _parts_of(value: Any) -> tuple[tuple, Any] | None:
    """What an object is made of, by its own account: arguments and a state; None: not by us."""
    kind = type(value)
    if _name_of(kind) not in IN_FILES:
        return None
    make, arguments, state, *more = (*value.__reduce_ex__(2), None)[:5]
    if make.__name__ == "__newobj__":
        arguments = arguments[1:]
    called = make is kind or issubclass(kind, tuple)
    if (arguments and not called) or any(each is not None for each in more):
        return None
    return arguments, state


class _Reader:
    """The values again."""

    def __init__(self, arrays: list[np.ndarray], others: list[Any]) -> None:
        self._arrays, self._others = arrays, others
        self._known: list[Any] = []

    def read(self, value: Any) -> Any:
        if not isinstance(value, list):
            return value
        kind, *content = value
        if kind == "tuple":
            return tuple(map(self.read, content))
        if kind == "scalar":
            return np.dtype(content[0]).type(content[1])
        if kind == "same":
            return self._known[content[0]]
        place = len(self._known)
        self._known.append(None)
        found = self._made[kind](self, place, *content)
        self._known[place] = found
        return found

    def _list(self, place: int, *items: Any) -> list:
        found: list[Any] = []
        self._known[place] = found
        found.extend(map(self.read, items))
        return found

    def _dict(self, place: int, *items: Any) -> dict:
        found: dict[Any, Any] = {}
        self._known[place] = found
        each = map(self.read, items)
        found.update(zip(each, each, strict=True))
        return found

    def _array(self, place: int, number: int) -> np.ndarray:
        return self._arrays[number]

    def _few(self, place: int, dtype: str, shape: list[int], text: str) -> np.ndarray:
        return np.frombuffer(b64decode(text), dtype).reshape(shape).copy()

    def _objects(self, place: int, shape: list[int], items: Any) -> np.ndarray:
        items = self.read(items)
        found = np.empty(len(items), dtype=object)
        for i, item in enumerate(items):
            found[i] = item
        return found.reshape(shape)

    def _generator(self, place: int, state: dict[str, Any]) -> np.random.Generator:
        found = np.random.Generator(np.random.PCG64(0))
        found.bit_generator.state = state
        return found

    def _other(self, place: int, number: int) -> Any:
        return self._others[number]

    def _object(self, place: int, name: str, arguments: Any, state: Any) -> Any:
        if name not in IN_FILES:
            raise ValueError(f"A file of a model holds no {name}.")
        module, _, qualname = name.rpartition(".")
        kind = getattr(import_module(module), qualname)
        given = self.read(arguments)
        found = kind(*given) if given else kind.__new__(kind)
        self._known[place] = found
        state = self.read(state)
        if state is not None:
            set_state = getattr(found, "__setstate__", found.__dict__.update)
            set_state(state)
        return found

    _made: ClassVar[dict[str, Callable[..., Any]]] = {
        "list": _list,
        "dict": _dict,
        "array": _array,
        "few": _few,
        "objects": _objects,
        "generator": _generator,
        "other": _other,
        "object": _object,
    }
