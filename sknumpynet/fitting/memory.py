"""Whether a network fits into the memory of this machine, asked before any of it is taken.

In: a plan and the network that it describes. Out: nothing, or a MemoryError that names the options
and the memory. What is counted is the least that training takes: parameters, their gradient, and
the buffers of a batch.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Sequence
from itertools import pairwise

from ..network import Architecture, Layer, Layout, with_all_within
from ..options import Plan
from ..quoting import quoted

#: Bytes that a machine has that does not say (Windows): above, NumPy itself raises a MemoryError.
UNKNOWN = 2**40

GIGABYTE = 2**30


def memory_of_machine() -> int:
    """Bytes of memory."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return UNKNOWN


def refuse_large_sizes(plan: Plan, wanted: Architecture, n_rows: int) -> None:
    """MemoryError if one option alone asks for too much.

    Layers could not even be described then. ``n_rows`` are those of a batch.
    """
    for name, n_numbers in _by_option(wanted, n_rows):
        _compare(plan, [name], n_numbers * plan.dtype.itemsize, n_rows)


def refuse_large(plan: Plan, layers: Sequence[Layer], n_rows: int) -> None:
    """MemoryError if these layers take more than there is."""
    names = ["hidden_layer_sizes"]
    names += ["n_members"] if plan.network.n_members > 1 else []
    names += ["numeric_embedding", "embedding_width"] if plan.network.numeric_embedding else []
    _compare(plan, names, _numbers_of(layers, n_rows) * plan.dtype.itemsize, n_rows)


def _by_option(wanted: Architecture, n_rows: int) -> Iterator[tuple[str, int]]:
    """An option, and numbers that are needed because of it."""
    sizes = wanted.hidden_layer_sizes
    widest = max(sizes, default=0) * n_rows
    yield "hidden_layer_sizes", widest + sum(a * b for a, b in pairwise(sizes))
    yield "n_members", wanted.n_members * n_rows
    if wanted.numeric_embedding is not None:
        yield "embedding_width", wanted.embedding_width * len(wanted.numeric) * n_rows


def _numbers_of(layers: Sequence[Layer], n_rows: int) -> int:
    """Numbers in the parameters, their gradient and the buffers of a batch of ``n_rows`` rows."""
    layout, n = Layout(layers), 0
    for layer, n_in in with_all_within(layers, n_rows):
        for buffer in layer.buffers().values():
            rows = layer.rows_out(n_in) if buffer.of_output else n_in
            # Booleans are few beside the numbers.
            n += (
                0
                if buffer.dtype is bool
                else math.prod(buffer.shape) * (1 if buffer.fixed else rows)
            )
    return layout.size + layout.n_trained + n


def _compare(plan: Plan, names: Sequence[str], needed: int, n_rows: int) -> None:
    memory = memory_of_machine()
    if needed <= memory:
        return
    asked = ", ".join(f"{name}={quoted(plan.asked[name])}" for name in names)
    verb = "asks" if len(names) == 1 else "ask"
    raise MemoryError(
        f"{asked} {verb} for at least {needed / GIGABYTE:,.1f} GB, with batches of {n_rows} rows; "
        f"this machine has {memory / GIGABYTE:,.1f} GB. Use smaller numbers, or smaller batches."
    )
