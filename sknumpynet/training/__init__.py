"""Step 6 of 9: batches and epochs. The objective on batches, and the loops that lower it."""

from .batches import Batch, Batches, Encoder, at_once
from .collective import Collective, CollectiveError, Meeting
from .history import History
from .live import Expected, Forecast, LiveLine, line_on
from .objective import Objective, constant_loss, given_to_layer, mean_loss, raw_scores
from .outcome import REASONS, Limits, Outcome, StartNotFiniteError, how_it_ended
from .reporters import InTraining, Printer, Reporter, after_name
from .sockets import OverSockets, listen
from .stopping import Patience, last_gain
from .threads import in_threads, one_blas_thread, shared_products
from .together import BatchesOfRank, DrawsOfRank, ObjectiveOfAll, SameEverywhere
from .trainer import Trainer, Validation

__all__ = [
    "REASONS",
    "Batch",
    "Batches",
    "BatchesOfRank",
    "Collective",
    "CollectiveError",
    "DrawsOfRank",
    "Encoder",
    "Expected",
    "Forecast",
    "History",
    "InTraining",
    "Limits",
    "LiveLine",
    "Meeting",
    "Objective",
    "ObjectiveOfAll",
    "Outcome",
    "OverSockets",
    "Patience",
    "Printer",
    "Reporter",
    "SameEverywhere",
    "StartNotFiniteError",
    "Trainer",
    "Validation",
    "after_name",
    "at_once",
    "constant_loss",
    "given_to_layer",
    "how_it_ended",
    "in_threads",
    "last_gain",
    "line_on",
    "listen",
    "mean_loss",
    "one_blas_thread",
    "raw_scores",
    "shared_products",
]
