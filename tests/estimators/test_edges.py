"""Every option that is a number, at the edges: a model, or an error with its name."""

import math
import warnings
from fractions import Fraction

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning

from sknumpynet import NumpyMLPClassifier, NumpyMLPRegressor
from sknumpynet.options import options_of
from tests.catalogue.options import case_of

BOTH = [NumpyMLPClassifier, NumpyMLPRegressor]
rng = np.random.default_rng(0)
X = rng.standard_normal((60, 3))
X[0, 0] = np.nan
y = 1 + np.arange(60) % 2

#: Around 0, 1, the largest numbers of float32 and float64, their roots, and integers of a machine.
PLAIN = [
    0, 5e-324, 1e-310, 1.4e-154, 1e-45, 1e-38, 1e-8, 0.5, np.nextafter(1, 0), 1, np.nextafter(1, 2),
    2, 2**31, 2**53, 1e16, 2**63, 2**64, 3e38, 4e38, 1e154, 1.4e154, 1e200, 1e300,
    1.7976931348623157e308, 10**308, math.inf,
]  # fmt: skip
#: Numbers that are equal to these, or nearly, of other types.
OTHERS = [
    Fraction(1, 3), Fraction(10**300), np.float32(3e38), np.float16(6e4), np.int64(2**63 - 1),
    np.uint64(2**64 - 1), np.longdouble(0.25),
]  # fmt: skip
#: Fractions that become 0 and 1 as floats.
ROUNDED = [Fraction(1, 10**400), Fraction(10**400 - 1, 10**400)]
#: What no option takes: as floats they are infinite, none, or below 0.
BEYOND = [
    10**309, 10**400, -(10**400), 10**5000, Fraction(10**400), Fraction(-(10**400)), math.nan,
    -math.inf, -1, -1e-300,
]  # fmt: skip

RULES = ("adam", "adamw", "muon", "schedule_free", "nadam")
#: Options with which one acts, beside those of the catalogue.
WHERE = {
    "epsilon": [{"solver": s} for s in (*RULES, "rmsprop", "adagrad")],
    "learning_rate_init": [{"solver": s} for s in ("sgd", *RULES, "rmsprop", "adagrad", "lion")],
    "weight_decay": [{"solver": s} for s in ("adamw", "muon", "schedule_free", "lion")],
    "beta_1": [{"solver": s} for s in (*RULES, "lion")],
    "beta_2": [{"solver": s} for s in RULES],
    "alpha": [{}, {"solver": "lbfgs"}, {"dtype": "float64"}],
    "tol": [{}, {"solver": "lbfgs"}, {"solver": "sgd", "learning_rate": "adaptive"}],
    "max_grad_norm": [{}, {"dtype": "float64"}],
    "learning_rate_decay": [{"learning_rate": s} for s in ("step", "plateau", "exponential")],
    "warmup": [{"learning_rate": s} for s in ("constant", "one_cycle", "cosine")],
    "delta": [{"loss": "huber"}, {"loss": "log_cosh"}, {"loss": "log_cosh", "dtype": "float64"}],
    "power": [{"loss": "tweedie"}, {"loss": "tweedie", "target_scaling": False}],
    "max_frequency": [
        {"numeric_embedding": "cosine", **more} for more in ({}, {"dtype": "float64"})
    ],
    "min_frequency": [{"categorical_features": [1]}],
    "max_one_hot": [{"categorical_features": [1]}],
    "max_iter": [
        {"learning_rate": "cosine", "n_iter_no_change": 1, "tol": 10.0},
        {"solver": "lbfgs", "tol": 10.0},
    ],
    "n_jobs": [{}, {"n_bags": 2}],
}
#: Most would take all memory, see ``test_memory.py``.
SIZES = {"hidden_layer_sizes", "n_members", "embedding_width"}


def cases():
    for cls in BOTH:
        for name, declared in options_of(cls).items():
            if any(declared.allowed.test(v) for v in (0.25, 0.5, 1, 2)) and name not in SIZES:
                for where in WHERE.get(name, [case_of(cls, name).where]):
                    if cls is NumpyMLPRegressor or where.get("loss") in (None, "focal"):
                        yield pytest.param(cls, name, where, id=f"{cls.__name__}-{name}-{where}")


def fitted(cls, name, value, where):
    options = {"hidden_layer_sizes": (4,), "max_iter": 2, "random_state": 0, **where, name: value}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        # Nothing learned of a column in which each row is a level of its own.
        warnings.filterwarnings("ignore", "Left out of X", UserWarning)
        return cls(**options).fit(X, y)


@pytest.mark.slow
@pytest.mark.parametrize(("cls", "name", "where"), cases())
def test_at_the_edges_a_model_or_an_error_with_the_name(cls, name, where, capsys):
    for value in (*PLAIN, *OTHERS, *ROUNDED, *BEYOND):
        try:
            model = fitted(cls, name, value, where)
        except ValueError as error:
            told = str(error)
        else:
            predict = getattr(model, "predict_proba", model.predict)
            assert np.isfinite(predict(X)).all(), value
            continue
        assert name in told, value
        assert len(told) < 400


@pytest.mark.parametrize(("cls", "name", "where"), cases())
def test_what_no_float_holds_is_refused(cls, name, where, capsys):
    if name in ("n_jobs", "random_state"):
        return
    for value in BEYOND:
        with pytest.raises(ValueError, match=f"^{name} of {cls.__name__} must be"):
            fitted(cls, name, value, where)


def test_a_number_beyond_floats_is_told_so():
    with pytest.raises(ValueError, match=r"Got 10+\.\.\. instead\. It is beyond the range of 64"):
        NumpyMLPRegressor(alpha=10**400).fit(X, y)
    with pytest.raises(ValueError, match="Got <int> instead. It is beyond"):
        NumpyMLPRegressor(max_iter=10**5000).fit(X, y)
    with pytest.raises(ValueError, match=r"Got inf instead\.$"):
        NumpyMLPRegressor(alpha=math.inf).fit(X, y)


@pytest.mark.parametrize("name", ["quantile", "dropout", "max_frequency"])
def test_numbers_in_a_sequence_are_checked_as_one_alone(name):
    for value in (Fraction(1, 10**400), 10**400, math.nan, -1):
        if name == "dropout" and value == Fraction(1, 10**400):
            continue
        with pytest.raises(ValueError, match=f"^{name} of NumpyMLPRegressor must be"):
            NumpyMLPRegressor((4,), **{name: [value]}).fit(X, y)


def test_a_fraction_is_the_float_that_it_is():
    for name, value, where in [
        ("gamma", Fraction(3, 2), {"loss": "focal"}),
        ("alpha", Fraction(1, 4), {}),
        ("dropout", Fraction(1, 4), {}),
        ("epsilon", Fraction(1, 4), {}),
    ]:
        one = fitted(NumpyMLPClassifier, name, value, where)
        other = fitted(NumpyMLPClassifier, name, float(value), where)
        assert np.array_equal(one.network_.theta, other.network_.theta), name


@pytest.mark.parametrize("solver", ["rmsprop", "adagrad", "schedule_free", "adam", "nadam"])
def test_a_huge_epsilon_moves_nothing(solver):
    one, other = (
        fitted(NumpyMLPRegressor, "epsilon", epsilon, {"solver": solver})
        for epsilon in (1e300, 1e150)
    )
    assert np.array_equal(one.network_.theta, other.network_.theta)


def test_a_frequency_that_overflows_is_the_cause():
    model = NumpyMLPRegressor((4,), numeric_embedding="cosine", max_frequency=(1.0, 1e38))
    with pytest.raises(ValueError, match=r"The cause is max_frequency=\(1\.0, 1e\+38\): angles"):
        model.fit(X, y)


def test_more_processes_than_models():
    one, other = (
        fitted(NumpyMLPRegressor, "n_jobs", n_jobs, {"n_bags": 2}) for n_jobs in (None, 10**9)
    )
    assert np.array_equal(one.predict(X), other.predict(X))
