# Written by .ci/write_stub.py: change the estimators, and run it.
"""Step 8 of 9: scikit-learn. Classifiers and regressors, and what is read of a fitted one."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, overload

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import ClassifierMixin, RegressorMixin
from typing_extensions import Self

from ..losses import Loss
from ..network import Activation
from ..options.stopping import Splitter
from .given import Frame, Target, Weights
from .base import BaseNumpyMLP
from .tabular import TabularParameters
from sknumpynet.options.groups import ClassifierParameters
from sknumpynet.options.groups import RegressorParameters

__all__ = [
    "NumpyMLPClassifier",
    "NumpyMLPRegressor",
    "TabularMLPClassifier",
    "TabularMLPRegressor",
]

class NumpyMLPClassifier(ClassifierMixin, ClassifierParameters, BaseNumpyMLP):
    """Multilayer perceptron classifier on a NumPy core.

    Minimizes the log loss of a softmax (several classes) or of logistic outputs (two classes, or
    one per label of a multilabel target), or the focal loss of these (``loss``). The output offsets
    start at the best constant, for the log loss the log frequencies of the classes. A y of several
    columns with classes (several outputs) has a softmax for each, and their losses are added.

    Parameters
    ----------

    Network options

    hidden_layer_sizes : int, sequence of int or "auto", default=(256, 128)
        Units of each hidden layer. An empty sequence gives a linear model. "auto" is (256, 128)
        for ``NumpyMLP*``; for ``TabularMLP*`` (64, 64) up to 1,000 training rows and where few rows
        are of other classes (see ``n_bags``), and (128, 128, 128) for more of them and where
        ``partial_fit`` begins.
    activation : {"identity", "logistic", "tanh", "relu", "leaky_relu", "elu", "selu", "gelu", "silu", "mish", "softplus", "hard_tanh", "softsign"}, Activation, or a sequence of these, default="relu"
        Function after each hidden layer: one for all, or one per layer. Beside the names it may
        be one of your own, see :class:`sknumpynet.Activation`.
    dropout : float or sequence of float, default=0.0
        Rate at which units of a hidden layer are left out by chance, at every step of training
        anew: one for all layers, or one per layer. Predictions use all units. Behind "selu" it is
        alpha-dropout, which keeps mean and variance. Not for "lbfgs".
    normalization : {None, "batch", "layer"}, default=None
        Bring hidden units to mean 0 and variance 1 before their activation: over the rows of a
        "batch", by their weights (a prediction uses running averages of these), or over the units
        of a "layer", row by row. Scale and shift behind it are learned, and not decayed. "batch"
        is not for "lbfgs".
    residual : bool, default=False
        Add to each hidden layer but the first what it was given; where the width changes,
        through a matrix, which is not among ``coefs_``. The order is: linear, normalization,
        activation, dropout, sum. For deep networks.
    init : {"auto", "glorot_uniform", "glorot_normal", "he_uniform", "he_normal", "lecun_uniform", "lecun_normal", "orthogonal"}, default="auto"
        How the weights of hidden layers are drawn. "auto" is what suits their activation, so
        that signals keep their size: between "relu" layers He's, between "tanh" layers Glorot's,
        otherwise LeCun's times 1 / sqrt(E[f(z)^2]); at the columns of the table Glorot's, for
        "selu" LeCun's. A name stands for what its paper says; "orthogonal" has the size of He's.
        With ``residual``, those of L blocks are divided by L^0.75.
    numeric_embedding : {None, "auto", "cosine", "piecewise_linear"}, default="auto"
        Turns every number into ``embedding_width`` of them, by functions that are learned, so
        that the network finds steps and waves in it. "cosine": the number itself and cosines of it,
        ``a cos(2 pi (w x + v)) + c``, where a starts at 0, but below 800 training rows at 0.3 for
        the number itself. "piecewise_linear": linear between 48 quantiles of the training rows.
        "auto": the latter, with early stopping in ``fit``, from 600 training rows on
        (``NumpyMLPRegressor``: 300), otherwise None. Numbers of a sparse X are not embedded, which
        a UserWarning tells where it was set; nor, with "auto", those in front of a network without
        hidden layers.
    embedding_width : "auto" or int, default="auto"
        With ``numeric_embedding``: numbers that each number becomes. "auto": 8 below 2,000
        training rows, where few are of other classes (see ``n_bags``), or with
        ``numeric_embedding="auto"``, otherwise 24, and fewer where they would be more than 1500 in
        all.
    max_frequency : "auto", float or sequence of float, default="auto"
        With ``numeric_embedding="cosine"``: the highest frequency w that cosines start at, in
        cycles per unit of a scaled column. The others lie below, down to 0.03 (a thirtieth of the
        highest, if that is below 1). Of several each holds for as many members, the highest for
        those left over, too: a member never sees frequencies that start above its own. Fewer
        members than values take those in the middle. "auto" is 0.3 below 2,000 training rows and
        where few are of other classes (see ``n_bags``), otherwise (0.3, 1.2, 10).
    n_members : int, default=1
        Networks that are trained at once, and whose predictions are averaged. They share all
        hidden layers, but each multiplies what goes into the first by a vector of its own, and has
        output weights of its own (TabM-mini). A step takes as long as one of so many networks;
        their number of parameters is about that of one.

    Loss options

    loss : {"log_loss", "focal"}, default="log_loss"
        What is minimized: "log_loss", or "focal", in which rows count little that are predicted
        well (``gamma``): its probabilities are nearer to 1/2 than frequencies are.
    gamma : float, default=2.0
        Of the loss "focal", -(1 - p)^gamma log p for the probability p of the true class. >= 0;
        0 is the log loss.
    label_smoothing : float, default=0.0
        Share of each target of "log_loss" that is spread evenly over all classes, which keeps
        probabilities from 0 and 1. In [0, 1).
    class_weight : dict, list of dicts, "balanced" or None, default=None
        Weight of each class, multiplied with ``sample_weight``. "balanced" gives every class the
        same total. For multilabel targets a list with a dict {0: w, 1: w} per label, for several
        outputs one with a dict for each; the weights of a row's labels are multiplied.
    calibrate : bool or "auto", default=False
        Divide the raw scores by the number (a temperature between 1/4 and 4) that gives the
        lowest loss on the validation rows; with ``n_bags`` it is one for all models, by the rows
        that each left out. "auto" does so with bags only. Where there are no validation rows a
        UserWarning tells, in a stream at the first ``partial_fit`` only.

    Training options

    solver : {"lbfgs", "sgd", "adam", "adamw", "muon", "schedule_free", "nadam", "rmsprop", "adagrad", "lion"}, default="adamw"
        "lbfgs" is a quasi-Newton method on all rows at once, good for some thousand rows. The
        others go through mini-batches. "adamw": "adam" with ``weight_decay``. "muon":
        orthogonalised momentum (0.95) for the matrices of hidden layers, the first included, and
        "adamw" for all else. "schedule_free": "adamw" at a constant rate whose averaged weights
        validate and predict. "nadam": "adam" with Nesterov's momentum. "rmsprop" (decay 0.99),
        "adagrad", and "lion" (memory 0.99), which wants a rate 3 to 10 times smaller.
    alpha : float, default=0.0001
        Penalty: ``alpha / (2 n_samples) * sum of squared weights`` is added to the mean loss. It
        means the same for every solver and batch size. With ``sample_weight``, n_samples is the sum
        of the weights: 1000 rows of weight 1/1000 are penalized like a table of one row, for which
        with ``alpha=1`` training converges to a constant; see ``fit``. >= 0. Levels in a large
        embedding (40 times as many as rows in a batch) get it when a batch has them, for all steps
        since.
    weight_decay : float or "auto", default="auto"
        Only for "adamw", "muon", "schedule_free" and "lion", beside ``alpha``, which stays a
        penalty in the loss: every step takes the fraction ``rate * weight_decay`` off the weights
        between layers, whatever the gradient. Biases, scales and embeddings stay. "auto" is 1
        below 10,000 training rows and 0.3 above for "adamw" with early stopping and hidden layers,
        otherwise, and where ``partial_fit`` begins, 0.01. >= 0.
    batch_size : int or "auto", default="auto"
        Rows per step of all solvers but "lbfgs". "auto" makes batches of equal size of about 200
        rows, and below 1,600 rows about 8 steps an epoch of at least 32 rows. Larger than n_samples
        means all rows.
    learning_rate : {"constant", "invscaling", "adaptive", "plateau", "cosine", "cosine_restarts", "one_cycle", "exponential", "step"}, default="constant"
        How the rate changes from ``learning_rate_init`` on. "invscaling", only for "sgd": rate /
        ``(t + 1) ** power_t`` after t samples. "adaptive", only for "sgd": divided by 5 each time
        ``n_iter_no_change`` epochs bring nothing; training ends at 1e-6. "plateau": times
        ``learning_rate_decay`` then; training ends at the fourth time. The others follow the
        planned steps, ``max_iter`` epochs from the beginning of a fit: "cosine" falls to 0;
        "cosine_restarts" does so twice, in half of them each, but with early stopping the second
        time only if the best epoch was among the last fifth of the first;
        "one_cycle" rises from a 25th for the first 0.3 of them, or the share ``warmup``, then falls
        to a 250,000th; "exponential" falls evenly to ``learning_rate_decay`` of the first; "step"
        is multiplied with that at one half and three quarters. A stream has no end, so that in
        ``partial_fit`` these are constant.
    learning_rate_init : float, default=0.002
        Step size of all solvers but "lbfgs"; half of it in ``partial_fit`` after a fit. > 0.
    muon_learning_rate : float or "auto", default="auto"
        Step size of the matrices that "muon" orthogonalises; it rises and falls with the other.
        "auto" is 10 times ``learning_rate_init``. > 0.
    learning_rate_decay : float, default=0.1
        Factor of "plateau", "exponential" and "step". In (0, 1).
    warmup : float, default=0.0
        Share of the planned steps (``max_iter`` epochs) over which the rate first rises evenly
        from near 0, whatever the schedule, which gets the rest of them. Not in ``partial_fit``. In
        [0, 1).
    power_t : float, default=0.5
        Exponent of "invscaling". >= 0.
    momentum : float, default=0.9
        Only for "sgd". In [0, 1].
    nesterovs_momentum : bool, default=True
        Only for "sgd" with momentum > 0.
    beta_1 : float, default=0.9
        Decay rate of the mean gradient of "adam" and its kin. In [0, 1).
    beta_2 : float, default=0.999
        The same of its mean square. In [0, 1).
    epsilon : float, default=1e-08
        Added to the root of the second moment. > 0.
    max_grad_norm : float or None, default=None
        Longest gradient: of a longer one the step takes the direction and this length. Not for
        "lbfgs". > 0.
    ema_decay : float, "auto" or None, default="auto"
        Weights to validate, stop on and predict with are a mean of those after each step, of
        which each counts this much less than the next; training goes on from the raw ones. 0.99
        averages over the last 100 steps or so. "auto" averages over an epoch, 20 to 100 steps; of
        ``NumpyMLP*`` without early stopping, and where ``partial_fit`` begins, it is None; see
        there for a stream after a fit. Not for "lbfgs", nor with "schedule_free", which has an
        average of its own ("auto" is None there). In
        [0, 1).
    shuffle : bool, default=True
        Draw a new order of the rows in each epoch.

    Stopping options

    max_iter : int or "auto", default=200
        Most epochs, of "lbfgs" iterations. "auto" is 200 for ``NumpyMLP*``; for ``TabularMLP*``
        20, or as many as 300 steps take (below 50 rows), 600 (up to 1,000), 2,000 (2,000 to 8,000),
        3,000 (from 12,000 on), and an epoch shows 75,000 rows at most, drawn from all, so that no
        more than 1,500,000 are shown; where few rows are of other classes (see ``n_bags``), 600
        steps of 128 rows. A ConvergenceWarning tells where they cut training short: after 10 or
        fewer, or if the last tenth of them still gained much; not with a ``learning_rate`` that
        falls to its end with them ("cosine", "cosine_restarts", "one_cycle", "exponential",
        "step").
    max_fun : int, default=15000
        Most evaluations of the loss by "lbfgs".
    max_time : float or None, default=None
        Seconds of training. It ends after the step (with "lbfgs" the iteration) that crosses
        them, and with early stopping gives back the best epoch, of which the last may be a part; a
        ConvergenceWarning as for ``max_iter``. A ``learning_rate`` that falls to its end with the
        planned steps, and ``warmup``, then end with the time. The models of ``n_bags`` share
        them: each plans with what is left, divided by the models that are left (with ``n_jobs``:
        with its part of as many rounds as there are). > 0.
    tol : float, default=0.0001
        Smallest improvement that counts as one, as a fraction of the loss of the best constant
        prediction (with a scorer in ``scoring``: in the units of the score). "lbfgs" stops when no
        entry of the gradient is larger. >= 0.
    n_iter_no_change : int, inf or "auto", default="auto"
        Training ends after exactly this many epochs without improvement. "auto" is 10 with early
        stopping in ``fit`` from 600 training rows on, otherwise 20.
    early_stopping : bool or "auto", default="auto"
        Stop when the validation score has not improved for ``n_iter_no_change`` epochs, and give
        back the weights of the best epoch. Validates on ``X_val`` if it is passed to ``fit``, else
        on rows split off from X, of classes in proportion. Equal rows stay on one side of the
        split, and so do those of one of the ``groups`` of ``fit``; no unit of a column, order of
        the rows or constant column changes it. Where no column of 1,000 rows or more has more than
        32 values, rows to come repeat those of X, too: without ``groups`` equal rows fall on either
        side there (and a row of weight 2 on one of them). ``splitter`` says it otherwise. "auto" is
        True from 50 distinct rows on or with ``X_val``, but never for "lbfgs", nor in
        ``partial_fit``, which with True holds rows out by their content.
        Setting it to False alone lets the default layers overfit small tables.
    validation_fraction : float, default=0.1
        Fraction of the distinct rows that early stopping splits off; of all rows where equal
        ones fall on either side, see ``early_stopping``. In (0, 1).
    n_bags : int or "auto", default=1
        Parts of X for each of which a model is trained on all others and validated on it; the
        predictions of all are averaged. 1: a single model. The rows of a part are drawn as those of
        early stopping. Not with ``X_val``, nor where ``partial_fit`` begins. After a fit,
        ``partial_fit`` and ``warm_start`` go on with all models. "auto" is 1 for ``NumpyMLP*``; for
        ``TabularMLP*`` 5 for 50 to 1,000 distinct rows, and for up to 15,000 where at most 250, and
        a twentieth, are of other than the most frequent class, but a single model with
        ``X_val``, with ``warm_start`` from the first fit on, or where ``partial_fit`` begins.
    splitter : splitter, list of (train, validation) or None, default=None
        Which rows validate. A single model has the last split: ``TimeSeriesSplit()`` validates
        on the last rows of X. With ``n_bags`` > 1 each split has a model, and there must be as many
        (with "auto" there are, where it makes several). ``GroupKFold`` and others take the
        ``groups`` of ``fit``. None: rows drawn at random, of which equal ones (but see
        ``early_stopping``) and those of one of the ``groups`` stay together. A splitter decides
        alone: equal rows, ``validation_fraction`` and ``random_state`` do not count. Not used with
        ``X_val``, nor by ``partial_fit``.
    n_jobs : int or None, default=None
        Processes for the models of ``n_bags``, as everywhere in scikit-learn; -1: all cores.
    scoring : str or callable, default="loss"
        What early stopping watches: the validation "loss", the name of a scikit-learn scorer, or
        a callable ``(estimator, X, y) -> float``, which is given the validation rows as they came,
        of a data frame as a data frame.
    on_interrupt : {"keep", "raise"}, default="keep"
        What Ctrl-C does in ``fit``. "keep": training ends, the best epoch (of several models
        those that there are) is kept, and a UserWarning says so. In a search of scikit-learn with
        ``n_jobs=1`` that ends the fit that is under way alone, and the search goes on with the next
        one. "raise": a KeyboardInterrupt, which ends the search, too; the estimator is then what it
        was before.
    warm_start : bool, default=False
        Let ``fit`` go on from the present weights, moments and validation rows, with ``n_bags``
        those of each model.

    Columns options

    categorical_features : "from_dtype", None or array-like of str, int or bool, default="from_dtype"
        Which columns of X are categories. "from_dtype": those of a data frame with a category or
        Enum dtype, and text that spells nothing else (see ``parse_text``); in an array, text that
        spells no numbers. None: none; text that spells no numbers or dates is an error then. Or
        their names, numbers or a mask. A level that ``fit`` has not seen counts as unknown.
    parse_text : bool, default=True
        Whether a column of text is read as what nearly all of its values in ``fit`` spell:
        numbers ("$1,234.50", "12 %", "22 years", "1.2M"; decimal and thousands marks of one kind,
        one currency, one unit, percent as the number before its sign), dates and times (ISO, names
        of months, day and month in the order that the values prove), or yes and no. "?", "n/a" and
        the like, and up to 5 % of other values, are missing then; in ``predict`` whatever does not
        parse. Numbers that are names stay levels: those with leading zeros, few whole numbers,
        codes of equally many digits. What may be wrong is a warning. ``categorical_features`` and
        category dtypes go first.
    max_one_hot : int, default=32
        A category of up to so many levels becomes one 0/1 column each (a single column of -1 and
        1 for two levels that are never missing), of more levels m an embedding of about the square
        root of m columns, at most 16, that is learned. Without hidden layers every category is
        one-hot.
    min_frequency : float, default=2
        Levels of fewer training rows are pooled with the unknown ones, so that the model has
        seen what it does with those. A row counts ``sample_weight``; ``class_weight`` does not
        count. >= 0.
    text_components : int, default=30
        Free text, which is text of several words where at least 9 of 10 rows have one that fewer
        than ``min_frequency`` rows have (names, titles, descriptions), becomes so many numbers, but
        at most one for 10 texts: the directions in which the TF-IDF of sequences of three and four
        letters differs most (``TfidfVectorizer`` and ``TruncatedSVD`` of scikit-learn), learned
        from all rows of ``fit``, and of the first 2,000 letters of a text. One that explains the
        target no better than chance would is left out, as are ids. 0: free text is left out.
    missing_indicator : bool, default=True
        Whether a column of numbers with missing values in the training rows gets a 0/1 column
        that says where. A missing number is the centre of its column (mean, median), one that was
        never missing in training too.
    feature_scaling : {None, "standard", "robust", "quantile"}, default="standard"
        What happens to the columns of X first. None: nothing. "standard": mean 0 and variance 1.
        "robust": median 0 and interquartile range 1. "quantile": a normal distribution, but as
        "standard" for a column of which one value has more than 0.3 of the rows. Except with None,
        columns of two values become zeros and ones, and values beyond 4 are bounded smoothly, by
        10, so that a row far out is not predicted far out. Learned from the training rows with
        their weights. Sparse X is never filled in.

    Computation options

    random_state : int, SeedSequence, Generator, RandomState instance or None, default=None
        Seed of the starting weights, the order of the rows and the validation split. An int or a
        ``numpy.random.SeedSequence`` gives the same weights to the last bit in every fit; from a
        Generator or a RandomState, of which equal ones give the same, every fit takes three new
        numbers.
    verbose : bool or int, default=False
        True or 1 shows a line that follows the training, on a terminal or in a notebook: the
        epoch, losses, the best so far and the time left, "at most" where training may end before
        its limits; with a bar if rich is installed. Into a file or a pipe, and where several
        processes train, it prints a line every epoch instead; a larger number does so everywhere,
        every ``verbose``-th epoch. The first and the last are always printed, and once the time
        left, if that is some seconds. The time is known after a second of the first epoch.
    dtype : {"float32", "float64"}, default="float32"
        In which the network is trained and predicts; predictions are float64 arrays. In float32
        (errors of about 1e-6) the prediction for a row has the same bits whatever rows come with
        it, as also its place, their number and the number of threads. Where the BLAS cannot give
        that, which is tried once in a process, the network predicts in float64, the same to 1e-12:
        MKL, and OpenBLAS on processors with AVX2 but no AVX-512.
    n_threads : int or None, default=None
        Most threads that share the large matrix products of a fit, and in predictions for 16,000
        rows and more the rows. By default as many as there are processors that the process may
        use, or fewer if its BLAS is set to fewer. A fit shares while its steps take less time so
        than alone, which it tries now and then: not beside other busy processes or under a quota.
        The results are the same to the last bit whatever the number. While a fit runs, the BLAS has
        one thread for all others in the process, and afterwards what it had.

    Attributes
    ----------
    n_outputs_ : int
        1 for two classes, otherwise the number of classes, of labels, or of
        several outputs.
    coefs_, intercepts_ : lists of ndarrays
        Weights (n_in, n_out) and offsets (n_out,) of
        each layer. They are views of the model: changing one changes predictions.
        ``coefs_[0]`` acts on the columns as ``feature_scaling`` leaves them, and has a row for
        each of ``encoded_feature_names_``: one for a number, or several
        where ``numeric_embedding`` embeds it (8 by "auto").
    loss_ : float
        Training loss of the last epoch, with the penalty.
    best_loss_ : float or None
        Lowest training loss of an epoch; None with
        ``early_stopping``.
    loss_curve_ : list of float
        Training loss of each epoch.
    validation_scores_ : list of float or None
        Score on the validation rows after each
        epoch; the negative loss with ``scoring="loss"``.
    best_validation_score_ : float or None
        The highest of them, that of the weights given
        back; None without ``early_stopping``.
    history_ : dict of lists
        ``epoch``, ``loss``, ``validation_loss``, ``score``,
        ``learning_rate`` and ``seconds`` of each epoch, ready for ``pandas.DataFrame``.
        ``partial_fit`` keeps the last 1000.
    oof_prediction_ : ndarray or None
        With ``n_bags`` > 1: for each row of X what the
        model predicts that left it out; probabilities, from a classifier. NaN for rows of
        weight 0, for those that no split of ``splitter`` validates on (the first, in time) and,
        after Ctrl-C, those that no finished model left out; the mean, where several did. None
        after ``partial_fit``. The other attributes are those of the first model.
    n_iter_ : int
        Epochs (iterations) of the last fit.
    t_ : int
        Rows seen in training.
    n_layers_ : int
        Layers with input and output layer.
    out_activation_ : str
        "logistic" (two classes, multilabel) or "softmax".
    n_features_in_ : int
        Columns of X.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of the columns, when X
        has names that are all strings.
    encoded_feature_names_ : list of str
        A name for each row of ``coefs_[0]``: "age", "age
        missing", "sex=female", "cabin[3]" (of an embedded level or number), "joined: sin of
        week".
    report_ : Report
        What the fit did: what became of each column of X and why, rows used
        and held out, losses beside those of the best constant, which epoch was kept. Print it,
        look at it in a notebook, or take ``report_.as_frame()``. Of ``partial_fit`` it is about
        the last call.
    best_iteration_ : int or None
        The epoch (iteration) whose weights were kept, counted
        from 1 and from the first fit; None for starting weights.
    converged_ : bool
        Whether training ended because it gained nothing any more. Of a
        stream, with ``early_stopping=True``: in the last call of ``partial_fit``, which has
        given back the best weights.
    network_ : Network
        The layers and their parameter vector ``theta``.
    classes_ : ndarray of shape (n_classes,)
        The labels in sorted order; the label numbers
        for a multilabel target; for several outputs a list with the labels of each.

    See Also
    --------
    sklearn.neural_network.MLPClassifier : The same parameters, for scaled columns.
    sknumpynet.search_space : The five options that are worth tuning, and over what range.

    Notes
    -----
    What to tune, in the order of what it gains: ``weight_decay`` (or ``alpha`` of "adam"),
    ``learning_rate_init``, ``numeric_embedding``, ``feature_scaling``, ``hidden_layer_sizes``. On
    twelve tables the best of 20 random candidates had 0.95 of the loss of former defaults (median).
    Measured in ``examples/benchmarks/DECISIONS.md`` of the repository, under "What to tune".

    References
    ----------
    Rumelhart, Hinton and Williams (1986), "Learning representations by back-propagating errors".

    Kingma and Ba (2015), "Adam: a method for stochastic optimization", arXiv:1412.6980.

    Loshchilov and Hutter (2019), "Decoupled weight decay regularization", arXiv:1711.05101.

    Gorishniy, Rubachev and Babenko (2022), "On embeddings for numerical features in tabular deep
    learning", arXiv:2203.05556.

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
    n_outputs_: int
    loss_: float
    best_loss_: float | None
    best_validation_score_: float | None
    history_: dict[str, list[Any]]
    oof_prediction_: np.ndarray | Any
    n_iter_: int
    t_: int
    n_layers_: int
    out_activation_: str
    n_features_in_: int
    feature_names_in_: np.ndarray | Any
    classes_: np.ndarray | Any
    def __init__(
        self,
        hidden_layer_sizes: int | Literal["auto"] | Sequence[int] | np.ndarray = (256, 128),
        activation: Literal["identity", "logistic", "tanh", "relu", "leaky_relu", "elu", "selu", "gelu", "silu", "mish", "softplus", "hard_tanh", "softsign"] | Activation | type[Activation] | Sequence[Literal["identity", "logistic", "tanh", "relu", "leaky_relu", "elu", "selu", "gelu", "silu", "mish", "softplus", "hard_tanh", "softsign"] | Activation | type[Activation]] = "relu",
        *,
        dropout: float | Sequence[float] | np.ndarray = 0.0,
        normalization: Literal["batch", "layer"] | None = None,
        residual: bool = False,
        init: Literal["auto", "glorot_uniform", "glorot_normal", "he_uniform", "he_normal", "lecun_uniform", "lecun_normal", "orthogonal"] = "auto",
        numeric_embedding: Literal["auto", "cosine", "piecewise_linear"] | None = "auto",
        embedding_width: int | Literal["auto"] = "auto",
        max_frequency: float | Literal["auto"] | Sequence[float] | np.ndarray = "auto",
        n_members: int = 1,
        loss: Literal["log_loss", "focal"] = "log_loss",
        gamma: float = 2.0,
        label_smoothing: float = 0.0,
        class_weight: Mapping[Any, float] | Sequence[Mapping[Any, float]] | Literal["balanced"] | None = None,
        calibrate: bool | Literal["auto"] = False,
        solver: Literal["lbfgs", "sgd", "adam", "adamw", "muon", "schedule_free", "nadam", "rmsprop", "adagrad", "lion"] = "adamw",
        alpha: float = 0.0001,
        weight_decay: float | Literal["auto"] = "auto",
        batch_size: int | Literal["auto"] = "auto",
        learning_rate: Literal["constant", "invscaling", "adaptive", "plateau", "cosine", "cosine_restarts", "one_cycle", "exponential", "step"] = "constant",
        learning_rate_init: float = 0.002,
        muon_learning_rate: float | Literal["auto"] = "auto",
        learning_rate_decay: float = 0.1,
        warmup: float = 0.0,
        power_t: float = 0.5,
        momentum: float = 0.9,
        nesterovs_momentum: bool = True,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-08,
        max_grad_norm: float | None = None,
        ema_decay: float | Literal["auto"] | None = "auto",
        shuffle: bool = True,
        max_iter: int | Literal["auto"] = 200,
        max_fun: int = 15000,
        max_time: float | None = None,
        tol: float = 0.0001,
        n_iter_no_change: float | Literal["auto"] = "auto",
        early_stopping: bool | Literal["auto"] = "auto",
        validation_fraction: float = 0.1,
        n_bags: int | Literal["auto"] = 1,
        splitter: Splitter | Sequence[tuple[ArrayLike, ArrayLike]] | None = None,
        n_jobs: int | None = None,
        scoring: str | Callable[[Any, Any, Any], float] = "loss",
        on_interrupt: Literal["keep", "raise"] = "keep",
        warm_start: bool = False,
        categorical_features: Literal["from_dtype"] | Sequence[str | int | bool] | np.ndarray | None = "from_dtype",
        parse_text: bool = True,
        max_one_hot: int = 32,
        min_frequency: float = 2,
        text_components: int = 30,
        missing_indicator: bool = True,
        feature_scaling: Literal["standard", "robust", "quantile"] | None = "standard",
        random_state: int | np.random.SeedSequence | np.random.Generator | np.random.RandomState | None = None,
        verbose: bool | int = False,
        dtype: Literal["float32", "float64"] | type[np.float32 | np.float64] | np.dtype[Any] = "float32",
        n_threads: int | None = None,
    ) -> None: ...
    def fit(self, X: Frame, y: Target, sample_weight: Weights | None = None, *, X_val: Frame | None = None, y_val: Target | None = None, sample_weight_val: Weights | None = None, groups: Target | None = None) -> Self:
        """Train on X and y.

        Parameters
        ----------
        X : data frame, dict, array-like or sparse matrix of shape (n_samples, n_features)
            Raw columns will do: numbers in any unit (see ``feature_scaling``), with missing values
            (NaN, None, NA), text and dates, and in a frame of pandas, polars or pyarrow columns of
            a category dtype (see ``categorical_features``). float32 and float64 arrays, also
            memory-mapped ones, and CSR matrices are not copied. A dict of columns, ``{"age": [22,
            38]}``, or of the values of one row, ``{"age": 22}``, is read as a frame of such
            objects; later ones by their keys, in any order. A lazy frame (a LazyFrame of
            polars, a relation of duckdb, a dataset of pyarrow) is run once and read batch by batch
            into a file, of 4 bytes a number where float32 holds them all, which no folder shows
            and which is gone after the fit; it is trained from there, with the same bits as the
            eager frame. ``y``, ``sample_weight`` and ``groups`` may then be names of columns in
            it, which are no part of X, or lazy frames, whose rows need to have the same order. The
            folder is that of ``tempfile`` (TMPDIR).
        y : array-like of shape (n_samples,), (n_samples, n_labels) or (n_samples, n_outputs)
            Labels of one kind, any that can be hashed, which come back as they went in; or the 0/1
            indicator matrix of a multilabel target; or several columns of labels. None is missing.
        sample_weight : array-like of shape (n_samples,), optional
            >= 0. A row of weight 2 counts as that row twice, one of weight 0 not at all. So weights
            are more than proportions: their sum is the number of rows that ``alpha`` is divided by.
            With ``alpha=1`` and ``solver="lbfgs"`` on ``load_iris``, weights of 1 give
            probabilities up to 1.00, weights of 1/150, which add to 1, up to 0.33: the penalty of a
            table of one row. Multiply weights that are proportions by the number of rows.
        X_val, y_val, sample_weight_val : optional
            Rows to validate on after every epoch; with ``early_stopping`` they decide when to stop.
            With ``early_stopping=False`` (for "lbfgs" the default, too) they decide nothing: their
            loss is recorded in ``history_``, and ``calibrate`` uses them.
            X_val must be transformed as X is; behind a scaler, leave that to the Pipeline, as in
            the example. A UserWarning names the column if X_val does not look like X.
        groups : array-like of shape (n_samples,), optional
            What rows belong together (a patient, a shop): numbers, text or dates. Rows of one group
            stay on one side of the validation split and in one part of ``n_bags``, so that scores
            and ``oof_prediction_`` are about new groups. Equal rows stay together, too, unless they
            would join groups to more than such a part. The option ``splitter`` is given them. Not
            with ``X_val``; a UserWarning where the options never split.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If a parameter is not what it may be, or X, y or weights cannot be used. The estimator
            is then what it was before.
        TypeError
            If a column of X holds what no column may hold (lists, bytes, complex numbers).

        Examples
        --------
        A Pipeline hands X_val to fit as it is, unless it is told to transform it:

        >>> import sklearn
        >>> from sklearn.datasets import load_wine
        >>> from sklearn.model_selection import train_test_split
        >>> from sklearn.pipeline import make_pipeline
        >>> from sklearn.preprocessing import StandardScaler
        >>> from sknumpynet import NumpyMLPClassifier
        >>> X, y = load_wine(return_X_y=True)
        >>> X_train, X_val, y_train, y_val = train_test_split(X, y, random_state=0)
        >>> with sklearn.config_context(enable_metadata_routing=True):
        ...     net = NumpyMLPClassifier(early_stopping=True, max_iter=1000, random_state=0)
        ...     net = net.set_fit_request(X_val=True, y_val=True)
        ...     model = make_pipeline(StandardScaler(), net, transform_input=["X_val"])
        ...     model = model.fit(X_train, y_train, X_val=X_val, y_val=y_val)
        """
    def partial_fit(self, X: Frame, y: Target, sample_weight: Weights | None = None, classes: Target | None = None) -> Self:
        """Train for one epoch on X and y, going on from the present weights.

        Scaling, levels, starting offsets and weights are those of the first call; so are those of
        a fit before. A number or date that is constant or missing in all rows of a stream's first
        calls is scaled by all rows so far in the call in which it first varies. A UserWarning names
        columns that fewer than 50 rows have fixed, and those of no level or one there in which
        others come later: these count as unknown. After a fit with ``n_bags`` all models go on, on
        all rows.

        After a ``fit`` steps are at half of ``learning_rate_init``, times the root of the share of
        rows where a batch has fewer than those of the fit. "auto" is the fit's ``weight_decay``,
        and an ``ema_decay`` that averages over the rows of 10 of its batches, its weights included,
        in however many calls they come: rows like those of the fit do not undo it, and some tens of
        batches of others do. Many calls with the same rows overfit.

        With ``early_stopping=True`` (not with "auto") rows are held out, ``validation_fraction`` of
        the different ones, by a hash of their columns: in whatever call a row comes, equal rows
        are on one side. Of those of all calls, 4096 at most, which are kept in the model, validate
        after each call, in ``history_``. After ``n_iter_no_change`` calls without improvement the
        call gives back the best weights and sets ``converged_``; a further one goes on from them.

        Parameters
        ----------
        X : data frame, dict, array-like or sparse matrix of shape (n_samples, n_features)
        y : array-like of shape (n_samples,), (n_samples, n_labels) or (n_samples, n_outputs)
        sample_weight : array-like of shape (n_samples,), optional
        classes : array-like of shape (n_classes,) or list of these, optional
            All labels that will ever come, for several outputs a list of those of each; needed in
            the first call.

        Returns
        -------
        self
        """
    def predict(self, X: Frame) -> np.ndarray:
        """The most probable label of each row, or the indicator of labels with probability > 1/2.

        Parameters
        ----------
        X : data frame, dict, array-like or sparse matrix of shape (n_samples, n_features)

        Returns
        -------
        ndarray of shape (n_samples,), (n_samples, n_labels) or (n_samples, n_outputs)
        """
    def score(self, X: Frame, y: Target, sample_weight: Weights | None = None) -> float:
        """Accuracy; for several labels or outputs the share of rows in which all are right.

        A label that is none of ``classes_`` counts as wrong.

        Parameters
        ----------
        X : data frame, dict, array-like or sparse matrix of shape (n_samples, n_features)
        y : array-like of shape (n_samples,), (n_samples, n_labels) or (n_samples, n_outputs)
        sample_weight : array-like of shape (n_samples,), optional

        Returns
        -------
        float
        """
    def decision_function(self, X: Frame) -> np.ndarray | Any:
        """Raw scores: log odds of the second class or of each label, or log p up to a constant.

        Parameters
        ----------
        X : data frame, dict, array-like or sparse matrix of shape (n_samples, n_features)

        Returns
        -------
        ndarray of shape (n_samples,) for two classes, else (n_samples, n_classes)
            For several outputs a list with one of (n_samples, n_classes) for each.
        """
    def predict_proba(self, X: Frame) -> np.ndarray | Any:
        """Probability of each class (of each label, for a multilabel target).

        Parameters
        ----------
        X : data frame, dict, array-like or sparse matrix of shape (n_samples, n_features)

        Returns
        -------
        ndarray of shape (n_samples, n_classes)
            Columns in the order of ``classes_``; one column of ones if y had a single class. Never
            0, and for a label of a multilabel target never 1. For several outputs a list with one
            such array for each, as RandomForestClassifier gives it.
        """
    def predict_log_proba(self, X: Frame) -> np.ndarray | Any:
        """Logarithm of ``predict_proba``.

        Parameters
        ----------
        X : data frame, dict, array-like or sparse matrix of shape (n_samples, n_features)

        Returns
        -------
        ndarray of shape (n_samples, n_classes), for several outputs a list of these
        """
    def set_fit_request(self, *, X_val: bool | str | None = ..., groups: bool | str | None = ..., sample_weight: bool | str | None = ..., sample_weight_val: bool | str | None = ..., y_val: bool | str | None = ...) -> Self: ...
    def set_partial_fit_request(self, *, classes: bool | str | None = ..., sample_weight: bool | str | None = ...) -> Self: ...
    def set_score_request(self, *, sample_weight: bool | str | None = ...) -> Self: ...
    def set_transform_request(self, *, layer: bool | str | None = ...) -> Self: ...

class NumpyMLPRegressor(RegressorMixin, RegressorParameters, BaseNumpyMLP):
    """Multilayer perceptron regressor on a NumPy core.

    Minimizes the squared error, or another loss (``loss``), summed over outputs. Raw columns and
    raw targets train well: both are scaled inside, and the output offsets start at the best
    constant prediction.

    Parameters
    ----------

    Network options

    hidden_layer_sizes : int, sequence of int or "auto", default=(256, 128)
        Units of each hidden layer. An empty sequence gives a linear model. "auto" is (256, 128)
        for ``NumpyMLP*``; for ``TabularMLP*`` (64, 64) up to 1,000 training rows and where few rows
        are of other classes (see ``n_bags``), and (128, 128, 128) for more of them and where
        ``partial_fit`` begins.
    activation : {"identity", "logistic", "tanh", "relu", "leaky_relu", "elu", "selu", "gelu", "silu", "mish", "softplus", "hard_tanh", "softsign"}, Activation, or a sequence of these, default="relu"
        Function after each hidden layer: one for all, or one per layer. Beside the names it may
        be one of your own, see :class:`sknumpynet.Activation`.
    dropout : float or sequence of float, default=0.0
        Rate at which units of a hidden layer are left out by chance, at every step of training
        anew: one for all layers, or one per layer. Predictions use all units. Behind "selu" it is
        alpha-dropout, which keeps mean and variance. Not for "lbfgs".
    normalization : {None, "batch", "layer"}, default=None
        Bring hidden units to mean 0 and variance 1 before their activation: over the rows of a
        "batch", by their weights (a prediction uses running averages of these), or over the units
        of a "layer", row by row. Scale and shift behind it are learned, and not decayed. "batch"
        is not for "lbfgs".
    residual : bool, default=False
        Add to each hidden layer but the first what it was given; where the width changes,
        through a matrix, which is not among ``coefs_``. The order is: linear, normalization,
        activation, dropout, sum. For deep networks.
    init : {"auto", "glorot_uniform", "glorot_normal", "he_uniform", "he_normal", "lecun_uniform", "lecun_normal", "orthogonal"}, default="auto"
        How the weights of hidden layers are drawn. "auto" is what suits their activation, so
        that signals keep their size: between "relu" layers He's, between "tanh" layers Glorot's,
        otherwise LeCun's times 1 / sqrt(E[f(z)^2]); at the columns of the table Glorot's, for
        "selu" LeCun's. A name stands for what its paper says; "orthogonal" has the size of He's.
        With ``residual``, those of L blocks are divided by L^0.75.
    numeric_embedding : {None, "auto", "cosine", "piecewise_linear"}, default="auto"
        Turns every number into ``embedding_width`` of them, by functions that are learned, so
        that the network finds steps and waves in it. "cosine": the number itself and cosines of it,
        ``a cos(2 pi (w x + v)) + c``, where a starts at 0, but below 800 training rows at 0.3 for
        the number itself. "piecewise_linear": linear between 48 quantiles of the training rows.
        "auto": the latter, with early stopping in ``fit``, from 600 training rows on
        (``NumpyMLPRegressor``: 300), otherwise None. Numbers of a sparse X are not embedded, which
        a UserWarning tells where it was set; nor, with "auto", those in front of a network without
        hidden layers.
    embedding_width : "auto" or int, default="auto"
        With ``numeric_embedding``: numbers that each number becomes. "auto": 8 below 2,000
        training rows, where few are of other classes (see ``n_bags``), or with
        ``numeric_embedding="auto"``, otherwise 24, and fewer where they would be more than 1500 in
        all.
    max_frequency : "auto", float or sequence of float, default="auto"
        With ``numeric_embedding="cosine"``: the highest frequency w that cosines start at, in
        cycles per unit of a scaled column. The others lie below, down to 0.03 (a thirtieth of the
        highest, if that is below 1). Of several each holds for as many members, the highest for
        those left over, too: a member never sees frequencies that start above its own. Fewer
        members than values take those in the middle. "auto" is 0.3 below 2,000 training rows and
        where few are of other classes (see ``n_bags``), otherwise (0.3, 1.2, 10).
    n_members : int, default=1
        Networks that are trained at once, and whose predictions are averaged. They share all
        hidden layers, but each multiplies what goes into the first by a vector of its own, and has
        output weights of its own (TabM-mini). A step takes as long as one of so many networks;
        their number of parameters is about that of one.

    Loss options

    loss : {"squared_error", "absolute_error", "huber", "log_cosh", "quantile", "poisson", "gamma", "tweedie", "gaussian_nll"} or Loss, default="squared_error"
        What is minimized, and so what is predicted. The mean: "squared_error" (half of it);
        "poisson" (y >= 0: counts, rates), "gamma" (y > 0) and "tweedie" (``power``), half the
        deviances with a log link; "gaussian_nll", which also learns a standard deviation for each
        row, at least 1/1000 of that of y, see ``predict``. The median: "absolute_error". Between
        mean and median, little moved by outliers: "huber" and its smooth form "log_cosh"
        (``delta``). Quantiles: "quantile" (``quantile``). Or what your own loss says, see
        :class:`sknumpynet.Loss`.
    delta : float or "auto", default="auto"
        The error, in the unit of y, beyond which "huber" and "log_cosh" grow like absolute
        errors. "auto" is a standard deviation of y, or 1 with ``target_scaling=False``. > 0.
    quantile : float or ascending sequence of float, default=0.5
        What the loss "quantile" predicts: one, or several by one network, in which case
        predictions have one more axis, and never cross: they are sorted. In (0, 1).
    power : float, default=1.5
        Of the loss "tweedie", whose variance grows with this power of the mean: 1 is "poisson",
        2 "gamma", 3 the inverse Gaussian; y >= 0 below 2, y > 0 from 2 on. >= 1.
    target_scaling : bool, default=True
        Train on y in units of its own (standard deviations from the mean; multiples of the mean
        for "poisson", "gamma" and "tweedie"; what a Loss of your own says), learned from the
        training rows. Predictions are in the units of y; losses,
        ``alpha`` and ``tol`` refer to the scaled y.

    Training options

    solver : {"lbfgs", "sgd", "adam", "adamw", "muon", "schedule_free", "nadam", "rmsprop", "adagrad", "lion"}, default="adamw"
        "lbfgs" is a quasi-Newton method on all rows at once, good for some thousand rows. The
        others go through mini-batches. "adamw": "adam" with ``weight_decay``. "muon":
        orthogonalised momentum (0.95) for the matrices of hidden layers, the first included, and
        "adamw" for all else. "schedule_free": "adamw" at a constant rate whose averaged weights
        validate and predict. "nadam": "adam" with Nesterov's momentum. "rmsprop" (decay 0.99),
        "adagrad", and "lion" (memory 0.99), which wants a rate 3 to 10 times smaller.
    alpha : float, default=0.0001
        Penalty: ``alpha / (2 n_samples) * sum of squared weights`` is added to the mean loss. It
        means the same for every solver and batch size. With ``sample_weight``, n_samples is the sum
        of the weights: 1000 rows of weight 1/1000 are penalized like a table of one row, for which
        with ``alpha=1`` training converges to a constant; see ``fit``. >= 0. Levels in a large
        embedding (40 times as many as rows in a batch) get it when a batch has them, for all steps
        since.
    weight_decay : float or "auto", default="auto"
        Only for "adamw", "muon", "schedule_free" and "lion", beside ``alpha``, which stays a
        penalty in the loss: every step takes the fraction ``rate * weight_decay`` off the weights
        between layers, whatever the gradient. Biases, scales and embeddings stay. "auto" is 1
        below 10,000 training rows and 0.3 above for "adamw" with early stopping and hidden layers,
        otherwise, and where ``partial_fit`` begins, 0.01. >= 0.
    batch_size : int or "auto", default="auto"
        Rows per step of all solvers but "lbfgs". "auto" makes batches of equal size of about 200
        rows, and below 1,600 rows about 8 steps an epoch of at least 32 rows. Larger than n_samples
        means all rows.
    learning_rate : {"constant", "invscaling", "adaptive", "plateau", "cosine", "cosine_restarts", "one_cycle", "exponential", "step"}, default="constant"
        How the rate changes from ``learning_rate_init`` on. "invscaling", only for "sgd": rate /
        ``(t + 1) ** power_t`` after t samples. "adaptive", only for "sgd": divided by 5 each time
        ``n_iter_no_change`` epochs bring nothing; training ends at 1e-6. "plateau": times
        ``learning_rate_decay`` then; training ends at the fourth time. The others follow the
        planned steps, ``max_iter`` epochs from the beginning of a fit: "cosine" falls to 0;
        "cosine_restarts" does so twice, in half of them each, but with early stopping the second
        time only if the best epoch was among the last fifth of the first;
        "one_cycle" rises from a 25th for the first 0.3 of them, or the share ``warmup``, then falls
        to a 250,000th; "exponential" falls evenly to ``learning_rate_decay`` of the first; "step"
        is multiplied with that at one half and three quarters. A stream has no end, so that in
        ``partial_fit`` these are constant.
    learning_rate_init : float, default=0.002
        Step size of all solvers but "lbfgs"; half of it in ``partial_fit`` after a fit. > 0.
    muon_learning_rate : float or "auto", default="auto"
        Step size of the matrices that "muon" orthogonalises; it rises and falls with the other.
        "auto" is 10 times ``learning_rate_init``. > 0.
    learning_rate_decay : float, default=0.1
        Factor of "plateau", "exponential" and "step". In (0, 1).
    warmup : float, default=0.0
        Share of the planned steps (``max_iter`` epochs) over which the rate first rises evenly
        from near 0, whatever the schedule, which gets the rest of them. Not in ``partial_fit``. In
        [0, 1).
    power_t : float, default=0.5
        Exponent of "invscaling". >= 0.
    momentum : float, default=0.9
        Only for "sgd". In [0, 1].
    nesterovs_momentum : bool, default=True
        Only for "sgd" with momentum > 0.
    beta_1 : float, default=0.9
        Decay rate of the mean gradient of "adam" and its kin. In [0, 1).
    beta_2 : float, default=0.999
        The same of its mean square. In [0, 1).
    epsilon : float, default=1e-08
        Added to the root of the second moment. > 0.
    max_grad_norm : float or None, default=None
        Longest gradient: of a longer one the step takes the direction and this length. Not for
        "lbfgs". > 0.
    ema_decay : float, "auto" or None, default="auto"
        Weights to validate, stop on and predict with are a mean of those after each step, of
        which each counts this much less than the next; training goes on from the raw ones. 0.99
        averages over the last 100 steps or so. "auto" averages over an epoch, 20 to 100 steps; of
        ``NumpyMLP*`` without early stopping, and where ``partial_fit`` begins, it is None; see
        there for a stream after a fit. Not for "lbfgs", nor with "schedule_free", which has an
        average of its own ("auto" is None there). In
        [0, 1).
    shuffle : bool, default=True
        Draw a new order of the rows in each epoch.

    Stopping options

    max_iter : int or "auto", default=200
        Most epochs, of "lbfgs" iterations. "auto" is 200 for ``NumpyMLP*``; for ``TabularMLP*``
        20, or as many as 300 steps take (below 50 rows), 600 (up to 1,000), 2,000 (2,000 to 8,000),
        3,000 (from 12,000 on), and an epoch shows 75,000 rows at most, drawn from all, so that no
        more than 1,500,000 are shown; where few rows are of other classes (see ``n_bags``), 600
        steps of 128 rows. A ConvergenceWarning tells where they cut training short: after 10 or
        fewer, or if the last tenth of them still gained much; not with a ``learning_rate`` that
        falls to its end with them ("cosine", "cosine_restarts", "one_cycle", "exponential",
        "step").
    max_fun : int, default=15000
        Most evaluations of the loss by "lbfgs".
    max_time : float or None, default=None
        Seconds of training. It ends after the step (with "lbfgs" the iteration) that crosses
        them, and with early stopping gives back the best epoch, of which the last may be a part; a
        ConvergenceWarning as for ``max_iter``. A ``learning_rate`` that falls to its end with the
        planned steps, and ``warmup``, then end with the time. The models of ``n_bags`` share
        them: each plans with what is left, divided by the models that are left (with ``n_jobs``:
        with its part of as many rounds as there are). > 0.
    tol : float, default=0.0001
        Smallest improvement that counts as one, as a fraction of the loss of the best constant
        prediction (with a scorer in ``scoring``: in the units of the score). "lbfgs" stops when no
        entry of the gradient is larger. >= 0.
    n_iter_no_change : int, inf or "auto", default="auto"
        Training ends after exactly this many epochs without improvement. "auto" is 10 with early
        stopping in ``fit`` from 600 training rows on, otherwise 20.
    early_stopping : bool or "auto", default="auto"
        Stop when the validation score has not improved for ``n_iter_no_change`` epochs, and give
        back the weights of the best epoch. Validates on ``X_val`` if it is passed to ``fit``, else
        on rows split off from X, of classes in proportion. Equal rows stay on one side of the
        split, and so do those of one of the ``groups`` of ``fit``; no unit of a column, order of
        the rows or constant column changes it. Where no column of 1,000 rows or more has more than
        32 values, rows to come repeat those of X, too: without ``groups`` equal rows fall on either
        side there (and a row of weight 2 on one of them). ``splitter`` says it otherwise. "auto" is
        True from 50 distinct rows on or with ``X_val``, but never for "lbfgs", nor in
        ``partial_fit``, which with True holds rows out by their content.
        Setting it to False alone lets the default layers overfit small tables.
    validation_fraction : float, default=0.1
        Fraction of the distinct rows that early stopping splits off; of all rows where equal
        ones fall on either side, see ``early_stopping``. In (0, 1).
    n_bags : int or "auto", default=1
        Parts of X for each of which a model is trained on all others and validated on it; the
        predictions of all are averaged. 1: a single model. The rows of a part are drawn as those of
        early stopping. Not with ``X_val``, nor where ``partial_fit`` begins. After a fit,
        ``partial_fit`` and ``warm_start`` go on with all models. "auto" is 1 for ``NumpyMLP*``; for
        ``TabularMLP*`` 5 for 50 to 1,000 distinct rows, and for up to 15,000 where at most 250, and
        a twentieth, are of other than the most frequent class, but a single model with
        ``X_val``, with ``warm_start`` from the first fit on, or where ``partial_fit`` begins.
    splitter : splitter, list of (train, validation) or None, default=None
        Which rows validate. A single model has the last split: ``TimeSeriesSplit()`` validates
        on the last rows of X. With ``n_bags`` > 1 each split has a model, and there must be as many
        (with "auto" there are, where it makes several). ``GroupKFold`` and others take the
        ``groups`` of ``fit``. None: rows drawn at random, of which equal ones (but see
        ``early_stopping``) and those of one of the ``groups`` stay together. A splitter decides
        alone: equal rows, ``validation_fraction`` and ``random_state`` do not count. Not used with
        ``X_val``, nor by ``partial_fit``.
    n_jobs : int or None, default=None
        Processes for the models of ``n_bags``, as everywhere in scikit-learn; -1: all cores.
    scoring : str or callable, default="loss"
        What early stopping watches: the validation "loss", the name of a scikit-learn scorer, or
        a callable ``(estimator, X, y) -> float``, which is given the validation rows as they came,
        of a data frame as a data frame.
    on_interrupt : {"keep", "raise"}, default="keep"
        What Ctrl-C does in ``fit``. "keep": training ends, the best epoch (of several models
        those that there are) is kept, and a UserWarning says so. In a search of scikit-learn with
        ``n_jobs=1`` that ends the fit that is under way alone, and the search goes on with the next
        one. "raise": a KeyboardInterrupt, which ends the search, too; the estimator is then what it
        was before.
    warm_start : bool, default=False
        Let ``fit`` go on from the present weights, moments and validation rows, with ``n_bags``
        those of each model.

    Columns options

    categorical_features : "from_dtype", None or array-like of str, int or bool, default="from_dtype"
        Which columns of X are categories. "from_dtype": those of a data frame with a category or
        Enum dtype, and text that spells nothing else (see ``parse_text``); in an array, text that
        spells no numbers. None: none; text that spells no numbers or dates is an error then. Or
        their names, numbers or a mask. A level that ``fit`` has not seen counts as unknown.
    parse_text : bool, default=True
        Whether a column of text is read as what nearly all of its values in ``fit`` spell:
        numbers ("$1,234.50", "12 %", "22 years", "1.2M"; decimal and thousands marks of one kind,
        one currency, one unit, percent as the number before its sign), dates and times (ISO, names
        of months, day and month in the order that the values prove), or yes and no. "?", "n/a" and
        the like, and up to 5 % of other values, are missing then; in ``predict`` whatever does not
        parse. Numbers that are names stay levels: those with leading zeros, few whole numbers,
        codes of equally many digits. What may be wrong is a warning. ``categorical_features`` and
        category dtypes go first.
    max_one_hot : int, default=32
        A category of up to so many levels becomes one 0/1 column each (a single column of -1 and
        1 for two levels that are never missing), of more levels m an embedding of about the square
        root of m columns, at most 16, that is learned. Without hidden layers every category is
        one-hot.
    min_frequency : float, default=2
        Levels of fewer training rows are pooled with the unknown ones, so that the model has
        seen what it does with those. A row counts ``sample_weight``; ``class_weight`` does not
        count. >= 0.
    text_components : int, default=30
        Free text, which is text of several words where at least 9 of 10 rows have one that fewer
        than ``min_frequency`` rows have (names, titles, descriptions), becomes so many numbers, but
        at most one for 10 texts: the directions in which the TF-IDF of sequences of three and four
        letters differs most (``TfidfVectorizer`` and ``TruncatedSVD`` of scikit-learn), learned
        from all rows of ``fit``, and of the first 2,000 letters of a text. One that explains the
        target no better than chance would is left out, as are ids. 0: free text is left out.
    missing_indicator : bool, default=True
        Whether a column of numbers with missing values in the training rows gets a 0/1 column
        that says where. A missing number is the centre of its column (mean, median), one that was
        never missing in training too.
    feature_scaling : {None, "standard", "robust", "quantile"}, default="standard"
        What happens to the columns of X first. None: nothing. "standard": mean 0 and variance 1.
        "robust": median 0 and interquartile range 1. "quantile": a normal distribution, but as
        "standard" for a column of which one value has more than 0.3 of the rows. Except with None,
        columns of two values become zeros and ones, and values beyond 4 are bounded smoothly, by
        10, so that a row far out is not predicted far out. Learned from the training rows with
        their weights. Sparse X is never filled in.

    Computation options

    random_state : int, SeedSequence, Generator, RandomState instance or None, default=None
        Seed of the starting weights, the order of the rows and the validation split. An int or a
        ``numpy.random.SeedSequence`` gives the same weights to the last bit in every fit; from a
        Generator or a RandomState, of which equal ones give the same, every fit takes three new
        numbers.
    verbose : bool or int, default=False
        True or 1 shows a line that follows the training, on a terminal or in a notebook: the
        epoch, losses, the best so far and the time left, "at most" where training may end before
        its limits; with a bar if rich is installed. Into a file or a pipe, and where several
        processes train, it prints a line every epoch instead; a larger number does so everywhere,
        every ``verbose``-th epoch. The first and the last are always printed, and once the time
        left, if that is some seconds. The time is known after a second of the first epoch.
    dtype : {"float32", "float64"}, default="float32"
        In which the network is trained and predicts; predictions are float64 arrays. In float32
        (errors of about 1e-6) the prediction for a row has the same bits whatever rows come with
        it, as also its place, their number and the number of threads. Where the BLAS cannot give
        that, which is tried once in a process, the network predicts in float64, the same to 1e-12:
        MKL, and OpenBLAS on processors with AVX2 but no AVX-512.
    n_threads : int or None, default=None
        Most threads that share the large matrix products of a fit, and in predictions for 16,000
        rows and more the rows. By default as many as there are processors that the process may
        use, or fewer if its BLAS is set to fewer. A fit shares while its steps take less time so
        than alone, which it tries now and then: not beside other busy processes or under a quota.
        The results are the same to the last bit whatever the number. While a fit runs, the BLAS has
        one thread for all others in the process, and afterwards what it had.

    Attributes
    ----------
    n_outputs_ : int
        Columns of y.
    coefs_, intercepts_ : lists of ndarrays
        Weights (n_in, n_out) and offsets (n_out,) of
        each layer. They are views of the model: changing one changes predictions.
        ``coefs_[0]`` acts on the columns as ``feature_scaling`` leaves them, and has a row for
        each of ``encoded_feature_names_``: one for a number, or several
        where ``numeric_embedding`` embeds it (8 by "auto"). The last give y in the units of
        ``target_scaling``.
    loss_ : float
        Training loss of the last epoch, with the penalty.
    best_loss_ : float or None
        Lowest training loss of an epoch; None with
        ``early_stopping``.
    loss_curve_ : list of float
        Training loss of each epoch.
    validation_scores_ : list of float or None
        Score on the validation rows after each
        epoch; the negative loss with ``scoring="loss"``.
    best_validation_score_ : float or None
        The highest of them, that of the weights given
        back; None without ``early_stopping``.
    history_ : dict of lists
        ``epoch``, ``loss``, ``validation_loss``, ``score``,
        ``learning_rate`` and ``seconds`` of each epoch, ready for ``pandas.DataFrame``.
        ``partial_fit`` keeps the last 1000.
    oof_prediction_ : ndarray or None
        With ``n_bags`` > 1: for each row of X what the
        model predicts that left it out; probabilities, from a classifier. NaN for rows of
        weight 0, for those that no split of ``splitter`` validates on (the first, in time) and,
        after Ctrl-C, those that no finished model left out; the mean, where several did. None
        after ``partial_fit``. The other attributes are those of the first model.
    n_iter_ : int
        Epochs (iterations) of the last fit.
    t_ : int
        Rows seen in training.
    n_layers_ : int
        Layers with input and output layer.
    out_activation_ : str
        "identity" or "exp", or what your own loss says.
    n_features_in_ : int
        Columns of X.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of the columns, when X
        has names that are all strings.
    encoded_feature_names_ : list of str
        A name for each row of ``coefs_[0]``: "age", "age
        missing", "sex=female", "cabin[3]" (of an embedded level or number), "joined: sin of
        week".
    report_ : Report
        What the fit did: what became of each column of X and why, rows used
        and held out, losses beside those of the best constant, which epoch was kept. Print it,
        look at it in a notebook, or take ``report_.as_frame()``. Of ``partial_fit`` it is about
        the last call.
    best_iteration_ : int or None
        The epoch (iteration) whose weights were kept, counted
        from 1 and from the first fit; None for starting weights.
    converged_ : bool
        Whether training ended because it gained nothing any more. Of a
        stream, with ``early_stopping=True``: in the last call of ``partial_fit``, which has
        given back the best weights.
    network_ : Network
        The layers and their parameter vector ``theta``.

    See Also
    --------
    sklearn.neural_network.MLPRegressor : The same parameters, for scaled columns and targets.
    sknumpynet.search_space : The five options that are worth tuning, and over what range.

    Notes
    -----
    What to tune, in the order of what it gains: ``weight_decay`` (or ``alpha`` of "adam"),
    ``learning_rate_init``, ``numeric_embedding``, ``feature_scaling``, ``hidden_layer_sizes``. On
    twelve tables the best of 20 random candidates had 0.95 of the loss of former defaults (median).
    Measured in ``examples/benchmarks/DECISIONS.md`` of the repository, under "What to tune".

    The loss of several outputs is their sum; scikit-learn reports the mean but follows the gradient
    of the sum.

    References
    ----------
    Rumelhart, Hinton and Williams (1986), "Learning representations by back-propagating errors".

    Kingma and Ba (2015), "Adam: a method for stochastic optimization", arXiv:1412.6980.

    Loshchilov and Hutter (2019), "Decoupled weight decay regularization", arXiv:1711.05101.

    Gorishniy, Rubachev and Babenko (2022), "On embeddings for numerical features in tabular deep
    learning", arXiv:2203.05556.

    Examples
    --------
    >>> from sklearn.datasets import load_diabetes
    >>> from sklearn.model_selection import train_test_split
    >>> from sknumpynet import NumpyMLPRegressor
    >>> X, y = load_diabetes(return_X_y=True, as_frame=True, scaled=False)
    >>> X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
    >>> model = NumpyMLPRegressor((64, 32), random_state=0).fit(X_train, y_train)
    >>> model.score(X_test, y_test) > 0.3
    True
    >>> model.predict(X_test[:2]).shape
    (2,)
    """
    n_outputs_: int
    loss_: float
    best_loss_: float | None
    best_validation_score_: float | None
    history_: dict[str, list[Any]]
    oof_prediction_: np.ndarray | Any
    n_iter_: int
    t_: int
    n_layers_: int
    out_activation_: str
    n_features_in_: int
    feature_names_in_: np.ndarray | Any
    def __init__(
        self,
        hidden_layer_sizes: int | Literal["auto"] | Sequence[int] | np.ndarray = (256, 128),
        activation: Literal["identity", "logistic", "tanh", "relu", "leaky_relu", "elu", "selu", "gelu", "silu", "mish", "softplus", "hard_tanh", "softsign"] | Activation | type[Activation] | Sequence[Literal["identity", "logistic", "tanh", "relu", "leaky_relu", "elu", "selu", "gelu", "silu", "mish", "softplus", "hard_tanh", "softsign"] | Activation | type[Activation]] = "relu",
        *,
        dropout: float | Sequence[float] | np.ndarray = 0.0,
        normalization: Literal["batch", "layer"] | None = None,
        residual: bool = False,
        init: Literal["auto", "glorot_uniform", "glorot_normal", "he_uniform", "he_normal", "lecun_uniform", "lecun_normal", "orthogonal"] = "auto",
        numeric_embedding: Literal["auto", "cosine", "piecewise_linear"] | None = "auto",
        embedding_width: int | Literal["auto"] = "auto",
        max_frequency: float | Literal["auto"] | Sequence[float] | np.ndarray = "auto",
        n_members: int = 1,
        loss: Literal["squared_error", "absolute_error", "huber", "log_cosh", "quantile", "poisson", "gamma", "tweedie", "gaussian_nll"] | Loss | type[Loss] = "squared_error",
        delta: float | Literal["auto"] = "auto",
        quantile: float | Sequence[float] | np.ndarray = 0.5,
        power: float = 1.5,
        target_scaling: bool = True,
        solver: Literal["lbfgs", "sgd", "adam", "adamw", "muon", "schedule_free", "nadam", "rmsprop", "adagrad", "lion"] = "adamw",
        alpha: float = 0.0001,
        weight_decay: float | Literal["auto"] = "auto",
        batch_size: int | Literal["auto"] = "auto",
        learning_rate: Literal["constant", "invscaling", "adaptive", "plateau", "cosine", "cosine_restarts", "one_cycle", "exponential", "step"] = "constant",
        learning_rate_init: float = 0.002,
        muon_learning_rate: float | Literal["auto"] = "auto",
        learning_rate_decay: float = 0.1,
        warmup: float = 0.0,
        power_t: float = 0.5,
        momentum: float = 0.9,
        nesterovs_momentum: bool = True,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-08,
        max_grad_norm: float | None = None,
        ema_decay: float | Literal["auto"] | None = "auto",
        shuffle: bool = True,
        max_iter: int | Literal["auto"] = 200,
        max_fun: int = 15000,
        max_time: float | None = None,
        tol: float = 0.0001,
        n_iter_no_change: float | Literal["auto"] = "auto",
        early_stopping: bool | Literal["auto"] = "auto",
        validation_fraction: float = 0.1,
        n_bags: int | Literal["auto"] = 1,
        splitter: Splitter | Sequence[tuple[ArrayLike, ArrayLike]] | None = None,
        n_jobs: int | None = None,
        scoring: str | Callable[[Any, Any, Any], float] = "loss",
        on_interrupt: Literal["keep", "raise"] = "keep",
        warm_start: bool = False,
        categorical_features: Literal["from_dtype"] | Sequence[str | int | bool] | np.ndarray | None = "from_dtype",
        parse_text: bool = True,
        max_one_hot: int = 32,
        min_frequency: float = 2,
        text_components: int = 30,
        missing_indicator: bool = True,
        feature_scaling: Literal["standard", "robust", "quantile"] | None = "standard",
        random_state: int | np.random.SeedSequence | np.random.Generator | np.random.RandomState | None = None,
        verbose: bool | int = False,
        dtype: Literal["float32", "float64"] | type[np.float32 | np.float64] | np.dtype[Any] = "float32",
        n_threads: int | None = None,
    ) -> None: ...
    def fit(self, X: Frame, y: Target, sample_weight: Weights | None = None, *, X_val: Frame | None = None, y_val: Target | None = None, sample_weight_val: Weights | None = None, groups: Target | None = None) -> Self:
        """Train on X and y.

        Parameters
        ----------
        X : data frame, dict, array-like or sparse matrix of shape (n_samples, n_features)
            Raw columns will do: numbers in any unit (see ``feature_scaling``), with missing values
            (NaN, None, NA), text and dates, and in a frame of pandas, polars or pyarrow columns of
            a category dtype (see ``categorical_features``). float32 and float64 arrays, also
            memory-mapped ones, and CSR matrices are not copied. A dict of columns, ``{"age": [22,
            38]}``, or of the values of one row, ``{"age": 22}``, is read as a frame of such
            objects; later ones by their keys, in any order. A lazy frame (a LazyFrame of
            polars, a relation of duckdb, a dataset of pyarrow) is run once and read batch by batch
            into a file, of 4 bytes a number where float32 holds them all, which no folder shows
            and which is gone after the fit; it is trained from there, with the same bits as the
            eager frame. ``y``, ``sample_weight`` and ``groups`` may then be names of columns in
            it, which are no part of X, or lazy frames, whose rows need to have the same order. The
            folder is that of ``tempfile`` (TMPDIR).
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Real numbers; >= 0 for ``loss="poisson"``, and "tweedie" with a power below 2; > 0 for
            "gamma", and "tweedie" with other powers.
        sample_weight : array-like of shape (n_samples,), optional
            >= 0. A row of weight 2 counts as that row twice, one of weight 0 not at all. So weights
            are more than proportions: their sum is the number of rows that ``alpha`` is divided by.
            With ``alpha=1`` and ``solver="lbfgs"`` on ``make_friedman1(500)``, weights of 1 give an
            R2 of 0.99, weights of 1/500, which add to 1, one of 0.00: the penalty of a table of one
            row. Multiply weights that are proportions by the number of rows.
        X_val, y_val, sample_weight_val : optional
            Rows to validate on after every epoch; with ``early_stopping`` they decide when to stop.
            With ``early_stopping=False`` (for "lbfgs" the default, too) they decide nothing: their
            loss is recorded in ``history_``.
            X_val must be transformed as X is; behind a scaler, leave that to the Pipeline, as in
            the example. A UserWarning names the column if X_val does not look like X.
        groups : array-like of shape (n_samples,), optional
            What rows belong together (a patient, a shop): numbers, text or dates. Rows of one group
            stay on one side of the validation split and in one part of ``n_bags``, so that scores
            and ``oof_prediction_`` are about new groups. Equal rows stay together, too, unless they
            would join groups to more than such a part. The option ``splitter`` is given them. Not
            with ``X_val``; a UserWarning where the options never split.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If a parameter is not what it may be, or X, y or weights cannot be used. The estimator
            is then what it was before.
        TypeError
            If a column of X holds what no column may hold (lists, bytes, complex numbers).

        Examples
        --------
        A Pipeline hands X_val to fit as it is, unless it is told to transform it:

        >>> import sklearn
        >>> from sklearn.datasets import load_diabetes
        >>> from sklearn.model_selection import train_test_split
        >>> from sklearn.pipeline import make_pipeline
        >>> from sklearn.preprocessing import StandardScaler
        >>> from sknumpynet import NumpyMLPRegressor
        >>> X, y = load_diabetes(return_X_y=True)
        >>> X_train, X_val, y_train, y_val = train_test_split(X, y, random_state=0)
        >>> with sklearn.config_context(enable_metadata_routing=True):
        ...     net = NumpyMLPRegressor(early_stopping=True, random_state=0)
        ...     net = net.set_fit_request(X_val=True, y_val=True)
        ...     model = make_pipeline(StandardScaler(), net, transform_input=["X_val"])
        ...     model = model.fit(X_train, y_train, X_val=X_val, y_val=y_val)
        """
    def partial_fit(self, X: Frame, y: Target, sample_weight: Weights | None = None) -> Self:
        """Train for one epoch on X and y, going on from the present weights.

        Scaling, levels, starting offsets and weights are those of the first call; so are those of
        a fit before. A number or date that is constant or missing in all rows of a stream's first
        calls is scaled by all rows so far in the call in which it first varies. A UserWarning names
        columns that fewer than 50 rows have fixed, and those of no level or one there in which
        others come later: these count as unknown. Of an output that is constant in the first call,
        unit and offset are those of the first call in which it varies. After a fit with ``n_bags``
        all models go on, on all rows.

        After a ``fit`` steps are at half of ``learning_rate_init``, times the root of the share of
        rows where a batch has fewer than those of the fit. "auto" is the fit's ``weight_decay``,
        and an ``ema_decay`` that averages over the rows of 10 of its batches, its weights included,
        in however many calls they come: rows like those of the fit do not undo it, and some tens of
        batches of others do. Many calls with the same rows overfit.

        With ``early_stopping=True`` (not with "auto") rows are held out, ``validation_fraction`` of
        the different ones, by a hash of their columns: in whatever call a row comes, equal rows
        are on one side. Of those of all calls, 4096 at most, which are kept in the model, validate
        after each call, in ``history_``. After ``n_iter_no_change`` calls without improvement the
        call gives back the best weights and sets ``converged_``; a further one goes on from them.

        Parameters
        ----------
        X : data frame, dict, array-like or sparse matrix of shape (n_samples, n_features)
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
        sample_weight : array-like of shape (n_samples,), optional

        Returns
        -------
        self
        """
    @overload
    def predict(self, X: Frame, return_std: Literal[False] = False) -> np.ndarray:
        """Predictions in the units of y.

        Parameters
        ----------
        X : data frame, dict, array-like or sparse matrix of shape (n_samples, n_features)
        return_std : bool
            Return the standard deviation of y around the prediction, too: ``loss="gaussian_nll"``.

        Returns
        -------
        prediction : ndarray of shape (n_samples,) or (n_samples, n_outputs), as y was
            For several quantiles with a last axis for these: (n_samples, n_quantiles) or
            (n_samples, n_outputs, n_quantiles), ascending.
        std : ndarray of the same shape
            Only with ``return_std``.
        """
    @overload
    def predict(self, X: Frame, return_std: Literal[True]) -> tuple[np.ndarray, np.ndarray]:
        """Predictions in the units of y.

        Parameters
        ----------
        X : data frame, dict, array-like or sparse matrix of shape (n_samples, n_features)
        return_std : bool
            Return the standard deviation of y around the prediction, too: ``loss="gaussian_nll"``.

        Returns
        -------
        prediction : ndarray of shape (n_samples,) or (n_samples, n_outputs), as y was
            For several quantiles with a last axis for these: (n_samples, n_quantiles) or
            (n_samples, n_outputs, n_quantiles), ascending.
        std : ndarray of the same shape
            Only with ``return_std``.
        """
    @overload
    def predict(self, X: Frame, return_std: bool) -> np.ndarray | tuple[np.ndarray, np.ndarray]:
        """Predictions in the units of y.

        Parameters
        ----------
        X : data frame, dict, array-like or sparse matrix of shape (n_samples, n_features)
        return_std : bool
            Return the standard deviation of y around the prediction, too: ``loss="gaussian_nll"``.

        Returns
        -------
        prediction : ndarray of shape (n_samples,) or (n_samples, n_outputs), as y was
            For several quantiles with a last axis for these: (n_samples, n_quantiles) or
            (n_samples, n_outputs, n_quantiles), ascending.
        std : ndarray of the same shape
            Only with ``return_std``.
        """
    def score(self, X: Frame, y: Target, sample_weight: Weights | None = None) -> float:
        """R2 of the predictions; of several quantiles, that of the one next to the median.

        Parameters
        ----------
        X : data frame, dict, array-like or sparse matrix of shape (n_samples, n_features)
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
        sample_weight : array-like of shape (n_samples,), optional

        Returns
        -------
        float
            Mean over outputs.
        """
    def set_fit_request(self, *, X_val: bool | str | None = ..., groups: bool | str | None = ..., sample_weight: bool | str | None = ..., sample_weight_val: bool | str | None = ..., y_val: bool | str | None = ...) -> Self: ...
    def set_partial_fit_request(self, *, sample_weight: bool | str | None = ...) -> Self: ...
    def set_predict_request(self, *, return_std: bool | str | None = ...) -> Self: ...
    def set_score_request(self, *, sample_weight: bool | str | None = ...) -> Self: ...
    def set_transform_request(self, *, layer: bool | str | None = ...) -> Self: ...

class TabularMLPClassifier(TabularParameters, NumpyMLPClassifier):
    """``NumpyMLPClassifier`` with the defaults that do best on tables, untuned.

    The network is an ensemble of 8 that share their hidden layers (TabM-mini), on numbers embedded
    in cosines, trained by Muon at a rate that rises and falls, a second time where the best epoch
    was among the last of the first; the weights are averages over
    the steps of an epoch, that with the lowest validation loss of the mean prediction. Tables of up
    to 1,000 rows are trained five times, each time without another fifth, and the five models
    averaged, their probabilities calibrated by the fifths left out, and so are tables of up to
    15,000 where at most 250 rows, and a twentieth, are of other than the most frequent class; with
    ``X_val``, ``warm_start=True`` and where ``partial_fit`` begins it is a single model. For a
    frame as it is, without a scaler, encoder or tuning. A fit takes 4 to 8 times as long as with
    ``NumpyMLPClassifier``: 2 to 3 processor seconds up to 1,000 rows of 20 columns, 5 for 5,000, 20
    for 20,000, and 4 minutes from 75,000 on, however many there are: an epoch does not show more
    of them.

    Parameters
    ----------

    Network options

    hidden_layer_sizes : int, sequence of int or "auto", default="auto"
        Units of each hidden layer. An empty sequence gives a linear model. "auto" is (256, 128)
        for ``NumpyMLP*``; for ``TabularMLP*`` (64, 64) up to 1,000 training rows and where few rows
        are of other classes (see ``n_bags``), and (128, 128, 128) for more of them and where
        ``partial_fit`` begins.
    activation : {"identity", "logistic", "tanh", "relu", "leaky_relu", "elu", "selu", "gelu", "silu", "mish", "softplus", "hard_tanh", "softsign"}, Activation, or a sequence of these, default="relu"
        Function after each hidden layer: one for all, or one per layer. Beside the names it may
        be one of your own, see :class:`sknumpynet.Activation`.
    dropout : float or sequence of float, default=0.1
        Rate at which units of a hidden layer are left out by chance, at every step of training
        anew: one for all layers, or one per layer. Predictions use all units. Behind "selu" it is
        alpha-dropout, which keeps mean and variance. Not for "lbfgs".
    normalization : {None, "batch", "layer"}, default=None
        Bring hidden units to mean 0 and variance 1 before their activation: over the rows of a
        "batch", by their weights (a prediction uses running averages of these), or over the units
        of a "layer", row by row. Scale and shift behind it are learned, and not decayed. "batch"
        is not for "lbfgs".
    residual : bool, default=False
        Add to each hidden layer but the first what it was given; where the width changes,
        through a matrix, which is not among ``coefs_``. The order is: linear, normalization,
        activation, dropout, sum. For deep networks.
    init : {"auto", "glorot_uniform", "glorot_normal", "he_uniform", "he_normal", "lecun_uniform", "lecun_normal", "orthogonal"}, default="auto"
        How the weights of hidden layers are drawn. "auto" is what suits their activation, so
        that signals keep their size: between "relu" layers He's, between "tanh" layers Glorot's,
        otherwise LeCun's times 1 / sqrt(E[f(z)^2]); at the columns of the table Glorot's, for
        "selu" LeCun's. A name stands for what its paper says; "orthogonal" has the size of He's.
        With ``residual``, those of L blocks are divided by L^0.75.
    numeric_embedding : {None, "auto", "cosine", "piecewise_linear"}, default="cosine"
        Turns every number into ``embedding_width`` of them, by functions that are learned, so
        that the network finds steps and waves in it. "cosine": the number itself and cosines of it,
        ``a cos(2 pi (w x + v)) + c``, where a starts at 0, but below 800 training rows at 0.3 for
        the number itself. "piecewise_linear": linear between 48 quantiles of the training rows.
        "auto": the latter, with early stopping in ``fit``, from 600 training rows on
        (``NumpyMLPRegressor``: 300), otherwise None. Numbers of a sparse X are not embedded, which
        a UserWarning tells where it was set; nor, with "auto", those in front of a network without
        hidden layers.
    embedding_width : "auto" or int, default="auto"
        With ``numeric_embedding``: numbers that each number becomes. "auto": 8 below 2,000
        training rows, where few are of other classes (see ``n_bags``), or with
        ``numeric_embedding="auto"``, otherwise 24, and fewer where they would be more than 1500 in
        all.
    max_frequency : "auto", float or sequence of float, default="auto"
        With ``numeric_embedding="cosine"``: the highest frequency w that cosines start at, in
        cycles per unit of a scaled column. The others lie below, down to 0.03 (a thirtieth of the
        highest, if that is below 1). Of several each holds for as many members, the highest for
        those left over, too: a member never sees frequencies that start above its own. Fewer
        members than values take those in the middle. "auto" is 0.3 below 2,000 training rows and
        where few are of other classes (see ``n_bags``), otherwise (0.3, 1.2, 10).
    n_members : int, default=8
        Networks that are trained at once, and whose predictions are averaged. They share all
        hidden layers, but each multiplies what goes into the first by a vector of its own, and has
        output weights of its own (TabM-mini). A step takes as long as one of so many networks;
        their number of parameters is about that of one.

    Loss options

    loss : {"log_loss", "focal"}, default="log_loss"
        What is minimized: "log_loss", or "focal", in which rows count little that are predicted
        well (``gamma``): its probabilities are nearer to 1/2 than frequencies are.
    gamma : float, default=2.0
        Of the loss "focal", -(1 - p)^gamma log p for the probability p of the true class. >= 0;
        0 is the log loss.
    label_smoothing : float, default=0.0
        Share of each target of "log_loss" that is spread evenly over all classes, which keeps
        probabilities from 0 and 1. In [0, 1).
    class_weight : dict, list of dicts, "balanced" or None, default=None
        Weight of each class, multiplied with ``sample_weight``. "balanced" gives every class the
        same total. For multilabel targets a list with a dict {0: w, 1: w} per label, for several
        outputs one with a dict for each; the weights of a row's labels are multiplied.
    calibrate : bool or "auto", default="auto"
        Divide the raw scores by the number (a temperature between 1/4 and 4) that gives the
        lowest loss on the validation rows; with ``n_bags`` it is one for all models, by the rows
        that each left out. "auto" does so with bags only. Where there are no validation rows a
        UserWarning tells, in a stream at the first ``partial_fit`` only.

    Training options

    solver : {"lbfgs", "sgd", "adam", "adamw", "muon", "schedule_free", "nadam", "rmsprop", "adagrad", "lion"}, default="muon"
        "lbfgs" is a quasi-Newton method on all rows at once, good for some thousand rows. The
        others go through mini-batches. "adamw": "adam" with ``weight_decay``. "muon":
        orthogonalised momentum (0.95) for the matrices of hidden layers, the first included, and
        "adamw" for all else. "schedule_free": "adamw" at a constant rate whose averaged weights
        validate and predict. "nadam": "adam" with Nesterov's momentum. "rmsprop" (decay 0.99),
        "adagrad", and "lion" (memory 0.99), which wants a rate 3 to 10 times smaller.
    alpha : float, default=0.0001
        Penalty: ``alpha / (2 n_samples) * sum of squared weights`` is added to the mean loss. It
        means the same for every solver and batch size. With ``sample_weight``, n_samples is the sum
        of the weights: 1000 rows of weight 1/1000 are penalized like a table of one row, for which
        with ``alpha=1`` training converges to a constant; see ``fit``. >= 0. Levels in a large
        embedding (40 times as many as rows in a batch) get it when a batch has them, for all steps
        since.
    weight_decay : float or "auto", default=0.1
        Only for "adamw", "muon", "schedule_free" and "lion", beside ``alpha``, which stays a
        penalty in the loss: every step takes the fraction ``rate * weight_decay`` off the weights
        between layers, whatever the gradient. Biases, scales and embeddings stay. "auto" is 1
        below 10,000 training rows and 0.3 above for "adamw" with early stopping and hidden layers,
        otherwise, and where ``partial_fit`` begins, 0.01. >= 0.
    batch_size : int or "auto", default="auto"
        Rows per step of all solvers but "lbfgs". "auto" makes batches of equal size of about 200
        rows, and below 1,600 rows about 8 steps an epoch of at least 32 rows. Larger than n_samples
        means all rows.
    learning_rate : {"constant", "invscaling", "adaptive", "plateau", "cosine", "cosine_restarts", "one_cycle", "exponential", "step"}, default="cosine_restarts"
        How the rate changes from ``learning_rate_init`` on. "invscaling", only for "sgd": rate /
        ``(t + 1) ** power_t`` after t samples. "adaptive", only for "sgd": divided by 5 each time
        ``n_iter_no_change`` epochs bring nothing; training ends at 1e-6. "plateau": times
        ``learning_rate_decay`` then; training ends at the fourth time. The others follow the
        planned steps, ``max_iter`` epochs from the beginning of a fit: "cosine" falls to 0;
        "cosine_restarts" does so twice, in half of them each, but with early stopping the second
        time only if the best epoch was among the last fifth of the first;
        "one_cycle" rises from a 25th for the first 0.3 of them, or the share ``warmup``, then falls
        to a 250,000th; "exponential" falls evenly to ``learning_rate_decay`` of the first; "step"
        is multiplied with that at one half and three quarters. A stream has no end, so that in
        ``partial_fit`` these are constant.
    learning_rate_init : float, default=0.004
        Step size of all solvers but "lbfgs"; half of it in ``partial_fit`` after a fit. > 0.
    muon_learning_rate : float or "auto", default="auto"
        Step size of the matrices that "muon" orthogonalises; it rises and falls with the other.
        "auto" is 10 times ``learning_rate_init``. > 0.
    learning_rate_decay : float, default=0.1
        Factor of "plateau", "exponential" and "step". In (0, 1).
    warmup : float, default=0.05
        Share of the planned steps (``max_iter`` epochs) over which the rate first rises evenly
        from near 0, whatever the schedule, which gets the rest of them. Not in ``partial_fit``. In
        [0, 1).
    power_t : float, default=0.5
        Exponent of "invscaling". >= 0.
    momentum : float, default=0.9
        Only for "sgd". In [0, 1].
    nesterovs_momentum : bool, default=True
        Only for "sgd" with momentum > 0.
    beta_1 : float, default=0.9
        Decay rate of the mean gradient of "adam" and its kin. In [0, 1).
    beta_2 : float, default=0.999
        The same of its mean square. In [0, 1).
    epsilon : float, default=1e-08
        Added to the root of the second moment. > 0.
    max_grad_norm : float or None, default=None
        Longest gradient: of a longer one the step takes the direction and this length. Not for
        "lbfgs". > 0.
    ema_decay : float, "auto" or None, default="auto"
        Weights to validate, stop on and predict with are a mean of those after each step, of
        which each counts this much less than the next; training goes on from the raw ones. 0.99
        averages over the last 100 steps or so. "auto" averages over an epoch, 20 to 100 steps; of
        ``NumpyMLP*`` without early stopping, and where ``partial_fit`` begins, it is None; see
        there for a stream after a fit. Not for "lbfgs", nor with "schedule_free", which has an
        average of its own ("auto" is None there). In
        [0, 1).
    shuffle : bool, default=True
        Draw a new order of the rows in each epoch.

    Stopping options

    max_iter : int or "auto", default="auto"
        Most epochs, of "lbfgs" iterations. "auto" is 200 for ``NumpyMLP*``; for ``TabularMLP*``
        20, or as many as 300 steps take (below 50 rows), 600 (up to 1,000), 2,000 (2,000 to 8,000),
        3,000 (from 12,000 on), and an epoch shows 75,000 rows at most, drawn from all, so that no
        more than 1,500,000 are shown; where few rows are of other classes (see ``n_bags``), 600
        steps of 128 rows. A ConvergenceWarning tells where they cut training short: after 10 or
        fewer, or if the last tenth of them still gained much; not with a ``learning_rate`` that
        falls to its end with them ("cosine", "cosine_restarts", "one_cycle", "exponential",
        "step").
    max_fun : int, default=15000
        Most evaluations of the loss by "lbfgs".
    max_time : float or None, default=None
        Seconds of training. It ends after the step (with "lbfgs" the iteration) that crosses
        them, and with early stopping gives back the best epoch, of which the last may be a part; a
        ConvergenceWarning as for ``max_iter``. A ``learning_rate`` that falls to its end with the
        planned steps, and ``warmup``, then end with the time. The models of ``n_bags`` share
        them: each plans with what is left, divided by the models that are left (with ``n_jobs``:
        with its part of as many rounds as there are). > 0.
    tol : float, default=0.0001
        Smallest improvement that counts as one, as a fraction of the loss of the best constant
        prediction (with a scorer in ``scoring``: in the units of the score). "lbfgs" stops when no
        entry of the gradient is larger. >= 0.
    n_iter_no_change : int, inf or "auto", default=inf
        Training ends after exactly this many epochs without improvement. "auto" is 10 with early
        stopping in ``fit`` from 600 training rows on, otherwise 20.
    early_stopping : bool or "auto", default="auto"
        Stop when the validation score has not improved for ``n_iter_no_change`` epochs, and give
        back the weights of the best epoch. Validates on ``X_val`` if it is passed to ``fit``, else
        on rows split off from X, of classes in proportion. Equal rows stay on one side of the
        split, and so do those of one of the ``groups`` of ``fit``; no unit of a column, order of
        the rows or constant column changes it. Where no column of 1,000 rows or more has more than
        32 values, rows to come repeat those of X, too: without ``groups`` equal rows fall on either
        side there (and a row of weight 2 on one of them). ``splitter`` says it otherwise. "auto" is
        True from 50 distinct rows on or with ``X_val``, but never for "lbfgs", nor in
        ``partial_fit``, which with True holds rows out by their content.
        Setting it to False alone lets the default layers overfit small tables.
    validation_fraction : float, default=0.1
        Fraction of the distinct rows that early stopping splits off; of all rows where equal
        ones fall on either side, see ``early_stopping``. In (0, 1).
    n_bags : int or "auto", default="auto"
        Parts of X for each of which a model is trained on all others and validated on it; the
        predictions of all are averaged. 1: a single model. The rows of a part are drawn as those of
        early stopping. Not with ``X_val``, nor where ``partial_fit`` begins. After a fit,
        ``partial_fit`` and ``warm_start`` go on with all models. "auto" is 1 for ``NumpyMLP*``; for
        ``TabularMLP*`` 5 for 50 to 1,000 distinct rows, and for up to 15,000 where at most 250, and
        a twentieth, are of other than the most frequent class, but a single model with
        ``X_val``, with ``warm_start`` from the first fit on, or where ``partial_fit`` begins.
    splitter : splitter, list of (train, validation) or None, default=None
        Which rows validate. A single model has the last split: ``TimeSeriesSplit()`` validates
        on the last rows of X. With ``n_bags`` > 1 each split has a model, and there must be as many
        (with "auto" there are, where it makes several). ``GroupKFold`` and others take the
        ``groups`` of ``fit``. None: rows drawn at random, of which equal ones (but see
        ``early_stopping``) and those of one of the ``groups`` stay together. A splitter decides
        alone: equal rows, ``validation_fraction`` and ``random_state`` do not count. Not used with
        ``X_val``, nor by ``partial_fit``.
    n_jobs : int or None, default=None
        Processes for the models of ``n_bags``, as everywhere in scikit-learn; -1: all cores.
    scoring : str or callable, default="loss"
        What early stopping watches: the validation "loss", the name of a scikit-learn scorer, or
        a callable ``(estimator, X, y) -> float``, which is given the validation rows as they came,
        of a data frame as a data frame.
    on_interrupt : {"keep", "raise"}, default="keep"
        What Ctrl-C does in ``fit``. "keep": training ends, the best epoch (of several models
        those that there are) is kept, and a UserWarning says so. In a search of scikit-learn with
        ``n_jobs=1`` that ends the fit that is under way alone, and the search goes on with the next
        one. "raise": a KeyboardInterrupt, which ends the search, too; the estimator is then what it
        was before.
    warm_start : bool, default=False
        Let ``fit`` go on from the present weights, moments and validation rows, with ``n_bags``
        those of each model.

    Columns options

    categorical_features : "from_dtype", None or array-like of str, int or bool, default="from_dtype"
        Which columns of X are categories. "from_dtype": those of a data frame with a category or
        Enum dtype, and text that spells nothing else (see ``parse_text``); in an array, text that
        spells no numbers. None: none; text that spells no numbers or dates is an error then. Or
        their names, numbers or a mask. A level that ``fit`` has not seen counts as unknown.
    parse_text : bool, default=True
        Whether a column of text is read as what nearly all of its values in ``fit`` spell:
        numbers ("$1,234.50", "12 %", "22 years", "1.2M"; decimal and thousands marks of one kind,
        one currency, one unit, percent as the number before its sign), dates and times (ISO, names
        of months, day and month in the order that the values prove), or yes and no. "?", "n/a" and
        the like, and up to 5 % of other values, are missing then; in ``predict`` whatever does not
        parse. Numbers that are names stay levels: those with leading zeros, few whole numbers,
        codes of equally many digits. What may be wrong is a warning. ``categorical_features`` and
        category dtypes go first.
    max_one_hot : int, default=32
        A category of up to so many levels becomes one 0/1 column each (a single column of -1 and
        1 for two levels that are never missing), of more levels m an embedding of about the square
        root of m columns, at most 16, that is learned. Without hidden layers every category is
        one-hot.
    min_frequency : float, default=2
        Levels of fewer training rows are pooled with the unknown ones, so that the model has
        seen what it does with those. A row counts ``sample_weight``; ``class_weight`` does not
        count. >= 0.
    text_components : int, default=30
        Free text, which is text of several words where at least 9 of 10 rows have one that fewer
        than ``min_frequency`` rows have (names, titles, descriptions), becomes so many numbers, but
        at most one for 10 texts: the directions in which the TF-IDF of sequences of three and four
        letters differs most (``TfidfVectorizer`` and ``TruncatedSVD`` of scikit-learn), learned
        from all rows of ``fit``, and of the first 2,000 letters of a text. One that explains the
        target no better than chance would is left out, as are ids. 0: free text is left out.
    missing_indicator : bool, default=True
        Whether a column of numbers with missing values in the training rows gets a 0/1 column
        that says where. A missing number is the centre of its column (mean, median), one that was
        never missing in training too.
    feature_scaling : {None, "standard", "robust", "quantile"}, default="quantile"
        What happens to the columns of X first. None: nothing. "standard": mean 0 and variance 1.
        "robust": median 0 and interquartile range 1. "quantile": a normal distribution, but as
        "standard" for a column of which one value has more than 0.3 of the rows. Except with None,
        columns of two values become zeros and ones, and values beyond 4 are bounded smoothly, by
        10, so that a row far out is not predicted far out. Learned from the training rows with
        their weights. Sparse X is never filled in.

    Computation options

    random_state : int, SeedSequence, Generator, RandomState instance or None, default=None
        Seed of the starting weights, the order of the rows and the validation split. An int or a
        ``numpy.random.SeedSequence`` gives the same weights to the last bit in every fit; from a
        Generator or a RandomState, of which equal ones give the same, every fit takes three new
        numbers.
    verbose : bool or int, default=False
        True or 1 shows a line that follows the training, on a terminal or in a notebook: the
        epoch, losses, the best so far and the time left, "at most" where training may end before
        its limits; with a bar if rich is installed. Into a file or a pipe, and where several
        processes train, it prints a line every epoch instead; a larger number does so everywhere,
        every ``verbose``-th epoch. The first and the last are always printed, and once the time
        left, if that is some seconds. The time is known after a second of the first epoch.
    dtype : {"float32", "float64"}, default="float32"
        In which the network is trained and predicts; predictions are float64 arrays. In float32
        (errors of about 1e-6) the prediction for a row has the same bits whatever rows come with
        it, as also its place, their number and the number of threads. Where the BLAS cannot give
        that, which is tried once in a process, the network predicts in float64, the same to 1e-12:
        MKL, and OpenBLAS on processors with AVX2 but no AVX-512.
    n_threads : int or None, default=None
        Most threads that share the large matrix products of a fit, and in predictions for 16,000
        rows and more the rows. By default as many as there are processors that the process may
        use, or fewer if its BLAS is set to fewer. A fit shares while its steps take less time so
        than alone, which it tries now and then: not beside other busy processes or under a quota.
        The results are the same to the last bit whatever the number. While a fit runs, the BLAS has
        one thread for all others in the process, and afterwards what it had.

    Attributes
    ----------
    n_outputs_ : int
        1 for two classes, otherwise the number of classes, of labels, or of
        several outputs.
    coefs_, intercepts_ : lists of ndarrays
        Weights (n_in, n_out) and offsets (n_out,) of
        each layer. They are views of the model: changing one changes predictions.
        ``coefs_[0]`` acts on the columns as ``feature_scaling`` leaves them, and has a row for
        each of ``encoded_feature_names_``: one for a number, or several
        where ``numeric_embedding`` embeds it (8 by "auto").
    loss_ : float
        Training loss of the last epoch, with the penalty.
    best_loss_ : float or None
        Lowest training loss of an epoch; None with
        ``early_stopping``.
    loss_curve_ : list of float
        Training loss of each epoch.
    validation_scores_ : list of float or None
        Score on the validation rows after each
        epoch; the negative loss with ``scoring="loss"``.
    best_validation_score_ : float or None
        The highest of them, that of the weights given
        back; None without ``early_stopping``.
    history_ : dict of lists
        ``epoch``, ``loss``, ``validation_loss``, ``score``,
        ``learning_rate`` and ``seconds`` of each epoch, ready for ``pandas.DataFrame``.
        ``partial_fit`` keeps the last 1000.
    oof_prediction_ : ndarray or None
        With ``n_bags`` > 1: for each row of X what the
        model predicts that left it out; probabilities, from a classifier. NaN for rows of
        weight 0, for those that no split of ``splitter`` validates on (the first, in time) and,
        after Ctrl-C, those that no finished model left out; the mean, where several did. None
        after ``partial_fit``. The other attributes are those of the first model.
    n_iter_ : int
        Epochs (iterations) of the last fit.
    t_ : int
        Rows seen in training.
    n_layers_ : int
        Layers with input and output layer.
    out_activation_ : str
        "logistic" (two classes, multilabel) or "softmax".
    n_features_in_ : int
        Columns of X.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of the columns, when X
        has names that are all strings.
    encoded_feature_names_ : list of str
        A name for each row of ``coefs_[0]``: "age", "age
        missing", "sex=female", "cabin[3]" (of an embedded level or number), "joined: sin of
        week".
    report_ : Report
        What the fit did: what became of each column of X and why, rows used
        and held out, losses beside those of the best constant, which epoch was kept. Print it,
        look at it in a notebook, or take ``report_.as_frame()``. Of ``partial_fit`` it is about
        the last call.
    best_iteration_ : int or None
        The epoch (iteration) whose weights were kept, counted
        from 1 and from the first fit; None for starting weights.
    converged_ : bool
        Whether training ended because it gained nothing any more. Of a
        stream, with ``early_stopping=True``: in the last call of ``partial_fit``, which has
        given back the best weights.
    network_ : Network
        The layers and their parameter vector ``theta``.
    classes_ : ndarray of shape (n_classes,)
        The labels in sorted order; the label numbers
        for a multilabel target; for several outputs a list with the labels of each.

    See Also
    --------
    NumpyMLPClassifier : The same options with faster defaults.

    References
    ----------
    Gorishniy, Kotelnikov and Babenko (2024), "TabM: advancing tabular deep learning with
    parameter-efficient ensembling", arXiv:2410.24210.

    Jordan et al. (2024), "Muon: an optimizer for hidden layers in neural networks".

    Examples
    --------
    >>> from sklearn.datasets import load_wine
    >>> from sklearn.model_selection import train_test_split
    >>> from sknumpynet import TabularMLPClassifier
    >>> X, y = load_wine(return_X_y=True, as_frame=True)
    >>> X_train, X_test, y_train, y_test = train_test_split(X, y, stratify=y, random_state=0)
    >>> model = TabularMLPClassifier(max_iter=30, random_state=0).fit(X_train, y_train)
    >>> model.score(X_test, y_test) > 0.9
    True
    """
    def __init__(
        self,
        hidden_layer_sizes: int | Literal["auto"] | Sequence[int] | np.ndarray = "auto",
        activation: Literal["identity", "logistic", "tanh", "relu", "leaky_relu", "elu", "selu", "gelu", "silu", "mish", "softplus", "hard_tanh", "softsign"] | Activation | type[Activation] | Sequence[Literal["identity", "logistic", "tanh", "relu", "leaky_relu", "elu", "selu", "gelu", "silu", "mish", "softplus", "hard_tanh", "softsign"] | Activation | type[Activation]] = "relu",
        *,
        dropout: float | Sequence[float] | np.ndarray = 0.1,
        normalization: Literal["batch", "layer"] | None = None,
        residual: bool = False,
        init: Literal["auto", "glorot_uniform", "glorot_normal", "he_uniform", "he_normal", "lecun_uniform", "lecun_normal", "orthogonal"] = "auto",
        numeric_embedding: Literal["auto", "cosine", "piecewise_linear"] | None = "cosine",
        embedding_width: int | Literal["auto"] = "auto",
        max_frequency: float | Literal["auto"] | Sequence[float] | np.ndarray = "auto",
        n_members: int = 8,
        loss: Literal["log_loss", "focal"] = "log_loss",
        gamma: float = 2.0,
        label_smoothing: float = 0.0,
        class_weight: Mapping[Any, float] | Sequence[Mapping[Any, float]] | Literal["balanced"] | None = None,
        calibrate: bool | Literal["auto"] = "auto",
        solver: Literal["lbfgs", "sgd", "adam", "adamw", "muon", "schedule_free", "nadam", "rmsprop", "adagrad", "lion"] = "muon",
        alpha: float = 0.0001,
        weight_decay: float | Literal["auto"] = 0.1,
        batch_size: int | Literal["auto"] = "auto",
        learning_rate: Literal["constant", "invscaling", "adaptive", "plateau", "cosine", "cosine_restarts", "one_cycle", "exponential", "step"] = "cosine_restarts",
        learning_rate_init: float = 0.004,
        muon_learning_rate: float | Literal["auto"] = "auto",
        learning_rate_decay: float = 0.1,
        warmup: float = 0.05,
        power_t: float = 0.5,
        momentum: float = 0.9,
        nesterovs_momentum: bool = True,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-08,
        max_grad_norm: float | None = None,
        ema_decay: float | Literal["auto"] | None = "auto",
        shuffle: bool = True,
        max_iter: int | Literal["auto"] = "auto",
        max_fun: int = 15000,
        max_time: float | None = None,
        tol: float = 0.0001,
        n_iter_no_change: float | Literal["auto"] = float("inf"),
        early_stopping: bool | Literal["auto"] = "auto",
        validation_fraction: float = 0.1,
        n_bags: int | Literal["auto"] = "auto",
        splitter: Splitter | Sequence[tuple[ArrayLike, ArrayLike]] | None = None,
        n_jobs: int | None = None,
        scoring: str | Callable[[Any, Any, Any], float] = "loss",
        on_interrupt: Literal["keep", "raise"] = "keep",
        warm_start: bool = False,
        categorical_features: Literal["from_dtype"] | Sequence[str | int | bool] | np.ndarray | None = "from_dtype",
        parse_text: bool = True,
        max_one_hot: int = 32,
        min_frequency: float = 2,
        text_components: int = 30,
        missing_indicator: bool = True,
        feature_scaling: Literal["standard", "robust", "quantile"] | None = "quantile",
        random_state: int | np.random.SeedSequence | np.random.Generator | np.random.RandomState | None = None,
        verbose: bool | int = False,
        dtype: Literal["float32", "float64"] | type[np.float32 | np.float64] | np.dtype[Any] = "float32",
        n_threads: int | None = None,
    ) -> None: ...

class TabularMLPRegressor(TabularParameters, NumpyMLPRegressor):
    """``NumpyMLPRegressor`` with the defaults that do best on tables, untuned.

    The network is an ensemble of 8 that share their hidden layers (TabM-mini), on numbers embedded
    in cosines, trained by Muon at a rate that rises and falls, a second time where the best epoch
    was among the last of the first; the weights are averages over
    the steps of an epoch, that with the lowest validation loss of the mean prediction. Tables of up
    to 1,000 rows are trained five times, each time without another fifth, and the five models
    averaged; with ``X_val``, ``warm_start=True`` and where ``partial_fit`` begins it is a single
    model. For a frame as it is, without a scaler, encoder or tuning. A fit takes 4 to
    8 times as long as with ``NumpyMLPRegressor``: 2 to 3 processor seconds up to 1,000 rows of 20
    columns, 5 for 5,000, 20 for 20,000, and 4 minutes from 75,000 on, however many there are: an
    epoch does not show more of them.

    Parameters
    ----------

    Network options

    hidden_layer_sizes : int, sequence of int or "auto", default="auto"
        Units of each hidden layer. An empty sequence gives a linear model. "auto" is (256, 128)
        for ``NumpyMLP*``; for ``TabularMLP*`` (64, 64) up to 1,000 training rows and where few rows
        are of other classes (see ``n_bags``), and (128, 128, 128) for more of them and where
        ``partial_fit`` begins.
    activation : {"identity", "logistic", "tanh", "relu", "leaky_relu", "elu", "selu", "gelu", "silu", "mish", "softplus", "hard_tanh", "softsign"}, Activation, or a sequence of these, default="relu"
        Function after each hidden layer: one for all, or one per layer. Beside the names it may
        be one of your own, see :class:`sknumpynet.Activation`.
    dropout : float or sequence of float, default=0.0
        Rate at which units of a hidden layer are left out by chance, at every step of training
        anew: one for all layers, or one per layer. Predictions use all units. Behind "selu" it is
        alpha-dropout, which keeps mean and variance. Not for "lbfgs".
    normalization : {None, "batch", "layer"}, default=None
        Bring hidden units to mean 0 and variance 1 before their activation: over the rows of a
        "batch", by their weights (a prediction uses running averages of these), or over the units
        of a "layer", row by row. Scale and shift behind it are learned, and not decayed. "batch"
        is not for "lbfgs".
    residual : bool, default=False
        Add to each hidden layer but the first what it was given; where the width changes,
        through a matrix, which is not among ``coefs_``. The order is: linear, normalization,
        activation, dropout, sum. For deep networks.
    init : {"auto", "glorot_uniform", "glorot_normal", "he_uniform", "he_normal", "lecun_uniform", "lecun_normal", "orthogonal"}, default="auto"
        How the weights of hidden layers are drawn. "auto" is what suits their activation, so
        that signals keep their size: between "relu" layers He's, between "tanh" layers Glorot's,
        otherwise LeCun's times 1 / sqrt(E[f(z)^2]); at the columns of the table Glorot's, for
        "selu" LeCun's. A name stands for what its paper says; "orthogonal" has the size of He's.
        With ``residual``, those of L blocks are divided by L^0.75.
    numeric_embedding : {None, "auto", "cosine", "piecewise_linear"}, default="cosine"
        Turns every number into ``embedding_width`` of them, by functions that are learned, so
        that the network finds steps and waves in it. "cosine": the number itself and cosines of it,
        ``a cos(2 pi (w x + v)) + c``, where a starts at 0, but below 800 training rows at 0.3 for
        the number itself. "piecewise_linear": linear between 48 quantiles of the training rows.
        "auto": the latter, with early stopping in ``fit``, from 600 training rows on
        (``NumpyMLPRegressor``: 300), otherwise None. Numbers of a sparse X are not embedded, which
        a UserWarning tells where it was set; nor, with "auto", those in front of a network without
        hidden layers.
    embedding_width : "auto" or int, default="auto"
        With ``numeric_embedding``: numbers that each number becomes. "auto": 8 below 2,000
        training rows, where few are of other classes (see ``n_bags``), or with
        ``numeric_embedding="auto"``, otherwise 24, and fewer where they would be more than 1500 in
        all.
    max_frequency : "auto", float or sequence of float, default="auto"
        With ``numeric_embedding="cosine"``: the highest frequency w that cosines start at, in
        cycles per unit of a scaled column. The others lie below, down to 0.03 (a thirtieth of the
        highest, if that is below 1). Of several each holds for as many members, the highest for
        those left over, too: a member never sees frequencies that start above its own. Fewer
        members than values take those in the middle. "auto" is 0.3 below 2,000 training rows and
        where few are of other classes (see ``n_bags``), otherwise (0.3, 1.2, 10).
    n_members : int, default=8
        Networks that are trained at once, and whose predictions are averaged. They share all
        hidden layers, but each multiplies what goes into the first by a vector of its own, and has
        output weights of its own (TabM-mini). A step takes as long as one of so many networks;
        their number of parameters is about that of one.

    Loss options

    loss : {"squared_error", "absolute_error", "huber", "log_cosh", "quantile", "poisson", "gamma", "tweedie", "gaussian_nll"} or Loss, default="squared_error"
        What is minimized, and so what is predicted. The mean: "squared_error" (half of it);
        "poisson" (y >= 0: counts, rates), "gamma" (y > 0) and "tweedie" (``power``), half the
        deviances with a log link; "gaussian_nll", which also learns a standard deviation for each
        row, at least 1/1000 of that of y, see ``predict``. The median: "absolute_error". Between
        mean and median, little moved by outliers: "huber" and its smooth form "log_cosh"
        (``delta``). Quantiles: "quantile" (``quantile``). Or what your own loss says, see
        :class:`sknumpynet.Loss`.
    delta : float or "auto", default="auto"
        The error, in the unit of y, beyond which "huber" and "log_cosh" grow like absolute
        errors. "auto" is a standard deviation of y, or 1 with ``target_scaling=False``. > 0.
    quantile : float or ascending sequence of float, default=0.5
        What the loss "quantile" predicts: one, or several by one network, in which case
        predictions have one more axis, and never cross: they are sorted. In (0, 1).
    power : float, default=1.5
        Of the loss "tweedie", whose variance grows with this power of the mean: 1 is "poisson",
        2 "gamma", 3 the inverse Gaussian; y >= 0 below 2, y > 0 from 2 on. >= 1.
    target_scaling : bool, default=True
        Train on y in units of its own (standard deviations from the mean; multiples of the mean
        for "poisson", "gamma" and "tweedie"; what a Loss of your own says), learned from the
        training rows. Predictions are in the units of y; losses,
        ``alpha`` and ``tol`` refer to the scaled y.

    Training options

    solver : {"lbfgs", "sgd", "adam", "adamw", "muon", "schedule_free", "nadam", "rmsprop", "adagrad", "lion"}, default="muon"
        "lbfgs" is a quasi-Newton method on all rows at once, good for some thousand rows. The
        others go through mini-batches. "adamw": "adam" with ``weight_decay``. "muon":
        orthogonalised momentum (0.95) for the matrices of hidden layers, the first included, and
        "adamw" for all else. "schedule_free": "adamw" at a constant rate whose averaged weights
        validate and predict. "nadam": "adam" with Nesterov's momentum. "rmsprop" (decay 0.99),
        "adagrad", and "lion" (memory 0.99), which wants a rate 3 to 10 times smaller.
    alpha : float, default=0.0001
        Penalty: ``alpha / (2 n_samples) * sum of squared weights`` is added to the mean loss. It
        means the same for every solver and batch size. With ``sample_weight``, n_samples is the sum
        of the weights: 1000 rows of weight 1/1000 are penalized like a table of one row, for which
        with ``alpha=1`` training converges to a constant; see ``fit``. >= 0. Levels in a large
        embedding (40 times as many as rows in a batch) get it when a batch has them, for all steps
        since.
    weight_decay : float or "auto", default=0.1
        Only for "adamw", "muon", "schedule_free" and "lion", beside ``alpha``, which stays a
        penalty in the loss: every step takes the fraction ``rate * weight_decay`` off the weights
        between layers, whatever the gradient. Biases, scales and embeddings stay. "auto" is 1
        below 10,000 training rows and 0.3 above for "adamw" with early stopping and hidden layers,
        otherwise, and where ``partial_fit`` begins, 0.01. >= 0.
    batch_size : int or "auto", default="auto"
        Rows per step of all solvers but "lbfgs". "auto" makes batches of equal size of about 200
        rows, and below 1,600 rows about 8 steps an epoch of at least 32 rows. Larger than n_samples
        means all rows.
    learning_rate : {"constant", "invscaling", "adaptive", "plateau", "cosine", "cosine_restarts", "one_cycle", "exponential", "step"}, default="cosine_restarts"
        How the rate changes from ``learning_rate_init`` on. "invscaling", only for "sgd": rate /
        ``(t + 1) ** power_t`` after t samples. "adaptive", only for "sgd": divided by 5 each time
        ``n_iter_no_change`` epochs bring nothing; training ends at 1e-6. "plateau": times
        ``learning_rate_decay`` then; training ends at the fourth time. The others follow the
        planned steps, ``max_iter`` epochs from the beginning of a fit: "cosine" falls to 0;
        "cosine_restarts" does so twice, in half of them each, but with early stopping the second
        time only if the best epoch was among the last fifth of the first;
        "one_cycle" rises from a 25th for the first 0.3 of them, or the share ``warmup``, then falls
        to a 250,000th; "exponential" falls evenly to ``learning_rate_decay`` of the first; "step"
        is multiplied with that at one half and three quarters. A stream has no end, so that in
        ``partial_fit`` these are constant.
    learning_rate_init : float, default=0.004
        Step size of all solvers but "lbfgs"; half of it in ``partial_fit`` after a fit. > 0.
    muon_learning_rate : float or "auto", default="auto"
        Step size of the matrices that "muon" orthogonalises; it rises and falls with the other.
        "auto" is 10 times ``learning_rate_init``. > 0.
    learning_rate_decay : float, default=0.1
        Factor of "plateau", "exponential" and "step". In (0, 1).
    warmup : float, default=0.05
        Share of the planned steps (``max_iter`` epochs) over which the rate first rises evenly
        from near 0, whatever the schedule, which gets the rest of them. Not in ``partial_fit``. In
        [0, 1).
    power_t : float, default=0.5
        Exponent of "invscaling". >= 0.
    momentum : float, default=0.9
        Only for "sgd". In [0, 1].
    nesterovs_momentum : bool, default=True
        Only for "sgd" with momentum > 0.
    beta_1 : float, default=0.9
        Decay rate of the mean gradient of "adam" and its kin. In [0, 1).
    beta_2 : float, default=0.999
        The same of its mean square. In [0, 1).
    epsilon : float, default=1e-08
        Added to the root of the second moment. > 0.
    max_grad_norm : float or None, default=None
        Longest gradient: of a longer one the step takes the direction and this length. Not for
        "lbfgs". > 0.
    ema_decay : float, "auto" or None, default="auto"
        Weights to validate, stop on and predict with are a mean of those after each step, of
        which each counts this much less than the next; training goes on from the raw ones. 0.99
        averages over the last 100 steps or so. "auto" averages over an epoch, 20 to 100 steps; of
        ``NumpyMLP*`` without early stopping, and where ``partial_fit`` begins, it is None; see
        there for a stream after a fit. Not for "lbfgs", nor with "schedule_free", which has an
        average of its own ("auto" is None there). In
        [0, 1).
    shuffle : bool, default=True
        Draw a new order of the rows in each epoch.

    Stopping options

    max_iter : int or "auto", default="auto"
        Most epochs, of "lbfgs" iterations. "auto" is 200 for ``NumpyMLP*``; for ``TabularMLP*``
        20, or as many as 300 steps take (below 50 rows), 600 (up to 1,000), 2,000 (2,000 to 8,000),
        3,000 (from 12,000 on), and an epoch shows 75,000 rows at most, drawn from all, so that no
        more than 1,500,000 are shown; where few rows are of other classes (see ``n_bags``), 600
        steps of 128 rows. A ConvergenceWarning tells where they cut training short: after 10 or
        fewer, or if the last tenth of them still gained much; not with a ``learning_rate`` that
        falls to its end with them ("cosine", "cosine_restarts", "one_cycle", "exponential",
        "step").
    max_fun : int, default=15000
        Most evaluations of the loss by "lbfgs".
    max_time : float or None, default=None
        Seconds of training. It ends after the step (with "lbfgs" the iteration) that crosses
        them, and with early stopping gives back the best epoch, of which the last may be a part; a
        ConvergenceWarning as for ``max_iter``. A ``learning_rate`` that falls to its end with the
        planned steps, and ``warmup``, then end with the time. The models of ``n_bags`` share
        them: each plans with what is left, divided by the models that are left (with ``n_jobs``:
        with its part of as many rounds as there are). > 0.
    tol : float, default=0.0001
        Smallest improvement that counts as one, as a fraction of the loss of the best constant
        prediction (with a scorer in ``scoring``: in the units of the score). "lbfgs" stops when no
        entry of the gradient is larger. >= 0.
    n_iter_no_change : int, inf or "auto", default=inf
        Training ends after exactly this many epochs without improvement. "auto" is 10 with early
        stopping in ``fit`` from 600 training rows on, otherwise 20.
    early_stopping : bool or "auto", default="auto"
        Stop when the validation score has not improved for ``n_iter_no_change`` epochs, and give
        back the weights of the best epoch. Validates on ``X_val`` if it is passed to ``fit``, else
        on rows split off from X, of classes in proportion. Equal rows stay on one side of the
        split, and so do those of one of the ``groups`` of ``fit``; no unit of a column, order of
        the rows or constant column changes it. Where no column of 1,000 rows or more has more than
        32 values, rows to come repeat those of X, too: without ``groups`` equal rows fall on either
        side there (and a row of weight 2 on one of them). ``splitter`` says it otherwise. "auto" is
        True from 50 distinct rows on or with ``X_val``, but never for "lbfgs", nor in
        ``partial_fit``, which with True holds rows out by their content.
        Setting it to False alone lets the default layers overfit small tables.
    validation_fraction : float, default=0.1
        Fraction of the distinct rows that early stopping splits off; of all rows where equal
        ones fall on either side, see ``early_stopping``. In (0, 1).
    n_bags : int or "auto", default="auto"
        Parts of X for each of which a model is trained on all others and validated on it; the
        predictions of all are averaged. 1: a single model. The rows of a part are drawn as those of
        early stopping. Not with ``X_val``, nor where ``partial_fit`` begins. After a fit,
        ``partial_fit`` and ``warm_start`` go on with all models. "auto" is 1 for ``NumpyMLP*``; for
        ``TabularMLP*`` 5 for 50 to 1,000 distinct rows, and for up to 15,000 where at most 250, and
        a twentieth, are of other than the most frequent class, but a single model with
        ``X_val``, with ``warm_start`` from the first fit on, or where ``partial_fit`` begins.
    splitter : splitter, list of (train, validation) or None, default=None
        Which rows validate. A single model has the last split: ``TimeSeriesSplit()`` validates
        on the last rows of X. With ``n_bags`` > 1 each split has a model, and there must be as many
        (with "auto" there are, where it makes several). ``GroupKFold`` and others take the
        ``groups`` of ``fit``. None: rows drawn at random, of which equal ones (but see
        ``early_stopping``) and those of one of the ``groups`` stay together. A splitter decides
        alone: equal rows, ``validation_fraction`` and ``random_state`` do not count. Not used with
        ``X_val``, nor by ``partial_fit``.
    n_jobs : int or None, default=None
        Processes for the models of ``n_bags``, as everywhere in scikit-learn; -1: all cores.
    scoring : str or callable, default="loss"
        What early stopping watches: the validation "loss", the name of a scikit-learn scorer, or
        a callable ``(estimator, X, y) -> float``, which is given the validation rows as they came,
        of a data frame as a data frame.
    on_interrupt : {"keep", "raise"}, default="keep"
        What Ctrl-C does in ``fit``. "keep": training ends, the best epoch (of several models
        those that there are) is kept, and a UserWarning says so. In a search of scikit-learn with
        ``n_jobs=1`` that ends the fit that is under way alone, and the search goes on with the next
        one. "raise": a KeyboardInterrupt, which ends the search, too; the estimator is then what it
        was before.
    warm_start : bool, default=False
        Let ``fit`` go on from the present weights, moments and validation rows, with ``n_bags``
        those of each model.

    Columns options

    categorical_features : "from_dtype", None or array-like of str, int or bool, default="from_dtype"
        Which columns of X are categories. "from_dtype": those of a data frame with a category or
        Enum dtype, and text that spells nothing else (see ``parse_text``); in an array, text that
        spells no numbers. None: none; text that spells no numbers or dates is an error then. Or
        their names, numbers or a mask. A level that ``fit`` has not seen counts as unknown.
    parse_text : bool, default=True
        Whether a column of text is read as what nearly all of its values in ``fit`` spell:
        numbers ("$1,234.50", "12 %", "22 years", "1.2M"; decimal and thousands marks of one kind,
        one currency, one unit, percent as the number before its sign), dates and times (ISO, names
        of months, day and month in the order that the values prove), or yes and no. "?", "n/a" and
        the like, and up to 5 % of other values, are missing then; in ``predict`` whatever does not
        parse. Numbers that are names stay levels: those with leading zeros, few whole numbers,
        codes of equally many digits. What may be wrong is a warning. ``categorical_features`` and
        category dtypes go first.
    max_one_hot : int, default=32
        A category of up to so many levels becomes one 0/1 column each (a single column of -1 and
        1 for two levels that are never missing), of more levels m an embedding of about the square
        root of m columns, at most 16, that is learned. Without hidden layers every category is
        one-hot.
    min_frequency : float, default=2
        Levels of fewer training rows are pooled with the unknown ones, so that the model has
        seen what it does with those. A row counts ``sample_weight``; ``class_weight`` does not
        count. >= 0.
    text_components : int, default=30
        Free text, which is text of several words where at least 9 of 10 rows have one that fewer
        than ``min_frequency`` rows have (names, titles, descriptions), becomes so many numbers, but
        at most one for 10 texts: the directions in which the TF-IDF of sequences of three and four
        letters differs most (``TfidfVectorizer`` and ``TruncatedSVD`` of scikit-learn), learned
        from all rows of ``fit``, and of the first 2,000 letters of a text. One that explains the
        target no better than chance would is left out, as are ids. 0: free text is left out.
    missing_indicator : bool, default=True
        Whether a column of numbers with missing values in the training rows gets a 0/1 column
        that says where. A missing number is the centre of its column (mean, median), one that was
        never missing in training too.
    feature_scaling : {None, "standard", "robust", "quantile"}, default="quantile"
        What happens to the columns of X first. None: nothing. "standard": mean 0 and variance 1.
        "robust": median 0 and interquartile range 1. "quantile": a normal distribution, but as
        "standard" for a column of which one value has more than 0.3 of the rows. Except with None,
        columns of two values become zeros and ones, and values beyond 4 are bounded smoothly, by
        10, so that a row far out is not predicted far out. Learned from the training rows with
        their weights. Sparse X is never filled in.

    Computation options

    random_state : int, SeedSequence, Generator, RandomState instance or None, default=None
        Seed of the starting weights, the order of the rows and the validation split. An int or a
        ``numpy.random.SeedSequence`` gives the same weights to the last bit in every fit; from a
        Generator or a RandomState, of which equal ones give the same, every fit takes three new
        numbers.
    verbose : bool or int, default=False
        True or 1 shows a line that follows the training, on a terminal or in a notebook: the
        epoch, losses, the best so far and the time left, "at most" where training may end before
        its limits; with a bar if rich is installed. Into a file or a pipe, and where several
        processes train, it prints a line every epoch instead; a larger number does so everywhere,
        every ``verbose``-th epoch. The first and the last are always printed, and once the time
        left, if that is some seconds. The time is known after a second of the first epoch.
    dtype : {"float32", "float64"}, default="float32"
        In which the network is trained and predicts; predictions are float64 arrays. In float32
        (errors of about 1e-6) the prediction for a row has the same bits whatever rows come with
        it, as also its place, their number and the number of threads. Where the BLAS cannot give
        that, which is tried once in a process, the network predicts in float64, the same to 1e-12:
        MKL, and OpenBLAS on processors with AVX2 but no AVX-512.
    n_threads : int or None, default=None
        Most threads that share the large matrix products of a fit, and in predictions for 16,000
        rows and more the rows. By default as many as there are processors that the process may
        use, or fewer if its BLAS is set to fewer. A fit shares while its steps take less time so
        than alone, which it tries now and then: not beside other busy processes or under a quota.
        The results are the same to the last bit whatever the number. While a fit runs, the BLAS has
        one thread for all others in the process, and afterwards what it had.

    Attributes
    ----------
    n_outputs_ : int
        Columns of y.
    coefs_, intercepts_ : lists of ndarrays
        Weights (n_in, n_out) and offsets (n_out,) of
        each layer. They are views of the model: changing one changes predictions.
        ``coefs_[0]`` acts on the columns as ``feature_scaling`` leaves them, and has a row for
        each of ``encoded_feature_names_``: one for a number, or several
        where ``numeric_embedding`` embeds it (8 by "auto"). The last give y in the units of
        ``target_scaling``.
    loss_ : float
        Training loss of the last epoch, with the penalty.
    best_loss_ : float or None
        Lowest training loss of an epoch; None with
        ``early_stopping``.
    loss_curve_ : list of float
        Training loss of each epoch.
    validation_scores_ : list of float or None
        Score on the validation rows after each
        epoch; the negative loss with ``scoring="loss"``.
    best_validation_score_ : float or None
        The highest of them, that of the weights given
        back; None without ``early_stopping``.
    history_ : dict of lists
        ``epoch``, ``loss``, ``validation_loss``, ``score``,
        ``learning_rate`` and ``seconds`` of each epoch, ready for ``pandas.DataFrame``.
        ``partial_fit`` keeps the last 1000.
    oof_prediction_ : ndarray or None
        With ``n_bags`` > 1: for each row of X what the
        model predicts that left it out; probabilities, from a classifier. NaN for rows of
        weight 0, for those that no split of ``splitter`` validates on (the first, in time) and,
        after Ctrl-C, those that no finished model left out; the mean, where several did. None
        after ``partial_fit``. The other attributes are those of the first model.
    n_iter_ : int
        Epochs (iterations) of the last fit.
    t_ : int
        Rows seen in training.
    n_layers_ : int
        Layers with input and output layer.
    out_activation_ : str
        "identity" or "exp", or what your own loss says.
    n_features_in_ : int
        Columns of X.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of the columns, when X
        has names that are all strings.
    encoded_feature_names_ : list of str
        A name for each row of ``coefs_[0]``: "age", "age
        missing", "sex=female", "cabin[3]" (of an embedded level or number), "joined: sin of
        week".
    report_ : Report
        What the fit did: what became of each column of X and why, rows used
        and held out, losses beside those of the best constant, which epoch was kept. Print it,
        look at it in a notebook, or take ``report_.as_frame()``. Of ``partial_fit`` it is about
        the last call.
    best_iteration_ : int or None
        The epoch (iteration) whose weights were kept, counted
        from 1 and from the first fit; None for starting weights.
    converged_ : bool
        Whether training ended because it gained nothing any more. Of a
        stream, with ``early_stopping=True``: in the last call of ``partial_fit``, which has
        given back the best weights.
    network_ : Network
        The layers and their parameter vector ``theta``.

    See Also
    --------
    NumpyMLPRegressor : The same options with faster defaults.

    References
    ----------
    Gorishniy, Kotelnikov and Babenko (2024), "TabM: advancing tabular deep learning with
    parameter-efficient ensembling", arXiv:2410.24210.

    Jordan et al. (2024), "Muon: an optimizer for hidden layers in neural networks".

    Examples
    --------
    >>> from sklearn.datasets import make_friedman1
    >>> from sknumpynet import TabularMLPRegressor
    >>> X, y = make_friedman1(600, random_state=0)
    >>> model = TabularMLPRegressor(n_bags=1, random_state=0).fit(X[:500], y[:500])
    >>> model.score(X[500:], y[500:]) > 0.95
    True
    """
    def __init__(
        self,
        hidden_layer_sizes: int | Literal["auto"] | Sequence[int] | np.ndarray = "auto",
        activation: Literal["identity", "logistic", "tanh", "relu", "leaky_relu", "elu", "selu", "gelu", "silu", "mish", "softplus", "hard_tanh", "softsign"] | Activation | type[Activation] | Sequence[Literal["identity", "logistic", "tanh", "relu", "leaky_relu", "elu", "selu", "gelu", "silu", "mish", "softplus", "hard_tanh", "softsign"] | Activation | type[Activation]] = "relu",
        *,
        dropout: float | Sequence[float] | np.ndarray = 0.0,
        normalization: Literal["batch", "layer"] | None = None,
        residual: bool = False,
        init: Literal["auto", "glorot_uniform", "glorot_normal", "he_uniform", "he_normal", "lecun_uniform", "lecun_normal", "orthogonal"] = "auto",
        numeric_embedding: Literal["auto", "cosine", "piecewise_linear"] | None = "cosine",
        embedding_width: int | Literal["auto"] = "auto",
        max_frequency: float | Literal["auto"] | Sequence[float] | np.ndarray = "auto",
        n_members: int = 8,
        loss: Literal["squared_error", "absolute_error", "huber", "log_cosh", "quantile", "poisson", "gamma", "tweedie", "gaussian_nll"] | Loss | type[Loss] = "squared_error",
        delta: float | Literal["auto"] = "auto",
        quantile: float | Sequence[float] | np.ndarray = 0.5,
        power: float = 1.5,
        target_scaling: bool = True,
        solver: Literal["lbfgs", "sgd", "adam", "adamw", "muon", "schedule_free", "nadam", "rmsprop", "adagrad", "lion"] = "muon",
        alpha: float = 0.0001,
        weight_decay: float | Literal["auto"] = 0.1,
        batch_size: int | Literal["auto"] = "auto",
        learning_rate: Literal["constant", "invscaling", "adaptive", "plateau", "cosine", "cosine_restarts", "one_cycle", "exponential", "step"] = "cosine_restarts",
        learning_rate_init: float = 0.004,
        muon_learning_rate: float | Literal["auto"] = "auto",
        learning_rate_decay: float = 0.1,
        warmup: float = 0.05,
        power_t: float = 0.5,
        momentum: float = 0.9,
        nesterovs_momentum: bool = True,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-08,
        max_grad_norm: float | None = None,
        ema_decay: float | Literal["auto"] | None = "auto",
        shuffle: bool = True,
        max_iter: int | Literal["auto"] = "auto",
        max_fun: int = 15000,
        max_time: float | None = None,
        tol: float = 0.0001,
        n_iter_no_change: float | Literal["auto"] = float("inf"),
        early_stopping: bool | Literal["auto"] = "auto",
        validation_fraction: float = 0.1,
        n_bags: int | Literal["auto"] = "auto",
        splitter: Splitter | Sequence[tuple[ArrayLike, ArrayLike]] | None = None,
        n_jobs: int | None = None,
        scoring: str | Callable[[Any, Any, Any], float] = "loss",
        on_interrupt: Literal["keep", "raise"] = "keep",
        warm_start: bool = False,
        categorical_features: Literal["from_dtype"] | Sequence[str | int | bool] | np.ndarray | None = "from_dtype",
        parse_text: bool = True,
        max_one_hot: int = 32,
        min_frequency: float = 2,
        text_components: int = 30,
        missing_indicator: bool = True,
        feature_scaling: Literal["standard", "robust", "quantile"] | None = "quantile",
        random_state: int | np.random.SeedSequence | np.random.Generator | np.random.RandomState | None = None,
        verbose: bool | int = False,
        dtype: Literal["float32", "float64"] | type[np.float32 | np.float64] | np.dtype[Any] = "float32",
        n_threads: int | None = None,
    ) -> None: ...
