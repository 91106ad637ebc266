"""Files without a name: rows of numbers, and what else has to wait on disk.

In: bytes, one after the other. Out: a file that no folder shows, and that is gone with the last one
who reads it, however that ends. The folder is that of Python's ``tempfile``: TMPDIR says which.
"""

from __future__ import annotations

import contextlib
import errno
import gc
import mmap
import tempfile
import traceback
from typing import Any, Protocol

import numpy as np

#: What a system says where a file may not grow: the disk, a quota or a limit of the process.
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)

#: Bytes that are copied at once.
COPIED_AT_ONCE = 2**22


class NamelessFile:
    """Bytes are written to its end, and read from anywhere.

    Attributes
    ----------
    size : int
        Bytes so far.
    """

    def __init__(self) -> None:
        # Of Linux it never has a name, elsewhere on POSIX it loses it at once; Windows deletes it
        # when it is closed, by whomever.
        try:
            self.file: Any = tempfile.TemporaryFile(  # noqa: SIM115
                prefix="sknumpynet-", buffering=0
            )
        except OSError as error:
            raise type(error)(
                error.errno,
                f"A lazy frame is read by way of a file without a name, which cannot be made: "
                f"{error}. Name a folder that can be written to by the environment variable TMPDIR",
            ) from None
        self.size = 0
        self._content: np.ndarray | None = None

    def write(self, data: Any) -> None:
        """Append; a :class:`FullError` where there is no room."""
        left = memoryview(data).cast("B")
        while len(left):
            try:
                n = self.file.write(left)
            except OSError as error:
                if error.errno not in _FULL:
                    raise
                raise FullError(error.errno, str(error)) from None
            left, self.size = left[n:], self.size + n

    def read(self, start: int, size: int) -> bytes:
        """Bytes that were written."""
        if self.file is None:
            assert self._content is not None
            return self._content[start : start + size].tobytes()
        self.file.seek(start)
        found = self.file.read(size)
        self.file.seek(self.size)
        return found

    def close(self) -> None:
        self._content = None
        if self.file is not None:
            self.file.close()

    # To other processes goes an array of its bytes, always the same, of which joblib makes a file.

    def __getstate__(self) -> dict[str, Any]:
        if self._content is None and not self.file.closed and self.size:
            view = mmap.mmap(self.file.fileno(), 0, access=mmap.ACCESS_READ)
            self._content = np.frombuffer(memoryview(view), dtype=np.uint8)
        return self.__dict__ | {"file": None}


class FullError(OSError):
    """There is no room for what was to be written; who knows how much that is says so."""


def no_room(error: FullError, needed: int, what: str) -> OSError:
    """The error for the user."""
    return OSError(
        error.errno,
        f"No room on disk: {what} takes {needed:,} bytes ({needed / 2**30:.1f} GB) in the folder "
        f"{tempfile.gettempdir()} while it is used, and there is less. Make room, or name another "
        "folder by the environment variable TMPDIR",
    )


class TableFile:
    """Rows of numbers, appended block by block, and then read as an array.

    Parameters
    ----------
    n_columns : int
    dtype : dtype
    """

    def __init__(self, n_columns: int, dtype: Any) -> None:
        self.dtype, self.n_columns = np.dtype(dtype), n_columns
        self._file = NamelessFile()
        self._map: mmap.mmap | None = None

    @property
    def row_size(self) -> int:
        """Bytes of a row."""
        return self.n_columns * self.dtype.itemsize

    def append(self, block: np.ndarray) -> None:
        """Rows of the dtype, stored one after the other."""
        self._file.write(np.ascontiguousarray(block, dtype=self.dtype).reshape(-1))

    def widened(self, dtype: Any) -> TableFile:
        """The same rows in another file and dtype; this one is closed."""
        other, step = TableFile(self.n_columns, dtype), COPIED_AT_ONCE // self.dtype.itemsize
        try:
            for start in range(0, self._file.size, step * self.dtype.itemsize):
                data = self._file.read(start, step * self.dtype.itemsize)
                other._file.write(np.frombuffer(data, dtype=self.dtype).astype(dtype))
        except BaseException:
            other.close()
            raise
        finally:
            self.close()
        return other

    def table(self) -> np.ndarray:
        """All rows, (n, n_columns), whose pages are read from the file when they are looked at."""
        self._map = mmap.mmap(self._file.file.fileno(), 0, access=mmap.ACCESS_READ)
        # By way of a memoryview: joblib takes an array of a map for one that has a name.
        numbers = np.frombuffer(memoryview(self._map), dtype=self.dtype)
        return numbers.reshape(-1, self.n_columns)

    def close(self) -> None:
        """Give the room back, at once, whoever has a view of the table."""
        if self._map is not None and not self._closes():
            # A frame of a caught error holds its function, and that what it encloses. It would see
            # zeros, of which no disk has any.
            with contextlib.suppress(OSError, ValueError):
                self._file.file.truncate(0)
                self._file.file.truncate(self._file.size)
        self._file.close()

    def _closes(self) -> bool:
        assert self._map is not None
        for _ in range(2):
            try:
                self._map.close()
                return True
            except BufferError:
                # At first there may be circles of objects.
                gc.collect()
        return False


def _clear_frames(error: BaseException | None) -> None:
    """Of the error, and of those that led to it."""
    errors, seen = [error], set[int]()
    while errors:
        error = errors.pop()
        if error is not None and id(error) not in seen:
            seen.add(id(error))
            traceback.clear_frames(error.__traceback__)
            errors += [error.__cause__, error.__context__]


class Closes(Protocol):
    """Whoever has files."""

    def close(self) -> None: ...


class OpenFiles:
    """The files of a fit, which are closed at its end, whatever that is."""

    def __init__(self) -> None:
        self._owners: list[Closes] = []

    def add(self, owner: Closes) -> None:
        """Let it be closed."""
        self._owners.append(owner)

    def __enter__(self) -> OpenFiles:
        return self

    def __exit__(self, kind: Any, error: Any, where: Any) -> None:
        if not self._owners:
            return
        # A caught error, or the last one of a notebook, would keep the file by its frames.
        _clear_frames(error)
        for owner in self._owners:
            owner.close()
