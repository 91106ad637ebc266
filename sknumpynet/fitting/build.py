"""Second act of a fit: what the rows become, and the network that they are put into.

In: a task, its plan and the rows to train on. Out: a model at its start (or where an earlier fit
left it), the encoded targets, and what sets these rows apart from later ones.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import scipy.sparse as sp

from ..encoding import Change, TableEncoder
from ..network import Architecture, Layer, Network, build_layers
from ..options import Plan, check_settled
from ..rows import Rows
from .found import Found, Model
from .memory import refuse_large, refuse_large_sizes
from .own_parts import check_own_parts
from .prediction import FEWEST_ROWS
from .share import Share
from .task import Task

#: Most numbers of the encoded rows that layers look at (4 MB in float32): 10,000 rows of 100
#: columns tell 48 quantiles.
LOOKED_AT = 2**20


class Start(NamedTuple):
    """Where a training begins.

    ``y`` are the encoded targets of all rows of the table. ``change`` is what sets those that are
    trained on apart, None for nothing.
    """

    model: Model
    y: np.ndarray
    change: Change | None


def build(task: Task, plan: Plan, train: Share) -> Start:
    """The model to be trained on these rows."""
    if task.earlier is not None:
        return _earlier(task, task.earlier, plan, train)
    target, of_unit = task.target, task.unit_of or train
    target.learn_units(of_unit.y, of_unit.rows)
    loss = task.loss.in_unit(target.unit)
    y = target.encode(train.codes, plan.dtype)
    encoder = _encoder(task, plan, train, y)
    change = _change(task, encoder, train, y)
    check_own_parts(plan, loss, y, train)
    layers = _layers(plan, encoder, loss.n_raw(target.n_outputs), train)
    rng = np.random.default_rng(task.randomness.init_seed)
    network = Network.initialized(layers, plan.dtype, rng)
    if network.looks:
        network.look(*_rows_to_look_at(encoder, change, train, plan.dtype))
    network.start_at(loss.intercept_only(*train.targets_of_all(y)))
    network.flatten(loss.raw_of(target.constant))
    return Start(Model(task.reader, encoder, network, loss, target), y, change)


def _earlier(task: Task, earlier: Found, plan: Plan, train: Share) -> Start:
    """The model of the earlier fit.

    Outputs that have been constant so far, and are so no more, start here: they have their unit
    from the rows of now, and their scores start at the best constant.
    """
    how = "partial_fit" if plan.stream else "warm_start=True"
    check_settled(plan.settled, earlier.settled, how)
    old, of_unit = earlier.model, task.unit_of or train
    network = old.network.astype(plan.dtype)
    target, late = task.target.with_late_units(of_unit.y, of_unit.rows)
    loss, y = task.loss.in_unit(target.unit), target.encode(train.codes, plan.dtype)
    if late.any():
        raw = loss.intercept_only(*train.targets_of_all(y))
        network.start_at(raw, loss.raw_of(late))
    encoder = old.encoder
    if plan.stream:
        encoder = encoder.further(train.X, train.rows, task.columns)
    change = _change(task, encoder, train, y)
    if network.looks and encoder is not old.encoder:
        shown = np.flatnonzero(np.isin(encoder.sources, old.encoder.open_columns))
        seen = _rows_to_look_at(encoder, change, train, plan.dtype)
        network.look(*seen, columns=shown.tolist())
    return Start(Model(task.reader, encoder, network, loss, target), y, change)


def _change(task: Task, encoder: TableEncoder, train: Share, y: np.ndarray) -> Change | None:
    return encoder.in_training(train.X, train.rows, y, lambda: task.randomness.inputs)


def _encoder(task: Task, plan: Plan, train: Share, y: np.ndarray) -> TableEncoder:
    encoder = TableEncoder(
        plan.feature_scaling,
        stream=plan.stream,
        missing_indicator=plan.missing_indicator,
        max_one_hot=plan.max_one_hot,
        min_frequency=plan.min_frequency,
        linear=not plan.network.sizes,
    )
    return encoder.fit(train.X, train.rows, task.columns, y, counted=_counted(task, train))


def _counted(task: Task, train: Share) -> Rows:
    """The training rows by ``sample_weight`` alone.

    A row of a rare class is still one row. Were it many, each id of such a row would be a level,
    learned by heart: 1.1 times the loss on made-up rows (eight draws of one rule, 4,000 rows, 5 %
    of them of one class; on another rule with a weak signal 0.99).
    """
    of_class = task.target.weights(train.codes[train.rows.index], None)
    if of_class is None:
        return train.rows
    weight = train.rows.weight
    return train.rows.with_weight((1.0 if weight is None else weight) / of_class)


def _layers(plan: Plan, encoder: TableEncoder, n_raw: int, train: Share) -> list[Layer]:
    """The layers of the network; a MemoryError if they are too large."""
    wanted = _architecture(plan, encoder, n_raw, train)
    batch = min(plan.batch_size, FEWEST_ROWS) if plan.full_batch else plan.batch_size
    refuse_large_sizes(plan, wanted, batch)
    layers = build_layers(wanted)
    refuse_large(plan, layers, batch)
    return layers


def _architecture(plan: Plan, encoder: TableEncoder, n_raw: int, train: Share) -> Architecture:
    network = plan.network
    width = network.width(len(encoder.numbers))
    # Numbers of a sparse table are not embedded.
    embedded = width > 1 and not sp.issparse(train.X)
    return Architecture(
        encoder.n_columns,
        network.sizes,
        network.activations,
        n_raw,
        embeddings=encoder.embeddings,
        dropout=network.dropout,
        normalization=network.normalization,
        residual=network.residual,
        init=network.init,
        numeric_embedding=network.numeric_embedding if embedded else None,
        numeric=encoder.numbers,
        embedding_width=width,
        max_frequency=network.max_frequency,
        number_start=network.number_start,
        n_members=network.n_members,
    )


def _rows_to_look_at(
    encoder: TableEncoder, change: Change | None, train: Share, dtype: np.dtype
) -> tuple[np.ndarray, np.ndarray | None]:
    """Encoded training rows, evenly spaced if there are many, and their weights."""
    rows = train.rows
    step = -(-rows.n_rows * encoder.n_columns // LOOKED_AT)
    index = rows.index[::step]
    x = np.empty((len(index), encoder.n_columns), dtype=dtype)
    encoder.encode(train.X[index], x)
    if change is not None:
        change(x, slice(None, None, step))
    weight = rows.relative_weight()
    xs, weights = zip(*rows.each((x, None if weight is None else weight[::step])), strict=True)
    if len(xs) == 1:
        return xs[0], weights[0]
    return np.concatenate(xs), None if weights[0] is None else np.concatenate(weights)
