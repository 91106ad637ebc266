"""The options that are worth tuning: every value is allowed, and every tool takes them."""

import numpy as np
import pytest
from sklearn.datasets import load_diabetes
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.linear_model import Ridge
from sklearn.model_selection import HalvingRandomSearchCV, RandomizedSearchCV
from sklearn.multioutput import MultiOutputRegressor
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from sknumpynet import (
    NumpyMLPClassifier,
    NumpyMLPRegressor,
    TabularMLPClassifier,
    TabularMLPRegressor,
    search_space,
)
from sknumpynet.options import options_of

X, y = load_diabetes(return_X_y=True, as_frame=True)
X, y = X[:120], y[:120]
CLASSES = (NumpyMLPClassifier, NumpyMLPRegressor, TabularMLPClassifier, TabularMLPRegressor)


@pytest.mark.parametrize("cls", CLASSES)
def test_every_value_is_allowed_and_the_default_is_among_them(cls):
    space, default = search_space(cls()), cls().get_params()
    assert len(space) == 5
    for name, values in space.items():
        allowed = options_of(cls)[name].allowed.test
        if isinstance(values, list):
            assert all(map(allowed, values))
            assert default[name] in values
        else:
            low, high = values.support()
            assert allowed(low)
            assert allowed(high)
            # "auto" is 1 where rows are held out, as in a search with the other defaults.
            assert low < {"auto": 1.0}.get(default[name], default[name]) < high


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize(
    ("search", "options"),
    [
        (RandomizedSearchCV, {"n_iter": 2}),
        (HalvingRandomSearchCV, {"resource": "regressor__max_iter", "max_resources": 4}),
    ],
)
def test_searches_take_it(search, options):

    net = NumpyMLPRegressor((8,), max_iter=2, random_state=0)
    model = Pipeline([("scale", StandardScaler()), ("regressor", net)])
    space = search_space(model)
    assert all(name.startswith("regressor__") for name in space)
    found = search(model, space, cv=2, random_state=0, **options).fit(X, y)
    assert set(space) <= set(found.best_params_)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_a_trial_of_optuna():
    optuna = pytest.importorskip("optuna")
    model = NumpyMLPRegressor(max_iter=2, random_state=0)
    space = search_space(model)
    seen = []

    def objective(trial):
        options = space.suggest(trial)
        seen.append(options)
        return model.set_params(**options).fit(X, y).best_validation_score_

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    study.optimize(objective, n_trials=4)
    for options in seen:
        assert list(options) == list(space)
        assert options["hidden_layer_sizes"] in space["hidden_layer_sizes"]
        low, high = space["learning_rate_init"].support()
        assert low <= options["learning_rate_init"] <= high
    assert len({options["learning_rate_init"] for options in seen}) == 4
    best = space.options(study.best_params | {"max_iter": 3})
    assert best == seen[study.best_trial.number] | {"max_iter": 3}
    model.set_params(**best).fit(X, y)


def test_every_value_that_optuna_keeps_by_its_text_is_read():
    space = search_space(make_pipeline(TabularMLPRegressor()))
    for name, values in space.items():
        if isinstance(values, list):
            for value in values:
                assert space.options({name: str(value)}) == {name: value}
                assert type(space.options({name: str(value)})[name]) is type(value)


def test_where_it_looks():
    inside = MultiOutputRegressor(make_pipeline(StandardScaler(), TabularMLPRegressor()))
    names = list(search_space(inside))
    assert names[0].startswith("estimator__tabularmlpregressor__")
    assert "learning_rate_init" not in search_space(NumpyMLPRegressor(solver="lbfgs"))
    assert next(iter(search_space(NumpyMLPRegressor(solver="adamw")))) == "weight_decay"
    assert "alpha" not in search_space(NumpyMLPRegressor(solver="muon"))
    for solver in ("adam", "lbfgs"):
        space = search_space(NumpyMLPRegressor(solver=solver))
        assert next(iter(space)) == "alpha"
        assert "weight_decay" not in space
    with pytest.raises(ValueError, match=r"needs an estimator of sknumpynet.* Got Ridge\."):
        search_space(Ridge())
    with pytest.raises(TypeError, match=r"not its class: search_space\(NumpyMLPClassifier\(\)\)"):
        search_space(NumpyMLPClassifier)
    with pytest.raises(ValueError, match=r"Got ndarray\."):
        search_space(np.zeros(3))
