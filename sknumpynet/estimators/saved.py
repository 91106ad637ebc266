"""A fit that one of its callbacks saves: which.

In: an estimator with callbacks. Out: the file that its fit is to go on from and to save itself in.
"""

from __future__ import annotations

from typing import Any

from ..callbacks.protocol import callbacks_of
from ..checkpoints import SavedFit


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
