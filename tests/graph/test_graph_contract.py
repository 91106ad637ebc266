"""What the subpackage promises as a whole: NumPy only, no ties to the rest, examples that run."""

import ast
import doctest
import importlib
import inspect
import sys
from pathlib import Path

import matplotlib
import pytest

import sknumpynet.graph as graph

MODULES = sorted(Path(graph.__file__).parent.glob("*.py"))


def imports(tree):
    """Yield (module, level) for every import in a tree; level is the number of leading dots."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, 0) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or "", node.level


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_imports_numpy_the_standard_library_and_itself(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for module, level in imports(tree):
        package = module.split(".")[0]
        allowed = level == 1 or package == "numpy" or package in sys.stdlib_module_names
        assert allowed or (path.stem == "drawing" and package == "matplotlib"), module


def test_matplotlib_is_not_imported_when_the_drawing_module_is():
    tree = ast.parse(Path(graph.__file__).with_name("drawing.py").read_text(encoding="utf-8"))
    for statement in tree.body:
        if isinstance(statement, ast.Import | ast.ImportFrom):
            assert all(not module.startswith("matplotlib") for module, _ in imports(statement))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_examples_in_docstrings(path):
    matplotlib.use("Agg")
    name = "sknumpynet.graph" if path.stem == "__init__" else f"sknumpynet.graph.{path.stem}"
    assert doctest.testmod(importlib.import_module(name)).failed == 0


@pytest.mark.parametrize("name", graph.__all__)
def test_every_public_name_has_a_docstring_with_an_example(name):
    documentation = inspect.getdoc(getattr(graph, name))
    assert ">>>" in documentation
    assert len(documentation.splitlines()[0]) <= 100
