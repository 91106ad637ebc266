"""What an estimator needs to know of its target, whatever that is.

In: y. Out: codes, what the loss takes, and the way back from predictions to the user's terms. All
that depends on the kind of a target is in one object: :class:`~.numbers.NumberTarget` or a kind of
:class:`~.classes.ClassTarget`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol, TypeVar

import numpy as np

from ..rows import Rows

#: A loss.
L = TypeVar("L")
L_co = TypeVar("L_co", covariant=True)


class HasDomain(Protocol):
    """What a loss says of the targets that it takes."""

    def find_invalid(self, y: np.ndarray) -> tuple[float, str] | None:
        """A value outside its domain and what the domain is, or None."""


class Predicts(Protocol):
    """What a target needs of the loss that its raw scores are of."""

    def predict(self, raw: np.ndarray) -> np.ndarray:
        """Predictions, or the probabilities of classes."""


class LossesOfClasses(Protocol[L_co]):
    """The forms of a loss, of which a target of classes takes the one that suits it."""

    def of_labels(self) -> L_co:
        """One raw score for each label, which a row has or has not (two classes: one label)."""

    def of_classes(self, n_classes: int) -> L_co:
        """One raw score for each class, of which a row has one."""

    def of_outputs(self, n_classes: Sequence[int]) -> L_co:
        """The same for each of several outputs, side by side."""


class TargetReader(Protocol):
    """The door for y.

    Attributes
    ----------
    numeric : bool
        Whether scikit-learn shall check that y holds numbers.
    """

    @property
    def numeric(self) -> bool: ...

    def read(self, y: Any, name: str) -> Any:
        """The array of a y as the user passed it; ``name`` is what it is called in messages."""

    def check(self, y: Any) -> Any:
        """The target in the user's terms, validated."""


class NewTarget(TargetReader, Protocol):
    """A target before a fit."""

    def learn(self, y: Any, classes: Any = None) -> Target:
        """The target that the whole of y is, or that a list of all ``classes`` says."""


class Target(TargetReader, Protocol):
    """What a fit needs of its target. Its unit is learned when the training rows are known.

    Attributes
    ----------
    n_outputs : int
        The estimators' ``n_outputs_``: columns of y, or for a single one of classes as many as
        scikit-learn's MLP has (1 for two of them, otherwise their number).
    unit : ndarray or None
        Of each column, once it is learned.
    constant : ndarray of bool, shape (n_outputs,)
        Outputs that have had a single value so far, once their units are learned.
    """

    @property
    def n_outputs(self) -> int: ...

    @property
    def unit(self) -> Any: ...

    @property
    def constant(self) -> np.ndarray: ...

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
