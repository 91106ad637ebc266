"""Names and number of the columns: the same in every call, in the same order.

In: X of a fit or of a later call. Out: ``feature_names_in_`` and ``n_features_in_``, or the errors
and warnings of scikit-learn, which knows but some frames and some names, for all of them: also for
a batch of pyarrow, for polars 2 beside scikit-learn 1.8, and for columns named by numbers or dates.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from sklearn.utils.validation import validate_data

from ..frames import LazyRows, in_order, is_dict, lazily, names_of, with_all_columns
from ..quoting import cut
from ..telling import warn

#: Names that are listed in a message.
SHOWN = 5


def check_columns(estimator: Any, X: Any, *, reset: bool) -> Any:
    """Learn names and number of the columns of X, with ``reset``, or compare them.

    It also tells what is wrong with X if that is no table. Given back is X; a lazy frame as rows
    that will come batch by batch, a dict in the order of fit. Where it lacks columns that fit has
    left out it has zeros in their places, which nobody reads.
    """
    X, _ = lazily(X)
    names = names_of(X)
    if names is None:
        shape = getattr(X, "shape", (0,) if _is_flat(X) else (0, 0))
        if not reset and type(X) is np.ndarray and _are_as_many(estimator, shape):
            # scikit-learn, which has nothing to say then, takes 30 us.
            return X
        if len(shape) == 2:
            validate_data(estimator, X, skip_check_array=True, reset=reset)
        if reset:
            estimator.__dict__.pop("_other_names", None)
    elif reset:
        _learn(estimator, names)
    elif names != _text_names(estimator):
        missing = _left_out(estimator).difference(names)
        known = _text_names(estimator) or []
        wanted = [name for name in known if name not in missing]
        if is_dict(X):
            # Its keys are in no order.
            X = in_order(X, wanted)
            names = list(X)
        if missing and wanted == names:
            return with_all_columns(X, known)
        _compare(estimator, names, missing, lazy=isinstance(X, LazyRows))
    return X


def _is_flat(X: Any) -> bool:
    """Whether X is a list of values, which is no table: its reader says so."""
    return isinstance(X, (list, tuple)) and len(X) > 0 and np.ndim(X[0]) == 0


def _are_as_many(estimator: Any, shape: tuple[int, ...]) -> bool:
    """Whether a table of this shape has the columns of one that was fitted without names."""
    known = vars(estimator)
    as_many = len(shape) == 2 and shape[1] == known.get("n_features_in_")
    return as_many and "feature_names_in_" not in known


def _text_names(estimator: Any) -> list[str] | None:
    """The names that fit has seen, if they are text."""
    known = vars(estimator).get("feature_names_in_")
    return None if known is None else known.tolist()


def _left_out(estimator: Any) -> set[str]:
    """Names of the columns that fit has left out; none, if they had no names."""
    models = estimator.__dict__.get("_models")
    if models is None or "feature_names_in_" not in vars(estimator):
        return set()
    columns = models[0].reader.columns or ()
    return {column.name for column in columns if column.kind == "left out"}


def _learn(estimator: Any, names: list[Any]) -> None:
    estimator.n_features_in_ = len(names)
    if _are_text(names):
        estimator.__dict__.pop("_other_names", None)
        estimator.feature_names_in_ = np.asarray(names, dtype=object)
        return
    # As text, so that a saved model holds no object of another library.
    estimator._other_names = [str(name) for name in names]
    if hasattr(estimator, "feature_names_in_"):
        del estimator.feature_names_in_


def _compare(estimator: Any, names: list[Any], not_needed: set[str], *, lazy: bool) -> None:
    are_text, were_text = _are_text(names), hasattr(estimator, "feature_names_in_")
    known = estimator.feature_names_in_ if were_text else estimator.__dict__.get("_other_names")
    known = None if known is None else [name for name in known if name not in not_needed]
    names = [str(name) for name in names]
    if known != names:
        if known is not None and (are_text == were_text or set(known) == set(names)):
            _refuse_others(known, names, named=were_text, lazy=lazy)
        elif are_text or were_text:
            _warn(type(estimator).__name__, were_text)
    if len(names) != estimator.n_features_in_:
        raise ValueError(
            f"X has {len(names)} features, but {type(estimator).__name__} is expecting "
            f"{estimator.n_features_in_} features as input."
        )


def _refuse_others(known: list[str], names: list[str], *, named: bool, lazy: bool) -> None:
    """scikit-learn's error about names that differ.

    Names that are no text (not ``named``) may be just the numbers that pandas gives to columns
    without any: beside wholly different names they say nothing.
    """
    unseen, gone = (sorted(set(a) - set(b)) for a, b in ((names, known), (known, names)))
    if not named:
        numbers = [str(j) for j in range(len(names))]
        if len(known) != len(names) or (numbers in (known, names) and len(unseen) == len(names)):
            return
    message = "The feature names should match those that were passed during fit.\n"
    if unseen:
        message += f"Feature names unseen at fit time:\n{_listed(map(cut, unseen))}"
    if lazy and unseen and not gone:
        message += "Drop from X what is no part of it: y, too, which fit takes by its name.\n"
    if gone:
        message += f"Feature names seen at fit time, yet now missing:\n{_listed(map(cut, gone))}"
    if not unseen and not gone:
        pairs = [pair for pair in zip(known, names, strict=False) if pair[0] != pair[1]]
        moved = [f"{cut(was)}, where X has {cut(now)}" for was, now in pairs]
        message += "Feature names must be in the same order as they were in fit.\n" + _listed(moved)
    raise ValueError(message)


def _warn(estimator: str, were_text: bool) -> None:
    """scikit-learn's warning where one of the two has no names."""
    if were_text:
        text = f"X does not have valid feature names, but {estimator} was fitted with feature names"
    else:
        text = f"X has feature names, but {estimator} was fitted without feature names"
    warn(text)


def _listed(names: Iterable[str]) -> str:
    names = list(names)
    return "".join(f"- {name}\n" for name in [*names[:SHOWN], *["..."][: len(names) - SHOWN]])


def _are_text(names: list[Any]) -> bool:
    """Whether scikit-learn calls them names: if all are str; str beside others is an error."""
    kinds = {type(name) for name in names}
    if str in kinds and len(kinds) > 1:
        raise TypeError(
            "Feature names are only supported if all input features have string names, but your "
            f"input has {sorted(kind.__qualname__ for kind in kinds)} as feature name / column "
            "name types. Convert them all to strings, by X.columns = X.columns.astype(str) for "
            "example."
        )
    return kinds == {str}
