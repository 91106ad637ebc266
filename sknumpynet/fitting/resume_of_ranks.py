"""A fit on several ranks that is saved on its way: rank 0 has the file, all go on from it.

In: what :mod:`.resume` takes, and the ranks. Out: the same. Neither the number of ranks nor who has
which rows has to be what it was: which rows there are is known by sums over them, and what is drawn
is drawn anew in each epoch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import scipy.sparse as sp

from ..checkpoints import Facts, Keeper, digest
from ..options import Plan, Seeds
from ..rows import row_blocks, row_hashes
from ..training import Collective, Reporter
from .resume import Nowhere, Parts, Place, facts_of
from .share import Share
from .task import Order, Task


def saved_together(order: Order, table: Share, given: Share | None) -> Order:
    """The order; where it is saved, with its file open on rank 0 and the seeds that it holds."""
    ranks, seeds = order.ranks, order.seeds
    if order.saved is None or ranks is None or seeds is None:
        return order
    data = {**_of_all(table, ""), **_of_all(given, "_val")}
    if ranks.rank == 0:
        facts = facts_of(order)
        keeper = order.saved.open({**facts, "data": data})
        if keeper.drawn is None:
            keeper.drawn = {"seeds": list(seeds), "left": None}
        seeds = Seeds(*keeper.drawn["seeds"])
    return replace(order, seeds=ranks.broadcast(seeds))


def _of_all(share: Share | None, suffix: str) -> Facts:
    """Sums of hashes, which do not depend on the order of the rows."""
    names = [f"X{suffix}", f"y{suffix}", f"sample_weight{suffix}"]
    if share is None:
        return dict.fromkeys(names)
    sums, start = np.zeros(3, dtype=np.uint64), 0
    for block, weight in row_blocks(share.X, share.rows):
        stop = start + len(weight)
        codes = share.codes[share.rows.index[start:stop]].reshape(len(weight), -1)
        beside = np.column_stack([weight, codes]).astype(np.float64)
        for i, left in enumerate((beside[:, :0], beside[:, 1:], beside)):
            whole = sp.hstack([left, block], format="csr") if sp.issparse(block) else np.hstack(
                [left, block]
            )  # fmt: skip
            sums[i] += row_hashes(whole, np.arange(len(weight))).sum()
        start = stop
    (sums,) = share.rows.summed(sums)
    about = {
        "rows": share.rows.n_rows,
        "columns": None,
        "width": int(share.X.shape[1]),
        "kind": "of several machines",
        "values": digest(int(sums[0])),
        "by column": None,
    }
    return dict(zip(names, (about, digest(int(sums[1])), digest(int(sums[2]))), strict=True))


class PlaceOfRank(Place):
    """The place of a fit on several ranks: rank 0 reads and writes, all hold the same."""

    def __init__(
        self,
        task: Task,
        keeper: Keeper | None,
        plan: Plan,
        about: dict[str, Any],
        ranks: Collective,
    ) -> None:
        self._ranks = ranks
        if keeper is not None:
            super().__init__(task, keeper, plan, about)
        self._found = ranks.broadcast(self._found if keeper is not None else None)
        self._keeps = keeper is not None
        self._plan, self._others = plan, []

    def reporters(self, others: Sequence[Reporter]) -> Sequence[Reporter]:
        return super().reporters(others) if self._keeps else [_Follows()]

    def _print(self, text: str) -> None:
        if self._keeps:
            super()._print(text)

    def end(self, parts: Parts, outcome: Any) -> None:
        if self._keeps:
            super().end(parts, outcome)


class _Follows(Reporter):
    """Has the trainer note what a state is made of, as on rank 0."""

    takes_state = True


def place_of_rank(
    task: Task, plan: Plan, rows: Share, held_out: Share | None, size: int, ranks: Collective
) -> Nowhere:
    """The place of the model of a task, whose theta has this size."""
    if task.saved is None:
        return Nowhere()
    counts = [None if side is None else side.rows.n_rows for side in (rows, held_out)]
    keeper = task.saved.keeper if ranks.rank == 0 else None
    return PlaceOfRank(task, keeper, plan, {"rows": digest(counts), "size": size}, ranks)
