"""Lists of arrays that are the model.

In: views of the network's parameters. Out: what ``coefs_`` and ``intercepts_`` are.
"""

from __future__ import annotations

from typing import Any

import numpy as np

#: Numbers that are shown, of so many arrays.
MOST, MOST_ARRAYS = 100, 6


class ParameterViews(list):
    """The list behind ``coefs_`` and ``intercepts_``: its arrays are the model.

    Changing an array in place, or setting an item to an array of the same shape, changes the model.
    """

    def __repr__(self) -> str:
        """The numbers, where they are few, or else the shapes of the arrays."""
        if len(self) <= MOST_ARRAYS and sum(array.size for array in self) <= MOST:
            return super().__repr__()
        shapes = ", ".join(str(array.shape) for array in self[:20])
        return f"<{len(self)} arrays of shapes {shapes}{', ...' if len(self) > 20 else ''}>"

    def __setitem__(self, index: Any, value: Any) -> None:
        if isinstance(index, slice):
            raise TypeError("Set one array at a time: coefs_[i] = array.")
        view, value = self[index], np.asarray(value)
        if value.shape != view.shape:
            raise ValueError(
                f"Array {index} has shape {view.shape}. It cannot be set to one of {value.shape}."
            )
        view[...] = value

    def set_all(self, name: str, arrays: Any) -> None:
        """Set every item; ``name`` is that of the list, for the message."""
        if len(arrays) != len(self):
            raise ValueError(f"{name} has {len(self)} arrays, one per layer. Got {len(arrays)}.")
        for i, array in enumerate(arrays):
            self[i] = array
