"""A fit whose rows are on several ranks: each has some, and all find the same model.

In: an estimator, the rows of one rank, and its collective. Out: what the fit has found, the same on
all ranks. It is a fit as any other, but that everything that is learned of rows is learned of those
of all ranks; what cannot be, is refused.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import scipy

from ..callbacks.protocol import callbacks_of
from ..fitting.counted import counted
from ..fitting.endings import Ending
from ..fitting.fit import fit
from ..fitting.found import Ensemble
from ..fitting.resume_of_ranks import saved_together
from ..fitting.share import Share, check_weights
from ..fitting.task import Order
from ..fitting.validation import about_rows_to_validate
from ..frames import FrameReader, ReaderOfRank
from ..options import Seeds, check_options, drawn_seeds
from ..quoting import quoted
from ..targets import Target, UnknownClasses
from ..telling import warn
from ..training import Collective, ObjectiveOfAll, one_blas_thread
from .base import BaseNumpyMLP
from .saved import saved_fit_of

#: X, y and weights of rows, each None if there are none.
Given = tuple[Any, Any, Any]


def fit_on_rank(
    estimator: BaseNumpyMLP,
    ranks: Collective,
    X: Any,
    y: Any,
    sample_weight: Any = None,
    validation: Given = (None, None, None),
    seeds: Seeds | None = None,
) -> BaseNumpyMLP:
    """Fit the estimator on the rows of all ranks, of which these are some.

    All ranks call it, with estimators of the same options. An error on one of them is an error on
    all, and leaves the estimator as it was.

    Parameters
    ----------
    estimator : NumpyMLPClassifier, NumpyMLPRegressor, or one of their subclasses
    ranks : Collective
    X, y, sample_weight
        Of this rank: one row or more. With weights on one of them, there are some on all.
    validation : tuple of X_val, y_val, sample_weight_val
        Rows to validate on. X_val is None on all ranks, or has some rows on one and on others,
        perhaps, none.
    seeds : Seeds, optional
        The same on all ranks. Default: those that rank 0 draws by ``random_state``.

    Returns
    -------
    estimator
        Fitted, with the same weights everywhere.
    """
    try:
        check_options(estimator, estimator._rules)
        refuse_what_is_alone(estimator)
        draft = estimator._as_it_is_now()
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            found, end = _find(draft, ranks, X, y, sample_weight, validation, seeds)
        draft._take(found)
        if end is not None and ranks.rank == 0:
            warn(*end)
        estimator._become(draft)
        return estimator
    except BaseException as error:
        ranks.abort(f"{type(error).__name__}: {error}")
        raise


def _find(
    draft: BaseNumpyMLP,
    ranks: Collective,
    X: Any,
    y: Any,
    sample_weight: Any,
    validation: Given,
    seeds: Seeds | None,
) -> tuple[Ensemble, Ending | None]:
    begin = time.perf_counter()
    _refuse_other_versions(ranks)
    seeds = ranks.broadcast(seeds or drawn_seeds(draft.random_state))
    new, reader, as_passed = draft._new_target(), draft._new_reader(), (X, y)
    learning: Any = ReaderOfRank(reader, ranks)
    X, y = draft._validate(X, y, new, learning, reset=True, name="y")
    weight = check_weights(sample_weight, X.shape[0], least_one=False)
    target = new.learn(labels_of_all(y, ranks) if isinstance(new, UnknownClasses) else y)
    loss = draft._new_loss(target)
    codes = target.codes(y)
    option = getattr(draft, "class_weight", None)
    # "balanced" counts rows; of those of all ranks, each combination of labels is one.
    counted_rows = (
        codes_of_all(codes, weight, ranks) if isinstance(option, str) else (codes, weight)
    )
    target.learn_weights(option, *counted_rows)
    table = Share.all_of(X, y, codes, target.weights(codes, weight), as_passed, ranks=ranks)
    given = _given(draft, ranks, reader, target, table, validation)
    columns = reader.table_columns(X, getattr(draft, "feature_names_in_", None))
    order = Order(
        draft, False, reader, target, loss, columns, draft._with_model,
        new_objective=partial(ObjectiveOfAll, ranks), seeds=Seeds(*seeds), ranks=ranks,
        saved=saved_fit_of(draft, incremental=False),
    )  # fmt: skip
    order = saved_together(order, table, given)
    with one_blas_thread(2.0 * X.shape[0] * X.shape[1]):
        found, end = fit(order.anew(), table, given)
    account = replace(counted(table, columns, stream=False), seconds=time.perf_counter() - begin)
    whole = Ensemble((found,), account=account)
    reader.leave_out(whole.unused_columns())
    if order.saved is not None and ranks.rank == 0:
        order.saved.end()
    return whole, end


def _given(
    draft: BaseNumpyMLP,
    ranks: Collective,
    reader: FrameReader,
    target: Target,
    table: Share,
    validation: Given,
) -> Share | None:
    """The rows to validate on that were passed; on some ranks there may be none of them."""
    X_val, y_val, weight = validation
    if not any(ranks.gather(X_val is not None)):
        return None
    if X_val is None:
        nothing = table.X[:0], table.y[:0], table.codes[:0]
        return Share.all_of(*nothing, None, validation[:2], "X_val", ranks=ranks)
    with about_rows_to_validate():
        X, y = draft._validate(X_val, y_val, target, reader, reset=False, name="y_val")
        weight = check_weights(weight, X.shape[0], "sample_weight_val", least_one=False)
        codes = target.codes(y)
    weight = target.weights(codes, weight)
    return Share.all_of(X, y, codes, weight, (X_val, y_val), "X_val", ranks=ranks)


# What is learned of y.


def labels_of_all(y: np.ndarray, ranks: Collective) -> np.ndarray:
    """Rows of y that have all of its labels, those of the other ranks too."""
    found = ranks.gather(_distinct(y))
    kinds = {"number" if part.dtype.kind in "biuf" else part.dtype.kind for part in found}
    if len(kinds) > 1 or len({part.shape[1:] for part in found}) > 1:
        shown = ", ".join(f"{part.dtype} of shape (n, {part.shape[1:]})" for part in found[:3])
        raise TypeError(f"y is not the same kind of labels on all ranks: {shown}.")
    return np.concatenate(found)


def _distinct(y: np.ndarray) -> np.ndarray:
    """The distinct rows of y."""
    if y.dtype.kind != "O":
        return np.unique(y, axis=0)
    rows = y.tolist() if y.ndim == 1 else map(tuple, y.tolist())
    first: dict[Any, int] = {}
    for i, row in enumerate(rows):
        first.setdefault(row, i)
    return y[list(first.values())]


def codes_of_all(
    codes: np.ndarray, weight: np.ndarray | None, ranks: Collective
) -> tuple[np.ndarray, np.ndarray]:
    """The distinct rows of codes on all ranks, and the weight of the rows that have them."""
    distinct, place = np.unique(codes, axis=0, return_inverse=True)
    found = ranks.gather((distinct, np.bincount(place.reshape(-1), weights=weight)))
    rows, weights = zip(*found, strict=True)
    return np.concatenate(rows), np.concatenate(weights).astype(np.float64)


# What is refused.


def refuse_what_is_alone(estimator: BaseNumpyMLP) -> None:
    """ValueError for an option that a fit on several ranks does not support."""
    wrong = next((name for name, is_wrong in _ALONE.items() if is_wrong(estimator)), None)
    if wrong is not None:
        shown = f"{wrong}={quoted(getattr(estimator, wrong))}"
        raise ValueError(
            f"{shown} is not supported on several machines. {_INSTEAD[wrong]}, or fit on one."
        )
    for callback in callbacks_of(estimator):
        if hasattr(callback, "saving"):
            continue
        raise ValueError(
            f"{type(callback).__name__} is not supported on several machines. Remove it by "
            "set_callbacks(), or fit on one."
        )


_ALONE: dict[str, Callable[[Any], bool]] = {
    "n_bags": lambda e: e.n_bags not in ("auto", 1),
    "normalization": lambda e: e.normalization == "batch",
    "scoring": lambda e: e.scoring != "loss",
    "splitter": lambda e: e.splitter is not None,
    "warm_start": lambda e: bool(e.warm_start),
    "max_time": lambda e: e.max_time is not None,
}

_INSTEAD = {
    "n_bags": "Set n_bags=1",
    "normalization": "Set normalization='layer', which knows each row alone",
    "scoring": "Set scoring='loss', which is a mean over the rows of all of them",
    "splitter": "Leave it out: pass X_val and y_val, or rows are held out by their content",
    "warm_start": "Set warm_start=False",
    "max_time": "Set max_iter",
}


def _refuse_other_versions(ranks: Collective) -> None:
    package = __name__.partition(".")[0]
    mine = {
        package: sys.modules[package].__version__,
        "NumPy": np.__version__,
        "SciPy": scipy.__version__,
    }
    for rank, theirs in enumerate(ranks.gather(mine)):
        if theirs != mine:
            raise RuntimeError(
                f"Rank {ranks.rank} has {_versions(mine)}, rank {rank} {_versions(theirs)}. They "
                "must be the same: sums have to have the same bits everywhere."
            )


def _versions(of: dict[str, str]) -> str:
    return ", ".join(f"{name} {version}" for name, version in of.items())
