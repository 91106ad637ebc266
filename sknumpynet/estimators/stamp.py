"""The stamp of a saved estimator: which versions wrote it, read before anything else of it.

In: an estimator's state, on its way into a file and out of it. Out: the state with a stamp as its
first entry, and without it. What comes back first is checked first, whatever the format: by the
time a class is missing that has moved since, the error about the version has been raised.

This module and its class, and the modules of the estimators, keep their names for good: files hold
them.
"""

from __future__ import annotations

import sys
from typing import Any

import sklearn
from sklearn.exceptions import InconsistentVersionWarning

from ..telling import warn

#: Raised by one when a class in an estimator's state has moved or has other attributes, so that a
#: file of before cannot be read. A test notices, and names the script that raises it.
SCHEMA = 7

#: The entry of the state.
_KEY = "_saved_with"

_ADVICE = "Compare predictions for a few rows with those from before, then fit or save it anew"


class SavedWithOtherVersionWarning(InconsistentVersionWarning):
    """A model was saved by another version, of this package or of scikit-learn.

    A kind of scikit-learn's ``InconsistentVersionWarning``, so that a filter for that one holds.
    """

    def __init__(self, message: str, saved_with: dict[str, str]) -> None:
        super().__init__(
            estimator_name=__name__.partition(".")[0],
            current_sklearn_version=sklearn.__version__,
            original_sklearn_version=saved_with.get("scikit-learn", "unknown"),
        )
        self.message, self.saved_with = message, saved_with

    def __str__(self) -> str:
        return self.message


class Stamp:
    """The versions that save an estimator; coming back under others it warns, or refuses."""

    def __init__(self) -> None:
        self.versions = _versions()
        self.schema = SCHEMA

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        if self.schema != SCHEMA:
            raise ValueError(
                f"This model was saved with {_shown(self.versions)} (schema {self.schema}), and "
                f"{_shown(_versions())} (schema {SCHEMA}) cannot read it. Load it where "
                f"{_pinned(self.versions)} are installed, or fit it anew."
            )
        if self.versions != _versions():
            message = (
                f"This model was saved with {_shown(self.versions)}, and is loaded with "
                f"{_shown(_versions())}. {_ADVICE}; or install {_pinned(self.versions)}."
            )
            # Of the code that loads: behind this method, which an unpickler calls.
            warn(SavedWithOtherVersionWarning(message, self.versions))


def stamped(state: dict[str, Any]) -> dict[str, Any]:
    """An estimator's state with the stamp of this version as its first entry."""
    return {_KEY: Stamp(), **state}


def without_stamp(state: dict[str, Any]) -> dict[str, Any]:
    """The state alone. The stamp was checked when it came back; that there is none is told here."""
    if _KEY not in state:
        message = (
            "This model was saved with a sknumpynet that wrote no version into it, and is loaded "
            f"with {_shown(_versions())}. {_ADVICE}."
        )
        warn(SavedWithOtherVersionWarning(message, {}))
    return {name: value for name, value in state.items() if name != _KEY}


def _versions() -> dict[str, str]:
    package = __name__.partition(".")[0]
    return {package: sys.modules[package].__version__, "scikit-learn": sklearn.__version__}


def _shown(versions: dict[str, str]) -> str:
    return " and ".join(f"{name} {version}" for name, version in versions.items())


def _pinned(versions: dict[str, str]) -> str:
    return " ".join(f"{name}=={version}" for name, version in versions.items())
