"""Many machines
=============

One model of the rows of a Dask cluster, here of two processes on this machine.

The table is made where it is needed: no process has all of it. The same options are fitted on one
worker and on two, and by the ordinary estimator on the same rows; with L-BFGS all three find the
same model. One figure: losses by epoch, and how far the models are apart.
"""

# sphinx_gallery_thumbnail_path = "../examples/images/many_machines.png"

from __future__ import annotations

import argparse
import time
import warnings
from pathlib import Path
from typing import Any

import dask.array as da
import matplotlib.pyplot as plt
import numpy as np
from distributed import Client, LocalCluster
from sklearn.exceptions import ConvergenceWarning

from sknumpynet import NumpyMLPRegressor
from sknumpynet.dask import DaskNumpyMLPRegressor


def table(n_rows: int, n_parts: int, seed: int = 0) -> tuple[da.Array, da.Array]:
    """``10 sin(pi a b) + 20 (c - 1/2)^2 + 10 d + 5 e`` and noise, in so many partitions."""
    rng = da.random.default_rng(seed)
    chunks = -(-n_rows // n_parts)
    X = rng.uniform(size=(n_rows, 10), chunks=(chunks, 10))
    noise = rng.normal(size=n_rows, chunks=chunks)
    a, b, c, d, e = (X[:, j] for j in range(5))
    return X, 10 * da.sin(np.pi * a * b) + 20 * (c - 0.5) ** 2 + 10 * d + 5 * e + noise


def fitted(client: Client, n_workers: int, X: Any, y: Any, **options: Any) -> tuple[Any, float]:
    """The model of so many workers, and the seconds that it took."""
    workers = sorted(client.nthreads())[:n_workers]
    X, y = client.persist([X, y], workers=workers)
    begin = time.perf_counter()
    model = DaskNumpyMLPRegressor(client=client, random_state=0, **options).fit(X, y)
    return model, time.perf_counter() - begin


def report(args: argparse.Namespace, client: Client) -> tuple[dict[str, Any], list[float]]:
    """Prints what is measured; histories by name, and the differences to the ordinary estimator."""
    X, y = table(args.rows, 8)
    rows, targets = X.compute(), y.compute()
    test_rows, test_targets = (one.compute() for one in table(5000, 1, seed=1))
    curves: dict[str, Any] = {}
    print(f"{args.rows} rows x 10 columns in 8 partitions")
    for n in (1, 2):
        model, seconds = fitted(
            client, n, X, y, hidden_layer_sizes=(64, 64), max_iter=args.max_iter
        )
        name = f"{n} worker{'s' if n > 1 else ''}"
        curves[name] = model.history_
        print(
            f"{name:<10} {seconds:6.2f} s  R2 of other rows "
            f"{model.to_local().score(test_rows, test_targets):.3f}"
        )
    exact = {
        "hidden_layer_sizes": (16,), "solver": "lbfgs", "dtype": "float64", "max_iter": 15,
        "alpha": 1.0,
    }  # fmt: skip
    local = NumpyMLPRegressor(random_state=0, **exact).fit(rows, targets)
    apart = []
    for n in (1, 2):
        model, _ = fitted(client, n, X, y, **exact)
        # Lazy, in the partitions of X, until it is computed.
        predicted = model.predict(X).compute()
        apart.append(float(np.abs(predicted - local.predict(rows)).max()))
    print(f"L-BFGS on 1 and 2 workers, from the ordinary estimator: {apart[0]:.1e}, {apart[1]:.1e}")
    return curves, apart


def draw(curves: dict[str, Any], apart: list[float], output: Path) -> None:
    """The figure."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.5), constrained_layout=True)
    for name, history in curves.items():
        left.plot(history["epoch"], history["validation_loss"], label=name)
    left.set(xlabel="epoch", ylabel="validation loss", yscale="log", title="adamw")
    left.legend()
    right.bar(["1 worker", "2 workers"], np.maximum(apart, 1e-17))
    right.set(yscale="log", ylabel="largest difference", title="L-BFGS, from one process")
    figure.savefig(output, dpi=120)
    plt.close(figure)


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--max-iter", type=int, default=20)
    parser.add_argument("--output", type=Path, default=Path(__file__).with_suffix(".png"))
    args = parser.parse_args(argv)
    # A cluster of many machines has an address: Client("tcp://scheduler:8786").
    with (
        warnings.catch_warnings(),
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0") as cluster,
        Client(cluster) as client,
    ):
        # Few epochs.
        warnings.simplefilter("ignore", ConvergenceWarning)
        draw(*report(args, client), args.output)
    print(f"Figure: {args.output}")


if __name__ == "__main__":
    main()
