"""Long lists in files: what is given back is what went in, and nothing is left of its length."""

import io
import math
import zipfile

import numpy as np
import pandas as pd
import pytest
import skops.io
from hypothesis import given
from hypothesis import strategies as st

from catalogue import FORMATS
from sknumpynet import NumpyMLPClassifier, NumpyMLPRegressor
from sknumpynet.packed import FEWEST, packed, unpacked

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

#: Half of a pair of surrogates, too.
TEXT = st.text(st.characters(exclude_categories=()), max_size=9)
ITEMS = {
    "text": TEXT,
    "bools": st.booleans(),
    "integers": st.integers(-(2**63), 2**63 - 1),
    "integers of any size": st.integers(),
    "floats": st.floats(),
    "all of them": st.one_of(TEXT, st.booleans(), st.integers(), st.floats(), st.none()),
}


def alike(one, other):
    """The same type and value, and of floats the same sign and NaN for NaN."""
    if type(one) is not type(other):
        return False
    if isinstance(one, float):
        nan = math.isnan(one) and math.isnan(other)
        return nan or (one == other and math.copysign(1, one) == math.copysign(1, other))
    return one == other


@pytest.mark.parametrize("kind", ITEMS)
def test_a_list_comes_back(kind):
    @given(st.lists(ITEMS[kind], max_size=3 * FEWEST))
    def check(items):
        again = unpacked(packed(items))
        assert type(again) is list
        assert len(again) == len(items)
        assert all(map(alike, again, items))

    check()


@pytest.mark.parametrize("item", ["", "a", "\ud800", True, 1, 1.5])
def test_what_can_be_an_array_is_one(item):
    state = packed([item] * FEWEST)
    arrays = state if isinstance(state, tuple) else (state,)
    assert all(isinstance(array, np.ndarray) and array.dtype != object for array in arrays)


def test_texts_of_every_length_keep_their_ends():
    texts = ["x" * n for n in (0, 1, 255, 256, 70_000, 0, 3, 0)]
    assert unpacked(packed(texts)) == texts


N = 600
LEVELS = np.array([f"Stufe \u00e9 {i:03d}" for i in range(N // 2)])
FRAME = pd.DataFrame({"x": np.arange(N) % 7.0, "c": LEVELS[np.arange(N) % (N // 2)]})
CLASSES = LEVELS.astype(object)[np.arange(N) % (N // 2)]
LINEAR = {"hidden_layer_sizes": (), "max_iter": 40, "n_iter_no_change": 40, "random_state": 0}


def fitted_of(kind):
    if kind == "classes":
        return NumpyMLPClassifier(**LINEAR | {"max_iter": 2}).fit(FRAME[["x"]], CLASSES)
    if kind == "embedded levels":
        return NumpyMLPRegressor(**LINEAR | {"hidden_layer_sizes": 3}).fit(FRAME, FRAME.x)
    return NumpyMLPRegressor(**LINEAR).fit(FRAME, FRAME.x)


@pytest.mark.parametrize("kind", ["one-hot levels", "embedded levels", "classes"])
def test_a_skops_file_has_no_node_for_each_level_class_or_epoch(kind):
    model = fitted_of(kind)
    data = skops.io.dumps(model)
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        assert b"Stufe" not in file.read("schema.json")
        assert file.read("schema.json").count(b"JsonNode") < 400
    for format_ in FORMATS.values():
        again = format_(model)
        assert again.history_ == model.history_
        assert again.encoded_feature_names_ == model.encoded_feature_names_
        X = FRAME[list(model.feature_names_in_)]
        np.testing.assert_array_equal(again.predict(X), model.predict(X))
