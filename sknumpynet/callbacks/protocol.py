"""scikit-learn's protocol of callbacks, under the same names in a version that has none.

In: nothing. Out: the names of ``sklearn.callback`` (1.9 and later), or those of :mod:`.fallback`,
and what the estimators have to know beside them.
"""

from __future__ import annotations

from typing import Any

try:
    from sklearn.callback import CallbackContext, CallbackSupportMixin, FitCallback, with_callbacks
except ImportError:
    from .fallback import (
        CallbackContext,
        CallbackSupportMixin,
        FitCallback,
        with_callbacks,
    )

__all__ = [
    "OF_A_FIT",
    "CallbackContext",
    "CallbackSupportMixin",
    "FitCallback",
    "callbacks_of",
    "with_callbacks",
]

#: Attributes that an estimator has while it is fitted: the trees of tasks of this fit and of that
#: around it, and the callbacks to be told of its end. No copy or pickle has them.
OF_A_FIT = ("_callback_fit_ctx", "_parent_callback_ctx", "_skl_callbacks_to_teardown")

#: The attribute that ``set_callbacks`` sets, and that ``clone`` and a search hand on.
_CALLBACKS = "_skl_callbacks"


def callbacks_of(estimator: Any) -> list[Any]:
    """Those that are set, by the user or for a while by what is fitted around the estimator."""
    return getattr(estimator, _CALLBACKS, [])
