"""Text that spells something else: numbers, dates, yes and no. It is read as that."""

from .dates import Dates
from .find import NOTHING_SPELLED, Spelled, as_real, what_it_spells, what_text_among_numbers_spells
from .marks import are_marks
from .numbers import Numbers
from .yes_no import YesNo

__all__ = [
    "NOTHING_SPELLED",
    "Dates",
    "Numbers",
    "Spelled",
    "YesNo",
    "are_marks",
    "as_real",
    "what_it_spells",
    "what_text_among_numbers_spells",
]
