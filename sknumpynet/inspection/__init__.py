"""Step 7 of 7: look at it. Checks and pictures of what the other steps do."""

from .gradient_check import GradientCheck, check_gradient

__all__ = ["GradientCheck", "check_gradient"]
