"""Whether X says anything of y, by a test that knows no network.

In: encoded training rows and the slopes of the loss at the best constant, one row of them for each.
Out: how many spreads of pure chance they are related by. Asked only where the losses of a few
validation rows leave open whether anything was learned.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import scipy.sparse as sp

from .compared import evenly
from .found import Model
from .share import Share

#: Most rows that are looked at (1 MB for a kernel), and orders of them that are drawn.
LOOKED_AT, ORDERS = 512, 99

#: From here on X says something of y: pure noise comes so far in one of eight, and of 243 fits that
#: beat a constant by 2 % on fresh rows two did not come so far and had too few validation rows.
RELATED = 1.25

#: From here on that is beyond doubt. Noise at RELATED would have the learning rate blamed for it.
CLEARLY = 4.0


def relation(share: Share, model: Model, y: np.ndarray) -> float:
    """How far ``sum_ij k(x_i, x_j) <s_i, s_j>`` lies above its values for shuffled rows.

    ``y`` are the encoded targets of the rows of the share, ``s`` the slopes of their losses at the
    best constant, k a linear kernel, which sees a trend in any column, or a Gaussian one, which
    sees any form in few of them; the larger of both.
    Gretton et al. (2005), "Measuring statistical dependence with Hilbert-Schmidt norms".
    """
    where = evenly(share.rows.index, LOOKED_AT)
    index, weight = share.rows.index[where], share.weight_of_mean_one()
    y, weight = y[where], None if weight is None else weight[where]
    constant = model.loss.intercept_only(y, weight)
    slopes = np.empty((len(index), len(constant)))
    model.loss.value(np.broadcast_to(constant, slopes.shape), y, weight, slopes)
    s = slopes * len(index)
    s -= s.mean(axis=0)
    if not np.isfinite(s).all() or len(index) < 3:
        return 0.0
    rng = np.random.default_rng(0)
    orders = [np.arange(len(s)), *(rng.permutation(len(s)) for _ in range(ORDERS))]
    # (n, orders, n_raw)
    shuffled = np.stack([s[order] for order in orders], axis=1)
    flat = shuffled.reshape(len(s), -1)
    found = [0.0]
    for kernel in _kernels(share, model, index):
        np.fill_diagonal(kernel, 0.0)
        sums = np.einsum("nof,nof->o", shuffled, (kernel @ flat).reshape(shuffled.shape))
        spread = sums[1:].std()
        if spread > 0:
            found.append(float((sums[0] - sums[1:].mean()) / spread))
    return max(found)


def _kernels(share: Share, model: Model, index: np.ndarray) -> Iterator[np.ndarray]:
    """A linear one and a Gaussian one, in float64; of sparse rows the first alone."""
    if sp.issparse(share.X):
        rows = share.X[index].astype(np.float64)
        yield np.asarray((rows @ rows.T).toarray())
        return
    encoder = model.encoder
    x = encoder.encode(share.X[index], np.empty((len(index), encoder.n_columns)))
    of_codes = [embedding.column for embedding in encoder.embeddings]
    same = sum((x[:, [j]] == x[:, j]).astype(np.float64) for j in of_codes)
    x = np.delete(x, of_codes, axis=1)
    x -= x.mean(axis=0)
    spread = x.std(axis=0)
    x = x[:, spread > 0] / spread[spread > 0]
    products = x @ x.T + same
    yield products
    of_itself = np.diag(products)
    distances = np.maximum(of_itself[:, None] + of_itself - 2.0 * products, 0.0)
    middle = np.median(distances[np.triu_indices(len(x), 1)])
    if middle > 0:
        yield np.exp(-distances / middle)
