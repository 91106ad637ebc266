"""Settings of the whole suite, made before anything imports SciPy."""

import os

# Lets scikit-learn's array API checks run instead of being skipped.
os.environ.setdefault("SCIPY_ARRAY_API", "1")
# No test opens a window.
os.environ.setdefault("MPLBACKEND", "Agg")
