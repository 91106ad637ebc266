"""The same paths as PyTorch's optimizers (skipped where it is not installed)."""

import numpy as np
import pytest

from sknumpynet.optimizers import (
    SGD,
    Adagrad,
    Adam,
    Averaged,
    Clipped,
    Decayed,
    Muon,
    NAdam,
    RMSprop,
)

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
    "adamw": (
        lambda: Decayed(Adam(0.05, 0.8, 0.95, 1e-30), 0.3, [slice(0, 7)]),
        lambda p: torch.optim.AdamW(p, 0.05, (0.8, 0.95), 1e-30, weight_decay=0.3),
    ),
    "nadam": (
        lambda: NAdam(0.05, 0.8, 0.95, 1e-30),
        lambda p: torch.optim.NAdam(p, 0.05, (0.8, 0.95), 1e-30),
    ),
    "rmsprop": (
        lambda: RMSprop(0.05, 0.9, 1e-3),
        lambda p: torch.optim.RMSprop(p, 0.05, alpha=0.9, eps=1e-3),
    ),
    "adagrad": (
        lambda: Adagrad(0.05, 1e-3),
        lambda p: torch.optim.Adagrad(p, 0.05, eps=1e-3),
    ),
}


@pytest.mark.parametrize("name", sorted(PAIRS))
def test_two_hundred_steps_are_pytorchs(name, monkeypatch):
    ours, theirs = PAIRS[name]
    # By default PyTorch keeps the product of NAdam's momenta in float32.
    monkeypatch.setattr(torch, "get_default_dtype", lambda: torch.float64)
    theta = np.linspace(-1, 1, 7)
    parameter = torch.nn.Parameter(torch.tensor(theta.copy()))
    optimizer, reference = ours(), theirs([parameter])
    for g in np.random.default_rng(0).normal(size=(200, 7)):
        parameter.grad = torch.tensor(g.copy())
        reference.step()
        optimizer.step(theta, g)
    np.testing.assert_allclose(theta, parameter.detach().numpy(), rtol=1e-10)


def test_clipping_is_pytorchs():
    theta, optimizer = np.zeros(7), Clipped(SGD(0.05, 0.8, True), 1.5)
    parameter = torch.nn.Parameter(torch.zeros(7, dtype=torch.float64))
    reference = torch.optim.SGD([parameter], 0.05, momentum=0.8, nesterov=True)
    for g in np.random.default_rng(0).normal(size=(50, 7)):
        parameter.grad = torch.tensor(g.copy())
        torch.nn.utils.clip_grad_norm_([parameter], 1.5)
        reference.step()
        optimizer.step(theta, g)
    # PyTorch adds 1e-6 to the norm.
    np.testing.assert_allclose(theta, parameter.detach().numpy(), rtol=1e-5)


def test_the_average_is_pytorchs_but_for_its_start():
    """PyTorch's begins with the first weights in full, whose share decays."""
    from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

    model = torch.nn.Linear(7, 1, bias=False).double()
    averaged = AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(0.9))
    theta = model.weight.detach().numpy().reshape(-1).copy()
    optimizer, reference = Averaged(SGD(0.05, 0.0), 0.9), torch.optim.SGD(model.parameters(), 0.05)
    for g in np.random.default_rng(0).normal(size=(400, 7)):
        model.weight.grad = torch.tensor(g[None])
        reference.step()
        averaged.update_parameters(model)
        optimizer.step(theta, g.copy())
    optimizer.to_evaluation(theta)
    mean = averaged.module.weight.detach().numpy().reshape(-1)
    np.testing.assert_allclose(theta, mean, rtol=1e-8)


@pytest.mark.parametrize("shape", [(6, 4), (4, 6), (5, 5)])
def test_muon_is_pytorchs_within_its_bfloat16(shape):
    """Its weights are (n_out, n_in). It multiplies in bfloat16, of three digits."""
    muon = getattr(torch.optim, "Muon", None)
    if muon is None:
        # PyTorch before 2.9 has none; test_optimizers_muon.py has the singular values.
        return
    theta = np.random.default_rng(1).normal(size=shape).astype("float32").reshape(-1)
    start = theta.copy()
    parameter = torch.nn.Parameter(torch.tensor(theta.reshape(shape).T.copy()))
    reference = muon([parameter], lr=0.05, weight_decay=0.0, momentum=0.9)
    optimizer = Muon(0.05, shape, 0.9)
    for g in np.random.default_rng(0).normal(size=(20, *shape)).astype("float32"):
        parameter.grad = torch.tensor(g.T.copy())
        reference.step()
        optimizer.step(theta, g.reshape(-1).copy())
    theirs = parameter.detach().numpy().T.reshape(-1)
    assert np.linalg.norm(theta - theirs) < 0.1 * np.linalg.norm(theirs - start)
