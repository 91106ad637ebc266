"""Quickstart: a pipeline with a grid search, and a raw frame
=============================================================

The two estimators on real data, start to finish: a pipeline with a grid search, and a raw frame.

Digits: 8 x 8 images of handwritten digits, a grid search over hidden layers, activation and penalty
inside a scikit-learn pipeline. Diabetes: a data frame in its original units straight into the
regressor, no scaler anywhere, beside a linear model and scikit-learn's own MLPRegressor. One
figure: how both learned, and how well they predict.
"""

# sphinx_gallery_thumbnail_path = "../examples/images/quickstart.png"

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
from sklearn.linear_model import LinearRegression
from sklearn.metrics import confusion_matrix, mean_absolute_error, r2_score
from sklearn.model_selection import GridSearchCV, train_test_split
from sklearn.neural_network import MLPRegressor
from sklearn.pipeline import Pipeline

from sknumpynet import NumpyMLPClassifier, NumpyMLPRegressor


def recognise_digits(max_iter: int) -> dict:
    """Grid search over a pipeline; a report and what the figure needs."""
    X, y = load_digits(return_X_y=True)
    X_train, X_test, y_train, y_test = train_test_split(X, y, stratify=y, random_state=0)
    # Of pixels nothing is found in steps and waves of each, and a third of the time does.
    network = NumpyMLPClassifier(
        numeric_embedding=None, early_stopping=True, max_iter=max_iter, random_state=0
    )
    pipeline = Pipeline([("pixels", VarianceThreshold()), ("net", network)])
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
    """A raw frame into the regressor, beside other models, on five splits; one fit to be drawn."""
    X, y = load_diabetes(return_X_y=True, as_frame=True, scaled=False)
    print(f"\nDiabetes: {len(X)} patients x {X.shape[1]} columns in their own units, no scaler")
    print("  mean of five splits                   R2 on test   mean absolute error")
    models = {
        "NumpyMLPRegressor": NumpyMLPRegressor(max_iter=max_iter),
        "LinearRegression": LinearRegression(),
        "sklearn's MLPRegressor": MLPRegressor(max_iter=max_iter),
        f"  the same, max_iter={10 * max_iter}": MLPRegressor(max_iter=10 * max_iter),
    }
    for name, model in models.items():
        figures = []
        for seed in range(5):
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=seed)
            if "random_state" in model.get_params():
                model.set_params(random_state=seed)
            predicted = model.fit(X_train, y_train).predict(X_test)
            figures.append((r2_score(y_test, predicted), mean_absolute_error(y_test, predicted)))
        r2, error = np.mean(figures, axis=0)
        print(f"  {name:<34} {r2:>12.2f} {error:>15.1f}")

    # For the figure, the first split: a tenth of its rows is split off and decides when to stop, as
    # in the models above.
    X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
    stopped = NumpyMLPRegressor(max_iter=max_iter, random_state=0)
    stopped.fit(X_train, y_train)
    return {"history": stopped.history_, "true": y_test, "predicted": stopped.predict(X_test)}


def draw_learning(ax: plt.Axes, history: dict, title: str) -> None:
    """Loss by epoch; the dot is the epoch whose weights the model has."""
    kept = int(np.argmin(history["validation_loss"]))
    epoch = history["epoch"][kept]
    ax.plot(history["epoch"], history["loss"], label="training rows")
    ax.plot(history["epoch"], history["validation_loss"], label="validation rows (split off)")
    dot = {"color": "C1", "label": f"lowest, kept: epoch {epoch}"}
    ax.plot(epoch, history["validation_loss"][kept], "o", **dot)
    ax.set(xlabel="epoch", ylabel="loss", title=title)
    ax.legend()


def draw_confusion(ax: plt.Axes, matrix: np.ndarray) -> None:
    """Numbers of images by true and predicted digit."""
    ax.imshow(matrix, cmap="Blues")
    for i, j in np.argwhere(matrix > 0):
        color = "white" if matrix[i, j] > matrix.max() / 2 else "black"
        ax.text(j, i, matrix[i, j], ha="center", va="center", color=color)
    accuracy = matrix.trace() / matrix.sum()
    title = f"Digits: test images, accuracy {accuracy:.3f}"
    ticks = range(len(matrix))
    ax.set(xlabel="predicted", ylabel="true", title=title, xticks=ticks, yticks=ticks)


def draw_predictions(ax: plt.Axes, true: np.ndarray, predicted: np.ndarray) -> None:
    """Predicted over true values, with the line on which they are equal."""
    ends = [min(true.min(), predicted.min()), max(true.max(), predicted.max())]
    ax.plot(ends, ends, color="0.5", linewidth=1, label="predicted = true")
    ax.scatter(true, predicted, s=18, alpha=0.7, label=f"{len(true)} test patients")
    title = f"Diabetes: progression, first split, R² {r2_score(true, predicted):.2f}"
    ax.set(xlabel="true", ylabel="predicted", title=title, aspect="equal")
    ax.margins(0.05)
    ax.legend(loc="upper left")


def draw(digits: dict, diabetes: dict, path: Path) -> None:
    """Learning curves, confusion, and predicted against true values, in one figure."""
    figure, axes = plt.subplots(2, 2, figsize=(10, 8.6), layout="constrained")
    draw_learning(axes[0, 0], digits["history"], "Digits: best network of the search")
    axes[0, 0].set_yscale("log")
    draw_confusion(axes[0, 1], digits["matrix"])
    draw_learning(axes[1, 0], diabetes["history"], "Diabetes: early stopping, first split")
    draw_predictions(axes[1, 1], diabetes["true"], diabetes["predicted"])
    figure.savefig(path, dpi=120)
    plt.close(figure)


def main(arguments: list[str] | None = None) -> None:
    """Run both parts and save the figure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=Path, default=Path(__file__).with_name("quickstart.png"))
    parser.add_argument("--max-iter", type=int, default=200, help="most epochs of each network")
    options = parser.parse_args(arguments)
    # The table shows what more epochs bring.
    warnings.simplefilter("ignore", ConvergenceWarning)
    digits = recognise_digits(options.max_iter)
    diabetes = predict_diabetes(options.max_iter)
    draw(digits, diabetes, options.output)
    print(f"\nFigure: {options.output}")


if __name__ == "__main__":
    main()
