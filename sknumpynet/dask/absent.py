"""What the ordinary estimators have, and those on a cluster have not.

In: a name, and what to do instead. Out: an AttributeError for whoever asks.
"""

from __future__ import annotations

from typing import Any


class Absent:
    """A method that the ordinary estimator has alone; neither classes nor objects have it."""

    def __init__(self, name: str, instead: str) -> None:
        self._name, self._instead = name, instead

    def __get__(self, _: Any, cls: type) -> Any:
        raise AttributeError(f"{cls.__name__} has no {self._name}: {self._instead}.")
