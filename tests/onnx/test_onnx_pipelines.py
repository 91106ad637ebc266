"""Steps of Pipelines that skl2onnx converts."""

import numpy as np
import pandas as pd
import pytest
import skl2onnx
from numpy.testing import assert_allclose, assert_array_equal
from skl2onnx.common.data_types import DoubleTensorType, Int64TensorType, StringTensorType
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import StackingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.multiclass import OneVsOneClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from sknumpynet import NumpyMLPClassifier, NumpyMLPRegressor, TabularMLPClassifier
from sknumpynet.onnx import register

from .sessions import assert_equal_outputs, predicted, run

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

RNG = np.random.default_rng(0)
FRAME = pd.DataFrame(
    {
        "a": RNG.normal(size=90),
        "b": RNG.normal(size=90) * 10,
        "c": RNG.choice(["x", "y", "z"], 90),
    }
)
NUMBERS = FRAME[["a", "b"]].to_numpy()
LABELS = np.where(FRAME["a"] + NUMBERS[:, 1] / 10 > 0, "yes", "no")
TYPES = [
    ("a", DoubleTensorType([None, 1])),
    ("b", DoubleTensorType([None, 1])),
    ("c", StringTensorType([None, 1])),
]
FEEDS = {name: FRAME[[name]].to_numpy() for name in FRAME}
SMALL = {"hidden_layer_sizes": (6,), "max_iter": 5, "random_state": 0}


@pytest.fixture(autouse=True, scope="module")
def registered():
    register()


def columns():
    return ColumnTransformer(
        [("numbers", StandardScaler(), ["a", "b"]), ("levels", OneHotEncoder(), ["c"])]
    )


def net(**options):
    return NumpyMLPClassifier(**SMALL | options)


@pytest.mark.parametrize("zipmap", [False, True, "columns"])
def test_behind_other_transformers(zipmap):
    model = make_pipeline(columns(), net()).fit(FRAME, LABELS)
    options = {id(model.steps[-1][1]): {"zipmap": zipmap}}
    found = run(skl2onnx.convert_sklearn(model, initial_types=TYPES, options=options), FEEDS)
    p = model.predict_proba(FRAME)
    if zipmap is False:
        assert_equal_outputs(found, predicted(model, FRAME))
        return
    assert_array_equal(found.pop("output_label"), model.predict(FRAME))
    if zipmap == "columns":
        assert list(found) == ["sno", "syes"]
        assert_allclose(np.stack([*found.values()], axis=1), p, rtol=1e-5)
        return
    assert_allclose(pd.DataFrame(found["output_probability"])[["no", "yes"]], p, rtol=1e-5)


def test_a_search():
    """Of a whole Pipeline, and as its last step."""
    of_all = GridSearchCV(
        make_pipeline(columns(), net()), {"numpymlpclassifier__alpha": [0, 1]}, cv=2
    )
    of_step = make_pipeline(columns(), GridSearchCV(net(), {"alpha": [0, 1]}, cv=2))
    for model in (of_all, of_step):
        model.fit(FRAME, LABELS)
        onx = skl2onnx.convert_sklearn(model, initial_types=TYPES, options={"zipmap": False})
        assert_equal_outputs(run(onx, FEEDS), predicted(model, FRAME))


def test_the_estimator_alone_takes_raw_columns():
    model = net(max_one_hot=2).fit(FRAME, LABELS)
    onx = skl2onnx.convert_sklearn(model, initial_types=TYPES, options={"zipmap": False})
    unseen = {**FEEDS, "a": np.full((90, 1), np.nan), "c": np.full((90, 1), "new", dtype=object)}
    assert_equal_outputs(run(onx, FEEDS), predicted(model, FRAME))
    frame = FRAME.assign(a=np.nan, c="new")
    with pytest.warns(UserWarning, match="new"):
        expected = predicted(model, frame)
    assert_equal_outputs(run(onx, unseen), expected)


def test_a_column_of_another_kind_is_refused():
    model = net().fit(FRAME, LABELS)
    types = [*TYPES[:2], ("c", Int64TensorType([None, 1]))]
    with pytest.raises(ValueError, match="Column 2 must be text, as it was in fit"):
        skl2onnx.convert_sklearn(model, initial_types=types)


def test_numbers_and_text_in_one_tensor_are_refused():
    parts = [("numbers", StandardScaler(), ["a", "b"]), ("text", "passthrough", ["c"])]
    both = ColumnTransformer(parts)
    model = make_pipeline(both, net()).fit(FRAME, LABELS)
    with pytest.raises(ValueError, match="Column 2 must be text.*numbers and text arrive as one"):
        skl2onnx.convert_sklearn(model, initial_types=TYPES)
    model = net().fit(FRAME, LABELS)
    with pytest.raises(ValueError, match="X had 3 columns in fit, and 'a', 'b' have 2"):
        skl2onnx.convert_sklearn(model, initial_types=TYPES[:2])


def test_numbers_of_a_frame_in_one_tensor():
    """Of which skl2onnx does not know how many they are."""
    both = ColumnTransformer([("a", StandardScaler(), ["a"]), ("b", "passthrough", ["b"])])
    model = make_pipeline(both.set_output(transform="pandas"), net())
    model.fit(FRAME[["a", "b"]], LABELS)
    onx = skl2onnx.convert_sklearn(model, initial_types=TYPES[:2], options={"zipmap": False})
    feeds = {name: FEEDS[name] for name in "ab"}
    assert_equal_outputs(run(onx, feeds), predicted(model, FRAME[["a", "b"]]))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_outputs_have_the_type_of_the_input(dtype):
    model = make_pipeline(StandardScaler(), net()).fit(NUMBERS, LABELS)
    X = NUMBERS.astype(dtype)
    onx = skl2onnx.to_onnx(model, X[:1], options={"zipmap": False})
    found = run(onx, {"X": X})
    assert found["probabilities"].dtype == dtype
    assert_equal_outputs(found, predicted(model, X))


def test_two_outputs_of_a_regressor():
    model = make_pipeline(StandardScaler(), NumpyMLPRegressor(loss="gaussian_nll", **SMALL))
    model.fit(NUMBERS, NUMBERS[:, 0])
    onx = skl2onnx.to_onnx(model, NUMBERS[:1])
    mean, std = model.predict(NUMBERS, return_std=True)
    expected = {"variable": mean[:, np.newaxis], "std": std[:, np.newaxis]}
    assert_equal_outputs(run(onx, {"X": NUMBERS}), expected)


def test_several_outputs_and_labels():
    several = np.stack([LABELS, FRAME["c"]], axis=1)
    labels = (NUMBERS > 0).astype(int)
    for y in (several, labels):
        model = make_pipeline(StandardScaler(), net()).fit(NUMBERS, y)
        onx = skl2onnx.to_onnx(model, NUMBERS[:1])
        assert_equal_outputs(run(onx, {"X": NUMBERS}), predicted(model, NUMBERS))


def test_as_part_of_another_estimator():
    models = [("net", net()), ("linear", LogisticRegression())]
    model = StackingClassifier(models, cv=2).fit(NUMBERS, LABELS)
    onx = skl2onnx.to_onnx(model, NUMBERS[:1], options={"zipmap": False})
    assert_equal_outputs(run(onx, {"X": NUMBERS}), predicted(model, NUMBERS))


#: A part of another estimator: skl2onnx tells only the first that its raw scores are asked for.
PARTS = {
    "alone": net,
    "pipeline": lambda: make_pipeline(StandardScaler(), net()),
    "pipeline in search": lambda: GridSearchCV(PARTS["pipeline"](), {}, cv=2),
}


#: Numbers: labels of a Pipeline in another estimator are no text for skl2onnx.
TWO, THREE = (LABELS == "yes").astype(int), FRAME["c"].map({"x": 0, "y": 1, "z": 2}).to_numpy()


@pytest.mark.parametrize("labels", [TWO, THREE], ids=["two classes", "three"])
@pytest.mark.parametrize("part", PARTS)
def test_calibrated_on_raw_scores(part, labels):
    model = CalibratedClassifierCV(PARTS[part](), cv=2).fit(NUMBERS, labels)
    onx = skl2onnx.to_onnx(model, NUMBERS[:1], options={"zipmap": False})
    assert_equal_outputs(run(onx, {"X": NUMBERS}), predicted(model, NUMBERS))


@pytest.mark.parametrize("part", PARTS)
def test_parts_of_which_raw_scores_are_taken(part):
    models = [("part", PARTS[part]())]
    stacked = StackingClassifier(models, stack_method="decision_function", cv=2)
    stacked.fit(NUMBERS, THREE)
    onx = skl2onnx.to_onnx(stacked, NUMBERS[:1], options={"zipmap": False})
    assert_equal_outputs(run(onx, {"X": NUMBERS}), predicted(stacked, NUMBERS))
    pairs = OneVsOneClassifier(PARTS[part]()).fit(NUMBERS, THREE)
    onx = skl2onnx.to_onnx(pairs, NUMBERS[:1], options={"zipmap": False})
    scores = run(onx, {"X": NUMBERS}, checked=False)["probabilities"]
    assert_allclose(scores, pairs.decision_function(NUMBERS), rtol=1e-4)


def test_raw_scores_as_an_option():
    several = np.stack([LABELS, FRAME["c"]], axis=1)
    for y in (LABELS, FRAME["c"], (NUMBERS > 0).astype(int), several):
        model = net().fit(NUMBERS, y)
        options = {id(model): {"raw_scores": True, "zipmap": False}}
        found = run(skl2onnx.to_onnx(model, NUMBERS[:1], options=options), {"X": NUMBERS})
        expected = model.decision_function(NUMBERS)
        if y is LABELS:
            expected = np.stack([-expected, expected], axis=1)
        blocks = expected if isinstance(expected, list) else [expected]
        names = [name for name in found if name.startswith("probabilities")]
        for name, block in zip(names, blocks, strict=True):
            assert_allclose(found[name], block, rtol=1e-4, atol=1e-6)


def test_the_defaults_for_tables():
    model = make_pipeline(StandardScaler(), TabularMLPClassifier(max_iter=2, random_state=0))
    model.fit(NUMBERS, LABELS)
    onx = skl2onnx.to_onnx(model, NUMBERS[:1], options={"zipmap": False})
    assert_equal_outputs(run(onx, {"X": NUMBERS}), predicted(model, NUMBERS))
