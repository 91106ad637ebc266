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

from ..frames import names_of, with_all_columns
from ..quoting import cut
from ..telling import warn

#: Names that are listed in a message.
SHOWN = 5


def check_columns(estimator: Any, X: Any, *, reset: bool) -> Any:
    """Learn names and number of the columns of X, with ``reset``, or compare them.

    It also tells what is wrong with X if that is no table. Given back is X. Where it lacks columns
    that fit has left out it is a frame with zeros in their places, which nobody reads.
    """
    names = names_of(X)
    if names is None:
        if len(getattr(X, "shape", (0, 0))) == 2:
            validate_data(estimator, X, skip_check_array=True, reset=reset)
        if reset:
            estimator.__dict__.pop("_other_names", None)
    elif reset:
        _learn(estimator, names)
    else:
        missing = _left_out(estimator).difference(names)
        if missing:
            known = estimator.feature_names_in_.tolist()
            if [name for name in known if name not in missing] == names:
                return with_all_columns(X, known)
        _compare(estimator, names, missing)
    return X


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


def _compare(estimator: Any, names: list[Any], not_needed: set[str]) -> None:
    are_text, were_text = _are_text(names), hasattr(estimator, "feature_names_in_")
    known = estimator.feature_names_in_ if were_text else estimator.__dict__.get("_other_names")
    known = None if known is None else [name for name in known if name not in not_needed]
    names = [str(name) for name in names]
    if known != names:
        if known is not None and (are_text == were_text or set(known) == set(names)):
            _refuse_others(known, names, named=were_text)
        elif are_text or were_text:
            _warn(type(estimator).__name__, were_text)
    if len(names) != estimator.n_features_in_:
        raise ValueError(
            f"X has {len(names)} features, but {type(estimator).__name__} is expecting "
            f"{estimator.n_features_in_} features as input."
        )


def _refuse_others(known: list[str], names: list[str], named: bool) -> None:
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
