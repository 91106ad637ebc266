"""What is wrong with a fitted network, in plain words: a function for each finding, and a table."""

from .diagnose import diagnose
from .finding import Diagnosis, Finding

__all__ = ["Diagnosis", "Finding", "diagnose"]
