"""A fit on the workers of a cluster: rows are placed, ranks started, and watched to their end.

In: a client, an estimator, parts of rows. Out: the fitted estimator, or an error that names the
worker to blame; then no task and no socket of the fit is left.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import CancelledError
from typing import Any, NamedTuple

from distributed import Client, Future, wait

from ..options import Seeds
from ..telling import warn
from ..training import CollectiveError
from .parts import Part, n_rows
from .worker import Run, fit_here, listen_for, stop

#: Seconds between looks at the workers.
LOOK = 1.0

#: Seconds for the others to say why they have ended, once one has.
LAST_WORDS = 3.0


class Placed(NamedTuple):
    """A part of rows, the worker that has it, and its number among all."""

    worker: str
    part: Future
    number: int


def fit_on_workers(
    client: Client,
    estimator: Any,
    seeds: Seeds,
    parts: Sequence[Any],
    validation: Sequence[Any],
    timeout: float,
) -> Any:
    """The estimator, fitted on the rows of all parts."""
    if client.asynchronous:
        raise ValueError("An asynchronous client is not supported: make one without asynchronous.")
    with client.as_current():
        return _fit(client, estimator, seeds, parts, validation, float(timeout))


def _fit(
    client: Client,
    estimator: Any,
    seeds: Seeds,
    parts: Sequence[Any],
    validation: Sequence[Any],
    timeout: float,
) -> Any:
    found = _computed(client, [*parts, *validation])
    places = _placed([one for one in found if one.number < len(parts)])
    of_validation = _beside([one for one in found if one.number >= len(parts)], places)
    run = Run(secrets.token_bytes(32), tuple(places), timeout=timeout)
    workers = list(run.workers)
    try:
        run = _listening(client, run)
        tasks = {
            worker: client.submit(
                fit_here, run, estimator, seeds, places[worker], of_validation[worker],
                workers=[worker], allow_other_workers=False, pure=False, retries=0,
                key=f"sknumpynet-{run.token[:8].hex()}-{rank}",
            )
            for rank, worker in enumerate(workers)
        }  # fmt: skip
        return _watched(client, tasks, timeout)
    finally:
        _end(client, run)


def _computed(client: Client, parts: Sequence[Part]) -> list[Placed]:
    """Each part that has rows, with the worker that has its X."""
    there = [one for part in parts for one in part.arrays if one is not None]
    computed = client.compute(there)
    futures = iter(computed)
    found = [
        part._replace(
            X=next(futures),
            y=None if part.y is None else next(futures),
            weight=None if part.weight is None else next(futures),
        )
        for part in parts
    ]
    wait(computed)
    where = client.who_has([part.X for part in found])
    # One that has failed is nowhere; counted elsewhere, a part would be on two workers from then
    # on, and with another one the next time.
    workers = [min(where.get(part.X.key) or [""]) for part in found]
    counted = [
        client.submit(n_rows, part.X, workers=[worker] if worker else None, pure=False)
        for part, worker in zip(found, workers, strict=True)
    ]
    # An error of a part is that of what it is made of.
    counts = client.gather(counted)
    placed = []
    for number, (part, worker, n) in enumerate(zip(found, workers, counts, strict=True)):
        if n:
            together = client.submit(Part, *part, workers=[worker], pure=False)
            placed.append(Placed(worker, together, number))
    return placed


def _placed(found: Sequence[Placed]) -> dict[str, list[Future]]:
    """The parts of each worker, in the order of the first of each."""
    places: dict[str, list[Future]] = {}
    for worker, part, _ in found:
        places.setdefault(worker, []).append(part)
    if not places:
        raise ValueError("X has no rows.")
    return places


def _beside(found: Sequence[Placed], places: dict[str, list[Future]]) -> dict[str, list[Future]]:
    """Parts to validate on: where they are, if that worker trains; else with the first of these."""
    beside: dict[str, list[Future]] = {worker: [] for worker in places}
    for worker, part, _ in found:
        beside[worker if worker in beside else next(iter(beside))].append(part)
    return beside


def _listening(client: Client, run: Run) -> Run:
    """The run with the addresses where its workers listen."""
    workers = list(run.workers)
    found = _within(run.timeout, lambda: client.run(listen_for, run.token, workers=workers))
    if found and isinstance(found[0], dict):
        return run._replace(addresses=tuple(found[0][worker] for worker in workers))
    # The scheduler may need a moment to see who is to blame.
    end = time.monotonic() + LAST_WORDS
    while time.monotonic() < end:
        gone = _gone(client, workers, run.timeout)
        if gone is not None:
            raise gone
        time.sleep(0.05)
    raise CollectiveError(
        f"The workers do not listen: {found[0]!r}."
        if found
        else f"A worker has not been heard of for timeout={run.timeout:g} seconds."
    )


def _within(seconds: float, call: Callable[[], Any]) -> list[Any]:
    """What is called gives, or its error; nothing where it takes longer, and is left alone."""
    found: list[Any] = []

    def run() -> None:
        try:
            found.append(call())
        except Exception as error:  # It is the caller's, in another thread.
            found.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(seconds)
    return found


def _watched(client: Client, tasks: dict[str, Future], timeout: float) -> Any:
    """What rank 0 has found, when all have come to their end."""
    pending = dict(tasks)
    while pending:
        try:
            wait(list(pending.values()), timeout=LOOK, return_when="FIRST_COMPLETED")
        except TimeoutError:
            pass
        except CancelledError:
            # What they need is lost, with the worker that had it.
            raise _error_of(client, tasks) from None
        done = [worker for worker, task in pending.items() if task.done()]
        if any(pending[worker].status != "finished" for worker in done):
            raise _error_of(client, tasks)
        for worker in done:
            del pending[worker]
        gone = _gone(client, pending, timeout)
        if gone is not None:
            raise gone
    fitted, told = next(iter(tasks.values())).result()
    for message in told:
        warn(*message)
    return fitted


def _gone(client: Client, pending: Iterable[str], timeout: float) -> CollectiveError | None:
    """An error about a worker that the scheduler has lost, or does not hear of."""
    # Of 2025 Dask tells of five workers if it is not told to tell of all.
    known, about = client.nthreads(), client.scheduler_info(n_workers=-1)["workers"]
    for worker in pending:
        if worker not in known:
            return CollectiveError(f"worker {worker} is gone: its process has ended.")
        silent = time.time() - about.get(worker, {}).get("last_seen", time.time())
        if silent > timeout:
            return CollectiveError(
                f"worker {worker} has not been heard of for timeout={timeout:g} seconds."
            )
    return None


def _error_of(client: Client, tasks: dict[str, Future]) -> BaseException:
    """The error to blame, among those of all ranks: one of its own before one about another."""
    end, errors = time.monotonic() + LAST_WORDS, []
    while time.monotonic() < end and not all(task.done() for task in tasks.values()):
        time.sleep(0.05)
    gone = _gone(client, tasks, float("inf"))
    if gone is not None:
        return gone
    for task in tasks.values():
        if task.done() and task.status != "finished":
            error = task.exception() if task.status == "error" else None
            errors.append(error or CollectiveError("A task of the fit was cancelled."))
    own = [error for error in errors if not isinstance(error, CollectiveError)]
    return (own or errors)[0]


def _end(client: Client, run: Run) -> None:
    """Whatever still runs ends; a worker that hangs keeps nobody waiting."""

    def call() -> None:
        known = client.nthreads()
        there = [worker for worker in run.workers if worker in known]
        client.run(stop, run.token, "the fit has ended", workers=there, on_error="ignore")

    _within(LAST_WORDS, call)
