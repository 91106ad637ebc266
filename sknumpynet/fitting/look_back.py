"""Last act of a fit: what it came to, and whether anything was learned.

In: a plan, how training went, and the rows. Out: plain numbers for the report, and the warning
where the network predicts no better than a constant.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..options import Plan, chosen
from .account import Account, Losses
from .compared import COARSE, FINE, losses_on, together
from .endings import CUT_SHORT, FEW_EPOCHS, LIMITS, STOPPED_REPORT, Ending
from .found import Found, Model
from .learned import TOLD, after_few_epochs, nothing_learned, warning
from .linear import with_linear
from .not_embedded import why_not_embedded
from .share import Share
from .training import Training


def account_of(
    plan: Plan,
    model: Model,
    training: Training,
    rows: Share,
    held_out: Share | None,
    earlier: Account | None,
) -> tuple[Account, bool]:
    """The numbers of one model, and whether the user interrupted their making.

    ``earlier`` are those of the fit that this one goes on from.

    The model is trained: what happens here must not lose it.
    """
    on_rows, on_held_out, why_no_linear, interrupted = None, None, "", False
    try:
        if training.scores is not None:
            on_rows, on_held_out, why_no_linear = _losses(
                model, training, training.scores, rows, held_out
            )
    except KeyboardInterrupt:
        interrupted, why_no_linear = True, "it was interrupted"
    except MemoryError:
        why_no_linear = "there was not enough memory"
    calibrated = plan.calibrate and held_out is not None
    width = model.network.embedded_width
    if earlier is None:
        not_embedded = why_not_embedded(plan, model, rows.X)
    else:
        not_embedded = earlier.not_embedded
    account = Account(
        n_trained=rows.n_samples,
        n_held_out=0 if held_out is None else held_out.n_samples,
        n_merged=rows.n_samples - rows.rows.n_rows,
        training=on_rows,
        validation=on_held_out,
        why_no_linear=why_no_linear,
        temperature=training.temperature if calibrated else None,
        max_iter=plan.max_iter,
        max_time=plan.max_time,
        max_fun=plan.max_fun,
        unit=plan.unit,
        unit_of_tol=training.unit,
        chosen=chosen(plan, width, None if earlier is None else earlier.chosen),
        not_embedded=not_embedded,
    )
    return account, interrupted


def _losses(
    model: Model, training: Training, scores: np.ndarray, rows: Share, held_out: Share | None
) -> tuple[Losses, Losses | None, str]:
    """On the rows trained on and on those held out, beside a constant and a linear model."""
    on_rows = losses_on(rows, model, scores, FINE if held_out is None else COARSE)
    on_held_out = None if held_out is None else losses_on(held_out, model, scores)
    if not rows.rows.alone:
        return on_rows, on_held_out, "the rows are on several machines"
    spent = sum(training.history.columns["seconds"][-training.outcome.n_iter :])
    return with_linear(on_rows, on_held_out, model, rows, held_out, spent)


def with_verdict(
    end: Ending | None, founds: Sequence[Found], options: Any, rows: Share
) -> Ending | None:
    """The ending, or in its place the warning that nothing was learned; never of a stream.

    The first chunks of a stream may well teach nothing. ``founds`` are all models, ``rows`` those
    that the first was trained on.
    """
    first = founds[0]
    if not len(rows.rows.index):
        # Another rank has some.
        return end
    accounts = [found.account for found in founds if found.account is not None]
    training = [one.training for one in accounts if one.training is not None]
    validation = [one.validation for one in accounts if one.validation is not None]
    if not training or any(found.outcome.reason in TOLD for found in founds):
        return end
    if end is not None and not end[0].startswith(CUT_SHORT):
        # It names a cause already.
        return end
    on_rows, on_held_out = together(training), together(validation) if validation else None
    unit = accounts[0].unit_of_tol
    if first.outcome.reason in LIMITS and first.outcome.n_iter <= FEW_EPOCHS:
        # That these are too few may be the cause, whatever they have taught.
        return after_few_epochs(end, on_held_out or on_rows, options, first, accounts[0], rows)
    try:
        verdict = nothing_learned(on_rows, on_held_out, unit, first.model, rows)
    except KeyboardInterrupt:
        return STOPPED_REPORT
    except MemoryError:
        return end
    return end if verdict is None else warning(verdict, options, first, accounts[0])
