"""How a message shows a value of the user's.

In: any value, or a text that holds one. Out: a short text. A cell, a label or the name of a column
may be a whole document, which would bury the message that quotes it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

#: Characters that are shown of a value, and of what a library says about it.
MOST, MOST_OF_A_MESSAGE = 60, 300


def cut(text: str, most: int = MOST) -> str:
    """The text; of a longer one the first ``most`` characters, three of them dots."""
    return text if len(text) <= most else text[: most - 3] + "..."


def quoted(value: Any) -> str:
    """``repr(value)``, cut."""
    if type(value) is str:
        # The first of its characters will do: it may have millions.
        value = value[: MOST + 1]
    try:
        return cut(repr(value))
    except Exception:  # Of the value's own; and Python writes no integer of 4,300 digits.
        return f"<{type(value).__name__}>"


def quoted_list(values: Iterable[Any]) -> str:
    """Values quoted one by one, as many as there is room for."""
    shown: list[str] = []
    for value in values:
        if sum(map(len, shown)) > MOST_OF_A_MESSAGE:
            return ", ".join([*shown, "..."])
        shown.append(quoted(value))
    return ", ".join(shown)


def told(error: BaseException) -> str:
    """What an error of another library says, cut."""
    return cut(str(error), MOST_OF_A_MESSAGE)
