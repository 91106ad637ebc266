"""Callbacks: who is told of a fit while it runs, sees what it has come to, and may stop it.

In: hooks that scikit-learn names. Out: callbacks for ``set_callbacks`` of the estimators, and what
one of your own inherits from. With scikit-learn 1.9 and later they are scikit-learn's; before, the
estimators have ``set_callbacks`` all the same.
"""

from ..checkpoints import CheckpointError
from .checkpoint import Checkpoint
from .early_stop import EarlyStop
from .protocol import FitCallback
from .pruning import OptunaPruning

__all__ = ["Checkpoint", "CheckpointError", "EarlyStop", "FitCallback", "OptunaPruning"]
