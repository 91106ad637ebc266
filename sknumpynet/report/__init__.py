"""What a fit did: to the columns of X, with its rows, and whether anything was learned.

In: what a fit has found. Out: a :class:`Report`, which is read in a terminal, in a notebook, as a
frame, or by its attributes.
"""

from .of_a_fit import ColumnReport, ModelReport, Report, report_of

__all__ = ["ColumnReport", "ModelReport", "Report", "report_of"]
