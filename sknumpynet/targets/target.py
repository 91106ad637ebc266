"""What an estimator needs to know of its target, whatever that is.

In: y. Out: codes, what the loss takes, and the way back from predictions to the user's terms. All
that depends on the kind of a target is in one object: :class:`~.numbers.NumberTarget` or
:class:`~.classes.ClassTarget`.
"""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np

from ..rows import Rows


class HasDomain(Protocol):
    """What a loss says of the targets that it takes."""

    def find_invalid(self, y: np.ndarray) -> tuple[float, str] | None:
        """A value outside its domain and what the domain is, or None."""


class Target(Protocol):
    """What an estimator needs of its target. Learned in two steps: what it is, and its unit.

    Attributes
    ----------
    numeric : bool
        Whether scikit-learn shall check that y holds numbers.
    n_outputs : int
        The estimators' ``n_outputs_``: columns of y, or for a single one of classes as many as
        scikit-learn's MLP has (1 for two of them, otherwise their number).
    unit : ndarray or None
        Of each column, once it is learned.
    constant : ndarray of bool, shape (n_outputs,)
        Outputs that have had a single value so far, once their units are learned.
    """

    numeric: bool
    n_outputs: int
    unit: Any
    constant: Any

    def read(self, y: Any, name: str) -> Any:
        """The array of a y as the user passed it; ``name`` is what it is called in messages."""

    def check(self, y: Any) -> Any:
        """The target in the user's terms, validated."""

    def learn(self, y: Any, classes: Any = None) -> Target:
        """Learn what it is from the whole of y, or from a list of all ``classes``."""

    def learn_units(self, y: Any, rows: Rows) -> None:
        """Learn its units from the training rows."""

    def with_late_units(self, y: Any, rows: Rows) -> tuple[Target, np.ndarray]:
        """With the units of outputs that were constant before these rows; which these are."""

    def learn_weights(self, class_weight: Any, codes: np.ndarray, weight: Any) -> None:
        """Learn the weight of each class from the rows to be fitted and the option."""

    def weights(self, codes: np.ndarray, weight: np.ndarray | None) -> np.ndarray | None:
        """The rows' weights times those of their classes."""

    def codes(self, y: Any, *, again: bool = False) -> np.ndarray:
        """The target as numbers, to tell rows apart.

        A y of another kind than the known one is refused; ``again``: or one with other classes.
        """

    def strata(self, codes: np.ndarray) -> np.ndarray | None:
        """Classes to be shared out between training and validation, or None."""

    def encode(self, codes: np.ndarray, dtype: np.dtype) -> np.ndarray:
        """The target as the loss takes it, from its codes."""

    @property
    def for_metrics(self) -> Target:
        """The same for scikit-learn's metrics; another one where these do not take its values.

        That one has ``codes`` in their place.
        """

    def decode(self, prediction: np.ndarray) -> np.ndarray:
        """Predictions in the user's terms."""
