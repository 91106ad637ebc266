"""A fit that is killed goes on in another process, where Python's hashes have another seed.

Nothing is told of a SIGKILL: what is in the file then is all there is.
"""

import os
import signal
import subprocess
import sys

import pytest

from sknumpynet.callbacks import Checkpoint

from . import program
from .resuming import bits

pytestmark = pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="There is no SIGKILL.")


def killed(path, kind, options, n_epochs, where, seed):
    done = subprocess.run(
        [sys.executable, program.__file__, path, kind, repr(options), str(n_epochs), where],
        env=os.environ | {"PYTHONHASHSEED": str(seed)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr


@pytest.mark.parametrize(
    ("kind", "options", "moments"),
    [
        ("NumpyMLPRegressor", {"random_state": 0}, [(3, "writing")]),
        # In the first model, between two, in a later one.
        pytest.param(
            "NumpyMLPClassifier",
            {"random_state": 0, "n_bags": 3},
            [(2, "writing"), (9, ""), (5, "")],
            marks=pytest.mark.slow,
        ),
        pytest.param(
            "TabularMLPRegressor",
            {"random_state": 0, "n_bags": 1},
            [(1, ""), (2, "writing")],
            marks=pytest.mark.slow,
        ),
        pytest.param(
            "TabularMLPClassifier",
            {"random_state": 0},
            [(3, ""), (11, "writing")],
            marks=pytest.mark.slow,
        ),
    ],
)
def test_killed_at_some_moments(kind, options, moments, tmp_path):
    path = tmp_path / "fit.npz"
    whole, X = program.fitted(kind, options)
    for seed, moment in enumerate(moments):
        killed(path, kind, options, *moment, seed)
        assert path.exists()
    resumed, _ = program.fitted(kind, options, Checkpoint(path, 1))
    assert bits(resumed, X) == bits(whole, X)
    assert not list(tmp_path.iterdir())
