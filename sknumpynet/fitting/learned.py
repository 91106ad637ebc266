"""Whether anything was learned: the last question of a fit, and the warning where nothing was.

In: losses of the network beside those of the best constant, on rows that validate or, without such
rows, on those trained on. Out: a warning that says what to change; or nothing.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.exceptions import ConvergenceWarning

from ..quoting import quoted
from .account import Account
from .compared import Losses
from .endings import CUT_SHORT, Ending
from .found import Found, Model
from .relation import CLEARLY, RELATED, relation
from .share import Share

#: Without validation rows: the training loss is not below that of the best constant if the gain is
#: a smaller part of the unit of ``tol``.
NO_GAIN = 1e-3

#: After so few epochs as do not show a schedule's end, next to nothing was learned if the gain is a
#: smaller part of that unit.
LITTLE_GAIN = 0.1

#: Ends of training that have a warning of their own, or are somebody's will.
TOLD = ("interrupted", "diverged", "stopped")


@dataclass(frozen=True)
class Verdict:
    """Of a fit in which nothing was learned.

    ``validated``: the losses are of rows that were not trained on. ``related``: a test that knows
    no network finds beyond doubt that X says something of y, so that the options are to blame.
    ``by_heart``: rows trained on are predicted better than by a constant.
    """

    losses: Losses
    validated: bool
    related: bool
    by_heart: bool


def nothing_learned(
    training: Losses, validation: Losses | None, unit: float, model: Model, rows: Share
) -> Verdict | None:
    """What speaks for it that the network predicts no better than a constant; None: it does.

    The loss of few validation rows may be off by more than what was learned. So where it leaves
    that open, it has to have fallen on the rows trained on, and there has to be something to learn.
    Where y is constant there is nothing to learn, and nothing is said. See DECISIONS: whether
    anything was learned.
    """
    if validation is None:
        learned = training.gain > NO_GAIN * unit
    else:
        learned = validation.gain > validation.limit
    if learned:
        return None
    if _is_constant(rows, model):
        return None
    y = model.target.encode(rows.codes[rows.rows.index], model.network.theta.dtype)
    relatedness = relation(rows, model, y)
    related = relatedness > CLEARLY
    by_heart = training.gain > training.limit
    if validation is None:
        return Verdict(training, False, related, by_heart)
    if relatedness > RELATED and by_heart and validation.gain > -validation.limit:
        return None
    return Verdict(validation, True, related, by_heart)


def warning(verdict: Verdict, options: Any, found: Found, account: Account) -> Ending:
    """The warning, with the advice that fits what is known; ``found`` is one of the models."""
    losses = verdict.losses
    what = "validation" if verdict.validated else "training"
    chance = ""
    if losses.gain > 0:
        chance = f", a difference that may be chance with {losses.n_rows} rows"
    return (
        "The network predicts no better than a constant "
        f"({what} loss {losses.network:.3g}, constant {losses.constant:.3g}{chance}). "
        f"{_advice(verdict, options, found, account)}"
    ), ConvergenceWarning


def _advice(verdict: Verdict, options: Any, found: Found, account: Account) -> str:
    outcome, losses = found.outcome, verdict.losses
    if not verdict.related:
        return (
            "In the training rows X shows no clear relation to y: check that their rows belong "
            "together, and are in the same order."
        )
    steps = []
    if options.feature_scaling is None:
        steps.append("Set feature_scaling='standard' (it is None)")
    curve = np.array(found.history["loss"][-outcome.n_iter :])
    constant = account.training.constant if account.training else np.nan
    # Not where the difference may be chance: then there may be nothing to learn.
    worse = losses.gain < -losses.limit or math.isinf(losses.limit)
    rises = len(curve) > 0 and not curve[-1] <= constant
    if account.unit == "epochs" and worse and (rises or not verdict.by_heart):
        steps.append(f"Lower learning_rate_init (it is {float(options.learning_rate_init):g})")
    elif verdict.by_heart:
        steps.append("It has learned its rows by heart: set early_stopping=True, or raise alpha"
                     if not verdict.validated or outcome.reason == "max_iter"
                     else "Raise alpha or dropout, or pass more rows")  # fmt: skip
    if options.alpha > 1:
        steps.append(f"Lower alpha (it is {float(options.alpha):g})")
    steps.append("Check that X and y belong together")
    return ". ".join(steps) + "."


def after_few_epochs(
    end: Ending | None, losses: Losses, options: Any, found: Found, account: Account, rows: Share
) -> Ending | None:
    """The ending of a fit of few epochs; what else is wrong if next to nothing was learned in them.

    Where y is constant there is nothing to learn, and they are not too few.
    """
    if _is_constant(rows, found.model):
        return None
    outcome = found.outcome
    if outcome.reason != "max_iter" or losses.gain >= LITTLE_GAIN * account.unit_of_tol:
        return end
    epochs = (
        f"{outcome.n_iter} {account.unit}" if outcome.n_iter > 1 else f"one {account.unit[:-1]}"
    )
    steps = []
    if options.feature_scaling is None:
        steps.append("Set feature_scaling='standard' (it is None)")
    # L-BFGS has no first batch, and its losses only fall.
    if found.history["loss"][-1] > max(losses.constant, outcome.first_loss) >= outcome.first_loss:
        steps.append(f"Lower learning_rate_init (it is {float(options.learning_rate_init):g})")
    steps.append("Increase max_iter")
    return (
        f"{CUT_SHORT} by max_iter={quoted(options.max_iter)}: after {epochs} the network predicts "
        f"no better than a constant, or hardly (loss {losses.network:.3g}, constant "
        f"{losses.constant:.3g}). {'. '.join(steps)}."
    ), ConvergenceWarning


def _is_constant(rows: Share, model: Model) -> bool:
    """Whether all rows trained on have the same y."""
    y = model.target.encode(rows.codes[rows.rows.index], model.network.theta.dtype)
    return bool((y == y[0]).all())
