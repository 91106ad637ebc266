"""Findings about the target: classes that are never predicted, values that cannot be.

In: a subject. Out: a finding, or None.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ...quoting import quoted
from .finding import Finding
from .subject import Subject

#: A class is ignored if of at least so many rows no more than this share is predicted as it.
FEWEST_ROWS, RECALL = 10, 0.02

#: Share of the predictions that no target could be.
SHARE_OUTSIDE = 0.05


def ignored_classes(subject: Subject) -> Finding | None:
    """A class that the rows have is never predicted."""
    if subject.numeric:
        return None
    target: Any = subject.models[0].target
    codes = np.asarray(subject.rows.codes[subject.rows.rows.index]).reshape(
        subject.table.shape[0], -1
    )
    decided = np.asarray(target.decide(subject.raw)).reshape(codes.shape)
    multilabel = target.classes_of_columns[0] if codes.shape[1] > 1 else None
    ignored: list[tuple[float, str]] = []
    for j, labels in enumerate(target.classes_of_columns[: codes.shape[1]]):
        for code, label in enumerate(labels):
            there = codes[:, j] == code
            n, hit = int(there.sum()), (decided[:, j] == code)
            if n >= FEWEST_ROWS and hit[there].mean() <= RECALL:
                where = f" of output {j}" if multilabel is not None else ""
                ignored.append((n / len(codes), f"{quoted(_of_python(label))}{where} ({n} rows)"))
    if not ignored:
        return None
    share = max(share for share, _ in ignored)
    names = ", ".join(name for _, name in ignored[:5]) + (", ..." if len(ignored) > 5 else "")
    text = f"Never predicted on rows of their own: {names}, of {len(codes)} rows."
    advice = (
        f"Set class_weight='balanced' (it is {quoted(subject.est.class_weight)}), or decide by "
        "predict_proba with a threshold of your own."
    )
    return Finding("ignored classes", share, text, advice, "class_weight")


def _of_python(label: Any) -> Any:
    """A scalar of NumPy as one of Python, which shows itself by its value."""
    return label.item() if isinstance(label, np.generic) else label


def outside_the_domain(subject: Subject) -> Finding | None:
    """y holds what the loss does not take, or predictions are what y never is."""
    kind, est = "target out of its domain", subject.est
    if len(subject.outside):
        share = len(subject.outside) / subject.rows.X.shape[0]
        text = (
            f"{len(subject.outside)} values of y are outside what loss={quoted(est.loss)} takes, "
            f"for example {subject.outside[0]:g}; they were left out of all else."
        )
        advice = "Correct y, or set loss='squared_error' (or 'absolute_error')."
        return Finding(kind, share, text, advice, "loss")
    if not subject.numeric or subject.models[0].loss.out_activation == "exp":
        return None
    model: Any = subject.models[0]
    predicted = model.target.decode(model.loss.point(subject.raw)).reshape(
        subject.table.shape[0], -1
    )
    y = subject.rows.codes[subject.rows.rows.index].reshape(predicted.shape)
    for j, (values, found) in enumerate(zip(y.T, predicted.T, strict=True)):
        where = f"Output {j} of y" if y.shape[1] > 1 else "y"
        low, high = float(values.min()), float(values.max())
        if low < 0 or high == low:
            continue
        # Rounding, and a little beyond, do not matter.
        below = float(np.mean(found < -0.001 * (high - low)))
        above = float(np.mean(found > 1 + 0.001)) if high <= 1 else 0.0
        if below > SHARE_OUTSIDE:
            text = (
                f"{where} is never negative, but {below:.0%} of the predictions for its rows are, "
                f"down to {found.min():.3g}."
            )
            advice = (
                f"Set loss='poisson' or 'tweedie' (it is {quoted(est.loss)}), or fit log(1 + y)."
            )
            return Finding(kind, below, text, advice, "loss")
        if above > SHARE_OUTSIDE:
            text = f"{where} lies between 0 and 1, but {above:.0%} of the predictions are above 1."
            advice = "Fit the logit of y, or a classifier if y is 0 or 1."
            return Finding(kind, above, text, advice, "loss")
    return None
