"""A program that fits an estimator on a raw frame, and may be killed on its way.

Run with a path, the name of an estimator, its options and a moment: the number of epochs after
which it kills itself, or "writing": in the middle of a write.
"""

import os
import signal
import sys
import warnings

import numpy as np
import pandas as pd

import sknumpynet
from sknumpynet.callbacks import Checkpoint, FitCallback

N_ROWS = 120


def data_for(kind):
    """A frame of several kinds of columns, and targets that it tells something about."""
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "number": rng.normal(size=N_ROWS),
            "gaps": np.where(rng.random(N_ROWS) < 0.2, np.nan, rng.normal(size=N_ROWS)),
            "city": rng.choice(["Rome", "Oslo", "Bern"], N_ROWS),
            "many": rng.choice([f"level {i}" for i in range(40)], N_ROWS),
            "day": pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 400, N_ROWS), "D"),
        }
    )
    y = frame.number + (frame.city == "Rome") + 0.3 * rng.normal(size=N_ROWS)
    return frame, np.where(y > 0, "above", "below") if "Classifier" in kind else y


def kill(*args):
    os.kill(os.getpid(), signal.SIGKILL)


class Killer(FitCallback):
    """Kills the process before the epoch of a number, or in a write of the one before it."""

    def __init__(self, n_epochs, where):
        self.n_left, self.where = n_epochs, where

    def setup(self, estimator, context):
        pass

    def on_fit_task_begin(self, estimator, context):
        if context.task_name != "epoch":
            return
        self.n_left -= 1
        if self.n_left == 0 and self.where == "writing":
            os.replace = kill
        elif self.n_left < 0:
            kill()

    def on_fit_task_end(self, estimator, context):
        pass

    def teardown(self, estimator, context):
        pass


def fitted(kind, options, *callbacks):
    X, y = data_for(kind)
    estimator = getattr(sknumpynet, kind)(hidden_layer_sizes=(8,), max_iter=9, **options)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return estimator.set_callbacks(*callbacks).fit(X, y), X


if __name__ == "__main__":
    path, kind, options, n_epochs, where = sys.argv[1:]
    fitted(kind, eval(options), Checkpoint(path, 1), Killer(int(n_epochs), where))
