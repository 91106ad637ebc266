"""What was computed of parameters, for as long as these stay what they were.

In: parameters, and what comes of them. Out: the same again, if no number has changed. Who lends a
workspace from call to call cannot know otherwise: a user may write to ``coefs_`` at any time.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np


class Remembered:
    """One result, beside copies of the parameters that it was computed of."""

    def __init__(self) -> None:
        self._of: list[np.ndarray] = []
        self._found: Any = None

    def recall(self, of: Sequence[np.ndarray]) -> Any:
        """What was computed of these parameters, if they are still the same; else None."""
        same = len(self._of) == len(of) and all(map(np.array_equal, self._of, of))
        return self._found if same else None

    def keep(self, of: Sequence[np.ndarray], found: Any) -> None:
        """Remember it, and nothing else."""
        self._of, self._found = [array.copy() for array in of], found
