"""Who follows a fit from outside is told of its tasks through what is declared here.

In and out: nothing. The estimators have the one that tells their callbacks.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from ..training import Outcome, Reporter
from .found import Ensemble, Found

#: What a fit would find, were it to end so.
FoundSoFar = Callable[[Outcome], Found]


class Watcher(Protocol):
    """Told of a task: a whole fit, or one of its models; it goes where that is fitted."""

    def part(self, number: int) -> Watcher:
        """That of one of several models, before any of them is begun."""

    def begin(self, n_subtasks: int) -> None:
        """It begins, and has at most so many models or epochs."""

    def reporters(self, so_far: FoundSoFar) -> Sequence[Reporter]:
        """Those of the training of its model."""

    def end(self, found: Ensemble) -> bool:
        """It has come to this; True: no other model is to be begun."""
