"""Plain numbers of a fit, for its report: rows, losses, calibration, seconds.

In: what the acts of a fit know. Out: frozen containers, small enough to be pickled with the model.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import stdtrit

#: Share of a normal or t distribution below the limit of what chance does.
SURE = 0.975


@dataclass(frozen=True)
class Losses:
    """What is lost on some rows, without the penalty.

    Attributes
    ----------
    network, constant : float
        Of the network as it is kept, and of the best constant prediction of the training rows.
    error : float
        Standard error of their difference, by the rows; NaN of a single row.
    n_rows, n_parts : int
        So many rows they are of, and so many parts of them that the error is measured by.
    linear : float or None
        Of a linear model of the encoded training rows; None: there is none.
    """

    network: float
    constant: float
    error: float
    n_rows: int
    n_parts: int
    linear: float | None = None

    @property
    def gain(self) -> float:
        """How much less the network loses than the constant."""
        return self.constant - self.network

    @property
    def limit(self) -> float:
        """What the gain may come to by chance, of Student's t with the parts that there are."""
        if self.n_parts < 2 or not math.isfinite(self.error):
            return math.inf
        return float(stdtrit(self.n_parts - 1, SURE)) * self.error


@dataclass(frozen=True)
class Account:
    """Of one model.

    Attributes
    ----------
    n_trained, n_held_out : int
        Rows trained on, merged ones one by one, and rows that validated.
    n_merged : int
        Rows that were merged with equal ones.
    training, validation : Losses or None
        None for a part of a stream; the latter also without rows to validate on.
    why_no_linear : str
        Why there is no linear model to compare with; "" where there is one.
    temperature : float or None
        By which raw scores were divided; None: not calibrated.
    max_iter, max_time, max_fun : numbers
        The limits that held.
    unit : str
        What ``max_iter`` counts.
    unit_of_tol : float
        Of losses.
    chosen : tuple of (name, value)
        What options came to whose value is "auto".
    not_embedded : str
        Why numbers are not embedded though ``numeric_embedding`` asks for it; "": they are.
    """

    n_trained: int
    n_held_out: int
    n_merged: int
    training: Losses | None
    validation: Losses | None
    why_no_linear: str
    temperature: float | None
    max_iter: int
    max_time: float
    max_fun: int
    unit: str
    unit_of_tol: float
    chosen: tuple[tuple[str, Any], ...] = ()
    not_embedded: str = ""


@dataclass(frozen=True)
class AccountOfAll:
    """Of the rows that were passed, and of all models.

    Attributes
    ----------
    n_rows, n_without_weight : int
        Rows of X, and those of weight 0.
    n_groups : int or None
    n_missing : ndarray of shape (n_columns,) or None
        Missing values in each column of the table, among rows of positive weight; None: nowhere.
    stream : bool
        They are a part of a stream.
    seconds : float
        From beginning to end.
    """

    n_rows: int
    n_without_weight: int
    n_groups: int | None
    n_missing: np.ndarray | None
    stream: bool
    seconds: float = 0.0
