"""Estimators as steps of Pipelines that skl2onnx converts.

In: what skl2onnx knows of a step, its inputs and outputs. Out: the nodes of the same graph, between
these.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx

from ..estimators import (
    NumpyMLPClassifier,
    NumpyMLPRegressor,
    TabularMLPClassifier,
    TabularMLPRegressor,
)
from .builder import DOUBLE, ML, ML_OPSET, OPSET, TEXT, WHOLE, Graph, Value
from .columns import Matrix, Table, column_graph
from .model import columns_looked_at, inputs_of, models_of, outputs_of
from .targets import Output
from .zipmap import zipped

ESTIMATORS = (NumpyMLPClassifier, NumpyMLPRegressor, TabularMLPClassifier, TabularMLPRegressor)

OPTIONS = {"zipmap": [True, False, "columns"], "raw_scores": [True, False]}


def register() -> None:
    """Let skl2onnx convert Pipelines with estimators of this package, by the graphs of ``to_onnx``.

    Once in a process. Outputs and the options ``zipmap`` and ``raw_scores`` are those of skl2onnx's
    classifiers and regressors; ``loss="gaussian_nll"`` gives "std" too, several outputs of classes
    "label_0", "probabilities_0" and so on. Numbers come in the type of the first input.

    What holds such an estimator is as right as skl2onnx is: of ``method="isotonic"`` in
    CalibratedClassifierCV it takes the nearest value in place of one between two.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.datasets import load_wine
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> from sknumpynet import NumpyMLPClassifier
    >>> from sknumpynet.onnx import register
    >>> X, y = load_wine(return_X_y=True)
    >>> net = NumpyMLPClassifier((16,), learning_rate_init=0.01, random_state=0)
    >>> model = make_pipeline(StandardScaler(), net).fit(X, y)
    >>> register()
    >>> import onnxruntime
    >>> from skl2onnx import to_onnx
    >>> onx = to_onnx(model, X[:1], options={"zipmap": False})
    >>> session = onnxruntime.InferenceSession(onx.SerializeToString())
    >>> label, probabilities = session.run(None, {"X": X})
    >>> bool(np.abs(probabilities - model.predict_proba(X)).max() < 1e-5)
    True
    """
    from skl2onnx import update_registered_converter

    for kind in ESTIMATORS:
        options = OPTIONS if hasattr(kind, "predict_proba") else None
        name = f"Sknumpynet{kind.__name__}"
        update_registered_converter(kind, name, _shapes, _convert, parser=_parse, options=options)


def _parse(scope: Any, estimator: Any, inputs: Any, custom_parsers: Any = None) -> Any:
    """The step with its outputs, whose types are set later."""
    operator = scope.declare_local_operator(f"Sknumpynet{type(estimator).__name__}", estimator)
    operator.inputs = inputs
    zipmap = False
    if hasattr(estimator, "predict_proba"):
        # Of several labels and outputs it is not asked for, though skl2onnx sets it everywhere.
        zipmap = _is_zipped(estimator) and scope.get_options(estimator, {"zipmap": True})["zipmap"]
    for output in _outputs(operator, zipmap)[1]:
        variable = scope.declare_local_variable(output.name, _type_of(output, DOUBLE, None))
        operator.outputs.append(variable)
    return operator.outputs


def _shapes(operator: Any) -> None:
    """Set the types of the outputs."""
    n_rows, dtype = operator.inputs[0].get_first_dimension(), _numbers_of(operator)
    for variable, output in zip(
        operator.outputs, _outputs(operator, _zipmap(operator))[1], strict=True
    ):
        variable.set_type(_type_of(output, dtype, n_rows))


def _convert(scope: Any, operator: Any, container: Any) -> None:
    """Add the nodes."""
    raw_scores = _asks_raw_scores(scope, operator, container)
    graph, outputs = _outputs(operator, _zipmap(operator), scope, raw_scores)
    dtype = _numbers_of(operator)
    for variable, output in zip(operator.outputs, outputs, strict=True):
        graph.rename(output.with_numbers_in(dtype).value, variable.full_name)
    for tensor in graph.initializers:
        text = tensor.data_type == onnx.TensorProto.STRING
        content = list(tensor.string_data) if text else tensor
        container.add_initializer(tensor.name, tensor.data_type, list(tensor.dims), content)
    for node in graph.nodes:
        container.add_node(
            node.op_type,
            list(node.input),
            list(node.output),
            op_domain=node.domain,
            op_version=ML_OPSET if node.domain == ML else OPSET,
            name=scope.get_unique_operator_name(node.op_type),
            **{a.name: onnx.helper.get_attribute_value(a) for a in node.attribute},
        )


def _is_zipped(estimator: Any) -> bool:
    """Whether it is a classifier of one class per row."""
    target: Any = models_of(estimator)[0].target
    return not getattr(target, "in_columns", True)


def _zipmap(operator: Any) -> bool | str:
    """The option by the outputs: a step that is part of another has no options."""
    from skl2onnx.common.data_types import SequenceType

    if not _is_zipped(operator.raw_operator):
        return False
    if isinstance(operator.outputs[1].type, SequenceType):
        return True
    return "columns" if len(operator.outputs) > 2 else False


def _asks_raw_scores(scope: Any, operator: Any, container: Any) -> bool:
    """Whether the option says so, or what the step is part of takes its ``decision_function``.

    skl2onnx sets the option of a part itself, and not of what a Pipeline or a search holds there:
    probabilities in their place are wrong by 0.5, without a word.
    """
    ours = operator.raw_operator
    if (
        hasattr(ours, "predict_proba")
        and container.get_options(ours, {"raw_scores": False})["raw_scores"]
    ):
        return True
    holders = [other.raw_operator for other in scope.operators.values()]
    return any(_innermost(part) is ours for holder in holders for part in _of_scores(holder))


def _of_scores(holder: Any) -> list[Any]:
    """The estimators whose ``decision_function`` it takes."""
    from sklearn.calibration import CalibratedClassifierCV
    from sklearn.ensemble import StackingClassifier
    from sklearn.multiclass import OneVsOneClassifier

    if isinstance(holder, CalibratedClassifierCV):
        return [each.estimator for each in holder.calibrated_classifiers_]
    if isinstance(holder, OneVsOneClassifier):
        return list(holder.estimators_)
    if isinstance(holder, StackingClassifier):
        pairs = zip(holder.estimators_, holder.stack_method_, strict=True)
        return [part for part, method in pairs if method == "decision_function"]
    return []


def _innermost(part: Any) -> Any:
    """The last step of a Pipeline, the best one of a search, and so on."""
    while hasattr(part, "steps") or hasattr(part, "best_estimator_"):
        part = part.steps[-1][1] if hasattr(part, "steps") else part.best_estimator_
    return part


def _outputs(
    operator: Any, zipmap: bool | str, scope: Any = None, raw_scores: bool = False
) -> tuple[Graph, list[Output]]:
    """The graph between the inputs of a step and its outputs; without a scope to look at it."""
    models = models_of(operator.raw_operator)
    graph = Graph(named=None if scope is None else scope.get_unique_variable_name)
    columns = models[0].reader.columns
    if columns is None:
        (_, of, n), *_ = inputs_of(models)
        x = graph.concat([graph.cast(_value(v, graph), of.dtype) for v in operator.inputs], 1)
        table: Any = Matrix(graph, x, n)
    else:
        taken = _Columns(graph, operator.inputs, len(columns))
        values = {
            j: taken.of(j, column_graph(columns[j]).given(columns[j]).dtype)
            for j in columns_looked_at(models)
        }
        table = Table(graph, columns, values)
    return graph, zipped(
        outputs_of(models, graph, table, raw_scores), models[0].target, graph, zipmap
    )


class _Columns:
    """The columns of several inputs, one after the other.

    Of an input skl2onnx may not know how many it has: a single one has what is left of ``n``.
    """

    def __init__(self, graph: Graph, variables: Any, n: int) -> None:
        self._graph = graph
        said = [_width(variable) for variable in variables]
        known = [width for width in said if width is not None]
        rest = n - sum(known) if len(known) == len(said) - 1 else 1
        widths = [rest if width is None else width for width in said]
        pairs = zip(variables, widths, strict=True)
        self._places = [(v, i, width) for v, width in pairs for i in range(width)]
        if len(self._places) != n:
            names = ", ".join(repr(variable.raw_name) for variable in variables)
            raise ValueError(
                f"X had {n} columns in fit, and {names} have {len(self._places)}. Give each column "
                "an input (n, 1) of its own."
            )

    def of(self, j: int, wanted: np.dtype) -> Value:
        """Column j (B, 1) as text if that is wanted, otherwise as numbers."""
        variable, i, width = self._places[j]
        value = _value(variable, self._graph)
        if (value.dtype == TEXT) != (wanted == TEXT):
            kinds = ("text", "numbers") if wanted == TEXT else ("numbers", "text")
            several = (
                f", as one tensor with {width} columns: of a ColumnTransformer numbers and text "
                "arrive as one. Give the estimator each column as an input of its own"
            )
            raise ValueError(
                f"Column {j} must be {kinds[0]}, as it was in fit. The input "
                f"{variable.raw_name!r} holds {kinds[1]}{several if width > 1 else ''}."
            )
        return self._graph.take(value, [i], 1) if width > 1 else value


def _width(variable: Any) -> int | None:
    """How many columns an input has; None: it is not known."""
    shape = variable.type.shape
    if len(shape) == 1:
        return 1
    return int(shape[1]) if len(shape) > 1 and shape[1] else None


def _dtypes() -> dict[Any, np.dtype]:
    from skl2onnx.common import data_types as types

    return {
        types.DoubleTensorType: DOUBLE,
        types.FloatTensorType: np.dtype(np.float32),
        types.Int64TensorType: WHOLE,
        types.Int32TensorType: np.dtype(np.int32),
        types.BooleanTensorType: np.dtype(np.bool_),
        types.StringTensorType: TEXT,
    }


def _value(variable: Any, graph: Graph) -> Value:
    """A variable of skl2onnx as a value."""
    return Value(graph, variable.full_name, _dtypes()[type(variable.type)])


def _numbers_of(operator: Any) -> np.dtype:
    """What the outputs of numbers are: float, if the first input is."""
    dtype = _dtypes()[type(operator.inputs[0].type)]
    return dtype if dtype == np.float32 else DOUBLE


def _type_of(output: Output, dtype: np.dtype, n_rows: Any) -> Any:
    """The type that skl2onnx has for an output."""
    from skl2onnx.common import data_types as types

    own = output.value.dtype
    kinds = {known: kind for kind, known in _dtypes().items()}
    if output.shape is None:
        key = kinds[own]([None])
        return types.SequenceType(types.DictionaryType(key, types.FloatTensorType()))
    return kinds[dtype if own == DOUBLE else own]([n_rows, *output.shape])
