"""Ranks that fit one model: what a sum costs, when another machine pays, and fewer sums.

1. Milliseconds of a sum over 2 and more processes on loopback, by the number of parameters.
2. On paper, from these and from the time of a row: rows per worker and step from which half of the
   time is spent on rows, up to 1,000 workers, and the time of an epoch of 10 billion rows.
3. The way out where sums are too slow: each rank makes several steps of its own, then all take the
   mean of their weights. Simulated with 2 to 16 ranks in one process: the loss on other rows.

``python examples/benchmarks/ranks.py`` takes some minutes (``--quick`` less than one) and
writes a CSV file beside this file.
"""

from __future__ import annotations

import argparse
import csv
import math
import multiprocessing
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.datasets import make_friedman1

from sknumpynet.losses import SquaredError
from sknumpynet.network import Architecture, Network, build_layers
from sknumpynet.optimizers import Adam
from sknumpynet.training import Batch, Objective, OverSockets, listen

#: A network of 10 columns, and its operations for a row: 2 for each weight, forward and twice back.
WIDTHS = {"64-64": (64, 64), "256-128": (256, 128), "512-512": (512, 512), "1024-1024": (1024,) * 2}

#: Bytes a second of a network of 10 Gbit/s, and seconds for a message there and back.
BANDWIDTH, LATENCY = 1.25e9, 1e-4


# 1. Sums.


def _sum_in_a_process(rank: int, pipe: Any, sizes: list[int], repeats: int) -> None:
    listener = listen()
    pipe.send(listener.getsockname()[:2])
    ranks = OverSockets(rank, pipe.recv(), listener, b"of a benchmark...", 60.0)
    found = []
    for size in sizes:
        array, times = np.zeros(size, dtype=np.float32), []
        for _ in range(repeats):
            begin = time.perf_counter()
            ranks.sum(np.zeros(2), array)
            times.append(time.perf_counter() - begin)
        found.append(min(times))
    pipe.send(found)
    ranks.close()


def seconds_of_a_sum(n_ranks: int, sizes: list[int], repeats: int) -> list[float]:
    """The fastest of the repeats, of rank 0."""
    context = multiprocessing.get_context("spawn")
    pipes, processes = [], []
    for rank in range(n_ranks):
        mine, theirs = context.Pipe()
        process = context.Process(target=_sum_in_a_process, args=(rank, theirs, sizes, repeats))
        process.start()
        # So that the end of a process is the end of its pipe.
        theirs.close()
        pipes.append(mine)
        processes.append(process)
    addresses = [pipe.recv() for pipe in pipes]
    for pipe in pipes:
        pipe.send(addresses)
    found, *_ = [pipe.recv() for pipe in pipes]
    for process in processes:
        process.join()
    return found


# 2. Rows.


def network_of(widths: tuple[int, ...], seed: int = 0) -> Network:
    layers = build_layers(Architecture(10, widths, ["relu"] * len(widths), 1))
    return Network.initialized(layers, "float32", np.random.default_rng(seed))


def seconds_of_a_row(network: Network, n_rows: int = 500, repeats: int = 20) -> float:
    """Of a step, by the processor."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(n_rows, 10)).astype(np.float32)
    batch = Batch(x, rng.normal(size=(n_rows, 1)).astype(np.float32))
    objective, times = Objective(network, SquaredError(), 0.0, n_rows), []
    for _ in range(repeats):
        begin = time.process_time()
        objective(network.theta, batch)
        times.append(time.process_time() - begin)
    return min(times) / n_rows


def seconds_on_paper(n_ranks: int, n_numbers: int, message: float) -> float:
    """A sum over machines: two ways, on each a message to every other rank, 1 / n of the numbers.

    ``message`` are the seconds that one takes of the processor, from the measurement on loopback.
    """
    if n_ranks == 1:
        return 0.0
    sent = 2 * (n_ranks - 1) / n_ranks * 4 * n_numbers
    return 2 * LATENCY + 2 * (n_ranks - 1) * message + sent / BANDWIDTH


# 3. Fewer sums.


def loss_with_steps_of_its_own(
    n_ranks: int, every: int, batch: int, epochs: int, n_rows: int, seed: int
) -> float:
    """Mean squared error above the noise, where weights are averaged every so many steps.

    ``every=1`` sums gradients. Each rank has its share of the rows; an epoch shows all of them.
    """
    X, y = make_friedman1(n_rows + 5000, noise=1.0, random_state=seed)
    mean, spread = y[:n_rows].mean(), y[:n_rows].std()
    X, y = ((X - 0.5) / 0.29).astype(np.float32), ((y - mean) / spread).astype(np.float32)
    network = network_of((64, 64), seed)
    theta = network.theta
    objective = Objective(network, SquaredError(), 0.0, max(batch, 5000))
    own = [theta.copy() for _ in range(n_ranks)]
    n_optimizers = 1 if every == 1 else n_ranks
    optimizers = [Adam(0.002) for _ in range(n_optimizers)]
    parts = np.array_split(np.random.default_rng(seed).permutation(n_rows), n_ranks)
    n_steps = epochs * math.ceil(len(parts[0]) / batch)
    streams = [_batches(X, y, part, batch, rank) for rank, part in enumerate(parts)]
    for step in range(n_steps):
        rate = 0.002 * 0.5 * (1 + math.cos(math.pi * step / n_steps))
        if every == 1:
            total = np.zeros_like(theta)
            for stream in streams:
                total += objective(theta, next(stream))[1]
            optimizers[0].learning_rate = rate
            optimizers[0].step(theta, total / np.float32(n_ranks))
            continue
        for rank, stream in enumerate(streams):
            theta[:] = own[rank]
            optimizers[rank].learning_rate = rate
            optimizers[rank].step(theta, objective(theta, next(stream))[1].copy())
            own[rank][:] = theta
        if (step + 1) % every == 0 or step + 1 == n_steps:
            together = np.mean(own, axis=0)
            for one in own:
                one[:] = together
            theta[:] = together
    test = Batch(X[n_rows:], y[n_rows:, np.newaxis])
    return 2.0 * objective.value(test) * float(spread) ** 2 - 1.0


def _batches(
    X: np.ndarray, y: np.ndarray, part: np.ndarray, batch: int, seed: int
) -> Iterator[Batch]:
    rng = np.random.default_rng(seed)
    while True:
        order = rng.permutation(part)
        for start in range(0, len(order), batch):
            rows = order[start : start + batch]
            yield Batch(X[rows], y[rows, np.newaxis])


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="small sizes")
    parser.add_argument("--output", type=Path, default=Path(__file__).with_suffix(".csv"))
    args = parser.parse_args(argv)
    rows: list[tuple[Any, ...]] = []
    names = list(WIDTHS)[: 2 if args.quick else None]
    networks = {name: network_of(WIDTHS[name]) for name in names}
    sizes = [100, *(network.theta.size for network in networks.values())]
    print("milliseconds of a sum on loopback, by numbers in float32")
    message = 0.0
    for n in (2,) if args.quick else (2, 4, 8):
        found = seconds_of_a_sum(n, sizes, 20 if args.quick else 200)
        rows += [("sum", n, size, seconds) for size, seconds in zip(sizes, found, strict=True)]
        print(f"  {n} ranks ", *(f"{s}: {1e3 * t:.2f}" for s, t in zip(sizes, found, strict=True)))
        # A small array goes to all others at once.
        message = found[0] / (2 * (n - 1))
    print("rows of a worker and a step, of which half of the time is spent on rows")
    for name, network in networks.items():
        of_row = seconds_of_a_row(network)
        print(f"  {name}: {network.theta.size} parameters, {1e6 * of_row:.1f} us a row")
        for n in (2, 10, 100, 1000):
            seconds = seconds_on_paper(n, network.theta.size, message)
            half = seconds / of_row
            epoch = 2 * of_row * 1e10 / n
            rows.append(("paper", n, network.theta.size, seconds, half, epoch))
            print(
                f"    {n:>5} workers: a sum takes {1e3 * seconds:7.2f} ms, as {half:8.0f} rows; "
                f"10 billion rows with batches of {half * n:.3g}: {epoch / 60:8.1f} minutes"
            )
    print("error above the noise (mean of 3), weights averaged every so many steps of 32 rows")
    options = (16, 4, 4000, 1) if args.quick else (32, 15, 16_000, 3)
    batch, epochs, n_rows, n_seeds = options
    for n in (2, 4) if args.quick else (1, 2, 4, 8, 16):
        line = []
        for every in (1, 4, 16, 64) if n > 1 else (1,):
            losses = [
                loss_with_steps_of_its_own(n, every, batch, epochs, n_rows, seed)
                for seed in range(n_seeds)
            ]
            rows.append(("own steps", n, every, float(np.mean(losses))))
            line.append(f"every {every}: {np.mean(losses):.3f}")
        print(f"  {n:>2} ranks  ", "  ".join(line))
    with args.output.open("w", newline="") as file:
        csv.writer(file).writerows(rows)
    print(f"Figures: {args.output}")


if __name__ == "__main__":
    main()
