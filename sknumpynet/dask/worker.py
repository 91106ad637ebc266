"""What is done on a worker: to listen, to fit on its rows with the others, to stop.

In: a run of several workers, the parts of one. Out: what its rank has found.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Sequence
from typing import Any, NamedTuple

from distributed import Worker, get_worker
from distributed.comm import get_address_host

from ..estimators.of_ranks import fit_on_rank
from ..options import Seeds
from ..telling import Told, collected
from ..training import CollectiveError, OverSockets, listen
from .parts import Part, together

#: Partitions that a message names.
MOST_NAMED = 10


class Run(NamedTuple):
    """A fit on several workers.

    Attributes
    ----------
    token : bytes
        Its secret, which its workers alone are told.
    workers : tuple of str
        Their addresses, in the order of the ranks.
    addresses : tuple of (host, port)
        Where they listen.
    timeout : float
    """

    token: bytes
    workers: tuple[str, ...]
    addresses: tuple[tuple[str, int], ...] = ()
    timeout: float = 300.0


#: Sockets that listen, and the ranks that fit, by the token and the worker: a process may have
#: several workers.
_LISTENING: dict[tuple[bytes, str], socket.socket] = {}
_FITTING: dict[tuple[bytes, str], OverSockets] = {}


def listen_for(token: bytes, dask_worker: Worker | None = None) -> tuple[str, int]:
    """Begin to listen; the address. For ``Client.run``, beside what the worker is doing."""
    assert dask_worker is not None
    listener = listen(get_address_host(dask_worker.address))
    _LISTENING[token, dask_worker.address] = listener
    host, port = listener.getsockname()[:2]
    return host, port


def stop(token: bytes, reason: str, dask_worker: Worker | None = None) -> None:
    """Let the fit end, or never begin: ranks that wait for others look at their listener."""
    assert dask_worker is not None
    listener = _LISTENING.pop((token, dask_worker.address), None)
    if listener is not None:
        listener.close()
    ranks = _FITTING.get((token, dask_worker.address))
    if ranks is not None:
        ranks.stop(reason)


def fit_here(
    run: Run, estimator: Any, seeds: Seeds, parts: Sequence[Part], validation: Sequence[Part]
) -> tuple[Any, Told]:
    """Fit as one rank of the run; the fitted estimator, of rank 0, and what is to be told."""
    address = get_worker().address
    rank = run.workers.index(address)
    names = [f"worker {name} (process {os.getpid()})" if name == address else f"worker {name}"
             for name in run.workers]  # fmt: skip
    ranks = _connected(run, rank, address, names)
    try:
        with collected() as told:
            here = _joined(parts, ranks)
            given = _joined(validation, ranks, "_val") if validation else Part(None, None)
            try:
                fitted = fit_on_rank(estimator, ranks, *here.arrays, given.arrays, seeds)
            except (ValueError, TypeError) as error:
                if len(names) > 1:
                    _say_whose_rows(error, names[rank], parts)
                raise
    finally:
        _FITTING.pop((run.token, address), None)
        ranks.close()
    return (fitted if rank == 0 else None), told if rank == 0 else {}


def _connected(run: Run, rank: int, address: str, names: Sequence[str]) -> OverSockets:
    """The rank, when all have met; whoever stops it finds the listener until then."""
    listener = _LISTENING.get((run.token, address))
    if listener is None:
        raise CollectiveError("The fit has ended before it began here.")
    try:
        ranks = OverSockets(rank, run.addresses, listener, run.token, run.timeout, names)
        _FITTING[run.token, address] = ranks
    finally:
        was_stopped = _LISTENING.pop((run.token, address), None) is None
    if was_stopped:
        ranks.stop("the fit has ended")
    return ranks


def _say_whose_rows(error: Exception, name: str, parts: Sequence[Part]) -> None:
    """Numbers of rows in a message, and how many they are, are those of one worker."""
    if len(error.args) == 1 and isinstance(error.args[0], str):
        numbers = ", ".join(str(part.number) for part in parts[:MOST_NAMED])
        numbers += ", ..." if len(parts) > MOST_NAMED else ""
        whose = f"Rows are counted among those of {name}, partitions {numbers}."
        error.args = (f"{error.args[0]} ({whose})",)


def _joined(parts: Sequence[Part], ranks: OverSockets, suffix: str = "") -> Part:
    try:
        return together(parts, suffix)
    except Exception as error:
        ranks.abort(f"{type(error).__name__}: {error}")
        raise
