"""Workspaces for predictions of few rows, kept by their network and lent to one caller at a time.

In: a network and a number of rows. Out: a workspace that nobody else has. To make one for a single
row takes as long as the rest of its prediction, 25 us of a small network. They are no part of the
network: no copy and no pickle has them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from .network import Network, Workspace
from .rowwise import rowwise_dot

#: Workspaces of more rows are made for one call: their making is a small part of it.
FEW_ROWS = 8

#: Bytes of buffers that a network keeps for each of its idle workspaces, at most.
MOST_KEPT = 2**22


@contextmanager
def lent(network: Network, max_batch: int, dtype: np.dtype | None = None) -> Iterator[Workspace]:
    """A workspace for predictions of the rows of a call, computed in ``dtype``.

    Products are made by :func:`~.rowwise.rowwise_dot`. It has at least two rows.
    """
    dtype = network.theta.dtype if dtype is None else dtype
    if max_batch > FEW_ROWS:
        yield Workspace(network, max_batch, dtype=dtype, dot=rowwise_dot)
        return
    try:
        workspace = network.idle.pop()
    except IndexError:
        workspace = None
    if workspace is None or not workspace.suits(network, dtype):
        workspace = Workspace(network, FEW_ROWS, dtype=dtype, dot=rowwise_dot)
    workspace.forget()
    yield workspace
    # After an error it is left to the garbage.
    if workspace.size <= MOST_KEPT:
        network.idle.append(workspace)
