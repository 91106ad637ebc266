"""Step 2 of 7: arrays -> raw scores. Layers, and their parameters in one vector."""

from .activation import Activation
from .activations import ACTIVATIONS
from .build import Architecture, build_layers
from .dropout import Dropout
from .levels import LevelEmbedding
from .linear import Linear
from .network import Network, Workspace
from .parameters import Layout, Parameter
from .rowwise import rows_stand_alone, rowwise_dot
from .sparse import SparseRows

__all__ = [
    "ACTIVATIONS",
    "Activation",
    "Architecture",
    "Dropout",
    "Layout",
    "LevelEmbedding",
    "Linear",
    "Network",
    "Parameter",
    "SparseRows",
    "Workspace",
    "build_layers",
    "rows_stand_alone",
    "rowwise_dot",
]
