"""Step 9 of 9: look at it. Checks and pictures of what the other steps do."""

from .attribution import Attributions, attributions
from .diagnosis import Diagnosis, Finding, diagnose
from .gradient_check import GradientCheck, check_gradient
from .learning_rate import LearningRateCurve, find_learning_rate
from .network_summary import NetworkSummary, summary

__all__ = [
    "Attributions",
    "Diagnosis",
    "Finding",
    "GradientCheck",
    "LearningRateCurve",
    "NetworkSummary",
    "attributions",
    "check_gradient",
    "diagnose",
    "find_learning_rate",
    "summary",
]
