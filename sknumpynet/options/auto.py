"""What "auto" means: defaults that depend on the number of rows and columns.

In: the option and the table's size. Out: the number or the decision. Every such default is a
function here; examples/benchmarks/DECISIONS.md has the figures that it was decided by.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
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
    most_shown : int or None
        An epoch shows so many rows at most, so that the time of a fit does not grow with the table.
    hidden : tuple of (rows, layers)
        ``hidden_layer_sizes="auto"`` from so many training rows on.
    n_bags, bagged_rows : int
        So many bags for tables of ``EARLY_STOPPING_FROM`` to ``bagged_rows`` rows.
    fine_from : float
        Numbers are embedded narrowly and smoothly below so many training rows.
    shown_below : float
        Embedded numbers are there from the start on below so many training rows.
    plain_alone : bool
        Without rows to validate on weights are not averaged, nor numbers embedded by "auto": the
        network is then the one that scikit-learn's options describe.
    embedded_from : float
        With ``numeric_embedding="auto"`` numbers are embedded from so many training rows on.
    few : Auto or None
        Instead of all this where few rows are of other than the most frequent class, see
        :func:`options_for_classes`.
    """

    steps: int
    least_batch: int
    most_batch: int
    epochs: int
    least_steps: tuple[tuple[int, int], ...] = ((0, 0),)
    most_shown: int | None = None
    hidden: tuple[tuple[int, tuple[int, ...]], ...] = ((0, (256, 128)),)
    n_bags: int = 1
    bagged_rows: int = 0
    fine_from: float = 2000
    shown_below: float = 800
    plain_alone: bool = False
    embedded_from: float = 600
    few: Auto | None = None

    def layers(self, n_rows: float) -> tuple[int, ...]:
        """Units of the hidden layers for ``n_rows`` training rows."""
        return [layers for rows, layers in self.hidden if rows <= n_rows][-1]

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


#: Of NumpyMLPClassifier. 8 steps an epoch have 0.96 of the loss of batches of all rows. See
#: DECISIONS: rows of a batch. Piecewise linear functions have 0.89 of the loss; below 600 rows
#: their 48 bins overfit classes. See DECISIONS: the plain network.
PLAIN = Auto(steps=8, least_batch=32, most_batch=200, epochs=200, plain_alone=True)

#: Of NumpyMLPRegressor: from 300 to 600 rows the loss is 0.94 of that without functions. See
#: DECISIONS: rows that embedded numbers need.
PLAIN_OF_NUMBERS = replace(PLAIN, embedded_from=300)

#: Of TabularMLPClassifier where few rows are of other than the most frequent class: as for a small
#: table, but each step sees some of them. The loss is 0.98 of that of a single large network. See
#: DECISIONS: few rows of a class.
FEW = Auto(
    steps=1,
    least_batch=128,
    most_batch=128,
    epochs=20,
    least_steps=((0, 600),),
    # 30 batches, in 20 epochs 600 steps.
    most_shown=30 * 128,
    hidden=((0, (64, 64)),),
    n_bags=5,
    bagged_rows=15_000,
    fine_from=math.inf,
    shown_below=math.inf,
)

#: Few rows of other than the most frequent class: no more than so many, and than this share of all.
FEW_ROWS, FEW_OF_ALL = 250, 0.05

#: Of TabularMLP*, whose rate falls to 0 with the last epoch. Half of the epochs cost 1.3 % of the
#: loss, 75,000 rows 20 times take 4 minutes (see DECISIONS: epochs of a table); 5 bags take 6 % off
#: it (see DECISIONS: bags of small tables), two layers of 64 half of the time of small tables (see
#: DECISIONS: layers of small tables).
TABULAR = Auto(
    steps=100,
    least_batch=32,
    most_batch=256,
    epochs=20,
    least_steps=((49, 300), (50, 600), (1000, 600), (2000, 2000), (8000, 2000), (12_000, 3000)),
    most_shown=75_000,
    hidden=((0, (64, 64)), (1001, (128, 128, 128))),
    n_bags=5,
    bagged_rows=1000,
    few=FEW,
)

#: embedding_width="auto": columns that a number becomes, below ``fine_from`` rows and above, and
#: most columns of all numbers together. On small tables 8 are as good as 24 for 0.65 of the time.
#: See DECISIONS: width of an embedded number.
NARROW, WIDE, EMBEDDED_COLUMNS = 8, 24, 1500

#: max_frequency="auto": below ``fine_from`` rows, and from there on. On small tables 0.3 alone has
#: 0.93 of the loss of all three. See DECISIONS: frequencies of an embedded number.
SMOOTH, SMOOTH_TO_FINE = (0.3,), (0.3, 1.2, 10.0)

#: What a number starts with beside its cosines, below ``shown_below`` rows. The loss is 0.96 of
#: that with 0, where 0/1 columns are learned by heart before numbers come in. See DECISIONS: start
#: of an embedded number.
START_OF_NUMBERS = 0.3

#: ema_decay="auto": the steps of an epoch, but no fewer and no more. The loss is 0.978 of that
#: without it. See DECISIONS: steps that are averaged.
LEAST_AVERAGED, MOST_AVERAGED = 20, 100

#: n_iter_no_change="auto": epochs by training rows, from ``PATIENT_BELOW`` on and below. Half of
#: the patience takes a third off the time of large tables. A small one makes few steps an epoch,
#: and its few validation rows are noise: of 60 rows some stopped at the first epoch. See DECISIONS:
#: the plain network.
PATIENCE, PATIENCE_OF_FEW, PATIENT_BELOW = 10, 20, 600

#: weight_decay="auto": of "adamw" where rows are held out, below ``MANY_ROWS`` and above; and
#: otherwise. 1 has 0.95 to 0.97 of the loss of 0.3 below, 1.01 above. But weights stay below 1 /
#: weight_decay: linear models, and networks that are to fit all rows, need it small. See DECISIONS:
#: the plain network.
DECAY, DECAY_OF_MANY, LEAST_DECAY, MANY_ROWS = 1.0, 0.3, 0.01, 10_000

#: early_stopping="auto" acts from this many distinct rows on, where it lowers the loss to 0.77. See
#: DECISIONS: rows held out.
EARLY_STOPPING_FROM = 50


def average_of_weights(
    options: Any, n_rows: int, *, incremental: bool, early_stopping: bool
) -> float | None:
    """The option ``ema_decay`` for ``n_rows`` training rows.

    ``incremental``: a part of a stream, of which nobody knows how long an epoch is.
    ``early_stopping``: there are rows to validate on, which decide.
    """
    if options.ema_decay != "auto":
        return options.ema_decay
    if incremental or options.solver in ("lbfgs", "schedule_free"):
        return None
    if options._auto.plain_alone and not early_stopping:
        return None
    steps = math.ceil(n_rows / rows_of_a_batch(options, n_rows))
    return 1.0 - 1.0 / min(max(steps, LEAST_AVERAGED), MOST_AVERAGED)


def embedding_of_numbers(options: Any, n_rows: int, *, plain: bool) -> str | None:
    """The option ``numeric_embedding`` for ``n_rows`` training rows.

    ``plain``: a stream, a fit without rows to validate on, or a network without hidden layers.
    """
    if options.numeric_embedding != "auto":
        return options.numeric_embedding
    return "piecewise_linear" if n_rows >= options._auto.embedded_from and not plain else None


def patience_for(options: Any, n_rows: int, *, early_stopping: bool) -> float:
    """The option ``n_iter_no_change`` for ``n_rows`` training rows."""
    if not isinstance(options.n_iter_no_change, str):
        return options.n_iter_no_change
    return PATIENCE if early_stopping and n_rows >= PATIENT_BELOW else PATIENCE_OF_FEW


def decay_for(options: Any, n_rows: int, *, plain: bool) -> float:
    """The option ``weight_decay``; ``plain`` as in :func:`embedding_of_numbers`."""
    if not isinstance(options.weight_decay, str):
        return float(options.weight_decay)
    if plain or options.solver != "adamw":
        return LEAST_DECAY
    return DECAY if n_rows < MANY_ROWS else DECAY_OF_MANY


def frequencies_for(options: Any, n_rows: int) -> tuple[float, ...]:
    """``max_frequency="auto"`` for ``n_rows`` training rows."""
    return SMOOTH if n_rows < options._auto.fine_from else SMOOTH_TO_FINE


def start_of_numbers(options: Any, n_rows: float) -> float:
    """What a number starts with beside its cosines, for ``n_rows`` training rows."""
    return START_OF_NUMBERS if n_rows < options._auto.shown_below else 0.0


def options_for_classes(options: Any, n_rows: int, n_others: int) -> Any:
    """The options, whose "auto" is by the classes of ``n_rows`` rows from here on.

    ``n_others``: rows of other than the most frequent class.
    """
    auto = options._auto
    if auto.few is None or not auto.bagged_rows < n_rows <= auto.few.bagged_rows:
        return options
    if n_others > min(FEW_ROWS, FEW_OF_ALL * n_rows):
        return options
    found = options.__class__(**options.get_params(deep=False))
    found._auto = auto.few
    # Of a single model nothing is known.
    return found if bags_for(found, n_rows, alone=bool(options.warm_start)) > 1 else options


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


def rows_of_an_epoch(options: Any) -> int | None:
    """Rows of an epoch at most where the number of epochs is chosen here, and rows are shuffled."""
    chosen = isinstance(options.max_iter, str) and bool(options.shuffle)
    return options._auto.most_shown if chosen and goes_through_batches(options.solver) else None


def wanted_width(options: Any, n_rows: int) -> int:
    """The option ``embedding_width``, whatever the number of columns."""
    if not isinstance(options.embedding_width, str):
        return int(options.embedding_width)
    narrow = n_rows < options._auto.fine_from or options.numeric_embedding == "auto"
    return NARROW if narrow else WIDE


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
