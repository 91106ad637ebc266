"""A fitted estimator as a graph, and the graph as a model of ONNX.

In: an estimator. Out: a ``ModelProto`` with an input for each column that predictions look at, or
one for an array of numbers.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx

from ..encoding.categories import Constant
from ..estimators.base import BaseNumpyMLP
from ..fitting.found import Model
from ..network import Network
from ..quoting import quoted
from .builder import DOUBLE, ML, ML_OPSET, OPSET, Graph, Value, type_of
from .columns import NUMBERS, ColumnInput, Matrix, Table, column_graph, sources_of
from .encoding import encoded_graph
from .layers import network_graph
from .losses import loss_graph
from .table import NoExporterError
from .targets import Output, outputs_graph
from .zipmap import zipped

#: Of the models: the first with operators of :data:`~.builder.OPSET`.
IR_VERSION = 9

#: Of the inputs and outputs that are numbers.
NUMBER_TYPES = (DOUBLE, np.dtype(np.float32))


def to_onnx(
    estimator: Any, *, zipmap: bool | str = False, dtype: Any = "float64"
) -> onnx.ModelProto:
    """The fitted estimator as a model of ONNX, which needs neither this package nor Python.

    Its predictions are those of the estimator up to the rounding of float32 (in tests 1e-5 of them,
    mostly 1e-7). It is given the raw columns: missing values and levels that were not in fit are
    what they are for ``predict``.

    Parameters
    ----------
    estimator : estimator
        A fitted one of this package, for example the ``best_estimator_`` of a search. For a
        Pipeline see :func:`register`.
    zipmap : {False, True, "columns"}
        As in skl2onnx, for a classifier of one class per row: probabilities are an array (n,
        n_classes), a sequence of maps from label to probability, or an output for each class.
    dtype : {"float64", "float32"}
        Of the inputs and outputs that are numbers. In float32 they are rounded on the way in, as a
        frame of float32 is.

    Returns
    -------
    onnx.ModelProto
        To be saved by ``onnx.save``, with operators of version 20 and those of ``ai.onnx.ml`` 3.
        Fitted on a frame or on an array with text or dates, it has an input (n, 1) under the name
        of each column that predictions look at: numbers and truth values in ``dtype``, NaN where
        missing; text as string, "" where missing (where "" is a level, what the input says); dates,
        durations and times of day as int64, microseconds (by the clock on the wall of the column's
        time zone), -2**63 where missing. Of text in which fit has found numbers or dates it takes
        these; :func:`as_inputs` makes all of it of a frame. Fitted on an array of numbers it has
        the input X (n, n_features).
        Outputs are "label" and "probabilities", for several outputs "label_0", "probabilities_0"
        and so on; with zipmap "output_label" and "output_probability", or one for each class; of a
        regressor "variable", (n, n_outputs), with ``loss="gaussian_nll"`` and "std" beside it.

    Raises
    ------
    ValueError
        If a part of it cannot be exported, by its name: columns of free text, activations and
        losses of your own without an :func:`exporter`, labels that are neither text nor numbers.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from sknumpynet import NumpyMLPClassifier
    >>> from sknumpynet.onnx import as_inputs, to_onnx
    >>> X = pd.DataFrame({"age": [30.0, None, 50.0, 20.0] * 30, "sex": ["f", "m", None, "f"] * 30})
    >>> y = np.array(["no", "yes", "yes", "no"] * 30)
    >>> model = NumpyMLPClassifier((8,), solver="lbfgs", random_state=0).fit(X, y)
    >>> onx = to_onnx(model)
    >>> [each.name for each in onx.graph.input]
    ['age', 'sex']
    >>> import onnxruntime
    >>> session = onnxruntime.InferenceSession(onx.SerializeToString())
    >>> label, probabilities = session.run(None, as_inputs(model, X))
    >>> bool((label == model.predict(X)).all())
    True
    >>> bool(np.abs(probabilities - model.predict_proba(X)).max() < 1e-5)
    True
    """
    models = models_of(estimator)
    columns = models[0].reader.columns
    dtype = number_type(dtype)
    inputs = inputs_of(models, dtype)
    graph = Graph(taken=[name for name, *_ in inputs])
    values = [Value(graph, name, of.dtype) for name, of, _ in inputs]
    if columns is None:
        table: Any = Matrix(graph, values[0], models[0].encoder.n_features)
    else:
        table = Table(graph, columns, dict(zip(columns_looked_at(models), values, strict=True)))
    outputs = zipped(outputs_of(models, graph, table), models[0].target, graph, zipmap)
    outputs = [each.with_numbers_in(dtype) for each in outputs]
    return _model_of(estimator, graph, inputs, outputs)


def models_of(estimator: Any) -> Sequence[Model]:
    """The models of a fitted estimator."""
    if not isinstance(estimator, BaseNumpyMLP):
        steps = " It is exported by skl2onnx after sknumpynet.onnx.register()."
        raise TypeError(
            f"to_onnx takes a fitted estimator of sknumpynet. Got {quoted(estimator)}."
            f"{steps if hasattr(estimator, 'steps') else ''}"
        )
    return estimator._as_it_is_now()._known("_models")


def outputs_of(
    models: Sequence[Model], graph: Graph, table: Any, raw_scores: bool = False
) -> list[Output]:
    """The outputs of the mean prediction of the models; see :func:`~.targets.outputs_graph`."""
    first = models[0]
    combined = loss_graph(first.loss)
    n_targets = first.target.n_outputs
    raw = []
    for model in models:
        dtype = model.network.theta.dtype
        encoded = encoded_graph(model.encoder, graph, table, dtype)
        scores = graph.cast(network_graph(model.network, graph, encoded), DOUBLE)
        if _n_members(model.network) > 1:
            scores = combined.combine(model.loss, graph, scores, n_targets)
        raw.append(scores)
    mean = raw[0]
    if len(raw) > 1:
        together = graph.concat([graph.expand(scores, 0) for scores in raw], 0)
        mean = combined.combine(first.loss, graph, together, n_targets)
    return outputs_graph(first.target, first.loss, graph, mean, raw_scores)


def number_type(dtype: Any) -> np.dtype:
    """float64 or float32, as a user may say it."""
    try:
        found = np.dtype(dtype)
    except TypeError:
        found = None
    if found not in NUMBER_TYPES:
        raise ValueError(f"dtype must be 'float64' or 'float32'. Got {quoted(dtype)}.")
    return found


def inputs_of(
    models: Sequence[Model], dtype: np.dtype = DOUBLE
) -> list[tuple[str, ColumnInput, int]]:
    """Name, kind and number of columns of each input; numbers are given in ``dtype``."""
    columns = models[0].reader.columns
    if columns is None:
        return [("X", ColumnInput(dtype, NUMBERS), models[0].encoder.n_features)]
    looked_at = [columns[j] for j in columns_looked_at(models)]
    if any(not column.name for column in looked_at):
        raise NoExporterError("A column of X has the name '', which no input has: rename it.")
    given = [(column.name, column_graph(column).given(column), 1) for column in looked_at]
    return [
        (name, of._replace(dtype=dtype) if of.dtype == DOUBLE else of, n) for name, of, n in given
    ]


def columns_looked_at(models: Sequence[Model]) -> list[int]:
    """Numbers of the columns of X that predictions depend on; one at least."""
    of = sources_of(models[0].reader.columns or [])
    groups = [group for model in models for group in model.encoder.groups]
    varying = [group for group in groups if not isinstance(group, Constant)]
    return sorted({of[j] for group in varying or groups for j in group.index.tolist()})


def _n_members(network: Network) -> int:
    n_rows = 1
    for layer in network.layers:
        n_rows = layer.rows_out(n_rows)
    return n_rows


def _model_of(
    estimator: Any,
    graph: Graph,
    inputs: Sequence[tuple[str, ColumnInput, int]],
    outputs: Sequence[Output],
) -> onnx.ModelProto:
    """The graph with its inputs, outputs under their names, versions and names of columns."""
    given = []
    for output in outputs:
        name = graph.fresh(output.name)
        graph.rename(output.value, name)
        given.append(output.declared(name))
    taken = [
        onnx.helper.make_tensor_value_info(name, type_of(of.dtype), [None, n], of.what)
        for name, of, n in inputs
    ]
    package = sys.modules[__name__.partition(".")[0]]
    proto = onnx.helper.make_graph(
        graph.nodes, type(estimator).__name__, taken, given, graph.initializers
    )
    model = onnx.helper.make_model(
        proto,
        opset_imports=[
            onnx.helper.make_opsetid("", OPSET),
            onnx.helper.make_opsetid(ML, ML_OPSET),
        ],
        ir_version=IR_VERSION,
        producer_name=package.__name__,
        producer_version=package.__version__,
    )
    about = {
        "estimator": type(estimator).__name__,
        "feature_names": json.dumps(estimator._names_of_columns()),
        "inputs": json.dumps({each.name: each.doc_string for each in proto.input}),
    }
    onnx.helper.set_model_props(model, about)
    return model
