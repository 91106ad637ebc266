"""The same paths as PyTorch's optimizers (skipped where it is not installed)."""

import numpy as np
import pytest

from sknumpynet.optimizers import SGD, Adam

torch = pytest.importorskip("torch")

PAIRS = {
    "sgd": (lambda: SGD(0.05, 0.0), lambda p: torch.optim.SGD(p, 0.05)),
    "momentum": (lambda: SGD(0.05, 0.8, False), lambda p: torch.optim.SGD(p, 0.05, momentum=0.8)),
    "nesterov": (
        lambda: SGD(0.05, 0.8, True),
        lambda p: torch.optim.SGD(p, 0.05, momentum=0.8, nesterov=True),
    ),
    # PyTorch adds epsilon after the correction of the second moment, so it has to be small here.
    "adam": (
        lambda: Adam(0.05, 0.8, 0.95, 1e-30),
        lambda p: torch.optim.Adam(p, 0.05, (0.8, 0.95), 1e-30),
    ),
}


@pytest.mark.parametrize("name", sorted(PAIRS))
def test_two_hundred_steps_are_pytorchs(name):
    ours, theirs = PAIRS[name]
    theta = np.linspace(-1, 1, 7)
    parameter = torch.nn.Parameter(torch.tensor(theta.copy()))
    optimizer, reference = ours(), theirs([parameter])
    for g in np.random.default_rng(0).normal(size=(200, 7)):
        parameter.grad = torch.tensor(g.copy())
        reference.step()
        optimizer.step(theta, g)
    np.testing.assert_allclose(theta, parameter.detach().numpy(), rtol=1e-10)
