"""The report of a fit: plain attributes, and how it is shown.

In: what a fit has found. Out: a :class:`Report`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from ..fitting.account import Losses
from ..fitting.found import Ensemble, Found
from ..training import how_it_ended
from .columns import ColumnReport, columns_of
from .notebook import as_html
from .text import as_text


@dataclass(frozen=True)
class ModelReport:
    """The training of one model.

    Attributes
    ----------
    n_trained, n_held_out, n_merged : int
        Rows trained on, rows that validated, and those of the former that were merged with equal
        ones.
    n_iter : int
        Epochs (iterations) of the fit, ``unit``.
    kept : int or None
        The epoch after which the weights were what they are, counted from the first fit; None: the
        start.
    last : int
        The last epoch, counted like that.
    ended : str
        Why training ended.
    max_time : float
        Seconds that it had for training, of bags its share of ``max_time``; inf: any.
    training, validation : Losses or None
        Loss of the network beside that of the best constant and of a linear model, on rows trained
        on (some of many) and on those that validated. None for a part of a stream.
    why_no_linear : str
        Why there is no linear model to compare with; "" where there is one.
    temperature : float or None
        What raw scores were divided by; None: not calibrated.
    chosen : dict
        What options came to for these rows whose value is "auto", by their names.
    not_embedded : str
        Why numbers are not embedded though ``numeric_embedding`` asks for it; "" where they are, or
        it does not.
    """

    n_trained: int
    n_held_out: int
    n_merged: int
    n_iter: int
    kept: int | None
    last: int
    unit: str
    ended: str
    max_time: float
    training: Losses | None
    validation: Losses | None
    why_no_linear: str
    temperature: float | None
    # The text of the report has it; repr stays short.
    chosen: dict[str, Any] = field(default_factory=dict, repr=False)
    not_embedded: str = field(default="", repr=False)


@dataclass(frozen=True)
class Report:
    """What a fit did to X, with the rows, and what came of it; ``report_`` of the estimators.

    It shows itself in a terminal (``print(model.report_)``) and in a notebook.

    Attributes
    ----------
    estimator : str
        Name of the class.
    n_rows, n_without_weight : int
        Rows of X, and those of weight 0, which are not used.
    n_groups : int or None
    columns : list of ColumnReport
        What became of each column of X.
    models : list of ModelReport
        One for each of the bags (``n_bags``), of which the first is that of most attributes.
    temperature : float or None
        What the raw scores of all models together were divided by.
    stream : bool
        It is of the last call of ``partial_fit``.
    seconds : float
        From the beginning of the fit to its end.
    """

    estimator: str
    n_rows: int
    n_without_weight: int
    n_groups: int | None
    models: list[ModelReport]
    temperature: float | None
    stream: bool
    n_seen: int
    seconds: float
    _columns: Any

    @cached_property
    def columns(self) -> list[ColumnReport]:
        return self._columns()

    def as_frame(self) -> Any:
        """The columns of X as a data frame of pandas."""
        try:
            import pandas as pd
        except ImportError as error:
            raise ImportError(
                "as_frame() needs pandas: install it, or use report_.columns, a list of named "
                "tuples."
            ) from error
        return pd.DataFrame(self.columns, columns=list(ColumnReport._fields))

    @property
    def short(self) -> str:
        """The lines about rows and training, without those about columns."""
        return as_text(self, columns=False)

    def __repr__(self) -> str:
        return as_text(self)

    def _repr_html_(self) -> str:
        return as_html(self)

    def __getstate__(self) -> dict[str, Any]:
        columns = self.columns
        return self.__dict__ | {"columns": columns, "_columns": None}


def report_of(name: str, found: Ensemble, n_columns: int, names: Any) -> Report:
    """The report of an estimator; ``names`` are those of the columns of X, or None."""
    rows = found.account
    if rows is None:
        raise AttributeError("This model was saved by a version that kept no report.")
    return Report(
        estimator=name,
        n_rows=rows.n_rows,
        n_without_weight=rows.n_without_weight,
        n_groups=rows.n_groups,
        models=[_of_model(one) for one in found.founds if one.account is not None],
        temperature=found.temperature,
        stream=rows.stream,
        n_seen=found.first.n_seen,
        seconds=rows.seconds,
        _columns=lambda: columns_of(found, n_columns, names),
    )


def _of_model(found: Found) -> ModelReport:
    account, outcome = found.account, found.outcome
    assert account is not None
    last = found.history["epoch"][-1] if found.history["epoch"] else 0
    return ModelReport(
        n_trained=account.n_trained,
        n_held_out=account.n_held_out,
        n_merged=account.n_merged,
        n_iter=outcome.n_iter,
        kept=outcome.kept_epoch,
        last=int(last),
        unit=account.unit,
        ended=how_it_ended(outcome, int(last)),
        max_time=account.max_time,
        training=account.training,
        validation=account.validation,
        why_no_linear=account.why_no_linear,
        temperature=account.temperature,
        chosen=dict(account.chosen),
        not_embedded=account.not_embedded,
    )
