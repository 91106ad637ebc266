"""One file that holds a tree: written as a whole or not at all, read as it was written or refused.

In: a path and a tree. Out: an ``.npz`` archive of plain arrays and one JSON text, with a digest of
all its bytes as the archive's comment. It is written beside the old one, brought to the disk, and
takes its place in one step: at any moment, also when the power fails, there is a whole file.
"""

from __future__ import annotations

import contextlib
import errno
import glob
import hashlib
import io
import os
import time
import uuid
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from ..quoting import quoted, told
from .tree import pack, unpack

try:
    import fcntl
except ImportError:  # There is none on Windows.
    fcntl = None  # type: ignore[assignment]

#: The first member of the archive says what it is; its content is the version of the form.
MARK, FORM = "sknumpynet-checkpoint", 1

#: The member that holds the text of the tree.
TEXT = "tree.json"

#: The comment: a name and 64 hexadecimal digits of SHA-256, which takes 0.6 ms per MB.
DIGEST = b"sha256:"
COMMENT = len(DIGEST) + 64

#: Seconds to wait for others that write to the same file, which takes some milliseconds.
MOST_WAITING = 30.0

#: How a zip archive begins; what it says of its first member takes 30 bytes, then comes its name.
ZIP, HEAD = b"PK\x03\x04", 30


class CheckpointError(ValueError):
    """A file that a fit cannot go on from."""


def write(path: Path, tree: Any) -> None:
    """Let the file hold this tree. After an OSError it holds what it held before."""
    with locked(path) as file:
        write_locked(path, file, tree)


def write_locked(path: Path, file: BinaryIO, tree: Any) -> None:
    """The same by who has the file of :func:`locked`."""
    file.seek(0)
    file.truncate()
    _write_archive(file, tree)
    file.flush()
    os.fsync(file.fileno())
    if fcntl is None:
        # An open file cannot take another's place on Windows.
        file.close()
    os.replace(file.name, path)
    _to_disk(path.parent)


@contextlib.contextmanager
def locked(path: Path) -> Iterator[BinaryIO]:
    """A file in the same folder that is nobody else's, to be written and to take a place.

    Others who ask wait for its end, and one that a killed process has left is used again. On
    Windows nobody waits: of what several write at once, the last stays, whole.
    """
    with _with_locks(path) if fcntl else _without_locks(path) as file:
        yield file


@contextlib.contextmanager
def _with_locks(path: Path) -> Iterator[BinaryIO]:
    name = path.with_name(path.name + ".tmp")
    file = _open_alone(name)
    try:
        yield file
    finally:
        # If it has not taken its place. While it is locked, its name is its own.
        with contextlib.suppress(OSError):
            if _is_at(file, name):
                name.unlink()
        file.close()


@contextlib.contextmanager
def _without_locks(path: Path) -> Iterator[BinaryIO]:
    """A file of a name that is nobody else's, gone at the end unless it has taken its place.

    Windows removes no file that is open: so it is closed before, and so what killed processes have
    left can be told from what others write to.
    """
    for left in path.parent.glob(f"{glob.escape(path.name)}.*.tmp"):
        with contextlib.suppress(OSError):
            left.unlink()
    name = path.with_name(f"{path.name}.{uuid.uuid4().hex}.tmp")
    file = open(name, "x+b")  # noqa: SIM115
    try:
        yield file
    finally:
        file.close()
        with contextlib.suppress(OSError):
            name.unlink()


def _open_alone(name: Path) -> BinaryIO:
    while True:
        file = open(name, "r+b", opener=_created)  # noqa: SIM115
        try:
            _wait_for(file)
            # Who had it before may have given it another name meanwhile.
            if _is_at(file, name):
                return file
        except BaseException:
            file.close()
            raise
        file.close()


def _wait_for(file: BinaryIO) -> None:
    """Lock an open file; a TimeoutError where others have it for too long."""
    end = time.monotonic() + MOST_WAITING
    while True:
        try:
            return fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > end:
                raise TimeoutError(
                    errno.ETIMEDOUT, f"Another process writes to it for {MOST_WAITING:g} seconds"
                ) from None
            time.sleep(0.005)
        except OSError:
            # A file system that knows no locks is one where nobody waits.
            return None


def _created(name: str, flags: int) -> int:
    return os.open(name, flags | os.O_CREAT, 0o666)


def _is_at(file: BinaryIO, name: Path) -> bool:
    """Whether the open file is the one of that name."""
    try:
        return os.path.samestat(os.fstat(file.fileno()), os.stat(name))
    except FileNotFoundError:
        return False


def _to_disk(folder: Path) -> None:
    """Bring the names in a folder to the disk, where a folder can be opened (not on Windows)."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _write_archive(file: BinaryIO, tree: Any) -> None:
    text, arrays = pack(tree)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(zipfile.ZipInfo(MARK), str(FORM))
        archive.writestr(zipfile.ZipInfo(TEXT), text)
        for number, array in enumerate(arrays):
            with archive.open(zipfile.ZipInfo(f"{number}.npy"), "w", force_zip64=True) as member:
                np.lib.format.write_array(member, array, allow_pickle=False)
        # Room for it, to be filled when all else is written.
        archive.comment = DIGEST.ljust(COMMENT)
    length = file.seek(0, os.SEEK_END)
    digest = _digest(file, length)
    file.seek(length - COMMENT)
    file.write(digest)


def _digest(file: BinaryIO, length: int) -> bytes:
    """The comment for an archive of so many bytes: of all but the comment."""
    digest, left = hashlib.sha256(), length - COMMENT
    file.seek(0)
    while left > 0:
        block = file.read(min(left, 2**20))
        if not block:
            break
        digest.update(block)
        left -= len(block)
    return DIGEST + digest.hexdigest().encode()


def read(path: Path) -> Any:
    """The tree that the file holds, None if there is no file; a CheckpointError if it is none."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise refused(path, f"cannot be read ({type(error).__name__}: {told(error)})") from error
    _refuse_others(path, content)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            form = archive.read(MARK).decode()
            if form == str(FORM):
                return _read_archive(archive)
    except Exception as error:  # Every byte is as it was written, but not by this module.
        shown = f"{type(error).__name__}: {told(error)}"
        raise refused(path, f"holds what no fit has written ({shown})") from error
    raise refused(
        path,
        f"has form {quoted(form)}, that of another version of sknumpynet (this one reads form "
        f"{FORM}): go on with that version",
    )


def _read_archive(archive: zipfile.ZipFile) -> Any:
    arrays = []
    for number in range(len(archive.namelist()) - 2):
        with archive.open(f"{number}.npy") as member:
            arrays.append(np.lib.format.read_array(member, allow_pickle=False))
    return unpack(archive.read(TEXT).decode(), arrays)


def _refuse_others(path: Path, content: bytes) -> None:
    """Raise unless it is a checkpoint of which every byte is as it was written."""
    if not content:
        raise refused(path, "is empty")
    mark = MARK.encode()
    # A file that is cut may end within these.
    begins = content.startswith(ZIP[: len(content)])
    if not begins or not content[HEAD:].startswith(mark[: max(0, len(content) - HEAD)]):
        raise refused(path, "is none: something else has written it")
    if _digest(io.BytesIO(content), len(content)) != content[-COMMENT:]:
        raise refused(path, "is damaged or cut: its content does not match its digest")


def refused(path: Path, why: str) -> CheckpointError:
    """The error about a file; ``why`` goes on after its name."""
    return CheckpointError(
        f"The checkpoint {str(path)!r} {why}. Remove it to begin the fit anew, or give Checkpoint "
        "another path."
    )
