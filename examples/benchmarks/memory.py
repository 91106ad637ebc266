"""Peak memory of a fit above the data, beside scikit-learn's MLP, and a file larger than a limit.

The first part counts what is allocated while fit runs (tracemalloc, which NumPy reports to). The
second trains on a memory-mapped float32 file in a process that may allocate only a quarter of the
file's size; to show that the limit holds, a copy of the file is tried first, and fails.

``python examples/benchmarks/memory.py`` takes half a minute, ``--quick`` some seconds. Results
go to a CSV file and a bar chart beside this file. The second part needs Linux's limit.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import tracemalloc
import warnings
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier
from speed import write_csv

from sknumpynet import NumpyMLPClassifier

FAMILIES = {"sknumpynet": NumpyMLPClassifier, "scikit-learn": MLPClassifier}
N_COLUMNS = 100

#: Runs in a process of its own: the path of the file, the shape of the table, the limit in bytes.
UNDER_A_LIMIT = """
import resource, sys, warnings
import numpy as np
from scipy.linalg import cholesky
from sknumpynet import NumpyMLPClassifier

path, n_rows, n_columns, limit = sys.argv[1], *map(int, sys.argv[2:])
warnings.simplefilter("ignore")
X = np.memmap(path, dtype="float32", mode="r", shape=(n_rows, n_columns))
y = (np.arange(n_rows) // 7) % 2
model = NumpyMLPClassifier(
    (100,), batch_size=1000, max_iter=1, early_stopping=False, n_threads=1, random_state=0
)
# What is loaded at the first use: SciPy's BLAS takes 32 MB in the second iteration of L-BFGS.
cholesky(np.eye(100))
model.set_params(solver="lbfgs").fit(X[:1000], y[:1000])
model.set_params(solver="adamw").fit(X[:1000], y[:1000])

# Memory that a process allocates: what it has now, and the limit. Pages of a file are not counted.
now = next(int(line.split()[1]) for line in open("/proc/self/status") if "VmData" in line)
resource.setrlimit(resource.RLIMIT_DATA, (1024 * now + limit,) * 2)
try:
    np.array(X)
except MemoryError:
    print("a copy of the file does not fit,", end=" ")
else:
    sys.exit("the limit does not hold: a copy of the file fits")
model.fit(X, y)
print(f"an epoch does: loss {model.loss_:.4f}, t_ {model.t_}")
"""


def peak_of_fit(family: str, X: np.ndarray, y: np.ndarray, **options: Any) -> float:
    """Peak of what is allocated during a fit, in bytes."""
    model = FAMILIES[family]((100,), batch_size=200, random_state=0, **options)
    if family == "sknumpynet":
        # The same network: by default numbers are embedded where rows are held out.
        model.set_params(numeric_embedding=None)
    tracemalloc.start()
    try:
        model.fit(X, y)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def peaks(n_rows: int, n_epochs: int) -> dict[str, dict[str, float]]:
    """Megabytes by setting and family."""
    rng, results = np.random.default_rng(0), {}
    y = rng.integers(0, 2, n_rows)
    for dtype in ("float32", "float64"):
        X = rng.standard_normal((n_rows, N_COLUMNS)).astype(dtype)
        for early_stopping in (False, True):
            setting = f"{dtype} X of {X.nbytes / 1e6:.0f} MB"
            setting += ", early stopping" if early_stopping else ""
            results[setting] = {
                family: peak_of_fit(family, X, y, early_stopping=early_stopping, max_iter=n_epochs)
                / 1e6
                for family in FAMILIES
            }
    return results


def train_under_a_limit(n_rows: int) -> str:
    """What the process with the limit says about a file of ``n_rows`` rows."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "X"
        rng = np.random.default_rng(0)
        with path.open("wb") as file:
            for start in range(0, n_rows, 50_000):
                shape = (min(50_000, n_rows - start), N_COLUMNS)
                rng.standard_normal(shape, dtype=np.float32).tofile(file)
        size = path.stat().st_size
        limit = size // 4
        numbers = [str(number) for number in (n_rows, N_COLUMNS, limit)]
        finished = subprocess.run(
            [sys.executable, "-c", UNDER_A_LIMIT, str(path), *numbers],
            capture_output=True,
            text=True,
        )
    if finished.returncode:
        raise RuntimeError(finished.stderr)
    return f"file of {size / 1e6:.0f} MB, {limit / 1e6:.0f} MB allowed: {finished.stdout.strip()}"


def draw(results: dict[str, dict[str, float]], path: Path) -> None:
    """Megabytes of both families per setting."""
    import matplotlib.pyplot as plt

    figure, ax = plt.subplots(figsize=(9, 3.5), layout="constrained")
    places = np.arange(len(results))[::-1]
    for i, family in enumerate(FAMILIES):
        values = [megabytes[family] for megabytes in results.values()]
        bars = ax.barh(places + 0.2 - 0.4 * i, values, 0.38, label=family)
        ax.bar_label(bars, fmt="%.1f", fontsize=8, padding=2)
    ax.set(yticks=places, yticklabels=list(results), xlabel="peak of fit above the data, MB")
    ax.set_xlim(right=ax.get_xlim()[1] * 1.05)
    ax.set_title("Memory that a fit needs besides X and y")
    ax.legend()
    figure.savefig(path, dpi=120)
    plt.close(figure)


def main(arguments: list[str] | None = None) -> None:
    """Measure, print the table, write the CSV and the chart."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer rows and epochs")
    parser.add_argument("--output", type=Path, default=Path(__file__).with_suffix(""))
    options = parser.parse_args(arguments)
    options.output.parent.mkdir(parents=True, exist_ok=True)
    warnings.simplefilter("ignore", ConvergenceWarning)
    results = peaks(*((60_000, 1) if options.quick else (200_000, 2)))
    heads = "".join(f"{name:>14}" for name in FAMILIES)
    print(f"{'peak above the data, MB':<42}{heads}{'its/ours':>9}")
    rows = []
    for setting, megabytes in results.items():
        mine, peer = (megabytes[family] for family in FAMILIES)
        print(f"{setting:<42}{mine:>14.1f}{peer:>14.1f}{peer / mine:>9.1f}")
        rows.append([setting, mine, peer, peer / mine])
    if sys.platform == "linux":
        print(train_under_a_limit(400_000 if options.quick else 2_500_000))
    header = ["setting", *(f"{name} MB" for name in FAMILIES), "ratio"]
    write_csv(options.output, header, rows)
    draw(results, Path(f"{options.output}.png"))


if __name__ == "__main__":
    main()
