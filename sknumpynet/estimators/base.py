"""What classifier and regressor share: the way into a fit, raw scores, and the fitted attributes.

In: X and y as scikit-learn passes them. Out: a fitted estimator, or an exception that leaves it as
it was: every fit works on a draft of the estimator, and what it found is taken over at the end.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, ClassVar, TypeVar

import numpy as np
from sklearn.utils import Tags, check_X_y
from sklearn.utils.metaestimators import available_if

from ..callbacks.protocol import OF_A_FIT, CallbackSupportMixin, with_callbacks
from ..fitting.bags import fit_all
from ..fitting.counted import counted
from ..fitting.endings import Ending, InterruptedWarning
from ..fitting.found import Ensemble
from ..fitting.groups import check_groups
from ..fitting.not_embedded import warn_if_not_embedded
from ..fitting.rising_rates import losses_at_rising_rates
from ..fitting.share import Share, check_weights
from ..fitting.stream import holds_out
from ..fitting.task import Order
from ..fitting.validation import about_rows_to_validate, warn_if_not_alike
from ..flat import Flat
from ..frames import FrameReader, OpenFiles, StoredRows, TableColumns, names_of
from ..losses import Loss
from ..optimizers import goes_through_batches
from ..options import PLAIN, RULES, Auto, CommonParameters, check_options
from ..targets import NewTarget, Target, TargetReader
from ..telling import warn
from .fitted import canonical
from .lazy import opened, release
from .names import check_columns
from .saved import saved_fit_of
from .stamp import stamped, without_stamp
from .transform import Transforms
from .watched import watch_of


def _can_go_on(estimator: Any) -> bool:
    return goes_through_batches(estimator.solver)


#: Attributes with many parts.
MADE_FLAT = ("_found", "feature_names_in_")

Self = TypeVar("Self")

#: partial_fit exists for the solvers that work on mini-batches.
with_mini_batches = available_if(_can_go_on)


class BaseNumpyMLP(CallbackSupportMixin, Transforms, CommonParameters):
    """Shared by both estimators. A subclass says what its target and its loss are."""

    #: Whether a fit can be saved on its way, see :class:`sknumpynet.callbacks.Checkpoint`.
    _saves: ClassVar[bool] = True

    #: What "auto" means.
    _auto: ClassVar[Auto] = PLAIN

    #: What must hold of several options together.
    _rules: ClassVar[Sequence[Callable[[Any], str | None]]] = RULES

    # What a subclass says.

    def _new_target(self) -> NewTarget:
        """The target, of which nothing is known yet."""
        raise NotImplementedError

    def _new_loss(self, target: Target) -> Loss:
        """The loss for a target that is known."""
        raise NotImplementedError

    def set_callbacks(self: Self, *callbacks: Any) -> Self:
        """Set callbacks, which are told of every fit while it runs, and may stop it.

        They are told when a fit begins and ends, each of its models (with ``n_bags`` > 1) and each
        epoch, and may look at a fitted copy with the weights of that epoch (not of the best), whose
        ``history_`` has the entries so far. Where one of them returns True at the end of an epoch,
        training ends as at any other limit: with early stopping the best epoch is given back. True
        at the end of one of several models begins no other, where they are trained in turn. An
        error in a callback ends the fit, and the estimator is what it was before. Clones have the
        same callbacks.

        Parameters
        ----------
        *callbacks : FitCallback
            Those of :mod:`sknumpynet.callbacks` and of ``sklearn.callback`` (scikit-learn 1.9 and
            later), or one of your own, see :class:`sknumpynet.callbacks.FitCallback`. None: all
            that were set are removed.

        Returns
        -------
        self
        """
        return super().set_callbacks(*callbacks)

    # Fitting.

    @with_callbacks
    def _fit(
        self,
        X: Any,
        y: Any,
        sample_weight: Any,
        validation: tuple[Any, Any, Any] = (None, None, None),
        *,
        incremental: bool = False,
        classes: Any = None,
        groups: Any = None,
    ) -> Any:
        check_options(self, self._rules)
        name = "partial_fit" if incremental else "fit"
        watched = watch_of(self, name, X, y, sample_weight)
        draft = self._as_it_is_now()
        course = {} if watched is None else {"watcher": watched(draft)}
        saved = saved_fit_of(self, incremental=incremental)
        # Overflow is told by an error that names its cause, and not by NumPy.
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            found, end = draft._find(
                X, y, sample_weight, validation, incremental, classes, groups, saved=saved, **course
            )
        if end is not None and saved is not None:
            end = saved.told(end[0]), end[1]
        if end is not None and end[1] is InterruptedWarning and self.on_interrupt == "raise":
            raise KeyboardInterrupt(end[0])
        draft._take(found)
        if end is not None:
            # It may be an error for the user: what was fitted before is replaced after it.
            warn(*end)
        if watched is not None:
            course["watcher"].end(found)
        self._become(draft)
        if saved is not None:
            saved.end()
        if self.verbose and not incremental:
            print(self.report_.short, flush=True)
        return self

    #: For :func:`sknumpynet.inspection.find_learning_rate`.
    _losses_at_rising_rates = losses_at_rising_rates

    def _find(self, *passed: Any, **course: Any) -> tuple[Ensemble, Ending | None]:
        """What a fit finds. Of this draft only names and number of the columns change.

        ``course`` are parts of the :class:`~sknumpynet.fitting.task.Order` that are not the usual
        ones.
        """
        with OpenFiles() as files:
            return self._find_in(files, *passed, **course)

    def _find_in(
        self,
        files: OpenFiles,
        X: Any,
        y: Any,
        sample_weight: Any,
        validation: tuple,
        incremental: bool = False,
        classes: Any = None,
        groups: Any = None,
        **course: Any,
    ) -> tuple[Ensemble, Ending | None]:
        """The same; the ``files`` are closed afterwards, whatever happens."""
        begin = time.perf_counter()
        earlier = self.__dict__.get("_found") if incremental or self.warm_start else None
        new, known = self._new_target(), None if earlier is None else earlier.first.model
        reader = self._new_reader() if known is None else known.reader
        reads_y = new if known is None else known.target
        passed = {"y": y, "sample_weight": sample_weight, "groups": groups}
        X, passed = opened(self, files, X, reader, passed, reset=known is None)
        y, sample_weight, groups = (passed[name] for name in ("y", "sample_weight", "groups"))
        if isinstance(X, StoredRows) and not callable(self.scoring):
            # Nobody wants its rows as they came: 80 MB of 10^7.
            y = reads_y.read(y, "y")
        as_passed = X, y
        X, y = self._validate(X, y, reads_y, reader, reset=known is None, name="y")
        if known is None:
            warn_if_not_embedded(self, X)
        weight = check_weights(sample_weight, X.shape[0])
        target = new.learn(y, classes) if known is None else copy.copy(known.target)
        loss = self._new_loss(target)
        codes = target.codes(y, again=earlier is not None and not incremental)
        target.learn_weights(getattr(self, "class_weight", None), codes, weight)
        table = Share.all_of(
            X,
            y,
            codes,
            target.weights(codes, weight),
            as_passed,
            groups=check_groups(groups, X.shape[0]),
        )
        given = self._given_part(files, target, reader, *validation)
        if given is not None and groups is not None:
            raise ValueError(
                "groups cannot be combined with X_val: they say which rows of X validate together, "
                "and with X_val none of X does. Leave out one of them."
            )
        columns = self._columns_of(reader, table, given)
        order = Order(self, incremental, reader, target, loss, columns, self._with_model, **course)
        found, end = fit_all(order, table, given, earlier)
        account = counted(table, columns, stream=incremental)
        if earlier is None and not (incremental and holds_out(self)):
            # Which rows of a stream are held out, is to be seen by the same columns in each call.
            reader.leave_out(found.unused_columns())
        account = replace(account, seconds=time.perf_counter() - begin)
        return replace(found, account=account), end

    def _new_reader(self) -> FrameReader:
        return FrameReader(
            self.categorical_features,
            self.parse_text,
            text_components=self.text_components,
            min_frequency=self.min_frequency,
        )

    def _columns_of(self, reader: FrameReader, table: Share, given: Share | None) -> TableColumns:
        """The columns of the table; rows to validate on that are unlike its rows are told."""
        names = getattr(self, "feature_names_in_", None)
        if given is not None:
            # In an X without names, those of X_val will do for a message.
            shown = names_of(given.given[0]) if names is None else names
            warn_if_not_alike(table, given, reader.table_columns(table.X, shown))
        return reader.table_columns(table.X, names)

    def _given_part(
        self,
        files: OpenFiles,
        target: Target,
        reader: FrameReader,
        X_val: Any,
        y_val: Any,
        sample_weight_val: Any,
    ) -> Share | None:
        """The rows to validate on that were passed to fit, or None."""
        if X_val is None:
            if y_val is not None or sample_weight_val is not None:
                raise ValueError("y_val and sample_weight_val go with X_val. Got X_val=None.")
            return None
        if y_val is None:
            raise ValueError("X_val needs y_val, the targets of its rows. Got y_val=None.")
        passed = {"y_val": y_val, "sample_weight_val": sample_weight_val}
        with about_rows_to_validate():
            X_val, passed = opened(self, files, X_val, reader, passed, reset=False, name="X_val")
            y_val, sample_weight_val = passed["y_val"], passed["sample_weight_val"]
            as_passed = X_val, y_val
            X_val, y_val = self._validate(X_val, y_val, target, reader, reset=False, name="y_val")
            weight = check_weights(sample_weight_val, X_val.shape[0], "sample_weight_val")
            codes = target.codes(y_val)
        return Share.all_of(X_val, y_val, codes, target.weights(codes, weight), as_passed, "X_val")

    def _validate(
        self,
        X: Any,
        y: Any,
        reads_y: TargetReader,
        reader: FrameReader,
        *,
        reset: bool,
        name: str,
    ) -> tuple[Any, Any]:
        """The table of X, and the array of y, which the user calls ``name``."""
        y = reads_y.read(y, name)
        X = check_columns(self, X, reset=reset)
        table = canonical(reader.learn(X, self) if reset else reader.read(X, self))
        if not reset:
            levels = reader.levels()
            levels.count(table)
            if name == "y_val":
                levels.warn_if_not_alike(X, self)
            else:
                levels.warn_if_new(X, self)
                reader.warn_if_lost(X, self)
        release(self, X)
        # For y and the number of its rows alone.
        rows = np.zeros((table.shape[0], 1), dtype=np.float32)
        options = {"multi_output": True, "y_numeric": reads_y.numeric, "estimator": self}
        return table, reads_y.check(check_X_y(rows, y, dtype=None, **options)[1])

    # Saving.

    def __getstate__(self) -> dict[str, Any]:
        state = super().__getstate__()
        left_out = {*OF_A_FIT, *self._told_by_found()}
        state = {name: state[name] for name in state if name not in left_out}
        return stamped({k: Flat(v) if k in MADE_FLAT else v for k, v in state.items()})

    def __setstate__(self, state: dict[str, Any]) -> None:
        state = without_stamp(state)
        state = {k: v.content if isinstance(v, Flat) else v for k, v in state.items()}
        if "_found" in state:
            self._take(state["_found"])
        super().__setstate__(state)

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        tags.input_tags.allow_nan = True
        return tags
