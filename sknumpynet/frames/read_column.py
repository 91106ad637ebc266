"""What all kinds of columns of X have in common: a column as it was learned.

In: the values of a column. Out: one or more numbers for each row. The kinds are in :mod:`.columns`
and beside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from .families import MIXED, NOTHING, SEVERAL, Values
from .table_columns import TableColumn
from .tell_apart import not_of_one_family


@dataclass(frozen=True)
class ReadOptions:
    """The options of :class:`~.reader.FrameReader`, which documents them."""

    text_components: int = 30
    min_frequency: float = 2


DEFAULTS = ReadOptions()


class ReadColumn:
    """A column as it was learned.

    Parameters
    ----------
    name : str
    values : Values
        Those that it is learned from.
    category : bool or None
        Whether it is to be a category; None: nobody says.
    declared : bool
        Whether the values are the levels of a category dtype.

    Attributes
    ----------
    width : int
        Columns of the table that it becomes.
    kind : str
        Of these, see :class:`~.table_columns.TableColumn`.
    category : bool
        Whether its values are read as levels.
    family : str
        What its values are, see :mod:`.families`.
    zone : str or None
        Time zone of the dates.
    levels : tuple of str
        Labels of the codes 1, 2, ...
    is_plain : bool
        Whether it is read as an array of floats is.
    is_small : bool
        Whether float32 holds its numbers, whatever the values.
    why : str
        A clause that says why it was taken for what it is; "" where its type says so.
    n_unread : int
        Values of fit that were none of their kind, and count as missing.
    why_left_out : str
        The clause instead, where the fit has left it out.
    doubt : str
        What may be wrong with what it was taken for, and what to do then; "" if nothing.
    keys : list
        Values of fit as they are told apart: all of them, or some for messages.
    chance_of_new : float
        That the value of another row is not like those of fit and counts as missing.
    """

    width = 1
    why = ""
    n_unread = 0
    doubt = ""
    why_left_out = "nothing can be learned from it"
    kind = "number"
    levels: tuple[str, ...] = ()
    is_plain = is_small = False
    chance_of_new = 1.0
    #: What a missing value becomes.
    missing = np.nan

    def __init__(
        self, name: str, values: Values, category: bool | None = False, declared: bool = False
    ) -> None:
        self.name, self.family, self.zone = name, values.family, values.zone
        self.category, self.declared = bool(category), declared

    @staticmethod
    def takes(values: Values, category: bool | None) -> bool:
        """Whether a column with these values is of this kind."""
        raise NotImplementedError

    @classmethod
    def learned(
        cls,
        name: str,
        values: Values,
        category: bool | None,
        declared: bool,
        options: ReadOptions,
    ) -> ReadColumn | None:
        """The column if it is of this kind; for kinds that look at the options."""
        return cls(name, values, category, declared) if cls.takes(values, category) else None

    @property
    def becomes(self) -> list[TableColumn]:
        """The columns of the table, as many as its width."""
        names = [self.name]
        if self.width != 1:
            names = [f"{self.name}[{i}]" for i in range(self.width)]
        return [TableColumn(name, self.kind, self.levels, self.declared) for name in names]

    def read(self, source: Any, j: int) -> Any:
        """The numbers of column j of the source, (n,) or (n, width), or one for all rows."""
        return self.numbers_of(self.values(source, j), source.labels[j])

    def values(self, source: Any, j: int) -> Values:
        """The values of column j of the source, as those of fit."""
        return source.values(j, self.category, self.zone, self.family == SEVERAL)

    def numbers_of(self, values: Values, label: str) -> Any:
        """The same of its values; ``label`` is its name in messages."""
        if values.family == NOTHING:
            return self.missing
        if not self.accepts(values.family):
            if values.family == MIXED:
                raise mixed(values, label)
            shown, row = values.first()
            raise self.refuses(f"{values.family} ({shown} in row {row})", values.family, label)
        return self.numbers(values)

    def accepts(self, family: str) -> bool:
        """Whether values of this family are taken."""
        return family == self.family

    def numbers(self, values: Values) -> np.ndarray:
        """The numbers of values that are not all missing, (n,) or (n, width)."""
        return values.data

    @property
    def keys(self) -> list[Any]:
        return []

    def are_missing(self, numbers: np.ndarray) -> np.ndarray:
        """Which numbers of the column stand for a missing value."""
        return np.isnan(numbers) if np.isnan(self.missing) else numbers == self.missing

    def are_there(self, values: Values) -> np.ndarray:
        """Which rows hold anything, of values that are told apart."""
        assert values.places is not None
        return values.places >= 0

    def refuses(self, what: str, family: str, label: str) -> Exception:
        """The error about values of another family than in fit."""
        return TypeError(
            f"Column {label} of X holds {what}, but it held {self.family} in fit. Convert it to "
            "the same type."
        )


def mixed(values: Values, label: str) -> Exception:
    """The error about a column in which text stands among numbers that spells none."""
    assert values.places is not None
    return not_of_one_family(values.data.tolist(), values.places, label)
