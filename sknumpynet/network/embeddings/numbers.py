"""Layers that turn each number of a row into d numbers, by functions that are learned.

In: encoded rows (B, n_in) of which some columns are numbers. Out: first the other columns, as they
are, then d columns for each number, in an order that each class states. A network sees steps and
waves in such columns that it would not find in the number itself: smooth functions of a number are
what it learns first. A new kind is a class and a row of ``NUMERIC_EMBEDDINGS``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any, ClassVar

import numpy as np
import scipy.sparse as sp

from ..initializers import fill_uniform
from ..layer import Buffer, Layer, Scratch
from ..parameters import Parameter
from ..sparse import SparseRows
from .quantiles import Bins, quantiles

#: Cycles per unit of a column. From LOWEST on; below a highest frequency of 1 from a thirtieth on.
LOWEST, SHARE_OF_HIGHEST = 0.03, 1 / 30

#: Bins of a piecewise linear embedding; see Gorishniy et al. (2022), whose tuned ones are 23 to 67.
N_BINS = 48


@dataclass(frozen=True)
class NumericEmbedding(Layer):
    """From (B, n_in) to (B, n_out): columns that are no numbers, then ``width`` for each number.

    Parameters
    ----------
    n_in : int
    numeric : tuple of int
        The columns that are numbers.
    width : int
        Columns that each becomes.
    first : bool
        Whether x are the data, whose gradient nobody asks for.
    """

    #: Further fields that are chosen with the network, see ``build.py``.
    asks: ClassVar[tuple[str, ...]] = ()
    n_in: int
    numeric: tuple[int, ...] = field(repr=False)
    width: int
    first: bool = False

    @property
    def shows(self) -> bool:
        """Whether numbers come through from the start on, as if they were not embedded."""
        return False

    @property
    def n_passed(self) -> int:
        """Columns that are passed on."""
        return self.n_in - len(self.numeric)

    @property
    def n_out(self) -> int:
        return self.n_passed + len(self.numeric) * self.width

    def as_it_predicts(self) -> tuple[Layer, ...]:
        return (replace(self, first=False),)

    def sources_out(self, sources: np.ndarray) -> np.ndarray:
        numbers = self._of_numbers(sources[list(self.numeric)])
        return np.concatenate([sources[self._passed()], numbers])

    def _of_numbers(self, sources: np.ndarray) -> np.ndarray:
        """The source of each embedded column, in their order."""
        return np.repeat(sources, self.width)

    def names_out(self, names: list[str]) -> list[str]:
        numbers = [names[j] for j in self.numeric]
        return [names[j] for j in self._passed()] + self._names_of(numbers)

    def _names_of(self, numbers: list[str]) -> list[str]:
        """Names of the embedded columns, in their order."""
        return [f"{name}[{k}]" for name in numbers for k in range(self.width)]

    def columns_up_to(self, frequency: float) -> int:
        """Leading columns of the output that look no finer than this."""
        return self.n_out

    def _apart(self, x: Any) -> tuple[np.ndarray, np.ndarray]:
        """The columns of x that are passed on, and the numbers (B, F)."""
        if isinstance(x, SparseRows):
            x = x.toarray()
        if self.numeric == tuple(range(self.n_in)):
            return x[:, :0], x
        # x[:, numbers] lies in memory column by column: 256 x 50 of 52 take a third longer then.
        return x[:, self._passed()], x.take(self.numeric, axis=1)

    def _passed(self) -> list[int]:
        return sorted(set(range(self.n_in)) - set(self.numeric))

    def _joined(self, d_passed: np.ndarray, d_numbers: np.ndarray, ws: Scratch) -> np.ndarray:
        """The gradient of x, from those of the two parts."""
        ws.dx[:, self._passed()] = d_passed
        ws.dx[:, list(self.numeric)] = d_numbers
        return ws.dx


@dataclass(frozen=True)
class CosineEmbedding(NumericEmbedding):
    """``a [x, cos(2 pi (w x + v))] + c``, element by element, with d - 1 frequencies w per number.

    Order of the columns: those passed on; then all numbers; then for each frequency, in rising
    order of where they start, the cosines of all numbers. Frequencies start at the same values for
    every column, evenly spaced on a logarithmic scale up to ``highest``, with a random sign; v, a
    and c start at 0, so that a column comes in as far as it is of use, but for the a of the number
    itself, which starts at ``number_start``.

    TabPack's embedding (Gorishniy et al., 2026), whose frequencies start normal, and whose
    ``number_start`` is 0.
    """

    asks: ClassVar[tuple[str, ...]] = ("highest", "number_start")
    highest: float = 1.0
    number_start: float = 0.0

    @property
    def shows(self) -> bool:
        return self.number_start > 0

    def start_frequencies(self) -> np.ndarray:
        """Where the absolute frequencies start (d - 1,), in cycles per unit of a column."""
        # The share of the smallest numbers that there are is 0, where no logarithmic scale begins.
        below_1 = self.highest * SHARE_OF_HIGHEST or self.highest
        lowest = LOWEST if self.highest >= 1 else below_1
        return np.geomspace(lowest, self.highest, self.width - 1)

    def _names_of(self, numbers: list[str]) -> list[str]:
        return [f"{name}[{k}]" for k in range(self.width) for name in numbers]

    def _of_numbers(self, sources: np.ndarray) -> np.ndarray:
        return np.tile(sources, self.width)

    def columns_up_to(self, frequency: float) -> int:
        n = int(np.sum(self.start_frequencies() <= frequency * (1 + 1e-9)))
        return self.n_passed + len(self.numeric) * (1 + n)

    def parameters(self) -> dict[str, Parameter]:
        n_columns = len(self.numeric)
        waves, all_of_them = (self.width - 1, n_columns), (self.width, n_columns)
        return {
            "frequency": Parameter(waves, "offset", "embedding"),
            "phase": Parameter(waves, "offset", "embedding"),
            "scale": Parameter(all_of_them, "offset", "embedding"),
            "shift": Parameter(all_of_them, "offset", "embedding"),
        }

    def buffers(self) -> dict[str, Buffer]:
        all_of_them = (self.width, len(self.numeric))
        needed = {
            "y": Buffer((self.n_out,)),
            "h": Buffer(all_of_them),
            "angle": Buffer((self.width - 1, len(self.numeric)), training=True),
            "ones": Buffer((), fill=1.0, training=True),
        }
        if not self.first:
            needed["dx"] = Buffer((self.n_in,), training=True)
        return needed

    def initialize(self, p: SimpleNamespace, rng: np.random.Generator) -> None:
        signs = rng.choice([-1.0, 1.0], size=p.frequency.shape)
        p.frequency[...] = signs * self.start_frequencies()[:, np.newaxis]
        p.phase[...] = p.scale[...] = p.shift[...] = 0
        p.scale[0] = self.number_start

    def forward(self, x: Any, p: SimpleNamespace, ws: Scratch) -> np.ndarray:
        passed, x = self._apart(x)
        h, waves, dtype = ws.h, ws.h[:, 1:], ws.h.dtype
        h[:, 0] = x
        angle = ws.angle if ws.training else waves
        np.multiply(x[:, np.newaxis], 2 * math.pi * p.frequency.astype(dtype), out=angle)
        angle += 2 * math.pi * p.phase.astype(dtype)
        np.cos(angle, out=waves)
        ws.kept = x
        ws.y[:, : self.n_passed] = passed
        embedded = self._embedded(ws.y)
        np.multiply(h, p.scale, out=embedded)
        embedded += p.shift
        return ws.y

    def backward(self, dy: np.ndarray, p: SimpleNamespace, ws: Scratch) -> np.ndarray | None:
        # y = a h + c, h = [x, cos(t)], t = 2 pi (w x + v):
        # da = sum_i dy_i h_i,   dc = sum_i dy_i,   dt_i = -dy_i a sin(t_i),
        # dw = 2 pi sum_i dt_i x_i,   dv = 2 pi sum_i dt_i,   dx_i = dy_i0 a_0 + 2 pi sum dt_i w.
        x, g = ws.kept, self._embedded(dy)
        ws.g.shift[...] = np.dot(ws.ones, dy)[self.n_passed :].reshape(ws.g.shift.shape)
        ws.h *= g
        _sum_rows(ws, ws.h, ws.g.scale)
        g *= p.scale
        d_angle = np.sin(ws.angle, out=ws.angle)
        d_angle *= g[:, 1:]
        d_angle *= -2 * math.pi
        _sum_rows(ws, d_angle, ws.g.phase)
        if self.first:
            d_angle *= x[:, np.newaxis]
            _sum_rows(ws, d_angle, ws.g.frequency)
            return None
        products = np.multiply(d_angle, x[:, np.newaxis], out=ws.h[:, 1:])
        ws.g.frequency[...] = products.sum(axis=0)
        d_numbers = g[:, 0] + (d_angle * p.frequency).sum(axis=1)
        return self._joined(dy[:, : self.n_passed], d_numbers, ws)

    def _embedded(self, y: np.ndarray) -> np.ndarray:
        """The embedded columns of y (B, n_out) as a view (B, d, F)."""
        return y[:, self.n_passed :].reshape(len(y), self.width, len(self.numeric))


def _sum_rows(ws: Scratch, array: np.ndarray, out: np.ndarray) -> None:
    """``out`` = the sum of ``array`` over its first axis, by a product with ones."""
    np.dot(ws.ones, array.reshape(len(array), -1), out.reshape(-1))


@dataclass(frozen=True)
class PiecewiseLinearEmbedding(NumericEmbedding):
    """``w x + v + e(x) V``: for each number d continuous functions, linear between its quantiles.

    With edges b_0 < ... < b_T, e_t(x) is (x - b_{t-1}) / (b_t - b_{t-1}), held at 0 below and at 1
    above, where there is a bin on that side. In bin j, at the share u of its width, e(x) V = V_1 +
    ... + V_{j-1} + u V_j: two rows of a table for each number, however many bins there are.

    Order of the columns: those passed on; then d for one number after the other. V starts at 0; w
    and v (d,) uniform within 1 / sqrt(d).

    Gorishniy, Rubachev and Babenko (2022), "On embeddings for numerical features in tabular deep
    learning"; the linear part is that of version B in TabM's code.
    """

    looks: ClassVar[bool] = True
    n_bins: int = N_BINS

    def parameters(self) -> dict[str, Parameter]:
        n_columns, d = len(self.numeric), self.width
        return {
            "V": Parameter((n_columns, self.n_bins, d), "offset", "embedding"),
            "slope": Parameter((n_columns, d), "offset", "embedding"),
            "shift": Parameter((n_columns, d), "offset", "embedding"),
            "edges": Parameter((n_columns, self.n_bins + 1), "statistic"),
        }

    def buffers(self) -> dict[str, Buffer]:
        table = (self.n_bins, len(self.numeric) * self.width)
        needed = {
            "y": Buffer((self.n_out,)),
            "rows": Buffer((len(self.numeric), self.width)),
            **{name: Buffer(table, fixed=True) for name in ("rise", "base", "start")},
            "factors": Buffer((len(self.numeric), 2), fill=1.0, training=True),
        }
        if not self.first:
            needed["dx"] = Buffer((self.n_in,), training=True)
        return needed

    def initialize(self, p: SimpleNamespace, rng: np.random.Generator) -> None:
        p.V[...] = 0
        for array in (p.slope, p.shift):
            fill_uniform(array, 1 / math.sqrt(self.width), rng)
        p.edges[...] = 0

    def look(self, p: SimpleNamespace, x: np.ndarray, weight: Any, columns: Any = None) -> None:
        """Take the edges from the quantiles of these rows; if too few differ, the last stays."""
        for edges, column in zip(p.edges, self.numeric, strict=True):
            if columns is None or column in columns:
                found = quantiles(x[:, column], weight, self.n_bins)
                edges[: len(found)] = found
                edges[len(found) :] = found[-1]

    def forward(self, x: Any, p: SimpleNamespace, ws: Scratch) -> np.ndarray:
        passed, x = self._apart(x)
        ws.y[:, : self.n_passed] = passed
        bins = self._bins(p, ws)
        places = bins.of(x)
        share = (x - bins.lower.take(places)) / bins.width.take(places)
        # The function at the lower edge of each bin, and what it adds over the bin: (T, F d).
        V, slope, shift = (a.astype(ws.y.dtype, copy=False) for a in (p.V, p.slope, p.shift))
        slope, shift = slope.reshape(-1), shift.reshape(-1)
        rise, base = np.multiply(bins.width_of_rows, slope, out=ws.rise), ws.base
        self._of_columns(rise)[...] += V
        np.matmul(bins.before, V, out=self._of_columns(base))
        start = np.multiply(bins.lower_of_rows, slope, out=ws.start)
        start += shift
        base += start
        embedded = self._embedded(ws.y)
        np.multiply(self._rows_of(rise, places, ws), share[..., np.newaxis], out=embedded)
        embedded += self._rows_of(base, places, ws)
        ws.kept = bins, places, share
        return ws.y

    def backward(self, dy: np.ndarray, p: SimpleNamespace, ws: Scratch) -> np.ndarray | None:
        # y = base_j + u rise_j: the sums of dy and of u dy over the rows in each bin are those of
        # base and rise, of which the others follow. A sparse matrix adds them up, 2 entries a row.
        bins, places, share = ws.kept
        n_columns, n_bins, d = p.V.shape
        n = n_columns * n_bins
        ws.factors[..., 1] = share
        both = np.stack([places, places + n], axis=-1).reshape(-1)
        ends = np.arange(0, both.size + 1, 2)
        entries = sp.csc_array((ws.factors.reshape(-1), both, ends), shape=(2 * n, places.size))
        g = self._embedded(dy)
        d_base, d_rise = (entries @ g.reshape(-1, d)).reshape(2, n_bins, n_columns * d)
        # base_j has all V before bin j.
        before = np.matmul(bins.before.T, self._of_columns(d_base))
        np.add(self._of_columns(d_rise), before, out=ws.g.V)
        np.sum(d_base, axis=0, out=ws.g.shift.reshape(-1))
        d_base *= bins.lower_of_rows
        d_rise *= bins.width_of_rows
        d_base += d_rise
        np.sum(d_base, axis=0, out=ws.g.slope.reshape(-1))
        if self.first:
            return None
        slopes = self._rows_of(ws.rise, places, ws)
        slopes *= g
        d_numbers = slopes.sum(axis=-1) / bins.width.take(places)
        return self._joined(dy[:, : self.n_passed], d_numbers, ws)

    def _bins(self, p: SimpleNamespace, ws: Scratch) -> Bins:
        """Made once for a workspace, unless the edges change."""
        bins = ws.remembered.recall((p.edges,))
        if bins is None:
            bins = Bins(p.edges.astype(ws.y.dtype, copy=False), self.width)
            ws.remembered.keep((p.edges,), bins)
        return bins

    def _embedded(self, y: np.ndarray) -> np.ndarray:
        """The embedded columns of y (B, n_out) as a view (B, F, d)."""
        return y[:, self.n_passed :].reshape(len(y), len(self.numeric), self.width)

    def _of_columns(self, table: np.ndarray) -> np.ndarray:
        """A table (T, F d), whose sums over bins are of long rows, as V is ordered: (F, T, d)."""
        return table.reshape(self.n_bins, -1, self.width).transpose(1, 0, 2)

    def _rows_of(self, table: np.ndarray, places: np.ndarray, ws: Scratch) -> np.ndarray:
        """The rows of a table (T, F d) for the numbers' bins, (B, F, d)."""
        return np.take(table.reshape(-1, self.width), places, axis=0, out=ws.rows, mode="clip")


#: The values of the option ``numeric_embedding``, beside None.
NUMERIC_EMBEDDINGS: dict[str, type[NumericEmbedding]] = {
    "cosine": CosineEmbedding,
    "piecewise_linear": PiecewiseLinearEmbedding,
}
