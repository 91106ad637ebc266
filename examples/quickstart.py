"""The two estimators on real data, start to finish: a pipeline with a grid search, and a raw frame.

Digits: 8 x 8 images of handwritten digits, a grid search over hidden layers, activation and penalty
inside a scikit-learn pipeline. Diabetes: a data frame in its original units straight into the
regressor, no scaler anywhere, beside scikit-learn's own MLPRegressor. One figure: how both learned,
and how well they predict.
"""

from __future__ import annotations

import argparse
import time
import warnings
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_diabetes, load_digits
from sklearn.exceptions import ConvergenceWarning
from sklearn.feature_selection import VarianceThreshold
from sklearn.metrics import confusion_matrix, mean_absolute_error, r2_score
from sklearn.model_selection import GridSearchCV, train_test_split
from sklearn.neural_network import MLPRegressor
from sklearn.pipeline import Pipeline

from sknumpynet import NumpyMLPClassifier, NumpyMLPRegressor


def recognise_digits(max_iter: int) -> dict:
    """Grid search over a pipeline; a report and what the figure needs."""
    X, y = load_digits(return_X_y=True)
    X_train, X_test, y_train, y_test = train_test_split(X, y, stratify=y, random_state=0)
    pipeline = Pipeline(
        [
            ("pixels", VarianceThreshold()),
            ("net", NumpyMLPClassifier(early_stopping=True, max_iter=max_iter, random_state=0)),
        ]
    )
    grid = {
        "net__hidden_layer_sizes": [(64,), (128, 64)],
        "net__activation": ["relu", "tanh"],
        "net__alpha": [1e-4, 1.0],
    }
    start = time.perf_counter()
    search = GridSearchCV(pipeline, grid, cv=3).fit(X_train, y_train)
    seconds = time.perf_counter() - start
    predicted = search.predict(X_test)
    matrix = confusion_matrix(y_test, predicted)
    wrong = matrix - np.diag(np.diag(matrix))
    worst = np.unravel_index(wrong.argmax(), wrong.shape)
    best = {name.removeprefix("net__"): value for name, value in search.best_params_.items()}
    print("Digits: 1797 images, 10 classes")
    n_candidates = len(search.cv_results_["params"])
    print(f"  grid search     {n_candidates} candidates x 3 folds, {seconds:.1f} s")
    print(f"  best            {', '.join(f'{k}={v}' for k, v in best.items())}")
    print(f"  accuracy        {search.best_score_:.3f} in cross-validation")
    print(f"                  {(predicted == y_test).mean():.3f} on the test set")
    print(
        f"  confusion       {wrong.sum()} of {len(y_test)} wrong; most often {worst[0]} taken for "
        f"{worst[1]} ({wrong[worst]} times)"
    )
    return {"history": search.best_estimator_["net"].history_, "matrix": matrix}


def predict_diabetes(max_iter: int) -> dict:
    """A raw frame into the regressor, beside scikit-learn's, on five splits."""
    X, y = load_diabetes(return_X_y=True, as_frame=True)
    print(f"\nDiabetes: a frame of {len(X)} patients x {X.shape[1]} columns, target 25 to 346, raw")
    print("  mean of five splits        R2 on test   mean absolute error")
    figures: dict[str, list[tuple[float, float]]] = {
        "NumpyMLPRegressor": [],
        "sklearn's MLPRegressor": [],
    }
    shown: dict = {}
    for seed in range(5):
        X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=seed)
        ours = NumpyMLPRegressor(max_iter=max_iter, random_state=seed)
        # The test rows are only watched, for their curve: without early_stopping nothing depends on
        # them.
        ours.fit(X_train, y_train, X_val=X_test, y_val=y_test)
        theirs = MLPRegressor(max_iter=max_iter, random_state=seed).fit(X_train, y_train)
        for name, model in zip(figures, (ours, theirs), strict=True):
            predicted = model.predict(X_test)
            figures[name].append(
                (r2_score(y_test, predicted), mean_absolute_error(y_test, predicted))
            )
        if not shown:
            shown = {"history": ours.history_, "true": y_test, "predicted": ours.predict(X_test)}
    for name, values in figures.items():
        r2, error = np.mean(values, axis=0)
        print(f"  {name:<24} {r2:>12.2f} {error:>15.1f}")
    return shown


def draw(digits: dict, diabetes: dict, path: Path) -> None:
    """Learning curves, confusion, and predicted against true values, in one figure."""
    figure, axes = plt.subplots(2, 2, figsize=(10, 8), layout="constrained")
    for ax, history, title in [
        (axes[0, 0], digits["history"], "Digits: learning curve"),
        (axes[1, 0], diabetes["history"], "Diabetes: learning curve"),
    ]:
        ax.plot(history["epoch"], history["loss"], label="training")
        ax.plot(history["epoch"], history["validation_loss"], label="validation")
        best = int(np.argmin(history["validation_loss"]))
        ax.plot(
            history["epoch"][best], history["validation_loss"][best], "o", color="C1",
            label=f"lowest, epoch {history['epoch'][best]}",
        )  # fmt: skip
        ax.set(xlabel="epoch", ylabel="loss", title=title)
        ax.legend()
    axes[0, 0].set_yscale("log")

    ax = axes[0, 1]
    matrix = digits["matrix"]
    ax.imshow(matrix, cmap="Blues")
    for i, j in np.argwhere(matrix > 0):
        color = "white" if matrix[i, j] > matrix.max() / 2 else "black"
        ax.text(j, i, matrix[i, j], ha="center", va="center", color=color)
    ticks = range(len(matrix))
    ax.set(
        xlabel="predicted", ylabel="true", title="Digits: test images", xticks=ticks, yticks=ticks
    )

    ax = axes[1, 1]
    ax.scatter(diabetes["true"], diabetes["predicted"], s=18, alpha=0.7)
    ends = [20, 350]
    ax.plot(ends, ends, color="0.5", linewidth=1)
    ax.set(xlabel="true", ylabel="predicted", title="Diabetes: progression after a year")
    figure.savefig(path, dpi=120)
    plt.close(figure)


def main(arguments: list[str] | None = None) -> None:
    """Run both parts and save the figure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=Path, default=Path(__file__).with_name("quickstart.png"))
    parser.add_argument("--max-iter", type=int, default=200, help="most epochs of each network")
    options = parser.parse_args(arguments)
    # 200 epochs are enough here, which the curves show; no need to be told.
    warnings.simplefilter("ignore", ConvergenceWarning)
    digits = recognise_digits(options.max_iter)
    diabetes = predict_diabetes(options.max_iter)
    draw(digits, diabetes, options.output)
    print(f"\nFigure: {options.output}")


if __name__ == "__main__":
    main()
