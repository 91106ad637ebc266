"""A warning finds the line of the user's that led to it.

In: a message. Out: a warning that points to the first line outside this package and the tools of
scikit-learn that called it. Nobody counts frames: a decorator, a pipeline or a search in between
changes nothing.
"""

from __future__ import annotations

import inspect
import warnings
from types import FrameType

#: Packages whose lines are not the user's: this one, and those that call it for somebody else.
_NOT_THE_USERS = frozenset({(__package__ or "").partition(".")[0], "sklearn", "joblib"})


def warn(message: str | Warning, category: type[Warning] = UserWarning) -> None:
    """Warn at the user's line; where there is none (in a worker process) at the outermost one."""
    level, frame = 0, inspect.currentframe()
    while frame is not None and _is_a_tool(frame):
        level, frame = level + 1, frame.f_back
    warnings.warn(message, category, stacklevel=level + 1)


def _is_a_tool(frame: FrameType) -> bool:
    return str(frame.f_globals.get("__name__")).partition(".")[0] in _NOT_THE_USERS
