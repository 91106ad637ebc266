"""Whatever a user reaches from a fitted estimator is shown by a short text that says something."""

import re

import numpy as np
import pandas as pd
import pytest
from sklearn.exceptions import ConvergenceWarning

from sknumpynet import NumpyMLPClassifier, NumpyMLPRegressor, TabularMLPRegressor

n = 80
numbers = {f"n{j}": np.cos(np.arange(n) * (j + 1)) for j in range(60)}
X = pd.DataFrame(
    {
        **numbers,
        **{f"c{j}": [f"v{i % 40}" for i in range(n)] for j in range(30)},
        "when": pd.date_range("2020", periods=n),
    }
)
y = numbers["n0"]

MODELS = {
    "plain": (NumpyMLPClassifier((4,)), y > 0),
    "warm, several outputs": (NumpyMLPClassifier((3,), warm_start=True), np.c_[y > 0, y > 0.5]),
    "all layers": (
        NumpyMLPRegressor(
            (4, 4, 3), ["gelu", "elu", "tanh"], residual=True, normalization="batch", dropout=0.1,
            numeric_embedding="piecewise_linear",
        ),
        y,
    ),
    "members and bags": (
        NumpyMLPClassifier(
            (4, 4), "selu", n_members=3, n_bags=2, normalization="layer", dropout=0.1,
            numeric_embedding="cosine",
        ),
        y > 0,
    ),
    "deep": (NumpyMLPRegressor((2,) * 40, loss="gaussian_nll"), y),
    "tabular": (TabularMLPRegressor((4, 4), n_bags=1), np.c_[y, y]),
}  # fmt: skip


def ours_within(thing, path, seen):
    """Every object of this package that public attributes and entries lead to, with its path."""
    if id(thing) in seen or isinstance(thing, (str, np.ndarray, type)) or len(path) > 200:
        return
    seen[id(thing)] = thing
    ours = type(thing).__module__.startswith("sknumpynet")
    if ours:
        yield path, thing
    entries = thing.values() if isinstance(thing, dict) else thing
    if isinstance(entries, (list, tuple, set, type({}.values()))):
        for i, entry in enumerate(list(entries)[:100]):
            yield from ours_within(entry, f"{path}[{i}]", seen)
    if ours:
        for name in dir(thing):
            if not name.startswith("_"):
                value = getattr(thing, name, None)
                if not callable(value) or type(value).__module__.startswith("sknumpynet"):
                    yield from ours_within(value, f"{path}.{name}", seen)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", MODELS)
def test_everything_within_reach_says_something_short(name):
    model, target = MODELS[name]
    fitted = model.set_params(max_iter=2, random_state=0).fit(X, target)
    found = dict(ours_within(fitted, "model", {}))
    assert {"model", "model.coefs_", "model.network_", "model.network_.layout"} <= set(found)
    for path, thing in found.items():
        if not isinstance(thing, type(fitted)):
            shown = repr(thing)
            assert " object at 0x" not in shown, path
            assert 4 < len(shown) <= (5000 if path.endswith("report_") else 550), (path, shown)


def test_a_network_shows_its_layers_and_size():
    model = NumpyMLPRegressor((4, 3), "tanh", max_iter=1, early_stopping=False, random_state=0)
    with pytest.warns(ConvergenceWarning, match="cut short"):
        model.fit(X[["n0", "n1"]], y)
    assert repr(model.network_) == (
        "Network(Linear(2, 4) -> Tanh -> Linear(4, 3) -> Tanh -> Linear(3, 1); "
        "31 parameters, float32)"
    )
    assert repr(model.network_.layout) == "Layout(6 arrays: 23 weights, 8 offsets, 0 statistics)"
    # Few numbers are shown as they are.
    assert repr(model.coefs_) == repr(list(model.coefs_))


def test_many_numbers_are_shown_by_their_shapes():
    model = NumpyMLPRegressor((2,) * 40 + (50,), max_iter=1, early_stopping=False, random_state=0)
    with pytest.warns(ConvergenceWarning, match="cut short"):
        model.fit(X[["n0", "n1"]], y)
    assert re.fullmatch(r"<42 arrays of shapes \(2, 2\), .*, \.\.\.>", repr(model.coefs_))
    assert "... 74 more ..." in repr(model.network_)
