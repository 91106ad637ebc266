"""Probabilities by label, as skl2onnx gives them.

In: the outputs of a classifier. Out: the same with maps, or columns, for the array.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..quoting import quoted
from ..targets import ClassTarget
from .builder import ML, TEXT, WHOLE, Graph
from .targets import Output


def zipped(outputs: list[Output], target: Any, g: Graph, zipmap: bool | str) -> list[Output]:
    """With probabilities as an array (False), as maps (True) or in ``"columns"``."""
    if not (isinstance(zipmap, bool) or zipmap == "columns"):
        raise ValueError(f"zipmap must be True, False or 'columns'. Got {quoted(zipmap)}.")
    if zipmap is False:
        return outputs
    if not isinstance(target, ClassTarget) or target.in_columns:
        raise ValueError(
            f"zipmap={zipmap!r} is for classifiers of one class per row. Leave it out here."
        )
    label, probabilities = outputs
    classes = target.classes
    text = label.value.dtype == TEXT
    label = label._replace(name="output_label")
    if zipmap == "columns":
        names = [f"s{c}" if text else f"i{int(c)}" for c in classes.tolist()]
        return [
            label,
            *(Output(name, g.take(probabilities.value, j, 1), ()) for j, name in enumerate(names)),
        ]
    keys: dict[str, Any] = (
        {"classlabels_strings": classes.tolist()}
        if text
        else {"classlabels_int64s": [int(c) for c in classes.tolist()]}
    )
    maps = g.op(
        "ZipMap",
        g.cast(probabilities.value, np.float32),
        dtype=TEXT if text else WHOLE,
        domain=ML,
        **keys,
    )
    return [label, Output("output_probability", maps, None)]
