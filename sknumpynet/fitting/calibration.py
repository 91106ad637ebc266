"""Temperature scaling: how sure a classifier is, by the rows that it was not trained on.

In: trained networks, and their loss on validation rows. Out: the same with other output weights.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from scipy.optimize import minimize_scalar

from ..network import Network

#: Temperatures that are tried, as logarithms.
LOWEST, HIGHEST = math.log(0.25), math.log(4.0)


def scale_outputs(
    networks: Sequence[Network], validation_loss: Callable[[], float]
) -> float | None:
    """Divide the raw scores by the temperature with the lowest validation loss; gives it.

    If the user interrupts the search, it gives None, and the networks are as they were.

    ``W <- W / T``, ``b <- b / T`` in the output layer, of each member if there are several: then
    their probabilities are averaged after it. Guo, Pleiss, Sun and Weinberger (2017), "On
    calibration of modern neural networks", arXiv:1706.04599.
    """
    outputs = [array for network in networks for array in vars(network.parameters()[-1]).values()]
    trained = [array.copy() for array in outputs]

    def loss_at(log_temperature: float) -> float:
        for array, value in zip(outputs, trained, strict=True):
            array[...] = value / math.exp(log_temperature)
        return validation_loss()

    try:
        before = loss_at(0.0)
        found = minimize_scalar(
            loss_at, bounds=(LOWEST, HIGHEST), method="bounded", options={"xatol": 0.01}
        )
        best = float(found.x) if found.fun < before else 0.0
        loss_at(best)
    except KeyboardInterrupt:
        for array, value in zip(outputs, trained, strict=True):
            array[...] = value
        return None
    return math.exp(best)
