"""The estimators on a Dask cluster: ``fit`` and lazy predictions.

In: arrays and frames of Dask. Out: a fitted estimator, of which ``to_local`` gives the ordinary
one; predictions as arrays of Dask.
"""

from __future__ import annotations

import copy
from typing import Any, ClassVar

from distributed import get_client

from dask import compute, is_dask_collection

from ..estimators import (
    NumpyMLPClassifier,
    NumpyMLPRegressor,
    TabularMLPClassifier,
    TabularMLPRegressor,
)
from ..estimators.of_ranks import refuse_what_is_alone
from ..options import (
    Allowed,
    check_options,
    drawn_seeds,
    estimator_with_options,
    number,
    option,
    options_of,
)
from .absent import Absent
from .parts import parts_of
from .predictions import lazily
from .running import fit_on_workers


def _is_client(value: Any) -> bool:
    return value is None or hasattr(value, "submit")


@estimator_with_options
class OfCluster:
    """Options about the cluster."""

    client: Any = option(
        None,
        Allowed(_is_client, "a distributed.Client or None"),
        "distributed.Client or None",
        "computation",
        """Of the cluster. None: the one that was made last in this process. Copies and files of the
        estimator have none, clones have the same.""",
    )
    timeout: float = option(
        300.0,
        number(0.0, closed="neither"),
        "float",
        "computation",
        """Seconds. A worker that is not heard of for so long (it hangs, its network is cut) ends
        the fit on all others, with an error that names its address; one whose process ends does so
        at once. It has to be more than a worker may take to read its rows.""",
    )


def _options_of(estimator: Any) -> Any:
    cls: Any = type(estimator)
    return options_of(cls)


class _OnDask(OfCluster):
    """What all of them share."""

    #: The ordinary estimator.
    _local: ClassVar[type]

    def fit(
        self,
        X: Any,
        y: Any,
        sample_weight: Any = None,
        *,
        X_val: Any = None,
        y_val: Any = None,
        sample_weight_val: Any = None,
        groups: Any = None,
    ) -> Any:
        """Train on the rows of all partitions, where they are.

        Parameters
        ----------
        X : dask array of shape (n_samples, n_features), or dask data frame
        y : dask array or series of shape (n_samples,) or (n_samples, n_outputs)
            With the partitions of X.
        sample_weight : dask array or series of shape (n_samples,), optional
        X_val, y_val, sample_weight_val : optional
            Rows to validate on after every epoch, collections of Dask, too.
        groups : None
            Not supported: rows are held out by their content. Pass X_val of other groups.

        Returns
        -------
        self

        Raises
        ------
        ValueError, TypeError
            As those of the ordinary estimator, and for options that know no more than one machine:
            ``n_bags`` > 1, ``normalization="batch"``, ``scoring`` other than "loss", ``splitter``,
            ``warm_start``, ``max_time``, callbacks but ``Checkpoint``.
        CollectiveError
            A RuntimeError: a worker has died, hangs or cannot be reached. The estimator is what it
            was.

        Notes
        -----
        Workers begin with the same weights, and each step is made with the gradient of a batch of
        which each has its share: a batch of ``batch_size`` rows is spread over all of them. All
        decisions are those of all rows. For the same partitions on the same workers the result is
        the same to the last bit. Rows to validate on, if none are passed, are told by a hash of
        their content, so that equal rows stay together. Quantiles of columns are exact up to
        100,000 rows in all; beyond, the share of the rows below a value is right to 1/10,000. What
        workers tell each other (gradients, levels) is not encrypted, also where Dask's own messages
        are: only workers of the run are listened to, but the network between them is trusted.

        With :class:`~sknumpynet.callbacks.Checkpoint` a fit that was ended by an error goes on from
        the last epoch that was saved when it is called again, on other workers too. The file is on
        the machine of the worker that has the first partition: a path that all machines see.
        """
        check_options(self, self._rules)  # type: ignore[attr-defined]
        refuse_what_is_alone(self)  # type: ignore[arg-type]
        if groups is not None:
            raise ValueError(
                "groups is not supported on several machines. Leave it out: pass X_val and y_val "
                "of other groups, or rows are held out by their content, or fit on one."
            )
        if (X_val is None) != (y_val is None):
            raise ValueError("X_val and y_val go together. Got one of them.")
        if X_val is None and sample_weight_val is not None:
            raise ValueError("sample_weight_val goes with X_val. Got X_val=None.")
        client = get_client() if self.client is None else self.client
        parts = parts_of(X, y, sample_weight)
        validation = [] if X_val is None else parts_of(X_val, y_val, sample_weight_val, "_val")
        # A generator is drawn from here, as in any fit.
        seeds = drawn_seeds(self.random_state)  # type: ignore[attr-defined]
        local = self._as_local(fitted=False)
        found = fit_on_workers(client, local, seeds, parts, validation, self.timeout)
        options = _options_of(self)
        state = {name: value for name, value in vars(self).items() if name in options}
        fitted = {name: value for name, value in vars(found).items() if name not in options}
        kept = {name: value for name, value in vars(self).items() if name.startswith("_skl")}
        self.__dict__ = {**fitted, **kept, **state}
        return self

    def to_local(self) -> Any:
        """The ordinary estimator, with these options and, if it is fitted, this model."""
        return self._as_local(fitted=True)

    def _as_local(self, *, fitted: bool) -> Any:
        own, options = options_of(OfCluster), _options_of(self)
        local: Any = object.__new__(self._local)
        local.__dict__.update(
            (name, value)
            for name, value in vars(self).items()
            if name not in own and (fitted or name in options or name.startswith("_skl_callbacks"))
        )
        return local

    def predict(self, X: Any) -> Any:
        """Predictions, as those of the ordinary estimator.

        Parameters
        ----------
        X : dask array or data frame, or whatever the ordinary estimator takes

        Returns
        -------
        dask array, lazy, with the partitions of X; or an ndarray
        """
        return self._predicted("predict", X)

    def _predicted(self, method: str, X: Any) -> Any:
        local = self.to_local()
        return lazily(local, method, X) if is_dask_collection(X) else getattr(local, method)(X)

    #: A stream is fitted in one process.
    partial_fit: Any = Absent("partial_fit", "to_local().partial_fit(...) goes on in this process")

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """The score of the ordinary estimator, of rows that fit into memory.

        Parameters
        ----------
        X, y, sample_weight
            As those of the ordinary estimator; collections of Dask are computed.

        Returns
        -------
        float
        """
        X, y, sample_weight = compute(X, y, sample_weight)
        return self.to_local().score(X, y, sample_weight)

    def __getstate__(self) -> dict[str, Any]:
        state: Any = super().__getstate__()
        return {**state, "client": None}

    def __sklearn_clone__(self) -> Any:
        from sklearn.base import clone

        client, self_without = self.client, copy.copy(self)
        self_without.client = None
        other = type(self)(**clone(self_without._as_local(fitted=False)).get_params(deep=False))
        other.client, other.timeout = client, self.timeout
        return other


class _Classifies(_OnDask):
    def predict_proba(self, X: Any) -> Any:
        """Probability of each class, as that of the ordinary estimator.

        Parameters
        ----------
        X : dask array or data frame, or whatever the ordinary estimator takes

        Returns
        -------
        dask array of shape (n_samples, n_classes), lazy; or an ndarray
        """
        return self._predicted("predict_proba", X)

    def predict_log_proba(self, X: Any) -> Any:
        """Logarithm of ``predict_proba``."""
        return self._predicted("predict_log_proba", X)

    def decision_function(self, X: Any) -> Any:
        """Raw scores, as those of the ordinary estimator."""
        return self._predicted("decision_function", X)


@estimator_with_options
class DaskNumpyMLPClassifier(_Classifies, NumpyMLPClassifier):
    """``NumpyMLPClassifier`` on the rows of a Dask cluster.

    Rows stay on the workers that have them. Each step is made with the sum of their gradients, and
    whatever is learned of rows is learned of all of them: with L-BFGS the model is that of
    ``NumpyMLPClassifier`` on the same rows. The same partitions on the same workers give the same
    model to the last bit: ``persist`` X (all columns in one chunk) and y first, and wait for
    them, or Dask computes them wherever there is room.

    Parameters
    ----------
    {parameters}

    Attributes
    ----------
    {attributes}

    See Also
    --------
    NumpyMLPClassifier : The same on one machine; ``to_local`` gives one.

    Examples
    --------
    >>> import dask.array as da
    >>> from distributed import Client, LocalCluster
    >>> from sklearn.datasets import load_wine
    >>> from sknumpynet.dask import DaskNumpyMLPClassifier
    >>> X, y = load_wine(return_X_y=True)
    >>> X, y = da.from_array(X, chunks=(50, 13)), da.from_array(y, chunks=50)
    >>> cluster = LocalCluster(
    ...     n_workers=2, threads_per_worker=1, processes=False, dashboard_address=":0"
    ... )
    >>> with cluster, Client(cluster) as client:
    ...     model = DaskNumpyMLPClassifier((30,), solver="lbfgs", alpha=1, client=client)
    ...     model = model.fit(X, y)
    ...     probabilities = model.predict_proba(X).compute()
    >>> probabilities.shape
    (178, 3)
    >>> model.to_local().score(*load_wine(return_X_y=True)) > 0.95
    True
    """

    _local = NumpyMLPClassifier


@estimator_with_options
class DaskNumpyMLPRegressor(_OnDask, NumpyMLPRegressor):  # type: ignore[misc]
    """``NumpyMLPRegressor`` on the rows of a Dask cluster.

    See :class:`DaskNumpyMLPClassifier`.

    Parameters
    ----------
    {parameters}

    Attributes
    ----------
    {attributes}

    See Also
    --------
    NumpyMLPRegressor : The same on one machine; ``to_local`` gives one.
    """

    _local = NumpyMLPRegressor


@estimator_with_options
class DaskTabularMLPClassifier(_Classifies, TabularMLPClassifier):
    """``TabularMLPClassifier`` on the rows of a Dask cluster.

    See :class:`DaskNumpyMLPClassifier`. There are no bags, also not of small tables.

    Parameters
    ----------
    {parameters}

    Attributes
    ----------
    {attributes}

    See Also
    --------
    TabularMLPClassifier : The same on one machine; ``to_local`` gives one.
    """

    _local = TabularMLPClassifier


@estimator_with_options
class DaskTabularMLPRegressor(_OnDask, TabularMLPRegressor):  # type: ignore[misc]
    """``TabularMLPRegressor`` on the rows of a Dask cluster.

    See :class:`DaskNumpyMLPClassifier`. There are no bags, also not of small tables.

    Parameters
    ----------
    {parameters}

    Attributes
    ----------
    {attributes}

    See Also
    --------
    TabularMLPRegressor : The same on one machine; ``to_local`` gives one.
    """

    _local = TabularMLPRegressor
