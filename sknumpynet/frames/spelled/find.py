"""What the text of a column spells: numbers, dates, times of day, yes and no, or nothing but names.

In: the distinct values of a column, and how many rows have each. Out: how they are to be read, or
the rule by which they are left as they are, and what the user is to be told of it. See DECISIONS:
text that spells something.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from .dates import Dates, find_dates
from .names import rule_of_names
from .nearly import nearly_numbers
from .numbers import FoundNumbers, Numbers, find_numbers
from .yes_no import YesNo, find_yes_no


class Spelled(NamedTuple):
    """What the text of a column spells.

    Attributes
    ----------
    by : Numbers, Dates, YesNo or None
        How it is read; None: it is not.
    numbers : ndarray or None
        Of each distinct value, NaN (of yes and no: 0) where it is missing.
    n_unread : int
        Rows of text that count as missing.
    n_others : int
        Those of them that hold no missing mark.
    why : str
        Why it is read so, or is not.
    doubt : str
        What may be wrong with that, and what to do then; "" if nothing.
    """

    by: Numbers | Dates | YesNo | None
    numbers: np.ndarray | None = None
    n_unread: int = 0
    n_others: int = 0
    why: str = ""
    doubt: str = ""


NOTHING_SPELLED = Spelled(None)

_AS_TEXT = "name it in categorical_features if they are levels"


def what_it_spells(
    texts: Sequence[str], counts: np.ndarray, name: str, *, levels: bool = True
) -> Spelled:
    """What the texts spell, of which ``counts`` rows have each.

    Parameters
    ----------
    texts : sequence of str
        Distinct.
    counts : ndarray
    name : str
        Of the column.
    levels : bool
        Whether they may be levels of a category, and numbers be names.
    """
    if levels:
        found = find_yes_no(texts, counts)
        if found is not None:
            by, codes, share = found
            why = f"text: {share.told} says {quoted_pair(by)}"
            return Spelled(by, codes, share.n_unread, 0, why)
    dates = find_dates(texts, counts)
    if dates is not None:
        return _as_dates(dates)
    numbers = find_numbers(texts, counts)
    if numbers is None:
        return _as_text(nearly_numbers(texts, counts, name))
    names = rule_of_names(numbers, counts, name) if levels else None
    if names is not None:
        doubt = ""
        if names.is_doubtful:
            doubt = (
                f"is taken for a category of {len(texts)} levels ({names.rule}): if they are "
                "quantities, convert it to numbers"
            )
        return Spelled(None, why=f"text: {names.rule}", doubt=doubt)
    return _as_numbers(numbers)


def _as_numbers(found: FoundNumbers) -> Spelled:
    share, doubt = found.share, ""
    if found.doubt or share.doubt:
        said = "; ".join(part for part in (found.doubt, share.doubt) if part)
        doubt = f"is read as numbers, {said}: {_AS_TEXT}"
        if found.doubt:
            doubt += ", or convert it to numbers"
    told = f"text: {share.told} spells numbers", found.by.told
    why = ", ".join(part for part in told if part)
    return Spelled(found.by, found.numbers, share.n_unread, share.n_others, why, doubt)


def _as_text(doubt: str) -> Spelled:
    if not doubt:
        return NOTHING_SPELLED
    return Spelled(
        None, why="text: not all of it is numbers of one kind", doubt=f"{doubt}, or {_AS_TEXT}"
    )


def quoted_pair(by: YesNo) -> str:
    """The two levels, for a sentence."""
    no, yes = by.levels
    return f"{yes!r} or {no!r}"


def _as_dates(found: Any) -> Spelled:
    family = found.by.family
    if found.doubt:
        doubt = (
            f"holds dates of which {found.doubt}, and is left as text: convert it to dates, by "
            "pandas.to_datetime(..., dayfirst=True) or dayfirst=False for example"
        )
        return Spelled(None, why=f"text: dates, but {found.doubt}", doubt=doubt)
    why = ", ".join(
        part for part in (f"text: {found.share.told} spells {family}", found.by.told) if part
    )
    doubt = f"is read as {family}, {found.share.doubt}: {_AS_TEXT}" if found.share.doubt else ""
    return Spelled(found.by, found.numbers, found.share.n_unread, found.share.n_others, why, doubt)


def as_real(value: Any) -> float:
    """A number as a float; an integer beyond all floats is infinite, which the door refuses."""
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def what_text_among_numbers_spells(values: Sequence[Any], counts: np.ndarray) -> Spelled:
    """The same of values of which some are numbers, which are what they are, and others text."""
    is_text = np.array([isinstance(value, str) for value in values])
    texts = [value for value in values if isinstance(value, str)]
    found = find_numbers(texts, counts[is_text], int(counts[~is_text].sum()))
    if found is None:
        return NOTHING_SPELLED
    numbers = np.array([np.nan if isinstance(value, str) else as_real(value) for value in values])
    numbers[is_text] = found.numbers
    return _as_numbers(found)._replace(numbers=numbers, why="numbers, and text that spells some")
