"""What a fit costs beside other busy processes: ours, scikit-learn's, LightGBM's, PyTorch's.

Each library fits the same 20,000 x 50 table as its defaults have it (PyTorch: the same network by
hand), while none, one and two other processes compute without end. Ours is also fitted with
``n_threads=1``, by which the others may be judged: sharing should never cost more than it.

``python examples/benchmarks/busy.py`` takes some minutes (``--quick`` less than one); every fit is
a process of its own, cut short after ``--patience`` seconds. Results go to a CSV file and a plot
beside this file.
"""

from __future__ import annotations

import argparse
import importlib.util
import multiprocessing
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from speed import write_csv

WIDTHS, EPOCHS, BATCH = (256, 256), 3, 200


def sknumpynet(**options: Any) -> Any:
    from sknumpynet import NumpyMLPClassifier

    return NumpyMLPClassifier(
        WIDTHS, batch_size=BATCH, max_iter=EPOCHS, early_stopping=False, random_state=0, **options
    )


def tabular(**options: Any) -> Any:
    from sknumpynet import TabularMLPClassifier

    return TabularMLPClassifier(max_iter=1, n_bags=1, random_state=0, **options)


def scikit_learn() -> Any:
    from sklearn.neural_network import MLPClassifier

    return MLPClassifier(WIDTHS, batch_size=BATCH, max_iter=EPOCHS, random_state=0)


def lightgbm() -> Any:
    from lightgbm import LGBMClassifier

    return LGBMClassifier(verbose=-1)


class Torch:
    """The same network, batches and epochs in eager PyTorch."""

    def fit(self, X: np.ndarray, y: np.ndarray) -> None:
        import torch
        from torch import nn

        sizes = (X.shape[1], *WIDTHS, int(y.max()) + 1)
        layers = [
            layer
            for n_in, n_out in zip(sizes[:-1], sizes[1:], strict=True)
            for layer in (nn.Linear(n_in, n_out), nn.ReLU())
        ]
        net, rows, labels = nn.Sequential(*layers[:-1]), torch.from_numpy(X), torch.from_numpy(y)
        optimizer = torch.optim.Adam(net.parameters())
        for _ in range(EPOCHS):
            for part in torch.randperm(len(X)).split(BATCH):
                optimizer.zero_grad()
                nn.functional.cross_entropy(net(rows[part]), labels[part]).backward()
                optimizer.step()


#: name -> (the package that it needs, what makes the estimator).
FITS: dict[str, tuple[str, Callable[[], Any]]] = {
    "sknumpynet": ("sknumpynet", sknumpynet),
    "the same, n_threads=1": ("sknumpynet", lambda: sknumpynet(n_threads=1)),
    "TabularMLP": ("sknumpynet", tabular),
    "the same, n_threads=1 ": ("sknumpynet", lambda: tabular(n_threads=1)),
    "scikit-learn": ("sklearn", scikit_learn),
    "LightGBM": ("lightgbm", lightgbm),
    "PyTorch": ("torch", Torch),
}


@contextmanager
def busy_processes(n: int) -> Iterator[None]:
    """So many other processes that compute until this is left."""
    others = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(n)]
    try:
        time.sleep(0.2)
        yield
    finally:
        for process in others:
            process.kill()
            process.wait()


def measure(name: str, n_rows: int, sender: Any) -> None:
    """In a process of its own: the seconds of the second of two fits."""
    warnings.simplefilter("ignore")
    rng = np.random.default_rng(0)
    X = rng.standard_normal((n_rows, 50), dtype=np.float32)
    y = np.abs(X[:, :3]).argmax(axis=1)
    make = FITS[name][1]
    # Libraries load and start their threads.
    make().fit(X[:500], y[:500])
    start = time.perf_counter()
    make().fit(X, y)
    sender.send(time.perf_counter() - start)


def seconds(name: str, n_rows: int, patience: float) -> float:
    """Of a fit; infinite if it takes longer than ``patience``."""
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=measure, args=(name, n_rows, sender), daemon=True)
    process.start()
    found = receiver.recv() if receiver.poll(patience) else np.inf
    process.kill()
    process.join()
    return found


def draw(table: dict[str, list[float]], path: Path) -> None:
    """Bars of seconds for each library, one for each number of busy processes."""
    import matplotlib.pyplot as plt

    figure, ax = plt.subplots(figsize=(9, 4.2), layout="constrained")
    places = np.arange(len(table))
    for i, label in enumerate(("alone", "one busy process", "two")):
        ax.bar(places + 0.27 * (i - 1), [row[i] for row in table.values()], 0.25, label=label)
    ax.set_xticks(places, [name.strip() for name in table], rotation=15)
    ax.set(yscale="log", ylabel="seconds of a fit")
    ax.grid(axis="y", alpha=0.3)
    ax.legend()
    figure.savefig(path, dpi=120)
    plt.close(figure)


def main(arguments: list[str] | None = None) -> None:
    """Measure, print the table, write the CSV and the plot."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="one round of 4,000 rows")
    parser.add_argument("--patience", type=float, default=90.0, help="seconds for a fit")
    parser.add_argument("--output", type=Path, default=Path(__file__).with_suffix(""))
    options = parser.parse_args(arguments)
    options.output.parent.mkdir(parents=True, exist_ok=True)
    n_rows, n_rounds = (4000, 1) if options.quick else (20_000, 3)
    names = [name for name, (package, _) in FITS.items() if importlib.util.find_spec(package)]
    table: dict[str, list[float]] = {name: [] for name in names}
    print(f"{'seconds of a fit':<26}{'alone':>10}{'one busy':>10}{'two':>10}")
    for n_busy in range(3):
        rounds: dict[str, list[float]] = {name: [] for name in names}
        for _ in range(n_rounds):
            for name in names:
                with busy_processes(n_busy):
                    rounds[name].append(seconds(name, n_rows, options.patience))
        for name in names:
            table[name].append(float(np.median(rounds[name])))
    for name, row in table.items():
        print(f"{name:<26}" + "".join(f"{s:>10.2f}" for s in row))
    header = ["fit", "alone s", "one busy s", "two busy s"]
    write_csv(options.output, header, [[name.strip(), *row] for name, row in table.items()])
    draw(table, Path(f"{options.output}.png"))


if __name__ == "__main__":
    main()
