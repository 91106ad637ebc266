"""A search of scikit-learn over the processes of a Dask cluster, which may be on any machines."""

import joblib
import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.model_selection import GridSearchCV

from sknumpynet import NumpyMLPClassifier

distributed = pytest.importorskip("distributed")


@pytest.fixture(scope="module")
def client():
    """Two processes of one thread each, on the loopback."""
    options = {"n_workers": 2, "threads_per_worker": 1, "processes": True, "host": "127.0.0.1"}
    with (
        distributed.LocalCluster(**options, dashboard_address=None) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_grid_search_over_two_processes(client):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(200, 4))
    y = np.where(X[:, 0] * X[:, 1] > 0, "same", "other")
    model = NumpyMLPClassifier((8,), max_iter=5, random_state=0)
    grid = {"alpha": [1e-4, 1.0], "learning_rate_init": [0.001, 0.01]}
    here = GridSearchCV(model, grid, cv=3).fit(X, y)
    with joblib.parallel_backend("dask"):
        there = GridSearchCV(model, grid, cv=3).fit(X, y)
    assert_array_equal(there.cv_results_["mean_test_score"], here.cv_results_["mean_test_score"])
    assert_array_equal(there.predict_proba(X), here.predict_proba(X))
    # It was done there.
    done = client.run(lambda dask_worker: dask_worker.state.executed_count)
    assert all(done.values())
