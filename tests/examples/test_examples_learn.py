"""The five scripts of examples/learn with small settings, and the pages that lead to them."""

import ast
import importlib.util
import re
import runpy
import sys
from pathlib import Path

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pytest
from threadpoolctl import threadpool_limits

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
LEARN = EXAMPLES / "learn"

#: The script, and a setting that makes it short.
SCRIPTS = {
    "apple_receipt": {"epochs": 8},
    "graph_of_layers": {"epochs": 20},
    "layers_of_any_size": {"steps": 1000},
    "one_sample_at_a_time": {"rounds": 10},
    "two_dense_layers": {"epochs": 100},
}


@pytest.fixture(scope="module", autouse=True)
def no_windows_and_one_thread():
    """The networks are small: where cores are shared, threads of the BLAS wait for each other."""
    matplotlib.use("Agg")
    with threadpool_limits(limits=1):
        yield


def load(name):
    spec = importlib.util.spec_from_file_location(f"learn_{name}", LEARN / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def run(tmp_path_factory, no_windows_and_one_thread):
    """Run a script once; what its ``main`` returned, what it printed, and its figure."""
    done = {}

    def run_once(name, capsys):
        if name not in done:
            figure = tmp_path_factory.mktemp(name) / "figure.png"
            result = load(name).main(output=figure, **SCRIPTS[name])
            done[name] = result, capsys.readouterr().out, figure
        return done[name]

    return run_once


def test_every_script_is_here():
    assert {path.stem for path in LEARN.glob("*.py")} == set(SCRIPTS)


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_report_and_a_figure(name, run, capsys):
    _, printed, figure = run(name, capsys)
    assert figure.stat().st_size > 20_000
    assert not plt.get_fignums()
    assert printed.startswith("1. ")
    assert printed.endswith(f"Figure: {figure}\n")
    assert max(map(len, printed.removesuffix(f"{figure}\n").splitlines())) <= 100


@pytest.mark.parametrize("name", SCRIPTS)
def test_as_a_command(name, tmp_path, monkeypatch, capsys):
    script, figure = LEARN / f"{name}.py", tmp_path / "figure.png"
    (option,) = SCRIPTS[name]
    arguments = [str(script), f"--{option}", "2", "--output", str(figure)]
    monkeypatch.setattr(sys, "argv", arguments)
    runpy.run_path(str(script), run_name="__main__")
    assert figure.exists()
    assert f"Figure: {figure}" in capsys.readouterr().out


@pytest.mark.parametrize("name", SCRIPTS)
def test_the_figure_stands_beside_the_script_by_default(name):
    module = load(name)
    assert module.main.__defaults__[0] == module.FIGURE
    assert module.FIGURE.parent == LEARN
    assert module.FIGURE.name == f"{name}.png"


def test_the_receipts(run, capsys):
    result, printed, _ = run("apple_receipt", capsys)
    small = {
        "apple price": (100, 2.2),
        "number of apples": (2, 110),
        "apples": (200, 1.1),
        "tax": (1.1, 200),
        "bill": (220, 1),
    }
    full = {
        "apple price": (100, 2.2),
        "number of apples": (2, 110),
        "orange price": (150, 3.3),
        "number of oranges": (3, 165),
        "apples": (200, 1.1),
        "oranges": (450, 1.1),
        "subtotal": (650, 1.1),
        "tax": (1.1, 650),
        "bill": (715, 1),
    }
    for numbers, expected in ((result["small"], small), (result["full"], full)):
        assert numbers.keys() == expected.keys()
        for name, pair in expected.items():
            assert numbers[name] == pytest.approx(pair, rel=1e-12)
    for line in (
        "apple price            100           2.2",
        "number of apples         2           110",
        "orange price           150           3.3",
        "number of oranges        3           165",
        "tax                    1.1           650",
        "bill                   715             1",
    ):
        assert line in printed


def test_layers_that_read_digits(run, capsys):
    result, printed, _ = run("apple_receipt", capsys)
    assert "ReLUWithoutReturn 'hidden' returned nothing" in result["slip"]
    assert result["slip"] in printed
    assert result["gradient_error"] < 1e-8
    assert result["accuracy"] >= 0.95
    assert result["estimator_accuracy"] >= 0.95


def test_a_node_with_two_uses_gets_the_sum(run, capsys):
    result, printed, _ = run("graph_of_layers", capsys)
    assert result["parts"] == (21, 15)
    assert result["gradient"] == 36
    assert "u sends back 21, v sends back 15: dy/dx = 36" in printed


def test_the_network_of_nodes_learns_diabetes(run, capsys):
    result, _, _ = run("graph_of_layers", capsys)
    order = result["order"]
    assert len(order) == len(set(order)) == 10
    for before, after in [("X", "Z1"), ("W1", "Z1"), ("Z1", "A"), ("A", "P"), ("P", "cost")]:
        assert order.index(before) < order.index(after)
    (first, _), (last, last_on_test) = result["curve"][0], result["curve"][-1]
    assert first > 0.9
    assert last < 0.55
    assert last_on_test < 0.55
    assert result["estimator_cost"] < 0.6


def test_layers_of_any_size(run, capsys):
    result, _, _ = run("layers_of_any_size", capsys)
    assert result["checked"] < 1e-8
    last = {name: errors[-1] for name, errors in result["errors"].items()}
    assert last["linear output"] < 1e-12
    assert last["tanh output"] < 1e-3
    assert 1 / 3 < last["sigmoid output"] < 0.4
    assert last["linear output, start within 1e-3"] > 0.6
    assert max(result["norms"]["within 1e-3"]) < 1e-6
    assert min(result["norms"]["within 1 / sqrt(inputs)"]) > 1e-2
    assert result["estimator_error"] < 1e-3
    right, wrong = result["slopes"][0.01]
    assert right == pytest.approx(1, abs=1e-3)
    assert wrong > 9000


@pytest.mark.parametrize("activation", ["linear", "relu", "sigmoid", "tanh", "softmax"])
def test_each_activation_as_the_last(activation):
    module = load("layers_of_any_size")
    rng = np.random.default_rng(1)
    network = module.Network(3, seed=1).add(6, "tanh").add(4, activation)
    X, Y = rng.normal(size=(5, 3)), rng.normal(size=(5, 4))
    assert module.gradient_error(network, X, Y) < 1e-8


def test_one_sample_at_a_time(run, capsys):
    result, _, _ = run("one_sample_at_a_time", capsys)
    assert result["difference"] < 1e-10
    assert result["curve_difference"] < 1e-8
    assert len(result["loop_curve"]) == 10
    same, by_loop = (result["errors"][name] for name in list(result["errors"])[1::-1])
    assert same == pytest.approx(by_loop, rel=1e-8)
    the_text, ours = zip(*result["slopes"].values(), strict=True)
    assert the_text[:2] == pytest.approx(ours[:2], rel=1e-12)
    assert np.isnan(the_text[-1])
    assert ours[-1] == 0


def test_the_estimator_fits_the_thirty_points():
    """With all 200 rounds, about as closely as the best parabola."""
    module = load("one_sample_at_a_time")
    x, features, y = module.thirty_points()
    assert features.shape == (2, 30)
    model = module.estimator(200, **module.ONE_BY_ONE)
    assert model.get_params()["hidden_layer_sizes"] == (100, 400)
    module.fit_and_time(model, features.T, y.ravel())
    parabola = np.polyval(np.polyfit(x, y.ravel(), 2), x)
    best = np.mean((parabola - y) ** 2)
    assert np.mean((model.predict(features.T) - y) ** 2) < 1.3 * best


def test_two_dense_layers(run, capsys):
    result, printed, _ = run("two_dense_layers", capsys)
    curves = result["curves"]
    assert result["difference"] < 1e-8
    np.testing.assert_allclose(curves["estimator, same"], curves["right version"], rtol=1e-8)
    for name in ("text's version", "right version"):
        curve = curves[name]
        assert curve[0] > 1e7
        assert curve[99] < 1e4
        assert (np.diff(curve[20:]) < 0).all()
    own = curves["estimator, own"]
    assert own[-1] < 1e-3
    assert result["n_iter"] < 500
    assert f"Iteration  50/500  loss = {own[49] / 128:.5g}" in printed
    text, right = result["checks"]["the text's"], result["checks"]["the right one"]
    assert text[0] > 0.1
    assert right[0] < 1e-6
    assert text[1] < 1e-10
    assert right[1] > 0.1
    assert 0 < result["cosine"] < 0.9


def test_two_dense_layers_reach_the_end():
    module = load("two_dense_layers")
    x, y, start = module.random_start(0)
    for slip in (True, False):
        curve, end = module.train(x, y, start, 500, slip)
        assert curve[-1] < 1e-3
        assert np.array_equal(end["b1"], start["b1"]) == slip


# The pages.

LINK = re.compile(r"\[[^\]]*\]\(([^)]+)\)")
#: [`Class.method`](path.py): `a line of it`
PLACE = re.compile(r"\[`([\w.]+)`\]\(([^)]+\.py)\): `([^`]+)`")


def functions(path):
    """The source of each function and method of a file, by its name."""
    source = path.read_text(encoding="utf-8")
    found = {}
    for node in ast.parse(source).body:
        for member in node.body if isinstance(node, ast.ClassDef) else [node]:
            if isinstance(member, ast.FunctionDef):
                prefix = f"{node.name}." if isinstance(node, ast.ClassDef) else ""
                found[prefix + member.name] = ast.get_source_segment(source, member)
    return found


@pytest.mark.parametrize("page", ["README.md", "learn/README.md"])
def test_links_of_the_pages(page):
    path = EXAMPLES / page
    links = LINK.findall(path.read_text(encoding="utf-8"))
    assert links
    for link in links:
        assert (path.parent / link).exists(), link


def test_the_places_where_the_core_computes_the_formulas():
    """If a line was rewritten, quote the new one in examples/learn/README.md."""
    text = (LEARN / "README.md").read_text(encoding="utf-8")
    rows = [line for line in text.splitlines() if line.startswith("| ") and "| where |" not in line]
    rows = [row for row in rows if "../../sknumpynet" in row]
    places = PLACE.findall(text)
    assert len(places) == len(rows) > 15
    for name, link, line in places:
        source = functions((LEARN / link).resolve())
        assert name in source, f"{link} has no {name}"
        assert line in source[name], f"{line!r} is not in {name} of {link}"


def test_no_formula_stands_twice():
    text = (LEARN / "README.md").read_text(encoding="utf-8")
    assert len({(name, line) for name, _, line in PLACE.findall(text)}) == len(PLACE.findall(text))
    first_cells = [row.split("|")[1].strip() for row in text.splitlines() if row.startswith("| ")]
    formulas = [cell for cell in first_cells if "`" in cell]
    assert len(formulas) == len(set(formulas))


def test_the_table_of_all_examples():
    table = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    for script in EXAMPLES.rglob("*.py"):
        text = script.read_text(encoding="utf-8")
        if '__name__ == "__main__"' not in text:
            continue  # What scripts share is not run.
        name = script.relative_to(EXAMPLES).as_posix()
        entries = f"| [{name}]({name}) |", f"### [{script.name}]({name})\n"
        assert any(entry in table for entry in entries), f"{name} is not in examples/README.md"
        no_figure = ("frames", "published", "free_text", "text_columns", "onnx_of_others", "ranks")
        no_figure += ("tuning", "pictures")
        figures = f"`{script.stem}.png`", f"(images/{script.stem}.png)"
        assert any(figure in table for figure in figures) or script.stem in no_figure, name
