"""Fits on a Dask cluster: rows stay on the workers that have them, and all train one model.

The extra ``dask`` installs what is needed. Dask places the rows and starts one long task on each
worker; within it, gradients are added up over sockets between the workers (see
:class:`~sknumpynet.training.OverSockets`), which takes milliseconds where a task for each step
would take a tenth of a second.
"""

try:
    # It needs dask itself.
    import distributed as _  # noqa: F401
except ImportError as error:
    raise ImportError(
        "sknumpynet.dask needs the packages dask and distributed: pip install 'sknumpynet[dask]'."
    ) from error

from ..training import CollectiveError
from .estimators import (
    DaskNumpyMLPClassifier,
    DaskNumpyMLPRegressor,
    DaskTabularMLPClassifier,
    DaskTabularMLPRegressor,
)

__all__ = [
    "CollectiveError",
    "DaskNumpyMLPClassifier",
    "DaskNumpyMLPRegressor",
    "DaskTabularMLPClassifier",
    "DaskTabularMLPRegressor",
]
