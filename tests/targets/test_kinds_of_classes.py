"""A kind of target of classes is one class: nothing else asks which kind it is."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.special import expit, softmax

from sknumpynet import NumpyMLPClassifier
from sknumpynet.losses import BinaryLogLoss, LossForms, MulticlassLogLoss, SeveralOutputs
from sknumpynet.targets import UnknownClasses
from sknumpynet.targets.classes import LabelReader
from sknumpynet.targets.multilabel import Multilabel
from sknumpynet.targets.several import OneInEach
from sknumpynet.targets.single import OneOfMany, OneOfTwo

FORMS = LossForms(BinaryLogLoss, MulticlassLogLoss, {"label_smoothing": 0.25})
RAW = np.array([[0.5, -1.0, 2.0], [-3.0, 0.0, -0.5]])

# y, classes that the user lists, the kind, the loss, raw scores, codes and labels for these.
KINDS = {
    "three": (
        *(["a", "c", "b"], None, OneOfMany, MulticlassLogLoss(3, 0.25)),
        *(RAW, [2, 1], ["c", "b"]),
    ),
    "one": (["a", "a"], None, OneOfMany, MulticlassLogLoss(1, 0.25), RAW[:, :1], [0, 0], ["a"] * 2),
    "two": (["b", "a"], None, OneOfTwo, BinaryLogLoss(0.25), RAW[:, :1], [1, 0], ["b", "a"]),
    "two, listed": ([5], [4, 5], OneOfTwo, BinaryLogLoss(0.25), RAW[:, :1], [1, 0], [5, 4]),
    "labels": (
        *([[1, 0, 1], [0, 0, 1]], None, Multilabel, BinaryLogLoss(0.25)),
        *(RAW, [[1, 0, 1], [0, 0, 0]], [[1, 0, 1], [0, 0, 0]]),
    ),
    "columns": (
        *([[7, 3], [7, 5]], None, OneInEach),
        SeveralOutputs((MulticlassLogLoss(1, 0.25), MulticlassLogLoss(2, 0.25))),
        *(RAW, [[0, 1], [0, 0]], [[7, 5], [7, 3]]),
    ),
    "columns, listed": (
        *([[0, 1], [1, 1]], [[0], [1, 2]], OneInEach),
        SeveralOutputs((MulticlassLogLoss(1, 0.25), MulticlassLogLoss(2, 0.25))),
        *(RAW, [[0, 1], [0, 0]], [[0, 2], [0, 1]]),
    ),
}


@pytest.mark.parametrize("name", KINDS)
def test_a_kind_says_its_loss_and_decides(name):
    y, listed, kind, loss, raw, codes, labels = KINDS[name]
    target = UnknownClasses().learn(np.array(y), listed)
    assert type(target) is kind
    assert target.loss_of(FORMS) == loss
    assert loss.n_raw(target.n_outputs) == raw.shape[1]
    decided = target.decide(raw)
    assert_array_equal(decided, codes)
    assert decided.dtype == np.int64
    assert_array_equal(target.decode(decided), labels)


def probabilities_and_scores(y, raw):
    target = UnknownClasses().learn(np.array(y))
    return target.probabilities(raw, target.loss_of(FORMS)), target.scores(raw)


def test_scores_and_probabilities_of_each_kind():
    p, scores = probabilities_and_scores(["a", "c", "b"], RAW)
    assert_allclose(p, softmax(RAW, axis=1))
    assert_array_equal(scores, RAW)
    p, scores = probabilities_and_scores(["b", "a"], RAW[:, :1])
    assert_allclose(p, np.c_[expit(-RAW[:, 0]), expit(RAW[:, 0])])
    assert_array_equal(scores, RAW[:, 0])
    p, scores = probabilities_and_scores([[1, 0, 1], [0, 0, 1]], RAW)
    assert_allclose(p, expit(RAW))
    assert_array_equal(scores, RAW)
    p, scores = probabilities_and_scores([[7, 3], [7, 5]], RAW)
    for found, expected in zip(p, ([[1], [1]], softmax(RAW[:, 1:], axis=1)), strict=True):
        assert_allclose(found, expected)
    for found, expected in zip(scores, (RAW[:, :1], RAW[:, 1:]), strict=True):
        assert_array_equal(found, expected)


def test_probabilities_have_logarithms():
    far = np.array([[-2000.0, 0.0, 2000.0]])
    for y in (["a", "c", "b"], [[1, 0, 1], [0, 0, 1]]):
        p, _ = probabilities_and_scores(y, far)
        assert np.isfinite(np.log(p)).all()
    p, _ = probabilities_and_scores([[1, 0, 1], [0, 0, 1]], far)
    assert np.isfinite(np.log1p(-p)).all()


class InOrder(OneOfMany):
    """A fourth kind: classes in an order, one score for each step of it, y in indicators."""

    kind = "in order"

    @property
    def n_outputs(self):
        return len(self.classes) - 1

    def loss_of(self, losses):
        return losses.of_labels()

    def encode(self, codes, dtype):
        return (codes[:, np.newaxis] > np.arange(self.n_outputs)).astype(dtype)

    def decide(self, raw):
        return (raw > 0).sum(axis=1)

    def probabilities(self, raw, loss):
        p = loss.predict(raw)
        return np.maximum(-np.diff(p, axis=1, prepend=1.0, append=0.0), 0.0)


class Levels(LabelReader):
    def learn(self, y, classes=None):
        return InOrder(np.unique(y))


class OrderedClassifier(NumpyMLPClassifier):
    def _new_target(self):
        return Levels()


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_a_fourth_kind_is_one_class():
    X = np.random.default_rng(0).normal(size=(150, 2))
    y = np.digitize(X[:, 0], [-1.0, 0.0, 1.0]) * 10
    options = {"early_stopping": True, "scoring": "accuracy", "class_weight": "balanced"}
    model = OrderedClassifier((8,), learning_rate_init=0.05, max_iter=40, random_state=0, **options)
    model.fit(X, y)
    assert model.n_outputs_ == 3
    assert model.network_.arrays("b")[-1].shape == (3,)
    assert model.score(X, y) > 0.9
    assert set(model.predict(X)) <= {0, 10, 20, 30}
    assert_allclose(model.predict_proba(X).sum(axis=1), 1.0, atol=0.05)
    assert model.decision_function(X).shape == (150, 3)
