"""Options of the computation, which change no result but by rounding and chance.

In: nothing. Out: a dataclass of options.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import BaseEstimator

from .declare import BOOLEAN, NONE, Allowed, estimator_with_options, integer, names_in, option
from .randomness import MOST_SEED, SOURCES, is_source


def _is_dtype(value: Any) -> bool:
    return isinstance(value, (str, type, np.dtype)) and value in (
        "float32", "float64", np.float32, np.float64,
    )  # fmt: skip


@estimator_with_options
class ComputationParameters(BaseEstimator):
    """Options of the group "computation"."""

    random_state: (
        int | np.random.SeedSequence | np.random.Generator | np.random.RandomState | None
    ) = option(
        None,
        NONE | integer(0, MOST_SEED) | Allowed(is_source, SOURCES),
        "int, SeedSequence, Generator, RandomState instance or None",
        "computation",
        """Seed of the starting weights, the order of the rows and the validation split. An int or a
        ``numpy.random.SeedSequence`` gives the same weights to the last bit in every fit; from a
        Generator or a RandomState, of which equal ones give the same, every fit takes three new
        numbers.""",
    )
    verbose: bool | int = option(
        False,
        BOOLEAN | integer(0),
        "bool or int",
        "computation",
        """True or 1 shows a line that follows the training, on a terminal or in a notebook: the
        epoch, losses, the best so far and the time left, "at most" where training may end before
        its limits; with a bar if rich is installed. Into a file or a pipe, and where several
        processes train, it prints a line every epoch instead; a larger number does so everywhere,
        every ``verbose``-th epoch. The first and the last are always printed, and once the time
        left, if that is some seconds. The time is known after a second of the first epoch.""",
    )
    dtype: str | type[np.float32 | np.float64] | np.dtype[Any] = option(
        "float32",
        Allowed(_is_dtype, "one of 'float32', 'float64'", ("float32", "float64")),
        names_in(("float32", "float64")),
        "computation",
        """In which the network is trained and predicts; predictions are float64 arrays. In float32
        (errors of about 1e-6) the prediction for a row has the same bits whatever rows come with
        it, as also its place, their number and the number of threads. Where the BLAS cannot give
        that, which is tried once in a process, the network predicts in float64, the same to 1e-12:
        MKL, and OpenBLAS on processors with AVX2 but no AVX-512.""",
    )
    n_threads: int | None = option(
        None,
        NONE | integer(1),
        "int or None",
        "computation",
        """Most threads that share the large matrix products of a fit, and in predictions for 16,000
        rows and more the rows. By default as many as there are processors that the process may
        use, or fewer if its BLAS is set to fewer. A fit shares while its steps take less time so
        than alone, which it tries now and then: not beside other busy processes or under a quota.
        The results are the same to the last bit whatever the number. While a fit runs, the BLAS has
        one thread for all others in the process, and afterwards what it had.""",
    )
