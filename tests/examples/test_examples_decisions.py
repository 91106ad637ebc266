"""DECISIONS.md: what the code names is there, and what is there is named by the code."""

import re
from pathlib import Path

import pytest

import sknumpynet

PACKAGE = Path(sknumpynet.__file__).parent
PAGE = Path(__file__).parents[2] / "examples" / "benchmarks" / "DECISIONS.md"


def references_in(source):
    """What stands behind ``See DECISIONS:`` in comments and docstrings."""
    # A name may go on in the next line, of a comment or of a docstring.
    text = re.sub(r"\s*\n\s*(?:#:?\s*)?", " ", source)
    return [name.casefold() for name in re.findall(r"[Ss]ee DECISIONS: ([^.;:()]+)[.;)]", text)]


def headings_of(page):
    return [h for h in re.findall(r"^## (.+)$", page, flags=re.MULTILINE) if h != "Contents"]


def anchor(heading):
    """As GitHub makes it."""
    return re.sub(r"[^\w -]", "", heading.casefold()).replace(" ", "-")


@pytest.fixture(scope="module")
def named():
    return {
        name for path in PACKAGE.rglob("*.py") for name in references_in(path.read_text("utf-8"))
    }


@pytest.fixture(scope="module")
def page():
    return PAGE.read_text("utf-8")


def test_every_heading_that_the_code_names_exists(named, page):
    assert named
    assert named - {heading.casefold() for heading in headings_of(page)} == set()


def test_every_heading_is_named_by_the_code(named, page):
    assert [h for h in headings_of(page) if h.casefold() not in named] == []


def test_every_mention_in_the_code_names_a_heading():
    for path in PACKAGE.rglob("*.py"):
        source = path.read_text("utf-8")
        mentions = re.findall(r"\bDECISIONS\b(?!\.md)", source)
        assert len(references_in(source)) == len(mentions), path


def test_the_contents_list_the_headings_in_their_order(page):
    contents = re.findall(r"^- \[(.+)\]\(#(.+)\)$", page, flags=re.MULTILINE)
    assert contents == [(heading, anchor(heading)) for heading in headings_of(page)]


def test_links_within_the_page_lead_to_headings(page):
    anchors = {anchor(heading) for heading in headings_of(page)}
    assert set(re.findall(r"\]\(#(.+?)\)", page)) == anchors


@pytest.mark.parametrize(
    "source",
    [
        "#: A number. See DECISIONS: rows of a batch.\nROWS = 8",
        "#: A number. See DECISIONS: rows\n#: of a batch.\nROWS = 8",
        '    """A number.\n\n    With a reason (see DECISIONS:\n    rows of a batch).\n    """',
        "    # See\n    # DECISIONS: Rows of a\n    # batch; and more.",
    ],
)
def test_a_name_is_found_across_lines(source):
    assert references_in(source) == ["rows of a batch"]
