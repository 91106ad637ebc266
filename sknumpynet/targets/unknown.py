"""A target of classes of which nothing is known yet: which kind it is, y tells.

In: y, and the classes if the user lists them. Out: the target of that kind.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .classes import ClassTarget, LabelReader
from .labels import labels_in, listed
from .multilabel import Multilabel
from .several import OneInEach
from .single import OneOfMany, OneOfTwo


class UnknownClasses(LabelReader):
    """Labels before a fit."""

    def learn(self, y: Any, classes: Any = None) -> ClassTarget:
        """The kind of target that y is. Of a y of several columns ``classes`` has a list each."""
        y = np.asarray(y)
        if y.ndim == 1:
            known = labels_in(y) if classes is None else listed(classes)
            return OneOfTwo(known) if len(known) == 2 else OneOfMany(known)
        if classes is not None and _is_list_of_lists(classes):
            # A part of a stream may look like an indicator matrix.
            return OneInEach([listed(labels) for labels in classes])
        if _is_indicator(y):
            return Multilabel(y.shape[1])
        return OneInEach([labels_in(column) for column in y.T])


def _is_list_of_lists(classes: Any) -> bool:
    return isinstance(classes, (Sequence, np.ndarray)) and all(
        isinstance(labels, (Sequence, np.ndarray)) and not isinstance(labels, str)
        for labels in classes
    )


def _is_indicator(y: np.ndarray) -> bool:
    """Whether a y of several columns tells with 0 and 1 which labels a row has."""
    return y.dtype.kind in "biuf" and bool(np.isin(y, (0, 1)).all())
