"""The examples of losses and of looking into a network, with small settings."""

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("matplotlib")

EXAMPLES = Path(__file__).parents[2] / "examples"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
]


def load(name, monkeypatch):
    spec = importlib.util.spec_from_file_location(f"example_{name}", EXAMPLES / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, spec.name, module)
    spec.loader.exec_module(module)
    return module


def run(name, arguments, tmp_path, capsys, monkeypatch):
    """What it prints, and its module."""
    figure = tmp_path / "figure.png"
    module = load(name, monkeypatch)
    module.main([*arguments, "--output", str(figure)])
    assert figure.stat().st_size > 20_000
    return capsys.readouterr().out, module


def test_prediction_intervals(tmp_path, capsys, monkeypatch):
    printed, module = run(
        "prediction_intervals", ["--rows", "1500", "--splits", "1"], tmp_path, capsys, monkeypatch
    )
    houses, patients = printed.split("Diabetes, ")
    figures = {}
    for part in (houses, patients):
        for name in module.METHODS:
            row = part.split(f"\n{name} ")[1].splitlines()[0].replace("%", "").split()
            figures[part is houses, name] = [float(x) for x in row]
    for (of_houses, name), (half, _, most, crossing, pinball, _) in figures.items():
        network = name.startswith("network")
        assert (crossing == 0) if network else (crossing > 3)
        if of_houses and network:
            assert half == pytest.approx(50, abs=7)
            assert most == pytest.approx(90, abs=5)
            assert pinball < figures[True, "GradientBoosting, 7 models"][4]
    assert float(houses.split("pinball loss of ")[1].split()[0].rstrip(".")) > 6


def test_the_true_quantiles_cover_what_they_promise(monkeypatch):
    module = load("prediction_intervals", monkeypatch)
    X, y = module.houses(20_000)
    found = module.measure(np.column_stack([module.true_quantile(X, q) for q in module.LEVELS]), y)
    for nominal in module.INTERVALS:
        assert found[f"{nominal:.0%}"] == pytest.approx(nominal, abs=0.01)
    assert found["crossing"] == 0


def test_imbalanced_classes(tmp_path, capsys, monkeypatch):
    printed, module = run("imbalanced_classes", ["--rows", "8000"], tmp_path, capsys, monkeypatch)
    table = printed.split("precision log-loss")[1]
    figures = {
        name: [float(x.rstrip("%")) for x in table.split(f"\n{name} ")[1].split("\n")[0].split()]
        for name in (*module.NETWORKS, module.LINEAR)
    }
    assert figures["log_loss"][0] > figures[module.LINEAR][0] + 0.1
    # Weights and focal loss move the probabilities away from the frequencies.
    assert figures["log_loss"][1] < min(
        figures["class_weight='balanced'"][1], figures["focal, gamma=2"][1]
    )
    assert figures["class_weight='balanced'"][5] > 3 * figures["log_loss"][5]


def test_inspect_training(tmp_path, capsys, monkeypatch):
    printed, _ = run("inspect_training", ["--rows", "800"], tmp_path, capsys, monkeypatch)
    *rounds, last = printed.split("\n--- ")[1:6]
    assert all(" finding" in text for text in rounds)
    assert "nothing found" in last
    for kind in ("wild columns", "a leaking column", "learning rate too high", "saturated units"):
        assert kind in rounds[0]
    first, *_, end = (float(text.split("test rows: ")[1].split()[0]) for text in (*rounds, last))
    assert first < 0.1
    assert end > 0.9
