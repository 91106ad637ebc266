"""CONTRIBUTING.md shows classes of the package as they are, and names what exists."""

import importlib
import inspect
import re
import textwrap
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / ".github" / "CONTRIBUTING.md").read_text(encoding="utf-8")
#: Path, name and source of each class that is shown.
SHOWN = re.findall(r"^```python\n# (\S+\.py): (\S+)\n(.*?)^```$", TEXT, flags=re.M | re.S)


def test_all_blocks_are_of_the_package():
    assert len(SHOWN) == TEXT.count("```python") >= 7


@pytest.mark.parametrize(("path", "name", "source"), SHOWN, ids=[name for _, name, _ in SHOWN])
def test_a_class_is_shown_as_it_is(path, name, source):
    module = importlib.import_module(path.removesuffix(".py").replace("/", "."))
    assert source == textwrap.dedent(inspect.getsource(getattr(module, name)))


def test_folders_and_files_exist():
    table = TEXT.partition("| | folder |")[2].partition("\n\n")[0]
    named = re.findall(
        r"`([a-z_]+(?:\.py)?)`", " ".join(re.findall(r"^\| \d? ?\| ([^|]*)", table, flags=re.M))
    )
    assert len(named) >= 12
    assert [name for name in named if not (ROOT / "sknumpynet" / name).exists()] == []
    paths = re.findall(
        r"`((?:sknumpynet|tests|options|frames|encoding|network|losses|optimizers|\.ci)/[\w./]*)`",
        TEXT,
    )
    places = [ROOT, ROOT / "sknumpynet"]
    assert [p for p in paths if not any((place / p).exists() for place in places)] == []


def test_the_changelog_has_the_version():
    changelog = (ROOT / ".github" / "CHANGELOG.md").read_text(encoding="utf-8")
    version = importlib.import_module("sknumpynet").__version__
    assert re.search(rf"^## {re.escape(version)}$", changelog, flags=re.M)
    assert "## Unreleased" in changelog
