"""Several networks at once, TabM-mini: a vector for each member in front, a head for each behind.

In: rows (B, n), the same for all members. The first layer gives (k B, n_out), one member after the
other; the layers behind it are the ordinary ones, which the members share; the head gives the raw
scores of each (k B, n_raw).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any, ClassVar

import numpy as np

from . import sparse_members, stacked_members
from .initializers import INITIALIZERS, fill_uniform, glorot_uniform
from .layer import Buffer, Layer, Scratch
from .parameters import Parameter
from .sparse import SparseRows


@dataclass(frozen=True)
class MemberLinear(Layer):
    """``y_j = (x r_j) W + b``: x (B, n_in), r (k, n_in), W (n_in, n_out), y (k B, n_out).

    A linear layer that the members share, on rows that each multiplies by a vector of its own. The
    vector goes into the matrix, ``y_j = x (diag(r_j) W) + b``, so that there is no array of (k B,
    n_in); of sparse rows into their stored numbers, see ``sparse_members.py``; of the few rows of a
    small batch of training into these, see ``stacked_members.py``.

    Gorishniy, Kotelnikov and Babenko (2025), "TabM: advancing tabular deep learning with
    parameter-efficient ensembling", the adapter of TabM-mini.

    Parameters
    ----------
    groups : tuple of (int, int)
        Numbers of members, one after the other, and of leading columns of x that these see. Behind
        them the vectors of these members are 0 and stay so.
    n_in, n_out : int
        Numbers of columns of x and y.
    signs : bool
        Vectors of -1 and 1, for raw columns, of which no member should lose one; otherwise they
        start normal.
    initializer, spread_offsets, first, group, gain
        As of a ``Linear``.
    """

    begins: ClassVar[bool] = True
    groups: tuple[tuple[int, int], ...]
    n_in: int
    n_out: int
    signs: bool = True
    initializer: str = "glorot_uniform"
    spread_offsets: bool = False
    first: bool = False
    group: str = "hidden"
    gain: float = 1.0

    @property
    def n_members(self) -> int:
        return sum(n for n, _ in self.groups)

    def rows_out(self, n_rows: int) -> int:
        return self.n_members * n_rows

    def parameters(self) -> dict[str, Parameter]:
        return {
            "W": Parameter((self.n_in, self.n_out), "weight", self.group),
            "b": Parameter((self.n_out,), "offset", self.group),
            # Not decayed: W is, and a member is nothing without its vector.
            "r": Parameter((self.n_members, self.n_in), "offset", "members"),
        }

    def as_it_predicts(self) -> tuple[Layer, ...]:
        return (replace(self, first=False),)

    def buffers(self) -> dict[str, Buffer]:
        h, one_matrix = self.n_out, self.n_in * self.n_out
        n_folded = sum(n * n_columns * h for n, n_columns in self.groups)
        needed = {
            "y": Buffer((h,), of_output=True),
            "folded": Buffer((n_folded,), fixed=True),
            "ones": Buffer((), fill=1.0, training=True, of_output=True),
            "ones_of_a_row": Buffer((h,), fill=1.0, training=True, fixed=True),
            "V": Buffer((one_matrix,), training=True, fixed=True),
            "product": Buffer((one_matrix,), training=True, fixed=True),
        }
        if not self.first:
            needed["side_by_side"] = Buffer((h,), training=True, of_output=True)
            needed["dx"] = Buffer((self.n_in,), training=True)
            needed["part"] = Buffer((self.n_in,), training=True)
            needed |= stacked_members.buffers(self._members_of_groups())
        return needed

    def largest_product(self, n_rows: int, sparse: bool) -> float:
        if self.first:
            return 0.0 if sparse else 2.0 * n_rows * self.n_in * self.n_out
        # That of the gradient of x, which takes a group at once.
        return 2.0 * n_rows * max(n * n_columns for n, n_columns in self.groups) * self.n_out

    def initialize(self, p: SimpleNamespace, rng: np.random.Generator) -> None:
        bound = INITIALIZERS[self.initializer](p.W, rng, self.gain)
        fill_uniform(p.b, bound if self.spread_offsets else 0.0, rng)
        if self.signs:
            p.r[...] = rng.choice([-1.0, 1.0], size=p.r.shape)
        else:
            p.r[...] = rng.standard_normal(p.r.shape)
        for members, n_columns in self._members_of_groups():
            p.r[members, n_columns:] = 0

    def start(self, p: SimpleNamespace, raw: np.ndarray, of: Any = slice(None)) -> None:
        p.b[..., of] = raw[of]

    def forward(self, x: Any, p: SimpleNamespace, ws: Scratch) -> np.ndarray:
        if isinstance(x, SparseRows):
            ws.kept = x, sparse_members.forward(x, p.r, p.W, ws)
        elif self._stacks(ws):
            ws.kept = x
            stacked_members.forward(x, list(self._members_of_groups()), p, ws.y, ws)
        else:
            ws.kept = x
            y = ws.y.reshape(self.n_members, -1, self.n_out)
            for members, n_columns, matrices in self._folded(p, ws):
                # One by one into their places: as fast as one product of all, whose result would
                # have to be put in the order of the rows.
                seen = x[:, :n_columns]
                ws.dots(*[(seen, W, y_j) for W, y_j in zip(matrices, y[members], strict=True)])
        ws.y += p.b
        return ws.y

    def backward(self, dy: np.ndarray, p: SimpleNamespace, ws: Scratch) -> np.ndarray | None:
        # W_j = diag(r_j) W acts on the rows x as any matrix does: V_j = x^T dy_j is its gradient.
        # W_j,cu = r_jc W_cu:    dW_cu = sum_j r_jc V_j,cu,    dr_jc = sum_u V_j,cu W_cu.
        np.dot(ws.ones, dy, ws.g.b)
        if isinstance(ws.kept, tuple):
            x, stacked = ws.kept
            sparse_members.gradients(x, stacked, p.r, p.W, dy, ws.g.W, ws.g.r)
            return None
        if self._stacks(ws):
            return stacked_members.backward(ws.kept, list(self._members_of_groups()), p, dy, ws)
        ws.g.W[...] = 0
        ws.g.r[...] = 0
        dy_of = dy.reshape(self.n_members, -1, self.n_out)
        for members, n_columns in self._members_of_groups():
            W, size = p.W[:n_columns], n_columns * self.n_out
            V = ws.V[:size].reshape(W.shape)
            product = ws.product[:size].reshape(W.shape)
            for j in range(members.start, members.stop):
                ws.dots((ws.kept[:, :n_columns].T, dy_of[j], V))
                np.multiply(V, W, out=product)
                np.dot(product, ws.ones_of_a_row, ws.g.r[j, :n_columns])
                V *= p.r[j, :n_columns, np.newaxis]
                ws.g.W[:n_columns] += V
        return None if self.first else self._dx(dy_of, ws)

    def _stacks(self, ws: Scratch) -> bool:
        """Whether there are so few rows in a step that to stack them is to write less."""
        return ws.training and not self.first and ws.n_rows <= self.n_out

    def _dx(self, dy_of: np.ndarray, ws: Scratch) -> np.ndarray:
        """``dx = sum_j dy_j W_j^T``: for a group one product, with the dy_j side by side.

        With 8 members of 192 x 128 and 256 rows 1.13 ms, one by one and added up 1.22; with 16 of
        720 x 128 8.8 and 11.3.
        """
        n_rows, dx = ws.n_rows, ws.dx
        # The groups that see most come first, so that the others are added to what is there.
        groups = sorted(self._views(ws), key=lambda group: -group[1])
        for i, (members, n_columns, matrices) in enumerate(groups):
            n = members.stop - members.start
            size = n_rows * n * self.n_out
            side_by_side = ws.side_by_side.reshape(-1)[:size].reshape(n_rows, n, self.n_out)
            np.copyto(side_by_side, dy_of[members].transpose(1, 0, 2))
            stacked = matrices.transpose(1, 0, 2).reshape(n_columns, -1).T
            out = ws.part if i else dx
            seen = out.reshape(-1)[: n_rows * n_columns].reshape(n_rows, n_columns)
            if not i and n_columns < self.n_in:
                dx[:, n_columns:] = 0
                seen = dx[:, :n_columns]
            ws.dots((side_by_side.reshape(n_rows, -1), stacked, seen))
            if i:
                dx[:, :n_columns] += seen
        return dx

    def _members_of_groups(self) -> Iterator[tuple[slice, int]]:
        """For each group where its members are, and the number of columns that they see."""
        start = 0
        for n, n_columns in self.groups:
            yield slice(start, start + n), n_columns
            start += n

    def _views(self, ws: Scratch) -> Iterator[tuple[slice, int, np.ndarray]]:
        """The same with the folded matrices (n, n_columns, n_out).

        In memory those of a group stand side by side, (n_columns, n, n_out).
        """
        start = 0
        for members, n_columns in self._members_of_groups():
            shape = (n_columns, members.stop - members.start, self.n_out)
            stop = start + shape[0] * shape[1] * shape[2]
            yield members, n_columns, ws.folded[start:stop].reshape(shape).transpose(1, 0, 2)
            start = stop

    def _folded(self, p: SimpleNamespace, ws: Scratch) -> list[tuple[slice, int, np.ndarray]]:
        """The same, filled with ``diag(r_j) W``; once for a caller that only predicts."""
        # 8 members of 266 x 128: 70 us; to see that nothing has changed takes 10.
        parameters = p.r, p.W
        groups = None if ws.training else ws.remembered.recall(parameters)
        if groups is not None:
            return groups
        groups = ws.once.get("groups") or list(self._views(ws))
        ws.once["groups"] = groups
        for members, n_columns, matrices in groups:
            r, W = p.r[members, :n_columns, np.newaxis], p.W[:n_columns]
            np.multiply(r, W, out=matrices, dtype=matrices.dtype)
        if not ws.training:
            ws.remembered.keep(parameters, groups)
        return groups


@dataclass(frozen=True)
class Heads(Layer):
    """``y_j = x_j W_j + b_j``: x (k B, n_in), W (k, n_in, n_out), b (k, n_out), y (k B, n_out).

    A linear layer to the raw scores for each of ``k`` members, whose rows follow each other.
    """

    begins: ClassVar[bool] = True
    k: int
    n_in: int
    n_out: int

    def parameters(self) -> dict[str, Parameter]:
        return {
            "W": Parameter((self.k, self.n_in, self.n_out), "weight", "output"),
            "b": Parameter((self.k, self.n_out), "offset", "output"),
        }

    def buffers(self) -> dict[str, Buffer]:
        return {
            "y": Buffer((self.n_out,)),
            "ones": Buffer((), fill=1.0, training=True),
            "dx": Buffer((self.n_in,), training=True),
        }

    def largest_product(self, n_rows: int, sparse: bool) -> float:
        return 2.0 * (n_rows // self.k) * self.n_in * self.n_out

    def initialize(self, p: SimpleNamespace, rng: np.random.Generator) -> None:
        for W in p.W:
            glorot_uniform(W, rng)
        p.b[...] = 0

    def start(self, p: SimpleNamespace, raw: np.ndarray, of: Any = slice(None)) -> None:
        p.b[..., of] = raw[of]

    def forward(self, x: np.ndarray, p: SimpleNamespace, ws: Scratch) -> np.ndarray:
        ws.kept = x
        x_of, y_of = self._of_members(x, ws.y)
        ws.dots(*zip(x_of, p.W, y_of, strict=True))
        y_of += p.b[:, np.newaxis]
        return ws.y

    def backward(self, dy: np.ndarray, p: SimpleNamespace, ws: Scratch) -> np.ndarray:
        x_of, dy_of, dx_of, ones = self._of_members(ws.kept, dy, ws.dx, ws.ones)
        for j in range(self.k):
            np.dot(ones[j], dy_of[j], ws.g.b[j])
        ws.dots(*zip(x_of.transpose(0, 2, 1), dy_of, ws.g.W, strict=True))
        ws.dots(*zip(dy_of, p.W.transpose(0, 2, 1), dx_of, strict=True))
        return ws.dx

    def _of_members(self, *arrays: np.ndarray) -> list[np.ndarray]:
        """Each array, whose rows are those of one member after the other, with a first axis."""
        n_rows = len(arrays[0]) // self.k
        return [array.reshape(self.k, n_rows, *array.shape[1:]) for array in arrays]
