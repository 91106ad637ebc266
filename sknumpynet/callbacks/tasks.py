"""Which task of a fit a hook is about.

In: the context that a hook is given. Out: what tells it from all others, and whether it is one of
the steps of a training, or a training.
"""

from __future__ import annotations

from typing import Any

#: The name of the task of one of several models.
MODEL = "model"

#: What tells a task from all others: the tree that it is in, and the numbers on the way to it.
Key = tuple


def key_of(context: Any) -> Key:
    """The same for all contexts of a task, also in another process."""
    numbers: list[int] = []
    task = context
    while task is not None:
        numbers.append(task.task_id)
        task = task.parent
    return (context.root_uuid, *reversed(numbers))


def is_epoch(context: Any) -> bool:
    """Whether the task is an epoch: one of those that a training consists of."""
    return context.max_subtasks == 0 and context.parent is not None


def is_of_first_model(context: Any) -> bool:
    """Whether the epoch is one of a single model, or of the first of several (bags)."""
    return context.parent.task_name != MODEL or context.parent.task_id == 0


def is_within(key: Key, other: Key) -> bool:
    """Whether the task of ``key`` is the ``other`` one, or a part of it."""
    return key[: len(other)] == other
