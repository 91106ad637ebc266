"""The catalogue of cases: what the tests have to know of every name in a table of the package.

In: nothing. Out: one entry for every layer, activation, initializer, loss, optimizer, schedule,
scaling, kind of column and option, which the tests of gradients, exact values, contracts, float32,
overflow and estimators go through, and for every format that models are saved in.
``test_catalogue.py`` fails for a name of the package without an entry.

Values are worked out by hand, in mpmath or from the literature, never with the package's formulas.
"""

from .columns import (
    COLUMN_KINDS,
    FEATURE_SCALINGS,
    LINEAR_SCALINGS,
    SCALINGS,
    SORTING_SCALINGS,
)
from .formats import COPIES, FORMATS
from .layers import (
    ACTIVATIONS,
    INITIALIZERS,
    NUMERIC_EMBEDDINGS,
    UNIFORM,
    input_of,
    layers_of,
)
from .losses import CLASS_LOSSES, LOSSES, NUMBER_LOSSES, REGRESSION_LOSSES
from .optimizers import (
    FIRST_ORDER,
    KINDS_OF_SOLVERS,
    OPTIMIZER_BUILDERS,
    OPTIMIZERS,
    RATES,
    SCHEDULES,
    SOLVERS,
    options_with,
)
from .options import OPTIONS, case_of, options_for

__all__ = [
    "ACTIVATIONS",
    "CLASS_LOSSES",
    "COLUMN_KINDS",
    "COPIES",
    "FEATURE_SCALINGS",
    "FIRST_ORDER",
    "FORMATS",
    "INITIALIZERS",
    "KINDS_OF_SOLVERS",
    "LINEAR_SCALINGS",
    "LOSSES",
    "NUMBER_LOSSES",
    "NUMERIC_EMBEDDINGS",
    "OPTIMIZERS",
    "OPTIMIZER_BUILDERS",
    "OPTIONS",
    "RATES",
    "REGRESSION_LOSSES",
    "SCALINGS",
    "SCHEDULES",
    "SOLVERS",
    "SORTING_SCALINGS",
    "UNIFORM",
    "case_of",
    "input_of",
    "layers_of",
    "options_for",
    "options_with",
]
