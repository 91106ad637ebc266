"""An old name works as before, and warns at the user's line what takes its place."""

import pickle
import sys
import types
import warnings
from typing import ClassVar

import numpy as np
import pytest
from sklearn.base import clone

from sknumpynet import NumpyMLPRegressor
from sknumpynet.deprecation import Renamed, RenamedAttribute, old_names
from sknumpynet.options import CommonParameters, estimator_with_options

X = np.random.default_rng(0).normal(size=(60, 2))
y = X[:, 0]


@estimator_with_options
class Once(NumpyMLPRegressor):
    """With names of another release."""

    _renamed_options: ClassVar[dict[str, Renamed]] = {"epochs": Renamed("max_iter", "0.4")}
    rounds_ = RenamedAttribute("n_iter_", "0.4")
    train = RenamedAttribute("fit", "0.4")


def told(call, match):
    """What the call returns, after one FutureWarning that names this file."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        value = call()
    (warning,) = (w for w in caught if w.category is FutureWarning)
    assert warning.filename == __file__
    assert match in str(warning.message)
    return value


def test_an_option():
    message = "epochs of Once is deprecated and goes with release 0.4: use max_iter instead."
    model = told(lambda: Once(epochs=3), message)
    assert model.get_params() == Once(max_iter=3).get_params()
    assert "epochs" not in model.get_params()
    told(lambda: model.set_params(epochs=5, alpha=0.5), message)
    assert (model.max_iter, model.alpha) == (5, 0.5)
    # The new name, and whatever scikit-learn makes of it, says nothing.
    assert clone(model).max_iter == pickle.loads(pickle.dumps(model)).max_iter == 5
    with pytest.raises(TypeError, match="Once got max_iter twice: epochs is its old name"):
        Once(epochs=3, max_iter=4)
    with pytest.raises(TypeError, match="unexpected keyword argument 'epoch'"):
        Once(epoch=3)
    with pytest.raises(TypeError, match="unexpected keyword argument 'epochs'"):
        NumpyMLPRegressor(epochs=3)


def test_a_method_and_an_attribute():
    model = Once((3,), max_iter=2, early_stopping=False, random_state=0)
    told(lambda: model.train(X, y), "Once.train is deprecated")
    assert told(lambda: model.rounds_, "Once.rounds_ is deprecated") == model.n_iter_ == 2
    assert Once.train.to == "fit"


def test_a_name_of_a_module(monkeypatch):
    module = types.ModuleType("a_module")
    module.new = CommonParameters
    module.__getattr__ = old_names("a_module", {"old": Renamed("new", "0.4")})
    monkeypatch.setitem(sys.modules, "a_module", module)
    assert told(lambda: module.old, "a_module.old is deprecated") is CommonParameters
    with pytest.raises(AttributeError, match="module 'a_module' has no attribute 'older'"):
        _ = module.older
