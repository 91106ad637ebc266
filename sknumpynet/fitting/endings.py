"""What a fit says where training did not come to its natural end.

In: how training went, and its plan. Out: the text of a warning that names the option to change,
and its category; or nothing.
"""

from __future__ import annotations

import math

import numpy as np
from sklearn.exceptions import ConvergenceWarning

from ..options import Plan
from ..training import Outcome, last_gain
from .found import Model
from .training import Training

#: The text of a warning and its category.
Ending = tuple[str, type[Warning]]

#: How the text of a training that its limit cut short begins.
CUT_SHORT = "Training was cut short"


class InterruptedWarning(UserWarning):
    """The user has interrupted a fit, which keeps what it has found so far."""


#: Ctrl-C after training.
STOPPED_CALIBRATION: Ending = (
    "Interrupted by user after training: the model is kept as trained, not calibrated.",
    InterruptedWarning,
)

#: Ctrl-C after that.
STOPPED_REPORT: Ending = (
    "Interrupted by user after training: the model is kept as trained, its report has no losses.",
    InterruptedWarning,
)

#: Of these the training has come to its end.
AFTER_TRAINING = (STOPPED_CALIBRATION, STOPPED_REPORT)

#: Up to so many epochs do not show that training has come to an end, whatever they bring.
FEW_EPOCHS = 10

#: At its limit training was cut short if over the last tenth of its epochs the training loss fell
#: by more than this part of the loss of the best constant prediction, or of its own whole fall
#: (half the average pace): 5 of 27 with "adam", off whose training loss more epochs took 62 %
#: and more. See DECISIONS: training that was cut short.
NOTABLE_FALL, HALF_THE_PACE = 0.02, 0.05

#: With early stopping: if the best score rose by more than this part of its whole rise. More epochs
#: took 6 to 67 % off the test loss then. See DECISIONS: training that was cut short.
NOTABLE_RISE = 0.005

#: The rate was far too high if every loss lies above that of the best constant prediction, and in
#: the end by more than so many times what the loss of the first batch did (or the unit of ``tol``).
#: None of 13,100 fits of pure noise at sane rates came so far with plain options. See DECISIONS: a
#: rate that is far too high.
FAR_ABOVE_START = 10.0

#: Ends of training that may cut it short. A schedule that is planned to its end does not mind the
#: first.
LIMITS = ("max_iter", "max_fun", "max_time")


def cut_short(training: Training, plan: Plan) -> str | None:
    """What says that training was cut short by its limit, or None if it had about ended.

    Scores are in a unit of their own, so their rise is compared with the whole of it.
    """
    outcome, history, unit = training.outcome, training.history, training.unit
    if outcome.n_iter <= FEW_EPOCHS:
        return f"{outcome.n_iter} {plan.unit} are too few to converge"
    if plan.early_stopping:
        scores = history.columns["score"][-outcome.n_iter :]
        # Predictions that overflowed for an epoch had no score.
        figures = [-score for score in scores if math.isfinite(score)] or [0.0]
        tol = plan.tol * (1.0 if plan.by_score else unit)
        notable = NOTABLE_RISE * (max(figures) - min(figures))
        sign = "the validation score was still rising"
    else:
        figures = history.columns["loss"][-outcome.n_iter :]
        tol = plan.tol * unit
        notable = min(NOTABLE_FALL * unit, HALF_THE_PACE * (max(figures) - min(figures)))
        sign = "the training loss was still falling"
    return sign if last_gain(figures) > max(tol, notable) else None


def rate_too_high(training: Training, model: Model, *, validated: bool) -> str | None:
    """What says that the learning rate led far away, with losses that stayed finite; or None.

    Validation losses count, too: averaged weights may be good where those in training are not. So
    they must where layers draw, which makes training losses larger.
    """
    outcome, history, constant = training.outcome, training.history, training.constant
    # L-BFGS has no first batch, and its losses only fall.
    if outcome.n_iter <= FEW_EPOCHS or math.isnan(outcome.first_loss):
        return None
    limit = constant + FAR_ABOVE_START * max(outcome.first_loss - constant, training.unit)
    last = history.columns["loss"][-1]
    if last < limit or (model.network.draws and not validated):
        return None
    names = ("loss", "validation_loss") if validated else ("loss",)
    # A validation loss may overflow to nan.
    curves = [
        np.nan_to_num(history.columns[name][-outcome.n_iter :], nan=np.inf, posinf=np.inf)
        for name in names
    ]
    for curve in curves:
        end = min(curve[-1], np.median(curve[len(curve) // 2 :]))
        if (curve < constant).any() or end < limit:
            return None
    return (
        f"the training loss never got below that of the best constant prediction, {constant:.3g}, "
        f"and was {last:.3g} in the end"
    )


def _lower_the_rate(plan: Plan) -> str:
    steps = plan.steps
    advice = f"Lower learning_rate_init (it is {float(steps.learning_rate_init):g})"
    if steps.solver == "muon" and steps.muon_learning_rate != "auto":
        advice += f" or muon_learning_rate (it is {float(steps.muon_learning_rate):g})"
    return advice


def ending(training: Training, plan: Plan, model: Model, *, validated: bool) -> Ending | None:
    """The warning about the end of a fit, and its category; None if nothing is to be said."""
    if not training.calibrated:
        return STOPPED_CALIBRATION
    sign, far = None, None
    # A part of a stream has no constant to be compared with, and no end either.
    if not plan.stream:
        far = rate_too_high(training, model, validated=validated)
        if training.outcome.reason in (LIMITS[1:] if plan.schedule.planned else LIMITS):
            sign = cut_short(training, plan)
    return _warning(training.outcome, plan, model, sign=sign, far=far)


def _warning(
    outcome: Outcome,
    plan: Plan,
    model: Model,
    *,
    sign: str | None,
    far: str | None,
) -> Ending | None:
    """What :func:`ending` gives, from what ``cut_short`` and ``rate_too_high`` say."""
    unit = plan.unit
    kept = f"{unit[:-1]} {outcome.kept_epoch}" if outcome.kept_epoch else "the start"
    if outcome.reason == "interrupted":
        return (
            f"Training interrupted by user after {outcome.n_iter} {unit}. The weights of {kept}, "
            "the best so far, are kept."
        ), InterruptedWarning
    if outcome.reason == "diverged":
        step = "Increase alpha or scale X and y" if plan.full_batch else _lower_the_rate(plan)
        return (
            f"Training diverged in {unit[:-1]} {outcome.n_iter}: the loss or a weight is not "
            f"finite. The weights of {kept}, the best so far, are kept. {step}."
        ), ConvergenceWarning
    if outcome.reason == "stuck" and model.network.theta.dtype == np.float64:
        return (
            "L-BFGS found no lower loss along its direction before the gradient fell below tol. "
            "The weights are those of the lowest loss found."
        ), ConvergenceWarning
    if far is not None:
        which = f" The weights of {kept} are kept." if plan.early_stopping else ""
        return f"Training failed: {far}.{which} {_lower_the_rate(plan)}.", ConvergenceWarning
    return None if sign is None else _told_to_go_on(outcome, plan, model, sign)


def _told_to_go_on(outcome: Outcome, plan: Plan, model: Model, sign: str) -> Ending:
    """What to do where training was cut short, as ``sign`` says."""
    limit = outcome.reason
    if limit == "max_time" and outcome.n_iter <= FEW_EPOCHS and plan.network.n_members > 1:
        advice = (
            "Use NumpyMLPClassifier or NumpyMLPRegressor, whose epochs take a small part of the "
            "time of those of an ensemble, or increase max_time"
        )
    elif plan.early_stopping:
        advice = f"Increase {limit}"
    elif model.target.numeric:
        advice = f"Increase {limit}, or set early_stopping=True if more epochs overfit"
    else:
        # A log loss on its own rows falls for as long as it is let.
        advice = (
            "More epochs may overfit: set early_stopping=True, which validates on rows held out, "
            f"before you increase {limit}"
        )
    return (
        f"{CUT_SHORT} by {limit}={plan.asked[limit]}: {sign}. {advice}.",
        ConvergenceWarning,
    )
