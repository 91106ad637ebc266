"""All findings by their kind. A new one is a function and a row here."""

from __future__ import annotations

from collections.abc import Callable

from .finding import Finding
from .rows import leaking_column, other_validation_rows, wild_columns
from .subject import Subject
from .targets import ignored_classes, outside_the_domain
from .training import not_trained, overfitting, rate_too_high, rate_too_low
from .units import dead_units, exploding_gradients, saturated_units

#: The causes come first.
FINDINGS: dict[str, Callable[[Subject], Finding | None]] = {
    "target out of its domain": outside_the_domain,
    "wild columns": wild_columns,
    "a leaking column": leaking_column,
    "validation rows unlike the training rows": other_validation_rows,
    "learning rate too high": rate_too_high,
    "learning rate too low": rate_too_low,
    "exploding gradients": exploding_gradients,
    "dead units": dead_units,
    "saturated units": saturated_units,
    "not trained to the end": not_trained,
    "overfitting": overfitting,
    "ignored classes": ignored_classes,
}
