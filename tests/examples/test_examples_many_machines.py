"""The example of a cluster, with small settings."""

import importlib.util
import sys
from pathlib import Path

import pytest

pytest.importorskip("matplotlib")

pytestmark = [
    pytest.mark.slow,
    # Of Dask, when a cluster is closed.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]

EXAMPLES = Path(__file__).parents[2] / "examples"


def load(path, monkeypatch):
    monkeypatch.syspath_prepend(path.parent)
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    # Processes that are started look themselves up there.
    monkeypatch.setitem(sys.modules, spec.name, module)
    spec.loader.exec_module(module)
    return module


def test_many_machines(tmp_path, capsys, monkeypatch):
    figure = tmp_path / "figure.png"
    load(EXAMPLES / "many_machines.py", monkeypatch).main(
        ["--rows", "2000", "--max-iter", "8", "--output", str(figure)]
    )
    printed = capsys.readouterr().out
    assert figure.stat().st_size > 10_000
    for name in ("1 worker ", "2 workers"):
        assert float(printed.split(f"\n{name}")[1].split("R2 of other rows ")[1].split()[0]) > 0.3
    apart = printed.split("from the ordinary estimator: ")[1].split()[:2]
    assert [float(one.strip(",")) < 1e-10 for one in apart] == [True, True]
