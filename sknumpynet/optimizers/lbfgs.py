"""L-BFGS on the whole data set: SciPy's L-BFGS-B, on the same theta and the same objective.

In: a function from theta to (loss, gradient). Out: theta at the last iterate, and why it stopped.
SciPy keeps its own iterates in float64; the function is evaluated in theta's dtype.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import scipy.optimize


@dataclass(frozen=True)
class LbfgsResult:
    """How a run ended: ``limit`` if max_iter or max_fun was reached, else converged or ``stuck``.

    ``stuck`` says that the line search found no lower loss, which near an optimum means that the
    rounding of the loss is reached.
    """

    n_iter: int
    limit: bool
    stuck: bool


def minimize_lbfgs(
    evaluate: Callable[[np.ndarray], tuple[float, np.ndarray]],
    theta: np.ndarray,
    *,
    after_iteration: Callable[[float], bool],
    max_iter: int,
    max_fun: int,
    gtol: float,
) -> LbfgsResult:
    """Minimize in place (Liu and Nocedal 1989; Byrd, Lu, Nocedal and Zhu 1995).

    Parameters
    ----------
    evaluate : callable
        theta -> (loss, gradient); may return the same gradient array each time.
    theta : ndarray
        The start; holds the end.
    after_iteration : callable
        Called with the loss of each accepted iterate, with ``theta`` set to it; True stops.
    max_iter, max_fun : int
        Limits on iterations and on evaluations (a line search takes one or more).
    gtol : float
        Stop when no entry of the gradient is larger. With 0, go on while the loss falls at all.
    """
    last_loss, gradient = evaluate(theta)
    first: tuple | None = (last_loss, gradient.astype(np.float64))

    def function(x: np.ndarray) -> tuple[float, np.ndarray]:
        nonlocal last_loss, first
        if first is not None:
            # SciPy asks for the start first, which is known.
            found, first = first, None
            return found
        theta[...] = x
        last_loss, gradient = evaluate(theta)
        return last_loss, gradient.astype(np.float64)

    def callback(x: np.ndarray) -> None:
        # SciPy accepts an iterate right after evaluating it, so the last loss is that of x.
        theta[...] = x
        if after_iteration(last_loss):
            raise StopIteration

    ftol = _smallest_fall(theta.dtype, last_loss) if gtol > 0 else 0.0
    result = scipy.optimize.minimize(
        function,
        theta.astype(np.float64),
        jac=True,
        method="L-BFGS-B",
        callback=callback,
        options={"maxiter": max_iter, "maxfun": max_fun, "gtol": gtol, "ftol": ftol},
    )
    theta[...] = result.x
    return LbfgsResult(
        n_iter=int(result.nit),
        limit=result.status == 1,
        # Asked to go on while the loss falls, it has ended as it should.
        stuck=result.status == 2 and gtol > 0,
    )


def _smallest_fall(dtype: np.dtype, loss: float) -> float:
    """SciPy's ftol: it also stops when the loss falls by less than ftol max(|loss|, 1).

    A tenth of the spacing of float32 is what a sum over many rows can still tell; in float64 that
    would leave four digits of the parameters, whatever gtol asks for. Losses far below 1 need it in
    their unit.
    """
    eps = float(np.finfo(dtype).eps)
    ftol = eps / 10 if dtype == np.float32 else 64 * eps
    return ftol * abs(loss) if 0 < abs(loss) < 1 else ftol
