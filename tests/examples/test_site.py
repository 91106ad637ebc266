"""The pages of the reference: every public name has one. ``.ci/run`` builds them."""

import importlib
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted((ROOT / ".docs" / "api").glob("*.rst"))
API = "".join(path.read_text(encoding="utf-8") for path in PAGES)
CONTRIBUTING = (ROOT / ".github" / "CONTRIBUTING.md").read_text(encoding="utf-8")
#: The modules that CONTRIBUTING calls public.
PUBLIC = set(re.findall(r"`(sknumpynet[\w.]*)`", CONTRIBUTING.partition("## What is public")[2]))


def names_of(module):
    """Names that the reference lists of a module."""
    sections = API.split(".. currentmodule:: ")[1:]
    (section,) = (text for text in sections if text.splitlines()[0] == module)
    return re.findall(r"^   (\w+)$", section, flags=re.M)


def test_the_modules_are_those_that_are_public():
    assert set(re.findall(r"currentmodule:: (\S+)", API)) == PUBLIC
    assert len(PUBLIC) >= 4


@pytest.mark.parametrize("module", sorted(PUBLIC))
def test_every_public_name_has_a_page(module):
    assert sorted(names_of(module)) == sorted(importlib.import_module(module).__all__)
