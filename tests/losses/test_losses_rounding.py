"""Which losses of a perfect constant prediction are rounding: the floor of the unit of ``tol``."""

import numpy as np
import pytest

from catalogue import CLASS_LOSSES, LOSSES, REGRESSION_LOSSES
from sknumpynet.losses import SquaredError

VANISHING = [name for name in REGRESSION_LOSSES if LOSSES[name].vanishes]


def constant_loss(loss, y):
    raw = loss.intercept_only(y, None).astype(y.dtype)
    return loss.value(np.broadcast_to(raw, y.shape).copy(), y, None)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("value", [0.7, 1.0, 3.3, 777.7, 1e6, 1.6e9])
@pytest.mark.parametrize("name", VANISHING)
def test_what_is_left_of_a_constant_target_is_below(name, value, dtype):
    loss = LOSSES[name].make(1)
    for n in (1, 7, 1000):
        y = np.full((n, 1), value, dtype=dtype)
        assert abs(constant_loss(loss, y)) <= loss.rounding(y)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("value", [1.0, 1e3, 1e6])
@pytest.mark.parametrize("name", VANISHING)
def test_a_target_that_varies_is_above(name, value, dtype):
    loss = LOSSES[name].make(1)
    y = np.linspace(0.9, 1.1, 50, dtype=dtype)[:, np.newaxis] * np.array(value, dtype=dtype)
    assert constant_loss(loss, y) > 100 * loss.rounding(y)


def test_targets_beyond_the_root_of_the_largest_number_do_not_raise():
    assert SquaredError().rounding(np.full((2, 1), 1e200)) == np.inf


@pytest.mark.parametrize("name", CLASS_LOSSES)
def test_codes_of_classes_have_no_rounding(name):
    assert LOSSES[name].loss.rounding(np.array([[0], [1]])) == 0.0
