"""Names of what methods are given, for whoever reads a signature.

Frames of libraries that need not be installed have no type in common: to a type checker the first
two are Any.
"""

from __future__ import annotations

from typing import Any, TypeAlias

from numpy.typing import ArrayLike

#: A frame of pandas, polars or pyarrow, a lazy one, an array, a sparse matrix, a list of rows.
Frame: TypeAlias = Any
#: Labels or numbers, one or several for each row; of a lazy frame the names of columns.
Target: TypeAlias = Any
#: A number for each row; of a lazy frame the name of a column.
Weights: TypeAlias = ArrayLike
