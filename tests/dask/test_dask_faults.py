"""Workers that die, hang or lose the network: the fit ends everywhere, and names them."""

import contextlib
import os
import signal
import socket
import threading
import time

import dask.array as da
import distributed
import numpy as np
import pytest

from sknumpynet.callbacks import Checkpoint
from sknumpynet.checkpoints.file import read
from sknumpynet.dask import CollectiveError, DaskNumpyMLPRegressor, running
from sknumpynet.dask import worker as at_work

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.name == "nt", reason="needs signals"),
    # Of Dask, about workers that were killed.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
]

#: Seconds for what takes a moment on a machine that is not busy.
LONG = 120.0


def fitting():
    return len(at_work._FITTING)


def cut():
    """Close the connections of a worker, as a network that is gone."""
    for ranks in list(at_work._FITTING.values()):
        for peer in ranks._peers.values():
            with contextlib.suppress(OSError):
                peer.socket.shutdown(socket.SHUT_RDWR)


@pytest.fixture(scope="module")
def client():
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=":0"
        ) as cluster,
        distributed.Client(cluster, set_as_default=False) as client,
    ):
        yield client


def until(condition, what):
    end = time.monotonic() + LONG
    while not condition():
        assert time.monotonic() < end, what
        time.sleep(0.05)


def rows_on_both(client):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(400, 5))
    y = X[:, 0] + np.sin(X[:, 1])
    workers = sorted(client.nthreads())
    with client.as_current():
        # Each of them has rows.
        X, y = (
            da.concatenate(
                [
                    da.from_delayed(
                        client.scatter(part, workers=[worker], hash=False), part.shape, part.dtype
                    )
                    for worker, part in zip(workers, np.split(array, 2), strict=True)
                ]
            )
            for array in (X, y)
        )
    return X, y, workers


def ended_by(client, model, fault):
    """The error by which a fit ends after ``fault(worker, pid)``; and the worker."""
    X, y, workers = rows_on_both(client)
    pids = client.run(os.getpid)
    errors = []

    def fit():
        try:
            model.fit(X, y)
        except Exception as error:
            errors.append(error)

    thread = threading.Thread(target=fit)
    thread.start()
    until(lambda: set(client.run(fitting).values()) == {1}, "the fit has not begun")
    time.sleep(1.0)
    fault(workers[1], pids[workers[1]])
    begin = time.monotonic()
    thread.join(LONG)
    assert not thread.is_alive(), "the fit goes on"
    assert not hasattr(model, "n_iter_")
    return errors[0], workers, time.monotonic() - begin


def wait_for(path):
    while not path.exists():
        time.sleep(0.05)


def test_a_fit_that_is_interrupted_before_all_have_begun_leaves_no_rank_waiting(
    client, monkeypatch, tmp_path
):
    X, y, workers = rows_on_both(client)
    busy = []

    def placed_and_busy(*args):
        found = computed(*args)
        busy.append(client.submit(wait_for, tmp_path / "end", workers=[workers[1]], pure=False))
        until(lambda: client.processing()[workers[1]], "the other task has not begun")
        return found

    def interrupted(_, tasks, timeout):
        # The first rank waits for the second, whose worker does something else.
        time.sleep(1.0)
        raise KeyboardInterrupt

    computed = running._computed
    monkeypatch.setattr(running, "_computed", placed_and_busy)
    monkeypatch.setattr(running, "_watched", interrupted)
    with pytest.raises(KeyboardInterrupt):
        DaskNumpyMLPRegressor((4,), client=client, timeout=10 * LONG).fit(X, y)
    try:
        assert client.submit(int, 3, workers=[workers[0]], pure=False).result(timeout=LONG) == 3
    finally:
        (tmp_path / "end").touch()
    assert busy[0].result(timeout=LONG) is None


def test_a_worker_loses_its_network_dies_or_hangs(client, tmp_path):
    path = tmp_path / "fit.npz"

    def model(timeout=60.0):
        model = DaskNumpyMLPRegressor(
            (30,), max_iter=10**6, n_iter_no_change=np.inf, batch_size=100, random_state=0,
            early_stopping=False, client=client, timeout=timeout,
        )  # fmt: skip
        return model.set_callbacks(Checkpoint(path, every=1))

    def all_end():
        until(lambda: len(client.nthreads()) == 2, "no new worker has come")
        until(lambda: set(client.run(fitting).values()) == {0}, "a rank goes on")

    def saved():
        state = read(path)["models"]["0"]["state"]
        return state["training"]["history"]["seconds"]

    def without_network(worker, _):
        client.run(cut, workers=[worker])

    error, workers, _ = ended_by(client, model(), without_network)
    assert isinstance(error, CollectiveError)
    assert "is gone" in str(error)
    assert any(worker in str(error) for worker in workers)
    all_end()

    before = saved()
    error, workers, _ = ended_by(client, model(), lambda _, pid: os.kill(pid, signal.SIGKILL))
    assert isinstance(error, CollectiveError)
    assert "is gone" in str(error)
    assert workers[1] in str(error)
    all_end()
    # It has gone on from the last epoch.
    after = saved()
    assert len(after) > len(before)
    assert after[: len(before)] == before

    stopped = []

    def hangs(_, pid):
        stopped.append(pid)
        os.kill(pid, signal.SIGSTOP)

    try:
        error, workers, seconds = ended_by(client, model(timeout=5.0), hangs)
    finally:
        for pid in stopped:
            os.kill(pid, signal.SIGKILL)
    assert isinstance(error, CollectiveError)
    assert "has not been heard of for timeout=5 seconds" in str(error)
    assert workers[1] in str(error)
    assert seconds < 60
    assert saved()[: len(after)] == after


@pytest.mark.parametrize("fault", ["SIGKILL", "SIGSTOP"])
def test_a_worker_that_dies_or_hangs_before_it_listens_is_named(client, fault, monkeypatch):
    # Of those before, one may be dead and not yet be missed.
    until(lambda: len(client.run(os.getpid, on_error="ignore")) == 2, "no new worker has come")
    X, y, workers = rows_on_both(client)
    pid = client.run(os.getpid)[workers[1]]

    def placed_and_then(*args):
        found = computed(*args)
        os.kill(pid, getattr(signal, fault))
        return found

    computed = running._computed
    monkeypatch.setattr(running, "_computed", placed_and_then)
    errors = []

    def fit():
        try:
            DaskNumpyMLPRegressor((4,), client=client, timeout=3.0).fit(X, y)
        except Exception as error:
            errors.append(error)

    thread = threading.Thread(target=fit)
    thread.start()
    thread.join(30.0)
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
    thread.join(LONG)
    (error,) = errors
    assert isinstance(error, CollectiveError)
    assert workers[1] in str(error)
