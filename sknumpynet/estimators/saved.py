"""A fit that one of its callbacks saves: which, and what becomes of the file when it ends.

In: an estimator with callbacks, and how its fit ended. Out: the file that the fit is to go on from
and to save itself in.
"""

from __future__ import annotations

from typing import Any

from ..callbacks.protocol import callbacks_of
from ..checkpoints import SavedFit
from ..fitting.endings import Ending
from ..fitting.found import Ensemble


def saved_fit_of(estimator: Any, *, incremental: bool) -> SavedFit | None:
    """By the callback that has a ``saving``; None if there is none.

    Such a callback is more than told of a fit: its training goes on from what is saved.
    """
    found = [callback for callback in callbacks_of(estimator) if hasattr(callback, "saving")]
    if not found:
        return None
    name = type(found[0]).__name__
    if len(found) > 1:
        raise ValueError(f"One {name} is enough for a fit. Got {len(found)} in set_callbacks.")
    if incremental:
        raise ValueError(
            f"{name} saves a fit, and partial_fit is one epoch of a training that is yours: save "
            f"the estimator itself between calls, and set_callbacks without {name}."
        )
    return SavedFit(found[0].saving)


def ended(saved: SavedFit | None, found: Ensemble, end: Ending | None) -> Ending | None:
    """What is said about the end of a fit; a file that may go on is named."""
    if saved is None or end is None or not _is_interrupted(found):
        return end
    return saved.told(end[0]), end[1]


def close(saved: SavedFit | None, found: Ensemble) -> None:
    """The estimator has what was found; an interrupted fit may go on."""
    if saved is not None and not _is_interrupted(found):
        saved.end()


def _is_interrupted(found: Ensemble) -> bool:
    cut = any(one.outcome.reason == "interrupted" for one in found.founds)
    return cut or len(found.founds) < found.n_parts
