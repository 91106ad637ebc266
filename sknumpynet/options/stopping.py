"""Options about the end of training, and of what it begins with.

In: nothing. Out: a dataclass of options.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator
from sklearn.metrics import get_scorer_names

from .declare import (
    AUTO,
    BOOLEAN,
    INFINITY,
    NONE,
    Allowed,
    estimator_with_options,
    integer,
    is_integer,
    names_in,
    number,
    one_of,
    option,
)

#: What Ctrl-C does.
ON_INTERRUPT = ("keep", "raise")


def _is_scoring(value: Any) -> bool:
    return value in ("loss", *get_scorer_names()) if isinstance(value, str) else callable(value)


def _is_splitter(value: Any) -> bool:
    if isinstance(value, (list, tuple)):
        return len(value) > 0
    return hasattr(value, "split") and hasattr(value, "get_n_splits")


class Splitter(Protocol):
    """What splitters of ``sklearn.model_selection`` have in common."""

    def split(self, *args: Any, **options: Any) -> Any: ...

    def get_n_splits(self, *args: Any, **options: Any) -> Any: ...


@estimator_with_options
class StoppingParameters(BaseEstimator):
    """Options of the group "stopping"."""

    max_iter: int | str = option(
        200,
        integer(1) | AUTO,
        'int or "auto"',
        "stopping",
        """Most epochs, of "lbfgs" iterations. "auto" is 200 for ``NumpyMLP*``; for ``TabularMLP*``
        20, or as many as 300 steps take (below 50 rows), 600 (up to 1,000), 2,000 (2,000 to 8,000),
        3,000 (from 12,000 on), and an epoch shows 75,000 rows at most, drawn from all, so that no
        more than 1,500,000 are shown; where few rows are of other classes (see ``n_bags``), 600
        steps of 128 rows. A ConvergenceWarning tells where they cut training short: after 10 or
        fewer, or if the last tenth of them still gained much; not with a ``learning_rate`` that
        falls to its end with them ("cosine", "cosine_restarts", "one_cycle", "exponential",
        "step").""",
    )
    max_fun: int = option(
        15000, integer(1), "int", "stopping", 'Most evaluations of the loss by "lbfgs".'
    )
    max_time: float | None = option(
        None,
        NONE | number(0, closed="neither"),
        "float or None",
        "stopping",
        """Seconds of training. It ends after the step (with "lbfgs" the iteration) that crosses
        them, and with early stopping gives back the best epoch, of which the last may be a part; a
        ConvergenceWarning as for ``max_iter``. A ``learning_rate`` that falls to its end with the
        planned steps, and ``warmup``, then end with the time. The models of ``n_bags`` share
        them: each plans with what is left, divided by the models that are left (with ``n_jobs``:
        with its part of as many rounds as there are). > 0.""",
    )
    tol: float = option(
        1e-4,
        number(0),
        "float",
        "stopping",
        """Smallest improvement that counts as one, as a fraction of the loss of the best constant
        prediction (with a scorer in ``scoring``: in the units of the score). "lbfgs" stops when no
        entry of the gradient is larger. >= 0.""",
    )
    n_iter_no_change: float | str = option(
        "auto",
        integer(1) | INFINITY | AUTO,
        'int, inf or "auto"',
        "stopping",
        """Training ends after exactly this many epochs without improvement. "auto" is 10 with early
        stopping in ``fit`` from 600 training rows on, otherwise 20.""",
    )
    early_stopping: bool | str = option(
        "auto",
        BOOLEAN | AUTO,
        'bool or "auto"',
        "stopping",
        """Stop when the validation score has not improved for ``n_iter_no_change`` epochs, and give
        back the weights of the best epoch. Validates on ``X_val`` if it is passed to ``fit``, else
        on rows split off from X, of classes in proportion. Equal rows stay on one side of the
        split, and so do those of one of the ``groups`` of ``fit``; no unit of a column, order of
        the rows or constant column changes it. Where no column of 1,000 rows or more has more than
        32 values, rows to come repeat those of X, too: without ``groups`` equal rows fall on either
        side there (and a row of weight 2 on one of them). ``splitter`` says it otherwise. "auto" is
        True from 50 distinct rows on or with ``X_val``, but never for "lbfgs", nor in
        ``partial_fit``, which with True holds rows out by their content.
        Setting it to False alone lets the default layers overfit small tables.""",
    )
    validation_fraction: float = option(
        0.1,
        number(0, 1, closed="neither"),
        "float",
        "stopping",
        """Fraction of the distinct rows that early stopping splits off; of all rows where equal
        ones fall on either side, see ``early_stopping``. In (0, 1).""",
    )
    n_bags: int | str = option(
        1,
        integer(1) | AUTO,
        'int or "auto"',
        "stopping",
        """Parts of X for each of which a model is trained on all others and validated on it; the
        predictions of all are averaged. 1: a single model. The rows of a part are drawn as those of
        early stopping. Not with ``X_val``, nor where ``partial_fit`` begins. After a fit,
        ``partial_fit`` and ``warm_start`` go on with all models. "auto" is 1 for ``NumpyMLP*``; for
        ``TabularMLP*`` 5 for 50 to 1,000 distinct rows, and for up to 15,000 where at most 250, and
        a twentieth, are of other than the most frequent class, but a single model with
        ``X_val``, with ``warm_start`` from the first fit on, or where ``partial_fit`` begins.""",
    )
    splitter: Splitter | Sequence[tuple[ArrayLike, ArrayLike]] | None = option(
        None,
        NONE
        | Allowed(
            _is_splitter,
            "a splitter of sklearn.model_selection (for a number of parts set n_bags) or a list of "
            "pairs of row numbers",
        ),
        "splitter, list of (train, validation) or None",
        "stopping",
        """Which rows validate. A single model has the last split: ``TimeSeriesSplit()`` validates
        on the last rows of X. With ``n_bags`` > 1 each split has a model, and there must be as many
        (with "auto" there are, where it makes several). ``GroupKFold`` and others take the
        ``groups`` of ``fit``. None: rows drawn at random, of which equal ones (but see
        ``early_stopping``) and those of one of the ``groups`` stay together. A splitter decides
        alone: equal rows, ``validation_fraction`` and ``random_state`` do not count. Not used with
        ``X_val``, nor by ``partial_fit``.""",
    )
    n_jobs: int | None = option(
        None,
        NONE
        | Allowed(lambda v: is_integer(v) and integer(1).test(abs(v)), "an integer other than 0"),
        "int or None",
        "stopping",
        "Processes for the models of ``n_bags``, as everywhere in scikit-learn; -1: all cores.",
    )
    scoring: str | Callable[[Any, Any, Any], float] = option(
        "loss",
        Allowed(
            _is_scoring,
            "'loss', the name of a scikit-learn scorer, or a callable (estimator, X, y)",
            ("loss", *get_scorer_names()),
        ),
        "str or callable",
        "stopping",
        """What early stopping watches: the validation "loss", the name of a scikit-learn scorer, or
        a callable ``(estimator, X, y) -> float``, which is given the validation rows as they came,
        of a data frame as a data frame.""",
    )
    on_interrupt: str = option(
        "keep",
        one_of(ON_INTERRUPT),
        names_in(ON_INTERRUPT),
        "stopping",
        """What Ctrl-C does in ``fit``. "keep": training ends, the best epoch (of several models
        those that there are) is kept, and a UserWarning says so. In a search of scikit-learn with
        ``n_jobs=1`` that ends the fit that is under way alone, and the search goes on with the next
        one. "raise": a KeyboardInterrupt, which ends the search, too; the estimator is then what it
        was before.""",
    )
    warm_start: bool = option(
        False,
        BOOLEAN,
        "bool",
        "stopping",
        """Let ``fit`` go on from the present weights, moments and validation rows, with ``n_bags``
        those of each model.""",
    )
