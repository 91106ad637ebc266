"""The quickstart and the benchmarks, with small settings."""

import importlib.util
import sys
from pathlib import Path

import pytest

pytest.importorskip("matplotlib")

EXAMPLES = Path(__file__).parents[2] / "examples"


def load(path, monkeypatch):
    spec = importlib.util.spec_from_file_location(f"example_{path.stem}", path)
    module = importlib.util.module_from_spec(spec)
    # Its data classes look themselves up there.
    monkeypatch.setitem(sys.modules, spec.name, module)
    spec.loader.exec_module(module)
    return module


# The quickstart silences them itself, for as long as its process lives.
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_quickstart(tmp_path, capsys, monkeypatch):
    pytest.importorskip("pandas")
    figure = tmp_path / "figure.png"
    load(EXAMPLES / "quickstart.py", monkeypatch).main(
        ["--max-iter", "40", "--output", str(figure)]
    )
    printed = capsys.readouterr().out
    assert figure.stat().st_size > 20_000
    accuracy = float(printed.split(" on the test set")[0].split()[-1])
    assert accuracy > 0.9
    ours = float(printed.split("NumpyMLPRegressor")[1].split()[0])
    theirs = float(printed.split("sklearn's MLPRegressor")[1].split()[0])
    assert ours > 0.3 > theirs


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_speed(tmp_path, capsys, monkeypatch):
    output = tmp_path / "speed"
    load(EXAMPLES / "benchmarks" / "speed.py", monkeypatch).main(
        [
            "--quick",
            "--cases",
            "tiny",
            "--output",
            str(output),
            "--methods",
            "sknumpynet",
            "scikit-learn float32",
            "products alone",
        ]
    )
    rows = output.with_suffix(".csv").read_text().splitlines()
    assert rows[0] == "compared,case,ratio"
    assert len(rows) == 3
    assert all(float(row.split(",")[-1]) > 0 for row in rows[1:])
    assert output.with_suffix(".png").stat().st_size > 5_000
    assert "training loss reached" in capsys.readouterr().out
