"""Messages between connected ranks, all ways at once, so that nobody waits for nobody.

In: what each other rank is sent, and what it is expected to send. Out: that, or an error that names
who was silent or gone. A message has a header: its kind, which one of the run it is, and its
length; ranks that do not make the same calls are told so.
"""

from __future__ import annotations

import contextlib
import selectors
import socket
import struct
import time
from collections.abc import Sequence

import numpy as np

from .collective import CollectiveError

ARRAYS, OBJECT, ABORT = b"A", b"O", b"X"

_HEADER = struct.Struct("<cQQ")

#: Seconds for a last word, and between looks whether it is to end.
LAST_WORD = LOOK = 1.0

#: The longest reason that is read.
LONGEST_REASON = 2**16

#: Bytes that are copied so that a message is one packet.
ONE_PACKET = 2**14


class Peer:
    """The connection to another rank, and the messages under way on it."""

    def __init__(self, rank: int, name: str, connection: socket.socket) -> None:
        self.rank, self.name, self.socket = rank, name, connection
        connection.setblocking(False)
        self.sending: list[memoryview] = []
        self.receiving: list[memoryview] = []
        self.heard = 0.0
        self._header: bytearray | None = None
        self._wanted: tuple[bytes, int] = ARRAYS, 0
        # Where arrays go; None: an object of any size is expected, and put into ``found``.
        self._parts: list[memoryview] | None = None
        self.found = bytearray()
        self._reason: bytearray | None = None

    @property
    def busy(self) -> bool:
        return bool(self.sending or self.receiving)

    @property
    def events(self) -> int:
        """What its socket is watched for."""
        reads = selectors.EVENT_READ if self.receiving else 0
        return reads | (selectors.EVENT_WRITE if self.sending else 0)

    def send(self, kind: bytes, number: int, parts: list[memoryview]) -> None:
        """Let this be the message that is sent."""
        n = sum(part.nbytes for part in parts)
        header = _HEADER.pack(kind, number, n)
        if n <= ONE_PACKET:
            self.sending = [memoryview(b"".join([header, *parts]))]
        else:
            self.sending = [memoryview(header), *(part for part in parts if part.nbytes)]

    def expect(self, kind: bytes, number: int, parts: list[memoryview] | None) -> None:
        """Let this be what is received."""
        self._wanted, self._parts = (kind, number), parts
        self._header = bytearray(_HEADER.size)
        self.receiving = [memoryview(self._header)]

    def write(self) -> None:
        """Send what the socket takes now."""
        part = self.sending[0]
        n = self.socket.send(part)
        if n < part.nbytes:
            self.sending[0] = part[n:]
        else:
            del self.sending[0]

    def read(self) -> None:
        """Receive what is there."""
        part = self.receiving[0]
        n = self.socket.recv_into(part)
        if not n:
            raise ConnectionError("the connection is closed")
        if n < part.nbytes:
            self.receiving[0] = part[n:]
            return
        del self.receiving[0]
        if self._header is not None:
            header, self._header = self._header, None
            self._begin(*_HEADER.unpack(header))
        if not self.receiving and self._reason is not None:
            raise CollectiveError(self._reason.decode(errors="replace"))

    def _begin(self, kind: bytes, number: int, n: int) -> None:
        """A message of this header comes."""
        if kind == ABORT:
            self._reason = bytearray(min(n, LONGEST_REASON))
            self.receiving = [memoryview(self._reason)]
            return
        known = n if self._parts is None else sum(part.nbytes for part in self._parts)
        if (kind, number, n) != (*self._wanted, known):
            raise CollectiveError(
                f"{self.name} is at another step of the fit (message {number} of kind {kind!r} "
                f"and {n} bytes, wanted {self._wanted[1]}, {self._wanted[0]!r} and {known}): all "
                "must run the same versions of all libraries."
            )
        if self._parts is None:
            self.found = bytearray(n)
            self._parts = [memoryview(self.found)]
        self.receiving = [part for part in self._parts if part.nbytes]


class Exchange:
    """Sends and receives.

    Parameters
    ----------
    peers : sequence of Peer
    timeout : float
        Seconds of silence of one of them that end it.
    """

    def __init__(self, peers: Sequence[Peer], timeout: float) -> None:
        self._peers = {peer.rank: peer for peer in peers}
        self._timeout, self._number = timeout, 0
        self._selector = selectors.DefaultSelector()
        #: Why it is to end, set by another thread.
        self.stopped = ""

    def arrays(self, sent: dict[int, list[np.ndarray]], taken: dict[int, list[np.ndarray]]) -> None:
        """Fill the arrays ``taken`` by what those ranks send; all are contiguous."""
        self._number += 1
        for r, arrays in sent.items():
            self._peers[r].send(ARRAYS, self._number, [_bytes_of(array) for array in arrays])
        for r, arrays in taken.items():
            self._peers[r].expect(ARRAYS, self._number, [_bytes_of(array) for array in arrays])
        self._until_done()

    def objects(self, sent: dict[int, bytes], of: Sequence[int]) -> dict[int, bytes]:
        """What these ranks send."""
        self._number += 1
        for r, text in sent.items():
            self._peers[r].send(OBJECT, self._number, [memoryview(text)])
        for r in of:
            self._peers[r].expect(OBJECT, self._number, None)
        self._until_done()
        return {r: bytes(self._peers[r].found) for r in of}

    def tell(self, text: str) -> None:
        """A last word, why it ends, to all who will hear it."""
        said = text.encode()[:LONGEST_REASON]
        message = _HEADER.pack(ABORT, self._number, len(said)) + said
        deadline = time.monotonic() + LAST_WORD
        for peer in self._peers.values():
            with contextlib.suppress(OSError):
                # Within another message it would not be understood.
                for part in (*peer.sending, memoryview(message)):
                    peer.socket.settimeout(max(0.01, deadline - time.monotonic()))
                    peer.socket.sendall(part)
                peer.socket.shutdown(socket.SHUT_WR)
        # To close while there is something to be read takes back what was said.
        for peer in self._peers.values():
            with contextlib.suppress(OSError):
                while (left := deadline - time.monotonic()) > 0:
                    peer.socket.settimeout(left)
                    if not peer.socket.recv(2**16):
                        break

    def close(self) -> None:
        """Close all connections."""
        for peer in self._peers.values():
            with contextlib.suppress(OSError):
                peer.socket.close()
        self._selector.close()

    def _until_done(self) -> None:
        busy = [peer for peer in self._peers.values() if peer.busy]
        now = time.monotonic()
        for peer in busy:
            peer.heard = now
            self._selector.register(peer.socket, peer.events, peer)
        try:
            while busy:
                self._step(busy)
                busy = [peer for peer in busy if peer.busy]
        finally:
            for key in list(self._selector.get_map().values()):
                self._selector.unregister(key.fileobj)

    def _step(self, busy: Sequence[Peer]) -> None:
        silent = min(busy, key=lambda peer: peer.heard)
        left = silent.heard + self._timeout - time.monotonic()
        ready = self._selector.select(max(0.0, min(left, LOOK)))
        if self.stopped:
            raise CollectiveError(self.stopped)
        if left <= 0 and silent not in [key.data for key, _ in ready]:
            raise CollectiveError(
                f"{silent.name} has not been heard of for timeout={self._timeout:g} seconds: it "
                "hangs, or the network is cut."
            )
        for key, events in ready:
            peer: Peer = key.data
            peer.heard = time.monotonic()
            try:
                if events & selectors.EVENT_READ:
                    peer.read()
                if events & selectors.EVENT_WRITE:
                    peer.write()
            except BlockingIOError:
                continue
            except OSError as error:
                raise CollectiveError(
                    f"{peer.name} is gone ({type(error).__name__}: {error})."
                ) from None
            if not peer.events:
                self._selector.unregister(peer.socket)
            elif peer.events != key.events:
                self._selector.modify(peer.socket, peer.events, peer)


def _bytes_of(array: np.ndarray) -> memoryview:
    # An empty one has no bytes to be cast.
    return array.data.cast("B") if array.size else memoryview(b"")
