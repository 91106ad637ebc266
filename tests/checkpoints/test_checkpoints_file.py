"""The file: whole or not at all, and refused by name where a byte is not as it was written."""

import os
import subprocess
import sys
import threading
import zipfile
from pathlib import Path

import numpy as np
import pytest

from sknumpynet.checkpoints import CheckpointError, file
from sknumpynet.checkpoints.file import locked, read, write

TREE = {"theta": np.arange(50.0), "n": 3, "history": [0.5, float("nan")] * 20, "none": None}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "fit.npz"


def same(tree):
    np.testing.assert_array_equal(tree["theta"], TREE["theta"])
    np.testing.assert_array_equal(tree["history"], TREE["history"])
    return tree["n"] == 3 and tree["none"] is None and [*tree] == [*TREE]


def test_what_is_written_is_read(path):
    assert read(path) is None
    write(path, {"old": 1})
    write(path, TREE)
    assert same(read(path))
    assert os.listdir(path.parent) == ["fit.npz"]


def test_numpy_opens_it_and_nothing_in_it_is_executed(path):
    write(path, TREE)
    with np.load(path, allow_pickle=False) as archive:
        np.testing.assert_array_equal(archive["0"], TREE["theta"])
    assert b"cpickle" not in path.read_bytes().lower()
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None


def test_equal_trees_are_equal_files(path):
    write(path, TREE)
    first = path.read_bytes()
    write(path, TREE)
    assert path.read_bytes() == first


def test_every_cut_is_told(path):
    write(path, TREE)
    whole = path.read_bytes()
    for n in {0, 1, 3, 4, 5, 29, 30, 31, 45, 60, *range(70, len(whole), 97), len(whole) - 1}:
        path.write_bytes(whole[:n])
        with pytest.raises(CheckpointError, match="damaged or cut" if n else "is empty"):
            read(path)


def test_every_changed_byte_is_told(path):
    write(path, TREE)
    whole = path.read_bytes()
    for place in range(0, len(whole), 7):
        changed = bytearray(whole)
        changed[place] ^= 0x10
        path.write_bytes(changed)
        with pytest.raises(CheckpointError, match="Remove it to begin the fit anew"):
            read(path)
    path.write_bytes(whole + b"more")
    with pytest.raises(CheckpointError, match="damaged"):
        read(path)


def test_files_of_others_are_told(path):
    np.savez(path, theta=np.zeros(3))
    with pytest.raises(CheckpointError, match="something else has written it"):
        read(path)
    path.write_text("a text that is long enough to be anything, so it seems")
    with pytest.raises(CheckpointError, match=r"fit\.npz' is none: something else"):
        read(path)


def test_a_newer_file_is_told(path, monkeypatch):
    monkeypatch.setattr(file, "FORM", 12)
    write(path, TREE)
    monkeypatch.undo()
    with pytest.raises(CheckpointError, match="form '12', that of another version of sknumpynet"):
        read(path)


def test_what_is_whole_but_no_tree_is_told(path, monkeypatch):
    monkeypatch.setattr(file, "pack", lambda tree: ('{"array": 3}', []))
    write(path, TREE)
    monkeypatch.undo()
    with pytest.raises(CheckpointError, match="holds what no fit has written"):
        read(path)


@pytest.mark.skipif(os.name == "nt", reason="A folder can be read there.")
def test_a_path_that_cannot_be_read_is_told(tmp_path):
    with pytest.raises(CheckpointError, match="cannot be read"):
        read(tmp_path)


@pytest.mark.parametrize("where", ["fsync", "replace"])
def test_an_error_on_the_way_leaves_what_was_there(where, path, monkeypatch):
    def fail(*args):
        raise OSError(28, "No space left on device")

    write(path, TREE)
    monkeypatch.setattr(file.os, where, fail)
    with pytest.raises(OSError, match="No space left"):
        write(path, {"new": 1})
    monkeypatch.undo()
    assert same(read(path))
    assert os.listdir(path.parent) == ["fit.npz"]


def test_it_is_on_the_disk_before_it_has_its_name(path, monkeypatch):
    """The bytes, then the name, then the folder."""
    calls = []
    for name in ("fsync", "replace"):
        real = getattr(os, name)
        monkeypatch.setattr(
            file.os, name, lambda *a, name=name, real=real: (calls.append(name), real(*a))[1]
        )
    write(path, TREE)
    assert calls == ["fsync", "replace", *(["fsync"] if os.name != "nt" else [])]


def test_it_has_the_permissions_of_a_new_file(path):
    write(path, TREE)
    other = path.with_name("other")
    other.write_bytes(b"")
    assert path.stat().st_mode == other.stat().st_mode


@pytest.mark.skipif(file.fcntl is None, reason="Nobody waits on Windows.")
def test_who_writes_is_alone(path):
    """Each of four threads reads a number and writes the next, a hundred times in all."""
    write(path, {"n": 0})

    def count():
        for _ in range(25):
            with locked(path) as alone:
                n = read(path)["n"]
                file.write_locked(path, alone, {"n": n + 1})

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert read(path) == {"n": 100}
    assert os.listdir(path.parent) == ["fit.npz"]


@pytest.mark.skipif(file.fcntl is None, reason="Nobody waits on Windows.")
def test_who_waits_too_long_is_told(path, monkeypatch):
    monkeypatch.setattr(file, "MOST_WAITING", 0.02)
    write(path, TREE)
    with locked(path), pytest.raises(TimeoutError, match="Another process writes to it"):
        write(path, {"n": 4})
    assert same(read(path))
    write(path, {"n": 4})
    assert os.listdir(path.parent) == ["fit.npz"]


@pytest.fixture
def as_on_windows(monkeypatch):
    """No locks, and no file that is open is removed or takes another's place."""
    real_open, real_unlink, real_replace, opened = open, Path.unlink, os.replace, []

    def refuse_open(name):
        if any(not one.closed and str(one.name) == str(name) for one in opened):
            raise PermissionError(13, "The process cannot access the file")

    def opens(*args, **kwargs):
        opened.append(real_open(*args, **kwargs))
        return opened[-1]

    def unlink(name, missing_ok=False):
        refuse_open(name)
        real_unlink(name, missing_ok)

    def replace(name, other):
        refuse_open(name)
        real_replace(name, other)

    monkeypatch.setattr(file, "fcntl", None)
    monkeypatch.setattr(file, "open", opens, raising=False)
    monkeypatch.setattr(Path, "unlink", unlink)
    monkeypatch.setattr(file.os, "replace", replace)


def test_without_locks_nothing_is_left(path, as_on_windows, monkeypatch):
    write(path, TREE)
    assert same(read(path))
    with locked(path):
        # Somebody who writes nothing.
        assert len(os.listdir(path.parent)) == 2
    assert os.listdir(path.parent) == ["fit.npz"]
    monkeypatch.setattr(file.os, "fsync", lambda *a: (_ for _ in ()).throw(OSError(28, "full")))
    with pytest.raises(OSError, match="full"):
        write(path, {"n": 4})
    assert same(read(path))
    assert os.listdir(path.parent) == ["fit.npz"]


def test_without_locks_what_a_killed_process_has_left_is_removed(path, as_on_windows):
    left = path.with_name("fit.npz.1234.tmp")
    left.write_bytes(b"half")
    another = path.with_name("fit.npz.of.another")
    another.write_bytes(b"")
    with locked(path) as one:
        # What others write to is nobody's to remove.
        write(path, TREE)
        file.write_locked(path, one, {"n": 4})
    assert read(path) == {"n": 4}
    assert sorted(os.listdir(path.parent)) == ["fit.npz", another.name]


KILLED = """
import os, signal, sys
import numpy as np
from pathlib import Path
from sknumpynet.checkpoints import file
path, where = Path(sys.argv[1]), sys.argv[2]
file.write(path, {"n": 3})
def kill(*args):
    os.kill(os.getpid(), signal.SIGKILL)
if where == "half":
    real = np.lib.format.write_array
    def write_array(member, *args, **kwargs):
        real(member, *args, **kwargs)
        kill()
    np.lib.format.write_array = write_array
else:
    setattr(os, where, kill)
file.write(path, {"theta": np.zeros(100_000), "n": 4})
"""


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(__import__("signal"), "SIGKILL"), reason="There is no SIGKILL.")
@pytest.mark.parametrize("where", ["half", "replace"])
def test_killed_while_it_writes(where, path):
    """The old file is whole, and what was left beside it is in nobody's way."""
    killed = subprocess.run([sys.executable, "-c", KILLED, path, where], check=False)
    assert killed.returncode == -9
    assert read(path) == {"n": 3}
    write(path, {"n": 5})
    assert read(path) == {"n": 5}
    assert os.listdir(path.parent) == ["fit.npz"]
