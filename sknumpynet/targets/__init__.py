"""What y is to the user, as numbers, and the way back: classes and real numbers."""

from .classes import ClassTarget
from .numbers import NumberTarget
from .read import refuse_no_numbers
from .target import LossesOfClasses, NewTarget, Target, TargetReader
from .unknown import UnknownClasses

__all__ = [
    "ClassTarget",
    "LossesOfClasses",
    "NewTarget",
    "NumberTarget",
    "Target",
    "TargetReader",
    "UnknownClasses",
    "refuse_no_numbers",
]
