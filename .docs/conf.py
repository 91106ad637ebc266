"""HTML pages of every public name and of the examples: ``python -m sphinx -W .docs .docs/build``.

Nothing is run and nothing is downloaded: examples are shown with the pictures that are kept of
them in ``examples/images``.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

# The gallery looks up what the examples import.
from sklearn.experimental import enable_halving_search_cv  # noqa: E402, F401

import sknumpynet  # noqa: E402

project = "sknumpynet"
author = "the authors of sknumpynet"
version = release = sknumpynet.__version__
copyright = f"2026, {author}"

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "numpydoc",
    "sphinx_gallery.gen_gallery",
]
exclude_patterns = ["build"]
# An example and a benchmark, which has no page, may have one name.
suppress_warnings = ["sphinx_gallery.duplicate_filename"]
templates_path = ["templates"]
default_role = "literal"
smartquotes = False  # What stands in quotes is mostly the value of an option.
highlight_language = "none"  # Of formulas in texts; code says what it is.

html_theme = "furo"
html_title = f"sknumpynet {version}"
html_show_sourcelink = False
html_copy_source = False

autosummary_generate = True
autodoc_typehints = "none"  # They stand in the docstrings, in words.
numpydoc_class_members_toctree = False
numpydoc_show_class_members = False  # The template of classes shows them.

sphinx_gallery_conf = {
    "examples_dirs": [str(ROOT / "examples")],
    "gallery_dirs": ["gallery"],
    "plot_gallery": "False",
    "filename_pattern": r"\.py$",
    "ignore_pattern": r"__init__\.py|benchmarks|pictures\.py",
    "download_all_examples": False,
    "remove_config_comments": True,
    "within_subsection_order": "FileNameSortKey",
    "show_signature": False,
    "show_memory": False,
    "write_computation_times": False,
    "copyfile_regex": r"",
}


def skip_what_is_inherited(app, what, name, obj, skip, options):
    """Leave out scikit-learn's own methods: their texts link to pages of its documentation."""
    return skip or (getattr(obj, "__module__", None) or "").startswith("sklearn")


def show_the_picture(app, docname, source):
    """Of an example that has one, between its text and its code."""
    picture = ROOT / "examples" / "images" / f"{Path(docname).name}.png"
    if docname.startswith("gallery/") and picture.exists():
        text, mark, code = source[0].partition(".. code-block:: Python")
        source[0] = f"{text}.. image:: /../examples/images/{picture.name}\n\n\n{mark}{code}"


def start_of_readme():
    """The README up to its first section, in reStructuredText: of Markdown what stands there."""
    text = (ROOT / "README.md").read_text(encoding="utf-8").partition("\n## ")[0]
    text = re.sub(r"^# (.*)$", lambda m: f"{m[1]}\n{'=' * len(m[1])}", text, count=1, flags=re.M)
    text = re.sub(r"!\[(.*)\]\((.*)\)", r".. image:: /../\2\n   :alt: \1", text)
    text = re.sub(r"\[([^\]]*)\]\(([^)]*)\)", r"\1 (`\2`)", text)
    text = re.sub(r"^```(\w+)\n(.*?)^```$", code_block, text, flags=re.M | re.S)
    return re.sub(r"(?:^\|.*\n)+", table, text, flags=re.M)


def code_block(found):
    """The directive for a block between fences."""
    lines = "".join(f"   {line}\n" for line in found[2].splitlines())
    return f"\n.. code-block:: {found[1]}\n\n{lines}"


def table(found):
    """The directive for rows between bars."""
    head, _, *body = [line.strip("| \n").split(" | ") for line in found[0].splitlines()]
    wide = len(head) > 4  # It would be wider than a page: rows and columns change places.
    rows = zip(head, *body, strict=True) if wide else [head, *body]
    rows = ("   * - " + "\n     - ".join(cells) + "\n" for cells in rows)
    return ".. list-table::\n   :header-rows: 1\n\n" + "".join(rows)


def begin_with_the_readme(app, docname, source):
    """Of the first page."""
    if docname == "index":
        source[0] = start_of_readme() + source[0]


def setup(app):
    """Called by Sphinx."""
    app.connect("autodoc-skip-member", skip_what_is_inherited)
    app.connect("source-read", show_the_picture)
    app.connect("source-read", begin_with_the_readme)
