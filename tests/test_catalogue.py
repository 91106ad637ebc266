"""Every name in a table of the package, every kind and every option is in the catalogue."""

import importlib
import pkgutil
import sys

import numpy as np
import pytest

import catalogue
import sknumpynet
from sknumpynet import NumpyMLPClassifier, NumpyMLPRegressor
from sknumpynet.encoding import FEATURE_SCALINGS, KINDS, TableEncoder
from sknumpynet.encoding.scaling import Scaling
from sknumpynet.frames.columns import COLUMNS
from sknumpynet.losses import REGRESSION_LOSSES, Loss
from sknumpynet.network import ACTIVATIONS, INITIALIZERS, NUMERIC_EMBEDDINGS, Activation, Layer
from sknumpynet.optimizers import OPTIMIZERS, SCHEDULES, SOLVERS, Optimizer
from sknumpynet.optimizers.adam import TwoMoments
from sknumpynet.optimizers.elementwise import Elementwise
from sknumpynet.options import options_of
from sknumpynet.options.declare import Allowed, option
from sknumpynet.rows import usable_rows

ESTIMATORS = (NumpyMLPClassifier, NumpyMLPRegressor)


def kinds(base, method=None):
    """The classes of the package under ``base`` that compute something.

    They define ``method``; without one, nothing is under them.
    """
    for module in pkgutil.walk_packages(sknumpynet.__path__, "sknumpynet."):
        if ".graph" not in module.name:
            importlib.import_module(module.name)
    found, todo = set(), [base]
    while todo:
        todo += todo.pop().__subclasses__()
        found.update(todo)
    ours = {kind for kind in found if kind.__module__.startswith("sknumpynet.")}
    # Those of an example in a docstring are not the package's.
    ours = {
        kind
        for kind in ours
        if kind.__module__ not in sys.modules
        or hasattr(sys.modules[kind.__module__], kind.__name__)
    }
    if method is None:
        return {kind for kind in ours if not ours & set(kind.__subclasses__())}
    return {kind for kind in ours if getattr(kind, method) is not getattr(base, method)}


def scaling(name):
    X = np.arange(6.0)[:, np.newaxis]
    return type(TableEncoder(name).fit(X, usable_rows(6, None)).scaling)


def kinds_of_losses():
    """They define all at once, or each row's."""
    return kinds(Loss, "value") | kinds(Loss, "losses")


# What there is in the package, and what the catalogue has.
PAIRS = {
    "ACTIVATIONS": lambda: (set(ACTIVATIONS), set(catalogue.ACTIVATIONS)),
    "NUMERIC_EMBEDDINGS": lambda: (
        set(NUMERIC_EMBEDDINGS.items()),
        set(catalogue.NUMERIC_EMBEDDINGS.items()),
    ),
    "INITIALIZERS": lambda: (set(INITIALIZERS), set(catalogue.INITIALIZERS)),
    "REGRESSION_LOSSES": lambda: (
        {(name, kind) for name, kind in REGRESSION_LOSSES.items()},
        {
            (name, type(case.loss))
            for name, case in catalogue.LOSSES.items()
            if type(case.loss) in REGRESSION_LOSSES.values() and not case.variant_of
        },
    ),
    "OPTIMIZERS": lambda: (
        set(OPTIMIZERS),
        {case.solver for case in catalogue.OPTIMIZERS.values()},
    ),
    "SOLVERS": lambda: (set(SOLVERS), set(catalogue.SOLVERS)),
    "SCHEDULES": lambda: (set(SCHEDULES), set(catalogue.SCHEDULES)),
    "FEATURE_SCALINGS": lambda: (set(FEATURE_SCALINGS), set(catalogue.FEATURE_SCALINGS)),
    "options": lambda: (
        {*options_of(ESTIMATORS[0]), *options_of(ESTIMATORS[1])},
        set(catalogue.OPTIONS),
    ),
    # An Activation computes what a subclass says.
    "kinds of layers": lambda: (
        kinds(Layer, "forward") - {Activation},
        set(catalogue.layers_of(4)),
    ),
    "kinds of losses": lambda: (
        kinds_of_losses(),
        {type(case.loss) for case in catalogue.LOSSES.values()},
    ),
    # What the rules that treat entries alike are made of.
    "kinds of optimizers": lambda: (
        kinds(Optimizer, "step") - {Elementwise, TwoMoments},
        {type(build(0.1, 4)) for _, build in catalogue.OPTIMIZER_BUILDERS.values()},
    ),
    "kinds of columns that are read": lambda: (
        {kind.__name__ for kind in COLUMNS},
        {case.read_by for case in catalogue.COLUMN_KINDS.values()},
    ),
    "kinds of columns that are encoded": lambda: (
        {kind.__name__ for kind in KINDS},
        {case.encoded_by for case in catalogue.COLUMN_KINDS.values()},
    ),
    # The one that does nothing is the base of all.
    "kinds of scalings": lambda: (
        kinds(Scaling),
        {scaling(name) for name in catalogue.FEATURE_SCALINGS if name},
    ),
}


@pytest.mark.parametrize("pair", PAIRS)
def test_nothing_lacks_an_entry(pair):
    there, entered = PAIRS[pair]()
    assert there - entered == set(), "without an entry in tests/catalogue"
    assert entered - there == set(), "in tests/catalogue, but not in the package"


def test_an_entry_has_what_the_tests_go_through():
    """An entry without cases would be passed by."""
    assert all(layers for layers in catalogue.layers_of(4).values())
    for case in catalogue.ACTIVATIONS.values():
        assert len(case.x) == len(case.y) == 3
    for case in catalogue.SCHEDULES.values():
        assert case.values
    looked_at = {
        type(case.loss)
        for case in catalogue.LOSSES.values()
        if case.rows and case.by_hand and case.predictions
    }
    assert looked_at == kinds_of_losses()
    for name in REGRESSION_LOSSES:
        assert catalogue.LOSSES[name].domain, name
    for cls in ESTIMATORS:
        for name in options_of(cls):
            case = catalogue.case_of(cls, name)
            assert case.valid, name
            assert case.invalid, name


# The guard itself.

TABLES = {
    "ACTIVATIONS": (ACTIVATIONS, catalogue.ACTIVATIONS),
    "INITIALIZERS": (INITIALIZERS, catalogue.INITIALIZERS),
    "REGRESSION_LOSSES": (REGRESSION_LOSSES, catalogue.LOSSES),
    "OPTIMIZERS": (OPTIMIZERS, catalogue.OPTIMIZERS),
    "SCHEDULES": (SCHEDULES, catalogue.SCHEDULES),
    "FEATURE_SCALINGS": (FEATURE_SCALINGS, catalogue.FEATURE_SCALINGS),
    "options": (options_of(NumpyMLPRegressor), catalogue.OPTIONS),
}


@pytest.mark.parametrize("name", TABLES)
def test_a_row_without_an_entry_is_found(name, monkeypatch):
    table, _ = TABLES[name]
    monkeypatch.setitem(table, "new", next(iter(table.values())))
    with pytest.raises(AssertionError, match="without an entry"):
        test_nothing_lacks_an_entry(name)


@pytest.mark.parametrize(
    ("name", "entry"), [(name, entry) for name, (table, _) in TABLES.items() for entry in table]
)
def test_an_entry_that_is_gone_is_found(name, entry, monkeypatch):
    cases = TABLES[name][1]
    for key in [key for key, case in cases.items() if entry in (key, getattr(case, "solver", key))]:
        monkeypatch.delitem(cases, key)
    with pytest.raises(AssertionError, match="without an entry"):
        test_nothing_lacks_an_entry(name)


@pytest.mark.parametrize(
    ("pair", "base", "method"),
    [
        ("kinds of layers", Layer, "forward"),
        ("kinds of losses", Loss, "value"),
        ("kinds of optimizers", Optimizer, "step"),
        ("kinds of scalings", Scaling, "dense"),
    ],
)
def test_a_kind_without_an_entry_is_found(pair, base, method):
    new = type("New", (base,), {method: lambda self: None, "__module__": "sknumpynet.new"})
    try:
        with pytest.raises(AssertionError, match="without an entry"):
            test_nothing_lacks_an_entry(pair)
    finally:
        # The class may live on, but not as one of the package.
        new.__module__ = __name__


def test_an_option_without_a_refused_value_is_found(monkeypatch):
    declared = option(1, Allowed(lambda v: True, "anything"), "int", "training", "New.")
    monkeypatch.setitem(options_of(NumpyMLPRegressor), "new", declared.metadata["option"])
    monkeypatch.setitem(catalogue.OPTIONS, "new", catalogue.options.OptionCase([2]))
    with pytest.raises(AssertionError, match="new"):
        test_an_entry_has_what_the_tests_go_through()
