"""The README: its code runs, its commands exist, its first figures are those of their script."""

import csv
import importlib.util
import re
import shlex
import sys
from pathlib import Path

import pytest
import sklearn

pytest.importorskip("matplotlib")
pytest.importorskip("pandas")

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BENCHMARKS = ROOT / "examples" / "benchmarks"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
]


def blocks(language):
    """The code blocks of the README in this language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", README, flags=re.MULTILINE | re.DOTALL)


def load(name, monkeypatch):
    # Benchmarks share functions, and data classes look themselves up there.
    monkeypatch.syspath_prepend(BENCHMARKS)
    spec = importlib.util.spec_from_file_location(f"readme_{name}", BENCHMARKS / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, spec.name, module)
    spec.loader.exec_module(module)
    return module


def test_the_python_blocks_run_in_order(capsys):
    found = blocks("python")
    assert len(found) == README.count("```python") > 2
    values = {}
    # What a block sets is set back afterwards.
    with sklearn.config_context():
        for block in found:
            exec(compile(block, "README.md", "exec"), values)
    assert values["search"].best_score_ > 0.65
    assert values["model"].score(values["X_test"], values["y_test"]) > 0.25
    assert values["model"][-1].history_["validation_loss"]
    assert not capsys.readouterr().out


def test_each_set_up_is_one_line_to_paste():
    examples, tests = blocks("sh")
    for block in (examples, tests):
        assert block.count("\n") == 1
        assert block.startswith("python -m pip install -e ")
    assert examples.rstrip().endswith(" && python examples/quickstart.py")
    # .ci/run takes the second block.
    assert tests.rstrip().endswith(" && python -m pytest")


def test_every_command_is_there(monkeypatch):
    commands = re.findall(r"`(python examples/[^`]*)`", README)
    assert len(commands) >= 5
    for command in commands:
        assert (ROOT / shlex.split(command)[1]).exists(), command
    rows = [line for line in README.splitlines() if line.startswith("| ") and ": `" in line]
    methods = [re.search(r": `([^`]*)`", row)[1] for row in rows]
    methods = [shlex.split(m) for m in methods if "sknumpynet" in m]
    assert len(methods) == 6
    known = load("speed", monkeypatch).METHODS
    assert all(name in known for pair in methods for name in pair)


def test_the_first_rows_are_what_their_script_finds(tmp_path, capsys, monkeypatch):
    """If the defaults have changed, run the script and write its figures into the README."""
    output = tmp_path / "raw_columns"
    load("raw_columns", monkeypatch).main(["--output", str(output)])
    assert output.with_suffix(".png").stat().st_size > 10_000
    assert "max_iter=2000" in capsys.readouterr().out
    with output.with_suffix(".csv").open(newline="") as file:
        header, *rows = csv.reader(file)
    found = {name: [float(x) for x in numbers] for name, *numbers in rows}
    assert header[1:] == ["own units", "spread 0.048"]
    table = [line for line in README.splitlines() if "`LinearRegression`: " in line]
    assert len(table) == 2
    order = ["LinearRegression", "MLPRegressor", "MLPRegressor, max_iter=2000", "NumpyMLPRegressor"]
    for i, (row, what) in enumerate(zip(table, ["`scaled=False`", "spread of 0.048"], strict=True)):
        assert what in row
        written = [float(x) for x in re.findall(r"(?:: |\| |\*\*)(-?\d\.\d\d)\b", row)]
        # Written with two digits; another BLAS may move them by a little.
        assert written == pytest.approx([found[name][i] for name in order], abs=0.0075)
