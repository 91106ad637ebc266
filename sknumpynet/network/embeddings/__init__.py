"""Layers that turn one input into several: levels of a category, and numbers."""

from .levels import LevelEmbedding
from .numbers import NUMERIC_EMBEDDINGS, CosineEmbedding, NumericEmbedding, PiecewiseLinearEmbedding

__all__ = [
    "NUMERIC_EMBEDDINGS",
    "CosineEmbedding",
    "LevelEmbedding",
    "NumericEmbedding",
    "PiecewiseLinearEmbedding",
]
