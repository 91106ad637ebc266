"""Ranks in threads of one process, for tests."""

import threading

import numpy as np

from sknumpynet.telling import collected
from sknumpynet.training import Meeting


def call_on_ranks(call, size, timeout=60.0):
    """``call(ranks)`` on each rank; what it gave, or the error that it raised."""
    found = [None] * size

    def run(ranks):
        with collected():
            try:
                found[ranks.rank] = call(ranks)
            except Exception as error:
                found[ranks.rank] = error

    threads = [
        threading.Thread(target=run, args=(ranks,)) for ranks in Meeting(size, timeout).ranks()
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def parts_of(n_rows, size, rng=None):
    """Row numbers of each rank: in order, or dealt out at random."""
    rows = np.arange(n_rows) if rng is None else rng.permutation(n_rows)
    return np.array_split(rows, size)
