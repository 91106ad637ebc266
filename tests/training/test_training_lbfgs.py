"""The same trainer with L-BFGS: what an iteration records, and how the end is named."""

import math

import numpy as np
import pytest

from sknumpynet.encoding import TableEncoder
from sknumpynet.losses import Poisson, SquaredError
from sknumpynet.network import Architecture, Network, build_layers
from sknumpynet.rows import usable_rows
from sknumpynet.training import Batches, History, Limits, Objective, StartNotFiniteError, Trainer

N_ROWS = 60
RNG = np.random.default_rng(0)
X = RNG.normal(size=(N_ROWS, 3))
Y = np.sin(X @ [[1.0], [-2.0], [0.5]]) + 3


def make_objective(sizes=(6,), loss=None, dtype="float64"):
    layers = build_layers(Architecture(3, sizes, ["tanh"] * len(sizes), 1))
    network = Network.initialized(layers, dtype, np.random.default_rng(1))
    return Objective(network, loss or SquaredError(), 1e-4, N_ROWS)


def make_batches(batch_size=25, dtype="float64"):
    encoder = TableEncoder(None).fit(X, usable_rows(N_ROWS, None))
    return Batches(X.astype(dtype), encoder, np.dtype(dtype), batch_size, y=Y.astype(dtype))


def train(objective, batches=None, *, validation=None, history=None, **options):
    options = {
        "max_iter": 1000,
        "max_fun": 15_000,
        "gtol": 1e-6,
        "n_iter_no_change": math.inf,
        "early_stopping": False,
    } | options
    history = history or History()
    limits = Limits(
        options["max_iter"], options["n_iter_no_change"], 0.0, options["early_stopping"]
    )
    trainer = Trainer(objective, limits, history, validation=validation)
    batches = batches or make_batches(dtype=objective.network.theta.dtype)
    outcome = trainer.run_lbfgs(batches, max_fun=options["max_fun"], gtol=options["gtol"])
    return outcome, history.columns


def test_a_linear_model_is_solved_exactly():
    objective = make_objective(sizes=())
    outcome, _ = train(objective, gtol=1e-10)
    penalised = np.vstack([X - X.mean(axis=0), math.sqrt(1e-4 * N_ROWS) * np.eye(3)])
    target = np.concatenate([(Y - Y.mean()).ravel(), np.zeros(3)])
    expected = np.linalg.lstsq(penalised, target, rcond=None)[0]
    p = objective.network.parameters()[0]
    assert outcome.reason == "converged"
    np.testing.assert_allclose(p.W.ravel(), expected, atol=1e-4)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_the_loss_falls_with_every_iteration(dtype):
    objective = make_objective(dtype=dtype)
    outcome, columns = train(objective, max_iter=50)
    assert len(columns["loss"]) == outcome.n_iter > 10
    assert (np.diff(columns["loss"]) <= 1e-6).all()
    assert columns["loss"][-1] < 0.2 * columns["loss"][0]
    assert np.isnan(columns["learning_rate"]).all()
    assert objective.network.theta.dtype == dtype


def test_the_last_loss_is_that_of_the_weights():
    objective = make_objective()
    _, columns = train(objective, max_iter=20)
    loss, _ = objective.over(objective.network.theta, make_batches())
    assert columns["loss"][-1] == pytest.approx(loss, rel=1e-12)


@pytest.mark.parametrize(
    ("options", "reason"),
    [({"max_iter": 3}, "max_iter"), ({"max_fun": 5}, "max_fun"), ({"gtol": 1e9}, "converged")],
)
def test_the_reason_of_the_end(options, reason):
    outcome, columns = train(make_objective(), **options)
    assert outcome.reason == reason
    assert outcome.n_iter == outcome.kept_epoch == len(columns["epoch"])
    if reason == "max_iter":
        assert outcome.n_iter == 3


def test_a_start_at_the_optimum_is_recorded_as_the_only_entry():
    objective = make_objective()
    start = objective.network.theta.copy()
    outcome, columns = train(objective, gtol=1e9)
    assert (outcome.reason, outcome.n_iter, columns["epoch"]) == ("converged", 1, [1])
    assert columns["loss"] == [pytest.approx(objective.over(start, make_batches())[0])]
    np.testing.assert_array_equal(objective.network.theta, start)


def test_a_gradient_without_descent_is_called_stuck():
    class Wrong(Objective):
        def over(self, theta, batches):
            loss, gradient = super().over(theta, batches)
            return loss, -gradient

    inner = make_objective()
    outcome, _ = train(Wrong(inner.network, inner.loss, 0.0, N_ROWS))
    assert outcome.reason == "stuck"


def test_early_stopping_stops_and_gives_back_the_best_iteration():
    objective, scores = make_objective(), iter([0.0, 0.1, 0.5, 0.4, 0.3, 0.2])
    thetas = []

    def validation():
        thetas.append(objective.network.theta.copy())
        return 0.0, next(scores)

    outcome, columns = train(
        objective, validation=validation, early_stopping=True, n_iter_no_change=2
    )
    assert (outcome.reason, outcome.n_iter, outcome.kept_epoch) == ("converged", 4, 2)
    assert columns["score"] == [0.1, 0.5, 0.4, 0.3]
    np.testing.assert_array_equal(objective.network.theta, thetas[2])


class InterruptedObjective(Objective):
    calls_left = 12

    def over(self, theta, batches):
        self.calls_left -= 1
        if self.calls_left == 0:
            raise KeyboardInterrupt
        return super().over(theta, batches)


def test_an_interruption_keeps_the_best_iteration():
    inner = make_objective()
    objective = InterruptedObjective(inner.network, inner.loss, 1e-4, N_ROWS)
    outcome, columns = train(objective)
    assert outcome.reason == "interrupted"
    assert 0 < outcome.n_iter == outcome.kept_epoch < 12
    objective.calls_left = 2
    loss, _ = objective.over(objective.network.theta, make_batches())
    assert loss == pytest.approx(min(columns["loss"]), rel=1e-12)


def test_a_start_that_overflows_is_an_error():
    objective = make_objective(loss=Poisson())
    objective.network.parameters()[-1].b[:] = 1000
    with pytest.raises(StartNotFiniteError) as caught:
        train(objective)
    assert not caught.value.in_validation
