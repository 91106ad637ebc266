"""What ``random_state`` may be, and what is the same where it is."""

import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.ensemble import BaggingClassifier
from sklearn.model_selection import GridSearchCV
from sklearn.utils import check_random_state

from sknumpynet import (
    NumpyMLPClassifier,
    NumpyMLPRegressor,
    TabularMLPClassifier,
    TabularMLPRegressor,
)

ESTIMATORS = [NumpyMLPClassifier, NumpyMLPRegressor, TabularMLPClassifier, TabularMLPRegressor]
SMALL = {"hidden_layer_sizes": (4,), "max_iter": 3}
SOURCES = {
    "Generator": lambda: np.random.default_rng(5),
    "Generator of another kind": lambda: np.random.Generator(np.random.MT19937(5)),
    "SeedSequence": lambda: np.random.SeedSequence(5),
    "RandomState": lambda: np.random.RandomState(5),
    "int": lambda: 5,
    "NumPy's int": lambda: np.uint32(5),
}
#: Those that every fit takes numbers from.
USED_UP = ("Generator", "Generator of another kind", "RandomState")
rng = np.random.default_rng(0)
X = rng.standard_normal((60, 3))
y = np.arange(60) % 2

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def weights(model):
    return model.network_.theta.copy()


def numpys_own():
    return check_random_state(None).get_state()[1].copy()


@pytest.mark.parametrize("kind", SOURCES)
@pytest.mark.parametrize("estimator_class", ESTIMATORS)
def test_equal_sources_give_the_same_bits(estimator_class, kind):
    one, other = (estimator_class(**SMALL, random_state=SOURCES[kind]()) for _ in range(2))
    first = weights(one.fit(X, y))
    assert np.array_equal(first, weights(other.fit(X, y)))
    again = weights(one.fit(X, y))
    assert np.array_equal(first, again) == (kind not in USED_UP)
    # The second fit of an equal source is the same, too.
    assert np.array_equal(again, weights(other.fit(X, y)))


@pytest.mark.parametrize("kind", SOURCES)
@pytest.mark.parametrize("estimator_class", ESTIMATORS)
def test_of_clones_copies_and_pickles(estimator_class, kind):
    model = estimator_class(**SMALL, random_state=SOURCES[kind]())
    copies = [clone(model), pickle.loads(pickle.dumps(model)), clone(clone(model))]
    first = weights(model.fit(X, y))
    for copy in copies:
        assert np.array_equal(first, weights(copy.fit(X, y)))
    fitted = pickle.loads(pickle.dumps(model))
    assert np.array_equal(fitted.predict(X), model.predict(X))
    assert np.array_equal(weights(fitted.fit(X, y)), weights(model.fit(X, y)))


@pytest.mark.parametrize("kind", SOURCES)
def test_with_bags_members_and_layers_that_draw(kind):
    options = {**SMALL, "n_bags": 3, "dropout": 0.3, "n_members": 2}
    one, other = (NumpyMLPRegressor(**options, random_state=SOURCES[kind]()) for _ in range(2))
    assert np.array_equal(one.fit(X, y).predict(X), other.fit(X, y).predict(X))


@pytest.mark.parametrize("kind", SOURCES)
def test_training_goes_on_by_itself(kind):
    """After the first call the generators are the estimator's own."""
    one, other = (NumpyMLPClassifier(**SMALL, random_state=SOURCES[kind]()) for _ in range(2))
    one.partial_fit(X, y, classes=[0, 1]).partial_fit(X, y)
    other.partial_fit(X, y, classes=[0, 1])
    other = pickle.loads(pickle.dumps(other)).partial_fit(X, y)
    assert np.array_equal(weights(one), weights(other))


@pytest.mark.parametrize("kind", SOURCES)
def test_in_a_search_and_in_a_bagging(kind):
    def found():
        model = NumpyMLPClassifier(**SMALL, random_state=SOURCES[kind]())
        search = GridSearchCV(model, {"alpha": [0.1, 1.0]}, cv=2, error_score="raise").fit(X, y)
        bagged = BaggingClassifier(model, n_estimators=2, random_state=0).fit(X, y)
        return search.cv_results_["mean_test_score"], bagged.predict_proba(X)

    for one, other in zip(found(), found(), strict=True):
        assert np.array_equal(one, other)


def test_as_a_candidate_of_a_search():
    candidates = [np.random.default_rng(0), np.random.SeedSequence(1), 2]
    model = NumpyMLPClassifier(**SMALL)
    search = GridSearchCV(model, {"random_state": candidates}, cv=2, error_score="raise")
    assert search.fit(X, y).best_params_["random_state"] in candidates


def test_another_source_gives_others():
    sources = [np.random.default_rng(1), np.random.default_rng(2), np.random.SeedSequence(1), 1]
    found = [weights(NumpyMLPRegressor(**SMALL, random_state=s).fit(X, y)) for s in sources]
    assert len({theta.tobytes() for theta in found}) == len(sources)


def test_a_seed_sequence_and_the_global_generator_are_left_as_they_are():
    sequence = np.random.SeedSequence(3)
    before, state = (sequence.n_children_spawned, sequence.state), numpys_own()
    NumpyMLPRegressor(**SMALL, random_state=sequence).fit(X, y)
    assert (sequence.n_children_spawned, sequence.state) == before
    assert np.array_equal(state, numpys_own())


@pytest.mark.parametrize(
    "value", [-1, 2**32, 10**400, True, 1.0, np.nan, "0", [1], np.array([1, 2]), object()]
)
@pytest.mark.parametrize("estimator_class", ESTIMATORS)
def test_what_no_seed_can_be(estimator_class, value):
    with pytest.raises(ValueError, match="random_state of .* must be .* a Generator or a SeedSeq"):
        estimator_class(random_state=value).fit(X, y)
