"""Numbers that are not embedded though an option asks for it, and who is told.

In: options or a plan, and the table. Out: the reason, for the report of a fit; or a warning.
"""

from __future__ import annotations

from typing import Any

import scipy.sparse as sp

from ..options import Plan, is_default
from ..quoting import quoted
from ..telling import warn
from .found import Model


def why_not_embedded(plan: Plan, model: Model, X: Any) -> str:
    """Why numbers stay as they are against what was asked for; "" where they do not.

    "auto" asks for nothing.
    """
    asked, n_numbers = plan.asked["numeric_embedding"], len(model.encoder.numbers)
    if asked in (None, "auto") or not n_numbers or model.network.embedded_width > 1:
        return ""
    if sp.issparse(X):
        return "X is sparse"
    return f"{n_numbers} numbers are too many for embedding_width='auto'"


def warn_if_not_embedded(options: Any, X: Any) -> None:
    """Warn where numbers of a sparse X are to be embedded; of a default the report says it."""
    asked = options.numeric_embedding
    if asked in (None, "auto") or is_default(options, "numeric_embedding") or not sp.issparse(X):
        return
    warn(
        f"numeric_embedding={quoted(asked)} is not used: X is sparse, and numbers of a sparse X "
        "are not embedded. Pass X.toarray() if it is small enough, or set numeric_embedding=None."
    )
