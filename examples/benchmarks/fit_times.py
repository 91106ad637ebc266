"""How long a fit takes: processor seconds with default options, by rows and columns.

Friedman's first function with columns of noise behind its five. One BLAS thread each, so that the
figures hold on a busy machine, too. ``python examples/benchmarks/fit_times.py`` takes ten minutes
(``--quick``: seconds); results go to a CSV file and a chart beside this file.
"""

from __future__ import annotations

import argparse
import time
import warnings
from pathlib import Path
from typing import Any

from sklearn.datasets import make_friedman1
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.exceptions import ConvergenceWarning
from speed import write_csv
from threadpoolctl import threadpool_limits

from sknumpynet import NumpyMLPRegressor, TabularMLPRegressor

METHODS = {
    "NumpyMLP": lambda: NumpyMLPRegressor(random_state=0, n_threads=1),
    "TabularMLP": lambda: TabularMLPRegressor(random_state=0, n_threads=1),
    "HistGradientBoosting": lambda: HistGradientBoostingRegressor(random_state=0),
}
#: Rows and columns.
SHAPES = [
    (200, 20), (1_000, 20), (1_000, 100), (5_000, 20), (20_000, 20), (20_000, 100), (100_000, 20),
    (1_000_000, 20),
]  # fmt: skip
QUICK = [(60, 5), (120, 5)]


def processor_seconds(make: Any, n_rows: int, n_columns: int) -> float:
    """Of a fit, by one thread."""
    X, y = make_friedman1(n_rows, n_columns, noise=1.0, random_state=0)
    with threadpool_limits(1):
        start = time.process_time()
        make().fit(X, y)
        return time.process_time() - start


def draw(rows: list[list[Any]], path: Path) -> None:
    """A group of bars for each shape."""
    import matplotlib.pyplot as plt

    fig, ax = plt.subplots(figsize=(9, 4.5), layout="constrained")
    width = 0.8 / len(METHODS)
    for k, name in enumerate(METHODS):
        places = [i + (k - (len(METHODS) - 1) / 2) * width for i in range(len(rows))]
        bars = ax.bar(places, [row[2 + k] for row in rows], width, label=name)
        ax.bar_label(bars, fmt="%.2g", fontsize=8, padding=2)
    ax.set_xticks(range(len(rows)), [f"{n:,} x {d}" for n, d, *_ in rows])
    ax.set(yscale="log", xlabel="rows x columns", ylabel="processor seconds of a fit")
    ax.margins(y=0.15)
    ax.legend(frameon=False)
    ax.spines[["top", "right"]].set_visible(False)
    fig.savefig(path, dpi=150)
    plt.close(fig)


def main(arguments: list[str] | None = None) -> None:
    """Run, print, save."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="two small tables")
    here = Path(__file__).with_suffix("")
    parser.add_argument("--output", type=Path, default=here, help="of the CSV file and the chart")
    options = parser.parse_args(arguments)
    warnings.simplefilter("ignore", ConvergenceWarning)
    rows = []
    print(f"{'rows':>8}{'columns':>9}" + "".join(f"{name:>22}" for name in METHODS))
    for shape in QUICK if options.quick else SHAPES:
        seconds = [processor_seconds(make, *shape) for make in METHODS.values()]
        print(f"{shape[0]:>8}{shape[1]:>9}" + "".join(f"{s:>20.2f} s" for s in seconds), flush=True)
        rows.append([*shape, *seconds])
    write_csv(options.output, ["rows", "columns", *(f"{name} s" for name in METHODS)], rows)
    draw(rows, Path(f"{options.output}.png"))


if __name__ == "__main__":
    main()
