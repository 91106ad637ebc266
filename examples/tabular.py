"""Untuned on tables
====================

TabularMLP*, a frame in and a score out, beside NumpyMLP* and HistGradientBoosting.

Nothing is tuned, scaled or encoded. Titanic (text, gaps), diabetes (331 rows to train on) and a
made-up table of waves and products. One figure: what the others lose beside the best, and how the
ensemble learns.
"""

# sphinx_gallery_thumbnail_path = "../examples/images/tabular.png"

from __future__ import annotations

import argparse
import time
import warnings
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.datasets import load_diabetes, make_friedman1
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.metrics import log_loss, root_mean_squared_error
from sklearn.model_selection import train_test_split

from sknumpynet import (
    NumpyMLPClassifier,
    NumpyMLPRegressor,
    TabularMLPClassifier,
    TabularMLPRegressor,
)

FILE = Path(__file__).parent / "data" / "titanic.csv"


def titanic() -> tuple[pd.DataFrame, pd.Series]:
    """The file as it is, without the names."""
    frame = pd.read_csv(FILE).drop(columns=["name"])
    return frame, frame.pop("survived")


def waves() -> tuple[pd.DataFrame, np.ndarray]:
    """``10 sin(pi a b) + 20 (c - 1/2)^2 + 10 d + 5 e`` and noise; five columns say nothing."""
    X, y = make_friedman1(1500, noise=1.0, random_state=0)
    return pd.DataFrame(X, columns=list("abcdefghij")), y


TABLES = {
    "Titanic (log-loss)": titanic,
    "diabetes (RMSE)": lambda: load_diabetes(return_X_y=True, as_frame=True, scaled=False),
    "waves (RMSE)": waves,
}


def methods(classes: bool) -> dict[str, Any]:
    """Each with its defaults."""
    if classes:
        boosting: Any = HistGradientBoostingClassifier(random_state=0)
        return {
            "TabularMLP": TabularMLPClassifier(random_state=0),
            "NumpyMLP": NumpyMLPClassifier(random_state=0),
            "HistGradientBoosting": boosting,
        }
    return {
        "TabularMLP": TabularMLPRegressor(random_state=0),
        "NumpyMLP": NumpyMLPRegressor(random_state=0),
        "HistGradientBoosting": HistGradientBoostingRegressor(random_state=0),
    }


def for_boosting(frame: pd.DataFrame) -> pd.DataFrame:
    """Text as categories, and columns of more than 255 of them dropped, as it needs them."""
    text = [name for name in frame if not pd.api.types.is_numeric_dtype(frame[name])]
    many = [name for name in text if frame[name].nunique() > 255]
    kinds = {name: "category" for name in text if name not in many}
    return frame.drop(columns=many).astype(kinds)


def compare(X: pd.DataFrame, y: Any, classes: bool) -> tuple[dict[str, float], Any]:
    """Losses on a quarter of the rows, and the tabular model."""
    strata = y if classes else None
    X_train, X_test, y_train, y_test = train_test_split(X, y, stratify=strata, random_state=0)
    losses, tabular = {}, None
    for name, model in methods(classes).items():
        prepare = for_boosting if name == "HistGradientBoosting" else lambda frame: frame
        # Categories of both parts, as scikit-learn wants them.
        whole = prepare(X)
        start = time.perf_counter()
        model.fit(whole.loc[X_train.index], y_train)
        seconds = time.perf_counter() - start
        rows = whole.loc[X_test.index]
        if classes:
            losses[name] = log_loss(y_test, model.predict_proba(rows))
        else:
            losses[name] = root_mean_squared_error(y_test, model.predict(rows))
        tabular = tabular or model
        print(f"  {name:<22}{losses[name]:>9.3f}{seconds:>9.1f} s")
    return losses, tabular


def draw(found: dict[str, dict[str, float]], history: dict, path: Path) -> None:
    """Losses over the best one's; the losses of the ensemble by epoch."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(11, 4), layout="constrained")
    for i, method in enumerate(next(iter(found.values()))):
        ratios = [losses[method] / min(losses.values()) for losses in found.values()]
        places = np.arange(len(found)) + 0.27 * (i - 1)
        bars = left.bar(places, ratios, width=0.25, label=method)
        left.bar_label(bars, [f"{ratio:.2f}" for ratio in ratios], padding=2)
    left.set_xticks(range(len(found)), list(found))
    left.set(ylabel="loss on test / best method's", title="Defaults, nothing tuned")
    left.set_ylim(0, 1.25 * left.get_ylim()[1])
    left.legend(ncols=3, loc="upper center", fontsize="small")
    kept = int(np.argmin(history["validation_loss"]))
    right.plot(
        history["epoch"], history["loss"], label="training rows, mean of the members' losses"
    )
    right.plot(
        history["epoch"], history["validation_loss"], label="validation rows, mean prediction"
    )
    right.plot(history["epoch"][kept], history["validation_loss"][kept], "o", color="C1",
               label=f"kept: epoch {history['epoch'][kept]}")  # fmt: skip
    right.set(xlabel="epoch", ylabel="loss", yscale="log", title="Waves: the rate rises and falls")
    right.legend(loc="upper right", fontsize="small")
    rate = right.twinx()
    rate.plot(history["epoch"], history["learning_rate"], ":", color="0.5")
    rate.set_ylabel("learning rate (dotted)")
    figure.savefig(path, dpi=120)
    plt.close(figure)


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=Path, default=Path(__file__).with_suffix(".png"))
    parser.add_argument("--tables", nargs="+", default=list(TABLES), choices=TABLES)
    options = parser.parse_args(arguments)
    found, model = {}, None
    for title in options.tables:
        X, y = TABLES[title]()
        print(f"{title}: {len(X)} rows, {X.shape[1]} columns")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found[title], model = compare(X, y, classes=title.startswith("Titanic"))
    draw(found, model.history_, options.output)
    print(f"\nFigure: {options.output}")


if __name__ == "__main__":
    main()
