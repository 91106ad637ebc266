"""Expected gradients of networks: what each encoded number adds to a raw score.

In: models, encoded rows and encoded background rows. Out: for each row and encoded number the mean,
over the background and along the straight way from there to the row, of the gradient times the
difference. Several networks (members, bags) are gone through together, by the raw scores of their
mean prediction.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from ..fitting.found import Model
from ..network import Network, Workspace

#: Points that go through the networks at once: buffers of 128 units stay in the cache.
AT_ONCE = 2048

#: Numbers in the points that go through at once (32 MB in float32), for rows of very many columns.
MOST_NUMBERS = 2**23


@dataclass(frozen=True)
class Points:
    """Where the gradient is asked on the ways from the background to a row.

    Attributes
    ----------
    of : ndarray of shape (n_points,)
        Which background row each way begins at.
    shares : ndarray of shape (n_points,)
        How far along the way.
    """

    of: np.ndarray
    shares: np.ndarray

    @classmethod
    def drawn(cls, n_background: int, n_on_each: int, rng: np.random.Generator) -> Points:
        """``n_on_each`` (even) points on each way.

        In pairs a and 1 - a, by which a gradient that is linear along the way has no error; the
        a of all ways lie evenly in [0, 1/2].
        """
        half = n_on_each // 2
        first = (rng.permutation(n_background) + 0.5) / n_background
        a = (np.arange(half)[:, np.newaxis] + first) / n_on_each
        shares = np.concatenate([a, 1.0 - a]).reshape(-1)
        return cls(np.tile(np.arange(n_background), 2 * half), shares)

    def parts(self, n: int) -> Iterator[Points]:
        for start in range(0, len(self.of), n):
            yield Points(self.of[start : start + n], self.shares[start : start + n])


class Networks:
    """The networks of models, on rows as they are behind all embeddings.

    Parameters
    ----------
    models : sequence of Model
        With the same loss, in the same unit.
    """

    def __init__(self, models: Sequence[Model], max_batch: int) -> None:
        self.loss = models[0].loss
        self._networks = [model.network.as_it_predicts() for model in models]
        self._workspaces = [Workspace(n, max_batch, training=True) for n in self._networks]

    def gradients(self, points: Sequence[np.ndarray], output: int) -> list[np.ndarray]:
        """``d score / d x`` for each network of its points (B, n): the score ``output``."""
        scores = []
        for network, x, workspace in self._with(points):
            raw = network.forward_from(network.begins[0], x, workspace)
            scores.append(raw.reshape(-1, len(x), raw.shape[1]))
        slopes = np.zeros(scores[0].shape[1:])
        slopes[:, output] = 1.0
        each = [slopes]
        if len(scores) > 1:
            each = list(self.loss.combine_slopes(np.stack(list(map(self._mean, scores))), slopes))
        found = []
        for (network, x, workspace), raw, d in zip(self._with(points), scores, each, strict=True):
            of_members = self.loss.combine_slopes(raw, d) if len(raw) > 1 else d[np.newaxis]
            d_raw = of_members.reshape(-1, raw.shape[2]).astype(x.dtype, order="C")
            dx = network.backward(d_raw, workspace)
            assert dx is not None
            found.append(dx)
        return found

    def _with(
        self, points: Sequence[np.ndarray]
    ) -> Iterator[tuple[Network, np.ndarray, Workspace]]:
        return zip(self._networks, points, self._workspaces, strict=True)

    def _mean(self, scores: np.ndarray) -> np.ndarray:
        """The raw scores of the members' mean prediction."""
        return self.loss.combine(scores) if len(scores) > 1 else scores[0]


def expected_gradients(
    models: Sequence[Model],
    rows: Sequence[np.ndarray],
    background: Sequence[np.ndarray],
    points: Points,
    n_raw: int,
) -> list[np.ndarray]:
    """For each model (n, n_given, n_raw).

    From its rows (n, n_given) and the background (m, n_given).
    """
    n, n_points = len(rows[0]), len(points.of)
    most = max(1, min(AT_ONCE, MOST_NUMBERS // max(x.shape[1] for x in rows)))
    n_rows = max(1, most // n_points)
    at_once = min(most, n_points)
    networks = Networks(models, n_rows * at_once)
    found = [np.zeros((*x.shape, n_raw)) for x in rows]
    for start in range(0, n, n_rows):
        block = slice(start, start + n_rows)
        for part in points.parts(at_once):
            ways = [
                x[block, np.newaxis] - from_[part.of]
                for x, from_ in zip(rows, background, strict=True)
            ]
            shares = part.shares[:, np.newaxis].astype(ways[0].dtype)
            at = [
                (way * shares + from_[part.of]).reshape(-1, way.shape[2])
                for way, from_ in zip(ways, background, strict=True)
            ]
            for output in range(n_raw):
                gradients = networks.gradients(at, output)
                for total, way, dx in zip(found, ways, gradients, strict=True):
                    added = (way * dx.reshape(way.shape)).sum(axis=1, dtype=np.float64)
                    total[block, :, output] += added
    for total in found:
        total /= n_points
    return found
