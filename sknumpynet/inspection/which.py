"""Estimators that can be looked into.

In: what the user passed. Out: the estimator, or an error that says what to pass.
"""

from __future__ import annotations

from typing import Any

from sklearn.utils.validation import check_is_fitted

from ..quoting import quoted


def of_sknumpynet(est: Any) -> Any:
    """The estimator, if it is one of this package and fitted."""
    if not hasattr(est, "_losses_at_rising_rates"):
        name = type(est).__name__
        advice = "pass an estimator of sknumpynet"
        if hasattr(est, "best_estimator_"):
            advice = f"of a {name}, pass best_estimator_"
        elif hasattr(est, "steps"):
            advice = (
                f"of a {name}, pass its last step, and what goes into it: est[:-1].transform(X)"
            )
        raise TypeError(f"est cannot be looked into: {advice}. Got {quoted(est)}.")
    check_is_fitted(est)
    return est
