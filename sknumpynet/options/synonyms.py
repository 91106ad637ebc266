"""Names that other libraries give to what the options have.

In: nothing. Out: tables of names in small letters without marks. Keras, PyTorch, LightGBM, XGBoost,
CatBoost and scikit-learn are where users come from.
"""

from __future__ import annotations

from collections.abc import Callable
from numbers import Integral, Real
from typing import Any


def _by_synonym(table: dict[str, str]) -> dict[str, str]:
    """From each of the words behind a name to that name."""
    return {word: name for name, words in table.items() for word in words.split()}


#: For each option its values, and what they are called elsewhere.
VALUES: dict[str, dict[str, str]] = {
    "activation": _by_synonym(
        {
            "silu": "swish",
            "logistic": "sigmoid expit",
            "identity": "linear none",
            "relu": "rectifier relu6",
            "leaky_relu": "lrelu prelu",
            "hard_tanh": "hardtanh htanh",
            "tanh": "hyperbolictangent",
            "softplus": "softrelu",
        }
    ),
    "solver": _by_synonym(
        {
            "lbfgs": "bfgs newton newtoncg",
            "sgd": "gd gradientdescent momentum nesterov",
            "adam": "auto radam adamax",
            "schedule_free": "adamwschedulefree",
            "rmsprop": "adadelta",
            "muon": "shampoo",
        }
    ),
    "learning_rate": _by_synonym(
        {
            "constant": "fixed none auto",
            "invscaling": "inversescaling inversetimedecay",
            "plateau": "reducelronplateau reduceonplateau",
            "cosine": "cosineannealing cosineannealinglr cosinedecay",
            "one_cycle": "onecyclelr 1cycle superconvergence",
            "exponential": "exponentiallr exponentialdecay",
            "step": "steplr multistep multisteplr piecewiseconstantdecay",
        }
    ),
    "loss": _by_synonym(
        {
            "squared_error": (
                "mse mseloss meansquarederror rmse rootmeansquarederror l2 ls leastsquares "
                "regression regsquarederror"
            ),
            "absolute_error": (
                "mae l1 l1loss lad meanabsoluteerror regressionl1 regabsoluteerror median"
            ),
            "huber": "smoothl1 smoothl1loss",
            "log_cosh": "pseudohuber",
            "quantile": "pinball pinballloss regquantileerror",
            "poisson": "poissonnll poissonnllloss countpoisson",
            "gaussian_nll": "gaussian gaussiannllloss normal nll",
            "log_loss": (
                "crossentropy crossentropyloss crossentropywithlogits binarycrossentropy "
                "categoricalcrossentropy sparsecategoricalcrossentropy bce bceloss bcewithlogits "
                "bcewithlogitsloss nllloss logistic deviance softmax binary multiclass "
                "binarylogloss multilogloss binarylogistic multisoftprob"
            ),
            "focal": "focalloss binaryfocalcrossentropy categoricalfocalcrossentropy",
        }
    ),
    "init": _by_synonym(
        {
            "he_normal": "he kaiming kaimingnormal",
            "he_uniform": "kaiminguniform",
            "glorot_uniform": "glorot xavier xavieruniform",
            "glorot_normal": "xaviernormal",
            "lecun_normal": "lecun",
            "auto": "kmeans default",
        }
    ),
    "normalization": _by_synonym(
        {
            "batch": "batchnorm batchnorm1d batchnormalization bn",
            "layer": "layernorm layernormalization ln",
        }
    ),
    "numeric_embedding": _by_synonym(
        {
            "cosine": "periodic plr fourier sine",
            "piecewise_linear": "ple piecewise bins splines",
        }
    ),
    "feature_scaling": _by_synonym(
        {
            "standard": "zscore standardize standardscaler auto",
            "robust": "robustscaler iqr",
            "quantile": "rank normal quantiletransformer",
        }
    ),
    "categorical_features": _by_synonym(
        {
            "from_dtype": "auto infer dtype",
        }
    ),
    "dtype": _by_synonym(
        {
            "float64": "float double f8",
            "float32": "single f4 float16 half bfloat16",
        }
    ),
    "class_weight": _by_synonym(
        {
            "balanced": "even auto balance",
        }
    ),
    "scoring": _by_synonym(
        {
            "accuracy": "acc accuracyscore",
            "roc_auc": "auc rocaucscore auroc",
            "average_precision": "averageprecisionscore aucpr",
            "neg_log_loss": "logloss crossentropy",
            "neg_mean_squared_error": "mse meansquarederror l2",
            "neg_root_mean_squared_error": "rmse rootmeansquarederror",
            "neg_mean_absolute_error": "mae meanabsoluteerror l1",
            "neg_mean_absolute_percentage_error": "mape",
            "r2": "r2score",
            "f1": "f1score",
            "balanced_accuracy": "balancedaccuracyscore",
            "neg_brier_score": "brier",
            "loss": "validationloss valloss",
        }
    ),
}

#: What stands for options of other libraries.
OPTIONS = _by_synonym(
    {
        "learning_rate_init": "lr learningrates eta eta0",
        "learning_rate": "scheduler lrscheduler schedule",
        "solver": "optimizer algorithm",
        "max_iter": "epochs nepochs maxepochs numepochs iterations nestimators numboostround",
        "max_time": "timelimit",
        "n_iter_no_change": "patience earlystoppingrounds earlystoppinground",
        "validation_fraction": "validationsplit valsize",
        "hidden_layer_sizes": (
            "hiddenlayers hiddensizes hiddenunits hiddendims layers layersizes units"
        ),
        "activation": "activations",
        "dropout": "dropoutrate",
        "normalization='batch'": "batchnorm batchnormalization",
        "normalization='layer'": "layernorm",
        "normalization": "norm",
        "residual": "skipconnections",
        "init": "initializer kernelinitializer weightinit",
        "alpha": "l2 lambda reglambda lambdal2 l2leafreg l2regularization regularization",
        "beta_1 and beta_2": "betas",
        "epsilon": "eps",
        "nesterovs_momentum": "nesterov",
        "max_grad_norm": "clipnorm gradientclipval maxnorm gradclip",
        "ema_decay": "ema emamomentum",
        "loss": "criterion objective lossfunction lossfn",
        "scoring": "metric metrics evalmetric scorer",
        "class_weight": "scaleposweight classweights",
        "class_weight='balanced'": "isunbalance",
        "categorical_features": "catfeatures categoricalfeature categoricalcolumns catcols",
        "categorical_features='from_dtype'": "enablecategorical",
        "max_one_hot": "onehotmaxsize",
        "min_frequency": "mindatapergroup",
        "feature_scaling": "scaler scale normalize standardize",
        "n_members": "k ensemblesize",
        "n_bags": "cv nfolds numbagfolds",
        "random_state": "seed randomseed rng",
        "verbose": "verbosity",
        "dtype": "precision",
        "n_threads": "numthreads nthread threadcount numworkers",
        "gamma": "focalgamma",
        "power": "tweedievariancepower variancepower",
        "delta": "huberdelta huberslope",
    }
)


def _is_number(value: Any) -> bool:
    # Not NaN, nor what is beyond the integers of a float.
    number = isinstance(value, Real) and not isinstance(value, bool)
    try:
        return number and abs(float(value)) < 2.0**53
    except OverflowError:
        return False


def _rate(value: Any) -> str | None:
    if isinstance(value, str):
        return "the option warmup" if value.casefold() in ("warmup", "linear_warmup") else None
    return f"learning_rate_init={value:g}" if _is_number(value) and value > 0 else None


def _rounds(value: Any) -> str | None:
    whole = isinstance(value, Integral) and _is_number(value) and int(value) > 1
    return f"early_stopping=True, n_iter_no_change={value}" if whole else None


def _percent(value: Any) -> str | None:
    if value is None or value is False:
        return "dropout=0"
    return f"dropout={value / 100:g}" if _is_number(value) and 1 < value < 100 else None


def _of_bool(value: Any, yes: str, no: str) -> str | None:
    return (yes if value else no) if isinstance(value, bool) else None


def _whole(value: Any) -> str | None:
    # Not compared with an integer, which a small float type may not hold.
    whole = _is_number(value) and value >= 1 and float(value).is_integer()
    return f"{int(value)}" if whole else None


def _sizes(value: Any) -> str | None:
    none = value is None or (_is_number(value) and value == 0)
    return "hidden_layer_sizes=(), a linear model" if none else None


def _batch(value: Any) -> str | None:
    all_rows = value is None or value in (-1, "all", "full")
    return "a number as large as that of the rows, for all of them" if all_rows else _whole(value)


#: What is meant by values (None, bools, numbers, texts) that the option does not take, or None.
INSTEAD: dict[str, Callable[[Any], str | None]] = {
    "learning_rate": _rate,
    "early_stopping": _rounds,
    "dropout": _percent,
    "hidden_layer_sizes": _sizes,
    "batch_size": _batch,
    "max_iter": _whole,
    "n_bags": lambda value: None if isinstance(value, bool) else _whole(value),
    "normalization": lambda value: _of_bool(value, "'batch'", "None"),
    "feature_scaling": lambda value: _of_bool(value, "'standard'", "None"),
    "class_weight": lambda value: "'balanced'" if value is True else None,
    "categorical_features": lambda value: "'from_dtype'" if value is True else None,
    "max_grad_norm": lambda value: None if value else "None",
}
