"""Step 2 of 7: arrays -> raw scores. Layers, and their parameters in one vector."""

from .activation import Activation
from .activations import ACTIVATIONS
from .build import Architecture, build_layers
from .dropout import AlphaDropout, Dropout
from .initializers import INITIALIZERS
from .levels import LevelEmbedding
from .linear import Linear
from .network import Network, Workspace
from .normalization import NORMALIZATIONS, BatchNorm, LayerNorm
from .parameters import Layout, Parameter
from .residual import Residual
from .rowwise import rows_stand_alone, rowwise_dot
from .sparse import SparseRows

__all__ = [
    "ACTIVATIONS",
    "INITIALIZERS",
    "NORMALIZATIONS",
    "Activation",
    "AlphaDropout",
    "Architecture",
    "BatchNorm",
    "Dropout",
    "LayerNorm",
    "Layout",
    "LevelEmbedding",
    "Linear",
    "Network",
    "Parameter",
    "Residual",
    "SparseRows",
    "Workspace",
    "build_layers",
    "rows_stand_alone",
    "rowwise_dot",
]
