"""Imports go one way, of scikit-learn only public names are used, and the steps are numbered."""

import ast
import importlib
from pathlib import Path

import pytest

import sknumpynet

ROOT = Path(sknumpynet.__file__).parent
MAY_IMPORT = {
    "frames": set(),
    "rows": set(),
    "encoding": {"frames", "rows"},
    "targets": {"frames", "rows"},
    "network": set(),
    "losses": set(),
    "optimizers": set(),
    "training": {"network", "losses", "optimizers"},
    "options": {"encoding", "network", "losses", "optimizers"},
    "fitting": {
        *("frames", "rows", "encoding", "targets", "network", "losses", "optimizers", "training"),
        *("options", "checkpoints"),
    },
    "checkpoints": {"rows"},
    "callbacks": {"checkpoints"},
    "report": {"encoding", "training", "fitting"},
    "estimators": {
        *("frames", "targets", "network", "losses", "optimizers", "options", "training"),
        *("fitting", "callbacks", "checkpoints", "report"),
    },
    "inspection": {
        *("frames", "encoding", "network", "optimizers", "options", "training", "fitting"),
        "estimators",
    },
    "onnx": {
        *("frames", "encoding", "network", "losses", "targets", "fitting", "estimators"),
    },
    "io": {"frames", "encoding", "network", "fitting", "estimators"},
    "dask": {"estimators", "options", "training"},
    "graph": set(),
    # The second line for type checkers: a test below holds that they are not imported.
    "": {
        *("estimators", "losses", "network"),
        *("callbacks", "dask", "graph", "inspection", "io", "onnx"),
    },
}
#: Modules beside the subpackages, which import only each other and may be used by all.
GROUND = {"blas", "deprecation", "flat", "in_files", "matrix", "packed", "quoting", "telling"}
USES_SKLEARN = {
    *("frames", "encoding", "targets", "options", "fitting", "estimators", "inspection"),
    *("callbacks", "io", "onnx", "dask"),
}
STEPS = [
    "frames",
    "encoding",
    "network",
    "losses",
    "optimizers",
    "training",
    "fitting",
    "estimators",
    "inspection",
]
#: Folders beside the steps: they serve several.
BESIDE = ["rows", "targets", "options", "callbacks", "checkpoints", "report", "onnx", "io", "dask"]


def imported_names(source, package):
    """Absolute dotted names of everything that ``source``, a module of ``package``, imports."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parts = package.split(".")
            base = parts[: len(parts) - node.level + 1] if node.level else []
            base = ".".join(base + ([node.module] if node.module else []))
            yield from (f"{base}.{alias.name}" for alias in node.names)


def subpackages_of(names):
    """The subpackages of sknumpynet that the dotted names lie in."""
    parts = [name.split(".") for name in names]
    return {p[1] for p in parts if p[0] == "sknumpynet" and len(p) > 1}


def sklearn_names(names):
    return [name for name in names if name.split(".")[0] == "sklearn"]


def private(names):
    return [name for name in names if any(part.startswith("_") for part in name.split("."))]


def read_modules():
    for path in sorted(ROOT.rglob("*.py")):
        folder = path.parent.relative_to(ROOT).parts
        package = ".".join(("sknumpynet", *folder))
        names = list(imported_names(path.read_text(encoding="utf-8"), package))
        yield str(path.relative_to(ROOT)), folder[0] if folder else "", names


MODULES = list(read_modules())


def test_every_subpackage_is_covered():
    folders = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    assert folders | {""} == set(MAY_IMPORT)
    assert folders - {"graph"} == {*STEPS, *BESIDE}


def test_imports_go_one_way():
    wrong = [
        (path, subpackages_of(names) - {subpackage} - GROUND - MAY_IMPORT[subpackage])
        for path, subpackage, names in MODULES
    ]
    assert [(path, found) for path, found in wrong if found] == []


def test_the_ground_imports_nothing_that_stands_on_it():
    imported = {path: names for path, _, names in MODULES}
    assert [m for m in sorted(GROUND) if subpackages_of(imported[f"{m}.py"]) - GROUND] == []


def test_kinds_of_layers_are_known_to_the_network_alone():
    """Others ask a layer, or the network, instead of asking what it is.

    But for those who write it in another language, of which no layer knows.
    """
    know = {"network", "onnx"}
    of_others = [(path, names) for path, subpackage, names in MODULES if subpackage not in know]
    assert [path for path, names in of_others if "sknumpynet.network.Linear" in names] == []


def test_scikit_learn_is_used_in_few_places_and_by_public_names():
    used = [(path, folder, sklearn_names(names)) for path, folder, names in MODULES]
    assert [path for path, folder, names in used if names and folder not in USES_SKLEARN] == []
    assert [path for path, _, names in used if private(names)] == []


@pytest.mark.parametrize("subpackage", [*STEPS, *BESIDE])
def test_modules_of_a_subpackage_do_not_import_each_other_in_a_circle(subpackage):
    package, imports = f"sknumpynet.{subpackage}", {}
    modules = {path.stem for path in (ROOT / subpackage).glob("*.py")} - {"__init__"}
    for name in modules:
        source = (ROOT / subpackage / f"{name}.py").read_text(encoding="utf-8")
        found = {
            n.removeprefix(package + ".").split(".")[0] for n in imported_names(source, package)
        }
        imports[name] = found & modules
    while imports:
        free = {name for name, needed in imports.items() if not needed & imports.keys()}
        assert free, f"a circle among {sorted(imports)}"
        imports = {name: needed for name, needed in imports.items() if name not in free}


def test_no_file_is_long():
    lines = {
        str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines())
        for path in ROOT.rglob("*.py")
        if path.parent.name != "graph"
    }
    assert {path: n for path, n in lines.items() if n > 350} == {}


@pytest.mark.parametrize("subpackage", STEPS)
def test_subpackages_are_numbered_in_reading_order(subpackage):
    docstring = importlib.import_module(f"sknumpynet.{subpackage}").__doc__
    number = STEPS.index(subpackage) + 1
    assert docstring.splitlines()[0].startswith(f"Step {number} of 9: ")


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("from ..losses import Loss", {"losses"}),
        ("from .. import losses", {"losses"}),
        ("def f():\n    from ..training.batches import Batch", {"training"}),
        ("import sknumpynet.graph", {"graph"}),
        ("from .layer import Layer", {"network"}),
        ("import numpy.linalg", set()),
    ],
)
def test_the_reader_of_imports_sees_every_form(source, found):
    assert subpackages_of(imported_names(source, "sknumpynet.network")) == found


@pytest.mark.parametrize(
    "source",
    [
        "from sklearn.utils._param_validation import Interval",
        "from sklearn.utils import _safe_indexing",
        "import sklearn.neural_network._base",
    ],
)
def test_the_reader_of_imports_sees_private_names(source):
    assert private(sklearn_names(imported_names(source, "sknumpynet.estimators")))
