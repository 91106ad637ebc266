"""A model in a server
===================

From a raw frame to a server: a file that executes nothing, answers in threads, and a newer model.

One process fits the Titanic frame as ``read_csv`` gives it and saves the model with skops. Another
loads it, knowing only the classes that such a file may hold, and answers rows that come as dicts,
in eight threads. Meanwhile the first fits a newer model and puts its file in the place of the old
one: the server takes it over between two answers. Each answer is that of one of the two models.
Keys may come in any order; an error names those that are missing or unknown. A table of latencies
beside ONNX (if it is installed), scikit-learn's MLP and gradient boosting; a figure of it.
"""

# sphinx_gallery_thumbnail_path = "../examples/images/serve.png"

from __future__ import annotations

import argparse
import json
import math
import os
import random
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import skops.io
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.exceptions import ConvergenceWarning
from sklearn.impute import SimpleImputer
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from threadpoolctl import threadpool_limits

from sknumpynet import NumpyMLPClassifier
from sknumpynet.io import trusted_types

FILE = Path(__file__).parent / "data" / "titanic.csv"
N_THREADS = 8
TEXT = ["sex", "cabin", "embarked"]


def titanic() -> tuple[pd.DataFrame, pd.Series]:
    # ONNX has no operator for free text, and boosting none for columns of many levels.
    frame = pd.read_csv(FILE).drop(columns=["name", "ticket"])
    return frame, frame.pop("survived")


def rows_of(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """As a request brings them: None for what is missing."""
    rows = frame.astype(object).where(frame.notna(), None)
    return rows.to_dict("records")


# The process that fits.


def train(path: Path, seed: int) -> NumpyMLPClassifier:
    """Fit and save: the file is there at once and whole, whoever reads it meanwhile."""
    model = NumpyMLPClassifier(random_state=seed).fit(*titanic())
    new = path.with_suffix(".new")
    skops.io.dump(model, new)
    os.replace(new, path)
    return model


# The process that answers.


class Served:
    """The newest model of a file, and its answers, from any number of threads."""

    def __init__(self, path: Path) -> None:
        self._path, self._now = path, (0, None)
        self.look()

    @property
    def written(self) -> int:
        """When the model was written."""
        return self._now[0]

    def look(self) -> None:
        """Take the model over if it is a newer one; threads go on with the old one until then."""
        written = self._path.stat().st_mtime_ns
        if written != self._now[0]:
            model = skops.io.load(self._path, trusted=trusted_types())
            # One assignment: a thread that reads both reads of one model.
            self._now = written, model

    def answer(self, rows: list[dict[str, Any]]) -> tuple[int, np.ndarray]:
        """When the model was written, and a probability for each row."""
        written, model = self._now
        return written, model.predict_proba(rows)[:, 1]


def serve(path: Path, n_answers: int) -> None:
    """Answer in threads until each has had so many answers of the newer model; print them all."""
    served = Served(path)
    first = served.written
    rows = rows_of(titanic()[0])
    print("ready", flush=True)

    def client(seed: int) -> list[tuple[int, bool, float]]:
        draw, answers, n_new = random.Random(seed), [], 0
        while n_new < n_answers:
            i = draw.randrange(len(rows))
            row = list(rows[i].items())
            draw.shuffle(row)
            written, (p,) = served.answer([dict(row)])
            n_new += written != first
            answers.append((i, written != first, float(p)))
        return answers

    with ThreadPoolExecutor(N_THREADS) as threads:
        clients = [threads.submit(client, seed) for seed in range(N_THREADS)]
        while not all(each.done() for each in clients):
            served.look()
            time.sleep(0.02)
    print(json.dumps([answer for each in clients for answer in each.result()]))


def train_and_serve(folder: Path, n_answers: int) -> tuple[NumpyMLPClassifier, str]:
    """The newer model, and what came of it."""
    path = folder / "model.skops"
    old = train(path, seed=0)
    command = [sys.executable, __file__, "--serve", str(path), "--answers", str(n_answers)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        assert server.stdout.readline() == "ready\n"
        new = train(path, seed=1)
        answers = json.loads(server.stdout.read())
    frame, _ = titanic()
    known = {False: old.predict_proba(frame)[:, 1], True: new.predict_proba(frame)[:, 1]}
    # To the last bit, but where the BLAS cannot give that (see the option dtype).
    right = sum(math.isclose(p, known[is_new][i], rel_tol=1e-12) for i, is_new, p in answers)
    n_new = sum(is_new for _, is_new, _ in answers)
    return new, (
        f"{N_THREADS} threads: {len(answers) - n_new} answers of the old model, {n_new} of the new "
        f"one\n{right} of {len(answers)} are that model's own prediction"
    )


# How long an answer takes.


def latencies(model: NumpyMLPClassifier, n_rounds: int) -> dict[str, dict[str, float]]:
    """Milliseconds of a processor for a row that comes as a dict, and for 500; the best rounds."""
    frame, y = titanic()
    methods = {}
    methods["sknumpynet"] = model.predict_proba
    if find_spec("onnx") and find_spec("onnxruntime"):
        methods["sknumpynet in onnxruntime"] = onnx_of(model)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        # Few epochs: it is about its answers' time alone.
        mlp = sklearn_mlp().fit(frame, y)
    methods["scikit-learn's MLP"] = lambda rows: mlp.predict_proba(pd.DataFrame(rows))
    kinds = {name: pd.CategoricalDtype(frame[name].dropna().unique()) for name in TEXT}
    boosting = HistGradientBoostingClassifier(random_state=0).fit(frame.astype(kinds), y)
    methods["HistGradientBoosting"] = lambda rows: boosting.predict_proba(
        pd.DataFrame(rows).astype({**dict.fromkeys(frame.columns.difference(TEXT), float), **kinds})
    )
    rows = rows_of(frame)[:500]
    # One thread, as in a server in which every request has its own.
    with threadpool_limits(1):
        return {
            name: {
                "a row": best(answer, rows[:1], n_rounds),
                "500": best(answer, rows, 1 + n_rounds // 20),
            }
            for name, answer in methods.items()
        }


def onnx_of(model: NumpyMLPClassifier) -> Callable[[list[dict[str, Any]]], Any]:
    import onnxruntime

    from sknumpynet.onnx import to_onnx

    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(to_onnx(model).SerializeToString(), settings)
    are_text = {each.name: each.type == "tensor(string)" for each in session.get_inputs()}

    def answer(rows: list[dict[str, Any]]) -> Any:
        inputs = {}
        for name, is_text in are_text.items():
            missing, dtype = ("", object) if is_text else (np.nan, float)
            values = [missing if row[name] is None else row[name] for row in rows]
            inputs[name] = np.array(values, dtype=dtype)[:, np.newaxis]
        return session.run(None, inputs)[1]

    return answer


def sklearn_mlp() -> Any:
    numbers = make_pipeline(SimpleImputer(), StandardScaler())
    columns = make_column_transformer(
        (numbers, ["pclass", "age", "fare", "sibsp", "parch"]),
        (OneHotEncoder(handle_unknown="ignore"), TEXT),
    )
    return make_pipeline(columns, MLPClassifier(random_state=0, max_iter=20))


def best(answer: Callable[[Any], Any], rows: list[dict[str, Any]], n_rounds: int) -> float:
    answer(rows)
    times = []
    for _ in range(n_rounds):
        begin = time.process_time()
        answer(rows)
        times.append(time.process_time() - begin)
    return 1e3 * min(times)


def draw(table: pd.DataFrame, output: Path) -> None:
    figure, axes = plt.subplots(figsize=(7.5, 2.8), layout="constrained")
    a_row = table["a row"][::-1]
    bars = axes.barh(a_row.index, a_row, color=["C7"] * (len(a_row) - 1) + ["C0"])
    axes.bar_label(bars, fmt="%.2f ms", padding=3)
    axes.set_xscale("log")
    axes.margins(x=0.15)
    axes.set_title("One row that comes as a dict, processor time")
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(output, dpi=150)
    plt.close(figure)


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--serve", type=Path, help="answer by the model in this file")
    parser.add_argument("--answers", type=int, default=200, help="of the newer model, a thread")
    parser.add_argument("--rounds", type=int, default=200, help="of the latencies")
    parser.add_argument("--output", type=Path, default=Path(__file__).with_suffix(".png"))
    options = parser.parse_args(arguments)
    if options.serve is not None:
        serve(options.serve, options.answers)
        return
    with tempfile.TemporaryDirectory() as folder:
        model, said = train_and_serve(Path(folder), options.answers)
        print(said)
        served = Served(Path(folder) / "model.skops")
    wrong = {"Age": 30.0, **{key: v for key, v in rows_of(titanic()[0])[0].items() if key != "age"}}
    try:
        served.answer([wrong])
    except ValueError as error:
        print(f"A row with the key Age: {error}")
    table = pd.DataFrame(latencies(model, options.rounds)).T
    print("\nMilliseconds of a processor for a row, and for 500, as dicts:")
    print(table.round(2).to_string())
    draw(table, options.output)


if __name__ == "__main__":
    main()
