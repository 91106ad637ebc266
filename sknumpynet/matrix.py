"""What X is behind the door, where frames are read: one table of numbers, dense or sparse.

In: a table. Out: which of the two it is, also to a type checker.
"""

from __future__ import annotations

from typing import Any, TypeAlias, TypeGuard

import numpy as np
import scipy.sparse as sp

#: (n_rows, n_columns); a sparse one has every entry once.
Matrix: TypeAlias = np.ndarray | sp.csr_matrix


def is_sparse(X: Any) -> TypeGuard[sp.csr_matrix]:
    """Whether a table is sparse."""
    return bool(sp.issparse(X))
