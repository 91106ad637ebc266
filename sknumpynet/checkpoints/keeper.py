"""The checkpoint of one fit: what is in it at its beginning, what is saved on its way, its end.

In: where and how often to save, what the fit is, and the states of its models, as they come. Out:
those of an earlier fit that was the same, to go on from. Several processes may fit models of one
fit: each saves those that are its own, and leaves the others in the file as they are.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..quoting import told
from ..telling import warn
from .digest import digest
from .facts import Facts, differences
from .file import CheckpointError, locked, read, refused, write_locked

#: Differences that a message names.
MOST_SHOWN = 3


@dataclass(frozen=True)
class Saving:
    """Where and how often a fit is saved.

    Parameters
    ----------
    path : str
        A file; in a folder that is there, each fit has a file named by its facts.
    n_epochs : int or None
        Save when so many epochs have gone by.
    seconds : float or None
        Or when so much time has.
    keep : bool
        Whether the file stays when the fit has come to its end.
    """

    path: str
    n_epochs: int | None
    seconds: float | None
    keep: bool


class Keeper:
    """What is saved of one fit.

    Parameters
    ----------
    saving : Saving
    path : Path
        Of the file.
    facts : dict
        What the fit is.
    earlier : dict or None
        What the file holds.

    Attributes
    ----------
    drawn : object
        What the fit has drawn at its beginning, which goes into the file; None before.
    """

    def __init__(self, saving: Saving, path: Path, facts: Facts, earlier: Facts | None) -> None:
        self._saving, self._path, self._facts = saving, path, facts
        content = earlier or {}
        self.drawn: Any = content.get("drawn")
        self._models: dict[str, Any] = content.get("models", {})
        # Nanoseconds. Of fits that run at once the one that has begun last has the file; one that
        # goes on counts as later than the one before, whatever the clock of its computer says.
        self._begun = max(time.time_ns(), content.get("begun", 0) + 1)
        self._last_look = _look(path)
        self._last_time, self._told = time.monotonic(), False

    def refuse(self, why: str) -> CheckpointError:
        """The error for a file that does not fit; ``why`` goes on after its name."""
        return refused(self._path, why)

    @property
    def path(self) -> Path:
        """Of the file."""
        return self._path

    @property
    def keeps(self) -> bool:
        """Whether the file stays when the fit has ended."""
        return self._saving.keep

    def model(self, number: int) -> dict[str, Any] | None:
        """What the file holds of a model; None for nothing."""
        return self._models.get(str(number))

    def due(self, n_epochs: int) -> bool:
        """Whether to save, so many epochs after the last time."""
        if self._saving.n_epochs is not None:
            return n_epochs >= self._saving.n_epochs
        return time.monotonic() - self._last_time >= (self._saving.seconds or 0.0)

    def save(self, number: int, state: dict[str, Any]) -> None:
        """Let the file hold this of a model.

        If that is not possible, the file holds what it held before, the fit goes on, and the user
        is told once.
        """
        self._last_time = time.monotonic()
        self._models[str(number)] = state
        try:
            with locked(self._path) as file:
                if self._is_ours(but=number):
                    write_locked(self._path, file, self._content())
                    self._last_look = _look(self._path)
                    return
                problem = "Another fit has written to it meanwhile; it is that one's now"
        except OSError as error:
            problem = f"{type(error).__name__}: {error.strerror or told(error)}"
        if not self._told:
            self._told = True
            warn(
                f"Checkpoint could not write {str(self._path)!r} ({problem}). The fit goes on; "
                "what was saved before, if anything, stays as it is."
            )

    def end(self) -> None:
        """The fit has come to its end."""
        if self._saving.keep:
            return
        try:
            if _look(self._path) is None:
                return
            with locked(self._path):
                if self._is_ours():
                    self._path.unlink(missing_ok=True)
        except OSError as error:
            warn(
                f"Checkpoint could not remove {str(self._path)!r} ({type(error).__name__}: "
                f"{error.strerror or told(error)}). The fit has ended, it is not needed any more."
            )

    def _content(self) -> Facts:
        return {
            "facts": self._facts,
            "drawn": self.drawn,
            "begun": self._begun,
            "models": self._models,
        }

    def _is_ours(self, but: int | None = None) -> bool:
        """Whether the file is this fit's, or none is there, or that of a fit begun earlier.

        What other processes have saved of the same fit is taken over, ``but`` for one model.
        """
        if _look(self._path) in (None, self._last_look):
            return True
        try:
            content = read(self._path) or {}
        except CheckpointError:
            # Not written by a fit.
            return False
        if content.get("begun", 0) > self._begun:
            return False
        # Without a random_state two fits of the same data and options are different ones.
        if (content.get("facts"), content.get("drawn")) == (self._facts, self.drawn):
            own = {name: state for name, state in self._models.items() if name == str(but)}
            self._models = {**content.get("models", {}), **own}
        return True

    def __getstate__(self) -> dict[str, Any]:
        # On its way to another process.
        return {**self.__dict__, "_last_time": None}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._last_time = time.monotonic()


class SavedFit:
    """One fit that is saved: from its beginning on it has a keeper.

    Parameters
    ----------
    saving : Saving

    Attributes
    ----------
    interrupted : bool
        Whether the user has interrupted it: the file stays, so that it may go on.
    """

    interrupted = False

    def __init__(self, saving: Saving) -> None:
        self._saving = saving
        self._keeper: Keeper | None = None

    def open(self, facts: Facts) -> Keeper:
        """The fit is about to begin, or to go on; a CheckpointError if the file is not for it."""
        self._keeper = _keeper_for(self._saving, facts)
        return self._keeper

    @property
    def keeper(self) -> Keeper:
        """That of the fit, which has begun."""
        if self._keeper is None:
            raise RuntimeError("The fit has not begun.")
        return self._keeper

    def end(self) -> None:
        """The fit has ended."""
        if not self.interrupted:
            self.keeper.end()

    def told(self, message: str) -> str:
        """A message about the end; after an interruption, also where the fit may go on from."""
        path = self.keeper.path
        if not self.interrupted or not path.exists():
            return message
        return f"{message} fit, called again, goes on from {str(path)!r}."


def _keeper_for(saving: Saving, facts: Facts) -> Keeper:
    path = _file_for(saving, facts)
    content = read(path)
    if content is not None:
        try:
            found = differences(content["facts"], facts)
            versions = content["facts"]["versions"]
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise refused(path, "holds what no fit has written") from error
        if found:
            shown = "; ".join(found[:MOST_SHOWN])
            more = f"; and {len(found) - MOST_SHOWN} more" if len(found) > MOST_SHOWN else ""
            raise refused(
                path,
                f"is that of another fit: {shown}{more}. For several fits, as in a search, give "
                "Checkpoint a folder, in which each has a file of its own",
            )
        _compare_versions(path, versions, facts["versions"])
    return Keeper(saving, path, facts, content)


def _file_for(saving: Saving, facts: Facts) -> Path:
    """The file of a fit, in a folder that can be written to."""
    path = Path(saving.path).expanduser().resolve()
    if saving.path.endswith(("/", os.sep)) and not path.is_dir():
        raise CheckpointError(
            f"Checkpoint writes to the folder {saving.path!r}, which is not there."
        )
    if path.is_dir():
        of_fit = {name: fact for name, fact in facts.items() if name != "versions"}
        path = path / f"{digest(of_fit)}.npz"
    if not path.parent.is_dir():
        raise CheckpointError(f"Checkpoint writes to {str(path)!r}, whose folder is not there.")
    if not os.access(path.parent, os.W_OK):
        raise CheckpointError(
            f"Checkpoint writes to {str(path)!r}, whose folder may not be written to."
        )
    return path


def _compare_versions(path: Path, then: Facts, now: Facts) -> None:
    """Another version of this package is refused, those of others may round otherwise."""
    package, *others = now
    if then.get(package) != now[package]:
        raise refused(
            path,
            f"was written by {package} {then.get(package)}, and this is {now[package]}: go on with "
            "that version",
        )
    changed = [name for name in others if then.get(name) != now[name]]
    if changed:
        shown = ", ".join(f"{name} {then.get(name)} and not {now[name]}" for name in changed)
        warn(
            f"The checkpoint {str(path)!r} was written with {shown}: the fit goes on to the same "
            "model up to rounding, not to the last bit."
        )


def _look(path: Path) -> tuple[int, ...] | None:
    """What tells a file from one that has taken its place; None if there is none."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size
