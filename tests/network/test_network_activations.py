"""Activations against mpmath, and far out: no overflow, no nan, no denormal numbers."""

from dataclasses import dataclass
from types import SimpleNamespace

import mpmath
import numpy as np
import pytest

from catalogue import ACTIVATIONS as CASES
from sknumpynet.network import ACTIVATIONS, Activation, Architecture, build_layers
from sknumpynet.network.layer import Scratch

mp = mpmath.mp.clone()
mp.dps = 60
NONE = SimpleNamespace()
SELU = mp.mpf("1.0507009873554804934193349852946"), mp.mpf("1.6732632423543772848170429916717")

#: By their definitions in the papers, in 60 digits.
EXACT = {
    "identity": lambda x: x,
    "relu": lambda x: max(x, mp.zero),
    "leaky_relu": lambda x: x if x > 0 else mp.mpf("0.01") * x,
    "logistic": lambda x: 1 / (1 + mp.exp(-x)),
    "tanh": mp.tanh,
    "elu": lambda x: x if x > 0 else mp.expm1(x),
    "selu": lambda x: SELU[0] * (x if x > 0 else SELU[1] * mp.expm1(x)),
    "gelu": lambda x: x * (1 + mp.erf(x / mp.sqrt(2))) / 2,
    "silu": lambda x: x / (1 + mp.exp(-x)),
    "mish": lambda x: x * mp.tanh(mp.log1p(mp.exp(x))),
    "softplus": lambda x: mp.log1p(mp.exp(x)),
    "hard_tanh": lambda x: max(-mp.one, min(mp.one, x)),
    "softsign": lambda x: x / (1 + abs(x)),
}
GRID = np.array(
    [
        *(-1e4, -300, -90, -40, -24, -12, -5.5, -3, -1.1, -0.3, -1e-3, -1e-6),
        *(1e-6, 1e-3, 0.3, 0.9, 2.5, 5.5, 12, 19, 21, 24, 40, 90, 300, 1e4),
    ]
)


def run(name, x):
    """y and dy/dx."""
    layer = ACTIVATIONS[name](n=x.shape[1])
    ws = Scratch(layer, len(x), x.dtype, NONE, training=True)
    y = layer.forward(x, NONE, ws).copy()
    return y, layer.backward(np.ones_like(x), NONE, ws)


def test_every_activation_is_compared():
    assert set(EXACT) == set(CASES)


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize(("dtype", "close"), [("float32", 6e-7), ("float64", 1e-15)])
def test_values_and_derivatives(name, dtype, close):
    x = GRID.astype(dtype)[np.newaxis]
    y, slope = run(name, x)
    assert y.dtype == slope.dtype == dtype
    exact = np.array([[float(EXACT[name](mp.mpf(float(v)))) for v in x[0]]])
    derivative = np.array([[float(mp.diff(EXACT[name], mp.mpf(float(v)))) for v in x[0]]])
    np.testing.assert_allclose(y, exact, rtol=close, atol=close)
    np.testing.assert_allclose(slope, derivative, rtol=5 * close, atol=2 * close)


@pytest.mark.parametrize("name", CASES)
def test_far_out_nothing_is_denormal_and_nothing_warns(name):
    """Also times a gradient of 1e-20."""
    x = np.concatenate([-np.geomspace(1e-6, 1e4, 4000), np.geomspace(1e-6, 1e4, 4000)])
    for dtype in ("float32", "float64"):
        with np.errstate(over="raise", invalid="raise", divide="raise"):
            y, slope = run(name, x.astype(dtype)[np.newaxis])
        tiny = np.finfo(dtype).tiny
        assert np.isfinite(y).all()
        assert np.isfinite(slope).all()
        assert not ((y != 0) & (np.abs(y) < tiny)).any()
        assert not ((slope != 0) & (np.abs(slope) < 1e20 * tiny)).any()


@pytest.mark.parametrize("name", CASES)
def test_a_value_does_not_depend_on_those_beside_it(name):
    """To the last bit, of which predictions are made."""
    x = np.random.default_rng(0).normal(0, 4, size=(40, 67)).astype("float32")
    whole, slope = run(name, x)
    for i, j in [(0, 1), (3, 6), (7, 40)]:
        part, its_slope = run(name, x[i:j].copy())
        np.testing.assert_array_equal(part, whole[i:j])
        np.testing.assert_array_equal(its_slope, slope[i:j])
    for j in (1, 3, 17, 50):
        part, _ = run(name, x[:, :j].copy())
        np.testing.assert_array_equal(part, whole[:, :j])


@dataclass(frozen=True)
class Power(Activation):
    """``y = sign(x) |x|^p``, computed in float64."""

    p: float = 2.0
    gain = 0.5

    def value(self, x):
        return np.sign(x) * np.abs(x.astype("float64")) ** self.p

    def slope(self, x, y):
        return self.p * np.abs(x.astype("float64")) ** (self.p - 1)


def test_one_of_the_users_own_stands_in_the_network_with_its_columns():
    layers = build_layers(Architecture(3, (4, 5), [Power(p=3.0), "tanh"], 1))
    assert layers[1] == Power(3.0, n=4)
    assert (layers[0].gain, layers[2].gain) == (1.0, 1.0)
    assert build_layers(Architecture(3, (4, 5), ["tanh", Power()], 1))[2].gain == 0.5


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_its_value_and_slope_are_computed_in_the_dtype_of_the_network(dtype):
    layer, x = Power(3.0, n=4), np.array([[-2.0, 0.0, 1.0, 3.0]], dtype=dtype)
    ws = Scratch(layer, 1, x.dtype, NONE, training=True)
    y = layer.forward(x, NONE, ws)
    np.testing.assert_array_equal(y, [[-8, 0, 1, 27]])
    dx = layer.backward(np.full_like(x, 2), NONE, ws)
    np.testing.assert_array_equal(dx, [[24, 0, 6, 54]])
    assert y.dtype == dx.dtype == dtype


@pytest.mark.parametrize("method", ["value", "slope"])
def test_what_it_does_not_define_is_named(method):
    class Half(Activation):
        pass

    if method == "slope":
        Half.value = lambda self, x: 0.5 * x
    layer = Half(n=2)
    ws = Scratch(layer, 1, np.dtype("float64"), NONE, training=True)
    with pytest.raises(NotImplementedError, match=rf"Half does not define {method}\(self, x"):
        layer.backward(layer.forward(np.ones((1, 2)), NONE, ws), NONE, ws)
