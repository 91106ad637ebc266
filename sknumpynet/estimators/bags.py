"""Bags: a model for each part of the rows left out, whose predictions are averaged.

In: a table and how one model is fitted. Out: the models, and the predictions for each row by the
one that was not trained on it.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from sklearn.utils.parallel import Parallel, delayed

from ..encoding import AsItIs, FrameReader, Target
from ..losses import Loss
from .auto import EARLY_STOPPING_FROM
from .calibration import calibrates, scale_outputs
from .data import Part, fold_rows
from .fitting import Fit
from .found import AsEstimator, Found
from .messages import Ending
from .randomness import Randomness

#: Warnings by their text and category.
Told = dict[tuple[str, type[Warning]], None]


def fit_bags(
    options: Any,
    n_bags: int,
    new_fit: Callable[..., Fit],
    table: Part,
    reader: FrameReader,
    target: Target,
    loss: Loss,
    stacklevel: int,
) -> tuple[Found, Ending | None] | None:
    """Fit ``n_bags`` models, each on all parts but one, on which it is validated.

    ``new_fit`` makes a fit. The target's unit is that of all rows, so that raw scores can be
    averaged. An interruption ends it with the models there are. Warnings of several models are
    given once. None if ``n_bags="auto"`` finds too few different rows.
    """
    rng = np.random.default_rng(Randomness(options.random_state).split_seed)
    least = EARLY_STOPPING_FROM if options.n_bags == "auto" else None
    folds = fold_rows(table, n_bags, target.strata(table.codes), rng, least)
    if folds is None:
        return None
    seeds = rng.integers(2**31, size=len(folds)).tolist()
    calls = [
        (new_fit(randomness=Randomness(seed), unit_of=table), *parts, reader, target, loss)
        for seed, parts in zip(seeds, folds, strict=True)
    ]
    if options.n_jobs in (None, 1):
        results = []
        for call in calls:
            results.append(_run(*call))
            if results[-1][0].outcome.reason == "interrupted":
                break
    else:
        # More processes than models would be started for nothing.
        n_jobs = min(int(options.n_jobs), len(calls))
        results = Parallel(n_jobs=n_jobs)(delayed(_run)(*call) for call in calls)
    founds, ends, told = zip(*results, strict=True)
    left_out = [held_out for _, held_out in folds]
    if calibrates(options, in_bags=True):
        _calibrate(calls[0][0], founds, left_out)
    first, *others = founds
    oof = _out_of_fold(table, founds, left_out, calls[0][0].as_estimator)
    found = replace(first, others=tuple(other.model for other in others), oof_prediction=oof)
    for message in {text: None for one in told for text in one}:
        warnings.warn(*message, stacklevel=stacklevel)
    return found, next((end for end in ends if end is not None), None)


def _run(
    fit: Fit, train: Part, held_out: Part, reader: FrameReader, target: Target, loss: Loss
) -> tuple[Found, Ending | None, Told]:
    # In this process or another one: warnings are given by the caller, each once.
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        found, end = fit.run(train, held_out, reader, target, loss)
    return found, end, {(str(w.message), w.category): None for w in caught}


def _calibrate(fit: Fit, founds: Sequence[Found], left_out: Sequence[Part]) -> None:
    """One temperature for all models, by the rows that each left out."""
    pairs = list(zip(founds, left_out, strict=False))
    validations = [fit.validation(found.model, part, "loss") for found, part in pairs]
    weights = [part.rows.total() for _, part in pairs]

    def loss() -> float:
        return float(np.average([validate()[0] for validate in validations], weights=weights))

    scale_outputs([found.model.network for found in founds], loss)


def _out_of_fold(
    table: Part, founds: tuple[Found, ...], held_out: list[Part], as_estimator: AsEstimator
) -> np.ndarray | list[np.ndarray]:
    """Predictions (probabilities of classes) of each row; NaN where no model left it out.

    A list for several outputs of classes.
    """
    oof, several = [], False
    for found, part in zip(founds, held_out, strict=False):
        probe = as_estimator(replace(found.model, reader=AsItIs()))
        probe.__dict__.pop("feature_names_in_", None)
        index = part.rows.index
        predicted = getattr(probe, "predict_proba", probe.predict)(table.X[index])
        several = isinstance(predicted, list)
        blocks = predicted if several else [predicted]
        oof = oof or [np.full((table.X.shape[0], *block.shape[1:]), np.nan) for block in blocks]
        for whole, block in zip(oof, blocks, strict=True):
            whole[index] = block
    return oof if several else oof[0]
