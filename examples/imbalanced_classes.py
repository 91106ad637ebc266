"""Two rows in a hundred count
==============================

Two rows in a hundred are what you look for: class weights, focal loss, what to stop on.

The same network five times on made-up data with 2 % positives. Ranking (average precision) and
probabilities (log-loss, what share of rows predicted at p is positive) are different questions, and
what helps the one may spoil the other. A figure: precision-recall curves, and the probabilities.
"""

# sphinx_gallery_thumbnail_path = "../examples/images/imbalanced_classes.png"

from __future__ import annotations

import argparse
import time
import warnings
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import make_classification
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import (
    average_precision_score,
    f1_score,
    log_loss,
    precision_recall_curve,
    precision_score,
    recall_score,
)
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sknumpynet import NumpyMLPClassifier

#: Options of the network beside (64, 32) hidden units.
NETWORKS: dict[str, dict[str, Any]] = {
    "log_loss": {},
    "log_loss, stop on average precision": {"scoring": "average_precision"},
    "class_weight='balanced'": {"class_weight": "balanced"},
    "focal, gamma=2": {"loss": "focal", "gamma": 2.0},
    "focal, stop on average precision": {"loss": "focal", "scoring": "average_precision"},
}
LINEAR = "LogisticRegression"


def rare(n: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """n rows of 12 columns, about 2 % of them positive in several clusters."""
    return make_classification(
        n, 12, n_informative=8, n_redundant=2, n_clusters_per_class=4, weights=[0.98],
        class_sep=1.2, flip_y=0.004, random_state=seed,
    )  # fmt: skip


def fit_all(X: np.ndarray, y: np.ndarray, X_test: np.ndarray) -> dict[str, np.ndarray]:
    """The probability of the rare class in the test rows, by each model."""
    found = {}
    for name, options in NETWORKS.items():
        model = NumpyMLPClassifier((64, 32), random_state=0, **options)
        start = time.perf_counter()
        model.fit(X, y)
        print(f"{name:38}{model.n_iter_:4d} epochs, {time.perf_counter() - start:.1f} s")
        found[name] = model.predict_proba(X_test)[:, 1]
    linear = make_pipeline(StandardScaler(), LogisticRegression()).fit(X, y)
    found[LINEAR] = linear.predict_proba(X_test)[:, 1]
    return found


def report(found: dict[str, np.ndarray], y: np.ndarray) -> None:
    print(f"\n{'':38}average            at p > 1/2         best      mean")
    print(f"{'':38}precision log-loss precision recall   F1   of p")
    for name, p in found.items():
        precision, recall, _ = precision_recall_curve(y, p)
        best = np.max(2 * precision * recall / np.maximum(precision + recall, 1e-12))
        figures = (
            average_precision_score(y, p),
            log_loss(y, p),
            precision_score(y, p > 0.5, zero_division=0),
            recall_score(y, p > 0.5),
            max(best, f1_score(y, p > 0.5)),
        )
        print(f"{name:38}" + "".join(f"{x:8.3f}" for x in figures) + f"{p.mean():8.1%}")
    print(f"{y.mean():.1%} of the rows are positive.")


def draw(found: dict[str, np.ndarray], y: np.ndarray, path: Path) -> None:
    """Precision against recall; the share of positives against the predicted probability."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(11, 4.8), layout="constrained")
    edges = np.concatenate([[0], np.logspace(-2.5, 0, 9)])
    for i, (name, p) in enumerate(found.items()):
        color, style = ("0.4", ":") if name == LINEAR else (f"C{i}", "-")
        precision, recall, _ = precision_recall_curve(y, p)
        area = average_precision_score(y, p)
        left.plot(recall, precision, style, color=color, label=f"{area:.3f}  {name}")
        groups = np.digitize(p, edges[1:-1])
        # Groups of a few rows show chance.
        large = [g for g in np.unique(groups) if (groups == g).sum() >= 30]
        predicted = [p[groups == g].mean() for g in large]
        observed = [y[groups == g].mean() for g in large]
        right.plot(predicted, observed, style, marker="o", ms=4, color=color)
    left.axhline(y.mean(), color="0.8", lw=1)
    left.set(xlabel="recall", ylabel="precision", xlim=(0, 1), ylim=(0, 1.02))
    left.set_title("Ranking: average precision")
    left.legend(loc="lower left", fontsize=8)
    right.axline((0, 0), slope=1, color="0.8", lw=1, label="as predicted")
    right.legend(loc="upper left")
    right.set(xlabel="predicted probability", ylabel="share of positives", title="Probabilities")
    right.set(xlim=(0, 1), ylim=(0, 1.02))
    figure.savefig(path, dpi=120)
    plt.close(figure)


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=Path, default=Path(__file__).with_suffix(".png"))
    parser.add_argument("--rows", type=int, default=20_000)
    options = parser.parse_args(arguments)
    # Networks that would like more epochs.
    warnings.simplefilter("ignore", ConvergenceWarning)
    X, y = rare(options.rows)
    X, X_test, y, y_test = train_test_split(X, y, test_size=0.5, stratify=y, random_state=0)
    found = fit_all(X, y, X_test)
    report(found, y_test)
    draw(found, y_test, options.output)
    print(f"\nFigure: {options.output}")


if __name__ == "__main__":
    main()
