"""What "auto" means: defaults that depend on the number of rows and columns.

In: the option and the table's size. Out: the number or the decision. Every such default is a
function here; examples/benchmarks/DECISIONS.md has the figures that it was decided by.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..optimizers import goes_through_batches


@dataclass(frozen=True)
class Auto:
    """What options of an estimator are by the number of rows.

    Parameters
    ----------
    steps : int
        Of an epoch, for so many the batches are small: down to ``least_batch`` rows.
    least_batch, most_batch : int
    epochs : int
        At least so many.
    least_steps : tuple of (rows, steps)
        And as many as so many steps take, linear between these numbers of rows.
    n_bags, bagged_rows : int
        So many bags for tables of ``EARLY_STOPPING_FROM`` to ``bagged_rows`` rows.
    """

    steps: int
    least_batch: int
    most_batch: int
    epochs: int
    least_steps: tuple[tuple[int, int], ...] = ((0, 0),)
    n_bags: int = 1
    bagged_rows: int = 0

    def rows_of_a_batch(self, n_rows: int) -> int:
        """For ``n_rows`` training rows."""
        rows = max(self.least_batch, min(self.most_batch, n_rows / self.steps))
        # Equal batches: a short one at the end would make a whole step on a few rows.
        return math.ceil(n_rows / max(1, round(n_rows / rows)))

    def most_epochs(self, n_rows: int, batch_size: int) -> int:
        """For ``n_rows`` training rows in batches of so many."""
        sizes, least = zip(*self.least_steps, strict=True)
        steps = float(np.interp(n_rows, sizes, least))
        return max(self.epochs, math.ceil(steps / math.ceil(n_rows / batch_size)))


#: Of NumpyMLP*. 8 steps an epoch have 0.96 of the loss of batches of all rows. See DECISIONS: rows
#: of a batch.
PLAIN = Auto(steps=8, least_batch=32, most_batch=200, epochs=200)

#: Of TabularMLP*, whose rate falls to 0 with the last epoch. Half of the epochs cost 1.3 % of the
#: loss (see DECISIONS: epochs of a table), 5 bags take 6 % off it (see DECISIONS: bags of small
#: tables).
TABULAR = Auto(
    steps=100,
    least_batch=32,
    most_batch=256,
    epochs=20,
    least_steps=((1000, 600), (2000, 2000), (8000, 2000), (12_000, 3000)),
    n_bags=5,
    bagged_rows=1000,
)

#: embedding_width="auto": columns that a number becomes, below ``FINE_FROM`` rows and above, and
#: most columns of all numbers together. On small tables 8 are as good as 24 for 0.65 of the time.
#: See DECISIONS: width of an embedded number.
NARROW, WIDE, EMBEDDED_COLUMNS = 8, 24, 1500

#: max_frequency="auto": below so many rows, and from there on. On small tables 0.3 alone has 0.93
#: of the loss of all three. See DECISIONS: frequencies of an embedded number.
FINE_FROM, SMOOTH, SMOOTH_TO_FINE = 2000, (0.3,), (0.3, 1.2, 10.0)

#: ema_decay="auto": the steps of an epoch, but no fewer and no more. The loss is 0.978 of that
#: without it. See DECISIONS: steps that are averaged.
LEAST_AVERAGED, MOST_AVERAGED = 20, 100

#: early_stopping="auto" acts from this many distinct rows on, where it lowers the loss to 0.77. See
#: DECISIONS: rows held out.
EARLY_STOPPING_FROM = 50


def average_of_weights(options: Any, n_rows: int, *, incremental: bool) -> float | None:
    """The option ``ema_decay`` for ``n_rows`` training rows.

    ``incremental``: a part of a stream, of which nobody knows how long an epoch is.
    """
    if options.ema_decay != "auto":
        return options.ema_decay
    if incremental or options.solver in ("lbfgs", "schedule_free"):
        return None
    steps = math.ceil(n_rows / rows_of_a_batch(options, n_rows))
    return 1.0 - 1.0 / min(max(steps, LEAST_AVERAGED), MOST_AVERAGED)


def frequencies_for(n_rows: int) -> tuple[float, ...]:
    """``max_frequency="auto"`` for ``n_rows`` training rows."""
    return SMOOTH if n_rows < FINE_FROM else SMOOTH_TO_FINE


def bags_for(options: Any, n_rows: int, *, alone: bool) -> int:
    """The option ``n_bags``; ``alone``: only a single model is possible."""
    if not isinstance(options.n_bags, str):
        return int(options.n_bags)
    auto = options._auto
    alone = alone or not options.early_stopping
    small = EARLY_STOPPING_FROM <= n_rows <= auto.bagged_rows
    return auto.n_bags if small and not alone and goes_through_batches(options.solver) else 1


def rows_of_a_batch(options: Any, n_rows: int) -> int:
    """The option ``batch_size`` for ``n_rows`` training rows."""
    if not isinstance(options.batch_size, str):
        return min(int(options.batch_size), n_rows)
    return options._auto.rows_of_a_batch(n_rows)


def most_epochs(options: Any, n_rows: int) -> int:
    """The option ``max_iter`` for ``n_rows`` training rows."""
    if not isinstance(options.max_iter, str):
        return int(options.max_iter)
    return options._auto.most_epochs(n_rows, rows_of_a_batch(options, n_rows))


def wanted_width(embedding_width: int | str, n_rows: int) -> int:
    """The option ``embedding_width``, whatever the number of columns."""
    if not isinstance(embedding_width, str):
        return int(embedding_width)
    return NARROW if n_rows < FINE_FROM else WIDE


def stops_early(options: Any, n_rows: int, *, given: bool, incremental: bool) -> bool:
    """The option ``early_stopping``, for a table of ``n_rows`` rows, as if all were distinct.

    ``given``: rows to validate on were passed. ``incremental``: a part of a stream, which has
    nothing to stop early on.
    """
    if incremental:
        return False
    if options.early_stopping == "auto":
        return goes_through_batches(options.solver) and (given or n_rows >= EARLY_STOPPING_FROM)
    return bool(options.early_stopping)


def least_to_split(options: Any) -> int | None:
    """Distinct rows below which none are split off; None where a split was asked for.

    Equal rows stay together, so it is they that there must be enough of; and a row of weight 2 is
    that row twice here, too.
    """
    return EARLY_STOPPING_FROM if options.early_stopping == "auto" else None


def calibrates(options: Any, *, in_bags: bool) -> bool:
    """The option ``calibrate``: whether a single model is calibrated, or bags are.

    With "auto" bags are: their log-loss with one temperature is 0.976 of that without, a single
    model's 1.001. See DECISIONS: calibration of bags.
    """
    value = vars(options).get("calibrate", False)
    return in_bags if isinstance(value, str) else bool(value)
