"""What to tune: of each estimator the few options that gain most, and over what range.

In: an estimator, or a pipeline or another estimator that holds one. Out: distributions for
``RandomizedSearchCV``, which are also values of a trial of Optuna. Which options, and in what
order, was measured: see DECISIONS: what to tune.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from scipy.stats import loguniform

from .base import BaseNumpyMLP
from .tabular import TabularParameters

#: What gains most comes first. Without a decay of weights the penalty takes its place.
_OF_NUMPY_MLP: dict[str, Any] = {
    "weight_decay": loguniform(1e-2, 3.0),
    "learning_rate_init": loguniform(5e-4, 1e-2),
    "numeric_embedding": [None, "auto", "piecewise_linear"],
    "feature_scaling": ["standard", "quantile"],
    "hidden_layer_sizes": [(128,), (256, 128), (256, 256, 256)],
}
_PENALTY = {"alpha": loguniform(1e-5, 10.0)}
#: What other work tunes; here it was not measured what each of them gains.
_OF_TABULAR_MLP: dict[str, Any] = {
    "weight_decay": loguniform(1e-2, 1.0),
    "learning_rate_init": loguniform(1e-3, 1e-2),
    "dropout": [0.0, 0.05, 0.1, 0.2, 0.4],
    "max_frequency": ["auto", 0.1, 0.3, 1.2, 10.0],
    "hidden_layer_sizes": ["auto", (64, 64), (128, 128, 128), (256, 256, 256)],
}
#: L-BFGS has no rate and draws nothing by chance.
_NOT_OF_LBFGS = ("learning_rate_init", "dropout")
#: Solvers with a decay of weights that is apart from the gradient.
_WITH_DECAY = ("adamw", "muon")


class SearchSpace(dict[str, Any]):
    """Names of options with a list of values, or a distribution on a logarithmic scale, each.

    A dict, as ``RandomizedSearchCV`` and ``HalvingRandomSearchCV`` take it.
    """

    def suggest(self, trial: Any) -> dict[str, Any]:
        """The values of a trial of Optuna, for ``set_params``.

        Parameters
        ----------
        trial : optuna.trial.Trial

        Returns
        -------
        dict
            A value for each name. The trial keeps values of lists by their text, as Optuna stores
            no tuples of layers; ``options`` reads them.
        """
        return {name: _suggested(trial, name, values) for name, values in self.items()}

    def options(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """What a trial or a study of Optuna keeps, for ``set_params``.

        Parameters
        ----------
        params : dict
            ``study.best_params``, or ``params`` of a trial. Names that are not of this space stay
            as they are.

        Returns
        -------
        dict
            The same, with None and layers in the place of their texts.
        """
        return {name: self._read(name, value) for name, value in params.items()}

    def _read(self, name: str, value: Any) -> Any:
        values = self.get(name)
        return _by_text(values).get(value, value) if isinstance(values, list) else value


def _by_text(values: list[Any]) -> dict[str, Any]:
    return {str(value): value for value in values}


def _suggested(trial: Any, name: str, values: Any) -> Any:
    if isinstance(values, list):
        by_text = _by_text(values)
        return by_text[trial.suggest_categorical(name, list(by_text))]
    low, high = values.support()
    return trial.suggest_float(name, float(low), float(high), log=True)


def search_space(estimator: Any) -> SearchSpace:
    """The few options that are worth tuning, with their ranges, in the order of what they gain.

    Defaults are near the optimum on most tables: the best of 20 candidates had 0.95 of the loss of
    former ones (median of twelve tables), as ``examples/benchmarks/tuning.py`` measures it. The
    order is that of ``NumpyMLP*``; for ``TabularMLP*`` it was not measured.

    Parameters
    ----------
    estimator : estimator
        One of this package, or a pipeline or another estimator with one or several of these
        inside. Nothing needs to be fitted.

    Returns
    -------
    SearchSpace
        A dict from the name of each option, as ``set_params`` of ``estimator`` takes it, to a list
        of values or a distribution of SciPy's. Its method ``suggest`` gives the values of a trial
        of Optuna, ``options`` those of its best one.

    Raises
    ------
    ValueError
        If there is no estimator of this package inside.
    TypeError
        If it is a class.

    Examples
    --------
    >>> from sklearn.datasets import load_diabetes
    >>> from sklearn.model_selection import RandomizedSearchCV
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> from sknumpynet import NumpyMLPRegressor, search_space
    >>> X, y = load_diabetes(return_X_y=True)
    >>> model = make_pipeline(StandardScaler(), NumpyMLPRegressor(random_state=0))
    >>> space = search_space(model)
    >>> list(space)[0]
    'numpymlpregressor__weight_decay'
    >>> search = RandomizedSearchCV(model, space, n_iter=2, cv=2, random_state=0).fit(X, y)
    >>> bool(search.best_score_ > 0.2)
    True

    With Optuna, ``model.set_params(**space.suggest(trial))`` inside of an objective, and
    ``model.set_params(**space.options(study.best_params))`` after it:

    >>> space.options({"numpymlpregressor__hidden_layer_sizes": "(256, 128)"})
    {'numpymlpregressor__hidden_layer_sizes': (256, 128)}
    """
    if isinstance(estimator, type):
        name = estimator.__name__
        raise TypeError(
            f"search_space needs an estimator, not its class: search_space({name}()). The space "
            "depends on its options."
        )
    space = SearchSpace()
    for prefix, ours in _ours(estimator):
        space |= {prefix + name: values for name, values in _space_of(ours).items()}
    if not space:
        raise ValueError(
            f"search_space needs an estimator of sknumpynet, or one that holds one. Got "
            f"{type(estimator).__name__}."
        )
    return space


def _space_of(ours: BaseNumpyMLP) -> dict[str, Any]:
    found = dict(_OF_TABULAR_MLP if isinstance(ours, TabularParameters) else _OF_NUMPY_MLP)
    if ours.solver not in _WITH_DECAY:
        del found["weight_decay"]
        found = _PENALTY | found
    if ours.solver == "lbfgs":
        return {name: found[name] for name in found if name not in _NOT_OF_LBFGS}
    return found


def _ours(estimator: Any) -> Iterator[tuple[str, BaseNumpyMLP]]:
    """Those of this package that are inside, or the estimator itself, and what leads to them."""
    if isinstance(estimator, BaseNumpyMLP):
        yield "", estimator
    elif hasattr(estimator, "get_params"):
        for name, value in estimator.get_params(deep=True).items():
            if isinstance(value, BaseNumpyMLP):
                yield f"{name}__", value
