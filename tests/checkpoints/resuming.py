"""Fits that are cut and go on: what the tests of checkpoints have in common."""

from pathlib import Path

import numpy as np

from sknumpynet.callbacks import Checkpoint, FitCallback


class CrashError(Exception):
    """Something that ends the program."""


class CrashAfter(FitCallback):
    """Crashes when so many epochs are done, and saved."""

    def __init__(self, n_epochs):
        self.n_epochs = n_epochs

    def setup(self, estimator, context):
        self.n_left = self.n_epochs

    def on_fit_task_begin(self, estimator, context):
        if context.task_name == "epoch":
            self.n_left -= 1
            if self.n_left < 0:
                raise CrashError

    def on_fit_task_end(self, estimator, context):
        pass

    def teardown(self, estimator, context):
        pass


def crashed(estimator, n_epochs, checkpoint, *data, **given):
    """Fit until the crash; the estimator has the checkpoint alone then."""
    estimator.set_callbacks(checkpoint, CrashAfter(n_epochs))
    try:
        estimator.fit(*data, **given)
    except CrashError:
        assert Path(checkpoint.path).exists() or checkpoint.saving.n_epochs != 1
        estimator.set_callbacks(checkpoint)
        return estimator
    raise AssertionError("It did not crash.")


def resumed(make, path, cuts, *data, every=1, **given):
    """Fitted in as many pieces as there are cuts, and a last one."""
    for n_epochs in cuts:
        crashed(make(), n_epochs, Checkpoint(path, every), *data, **given)
    fitted = make().set_callbacks(Checkpoint(path)).fit(*data, **given)
    assert not list(Path(path).parent.iterdir())
    return fitted


def bits(estimator, X):
    """All that a fit leaves, but the seconds, to the last bit; also what a later fit draws."""
    found = []
    for one in estimator._found.founds:
        history = {name: column for name, column in one.history.items() if name != "seconds"}
        moments = [] if one.optimizer is None else [repr(_bytes(one.optimizer.state()))]
        if one.optimizer is not None:
            moments.append(one.optimizer.learning_rate)
        generators = [one.randomness.batches, one.randomness.layers, one.randomness.inputs]
        states = [repr(_bytes(g.bit_generator.state)) for g in generators]
        found.append((one.model.network.theta.tobytes(), repr(history), one.outcome, one.n_seen))
        found.append((one.loss, one.best_loss, moments, states))
    predicted = getattr(estimator, "predict_proba", estimator.predict)(X)
    return repr(found), np.asarray(predicted).tobytes(), repr(_bytes(estimator.oof_prediction_))


def _bytes(tree):
    if isinstance(tree, dict):
        return {name: _bytes(item) for name, item in tree.items()}
    if isinstance(tree, (list, tuple)):
        return [_bytes(item) for item in tree]
    return (tree.dtype, tree.tobytes()) if isinstance(tree, np.ndarray) else tree
