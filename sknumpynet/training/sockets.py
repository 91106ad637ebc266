"""Ranks in processes of their own, on one machine or many, that talk over TCP.

In: a listening socket of each rank, the addresses of all, and the token of the run. Out: a
:class:`~.collective.Collective`. Who connects has to show that it knows the token, by a keyed hash
of numbers that both sides draw, before a byte of it is read as a message; whoever does not is
closed. Messages are not encrypted.

An array is cut into as many parts as there are ranks: each rank adds up one part, in the order of
the ranks, and gives the sum to all. So each rank sends and receives ``2 (n - 1) / n`` arrays,
however many there are; small arrays are sent to all at once, which takes one way instead of two.
"""

from __future__ import annotations

import hashlib
import hmac
import pickle
import secrets
import socket
import struct
import threading
import time
from collections.abc import Sequence
from queue import Empty, Queue
from typing import Any

import numpy as np

from .collective import CollectiveError, added
from .exchange import Exchange, Peer

#: Bytes that are sent to all ranks as they are. See DECISIONS: sums over ranks.
SMALL = 2**16

#: Seconds in which a connection has to show the token.
HANDSHAKE = 5.0

#: Seconds between attempts to reach a rank, and between looks whether the listener was closed.
AGAIN, LOOK = 0.05, 0.5

_HELLO = struct.Struct("<8sI32s")
_PROOF = struct.Struct("<32s32s")
_MAGIC = b"sknumpy1"


def listen(host: str = "127.0.0.1") -> socket.socket:
    """A socket that others reach at a free port of this host."""
    family = socket.getaddrinfo(host, None)[0][0]
    return socket.create_server((host, 0), family=family, backlog=128)


class OverSockets:
    """The rank that a process is among others.

    Parameters
    ----------
    rank : int
    addresses : sequence of (host, port)
        Where each rank listens.
    listener : socket
        That of this rank; it is closed as soon as all are connected. Closed by another thread
        before that, it ends the attempt with a CollectiveError.
    token : bytes
        A secret of the run, of at least 16 bytes.
    timeout : float
        Seconds of silence of one rank after which all fail.
    names : sequence of str, optional
        What messages call the ranks. Default: their addresses.
    """

    def __init__(
        self,
        rank: int,
        addresses: Sequence[tuple[str, int]],
        listener: socket.socket,
        token: bytes,
        timeout: float = 300.0,
        names: Sequence[str] | None = None,
    ) -> None:
        if len(token) < 16:
            raise ValueError(f"The token must have at least 16 bytes. Got {len(token)}.")
        self.rank, self.size = rank, len(addresses)
        shown = [f"{host}:{port}" for host, port in addresses] if names is None else names
        self._names = [f"rank {r} at {name}" for r, name in enumerate(shown)]
        self._timeout = timeout
        meet = _Handshakes(rank, addresses, listener, token, timeout, self._names)
        found = meet.all()
        self._peers = {r: Peer(r, self._names[r], found[r]) for r in sorted(found)}
        self._exchange = Exchange(list(self._peers.values()), timeout)
        self._scratch: dict[Any, list[np.ndarray]] = {}

    def sum(self, *arrays: np.ndarray) -> None:
        """See :class:`~.collective.Collective`."""
        if self.size == 1:
            return
        flat = [array.reshape(-1) for array in arrays]
        if sum(array.nbytes for array in flat) * (self.size - 1) <= SMALL or self.size == 2:
            whole = [[slice(0, len(array))] * self.size for array in flat]
            parts = self._swap(flat, whole, whole)
            for i, array in enumerate(flat):
                own = array.copy()
                array[...] = added([parts[r][i] if r in parts else own for r in range(self.size)])
            return
        cut = [_cut(len(array), self.size) for array in flat]
        here = [[where[self.rank]] * self.size for where in cut]
        parts = self._swap(flat, cut, here)
        for i, array in enumerate(flat):
            own = array[cut[i][self.rank]]
            total = added([parts[r][i] if r in parts else own for r in range(self.size)])
            own[...] = total
        parts = self._swap(flat, here, cut)
        for r, found in parts.items():
            for i, array in enumerate(flat):
                array[cut[i][r]] = found[i]

    def gather(self, value: Any) -> list[Any]:
        """See :class:`~.collective.Collective`."""
        own = pickle.dumps(value, protocol=pickle.HIGHEST_PROTOCOL)
        found = self._exchange.objects(dict.fromkeys(self._peers, own), list(self._peers))
        return [value if r == self.rank else pickle.loads(found[r]) for r in range(self.size)]

    def broadcast(self, value: Any) -> Any:
        """See :class:`~.collective.Collective`."""
        if self.rank == 0:
            own = pickle.dumps(value, protocol=pickle.HIGHEST_PROTOCOL)
            self._exchange.objects(dict.fromkeys(self._peers, own), [])
            return value
        return pickle.loads(self._exchange.objects({}, [0])[0])

    def abort(self, reason: str) -> None:
        """See :class:`~.collective.Collective`."""
        self._exchange.tell(f"{self._names[self.rank]} failed: {reason}")
        self.close()

    def stop(self, reason: str) -> None:
        """Let the next call of this rank, or the one that waits, fail; for another thread."""
        self._exchange.stopped = reason

    def close(self) -> None:
        """See :class:`~.collective.Collective`."""
        self._exchange.close()

    def _swap(
        self, flat: list[np.ndarray], given: list[list[slice]], taken: list[list[slice]]
    ) -> dict[int, list[np.ndarray]]:
        """Send each rank its parts of the arrays, and take those that it sends.

        ``given[i][r]`` is what rank r is sent of array i, ``taken[i][r]`` what it sends of it.
        """
        sizes = tuple((a.dtype, t[r].stop - t[r].start) for a, t in zip(flat, taken, strict=True)
                      for r in self._peers)  # fmt: skip
        if sizes not in self._scratch:
            # A fit sums arrays of few sizes, time and again.
            self._scratch[sizes] = [np.empty(n, dtype) for dtype, n in sizes]
        buffers = iter(self._scratch[sizes])
        found: dict[int, list[np.ndarray]] = {r: [] for r in self._peers}
        for _ in flat:
            for r in self._peers:
                found[r].append(next(buffers))
        sent = {r: [a[g[r]] for a, g in zip(flat, given, strict=True)] for r in self._peers}
        self._exchange.arrays(sent, found)
        return found


def _cut(n: int, size: int) -> list[slice]:
    """``n`` entries in as many parts."""
    ends = [n * r // size for r in range(size + 1)]
    return [slice(*pair) for pair in zip(ends, ends[1:], strict=False)]


class _Handshakes:
    """Connections to all other ranks: to lower ones it goes, higher ones come."""

    def __init__(
        self,
        rank: int,
        addresses: Sequence[tuple[str, int]],
        listener: socket.socket,
        token: bytes,
        timeout: float,
        names: Sequence[str],
    ) -> None:
        self._rank, self._addresses, self._listener = rank, addresses, listener
        self._token, self._names = token, names
        self._deadline = time.monotonic() + timeout
        self._timeout = timeout
        self._come: Queue[tuple[int, socket.socket]] = Queue()

    def all(self) -> dict[int, socket.socket]:
        """By the number of the rank; a :class:`CollectiveError` that names who is missing."""
        missing = set(range(self._rank + 1, len(self._addresses)))
        stop = threading.Event()
        accepting = threading.Thread(target=self._accept, args=(stop,), daemon=True)
        accepting.start()
        found: dict[int, socket.socket] = {}
        try:
            for r in range(self._rank):
                found[r] = self._reach(r)
            while missing:
                try:
                    r, connection = self._come.get(timeout=min(LOOK, self._left(sorted(missing))))
                except Empty:
                    continue
                if r in missing:
                    missing.discard(r)
                    found[r] = connection
                else:
                    connection.close()
        except BaseException:
            for connection in found.values():
                connection.close()
            raise
        finally:
            stop.set()
            accepting.join()
            self._listener.close()
        for connection in found.values():
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return found

    def _left(self, ranks: Sequence[int]) -> float:
        """Seconds to wait for these ranks; an error where there are none, or nobody waits."""
        if self._listener.fileno() < 0:
            raise CollectiveError("The fit was stopped before all ranks were connected.")
        left = self._deadline - time.monotonic()
        if left > 0:
            return left
        shown = ", ".join(self._names[r] for r in ranks[:5])
        more = f" and {len(ranks) - 5} more" if len(ranks) > 5 else ""
        raise CollectiveError(
            f"No connection to {shown}{more} within timeout={self._timeout:g} seconds."
        )

    # To others.

    def _reach(self, r: int) -> socket.socket:
        while True:
            left = self._left([r])
            try:
                connection = socket.create_connection(
                    self._addresses[r], timeout=min(HANDSHAKE, left)
                )
            except OSError:
                connection = None
            if connection is not None:
                try:
                    if self._prove(connection, r):
                        return connection
                except OSError:
                    pass
                connection.close()
            time.sleep(AGAIN)

    def _prove(self, connection: socket.socket, r: int) -> bool:
        """Whether both sides know the token."""
        mine, end = secrets.token_bytes(32), time.monotonic() + HANDSHAKE
        connection.sendall(_HELLO.pack(_MAGIC, self._rank, mine))
        theirs, proof = _PROOF.unpack(_received(connection, _PROOF.size, end))
        if not hmac.compare_digest(proof, self._proof(b"accept", mine, theirs, r)):
            return False
        connection.sendall(self._proof(b"connect", mine, theirs, self._rank))
        return _received(connection, 1, end) == b"+"

    # Of others.

    def _accept(self, stop: threading.Event) -> None:
        self._listener.settimeout(0.1)
        while not stop.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                continue
            # One that says nothing keeps nobody waiting.
            threading.Thread(target=self._ask, args=(connection,), daemon=True).start()

    def _ask(self, connection: socket.socket) -> None:
        try:
            mine, end = secrets.token_bytes(32), time.monotonic() + HANDSHAKE
            magic, r, theirs = _HELLO.unpack(_received(connection, _HELLO.size, end))
            if magic == _MAGIC:
                connection.sendall(
                    _PROOF.pack(mine, self._proof(b"accept", theirs, mine, self._rank))
                )
                proof = _received(connection, 32, end)
                if hmac.compare_digest(proof, self._proof(b"connect", theirs, mine, r)):
                    connection.sendall(b"+")
                    self._come.put((r, connection))
                    return
        except OSError:
            pass
        connection.close()

    def _proof(self, side: bytes, of_connector: bytes, of_acceptor: bytes, rank: int) -> bytes:
        said = side + of_connector + of_acceptor + rank.to_bytes(4, "little")
        return hmac.new(self._token, said, hashlib.sha256).digest()


def _received(connection: socket.socket, n: int, end: float) -> bytes:
    """So many bytes, or an OSError, also where they have not come by the ``end``."""
    found = b""
    while len(found) < n:
        connection.settimeout(max(0.001, end - time.monotonic()))
        part = connection.recv(n - len(found))
        if not part or time.monotonic() > end:
            raise ConnectionError
        found += part
    return found
