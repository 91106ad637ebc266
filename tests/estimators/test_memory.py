"""Options that ask for more memory than there is: an error with their names, in time."""

import tracemalloc

import numpy as np
import pytest
import scipy.sparse as sp

from sknumpynet import (
    NumpyMLPClassifier,
    NumpyMLPRegressor,
    TabularMLPClassifier,
    TabularMLPRegressor,
)
from sknumpynet.fitting import memory
from sknumpynet.network import Architecture, Network, Workspace, build_layers

ESTIMATORS = [NumpyMLPClassifier, NumpyMLPRegressor, TabularMLPClassifier, TabularMLPRegressor]
rng = np.random.default_rng(0)
X = rng.standard_normal((60, 3))
y = np.arange(60) % 2
COSINE = {"numeric_embedding": "cosine"}


@pytest.mark.parametrize(
    ("name", "value", "where"),
    [
        ("hidden_layer_sizes", 10**12, {}),
        ("hidden_layer_sizes", (4, 2**63 - 1), {}),
        ("hidden_layer_sizes", (10**6, 10**7), {}),
        ("hidden_layer_sizes", [10**9] * 3, {"solver": "lbfgs", "dropout": 0.0, "ema_decay": None}),
        ("hidden_layer_sizes", np.array([10**12]), {"residual": True}),
        ("embedding_width", 10**9, COSINE),
        ("embedding_width", 2**63 - 1, COSINE),
        ("embedding_width", 10**9, {"numeric_embedding": "piecewise_linear"}),
        ("n_members", 10**10, {}),
        ("n_members", 2**63 - 1, COSINE | {"max_frequency": [0.1, 1.0]}),
        ("n_members", 10**10, {"n_bags": 2}),
    ],
)
@pytest.mark.parametrize("estimator_class", ESTIMATORS)
def test_the_option_and_the_memory_are_named(estimator_class, name, value, where):
    model = estimator_class(**{"hidden_layer_sizes": (4,), "max_iter": 1, **where, name: value})
    tracemalloc.start()
    try:
        with pytest.raises(MemoryError, match=rf"^{name}=.* for at least [\d,.]+ GB, .* has"):
            model.fit(X, y)
        assert tracemalloc.get_traced_memory()[1] < 2**24
    finally:
        tracemalloc.stop()
    assert not hasattr(model, "network_")


def test_of_several_options_all_are_named(monkeypatch):
    monkeypatch.setattr(memory, "memory_of_machine", lambda: 2**22)
    model = NumpyMLPRegressor((1000, 1000), n_members=20, **COSINE)
    what = r"hidden_layer_sizes=\(1000, 1000\), n_members=20, numeric_embedding='cosine', embedding"
    with pytest.raises(MemoryError, match=what):
        model.fit(X, y)
    with pytest.raises(MemoryError, match=r"^hidden_layer_sizes=\(1000, 1000\) ask"):
        model.set_params(n_members=1, numeric_embedding=None).fit(X, y)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("estimator_class", ESTIMATORS)
def test_what_the_defaults_take_is_little(estimator_class, monkeypatch):
    monkeypatch.setattr(memory, "memory_of_machine", lambda: 2**27)
    model = estimator_class(max_iter=1, n_bags=1, batch_size=10**9).fit(X, y)
    assert model.predict(X).shape == (60,)


def test_no_more_is_counted_than_is_taken():
    """A fit that would do is not refused."""
    for more in ({}, {"n_members": 3}, COSINE | {"numeric": (0, 1)}, {"residual": True}):
        layers = build_layers(Architecture(5, (7, 6), ("relu", "tanh"), 2, **more))
        counted = memory._numbers_of(layers, 11)
        network = Network.initialized(layers, np.dtype("f4"), rng)
        workspace = Workspace(network, 11, training=True)
        taken = network.theta.size + workspace.gradient.size

        def of(scratch):
            numbers = [array for array in scratch._buffers.values() if array.dtype != bool]
            own = sum(array.size for array in numbers)
            return own + sum(map(of, scratch.children))

        assert counted == taken + sum(of(scratch) for _, _, scratch in workspace.last)


@pytest.mark.filterwarnings("ignore:numeric_embedding=.*is not used")
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_an_embedding_that_is_not_built_takes_nothing():
    model = NumpyMLPRegressor((4,), max_iter=1, embedding_width=10**15).fit(X, y)
    # Sparse rows are not embedded.
    model.set_params(**COSINE).fit(sp.csr_matrix(X), y)
    with pytest.raises(MemoryError, match="^embedding_width=1000000000000000 asks"):
        model.fit(X, y)
    assert model.predict(X).shape == (60,)


@pytest.mark.parametrize("estimator_class", ESTIMATORS)
def test_a_scorer_without_memory_is_not_the_users_mistake(estimator_class):
    def greedy(estimator, X, y):
        raise MemoryError("Unable to allocate 8 TiB")

    model = estimator_class((4,), scoring=greedy, early_stopping=True, n_bags=1)
    with pytest.raises(MemoryError, match="^Unable to allocate 8 TiB$"):
        model.fit(X, y)
