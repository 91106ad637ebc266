"""The callback that saves a fit on its way, so that it can go on after a crash.

In: a path, and how often. Out: what the fit is told of it; the file itself is written by the fit.
"""

from __future__ import annotations

import math
import os
import re
from numbers import Integral
from typing import Any

from ..checkpoints import Saving
from ..quoting import quoted
from .protocol import FitCallback

#: Seconds of a unit of ``every``.
UNITS = {"s": 1.0, "min": 60.0, "h": 3600.0}


class Checkpoint(FitCallback):
    """Saves a fit on its way; ``fit``, called again, goes on where it was.

    After a crash, a power failure or Ctrl-C, run the same program again: ``fit`` with the same data
    and options goes on from the file, and ends with the same model as a fit that was never
    interrupted, to the last bit (weights, history but for its seconds, predictions,
    ``oof_prediction_``); on another computer or with other versions of libraries, up to rounding.
    All that the rest depends on is in the file: weights, moments, averages, generators, patience,
    the best epoch, the history, and with ``n_bags`` the models that are done. Options that change
    no bit (``verbose``, ``n_threads``, ``n_jobs``) may be others. With ``verbose`` a line says
    where a fit goes on.

    The file takes the place of the one before in one step, so that at any moment there is a whole
    one. It holds numbers and text, executes nothing, and can be opened by ``numpy.load``. If it
    cannot be written (a full disk), a UserWarning says so once, and the fit goes on.

    Parameters
    ----------
    path : str or path-like
        A file. Or a folder that exists: then each fit has a file of its own in it, named by its
        options and data, as several fits need, in a search or cross-validation; a search that is
        run again repeats with ``keep=True`` no fit that was done.
    every : int or str, default="10min"
        Save after so many epochs, or when so much time has gone by since the last time: "30s",
        "10min", "2h". With ``n_bags``, each model is also saved when it is done. On 10,000 rows of
        20 columns a save takes 15 to 25 ms: after each epoch that is 1 % of a fit of
        ``TabularMLPRegressor``, and 17 % of one of ``NumpyMLPRegressor``.
    keep : bool, default=False
        Whether the file stays when the fit has come to its end. Then the same fit, called again,
        only reads its result.

    Raises
    ------
    CheckpointError
        A ValueError, by ``fit``: the file is that of another fit (the message names the option
        that differs, or says what of the data), was written by another version of sknumpynet, is
        damaged, cut or no checkpoint; or the folder cannot be written to.

    Notes
    -----
    ``solver="lbfgs"`` keeps its state within SciPy: of its models only those that are done are
    saved (bags, or with ``keep=True``). With ``warm_start=True`` a fit goes on from the earlier
    model, which has to be there again. ``partial_fit`` is refused: save the estimator between
    calls. With ``random_state=None`` the fit that goes on has the seed of the interrupted one; a
    Generator or RandomState has to be seeded as it was. ``max_time`` counts all time that was spent
    on the epochs in the file, of bags also those of the models before.

    Two fits at once with one file: the one that has begun later has it, the other warns and goes on
    without. Other callbacks are told of the epochs that are still trained, under their numbers. One
    of your own that counts says what it knows of a training by ``training_state(context)`` (numbers
    and text), is given it by ``load_training_state(context, state)``, and so goes on, as
    ``EarlyStop`` does.

    Examples
    --------
    >>> import os, tempfile
    >>> from sklearn.datasets import load_diabetes
    >>> from sknumpynet import NumpyMLPRegressor
    >>> from sknumpynet.callbacks import Checkpoint
    >>> X, y = load_diabetes(return_X_y=True)
    >>> path = os.path.join(tempfile.mkdtemp(), "fit.npz")
    >>> model = NumpyMLPRegressor(max_iter=20, random_state=0)
    >>> model = model.set_callbacks(Checkpoint(path, every=5)).fit(X, y)
    >>> os.path.exists(path)
    False
    """

    def __init__(
        self, path: str | os.PathLike[str], every: int | str = "10min", keep: bool = False
    ) -> None:
        self.path, self.every, self.keep = path, every, keep
        n_epochs, seconds = _read(every)
        self.saving = Saving(os.fspath(path), n_epochs, seconds, bool(keep))

    def setup(self, estimator: Any, context: Any) -> None:
        """Fit begins: on an estimator that can be saved, or it is told what to do instead."""
        if not hasattr(type(estimator), "_saves"):
            raise ValueError(
                f"Checkpoint is set on a {type(estimator).__name__}, which it cannot save. Set it "
                "on the estimator of sknumpynet in it."
            )

    def on_fit_task_begin(self, estimator: Any, context: Any) -> None:
        """Nothing is to be done."""

    def on_fit_task_end(self, estimator: Any, context: Any) -> None:
        """Nothing is to be done."""

    def teardown(self, estimator: Any, context: Any) -> None:
        """Nothing is to be done."""

    def __repr__(self) -> str:
        return f"Checkpoint({os.fspath(self.path)!r}, every={self.every!r}, keep={self.keep!r})"


def _read(every: Any) -> tuple[int | None, float | None]:
    """Epochs and seconds of the parameter ``every``, of which one is None."""
    if isinstance(every, Integral) and not isinstance(every, bool) and int(every) >= 1:
        return int(every), None
    if isinstance(every, str):
        found = re.fullmatch(r"\s*([0-9]+(?:\.[0-9]+)?)\s*(s|min|h)\s*", every)
        seconds = math.nan if found is None else float(found[1]) * UNITS[found[2]]
        if seconds > 0:
            return None, seconds
    raise ValueError(
        "every of Checkpoint must be an integer >= 1 (epochs) or a time such as '30s', '10min' or "
        f"'2h'. Got {quoted(every)}."
    )
