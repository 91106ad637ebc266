"""Every option of the estimators: values that it takes, and values that it refuses.

A new option is one row of ``OPTIONS``. Names of a table of the package come from its entries.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from sklearn.base import ClassifierMixin
from sklearn.model_selection import KFold

from sknumpynet.losses import Huber
from sknumpynet.options import options_of

from .columns import FEATURE_SCALINGS
from .layers import ACTIVATIONS, INITIALIZERS, NUMERIC_EMBEDDINGS
from .losses import REGRESSION_LOSSES
from .optimizers import SCHEDULES, SOLVERS


@dataclass(frozen=True)
class OptionCase:
    """Values beside the default; (value, all that the message says) for what is refused.

    ``where`` are other options with which it acts.
    """

    valid: Sequence
    invalid: Sequence[tuple] = ()
    where: dict = field(default_factory=dict)


def case_of(cls: type, name: str) -> OptionCase:
    """What an option takes in this class of estimators."""
    return CLASSIFIER_OPTIONS[name] if _is_own(cls, name) else OPTIONS[name]


def _is_own(cls: type, name: str) -> bool:
    return issubclass(cls, ClassifierMixin) and name in CLASSIFIER_OPTIONS


def names(entries) -> list[str]:
    """Each name as a message shows it."""
    return [repr(name) for name in entries]


SGD = {"solver": "sgd"}
LBFGS = {"solver": "lbfgs"}
STOPPING = {"early_stopping": True}
COSINE = {"numeric_embedding": "cosine"}
WIDTH = "'auto' or an integer >= 2"
FREQUENCY = "a number > 0 or a sequence of them, which is not empty"
SIZES = "'auto' or an integer >= 1 or a sequence"
NUMBER = "a number >= 0"
SEED = "None or an integer >= 0 and <= 4294967295 or a RandomState, a Generator or a SeedSequence"
BOOLEAN = "True or False"

OPTIONS = {
    "hidden_layer_sizes": OptionCase(
        [5, (4, 3), (), "auto"], [(0, SIZES), ((5, -1), SIZES), ((5.5,), SIZES), ("5", SIZES)]
    ),
    "activation": OptionCase(
        [*ACTIVATIONS, ["tanh"]],
        [
            ("unheard of", names(ACTIVATIONS)),
            (["relu", 3], "one per hidden layer"),
        ],
    ),
    "numeric_embedding": OptionCase(
        [None, "auto", *NUMERIC_EMBEDDINGS],
        [("unheard of", names([None, "auto", *NUMERIC_EMBEDDINGS]))],
    ),
    "embedding_width": OptionCase([3], [(1, WIDTH), ("wide", WIDTH), (2.5, WIDTH)], COSINE),
    "max_frequency": OptionCase(
        [2, (0.5, 5)], [(0, FREQUENCY), ((), FREQUENCY), ([1, -1], FREQUENCY)], COSINE
    ),
    "n_members": OptionCase([4], [(0, "an integer >= 1"), (None, "an integer >= 1")]),
    "dropout": OptionCase(
        [0.4, (0.5,)],
        [(1.0, ">= 0 and < 1"), ([0.1, -0.1], "one per hidden layer"), ("half", ">= 0 and < 1")],
    ),
    "normalization": OptionCase(
        [None, "batch", "layer"], [("instance", "None, 'batch', 'layer'"), (True, "one of")]
    ),
    "init": OptionCase(["auto", *INITIALIZERS], [("zeros", names(INITIALIZERS))]),
    "residual": OptionCase([True], [(None, BOOLEAN)], {"hidden_layer_sizes": (4, 4, 3)}),
    "solver": OptionCase(SOLVERS, [("unheard of", names(SOLVERS))]),
    "alpha": OptionCase([0, 0.5], [(-1e-3, NUMBER), (np.nan, NUMBER), (True, NUMBER)]),
    "weight_decay": OptionCase([0, 0.1], [(-1e-3, NUMBER)], {"solver": "adamw"}),
    "batch_size": OptionCase(
        [7, 1000], [(0, "'auto' or an integer >= 1"), ("all", "'auto' or an integer >= 1")]
    ),
    "learning_rate": OptionCase([*SCHEDULES], [("unheard of", names(SCHEDULES))], SGD),
    "learning_rate_init": OptionCase([0.01], [(0.0, "a number > 0")]),
    "learning_rate_decay": OptionCase(
        [0.5], [(1.0, "> 0 and < 1"), (0.0, "> 0 and < 1")], {"learning_rate": "step"}
    ),
    "warmup": OptionCase([0.1, 0.99], [(1.0, ">= 0 and < 1"), (-0.1, ">= 0 and < 1")]),
    "muon_learning_rate": OptionCase(
        [0.02], [(0.0, "'auto' or a number > 0"), ("adam", "'auto'")], {"solver": "muon"}
    ),
    "power_t": OptionCase([0.2], [(-1, NUMBER)], SGD | {"learning_rate": "invscaling"}),
    "momentum": OptionCase([0.0, 0.5], [(1.5, ">= 0 and <= 1")], SGD),
    "nesterovs_momentum": OptionCase([False], [(2, BOOLEAN)], SGD),
    "beta_1": OptionCase([0.5], [(1.0, ">= 0 and < 1")]),
    "beta_2": OptionCase([0.9], [(-0.1, ">= 0 and < 1")]),
    "epsilon": OptionCase([1e-3], [(0, "a number > 0")]),
    "max_grad_norm": OptionCase([0.1], [(0.0, "None or a number > 0")]),
    "ema_decay": OptionCase(
        [None, 0.0, 0.9, "auto"], [(1.0, "None or 'auto' or a number >= 0 and < 1")]
    ),
    "shuffle": OptionCase([False], [("yes", BOOLEAN)]),
    "max_iter": OptionCase([1, 7, "auto"], [(0, "an integer >= 1"), (2.5, "an integer >= 1")]),
    "n_bags": OptionCase([3, "auto"], [(0, "an integer >= 1"), (True, "an integer >= 1")]),
    "splitter": OptionCase(
        [KFold(4), [(np.arange(12), np.arange(14, 20))]],
        [(5, "a splitter of sklearn.model_selection"), ([], "set n_bags"), ("KFold", "or a list")],
        STOPPING,
    ),
    "n_jobs": OptionCase([1, -1], [(0, "an integer other than 0")]),
    "calibrate": OptionCase([True, "auto"], [(None, f"'auto' or {BOOLEAN}")], STOPPING),
    "max_fun": OptionCase([7], [(0, "an integer >= 1")], LBFGS),
    # One step, and more than it takes.
    "max_time": OptionCase([1e-9, 1e6], [(0, "None or a number > 0"), (np.inf, "a number > 0")]),
    "tol": OptionCase([0.0, 0.1], [(-1.0, NUMBER)]),
    "n_iter_no_change": OptionCase([2, np.inf], [(0, "an integer >= 1 or inf")]),
    "early_stopping": OptionCase(
        [True, False],
        [(value, "True or False or 'auto'") for value in ("always", None, 1)],
    ),
    "validation_fraction": OptionCase([0.3], [(1.0, "> 0 and < 1")], STOPPING),
    "scoring": OptionCase(
        ["neg_mean_squared_error", lambda estimator, X, y: float(estimator.predict(X).sum())],
        [(None, "'loss', the name of a scikit-learn scorer")],
        STOPPING,
    ),
    "on_interrupt": OptionCase(["raise"], [("stop", "one of 'keep', 'raise'")]),
    "warm_start": OptionCase([True], [(None, BOOLEAN)]),
    "categorical_features": OptionCase(
        [None, []],
        [("all", "'from_dtype', None, or a list of names"), (3, "'from_dtype', None, or a list")],
    ),
    "parse_text": OptionCase([False], [(None, BOOLEAN), (1, BOOLEAN)]),
    "max_one_hot": OptionCase([1, 40], [(0, "an integer >= 1")]),
    "min_frequency": OptionCase([0, 3.5], [(-1, NUMBER)]),
    "text_components": OptionCase([0, 5], [(-1, "an integer >= 0"), (2.5, "an integer >= 0")]),
    "missing_indicator": OptionCase([False], [(None, BOOLEAN)]),
    "feature_scaling": OptionCase([*FEATURE_SCALINGS], [("unheard of", names(FEATURE_SCALINGS))]),
    "random_state": OptionCase(
        [
            7,
            2**32 - 1,
            np.random.RandomState(3),
            np.random.default_rng(3),
            np.random.SeedSequence(3),
        ],
        [(value, SEED) for value in (-1, 2**32, 0.5, "0", [1, 2], np.random.PCG64)],
    ),
    "verbose": OptionCase([True, 2], [(-1, "True or False or an integer >= 0")]),
    "dtype": OptionCase(["float64"], [("float16", "'float32', 'float64'")]),
    "n_threads": OptionCase(
        [1], [(0, "None or an integer >= 1"), ("all", "None or an integer >= 1")]
    ),
    "class_weight": OptionCase(
        ["balanced", {0: 1.0, 1: 3.0}],
        [("even", "None, 'balanced', a dict from class to weight, or a list of dicts")],
    ),
    "gamma": OptionCase([0, 0.5], [(-1.0, NUMBER)], {"loss": "focal"}),
    "label_smoothing": OptionCase([0.1], [(1.0, ">= 0 and < 1"), (-0.1, ">= 0 and < 1")]),
    "loss": OptionCase(
        [*REGRESSION_LOSSES, Huber(0.5)],
        [
            ("unheard of", [*names(REGRESSION_LOSSES), "or a Loss of your own"]),
            (int, "or a Loss of your own"),
            (None, "or a Loss of your own"),
        ],
    ),
    "delta": OptionCase(
        [0.5], [(0, "'auto' or a number > 0"), ("sd", "'auto'")], {"loss": "huber"}
    ),
    "quantile": OptionCase(
        [0.9, [0.1, 0.5, 0.9]],
        [
            (level, "a number > 0 and < 1, or an ascending sequence")
            for level in (0.0, 1, "median", [0.5, 0.1], [0.5, 0.5], [], [0.5, 1.0])
        ],
        {"loss": "quantile"},
    ),
    "power": OptionCase([1, 2, 1.2, 3.0], [(0.5, "a number >= 1")], {"loss": "tweedie"}),
    "target_scaling": OptionCase([False], [("yes", BOOLEAN)]),
}


#: Options of classifiers that have the name of another one of regressors.
CLASSIFIER_OPTIONS = {
    "loss": OptionCase(
        ["log_loss", "focal"],
        [(value, "one of 'log_loss', 'focal'") for value in ("hinge", None)],
    ),
}


def options_for(*estimators: type) -> list[tuple[type, str]]:
    """Each of the estimators with each of its options."""
    return [(cls, name) for cls in estimators for name in options_of(cls) if name in OPTIONS]
