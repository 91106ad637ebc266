"""Step 3 of 9: arrays -> raw scores. Layers, and their parameters in one vector."""

from .activations import ACTIVATIONS, Activation
from .build import Architecture, build_layers
from .chain import with_all_within
from .dropout import AlphaDropout, Dropout
from .embeddings import NUMERIC_EMBEDDINGS, LevelEmbedding, NumericEmbedding
from .initializers import INITIALIZERS
from .layer import Layer
from .lending import lent
from .linear import Linear
from .members import Heads, MemberLinear
from .network import Network, Workspace
from .normalization import NORMALIZATIONS, BatchNorm, LayerNorm, RunningNorm
from .parameters import Layout, Parameter
from .products import WORTH_SHARING, Piece, Product, Products, Whole, pieces, whole
from .residual import Residual
from .rowwise import rows_stand_alone, rowwise_dot
from .sparse import SparseRows
from .summary import LayerLine, lines_of
from .trials import layout_of, like

__all__ = [
    "ACTIVATIONS",
    "INITIALIZERS",
    "NORMALIZATIONS",
    "NUMERIC_EMBEDDINGS",
    "WORTH_SHARING",
    "Activation",
    "AlphaDropout",
    "Architecture",
    "BatchNorm",
    "Dropout",
    "Heads",
    "Layer",
    "LayerLine",
    "LayerNorm",
    "Layout",
    "LevelEmbedding",
    "Linear",
    "MemberLinear",
    "Network",
    "NumericEmbedding",
    "Parameter",
    "Piece",
    "Product",
    "Products",
    "Residual",
    "RunningNorm",
    "SparseRows",
    "Whole",
    "Workspace",
    "build_layers",
    "layout_of",
    "lent",
    "like",
    "lines_of",
    "pieces",
    "rows_stand_alone",
    "rowwise_dot",
    "whole",
    "with_all_within",
]
