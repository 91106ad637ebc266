"""Step 9 of 9: look at it. Checks and pictures of what the other steps do."""

from .attribution import Attributions, attributions
from .attribution_displays import AttributionBarDisplay, AttributionBeeswarmDisplay
from .diagnosis import Diagnosis, Finding, diagnose
from .gradient_check import GradientCheck, check_gradient
from .layer_display import LayerStatisticsDisplay
from .learning_rate import LearningRateCurve, find_learning_rate
from .loss_curve import LossCurveDisplay
from .network_display import NetworkDisplay
from .network_summary import NetworkSummary, summary
from .prediction_intervals import PredictionIntervalDisplay

__all__ = [
    "AttributionBarDisplay",
    "AttributionBeeswarmDisplay",
    "Attributions",
    "Diagnosis",
    "Finding",
    "GradientCheck",
    "LayerStatisticsDisplay",
    "LearningRateCurve",
    "LossCurveDisplay",
    "NetworkDisplay",
    "NetworkSummary",
    "PredictionIntervalDisplay",
    "attributions",
    "check_gradient",
    "diagnose",
    "find_learning_rate",
    "summary",
]
