"""Files say which version wrote them, and what to do where another one reads them."""

import copy
import json
import pickle
import warnings
from functools import cache

import joblib
import numpy as np
import pytest
import sklearn
from numpy.testing import assert_array_equal
from sklearn.base import BaseEstimator, clone
from sklearn.exceptions import InconsistentVersionWarning
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import sknumpynet
from catalogue import COPIES, FORMATS
from record_schema import RECORD, fitted_models, lost, saved_names
from sknumpynet import NumpyMLPClassifier, NumpyMLPRegressor, TabularMLPRegressor
from sknumpynet.estimators import stamp
from sknumpynet.targets import numbers, single

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

X = np.random.default_rng(0).random((40, 3))
y = X[:, 0] + 0.5
SMALL = {"hidden_layer_sizes": (4,), "max_iter": 2, "random_state": 0}


class Own(NumpyMLPRegressor):
    """As a user would write it: more in the state, and by hand."""

    def __getstate__(self):
        return {"note": "mine", **super().__getstate__()}

    def __setstate__(self, state):
        self.note = state.pop("note")
        super().__setstate__(state)


def pipeline():
    return make_pipeline(StandardScaler(), NumpyMLPRegressor(**SMALL))


#: Models, alone and in tools.
KINDS = {
    "not fitted": lambda: NumpyMLPRegressor(**SMALL),
    "fitted": lambda: NumpyMLPRegressor(**SMALL).fit(X, y),
    "classifier": lambda: NumpyMLPClassifier(**SMALL).fit(X, y > 1),
    "bags": lambda: TabularMLPRegressor(n_bags=2, **SMALL).fit(X, y),
    "subclass": lambda: Own(**SMALL).fit(X, y),
    "pipeline": lambda: pipeline().fit(X, y),
    "search": lambda: GridSearchCV(pipeline(), GRID, cv=2).fit(X, y),
}
GRID = {"numpymlpregressor__alpha": [0.1, 1.0]}


@cache
def model_of(kind):
    return KINDS[kind]()


def saved_by(model, format_, monkeypatch, **versions):
    """The file that a package of these versions would have written."""
    with monkeypatch.context() as patch:
        for name, value in versions.items():
            owner = {"sknumpynet": sknumpynet, "sklearn": sklearn, "schema": stamp}[name]
            patch.setattr(owner, "SCHEMA" if name == "schema" else "__version__", value)
        return FORMATS[format_].dumps(model)


@pytest.mark.parametrize("format_", FORMATS)
@pytest.mark.parametrize("kind", KINDS)
def test_another_version_warns_and_says_what_to_do(kind, format_, monkeypatch):
    data = saved_by(model_of(kind), format_, monkeypatch, sknumpynet="0.0.7")
    with pytest.warns(InconsistentVersionWarning, match=r"sknumpynet 0\.0\.7 and") as caught:
        loaded = FORMATS[format_].loads(data)
    message = str(caught[0].message)
    assert f"loaded with sknumpynet {sknumpynet.__version__} and scikit-learn" in message
    assert "Compare predictions for a few rows" in message
    assert f"install sknumpynet==0.0.7 scikit-learn=={sklearn.__version__}." in message
    if kind != "not fitted":
        assert_array_equal(loaded.predict(X), model_of(kind).predict(X))


@pytest.mark.parametrize("format_", FORMATS)
def test_another_scikit_learn_warns(format_, monkeypatch):
    data = saved_by(model_of("fitted"), format_, monkeypatch, sklearn="1.4.2")
    with pytest.warns(stamp.SavedWithOtherVersionWarning, match=r"scikit-learn 1\.4\.2") as caught:
        FORMATS[format_].loads(data)
    assert caught[0].message.original_sklearn_version == "1.4.2"
    assert caught[0].message.current_sklearn_version == sklearn.__version__


def test_the_warning_is_about_the_line_that_loads(monkeypatch):
    data = saved_by(model_of("fitted"), "pickle", monkeypatch, sknumpynet="0.0.7")
    with pytest.warns(InconsistentVersionWarning) as caught:
        pickle.loads(data)
    assert caught[0].filename == __file__


def moved(monkeypatch):
    """The classes of targets stand elsewhere."""
    monkeypatch.delattr(numbers, "NumberTarget")
    monkeypatch.delattr(single, "OneOfMany")
    monkeypatch.delattr(single, "OneOfTwo")


@pytest.mark.parametrize("format_", FORMATS)
@pytest.mark.parametrize("kind", KINDS)
def test_a_file_of_a_class_that_has_moved_says_which_version_wrote_it(kind, format_, monkeypatch):
    data = saved_by(model_of(kind), format_, monkeypatch, sknumpynet="0.0.7", schema=0)
    moved(monkeypatch)
    with pytest.raises(ValueError, match=r"saved with sknumpynet 0\.0\.7 .*schema 0") as caught:
        FORMATS[format_].loads(data)
    message = str(caught.value)
    assert f"sknumpynet {sknumpynet.__version__} and" in message
    assert f"(schema {stamp.SCHEMA}) cannot read it" in message
    assert f"sknumpynet==0.0.7 scikit-learn=={sklearn.__version__} are installed" in message


@pytest.mark.parametrize("format_", FORMATS)
def test_a_class_that_has_moved_without_a_new_schema_warns_before_the_error(format_, monkeypatch):
    """What a test of the record keeps from happening."""
    data = saved_by(model_of("fitted"), format_, monkeypatch, sknumpynet="0.0.7")
    moved(monkeypatch)
    with (
        pytest.warns(InconsistentVersionWarning, match="sknumpynet==0.0.7"),
        pytest.raises(AttributeError, match="NumberTarget"),
    ):
        FORMATS[format_].loads(data)


def test_a_file_from_before_the_stamp_warns(monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(NumpyMLPRegressor, "__getstate__", BaseEstimator.__getstate__)
        data = pickle.dumps(model_of("fitted"))
    with pytest.warns(InconsistentVersionWarning, match="wrote no version into it") as caught:
        loaded = pickle.loads(data)
    assert caught[0].filename == __file__
    assert_array_equal(loaded.predict(X), model_of("fitted").predict(X))


@pytest.mark.parametrize("format_", COPIES)
@pytest.mark.parametrize("kind", KINDS)
def test_the_stamp_is_in_the_file_alone(kind, format_):
    copied = COPIES[format_](model_of(kind))
    assert vars(copied).keys() - {"note"} == vars(model_of(kind)).keys()
    assert clone(copied).get_params().keys() == model_of(kind).get_params().keys()


def test_a_subclass_keeps_what_it_adds():
    assert pickle.loads(pickle.dumps(model_of("subclass"))).note == "mine"


def test_the_stamp_is_small():
    model = model_of("fitted")
    state = {name: value for name, value in model.__getstate__().items() if name in vars(model)}
    assert len(pickle.dumps(model.__getstate__())) < len(pickle.dumps(state)) + 200


def test_copies_are_of_this_version_without_a_warning(monkeypatch):
    """A model keeps no stamp: what is loaded and saved anew is of the version that saves it."""
    data = saved_by(model_of("fitted"), "pickle", monkeypatch, sknumpynet="0.0.7")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        loaded = pickle.loads(data)
    copy.deepcopy(pickle.loads(pickle.dumps(loaded)))


def test_names_that_every_file_holds_stay():
    """Looked for before the stamp: where they move, the old place goes on to have them."""
    places = {
        "classifier": ["NumpyMLPClassifier"],
        "regressor": ["NumpyMLPRegressor"],
        "tabular": ["TabularMLPClassifier", "TabularMLPRegressor"],
    }
    for module, names in places.items():
        for name in names:
            cls = pickle.loads(f"csknumpynet.estimators.{module}\n{name}\n.".encode())
            assert cls is getattr(sknumpynet, name)
    assert pickle.loads(b"csknumpynet.estimators.stamp\nStamp\n.") is stamp.Stamp


# Of models of every kind of column, some of which say nothing about the target.
@pytest.mark.filterwarnings("ignore:Left out of X:UserWarning")
def test_the_schema_is_that_of_what_files_hold():
    """Otherwise a file of before fails somewhere inside, with no word of its version."""
    recorded, now = json.loads(RECORD.read_text(encoding="utf-8")), saved_names(fitted_models())
    assert now == recorded, f"run python tests/record_schema.py: {lost(recorded, now)}"


@pytest.mark.parametrize(
    ("now", "why"),
    [
        ({"a.B": ["x", "y"], "a.C": []}, []),
        ({"a.D": ["x", "y"]}, ["a.B is gone"]),
        ({"a.B": ["x"]}, ["a.B has other attributes"]),
        ({"a.B": ["x", "y", "z"]}, ["a.B has other attributes"]),
    ],
)
def test_what_an_older_file_cannot_do_without(now, why):
    assert lost({"a.B": ["x", "y"]}, now) == why


def test_a_stamp_is_checked_through_joblib_on_disk(tmp_path, monkeypatch):
    (tmp_path / "model").write_bytes(
        saved_by(model_of("fitted"), "joblib", monkeypatch, sknumpynet="0.0.7")
    )
    with pytest.warns(InconsistentVersionWarning, match=r"0\.0\.7"):
        joblib.load(tmp_path / "model", mmap_mode="r")
