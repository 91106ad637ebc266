"""What all displays share: the axes that they draw on.

In: axes of the user's, or none. Out: axes and their figure. matplotlib is imported here, where it
is used.
"""

from __future__ import annotations

from typing import Any


def axes(display: Any, ax: Any, size: tuple[float, float] | None = None) -> Any:
    """The axes to draw on, by default those of a new figure, as ``ax_`` and ``figure_``."""
    try:
        import matplotlib.pyplot as plt
    except ImportError as error:
        raise ImportError(
            f"{type(display).__name__}.plot needs matplotlib, which is not installed: "
            "pip install matplotlib."
        ) from error
    if ax is None:
        _, ax = plt.subplots(layout="constrained", figsize=size)
    display.ax_, display.figure_ = ax, ax.figure
    return ax


def shortened(name: str, most: int = 24) -> str:
    """A name that leaves room for the picture."""
    return name if len(name) <= most else name[: most - 3] + "..."
