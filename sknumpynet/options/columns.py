"""Options about the columns of X.

In: nothing. Out: a dataclass of options.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator

from ..encoding import FEATURE_SCALINGS
from .declare import (
    BOOLEAN,
    Allowed,
    as_is,
    estimator_with_options,
    integer,
    is_plain_sequence,
    names_in,
    number,
    one_of,
    option,
)


def _plain(value: Any) -> Any:
    """Arrays as tuples, to be compared."""
    return value if value is None or isinstance(value, str) else tuple(np.asarray(value).tolist())


def _is_categorical_features(value: Any) -> bool:
    if value is None or isinstance(value, str):
        return value in (None, "from_dtype")
    # Names and numbers are compared with the columns of X in fit.
    return is_plain_sequence(value)


@estimator_with_options
class ColumnsParameters(BaseEstimator):
    """Options of the group "columns"."""

    categorical_features: str | Sequence[str | int | bool] | np.ndarray | None = option(
        "from_dtype",
        Allowed(
            _is_categorical_features,
            "'from_dtype', None, or a list of names (str), numbers (int) or a mask (bool)",
            ("from_dtype",),
        ),
        '"from_dtype", None or array-like of str, int or bool',
        "columns",
        """Which columns of X are categories. "from_dtype": those of a data frame with a category or
        Enum dtype, and text that spells nothing else (see ``parse_text``); in an array, text that
        spells no numbers. None: none; text that spells no numbers or dates is an error then. Or
        their names, numbers or a mask. A level that ``fit`` has not seen counts as unknown.""",
        settled=lambda value, estimator: _plain(value),
    )
    parse_text: bool = option(
        True,
        BOOLEAN,
        "bool",
        "columns",
        """Whether a column of text is read as what nearly all of its values in ``fit`` spell:
        numbers ("$1,234.50", "12 %", "22 years", "1.2M"; decimal and thousands marks of one kind,
        one currency, one unit, percent as the number before its sign), dates and times (ISO, names
        of months, day and month in the order that the values prove), or yes and no. "?", "n/a" and
        the like, and up to 5 % of other values, are missing then; in ``predict`` whatever does not
        parse. Numbers that are names stay levels: those with leading zeros, few whole numbers,
        codes of equally many digits. What may be wrong is a warning. ``categorical_features`` and
        category dtypes go first.""",
        settled=as_is,
    )
    # With 17 to 32 levels one-hot columns have 0.95 of the loss of embedded ones, with more levels
    # the embedding is better. See DECISIONS: levels with a column each.
    max_one_hot: int = option(
        32,
        integer(1),
        "int",
        "columns",
        """A category of up to so many levels becomes one 0/1 column each (a single column of -1 and
        1 for two levels that are never missing), of more levels m an embedding of about the square
        root of m columns, at most 16, that is learned. Without hidden layers every category is
        one-hot.""",
        settled=as_is,
    )
    min_frequency: float = option(
        2,
        number(0),
        "float",
        "columns",
        """Levels of fewer training rows are pooled with the unknown ones, so that the model has
        seen what it does with those. A row counts ``sample_weight``; ``class_weight`` does not
        count. >= 0.""",
        settled=as_is,
    )
    # Names of passengers and titles of products take 2 and 41 % off the loss. See DECISIONS: free
    # text.
    text_components: int = option(
        30,
        integer(0),
        "int",
        "columns",
        """Free text, which is text of several words where at least 9 of 10 rows have one that fewer
        than ``min_frequency`` rows have (names, titles, descriptions), becomes so many numbers, but
        at most one for 10 texts: the directions in which the TF-IDF of sequences of three and four
        letters differs most (``TfidfVectorizer`` and ``TruncatedSVD`` of scikit-learn), learned
        from all rows of ``fit``, and of the first 2,000 letters of a text. One that explains the
        target no better than chance would is left out, as are ids. 0: free text is left out.""",
        settled=as_is,
    )
    missing_indicator: bool = option(
        True,
        BOOLEAN,
        "bool",
        "columns",
        """Whether a column of numbers with missing values in the training rows gets a 0/1 column
        that says where. A missing number is the centre of its column (mean, median), one that was
        never missing in training too.""",
        settled=as_is,
    )

    feature_scaling: str | None = option(
        "standard",
        one_of(FEATURE_SCALINGS),
        names_in(FEATURE_SCALINGS),
        "columns",
        """What happens to the columns of X first. None: nothing. "standard": mean 0 and variance 1.
        "robust": median 0 and interquartile range 1. "quantile": a normal distribution, but as
        "standard" for a column of which one value has more than 0.3 of the rows. Except with None,
        columns of two values become zeros and ones, and values beyond 4 are bounded smoothly, by
        10, so that a row far out is not predicted far out. Learned from the training rows with
        their weights. Sparse X is never filled in.""",
        settled=as_is,
    )
