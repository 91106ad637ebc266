"""How the time of an epoch grows with rows, columns and width, beside scikit-learn's MLP.

Each point is the time of a fit with more epochs less that of a fit with one, so what happens once
per fit is not in it. The exponent p of ``time ~ size^p`` is fitted to the upper half of the sizes
by least squares on logarithms.

The last lines are of rows with a category of half as many levels, which scikit-learn's MLP cannot
embed: an epoch grows as the rows do, not as rows x levels.

``python examples/benchmarks/growth.py`` takes two minutes, ``--quick`` some seconds (its exponents,
of two points each, mean little). Results go to a CSV file and a plot beside this file.
"""

from __future__ import annotations

import argparse
import time
import warnings
from pathlib import Path

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier
from speed import write_csv

from sknumpynet import NumpyMLPClassifier, NumpyMLPRegressor

FAMILIES = {"sknumpynet": NumpyMLPClassifier, "scikit-learn": MLPClassifier}

#: What grows: its sizes and (rows, columns, width of two hidden layers) for a size.
SWEEPS = {
    "rows": ([10**3, 10**4, 10**5, 10**6], lambda n: (n, 20, 64)),
    "columns": ([10, 50, 200, 1000, 5000], lambda d: (4000, d, 64)),
    "width": ([16, 64, 128, 256, 512, 1024, 2048], lambda w: (2000, 20, w)),
}
QUICK = {"rows": [1000, 3000, 10_000], "columns": [10, 50, 200], "width": [16, 64, 128]}

#: Rows of a category with half as many levels. Before tables were moved row by row, an epoch of the
#: last took 16 s with batches of 1,000, and 80 s by default.
ROWS_OF_LEVELS, QUICK_ROWS_OF_LEVELS = [10**4, 10**5, 10**6], [2000, 10_000]


def seconds_of_an_epoch(shape: tuple[int, int, int], rounds: int, span: float) -> dict[str, float]:
    """From the best of some rounds of ``span`` seconds, in which the families take turns.

    X and the networks are float32, and columns are not scaled: both do the same.
    """
    n_rows, n_columns, width = shape
    rng = np.random.default_rng(0)
    X = rng.standard_normal((n_rows, n_columns), dtype=np.float32)
    y = (X[:, 0] + X[:, 1] > 0).astype(int)

    def seconds(family: str, epochs: int) -> float:
        model = FAMILIES[family](
            (width, width), solver="adam", batch_size=256, max_iter=epochs, tol=0.0, random_state=0
        )
        if family == "sknumpynet":
            model.set_params(feature_scaling=None, early_stopping=False, n_iter_no_change=10)
        start = time.perf_counter()
        model.fit(X, y)
        return time.perf_counter() - start

    # So many epochs more that they take this time.
    more = {f: int(np.clip(span / max(seconds(f, 1), 1e-3), 1, 100)) for f in FAMILIES}
    one, long = dict.fromkeys(FAMILIES, np.inf), dict.fromkeys(FAMILIES, np.inf)
    for _ in range(rounds):
        for family, n in more.items():
            one[family] = min(one[family], seconds(family, 1))
            long[family] = min(long[family], seconds(family, 1 + n))
    return {family: (long[family] - one[family]) / n for family, n in more.items()}


def seconds_with_levels(n_rows: int, batch_size: int | str) -> float:
    """Of an epoch, the fastest of three, with a number and a category of n_rows / 2 levels."""
    rng = np.random.default_rng(0)
    levels = rng.permutation(np.arange(n_rows) // 2)
    X = np.column_stack([rng.standard_normal(n_rows), levels])
    y = X[:, 0] + rng.standard_normal(n_rows)[levels]
    model = NumpyMLPRegressor(
        (64,), batch_size=batch_size, max_iter=3, categorical_features=[1], early_stopping=False
    )
    return min(model.fit(X, y).history_["seconds"])


def exponent(sizes: list[int], seconds: list[float]) -> float:
    """The slope of log(seconds) over log(size) in the upper half of the sizes."""
    # A line needs two points.
    half = min(len(sizes) // 2, len(sizes) - 2)
    # On a busy machine the difference of two times may fall below 0.
    times = np.maximum(seconds[half:], 1e-9)
    return float(np.polyfit(np.log(sizes[half:]), np.log(times), 1)[0])


def draw(results: dict[str, dict[str, tuple[list[int], list[float]]]], path: Path) -> None:
    """One log-log panel for each sweep, with the fitted exponents."""
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(1, len(results), figsize=(13, 4.2), layout="constrained")
    for ax, (name, by_family) in zip(axes, results.items(), strict=True):
        for family, (sizes, seconds) in by_family.items():
            label = f"{family}: {name}$^{{{exponent(sizes, seconds):.2f}}}$"
            ax.loglog(sizes, seconds, "o-", label=label)
        rows, columns, width = (x if x != -1 else "…" for x in SWEEPS[name][1](-1))
        title = f"{rows} rows, {columns} columns, two layers of {width}"
        ax.set(xlabel=name, title=title)
        ax.xaxis.set_minor_formatter("")
        ax.yaxis.set_minor_formatter("")
        ax.grid(alpha=0.3)
        ax.legend()
    axes[0].set_ylabel("seconds per epoch")
    figure.savefig(path, dpi=120)
    plt.close(figure)


def main(arguments: list[str] | None = None) -> None:
    """Measure, print the table, write the CSV and the plot."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="three small sizes of each")
    parser.add_argument("--output", type=Path, default=Path(__file__).with_suffix(""))
    options = parser.parse_args(arguments)
    options.output.parent.mkdir(parents=True, exist_ok=True)
    warnings.simplefilter("ignore", ConvergenceWarning)
    results: dict[str, dict[str, tuple[list[int], list[float]]]] = {}
    rows = []
    for name, (sizes, shape) in SWEEPS.items():
        if options.quick:
            sizes = QUICK[name]
        rounds, span = (1, 0.05) if options.quick else (4, 0.3)
        found = [seconds_of_an_epoch(shape(size), rounds, span) for size in sizes]
        results[name] = {f: (sizes, [seconds[f] for seconds in found]) for f in FAMILIES}
        print(f"\n{name:>10}" + "".join(f"{family:>16}" for family in FAMILIES) + "  its/ours")
        for size, seconds in zip(sizes, found, strict=True):
            mine, peer = seconds.values()
            print(f"{size:>10}{mine:>14.5f} s{peer:>14.5f} s{peer / mine:>10.2f}")
            rows.append([name, size, mine, peer, peer / mine])
        exponents = [exponent(*results[name][family]) for family in FAMILIES]
        print(f"{'exponent':>10}" + "".join(f"{p:>16.2f}" for p in exponents), flush=True)
    sizes = QUICK_ROWS_OF_LEVELS if options.quick else ROWS_OF_LEVELS
    for batch_size in (1000, "auto"):
        seconds = [seconds_with_levels(n, batch_size) for n in sizes]
        name = f"rows and levels, batch_size={batch_size}"
        print(f"\n{name}: exponent {exponent(sizes, seconds):.2f}")
        for size, one in zip(sizes, seconds, strict=True):
            print(f"{size:>10}{one:>14.5f} s", flush=True)
            rows.append([name, size, one, None, None])
    header = ["what grows", "size", *(f"{name} s" for name in FAMILIES), "ratio"]
    write_csv(options.output, header, rows)
    draw(results, Path(f"{options.output}.png"))


if __name__ == "__main__":
    main()
