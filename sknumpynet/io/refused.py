"""The error about what scikit-learn's classes cannot express.

In: what, and why. Out: a ValueError.
"""

from __future__ import annotations


def refused(what: str, why: str) -> ValueError:
    """The error that names an option with its value, or a column."""
    return ValueError(f"to_sklearn cannot express {what} by scikit-learn's classes: {why}.")
