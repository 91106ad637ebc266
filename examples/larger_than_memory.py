"""Larger than memory
=====================

More rows than memory holds: a lazy frame that is fitted, and a stream that says when to stop.

The same Parquet file is used twice. ``fit`` takes it as a lazy frame: it is run once, batch by
batch, into a file that no folder shows, and trained from there as an array in memory is. A stream
reads the file anew in every pass, and never stores it: ``partial_fit`` with ``early_stopping=True``
holds rows out by their content, so that each pass holds out the same ones, and says by
``converged_`` when they gain nothing any more. The first is simpler and needs disk, the second is
for rows that come from elsewhere, or do not end.

``python examples/larger_than_memory.py`` takes about ten seconds for 200,000 rows; with
``--rows 10_000_000`` it is a matter of minutes, and still of less than a gigabyte of memory. The
figure shows the loss of the rows held out, over the seconds of either way.
"""

# sphinx_gallery_thumbnail_path = "../examples/images/larger_than_memory.png"

from __future__ import annotations

import argparse
import sys
import tempfile
import time
import warnings
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import polars as pl
from sklearn.exceptions import ConvergenceWarning

from sknumpynet import NumpyMLPRegressor

PART = 50_000
CITIES = np.array(["Aarhus", "Bern", "Cork", "Delft"])


def some_rows(n_rows: int, seed: int) -> pl.DataFrame:
    """Rides: what they cost depends on the way, the hour, the city, and chance."""
    rng = np.random.default_rng(seed)
    km, hour = rng.gamma(2.0, 4.0, n_rows), rng.integers(0, 24, n_rows)
    city, noise = rng.integers(0, 4, n_rows), rng.standard_normal(n_rows)
    rush = np.exp(-((hour - 17.0) ** 2) / 8.0)
    price = 3.0 + km * (1.0 + 0.2 * city) * (1.0 + 0.5 * rush) + noise
    columns = {"km": km, "hour": hour, "city": CITIES[city], "price": price}
    return pl.DataFrame(columns).with_columns(pl.col("km", "price").cast(pl.Float32))


def write_parts(folder: Path, n_rows: int) -> None:
    """Parquet files of some rows each: no more are ever in memory."""
    for number, start in enumerate(range(0, n_rows, PART)):
        part = some_rows(min(PART, n_rows - start), seed=number)
        part.write_parquet(folder / f"{number:05d}.parquet")


def fitted(folder: Path, epochs: int) -> NumpyMLPRegressor:
    """By way of a lazy frame."""
    model = NumpyMLPRegressor((64,), max_iter=epochs, batch_size=1000, random_state=0)
    return model.fit(pl.scan_parquet(folder / "*.parquet"), "price")


def streamed(folder: Path, passes: int) -> NumpyMLPRegressor:
    """A part after the other, as often as there is something to gain, ``passes`` at most."""
    model = NumpyMLPRegressor(
        (64,), batch_size=1000, random_state=0, early_stopping=True, n_iter_no_change=8, tol=1e-3
    )
    for _ in range(passes):
        for path in sorted(folder.glob("*.parquet")):
            part = pl.read_parquet(path)
            model.partial_fit(part.drop("price"), part["price"])
            if model.converged_:
                return model
    return model


def own_memory() -> str:
    """The most memory that this process has had, of which pages of files can be given back."""
    if sys.platform == "win32":
        return "unknown"
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return f"{peak * (1 if sys.platform == 'darwin' else 1024) / 2**20:.0f} MB"


def main(arguments: list[str] | None = None) -> None:
    """Write the rows, train in both ways, and score both on rows that neither has seen."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--epochs", type=int, default=10, help="at most so many passes")
    parser.add_argument("--output", type=Path, default=Path(__file__).with_suffix(".png"))
    options = parser.parse_args(arguments)
    figure, ax = plt.subplots(figsize=(6, 4), layout="constrained")
    warnings.simplefilter("ignore", ConvergenceWarning)
    test = some_rows(20_000, seed=10**6)
    X, y = test.drop("price"), test["price"]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_parts(folder, options.rows)
        print(f"{options.rows:,} rows. The noise of the prices leaves R2 {r2_at_best():.3f}.")
        for way in (fitted, streamed):
            begin = time.perf_counter()
            model = way(folder, options.epochs)
            seconds, calls = time.perf_counter() - begin, len(model.history_["epoch"])
            ax.plot(
                np.cumsum(model.history_["seconds"]), model.history_["validation_loss"],
                "o-", markersize=3, label=f"{way.__name__}: {seconds:.0f} s with reading",
            )  # fmt: skip
            end = "gained nothing any more" if model.converged_ else "reached its limit"
            print(
                f"{way.__name__:>9}: R2 {model.score(X, y):.3f}, {seconds:.1f} s, "
                f"{calls} {'epochs' if way is fitted else 'parts'}, {end}"
            )
        predictions = model.predict(pl.scan_parquet(folder / "*.parquet").drop("price"))
    print(f"Predicted {len(predictions):,} rows of the lazy frame. At most {own_memory()}.")
    ax.set(xlabel="seconds of training", ylabel="loss of the rows held out", yscale="log")
    ax.legend()
    figure.savefig(options.output, dpi=150)
    print(f"figure: {options.output}")


def r2_at_best() -> float:
    """Of the prices without their noise, whose variance is 1."""
    return 1.0 - 1.0 / float(some_rows(20_000, seed=10**6)["price"].to_numpy().var())


if __name__ == "__main__":
    main()
