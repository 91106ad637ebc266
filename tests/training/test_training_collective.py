"""Ranks that add up arrays: in threads and over sockets, and what happens where one fails."""

import contextlib
import os
import socket
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

from on_ranks import call_on_ranks
from sknumpynet.rows import RowsOfRank
from sknumpynet.training import CollectiveError, OverSockets, listen, sockets

TOKEN = b"a token of a run"


def over_sockets(call, size, timeout=20.0, token=TOKEN):
    """As ``call_on_ranks``, in threads that know each other by sockets alone."""
    listeners = [listen() for _ in range(size)]
    addresses = [one.getsockname()[:2] for one in listeners]
    found = [None] * size

    def run(rank):
        try:
            ranks = OverSockets(rank, addresses, listeners[rank], token, timeout)
            try:
                found[rank] = call(ranks)
            except Exception as error:
                ranks.abort(str(error))
                raise
            ranks.close()
        except Exception as error:
            found[rank] = error

    threads = [threading.Thread(target=run, args=(rank,)) for rank in range(size)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


WAYS = [call_on_ranks, over_sockets]


@pytest.mark.parametrize("way", WAYS)
def test_figures_of_rows_are_summed_however_they_lie_in_memory(way):
    figures = np.arange(6.0).reshape(2, 3)

    def call(ranks):
        rows = RowsOfRank(np.arange(3), None, ranks)
        return rows.summed(np.asfortranarray(figures), figures[:, ::2])

    for in_columns, every_second in way(call, 2):
        np.testing.assert_array_equal(in_columns, 2 * figures)
        np.testing.assert_array_equal(every_second, 2 * figures[:, ::2])


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("size", [1, 2, 3, 5])
# Small arrays are sent to all, large ones in parts.
@pytest.mark.parametrize("n", [0, 1, 7, 40_003])
def test_sums_are_in_the_order_of_the_ranks_and_the_same_everywhere(way, size, n):
    rng = np.random.default_rng(0)
    # Numbers of all sizes, whose sum depends on the order.
    large = rng.normal(size=(size, n)) * 10.0 ** rng.integers(-8, 8, size=(size, n))
    small = rng.normal(size=(size, 2)).astype(np.float32)

    def call(ranks):
        a, b = large[ranks.rank].copy(), small[ranks.rank].copy()
        ranks.sum(a, b)
        ranks.sum(b)
        return a, b

    wanted, few = large[0].copy(), small[0].copy()
    for rank in range(1, size):
        wanted += large[rank]
        few += small[rank]
    found = few.copy()
    for _ in range(1, size):
        found += few
    for a, b in way(call, size):
        np.testing.assert_array_equal(a, wanted)
        np.testing.assert_array_equal(b, found)
        assert b.dtype == np.float32


@pytest.mark.parametrize("way", WAYS)
def test_each_rank_has_its_own_copy_of_what_is_gathered(way):
    def call(ranks):
        mine = {"rank": ranks.rank, "array": np.full(3, float(ranks.rank))}
        found = ranks.gather(mine)
        first = ranks.broadcast(("first", ranks.rank))
        found[0]["array"] += 1.0 + ranks.rank
        ranks.sum(np.zeros(1))
        return [one["rank"] for one in found], found[0]["array"].tolist(), first

    for rank, (order, array, first) in enumerate(way(call, 3)):
        assert order == [0, 1, 2]
        assert array == [1.0 + rank] * 3
        assert first == ("first", 0)


@pytest.mark.parametrize("way", WAYS)
def test_a_rank_that_fails_ends_all_with_its_reason(way):
    def call(ranks):
        ranks.sum(np.ones(10))
        if ranks.rank == 1:
            ranks.abort("its disk is full")
            raise ValueError("its disk is full")
        ranks.sum(np.ones(10))
        ranks.sum(np.ones(10))

    found = way(call, 3)
    assert isinstance(found[1], ValueError)
    for rank in (0, 2):
        assert isinstance(found[rank], CollectiveError)
        assert "1" in str(found[rank])
        assert "its disk is full" in str(found[rank])


@pytest.mark.slow
@pytest.mark.parametrize("way", WAYS)
def test_a_rank_that_is_silent_ends_all(way):
    done = threading.Event()

    def call(ranks):
        ranks.sum(np.ones(10))
        if ranks.rank == 2:
            done.wait(20)
            return
        try:
            ranks.sum(np.ones(100_000))
        finally:
            if ranks.rank == 0:
                time.sleep(0.1)
                done.set()

    begin = time.monotonic()
    found = way(call, 3, timeout=1.0)
    assert time.monotonic() - begin < 15
    for rank in (0, 1):
        assert isinstance(found[rank], CollectiveError)
        assert "heard of for" in str(found[rank])
        assert "ank 2" in str(found[rank])


def test_ranks_that_make_other_calls_are_told_so():
    def call(ranks):
        if ranks.rank == 1:
            ranks.gather(3)
        else:
            ranks.sum(np.ones(3))

    found = over_sockets(call, 2, timeout=5.0)
    assert all("another step of the fit" in str(one) for one in found)


@pytest.mark.slow
def test_who_does_not_know_the_token_is_closed_and_nothing_of_it_is_read():
    listeners = [listen() for _ in range(2)]
    addresses = [one.getsockname()[:2] for one in listeners]
    # They come first, and one of them says nothing.
    strangers = [socket.create_connection(addresses[0]) for _ in range(3)]
    strangers[1].sendall(b"sknumpy1" + (1).to_bytes(4, "little") + b"n" * 32 + b"p" * 32)
    strangers[2].sendall(b"GET / HTTP/1.1\r\n" + b"x" * 60)
    other = [listen() for _ in range(1)]
    found = [None] * 3

    def run(place, rank, listener, token, timeout):
        try:
            ranks = OverSockets(rank, addresses, listener, token, timeout)
        except CollectiveError as error:
            found[place] = error
            return
        total = np.array([1.0 + rank])
        ranks.sum(total)
        found[place] = total[0]
        ranks.close()

    jobs = [
        (2, 1, other[0], b"the token of another run", 2.0),
        (0, 0, listeners[0], TOKEN, 20.0),
        (1, 1, listeners[1], TOKEN, 20.0),
    ]
    threads = [threading.Thread(target=run, args=job) for job in jobs]
    threads[0].start()
    threads[1].start()
    threads[0].join()
    threads[2].start()
    for thread in threads[1:]:
        thread.join()
    assert found[:2] == [3.0, 3.0]
    assert "No connection to rank 0 at 127.0.0.1" in str(found[2])
    for stranger in strangers[1:]:
        stranger.settimeout(10)
        # At most what it takes to prove that one knows the token oneself, then the end.
        said = b""
        with contextlib.suppress(ConnectionResetError):
            while part := stranger.recv(100):
                said += part
        assert len(said) in (0, 64)
    for stranger in strangers:
        stranger.close()


def test_a_rank_that_never_comes_is_named():
    listeners = [listen() for _ in range(2)]
    addresses = [one.getsockname()[:2] for one in listeners]
    for rank in (0, 1):
        with pytest.raises(CollectiveError, match=rf"No connection to rank {1 - rank} at here"):
            OverSockets(rank, addresses, listeners[rank], TOKEN, 0.3, ["here", "here"])
    # They are closed.
    assert [one.fileno() for one in listeners] == [-1, -1]


@pytest.mark.parametrize("rank", [0, 1])
def test_a_listener_that_is_closed_ends_the_wait_for_others(rank):
    listeners = [listen() for _ in range(2)]
    addresses = [one.getsockname()[:2] for one in listeners]
    # Nobody answers at the other address.
    listeners[1 - rank].close()
    closing = threading.Timer(0.1, listeners[rank].close)
    closing.start()
    with pytest.raises(CollectiveError, match="stopped before all ranks were connected"):
        OverSockets(rank, addresses, listeners[rank], TOKEN, 30.0)
    closing.join()


def test_who_shows_the_token_byte_by_byte_is_closed_in_time(monkeypatch):
    monkeypatch.setattr(sockets, "HANDSHAKE", 0.05)
    listeners = [listen() for _ in range(2)]
    addresses = [one.getsockname()[:2] for one in listeners]
    found = []

    def meet():
        try:
            OverSockets(0, addresses, listeners[0], TOKEN, 30.0)
        except CollectiveError as error:
            found.append(error)

    waits = threading.Thread(target=meet)
    with socket.create_connection(addresses[0]) as stranger:
        waits.start()
        with contextlib.suppress(OSError):
            for byte in b"sknumpy1" + (1).to_bytes(4, "little") + b"n" * 32:
                stranger.sendall(bytes([byte]))
                time.sleep(0.01)
        stranger.settimeout(10)
        said = b""
        with contextlib.suppress(ConnectionResetError):
            said = stranger.recv(100)
    listeners[0].close()
    waits.join()
    listeners[1].close()
    assert said == b""
    assert len(found) == 1


def test_a_short_token_is_refused():
    with listen() as one, pytest.raises(ValueError, match="at least 16 bytes. Got 3"):
        OverSockets(0, [("127.0.0.1", 1)], one, b"abc")


PROGRAM = """
import sys, time, signal, os
import numpy as np
from sknumpynet.training import OverSockets, listen
listener = listen()
print(*listener.getsockname()[:2], flush=True)
addresses = [(host, int(port)) for host, port in map(str.split, sys.stdin.readline().split(";"))]
rank = int(sys.argv[1])
ranks = OverSockets(rank, addresses, listener, b"0123456789abcdef", 2.0)
n = 0
try:
    while True:
        ranks.sum(np.ones(50_000))
        n += 1
        if n == 3:
            print("going", flush=True)
except Exception as error:
    print(type(error).__name__, error, flush=True)
"""


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="needs signals")
@pytest.mark.parametrize(("name", "text"), [("SIGKILL", "gone"), ("SIGSTOP", "has not been heard")])
def test_a_process_that_dies_or_hangs_ends_the_others(name, text):
    import signal

    programs = [
        subprocess.Popen(
            [sys.executable, "-c", PROGRAM, str(rank)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        for rank in range(3)
    ]  # fmt: skip
    try:
        addresses = [program.stdout.readline().strip() for program in programs]
        for program in programs:
            program.stdin.write(";".join(addresses) + "\n")
            program.stdin.flush()
        assert [program.stdout.readline() for program in programs] == ["going\n"] * 3
        programs[1].send_signal(getattr(signal, name))
        for rank in (0, 2):
            said = programs[rank].stdout.readline()
            assert said.startswith("CollectiveError ")
            assert "rank 1 at" in said or "rank 0 at" in said or "rank 2 at" in said
            assert addresses[1].replace(" ", ":") in said
            assert text in said or "failed" in said
    finally:
        for program in programs:
            program.kill()
            program.communicate()
