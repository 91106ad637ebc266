"""y to codes and back: labels of any kind, and numbers in any unit."""

from .classes import ClassTarget
from .numbers import NumberTarget
from .target import Target

__all__ = ["ClassTarget", "NumberTarget", "Target"]
