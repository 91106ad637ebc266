"""What a fitted network is, as text, HTML and a frame, also in scikit-learn's representation."""

import numpy as np
import pytest
import sklearn
from sklearn.datasets import load_iris
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sknumpynet import NumpyMLPClassifier, NumpyMLPRegressor, TabularMLPClassifier
from sknumpynet.inspection import summary

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

X, y = load_iris(return_X_y=True)
SHORT = {"max_iter": 2, "random_state": 0}


@pytest.mark.parametrize(
    "options",
    [
        {"hidden_layer_sizes": (7, 5)},
        {"hidden_layer_sizes": ()},
        {"hidden_layer_sizes": (7, 7, 5), "residual": True, "normalization": "batch"},
        {"n_members": 3, "numeric_embedding": "cosine", "dropout": 0.1},
        {"n_members": 2, "numeric_embedding": "piecewise_linear", "hidden_layer_sizes": (4,)},
    ],
)
def test_numbers_are_those_of_the_vector_and_shapes_those_of_a_pass(options):
    est = NumpyMLPClassifier(**SHORT | options).fit(X, y)
    found, network = summary(est), est.network_
    assert found.n_parameters == network.theta.size == sum(x.n_parameters for x in found.layers)
    assert found.n_bytes == network.theta.nbytes
    assert found.n_trained == network.layout.n_trained
    assert found.as_frame()["n_parameters"].sum() == found.n_parameters
    n_hidden = len(est.coefs_) - 1
    of_hidden = [line for line in found.layers if line.hidden is not None]
    assert [line.hidden for line in of_hidden] == list(range(n_hidden))
    for number, line in enumerate(of_hidden):
        assert est.transform(X, layer=number).shape[1] == line.n_rows * line.n_out
    assert found.layers[-1].n_out == 3


def test_of_one_layer():
    """4 x 5 weights and 5 offsets, 5 x 1 and 1."""
    est = NumpyMLPRegressor((5,), **SHORT).fit(X, y)
    lines = repr(summary(est)).splitlines()
    assert lines[0] == "NumpyMLPRegressor: 4 columns of X; 124 bytes in float32"
    shown = [line.split() for line in lines[3:]]
    assert shown[0] == ["Columns", "4"]
    assert shown[1] == ["Linear", "(hidden", "layer", "0)", "5", "25"]
    assert shown[3] == ["Linear", "1", "6"]
    assert shown[-1] == ["All", "31"]
    assert "to go on" not in lines[0]


def test_bags_and_what_is_kept_to_go_on():
    bags = TabularMLPClassifier((4,), **SHORT, n_members=2, n_bags=3).fit(X, y)
    found = summary(bags)
    assert (found.n_models, found.n_bytes) == (3, 3 * 4 * found.n_parameters)
    assert "All, of each of 3 networks" in repr(found)
    options = {"solver": "adam", "ema_decay": None, "warm_start": True}
    warm = NumpyMLPRegressor((5,), **options, **SHORT).fit(X, y)
    # Two moments of 31 parameters.
    assert summary(warm).n_bytes_to_go_on == 2 * 31 * 4


def test_in_the_html_of_the_estimator():
    est = NumpyMLPClassifier((7,), **SHORT)
    plain = est._repr_html_()
    assert "Network" not in plain
    est.fit(X, y)
    for html in (est._repr_html_(), est._repr_mimebundle_()["text/html"]):
        assert html.index("Network: 59 parameters") > html.index("NumpyMLPClassifier")
        assert html.count("<details") == html.count("</details>")
        assert html.count('<table class="sknumpynet-table">') == 1
        assert html.count("<td>Relu</td>") == 1
    assert "NumpyMLPClassifier" in est._repr_mimebundle_()["text/plain"]
    with sklearn.config_context(display="text"):
        assert not hasattr(est, "_repr_html_")
        assert "text/html" not in est._repr_mimebundle_()
    # Within a diagram of scikit-learn's own, too.
    assert "NumpyMLPClassifier" in make_pipeline(StandardScaler(), est)._repr_html_()


def test_text_in_html_is_escaped():
    est = NumpyMLPClassifier((7,), **SHORT).fit(X, y)
    found = summary(est)
    object.__setattr__(found.layers[0], "name", "<b>&")
    assert "&lt;b&gt;&amp;" in found._repr_html_()


def test_what_cannot_be_looked_into():
    with pytest.raises(NotFittedError):
        summary(NumpyMLPClassifier())
    with pytest.raises(TypeError, match=r"of a Pipeline, pass its last step"):
        summary(make_pipeline(StandardScaler(), NumpyMLPClassifier()))
    search = GridSearchCV(NumpyMLPClassifier(**SHORT), {"alpha": [1e-3]}, cv=2).fit(X, y)
    with pytest.raises(TypeError, match="of a GridSearchCV, pass best_estimator_"):
        summary(search)
    with pytest.raises(TypeError, match="Got array"):
        summary(np.zeros(3))
