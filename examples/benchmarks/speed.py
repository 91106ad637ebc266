"""How fast a fit is beside scikit-learn's MLP, PyTorch and skorch, and its own matrix products.

Every method trains the same network with Adam on the same data for the same number of epochs, in
one process, in turn; the table gives medians over rounds as ratios to sknumpynet. The training
losses reached must agree, so that nobody wins by doing less.

``python examples/benchmarks/speed.py`` runs all of it; ``--quick`` takes one round. Results go to a
CSV file and a bar chart beside this file.
"""

from __future__ import annotations

import argparse
import csv
import math
import statistics
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sp
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier, MLPRegressor

from sknumpynet import NumpyMLPClassifier, NumpyMLPRegressor


@dataclass(frozen=True)
class Case:
    """A shape of the data and of the network."""

    name: str
    n_rows: int
    n_columns: int
    hidden: tuple[int, ...]
    n_outputs: int
    batch: int
    epochs: int
    kind: str = "classes"

    def data(self) -> tuple[Any, np.ndarray]:
        """X in float32 and y, drawn anew from a fixed seed."""
        rng = np.random.default_rng(0)
        if self.kind == "sparse":
            X = sp.random(
                self.n_rows,
                self.n_columns,
                0.005,
                "csr",
                np.float32,
                random_state=np.random.RandomState(0),
            )
            score = np.asarray(X[:, :50] @ rng.standard_normal((50, self.n_outputs)))
            return X, score.argmax(axis=1)
        X = rng.standard_normal((self.n_rows, self.n_columns)).astype(np.float32)
        score = np.tanh(X[:, :10] @ rng.standard_normal((10, self.n_outputs)))
        score += 0.3 * rng.standard_normal(score.shape)
        return X, score[:, 0] if self.kind == "numbers" else score.argmax(axis=1)


DENSE = [
    Case("tiny", 2000, 10, (32,), 3, 32, 8),
    Case("digits", 1797, 64, (100,), 10, 200, 20),
    Case("tabular", 20000, 50, (256, 256), 3, 256, 3),
    Case("mnist-like", 10000, 784, (512, 256), 10, 256, 2),
    Case("wide", 5000, 100, (1024, 1024), 10, 512, 2),
]
CASES = [
    *DENSE,
    Case("regression", 20000, 50, (256, 256), 1, 256, 3, "numbers"),
    Case("sparse", 20000, 5000, (100,), 3, 256, 1, "sparse"),
]

#: A method prepares a case and returns the fit to be timed, which returns the training loss.
Method = Callable[[Case], Callable[[], float] | None]


def common(case: Case) -> dict[str, Any]:
    """Options of both families of estimators."""
    return {
        "hidden_layer_sizes": case.hidden,
        "batch_size": case.batch,
        "solver": "adam",
        "learning_rate_init": 0.001,
        "max_iter": case.epochs,
        "n_iter_no_change": 10**6,
        "early_stopping": False,
        "tol": 0.0,
        "random_state": 0,
    }


def framed(X: Any) -> Any:
    """X as a data frame, if it is dense and pandas is installed."""
    try:
        import pandas as pd
    except ImportError:
        return X
    return X if sp.issparse(X) else pd.DataFrame(X, columns=[f"x{j}" for j in range(X.shape[1])])


def ours(case: Case, dtype: str = "float32", raw: bool = True, cast: type = np.float32) -> Any:
    """Our estimator; ``raw`` without scaling and on arrays, as the peers work."""
    X, y = case.data()
    X = X.astype(cast) if raw else framed(X.astype(cast))
    options = {**common(case), "dtype": dtype}
    if raw:
        options["feature_scaling"] = None
    if case.kind == "numbers":
        model = NumpyMLPRegressor(**options, target_scaling=not raw)
    else:
        model = NumpyMLPClassifier(**options)
    # A scaled target has its loss in units of its variance.
    unit = float(np.var(y)) if case.kind == "numbers" and not raw else 1.0
    return lambda: model.fit(X, y).loss_ * unit


def scikit_learn(case: Case, cast: type = np.float32, frame: bool = False) -> Any:
    """scikit-learn's MLP in the dtype of its input."""
    X, y = case.data()
    X = framed(X.astype(cast)) if frame else X.astype(cast)
    model = (MLPRegressor if case.kind == "numbers" else MLPClassifier)(**common(case))
    target = y.astype(cast) if case.kind == "numbers" else y
    return lambda: model.fit(X, target).loss_


def torch_network(case: Case) -> Any:
    """The case's network of PyTorch modules, initialized as scikit-learn does it."""
    from torch import nn

    sizes = [case.n_columns, *case.hidden]
    layers: list = []
    for a, b in zip(sizes[:-1], sizes[1:], strict=True):
        layers += [nn.Linear(a, b), nn.ReLU()]
    network = nn.Sequential(*layers, nn.Linear(sizes[-1], case.n_outputs))
    for linear in network[::2]:
        bound = math.sqrt(6.0 / (linear.in_features + linear.out_features))
        for array in (linear.weight, linear.bias):
            nn.init.uniform_(array, -bound, bound)
    return network


def pytorch(case: Case) -> Any:
    """PyTorch eager with the fused Adam; batches are slices of a shuffled index."""
    if case.kind == "sparse":
        return None
    try:
        import torch
        from torch import nn
    except ImportError:
        return None
    X, y = case.data()
    X_all, numbers = torch.from_numpy(X), case.kind == "numbers"
    y_all = torch.from_numpy(y.astype(np.float32)[:, None] if numbers else y)
    loss_function = nn.MSELoss() if numbers else nn.CrossEntropyLoss()

    def fit() -> float:
        torch.manual_seed(0)
        net = torch_network(case)
        adam = torch.optim.Adam(net.parameters(), lr=1e-3, fused=True)
        for _ in range(case.epochs):
            order, total = torch.randperm(case.n_rows), 0.0
            for start in range(0, case.n_rows, case.batch):
                rows = order[start : start + case.batch]
                adam.zero_grad()
                loss = loss_function(net(X_all[rows]), y_all[rows])
                loss.backward()
                adam.step()
                total += loss.item() * len(rows)
        return total / case.n_rows * (0.5 if numbers else 1.0)

    return fit


def skorch_net(case: Case) -> Any:
    """Skorch, the scikit-learn wrapper of PyTorch."""
    if case.kind == "sparse":
        return None
    try:
        import torch
        from skorch import NeuralNetClassifier, NeuralNetRegressor
        from torch import nn
    except ImportError:
        return None
    X, y = case.data()
    numbers = case.kind == "numbers"
    y = y.astype(np.float32)[:, None] if numbers else y.astype(np.int64)

    def fit() -> float:
        torch.manual_seed(0)
        estimator = (NeuralNetRegressor if numbers else NeuralNetClassifier)(
            lambda: torch_network(case),
            criterion=nn.MSELoss if numbers else nn.CrossEntropyLoss,
            optimizer=torch.optim.Adam,
            optimizer__fused=True,
            lr=1e-3,
            max_epochs=case.epochs,
            batch_size=case.batch,
            iterator_train__shuffle=True,
            train_split=None,
            verbose=0,
        )
        estimator.fit(X, y)
        return estimator.history[-1, "train_loss"] * (0.5 if numbers else 1.0)

    return fit


def products(case: Case) -> Any:
    """The floor: only the matrix products of each step, on the same shapes."""
    if case.kind == "sparse":
        return None
    sizes = [case.n_columns, *case.hidden, case.n_outputs]
    rng = np.random.default_rng(0)
    x = [rng.standard_normal((case.batch, n)).astype(np.float32) for n in sizes]
    W = [
        rng.standard_normal((a, b)).astype(np.float32)
        for a, b in zip(sizes[:-1], sizes[1:], strict=True)
    ]
    y, dW, dx = [a.copy() for a in x], [a.copy() for a in W], [a.copy() for a in x]
    n_steps = case.epochs * math.ceil(case.n_rows / case.batch)

    def fit() -> float:
        for _ in range(n_steps):
            for i, w in enumerate(W):
                np.matmul(x[i], w, out=y[i + 1])
            for i in reversed(range(len(W))):
                np.matmul(x[i].T, x[i + 1], out=dW[i])
                if i:
                    np.matmul(x[i + 1], W[i].T, out=dx[i])
        return math.nan

    return fit


METHODS: dict[str, Method] = {
    "sknumpynet": ours,
    "scikit-learn float32": scikit_learn,
    "sknumpynet float64": lambda case: ours(case, "float64", cast=np.float64),
    "scikit-learn float64": lambda case: scikit_learn(case, np.float64),
    "sknumpynet as used": lambda case: ours(case, raw=False, cast=np.float64),
    "scikit-learn as used": lambda case: scikit_learn(case, np.float64, frame=True),
    "PyTorch": pytorch,
    "skorch": skorch_net,
    "products alone": products,
}

#: Which pairs of methods the table compares: (peer, ours).
RATIOS = {
    "scikit-learn, both float32": ("scikit-learn float32", "sknumpynet"),
    "scikit-learn, both float64": ("scikit-learn float64", "sknumpynet float64"),
    "scikit-learn as used: float64 frame in": ("scikit-learn as used", "sknumpynet as used"),
    "PyTorch eager, fused Adam": ("PyTorch", "sknumpynet"),
    "skorch": ("skorch", "sknumpynet"),
}

#: Largest relative difference of the losses reached. Other starting weights make up to 20 % after
#: one to three epochs.
LOSS_TOLERANCE = 0.3

ABOVE = "sknumpynet / its matrix products alone"


def run_case(case: Case, rounds: int, only: set[str]) -> dict[str, tuple[float, float]]:
    """Median seconds and loss of every method that can run the case, in turn."""
    fits = {name: method(case) for name, method in METHODS.items() if not only or name in only}
    fits = {name: fit for name, fit in fits.items() if fit is not None}
    seconds: dict[str, list[float]] = {name: [] for name in fits}
    losses: dict[str, float] = {}
    for round_ in range(rounds + 1):
        for name, fit in fits.items():
            start = time.perf_counter()
            losses[name] = fit()
            if round_:
                # The first round warms up.
                seconds[name].append(time.perf_counter() - start)
    return {name: (statistics.median(times), losses[name]) for name, times in seconds.items()}


def geometric_mean(values: list[float]) -> float:
    return math.exp(sum(map(math.log, values)) / len(values))


def report(results: dict[str, dict[str, tuple[float, float]]]) -> list[list[Any]]:
    """Print ratios per case and their geometric mean over the dense shapes; rows for the CSV."""
    names = list(results)
    print(f"\n{'seconds of the peer / seconds of ours':<46}" + "".join(f"{n:>12}" for n in names))
    rows: list[list[Any]] = []
    dense = [case.name for case in DENSE]
    for title, (peer, mine) in RATIOS.items():
        ratios = {n: r[peer][0] / r[mine][0] for n, r in results.items() if peer in r and mine in r}
        if not ratios:
            continue
        cells = "".join(f"{ratios[n]:>12.2f}" if n in ratios else f"{'-':>12}" for n in names)
        if set(dense) <= set(ratios):
            mean = geometric_mean([ratios[n] for n in dense])
            cells += f"   geometric mean of the dense ones {mean:.2f}"
        print(f"{title:<46}{cells}")
        rows += [
            [title, n, results[n][peer][0], results[n][mine][0], ratio]
            for n, ratio in ratios.items()
        ]
    pairs = {
        n: (r["products alone"][0], r["sknumpynet"][0])
        for n, r in results.items()
        if "products alone" in r and "sknumpynet" in r
    }
    above = {n: mine / floor for n, (floor, mine) in pairs.items()}
    if above:
        cells = "".join(f"{above[n]:>12.2f}" if n in above else f"{'-':>12}" for n in names)
        print(f"{ABOVE:<46}{cells}")
    rows += [[ABOVE, n, *pairs[n], ratio] for n, ratio in above.items()]
    print("\ntraining loss reached (the families draw their starting weights differently)")
    methods = sorted({m for r in results.values() for m in r} - {"products alone"})
    for method in methods:
        cells = "".join(
            f"{r[method][1]:>12.4f}" if method in r else f"{'-':>12}" for r in results.values()
        )
        print(f"{method:<46}{cells}")
    for name, r in results.items():
        losses = [loss for method, (_, loss) in r.items() if method != "products alone"]
        finite = all(math.isfinite(loss) for loss in losses)
        if losses and not (finite and max(losses) <= (1 + LOSS_TOLERANCE) * min(losses)):
            print(f"{name}: the losses differ by more than {LOSS_TOLERANCE:.0%}: not the same work")
    return rows


def write_csv(output: Path, header: list[str], rows: list[list[Any]]) -> None:
    """Write the rows beside the figure."""
    with Path(f"{output}.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)


def draw(rows: list[list[Any]], path: Path) -> None:
    """A bar chart of the ratios: how many times slower the peer is, and ours than its products."""
    import matplotlib.pyplot as plt

    titles = list(dict.fromkeys(row[0] for row in rows))
    names = list(dict.fromkeys(row[1] for row in rows))
    figure, ax = plt.subplots(figsize=(11, 5), layout="constrained")
    width = 0.8 / len(titles)
    for i, title in enumerate(titles):
        values = {row[1]: row[-1] for row in rows if row[0] == title}
        places = [names.index(n) + (i - (len(titles) - 1) / 2) * width for n in values]
        style = {"color": "0.6", "hatch": "//"} if title == ABOVE else {}
        bars = ax.bar(places, values.values(), width, label=title, **style)
        ax.bar_label(bars, fmt="%.1f", fontsize=7, padding=1)
    ax.axhline(1, color="black", linewidth=0.8)
    ax.set_yscale("log")
    ax.set(xticks=range(len(names)), xticklabels=names, ylabel="ratio (hatched: lower is better)")
    top = max(row[-1] for row in rows)
    ticks = [tick for tick in (0.5, 1, 2, 3, 5, 10, 20, 50) if tick < 1.3 * top]
    ax.set_yticks(ticks, [f"{tick:g}" for tick in ticks])
    ax.minorticks_off()
    ax.set_title("Times the seconds of sknumpynet, for the same network, batches and epochs")
    figure.legend(fontsize=8, loc="outside lower center", ncols=3)
    figure.savefig(path, dpi=120)
    plt.close(figure)


def main(arguments: list[str] | None = None) -> None:
    """Run the cases, print the table, write the CSV and the chart."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="one round instead of five")
    parser.add_argument("--rounds", type=int, default=5)
    names = [case.name for case in CASES]
    parser.add_argument("--cases", nargs="+", choices=names, default=names)
    parser.add_argument("--methods", nargs="+", choices=METHODS, default=[])
    parser.add_argument("--output", type=Path, default=Path(__file__).with_suffix(""))
    options = parser.parse_args(arguments)
    options.output.parent.mkdir(parents=True, exist_ok=True)
    warnings.simplefilter("ignore", ConvergenceWarning)
    rounds = 1 if options.quick else max(1, options.rounds)
    results = {}
    for case in CASES:
        if case.name in options.cases:
            results[case.name] = run_case(case, rounds, set(options.methods))
            print(
                case.name, {m: round(s, 4) for m, (s, _) in results[case.name].items()}, flush=True
            )
    rows = report(results)
    if rows:
        write_csv(options.output, ["compared", "case", "peer s", "sknumpynet s", "ratio"], rows)
        draw(rows, Path(f"{options.output}.png"))


if __name__ == "__main__":
    main()
