"""Recipes for files: skops, joblib and MLflow give back the same predictions in another process."""

import os
import subprocess
import sys
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
import pytest
import skops.io
from numpy.testing import assert_array_equal

from sknumpynet import NumpyMLPClassifier
from sknumpynet.io import trusted_types

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

ROOT = Path(__file__).parents[2]
N = 60
X = pd.DataFrame(
    {
        "age": np.where(np.arange(N) % 7 == 0, np.nan, np.arange(N)),
        "sex": ["f", "m", None] * (N // 3),
        "joined": pd.date_range("2020-01-01", periods=N),
    }
)
y = np.array(["no", "yes"])[np.arange(N) % 2]


@pytest.fixture(scope="module")
def model():
    return NumpyMLPClassifier((4,), max_iter=3, random_state=0).fit(X, y)


def elsewhere(code, path):
    """What a new process computes, which has imported no more than the code does."""
    X.to_pickle(path / "X.pkl")
    program = (
        "import numpy as np, pandas as pd\n"
        f"X = pd.read_pickle('X.pkl')\n{code}\nnp.save('p.npy', model.predict_proba(X))\n"
    )
    subprocess.run([sys.executable, "-W", "error", "-c", program], cwd=path, env=environment(),
                   check=True)  # fmt: skip
    return np.load(path / "p.npy")


def environment():
    return os.environ | {"PYTHONPATH": str(ROOT)}


def test_skops(model, tmp_path):
    skops.io.dump(model, tmp_path / "model.skops")
    code = (
        "import skops.io\nfrom sknumpynet.io import trusted_types\n"
        "model = skops.io.load('model.skops', trusted=trusted_types())"
    )
    assert_array_equal(elsewhere(code, tmp_path), model.predict_proba(X))


def test_joblib(model, tmp_path):
    joblib.dump(model, tmp_path / "model.joblib")
    code = "import joblib\nmodel = joblib.load('model.joblib')"
    assert_array_equal(elsewhere(code, tmp_path), model.predict_proba(X))


def test_importing_the_module_imports_no_skops():
    code = "import sys, sknumpynet.io as io; io.trusted_types(); assert 'skops' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, env=environment())


@pytest.mark.slow
# Of its own packages, which deprecate names of each other.
@pytest.mark.filterwarnings("ignore")
def test_mlflow(model, tmp_path, monkeypatch):
    """In a folder, and in a run whose store is a file: neither needs a server."""
    mlflow = pytest.importorskip("mlflow")
    pytest.importorskip("mlflow.sklearn")
    monkeypatch.chdir(tmp_path)
    # A data base, which MLflow prefers, needs another package.
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    options = {
        "serialization_format": "skops",
        "skops_trusted_types": trusted_types(),
        # It would look up what is installed, which takes half a minute.
        "pip_requirements": ["sknumpynet"],
    }
    mlflow.sklearn.save_model(model, tmp_path / "saved", **options)
    again = mlflow.sklearn.load_model(str(tmp_path / "saved"))
    assert_array_equal(again.predict_proba(X), model.predict_proba(X))
    served = mlflow.pyfunc.load_model(str(tmp_path / "saved"))
    assert_array_equal(served.predict(X), model.predict(X))
    mlflow.set_tracking_uri((tmp_path / "runs").as_uri())
    with mlflow.start_run():
        logged = mlflow.sklearn.log_model(model, name="model", **options)
    again = mlflow.sklearn.load_model(logged.model_uri)
    assert_array_equal(again.predict_proba(X), model.predict_proba(X))


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_mlflow_refuses_what_is_not_on_the_list(model, tmp_path):
    mlflow = pytest.importorskip("mlflow")
    pytest.importorskip("mlflow.sklearn")
    few = [name for name in trusted_types() if "estimators" not in name]
    with pytest.raises(mlflow.MlflowException, match=r"sknumpynet\.estimators"):
        mlflow.sklearn.save_model(
            model,
            tmp_path / "saved",
            serialization_format="skops",
            skops_trusted_types=few,
            pip_requirements=["sknumpynet"],
        )
