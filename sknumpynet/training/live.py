"""One line on a terminal or in a notebook that follows a training, and how long it may still take.

In: the entry of each epoch. Out: a line that is written over itself, with a bar where rich is
installed. Into a file or a pipe there are lines of :class:`~.reporters.Printer` instead.
"""

from __future__ import annotations

import math
import multiprocessing
import shutil
import threading
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from .outcome import Outcome
from .reporters import InTraining, Reporter, after_name, end_line

#: Seconds between two looks of the line.
EVERY = 0.2

#: The time of an epoch to come is the mean of so many last ones.
RECENT = 20

#: Seconds from which on a forecast is printed.
WORTH_TELLING = 3.0

#: Width of the bar, and columns of a notebook, whose lines have no end.
BAR, NO_END = 16, 1000


class Line(Protocol):
    """What is written over itself."""

    def show(self, share: float, parts: Sequence[str]) -> None:
        """Show what has been done, and as many of the parts as there is room for."""

    def close(self) -> None:
        """Leave the line as it is, and go to the next."""


class OverwrittenLine:
    """A line of text after a carriage return."""

    def __init__(self, stream: Any, width: int | None = None) -> None:
        self._stream, self._width, self._n_written = stream, width, 0

    def show(self, share: float, parts: Sequence[str]) -> None:
        # Asked each time: a window may change its size. In the last column some go to the next.
        width = self._width or shutil.get_terminal_size().columns - 1
        text = that_fit(parts, width)
        self._stream.write("\r" + text.ljust(min(self._n_written, width)))
        self._stream.flush()
        self._n_written = len(text)

    def close(self) -> None:
        if self._n_written:
            self._stream.write("\n")
            self._stream.flush()
            self._n_written = 0


class RichLine:
    """A bar and a text by rich."""

    def __init__(self, console: Any) -> None:
        from rich.live import Live

        # Others print meanwhile as they would without it.
        self._live = Live(
            console=console, auto_refresh=False, redirect_stdout=False, redirect_stderr=False
        )
        self._longest = 0

    def show(self, share: float, parts: Sequence[str]) -> None:
        from rich.progress_bar import ProgressBar
        from rich.table import Table
        from rich.text import Text

        width = self._live.console.width
        text = that_fit(parts, width)
        self._longest = max(self._longest, len(text))
        row = Table.grid(padding=(0, 1))
        cells: list[Any] = [Text(text, no_wrap=True)]
        if self._longest + 1 + BAR <= width:
            cells.insert(0, ProgressBar(total=1.0, completed=share, width=BAR))
        row.add_row(*cells)
        self._live.update(row)
        if not self._live.is_started:
            self._live.start()
        self._live.refresh()

    def close(self) -> None:
        self._live.stop()


def that_fit(parts: Sequence[str], width: int) -> str:
    """As many of the parts, from the first on, as there is room for; the first one at least."""
    text = parts[0][:width]
    for part in parts[1:]:
        if len(text) + 2 + len(part) > width:
            break
        text += "  " + part
    return text


def line_on(stream: Any) -> Line | None:
    """The line for this stream; None for one that nobody watches, or on which several write."""
    if type(stream).__module__.partition(".")[0] == "ipykernel":
        return OverwrittenLine(stream, NO_END)
    alone = (
        multiprocessing.current_process().name == "MainProcess"
        and threading.current_thread() is threading.main_thread()
    )
    if not alone or not getattr(stream, "isatty", bool)():
        return None
    try:
        from rich.console import Console
    except ImportError:
        return OverwrittenLine(stream)
    console = Console(file=stream)
    usable = console.is_terminal and not console.is_dumb_terminal and not console.is_jupyter
    return RichLine(console) if usable else OverwrittenLine(stream)


@dataclass(frozen=True)
class Expected:
    """What is known of a training before it begins.

    Attributes
    ----------
    first_epoch : int
        Epochs of an earlier fit.
    max_iter, max_time : int, float
        Most epochs and seconds.
    ends_early : bool
        Whether it is expected to end before these.
    score_name : str or None
        Name under which the score is shown; None if it is the negative validation loss.
    unit : str
        What is counted.
    name : str
        Which of several models it is.
    n_later : int
        Models that are trained after it.
    """

    first_epoch: int
    max_iter: int
    max_time: float
    ends_early: bool
    score_name: str | None
    unit: str
    name: str = ""
    n_later: int = 0

    def left(self, n_iter: int, spent: float, per_epoch: float) -> float:
        """Seconds that are left at most, with those of the models that come later."""
        now = min((self.max_iter - n_iter) * per_epoch, self.max_time - spent)
        return max(0.0, now) + self.n_later * min(self.max_iter * per_epoch, self.max_time)

    def told(self, n_iter: int, spent: float, per_epoch: float) -> str:
        """The time that is left, in words."""
        left = duration(self.left(n_iter, spent, per_epoch))
        return f"{'at most' if self.ends_early else 'about'} {left} left"


class Forecast(Reporter):
    """Prints once how long the training may take, where that is more than some seconds.

    After the first steps, or the first epoch if that is short.
    """

    def __init__(self, expected: Expected) -> None:
        self._expected, self._told = expected, False
        self._begin = time.perf_counter()

    def after_first_steps(self, seconds: float, trainer: InTraining) -> None:
        self._tell(0, seconds)

    def after_epoch(self, entry: dict[str, float], trainer: InTraining) -> None:
        self._tell(1, entry["seconds"])

    def _tell(self, n_iter: int, per_epoch: float) -> None:
        if self._told:
            return
        self._told, expected = True, self._expected
        spent = time.perf_counter() - self._begin
        if expected.left(n_iter, spent, per_epoch) >= WORTH_TELLING:
            text = f"{expected.told(n_iter, spent, per_epoch)}: {expected.max_iter} {expected.unit}"
            text += f", each about {duration(per_epoch)}"
            if expected.n_later:
                text += f", and {expected.n_later} more model{'s' if expected.n_later > 1 else ''}"
            print(after_name(expected.name, text[:1].upper() + text[1:] + "."), flush=True)


class LiveLine(Reporter):
    """Shows the last epoch, the best so far and the time left, in a line.

    Parameters
    ----------
    expected : Expected
    line : Line
    """

    def __init__(self, expected: Expected, line: Line) -> None:
        self._expected, self._line = expected, line
        self._begin = self._last_look = time.perf_counter()
        self._seconds: deque[float] = deque(maxlen=RECENT)
        self._best, self._best_epoch = math.inf, 0
        self._last: dict[str, float] | None = None

    def after_first_steps(self, seconds: float, trainer: InTraining) -> None:
        expected, spent = self._expected, time.perf_counter() - self._begin
        most = expected.first_epoch + expected.max_iter
        parts = [expected.name] if expected.name else []
        parts.append(f"{expected.unit[:-1]} {expected.first_epoch + 1:>{len(str(most))}}/{most}")
        self._line.show(0.0, [*parts, expected.told(0, spent, seconds)])

    def after_epoch(self, entry: dict[str, float], trainer: InTraining) -> None:
        now, first = time.perf_counter(), self._last is None
        self._last = entry
        self._seconds.append(entry["seconds"])
        figure, sign = self._watched(entry)
        if sign * figure < self._best:
            self._best, self._best_epoch = sign * figure, int(entry["epoch"])
        if first or now - self._last_look >= EVERY:
            self._last_look = now
            self._show(entry, self._time_left(entry, now - self._begin))

    def end(self, outcome: Outcome) -> None:
        last = outcome.n_iter
        if self._last is not None:
            last = int(self._last["epoch"])
            self._show(self._last, duration(time.perf_counter() - self._begin))
        self.close()
        print(end_line(outcome, last, self._expected.unit, self._expected.name), flush=True)

    def state(self) -> dict[str, float]:
        return {"best": self._best, "best_epoch": self._best_epoch}

    def load(self, state: dict[str, Any]) -> None:
        self._best, self._best_epoch = state["best"], state["best_epoch"]

    def close(self) -> None:
        """Leave the line, whatever has ended the training."""
        self._line.close()

    def _watched(self, entry: dict[str, float]) -> tuple[float, float]:
        """The figure whose best is shown, and 1 if it is to fall, -1 if it is to rise."""
        if self._expected.score_name is not None and not math.isnan(entry["score"]):
            return entry["score"], -1.0
        validated = not math.isnan(entry["validation_loss"])
        return entry["validation_loss" if validated else "loss"], 1.0

    def _time_left(self, entry: dict[str, float], spent: float) -> str:
        per_epoch = sum(self._seconds) / len(self._seconds)
        n_iter = int(entry["epoch"]) - self._expected.first_epoch
        return self._expected.told(n_iter, spent, per_epoch)

    def _show(self, entry: dict[str, float], seconds: str) -> None:
        """The line; where there is no room, the last parts are missing."""
        expected, epoch = self._expected, int(entry["epoch"])
        most = expected.first_epoch + expected.max_iter
        unit = expected.unit[:-1]
        parts = [expected.name] if expected.name else []
        parts += [f"{unit} {epoch:>{len(str(most))}}/{most}", seconds]
        if not math.isnan(entry["validation_loss"]):
            parts.append(f"val {entry['validation_loss']:.4g}")
        if expected.score_name is not None and not math.isnan(entry["score"]):
            parts.append(f"{expected.score_name} {entry['score']:.4g}")
        if self._best_epoch:
            _, sign = self._watched(entry)
            parts.append(f"best {sign * self._best:.4g} ({self._best_epoch})")
        parts.append(f"loss {entry['loss']:.4g}")
        self._line.show((epoch - expected.first_epoch) / expected.max_iter, parts)


def duration(seconds: float) -> str:
    """Rounded, in the unit that suits it."""
    if seconds < 99.5:
        return f"{seconds:.0f} s" if seconds >= 9.5 else f"{seconds:.1f} s"
    return f"{seconds / 60:.0f} min" if seconds < 99.5 * 60 else f"{seconds / 3600:.1f} h"
