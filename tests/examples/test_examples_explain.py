"""The example of attributions, with small settings: what it prints, and its figure."""

import importlib.util
from pathlib import Path

import pytest

pytest.importorskip("matplotlib")
pytest.importorskip("pandas")

EXAMPLES = Path(__file__).parents[2] / "examples"


def printed_by(name, tmp_path, capsys, *arguments):
    spec = importlib.util.spec_from_file_location(f"example_{name}", EXAMPLES / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    figure = tmp_path / "figure.png"
    module.main(["--output", str(figure), *arguments])
    assert figure.stat().st_size > 20_000
    return capsys.readouterr().out


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_explain(tmp_path, capsys):
    printed = printed_by("explain", tmp_path, capsys, "--repeats", "2")
    error = float(printed.split("sums are right to ")[1].split()[0])
    assert error < 1e-9
    rows = [line.split() for line in printed.splitlines() if "+-" in line]
    assert rows[0][0] == "sex"
    assert len(rows) == 7
