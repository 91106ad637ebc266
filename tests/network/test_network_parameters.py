"""theta = [weights | offsets | statistics], and views that share its memory."""

from dataclasses import dataclass

import numpy as np
import pytest

from sknumpynet.network import Layer, Layout, Linear, Parameter


@dataclass(frozen=True)
class Centering(Layer):
    """A made-up layer with one parameter of each role, declared in another order than theta's."""

    n: int

    def parameters(self):
        return {
            "mean": Parameter((self.n,), "statistic"),
            "shift": Parameter((self.n,), "offset"),
            "scale": Parameter((self.n,), "weight"),
        }


LAYERS = [Linear(2, 3), Centering(3), Linear(3, 1)]


def test_borders_separate_the_roles():
    layout = Layout(LAYERS)
    n_weights, n_offsets, n_statistics = 2 * 3 + 3 + 3 * 1, 3 + 3 + 1, 3
    assert layout.n_decayed == n_weights
    assert layout.n_trained == n_weights + n_offsets
    assert layout.size == n_weights + n_offsets + n_statistics


def test_arrays_of_a_role_lie_in_its_part_of_theta():
    layout = Layout(LAYERS)
    theta = np.repeat(
        [0, 1, 2],
        [layout.n_decayed, layout.n_trained - layout.n_decayed, layout.size - layout.n_trained],
    )
    role_number = {"weight": 0, "offset": 1, "statistic": 2}
    for layer, p in zip(LAYERS, layout.views(theta), strict=True):
        for name, parameter in layer.parameters().items():
            assert (getattr(p, name) == role_number[parameter.role]).all()


def test_views_cover_theta_exactly_once():
    layout = Layout(LAYERS)
    theta = np.zeros(layout.size)
    for layer, p in zip(LAYERS, layout.views(theta), strict=True):
        for name, parameter in layer.parameters().items():
            view = getattr(p, name)
            assert view.shape == parameter.shape
            assert np.shares_memory(view, theta)
            view += 1
    np.testing.assert_array_equal(theta, 1)


def test_a_gradient_has_no_views_of_statistics():
    layout = Layout(LAYERS)
    g = layout.views(np.zeros(layout.n_trained))[1]
    assert set(vars(g)) == {"shift", "scale"}


def test_layers_without_parameters_take_no_room():
    layout = Layout([Layer(), Layer()])
    assert (layout.n_decayed, layout.n_trained, layout.size) == (0, 0, 0)


@pytest.mark.parametrize(("shape", "size"), [((), 1), ((4,), 4), ((2, 3), 6), ((0, 3), 0)])
def test_size_of_a_parameter(shape, size):
    assert Parameter(shape, "weight").size == size
