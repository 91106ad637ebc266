"""A model of a raw frame as ONNX: what this package, CatBoost and scikit-learn with skl2onnx give.

In: a frame of numbers with gaps, text and dates. Out: for each whether its model can be exported,
how far its probabilities in onnxruntime are from its own, and milliseconds for a row. It needs
onnxruntime and skl2onnx; CatBoost if it is there.
"""

from __future__ import annotations

import argparse
import importlib.util
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier

from sknumpynet import NumpyMLPClassifier
from sknumpynet.onnx import as_inputs, to_onnx


def make_frame(n: int) -> tuple[pd.DataFrame, np.ndarray]:
    """Rows of an order, and whether it was late."""
    rng = np.random.default_rng(0)
    X = pd.DataFrame(
        {
            "weight": np.where(rng.random(n) < 0.1, np.nan, rng.lognormal(size=n)),
            "items": rng.integers(1, 9, n),
            "to": rng.choice(["Rome", "Oslo", "Lima", "Bern"], n),
            "by": rng.choice(["train", "ship", "truck"], n),
            "sent": pd.to_datetime("2024-01-01")
            + pd.to_timedelta(rng.integers(0, 700, n), unit="D"),
        }
    )
    late = (X["to"] == "Lima") | ((X["by"] == "ship") & (X["items"] > 4))
    return X, (late ^ (rng.random(n) < 0.1)).to_numpy()


def milliseconds(call: Callable[[], Any], n: int) -> float:
    """Processor time of a call."""
    call()
    start = time.process_time()
    for _ in range(n):
        call()
    return 1000 * (time.process_time() - start) / n


def of_ours(X: pd.DataFrame, y: np.ndarray, n_calls: int) -> str:
    """Ours: the raw frame."""
    import onnxruntime

    model = NumpyMLPClassifier(random_state=0, max_iter=500).fit(X, y)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(to_onnx(model).SerializeToString(), options)
    _, p = session.run(None, as_inputs(model, X))
    apart = np.abs(p - model.predict_proba(X)).max()
    row = X[:1]
    feeds = as_inputs(model, row)
    there = milliseconds(lambda: session.run(None, feeds), n_calls)
    here = milliseconds(lambda: model.predict_proba(row), n_calls // 10 + 1)
    return f"exported, {apart:.1e} apart; a row {there:.3f} ms (predict_proba {here:.2f} ms)"


def of_catboost(X: pd.DataFrame, y: np.ndarray) -> str:
    """CatBoost, with its categories."""
    from catboost import CatBoostClassifier

    X = X.drop(columns="sent")
    model = CatBoostClassifier(iterations=20, verbose=0, allow_writing_files=False)
    model.fit(X, y, cat_features=["to", "by"])
    with tempfile.TemporaryDirectory() as folder:
        return _tried(lambda: model.save_model(str(Path(folder) / "m.onnx"), format="onnx"))


def of_scikit_learn(X: pd.DataFrame, y: np.ndarray) -> str:
    """HistGradientBoosting with categories, by skl2onnx."""
    import skl2onnx
    from skl2onnx.common.data_types import FloatTensorType, StringTensorType

    X = X.drop(columns="sent").astype({"to": "category", "by": "category"})
    model = HistGradientBoostingClassifier(categorical_features="from_dtype", max_iter=20)
    model.fit(X, y)
    types = [
        (name, (StringTensorType if name in ("to", "by") else FloatTensorType)([None, 1]))
        for name in X
    ]
    return _tried(lambda: skl2onnx.convert_sklearn(model, initial_types=types))


def _tried(export: Callable[[], Any]) -> str:
    try:
        export()
    except Exception as error:  # Of each library its own.
        return f"{type(error).__name__}: {str(error).splitlines()[0][:150]}"
    return "exported"


def main(arguments: Sequence[str] | None = None) -> None:
    """Print a line for each library."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=2000)
    parser.add_argument("--calls", type=int, default=500)
    options = parser.parse_args(arguments)
    X, y = make_frame(options.rows)
    print("sknumpynet:", of_ours(X, y, options.calls))
    if importlib.util.find_spec("catboost"):
        print("CatBoost:", of_catboost(X, y))
    print("HistGradientBoosting, skl2onnx:", of_scikit_learn(X, y))


if __name__ == "__main__":
    main()
