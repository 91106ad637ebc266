"""What editors and type checkers make of a user's program: pyright, its hovers, and mypy."""

import importlib.util
import inspect
import json
import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

import sknumpynet
from sknumpynet.options import options_of

#: Of the types of the newest releases; the stub is small.
pytestmark = pytest.mark.slow

ROOT = Path(sknumpynet.__file__).parents[1]
ESTIMATORS = [
    sknumpynet.NumpyMLPClassifier,
    sknumpynet.NumpyMLPRegressor,
    sknumpynet.TabularMLPClassifier,
    sknumpynet.TabularMLPRegressor,
]
PROGRAM = """
from dataclasses import dataclass

import numpy as np
import sknumpynet
from numpy.typing import NDArray
from sklearn.model_selection import KFold, StratifiedGroupKFold
from sknumpynet import (
    Activation, Loss, NumpyMLPClassifier, NumpyMLPRegressor, TabularMLPClassifier,
    TabularMLPRegressor,
)
from sknumpynet.estimators import NumpyMLPRegressor as Same
from sknumpynet.inspection import check_gradient, find_learning_rate
from sknumpynet.losses import Huber


@dataclass(frozen=True)
class Bend(Activation):
    amount: float = 0.5

    def value(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(x + self.amount * (np.sqrt(1 + x * x) - 1))

    def slope(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(1 + self.amount * x / np.sqrt(1 + x * x))


def score(estimator: NumpyMLPRegressor, X: NDArray[np.float64], y: NDArray[np.float64]) -> float:
    return estimator.score(X, y)


X, y = np.zeros((50, 2)), np.zeros(50)
NumpyMLPClassifier((64, 32), alpha=1e-4)
NumpyMLPClassifier(splitter=StratifiedGroupKFold(3)).fit(X, y, [1.0] * 50, groups=["a"] * 50)
NumpyMLPRegressor(splitter=KFold(3)).fit({"a": [1, 2], "b": ["u", "v"]}, [1.0, 2.0], (1, 2))
NumpyMLPRegressor(splitter=[(X[:40].argsort(), [40, 41, 42])]).partial_fit(X, y, y)
NumpyMLPClassifier((64, 32), "tanh", class_weight={"a": 1.0}, calibrate="auto")
NumpyMLPClassifier(5, ["relu"], class_weight=[{0: 1, 1: 2}], categorical_features=["a", "b"])
NumpyMLPRegressor([8, 8], ["relu", Bend], dropout=[0, 0.5], loss=Huber(0.5), n_threads=None)
NumpyMLPRegressor(np.array([8]), Bend(0.1), loss="quantile", quantile=[0.1, 0.9], alpha=1)
NumpyMLPRegressor(random_state=np.random.RandomState(0), dtype="float64", scoring="r2")
NumpyMLPRegressor(random_state=np.random.default_rng(0), dtype=np.float64, n_jobs=-1)
NumpyMLPRegressor(scoring=score, early_stopping="auto", n_iter_no_change=np.inf, loss=Huber)
TabularMLPClassifier(n_bags="auto", max_frequency=(0.3, 1.2), embedding_width=8)
same: NumpyMLPRegressor = Same().fit(X, y)
model: TabularMLPRegressor = TabularMLPRegressor(max_time=1.5).fit(X, y, X_val=X, y_val=y)
model = model.set_params(alpha=0.1)
net = NumpyMLPClassifier(verbose=2).partial_fit(X, y, classes=[0, 1])
net = net.set_fit_request(X_val=True, y_val=True).fit(X, y)
net.predict_proba(X)[:, 1].mean()
print(net.predict(X).shape)
predicted, spread = same.predict(X, return_std=True)
print(predicted / spread)
print(same.predict(X) + 1)
print(same.coefs_[0].shape)
print(same.network_.theta.shape)
print(same.loss_curve_[-1] + 1.0)
print(net.classes_.shape, net.n_features_in_ + 1, list(net.feature_names_in_))
print(net.history_["loss"][0], model.oof_prediction_.shape, net.loss_ < 1, net.n_iter_ + 1)
print(net.best_loss_ or 0.0, net.out_activation_.upper(), net.encoded_feature_names_[0].upper())
print(net.alpha + 1)
find_learning_rate(net, X, y)
print(sknumpynet.inspection.summary(same), sknumpynet.onnx.to_onnx(net))
"""
#: A line that is wrong, and what pyright and mypy say of it.
WRONG = {
    "NumpyMLPClassifier(hiden_layers=1)": "hiden_layers",
    'NumpyMLPClassifier(alpha="big")': "alpha",
    'TabularMLPRegressor(alpha="big")': "alpha",
    'NumpyMLPRegressor(hidden_layer_sizes="64")': "hidden_layer_sizes",
    "NumpyMLPRegressor((5,), 'relu', 0.1)": "positional",
    'NumpyMLPRegressor(solver="addam")': "solver",
    'NumpyMLPRegressor(activation=["rellu"])': "rellu",
    'NumpyMLPRegressor(batch_size="all")': "batch_size",
    'TabularMLPClassifier(loss="poisson")': "loss",
    "NumpyMLPClassifier(target_scaling=True)": "target_scaling",
    "NumpyMLPClassifier().fit([[0.0]])": '"y"',
    "NumpyMLPClassifier().fit([[0.0]], [0], weights=[1])": "weights",
    'NumpyMLPClassifier().fit([[0.0]], [0], sample_weight={"a": 1})': "sample_weight",
    "NumpyMLPClassifier(splitter=5)": "splitter",
    "NumpyMLPRegressor().partial_fit([[0.0]], [0], classes=[0])": "classes",
    "NumpyMLPRegressor().set_fit_request(X_valid=True)": "X_valid",
    "NumpyMLPRegressor().predict([[0.0]], return_std=True).shape": "shape",
}
IMPORTS = (
    "from sknumpynet import (\n    NumpyMLPClassifier, NumpyMLPRegressor, TabularMLPClassifier,\n"
    "    TabularMLPRegressor,\n)\n"
)
#: An expression, and its type as both name it.
TYPES = {
    "NumpyMLPClassifier().fit([[0.0]], [0])": "NumpyMLPClassifier",
    "TabularMLPClassifier().fit([[0.0]], [0])": "TabularMLPClassifier",
    "TabularMLPRegressor().partial_fit([[0.0]], [0])": "TabularMLPRegressor",
    "NumpyMLPRegressor().fit([[0.0]], [0]).predict([[0.0]])": "ndarray",
    "NumpyMLPClassifier().fit([[0.0]], [0]).predict_proba([[0.0]])": "ndarray",
    "NumpyMLPRegressor().score([[0.0]], [0])": "float",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A user's programs, beside a configuration that finds this package and no other."""
    folder = tmp_path_factory.mktemp("typing")
    (folder / "right.py").write_text(PROGRAM, encoding="utf-8")
    (folder / "wrong.py").write_text(IMPORTS + "\n".join(WRONG) + "\n", encoding="utf-8")
    lines = "".join(f"reveal_type({expression})\n" for expression in TYPES)
    (folder / "revealed.py").write_text(IMPORTS + lines, encoding="utf-8")
    settings = {"extraPaths": [str(ROOT)], "typeCheckingMode": "standard"}
    # What an installed package is for mypy: read, and not judged.
    ignored = "[mypy]\nstrict = True\n[mypy-sknumpynet.*]\nignore_errors = True\n"
    ignored += "[mypy-sklearn.*]\nignore_missing_imports = True\n"
    # None of these is in a type of ours: with them it takes four times as long, and says the same.
    others = ["matplotlib", "narwhals", "polars", "pandas", "dask", "distributed", "onnx"]
    others += ["rich", "IPython", "optuna"]
    ignored += f"[mypy-{','.join(f'{name}.*' for name in others)}]\nfollow_imports = skip\n"
    (folder / "mypy.ini").write_text(ignored, encoding="utf-8")
    (folder / "pyrightconfig.json").write_text(json.dumps(settings), encoding="utf-8")
    return folder


def run(*command, cwd, **environment):
    return subprocess.run(
        [sys.executable, "-m", *command],
        cwd=cwd, env=os.environ | environment, capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.fixture(scope="module")
def of_pyright(folder):
    """From each program to (line, message) of what pyright says."""
    ran = run("pyright", "--outputjson", "--pythonpath", sys.executable, cwd=folder)
    assert ran.stdout.startswith("{"), ran.stdout + ran.stderr
    said = {"right": [], "wrong": [], "revealed": []}
    for one in json.loads(ran.stdout)["generalDiagnostics"]:
        place = said[Path(one["file"]).stem]
        place.append((one["range"]["start"]["line"], one["message"]))
    return said


@pytest.fixture(scope="module")
def of_mypy(folder):
    """The same of mypy."""
    options = ["--config-file", "mypy.ini", "--no-error-summary", "--cache-dir", "cache"]
    files = ["right.py", "wrong.py", "revealed.py"]
    ran = run("mypy", *options, *files, cwd=folder, MYPYPATH=str(ROOT))
    said = {"right": [], "wrong": [], "revealed": []}
    for line in ran.stdout.splitlines():
        found = re.fullmatch(r"(\w+)\.py:(\d+): (?:error|note): (.*)", line)
        assert found, ran.stdout + ran.stderr
        said[found[1]].append((int(found[2]) - 1, found[3]))
    return said


@pytest.fixture(params=["pyright", "mypy"])
def said(request):
    return request.getfixturevalue(f"of_{request.param}")


def test_a_program_that_is_right_passes(said):
    assert said["right"] == []


def test_each_wrong_line_is_told_and_its_name(said):
    first = IMPORTS.count("\n")
    for number, (line, name) in enumerate(WRONG.items(), first):
        told = [message for at, message in said["wrong"] if at == number]
        assert any(name in message for message in told), (line, told)
    assert {at for at, _ in said["wrong"]} <= set(range(first, first + len(WRONG)))


def test_methods_give_what_they_say(said):
    first = IMPORTS.count("\n")
    for number, (expression, name) in enumerate(TYPES.items(), first):
        (told,) = [message for at, message in said["revealed"] if at == number]
        shown = re.search(r'(?:is|type) "(?:[a-z_]+\.)*(\w+)', told)
        assert shown, told
        assert shown[1] == name, (expression, told)


class Editor:
    """The part of an editor that asks pyright's language server what to show."""

    def __init__(self, folder):
        self.server = subprocess.Popen(
            [sys.executable, "-m", "pyright.langserver", "--stdio"],
            cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        self.asked = 0

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.server.kill()
        self.server.communicate()

    def open(self, folder):
        uri = folder.as_uri()
        spaces = [{"uri": uri, "name": "program"}]
        hover = {"textDocument": {"hover": {"contentFormat": ["plaintext"]}}}
        self.ask(
            "initialize",
            {"processId": None, "rootUri": uri, "capabilities": hover, "workspaceFolders": spaces},
        )
        self.send(method="initialized", params={})

    def send(self, **message):
        data = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.server.stdin.write(b"Content-Length: %d\r\n\r\n" % len(data) + data)
        self.server.stdin.flush()

    def receive(self):
        size = 0
        while (line := self.server.stdout.readline()) not in (b"\r\n", b""):
            name, _, value = line.partition(b":")
            size = int(value) if name == b"Content-Length" else size
        assert size, "the language server has ended"
        return json.loads(self.server.stdout.read(size))

    def ask(self, method, params):
        self.asked += 1
        self.send(id=self.asked, method=method, params=params)
        while True:
            message = self.receive()
            if "method" not in message and message.get("id") == self.asked:
                return message["result"]
            if "method" in message and "id" in message:
                # The server asks for settings: it has those of the file.
                self.send(id=message["id"], result=None)

    def hovers(self, file, places):
        """What is shown at each (line, column)."""
        document = {"uri": file.as_uri()}
        text = file.read_text(encoding="utf-8")
        opened = {**document, "languageId": "python", "version": 1, "text": text}
        self.send(method="textDocument/didOpen", params={"textDocument": opened})
        for line, character in places:
            place = {"line": line, "character": character}
            asked = {"textDocument": document, "position": place}
            shown = self.ask("textDocument/hover", asked)
            yield shown["contents"]["value"]


def test_a_hover_shows_every_parameter_and_what_it_means(folder):
    file = folder / "hover.py"
    lines = [f"{cls.__name__}(alpha=1.0).fit([[0.0]], [0])" for cls in ESTIMATORS]
    file.write_text(IMPORTS + "\n".join(lines) + "\n", encoding="utf-8")
    first = IMPORTS.count("\n")
    with Editor(folder) as editor:
        editor.open(folder)
        names = editor.hovers(file, [(first + i, 3) for i in range(len(lines))])
        for cls, shown in zip(ESTIMATORS, names, strict=True):
            for name, option in options_of(cls).items():
                assert re.search(rf"^ *{name} ?:", shown, re.MULTILINE), (cls, name, shown)
                assert option.meaning.split(".")[0][:40] in shown.replace("\\", ""), (cls, name)
            assert "{parameters}" not in shown
        (fit,) = editor.hovers(file, [(first, lines[0].index("fit"))])
        assert "Raw columns will do" in fit


@cache
def writer():
    path = ROOT / ".ci" / "write_stub.py"
    spec = importlib.util.spec_from_file_location("write_stub", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_stub_is_current():
    stub = writer()
    assert stub.STUB.read_text(encoding="utf-8") == stub.stub(), "run python .ci/write_stub.py"


def test_every_class_has_its_own_docstring_in_the_stub():
    """Each with its own defaults."""
    for cls in ESTIMATORS:
        text = writer().class_of(cls)
        for name, parameter in inspect.signature(cls).parameters.items():
            assert f"\n        {name}: " in text
            assert f"{writer().shown(parameter.default)},\n" in text
