"""What was probably meant by a name or a value that an option refuses.

In: an option and what it was given, or a name that no option has. Out: a sentence with the nearest
allowed value, or the option that is meant, for the end of an error; "" where nothing is near. The
names of Keras, PyTorch, LightGBM and scikit-learn stand in ``synonyms.py``; spelling is compared
without case and marks.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from numbers import Number
from typing import Any

import numpy as np

from ..losses import CLASSIFICATION_LOSSES, REGRESSION_LOSSES
from ..quoting import quoted
from .synonyms import INSTEAD, OPTIONS, VALUES

#: Least likeness of two spellings, of at most 1: "adm" and "adam" have 0.86, "hinge" and "huber" of
#: the losses, which are nothing alike, 0.4, "mape" and "gamma" 0.67.
LIKE = 0.7

#: Of them the name of a type says nothing about what is meant.
_PLAIN = (bool, int, float, complex, list, tuple, dict, set, type(None), np.ndarray, np.generic)


def value_meant(name: str, value: Any, names: Iterable[str | None]) -> str:
    """A sentence about the value that the option ``name``, which takes ``names``, has refused."""
    known = [text for text in names if text is not None]
    instead = INSTEAD.get(name)
    simple = value is None or isinstance(value, (Number, str))
    other = instead(value) if instead is not None and simple else None
    if other is not None:
        return f" Did you mean {other}?"
    if isinstance(value, (list, tuple)):
        others = (v for v in value if not (isinstance(v, str) and v in known))
        found = ((entry, _nearest(name, entry, known)) for entry in others)
        return next((_did_you_mean(near, entry) for entry, near in found if near), "")
    near = _nearest(name, value, known)
    return _did_you_mean(near) if near else _of_the_other_kind(name, value, known)


def option_meant(given: str, options: Iterable[str]) -> str:
    """A sentence about a name that is none of the ``options``."""
    options = list(options)
    known = OPTIONS.get(_plain(given))
    if known is not None and re.split(r"\W", known)[0] in options:
        return f" Did you mean {known}?"
    near = _alike(given, options)
    return f" Did you mean {near}?" if near else ""


def _did_you_mean(near: str, entry: Any = None) -> str:
    return f" Did you mean {near!r}{'' if entry is None else f' for {quoted(entry)}'}?"


def _nearest(name: str, value: Any, names: list[str]) -> str | None:
    """The name that is meant, of those that are allowed."""
    word = _word(value)
    if not word:
        return None
    known = VALUES.get(name, {}).get(_plain(word))
    if known is not None:
        return known if known in names else None
    if _of_the_other_kind(name, value, names):
        return None
    return _alike(word, names, exactly=not isinstance(value, str))


def _of_the_other_kind(name: str, value: Any, names: list[str]) -> str:
    """A sentence about a loss of classifiers that a regressor was given, or the reverse."""
    word = _plain(_word(value))
    if name != "loss" or not word:
        return ""
    for table, kind in ((CLASSIFICATION_LOSSES, "classifiers"), (REGRESSION_LOSSES, "regressors")):
        spelled = {_plain(known): known for known in table}
        known = spelled.get(word, VALUES[name].get(word))
        if known in table and known not in names:
            return f" {known!r} is a loss of {kind}."
    return ""


def _word(value: Any) -> str:
    """What a value is called: text itself, a class, a function or an object by its name."""
    if isinstance(value, str):
        return value[:100]
    if isinstance(value, _PLAIN):
        return ""
    called = getattr(value, "__name__", None)
    return called if isinstance(called, str) else type(value).__name__


def _alike(word: str, names: Iterable[str], *, exactly: bool = False) -> str | None:
    """The name that is spelled most like the word."""
    spelled = {_plain(name): name for name in reversed(list(names))}
    like = 1.0 if exactly else LIKE
    near = difflib.get_close_matches(_plain(word), spelled, n=1, cutoff=like)
    return spelled[near[0]] if near else None


def _plain(word: str) -> str:
    return re.sub(r"[^a-z0-9]", "", word.casefold())


def check_known(cls: type, given: Mapping[str, Any], options: Iterable[str]) -> None:
    """Raise Python's TypeError about an argument that is no option, with the one that is meant."""
    options = list(options)
    for name in given:
        if name not in options:
            raise TypeError(
                f"{cls.__name__}.__init__() got an unexpected keyword argument {name!r}."
                + option_meant(name, options)
            )
