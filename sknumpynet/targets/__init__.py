"""What y is to the user, as numbers, and the way back: classes and real numbers."""

from .classes import ClassTarget
from .numbers import NumberTarget
from .target import Target

__all__ = ["ClassTarget", "NumberTarget", "Target"]
