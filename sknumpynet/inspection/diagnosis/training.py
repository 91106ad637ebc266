"""Findings about the course of training: its end, the learning rate, overfitting.

In: a subject. Out: a finding, or None.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ...optimizers import goes_through_batches, schedule_for
from ...options import DECAYED, rows_of_a_batch
from ...training import last_gain
from ..learning_rate import LearningRateCurve, find_learning_rate
from .finding import Finding
from .subject import Subject

#: Fewer epochs than this show nothing, and fewer steps where a schedule plans its end.
FEW_EPOCHS, FEW_STEPS = 10, 150

#: Training was cut short if the last tenth of its epochs brought this part of the whole fall of the
#: training loss, which falls on and on, or of the validation loss.
NOTABLE, NOTABLE_ON_OTHERS = 0.05, 0.005

#: A rate is wrong if it is so many times that of the range test, or that part of it, and the range
#: test came lower in its 200 steps by this part of the loss of the best constant.
FAR, BETTER = 10.0, 0.1

#: A rate that is too low cannot lead to a loss of so many times that of the best constant, near
#: which training begins.
ABOVE = 3.0

#: Losses on other rows and on those of training differ by more than this, in losses of the best
#: constant, and by more than this factor; or the former rose by so much after their best.
GAP, FACTOR, RISE = 0.25, 2.0, 0.05

#: Ends of training that are no natural ones.
LIMITS = ("max_iter", "max_time", "max_fun")


def not_trained(subject: Subject) -> Finding | None:
    """Training ended at a limit, or by Ctrl-C, while it still gained."""
    kind = "not trained to the end"
    cut = [found for found in subject.founds if found.outcome.reason == "interrupted"]
    if cut:
        n = cut[0].outcome.n_iter
        text = f"Training was interrupted after {n} epochs."
        return Finding(kind, float(n), text, "Fit again.", "max_iter")
    for found in subject.founds:
        limit = found.outcome.reason
        if limit not in LIMITS:
            continue
        # Of earlier fits, too, where training went on.
        asked, n = getattr(subject.est, limit), len(found.history["epoch"])
        advice = f"Increase {limit} (it is {asked!r})."
        if _planned(subject):
            steps = n * _batches(subject)
            if limit == "max_time" or (steps < FEW_STEPS and asked != "auto"):
                text = f"Training ended after {steps} steps ({n} epochs)."
                return Finding(kind, float(steps), text, advice, limit)
            continue
        if n < FEW_EPOCHS:
            text = f"{n} epochs are too few to come to an end."
            return Finding(kind, float(n), text, advice, limit)
        name = "validation_loss" if found.early_stopping else "loss"
        curve = [loss for loss in found.history[name][-n:] if math.isfinite(loss)]
        fall = max(curve) - min(curve) if curve else 0.0
        part = last_gain(curve) / fall if fall > 0 else 0.0
        if part > (NOTABLE_ON_OTHERS if found.early_stopping else NOTABLE):
            what = "validation loss" if found.early_stopping else "training loss"
            text = (
                f"Training ended at its limit of {n} epochs, and the last tenth of them brought "
                f"{part:.2g} of the whole fall of the {what}."
            )
            return Finding(kind, part, text, advice, limit)
    return None


def _planned(subject: Subject) -> bool:
    """Whether the rate falls to its end with the epochs, so that there is no going on."""
    return schedule_for(subject.est, endless=False).planned


def _batches(subject: Subject) -> int:
    """Steps of an epoch, up to the rows held out."""
    n_rows = len(subject.rows.rows.index)
    return math.ceil(n_rows / rows_of_a_batch(subject.est, n_rows))


def rate_too_high(subject: Subject) -> Finding | None:
    """Training diverged, or a range test with lower rates came far lower in 200 steps."""
    kind, rate = "learning rate too high", float(subject.est.learning_rate_init)
    if not goes_through_batches(subject.est.solver):
        return None
    for found in subject.founds:
        if found.outcome.reason == "diverged":
            epoch = found.outcome.n_iter
            text = f"Training diverged in epoch {epoch}: the loss or a weight was not finite."
            advice = f"Lower learning_rate_init (it is {rate:g})."
            return Finding(kind, float(epoch), text, advice, "learning_rate_init")
    return _against_range_test(subject, kind, high=True)


def rate_too_low(subject: Subject) -> Finding | None:
    """A range test with higher rates came far lower in 200 steps than this whole training."""
    return _against_range_test(subject, "learning rate too low", high=False)


def _against_range_test(subject: Subject, kind: str, *, high: bool) -> Finding | None:
    rate = float(subject.est.learning_rate_init)
    # Where training came near to what can be learned, whatever its rate was, it need not be looked
    # for: a rate that is wrong leaves most of the loss.
    if not goes_through_batches(subject.est.solver) or not subject.constant > 0:
        return None
    if _learned_most(subject):
        return None
    curve = _range_test(subject)
    if curve is None:
        return None
    times = rate / curve.suggestion
    reached = float(curve.smoothed.min())
    better = (subject.training_loss - reached) / subject.constant
    if (times < FAR if high else times > 1 / FAR) or better < BETTER:
        return None
    if not high and subject.training_loss > ABOVE * subject.constant:
        # Small steps lead nowhere.
        return None
    ratio, side = (times, "times") if high else (1 / times, "times below")
    text = (
        f"learning_rate_init={rate:g} is {ratio:.3g} {side} the rate of a range test "
        f"({curve.suggestion:.2g}), whose 200 steps came to a training loss of {reached:.3g}; this "
        f"fit came to {subject.training_loss:.3g}, and the best constant has "
        f"{subject.constant:.3g}."
    )
    advice = f"Set learning_rate_init to about {curve.suggestion:.1g}."
    return Finding(kind, times, text, advice, "learning_rate_init")


def _learned_most(subject: Subject) -> bool:
    return subject.training_loss < 0.1 * subject.constant


def _range_test(subject: Subject) -> LearningRateCurve | None:
    try:
        return find_learning_rate(subject.est, *subject.passed)
    except ValueError:
        # The loss falls at no rate, or y is not what a fit takes: that is another finding.
        return None


def overfitting(subject: Subject) -> Finding | None:
    """The loss is far lower on the rows of training than on others, or rose on those."""
    kind, constant = "overfitting", subject.constant
    if not constant > 0:
        # y is constant.
        return None
    options = subject.est
    rises = [_rise(found.history["validation_loss"]) for found in subject.founds]
    rise = max(rises) / constant
    if not any(found.early_stopping for found in subject.founds) and rise > RISE:
        text = (
            f"The validation loss rose again after its best epoch, by {rise:.0%} of the loss of "
            "the best constant prediction."
        )
        advice = "Set early_stopping=True, which gives back the best epoch."
        return Finding(kind, rise, text, advice, "early_stopping")
    loss = subject.validation_loss
    if loss is None or not math.isfinite(loss):
        return None
    gap = (loss - subject.training_loss) / constant
    if gap < GAP or loss < FACTOR * subject.training_loss:
        return None
    text = (
        f"The loss is {subject.training_loss:.3g} on the rows of training and {loss:.3g} on rows "
        f"held out; the best constant has {constant:.3g}."
    )
    # What is worth tuning with this solver.
    option = "weight_decay" if options.solver in DECAYED else "alpha"
    advice = (
        f"Set dropout (it is {options.dropout!r}), a larger {option} (it was "
        f"{_settled(subject, option)!r}) or fewer hidden units; more rows help most."
    )
    return Finding(kind, gap, text, advice, option)


def _settled(subject: Subject, option: str) -> Any:
    """The value of an option, or what "auto" came to."""
    accounts = [found.account for found in subject.founds if found.account is not None]
    chosen = dict(accounts[0].chosen) if accounts else {}
    return chosen.get(option, getattr(subject.est, option))


def _rise(losses: list[float]) -> float:
    known = np.array([loss for loss in losses if math.isfinite(loss)])
    return float(known[-1] - known.min()) if len(known) else 0.0
