"""The classifier: binary, multiclass and multilabel targets, with any kind of labels.

In: X and labels. Out: labels, probabilities and scores.
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from sklearn.base import ClassifierMixin
from sklearn.utils import Tags, column_or_1d
from sklearn.utils.multiclass import check_classification_targets, type_of_target, unique_labels

from ..encoding import ClassTarget
from ..losses import BinaryLogLoss, MulticlassLogLoss
from .base import BaseNumpyMLP, with_mini_batches
from .class_weight import class_tables, times_class_weight
from .options import CLASSIFIER, COMMON

#: Bounds of a probability, so that its logarithm (and that of a label's opposite) is a number.
LEAST, ALMOST_ONE = float(np.finfo(np.float64).tiny), 1.0 - float(np.finfo(np.float64).epsneg)


class NumpyMLPClassifier(ClassifierMixin, BaseNumpyMLP):
    """Multilayer perceptron classifier on a NumPy core.

    Minimizes the log loss of a softmax (several classes) or of logistic outputs (two classes, or
    one per label of a multilabel target). The output offsets start at the log frequencies of the
    classes.

    Parameters
    ----------
    hidden_layer_sizes : int or sequence of int, default=(100,)
        Units of each hidden layer. An empty sequence gives a linear model.
    activation : {"identity", "logistic", "tanh", "relu"} or a sequence of these, default="relu"
        Function after each hidden layer: one name for all, or one per layer.
    solver : {"adam", "sgd", "lbfgs"}, default="adam"
        "adam" and "sgd" go through mini-batches; "lbfgs" is a quasi-Newton method on all rows at
        once, good for some thousand rows.
    alpha : float, default=0.0001
        Penalty: ``alpha / (2 n_samples) * sum of squared weights`` is added to the mean loss (with
        ``sample_weight``, n_samples is the sum of the weights). It means the same for every solver
        and batch size. >= 0.
    batch_size : int or "auto", default="auto"
        Rows per step of "adam" and "sgd". "auto" makes ``n_samples // 200`` batches of equal size
        (of all rows, if there are fewer than 400). Larger than n_samples means all rows.
    learning_rate : {"constant", "invscaling", "adaptive"}, default="constant"
        Only for "sgd". "invscaling" is ``learning_rate_init / (t + 1) ** power_t`` after t samples;
        "adaptive" divides the rate by 5 each time ``n_iter_no_change`` epochs bring nothing, and
        ends at 1e-6.
    learning_rate_init : float, default=0.001
        Step size of "adam" and "sgd". > 0.
    power_t : float, default=0.5
        Exponent of "invscaling". >= 0.
    max_iter : int, default=200
        Most epochs ("adam", "sgd") or iterations ("lbfgs").
    shuffle : bool, default=True
        Draw a new order of the rows in each epoch.
    random_state : int, RandomState instance or None, default=None
        Seed of the starting weights, the order of the rows and the validation split. An int gives
        the same weights to the last bit in every run.
    tol : float, default=0.0001
        Smallest improvement that counts as one, as a fraction of the loss of the best constant
        prediction (with a scorer in ``scoring``: in the units of the score). "lbfgs" stops when no
        entry of the gradient is larger. >= 0.
    verbose : bool or int, default=False
        Print a line every epoch, or every ``verbose``-th; the first and the last always.
    warm_start : bool, default=False
        Let ``fit`` go on from the present weights, moments and validation rows.
    momentum : float, default=0.9
        Only for "sgd". In [0, 1].
    nesterovs_momentum : bool, default=True
        Only for "sgd" with momentum > 0.
    early_stopping : bool, default=False
        Stop when the validation score has not improved for ``n_iter_no_change`` epochs, and give
        back the weights of the best epoch. Validates on ``X_val`` if it is passed to ``fit``, else
        on rows split off from X, in proportion to the classes. Equal rows stay on one side of the
        split. Neither the unit of a column nor the order of the rows, nor a constant column behind
        the others, changes which rows these are.
    validation_fraction : float, default=0.1
        Fraction of the distinct rows that early stopping splits off. In (0, 1).
    beta_1, beta_2 : float, default=0.9, 0.999
        Decay rates of the moments of "adam". In [0, 1).
    epsilon : float, default=1e-8
        Added to the root of the second moment of "adam". > 0.
    n_iter_no_change : int or inf, default=10
        Training ends after exactly this many epochs without improvement.
    max_fun : int, default=15000
        Most evaluations of the loss by "lbfgs".
    scoring : str or callable, default="loss"
        What early stopping watches: the validation "loss", the name of a scikit-learn scorer, or a
        callable ``(estimator, X, y) -> float``.
    class_weight : dict, list of dicts, "balanced" or None, default=None
        Weight of each class, multiplied with ``sample_weight``. "balanced" gives every class the
        same total. For multilabel targets a list with a dict {0: w, 1: w} per label.
    feature_scaling : {None, "standard", "robust", "quantile"}, default="standard"
        What happens to the columns of X first: mean 0 and variance 1; median 0 and interquartile
        range 1; a normal distribution by quantiles; nothing. Learned from the training rows with
        their weights. Sparse X is never filled in.
    dtype : {"float32", "float64"}, default="float32"
        In which the network is trained. Predictions are always computed in float64.
    n_threads : int or None, default=None
        Threads of the BLAS for matrix products. By default what they are worth, at most what the
        BLAS uses anyway: small networks take one. Set 1 on a machine that is busy with other work,
        where threads wait for each other: beside two busy processes on two cores a fit of 0.3 s
        (20,000 x 50, two layers of 256) took 0.6 s with one thread and 1 to 7 s with two. A BLAS
        rounds differently with another number of threads: set it where results have to be the same
        to the last bit in several processes. The number belongs to the process, so it is set, and
        afterwards given back, from the main thread only: a fit in another thread takes what it
        finds.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The labels in sorted order; the label numbers for a multilabel target.
    n_outputs_ : int
        Columns of the raw scores.
    coefs_, intercepts_ : lists of ndarrays
        Weights (n_in, n_out) and offsets (n_out,) of each layer. They are views of the model:
        changing one changes predictions. They act on the columns as ``feature_scaling`` leaves
        them.
    loss_ : float
        Training loss of the last epoch, with the penalty.
    best_loss_ : float or None
        Lowest training loss of an epoch; None with ``early_stopping``.
    loss_curve_ : list of float
        Training loss of each epoch.
    validation_scores_ : list of float or None
        Score on the validation rows after each epoch; the negative loss with ``scoring="loss"``.
    best_validation_score_ : float or None
        The highest of them, that of the weights given back; None without ``early_stopping``.
    history_ : dict of lists
        ``epoch``, ``loss``, ``validation_loss``, ``score``, ``learning_rate`` and ``seconds`` of
        each epoch, ready for ``pandas.DataFrame``. ``partial_fit`` keeps the last 1000.
    n_iter_ : int
        Epochs (iterations) of the last fit.
    t_ : int
        Rows seen in training.
    n_layers_ : int
        Layers with input and output layer.
    out_activation_ : str
        "logistic" (two classes, multilabel) or "softmax".
    n_features_in_ : int
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of the columns, when X has names that are all strings.
    network_ : Network
        The layers and their parameter vector ``theta``.

    See Also
    --------
    sklearn.neural_network.MLPClassifier : The same parameters, for scaled columns.

    References
    ----------
    Rumelhart, Hinton and Williams (1986), "Learning representations by back-propagating errors".

    Kingma and Ba (2015), "Adam: a method for stochastic optimization", arXiv:1412.6980.

    Examples
    --------
    >>> from sklearn.datasets import load_wine
    >>> from sklearn.model_selection import train_test_split
    >>> from sknumpynet import NumpyMLPClassifier
    >>> X, y = load_wine(return_X_y=True, as_frame=True)
    >>> X_train, X_test, y_train, y_test = train_test_split(X, y, stratify=y, random_state=0)
    >>> model = NumpyMLPClassifier(learning_rate_init=0.01, random_state=0).fit(X_train, y_train)
    >>> model.score(X_test, y_test) > 0.95
    True
    >>> model.predict_proba(X_test[:2]).shape
    (2, 3)
    """

    _options: ClassVar = COMMON | CLASSIFIER

    def __init__(
        self,
        hidden_layer_sizes: Any = (100,),
        activation: Any = "relu",
        *,
        solver: str = "adam",
        alpha: float = 0.0001,
        batch_size: int | str = "auto",
        learning_rate: str = "constant",
        learning_rate_init: float = 0.001,
        power_t: float = 0.5,
        max_iter: int = 200,
        shuffle: bool = True,
        random_state: Any = None,
        tol: float = 1e-4,
        verbose: bool | int = False,
        warm_start: bool = False,
        momentum: float = 0.9,
        nesterovs_momentum: bool = True,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-8,
        n_iter_no_change: float = 10,
        max_fun: int = 15000,
        scoring: Any = "loss",
        class_weight: Any = None,
        feature_scaling: str | None = "standard",
        dtype: str = "float32",
        n_threads: int | None = None,
    ) -> None:
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
        self.solver = solver
        self.alpha = alpha
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.learning_rate_init = learning_rate_init
        self.power_t = power_t
        self.max_iter = max_iter
        self.shuffle = shuffle
        self.random_state = random_state
        self.tol = tol
        self.verbose = verbose
        self.warm_start = warm_start
        self.momentum = momentum
        self.nesterovs_momentum = nesterovs_momentum
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.beta_1 = beta_1
        self.beta_2 = beta_2
        self.epsilon = epsilon
        self.n_iter_no_change = n_iter_no_change
        self.max_fun = max_fun
        self.scoring = scoring
        self.class_weight = class_weight
        self.feature_scaling = feature_scaling
        self.dtype = dtype
        self.n_threads = n_threads

    def fit(
        self,
        X: Any,
        y: Any,
        sample_weight: Any = None,
        *,
        X_val: Any = None,
        y_val: Any = None,
        sample_weight_val: Any = None,
    ) -> NumpyMLPClassifier:
        """Train on X and y.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features)
            Raw columns will do, see ``feature_scaling``. float32 and float64 arrays, also
            memory-mapped ones, and CSR matrices are not copied.
        y : array-like of shape (n_samples,) or (n_samples, n_labels)
            Labels of any kind, or the 0/1 indicator matrix of a multilabel target.
        sample_weight : array-like of shape (n_samples,), optional
            >= 0. A row of weight 2 counts as that row twice, one of weight 0 not at all.
        X_val, y_val, sample_weight_val : optional
            Rows to validate on after every epoch; with ``early_stopping`` they decide when to stop.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If a parameter is not what it may be, or X, y or weights cannot be used. The estimator
            is then what it was before.
        """
        return self._fit(X, y, sample_weight, (X_val, y_val, sample_weight_val))

    @with_mini_batches
    def partial_fit(
        self, X: Any, y: Any, sample_weight: Any = None, classes: Any = None
    ) -> NumpyMLPClassifier:
        """Train for one epoch on X and y, going on from the present weights.

        Scaling, starting offsets and weights are those of the first call. ``early_stopping`` does
        not apply.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features)
        y : array-like of shape (n_samples,) or (n_samples, n_labels)
        sample_weight : array-like of shape (n_samples,), optional
        classes : array-like of shape (n_classes,), optional
            All labels that will ever come; needed in the first call.

        Returns
        -------
        self
        """
        if isinstance(self.class_weight, str):
            raise ValueError(
                "partial_fit does not support class_weight='balanced': it sees only a part of y. "
                "Pass a dict of weights."
            )
        self._check_classes(classes)
        return self._fit(X, y, sample_weight, incremental=True, classes=classes)

    def predict(self, X: Any) -> np.ndarray:
        """The most probable label of each row, or the indicator of labels with probability > 1/2.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features)

        Returns
        -------
        ndarray of shape (n_samples,) or (n_samples, n_labels)
        """
        raw = self._raw_scores(X)
        if self._target.indicator:
            codes = (raw > 0).astype(np.int64)
            return self._target.decode(codes.ravel() if self._target.binary else codes)
        return self._target.decode(raw.argmax(axis=1))

    def decision_function(self, X: Any) -> np.ndarray:
        """Raw scores: log odds of the second class or of each label, or log p up to a constant.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features)

        Returns
        -------
        ndarray of shape (n_samples,) for two classes, else (n_samples, n_classes)
        """
        raw = self._raw_scores(X)
        return raw.ravel() if self._target.binary else raw

    def predict_proba(self, X: Any) -> np.ndarray:
        """Probability of each class (of each label, for a multilabel target).

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features)

        Returns
        -------
        ndarray of shape (n_samples, n_classes)
            Columns in the order of ``classes_``; one column of ones if y had a single class. Never
            0, and for a label of a multilabel target never 1.
        """
        raw = self._raw_scores(X)
        if self._target.binary:
            # Both log odds: 1 - p of the one would lose small probabilities of the other.
            raw = np.hstack([-raw, raw])
        most = ALMOST_ONE if self._target.kind == "multilabel" else 1.0
        return np.clip(self._loss.inverse_link(raw), LEAST, most)

    def predict_log_proba(self, X: Any) -> np.ndarray:
        """Logarithm of ``predict_proba``.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features)

        Returns
        -------
        ndarray of shape (n_samples, n_classes)
        """
        return np.log(self.predict_proba(X))

    # Targets.

    def _check_classes(self, classes: Any) -> None:
        known = getattr(self, "classes_", None)
        if classes is None and known is None:
            raise ValueError("classes must be passed on the first call to partial_fit.")
        if classes is None or known is None:
            return
        if not np.array_equal(known, unique_labels(classes)):
            raise ValueError(
                f"classes={classes!r} is not the same as on the last call to partial_fit, was: "
                f"{known!r}."
            )

    def _check_y(self, y: Any) -> Any:
        kind = type_of_target(y)
        if kind not in ("binary", "multiclass"):
            check_classification_targets(y)
        if kind == "multiclass-multioutput":
            raise ValueError(
                f"{type(self).__name__} takes one class per row or a 0/1 indicator of labels. Got "
                f"y of shape {y.shape} with other values: fit a MultiOutputClassifier of it."
            )
        if kind == "multilabel-indicator":
            return y.toarray() if hasattr(y, "toarray") else y
        return y if y.ndim == 1 else column_or_1d(y, warn=True)

    def _learn_target(self, y: Any, classes: Any) -> None:
        kind = "multilabel" if y.ndim == 2 else "single"
        given = classes is not None and kind == "single"
        self._target = ClassTarget(kind).fit(classes if given else y)
        self.classes_ = self._target.classes
        self.n_outputs_ = self._target.n_outputs
        several = not self._target.indicator
        self._loss = MulticlassLogLoss(len(self.classes_)) if several else BinaryLogLoss()

    def _codes(self, y: Any, *, again: bool = False) -> np.ndarray:
        kind = "multilabel" if y.ndim == 2 else "single"
        if kind != self._target.kind or (kind == "multilabel" and y.shape[1] != self.n_outputs_):
            raise ValueError(
                f"y of shape {y.shape} is another kind of target than the one that is fitted: "
                f"{self._target.kind}, {len(self.classes_)} classes."
            )
        codes = self._target.codes(y)
        if kind == "multilabel":
            return codes
        present = np.unique(codes)
        unknown = present[0] < 0
        if again and (unknown or len(present) < len(self.classes_)):
            raise ValueError(
                "warm_start can only be used where `y` has the same classes as in the previous "
                f"call to fit. Previously got {self.classes_}, `y` has {np.unique(y)}"
            )
        if unknown:
            raise ValueError(
                "`y` has classes not in `self.classes_`. "
                f"`self.classes_` has {self.classes_}. 'y' has {np.unique(y)}."
            )
        return codes

    def _encode(self, codes: np.ndarray) -> np.ndarray:
        return self._target.encode(codes, np.dtype(self.dtype))

    def _strata(self, codes: np.ndarray) -> np.ndarray | None:
        return codes if self._target.kind == "single" else None

    def _learn_class_weight(self, codes: np.ndarray, weight: np.ndarray | None) -> None:
        self._class_tables = class_tables(self.class_weight, self._target, codes, weight)

    def _times_class_weight(self, codes: np.ndarray, weight: np.ndarray | None) -> Any:
        return times_class_weight(self._class_tables, codes, weight)

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags
