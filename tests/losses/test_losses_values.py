"""Values and gradients against mpmath with 60 digits, also where clipping would show."""

import mpmath
import numpy as np
import pytest

from catalogue import LOSSES

mpmath.mp.dps = 60
ROWS = [(name, *row) for name, case in LOSSES.items() for row in case.rows]
BY_HAND = [(name, *row) for name, case in LOSSES.items() for row in case.by_hand]


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize(("name", "raw", "y"), ROWS)
def test_values_and_gradients(name, raw, y, dtype):
    """One row: value and gradient to a few roundings of the largest term of the formula."""
    case = LOSSES[name]
    data = case.data(2)
    of_class = data.dtype.kind != "f"
    assert case.loss.n_raw(1) == len(raw) or of_class
    raw = np.array([raw], dtype=dtype)
    target = np.full((1, *data.shape[1:]), y) if of_class else np.array([[y]], dtype=dtype)
    tolerance = 8 * np.finfo(dtype).eps
    d_raw = np.empty_like(raw)
    value = case.make(raw.shape[1]).value(raw, target, None, d_raw)
    scores, y = [float(r) for r in raw[0]], target.ravel()[0].item()
    assert abs(value - case.exact(scores, y)) <= tolerance * case.scale(scores, y)
    for k, r in enumerate(scores):
        slope = mpmath.diff(lambda t, k=k: case.exact([*scores[:k], t, *scores[k + 1 :]], y), r)
        assert abs(float(d_raw[0, k]) - slope) <= tolerance * max(1, abs(slope))


@pytest.mark.parametrize(("name", "raw", "y", "value"), BY_HAND)
def test_values_by_hand(name, raw, y, value):
    """Summed over outputs, averaged over rows."""
    raw = np.array(raw)
    loss = LOSSES[name].make(raw.shape[1])
    assert loss.value(raw, np.array(y), None) == pytest.approx(value, rel=1e-14)
