"""Step 6 of 9: batches and epochs. The objective on batches, and the loops that lower it."""

from .batches import Batch, Batches
from .history import History
from .live import Expected, LiveLine, line_on
from .objective import Objective, constant_loss, given_to_layer, mean_loss, raw_scores
from .outcome import REASONS, Limits, Outcome, StartNotFiniteError, how_it_ended
from .reporters import InTraining, Printer, Reporter, after_name
from .stopping import last_gain
from .threads import in_threads, one_blas_thread, shared_products
from .trainer import Trainer, Validation

__all__ = [
    "REASONS",
    "Batch",
    "Batches",
    "Expected",
    "History",
    "InTraining",
    "Limits",
    "LiveLine",
    "Objective",
    "Outcome",
    "Printer",
    "Reporter",
    "StartNotFiniteError",
    "Trainer",
    "Validation",
    "after_name",
    "constant_loss",
    "given_to_layer",
    "how_it_ended",
    "in_threads",
    "last_gain",
    "line_on",
    "mean_loss",
    "one_blas_thread",
    "raw_scores",
    "shared_products",
]
