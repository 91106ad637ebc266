"""A fitted model elsewhere: in files that execute nothing, and as a Pipeline of scikit-learn's own.

In: fitted estimators. Out: names of the classes that a file of skops may hold, and estimators that
need nothing of this package.
"""

from .to_sklearn import to_sklearn
from .trusted import trusted_types

__all__ = ["to_sklearn", "trusted_types"]
