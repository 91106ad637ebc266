"""A warning finds the line of the user's that led to it, and is given once where many fits give it.

In: a message. Out: a warning that points to the first line outside this package and the tools of
scikit-learn that called it. Nobody counts frames: a decorator, a pipeline or a search in between
changes nothing. Of the fits of one search those that follow the first to say something do not
repeat it; in another process, which has no line of the user's, for as long as the process lives.
"""

from __future__ import annotations

import contextlib
import contextvars
import inspect
import re
import warnings
from collections.abc import Iterator
from types import FrameType

#: Packages whose lines are not the user's: this one, and those that call it for somebody else.
_NOT_THE_USERS = frozenset(
    {
        *((__package__ or "").partition(".")[0], "sklearn", "joblib"),
        *("multiprocessing", "concurrent", "threading", "runpy"),
    }
)

#: Modules of scikit-learn that fit an estimator but once. All others may fit several.
_FITS_ONE = ("base", "pipeline", "compose", "utils", "callback", "_config")

#: The name under which the frame of a search holds what it was told, and how many of these.
_TOLD, _MOST = "__told_by_sknumpynet__", 500

#: Figures, which differ from fit to fit, but not those within quotes nor the number of a column.
_FIGURES = re.compile(r"((?<!\w)'[^']*'|\"[^\"]*\"|\bcolumn \d+)|(?<![\w.])[-+]?\d[\w.,+-]*", re.I)

#: Warnings by their text and category.
Told = dict[tuple[str, type[Warning]], None]

_COLLECTED: contextvars.ContextVar[Told | None] = contextvars.ContextVar("told", default=None)


def warn(message: str | Warning, category: type[Warning] = UserWarning) -> None:
    """Warn at the user's line; where there is none (in a worker process) at the outermost one.

    Where a tool that fits many estimators has called, a warning of one kind about one thing is
    given once in the call of that tool: their texts differ by figures alone.
    """
    collected = _COLLECTED.get()
    if collected is not None and isinstance(message, str):
        collected[message, category] = None
        return
    level, several, outermost = 0, False, None
    frame = inspect.currentframe()
    while frame is not None and _is_a_tool(frame):
        several = several or _fits_several(frame)
        level, outermost, frame = level + 1, frame, frame.f_back
    if not several or outermost is None:
        warnings.warn(message, category, stacklevel=level + 1)
        return
    # It lives as long as the frame does, so that the next search tells anew and nothing piles up:
    # no other name does, since a frame takes no weak references and the next one has its address.
    # Python 3.13 and later keep a name that is no variable with the frame (PEP 667), earlier ones
    # in the dict that they give for it.
    told = outermost.f_locals.setdefault(_TOLD, {})
    kind = _FIGURES.sub(lambda found: found[1] or "#", str(message)), _category(message, category)
    if kind in told:
        return
    if isinstance(message, str):
        message += " (Told once for the fits of a search.)"
    warnings.warn(message, category, stacklevel=level + 1)
    # Only now: where it is an error for the user, it is one for every fit.
    if len(told) >= _MOST:
        told.clear()
    told[kind] = None


@contextlib.contextmanager
def collected() -> Iterator[Told]:
    """Collects the warnings given here, in this thread, for who gives them later."""
    told: Told = {}
    token = _COLLECTED.set(told)
    try:
        yield told
    finally:
        _COLLECTED.reset(token)


def _category(message: str | Warning, category: type[Warning]) -> type[Warning]:
    return category if isinstance(message, str) else type(message)


def _module(frame: FrameType) -> list[str]:
    return str(frame.f_globals.get("__name__")).split(".")


def _is_a_tool(frame: FrameType) -> bool:
    name = _module(frame)[0]
    # The script of a process of joblib.
    in_worker = name == "__main__" and str(frame.f_globals.get("__package__")).startswith("joblib")
    return name in _NOT_THE_USERS or in_worker


def _fits_several(frame: FrameType) -> bool:
    name = _module(frame)
    return name[0] == "joblib" or (
        name[0] == "sklearn" and name[1:2] not in [[n] for n in _FITS_ONE]
    )
