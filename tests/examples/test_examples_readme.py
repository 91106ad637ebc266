"""The README and the pages of figures: code runs, commands and pictures exist, figures are true."""

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
FIGURES = (BENCHMARKS / "README.md").read_text(encoding="utf-8")
GALLERY = (ROOT / "examples" / "README.md").read_text(encoding="utf-8")

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


def test_it_is_short():
    assert README.count("\n") <= 200


def test_the_python_blocks_run_in_order(capsys, tmp_path, monkeypatch):
    found = blocks("python")
    assert len(found) == README.count("```python") > 8
    values = {}
    # They read a file of the clone, and write others.
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    monkeypatch.chdir(tmp_path)
    # What a block sets is set back afterwards.
    with sklearn.config_context():
        for block in found:
            exec(compile(block, "README.md", "exec"), values)
    assert values["model"].score(values["X_test"], values["y_test"]) > 0.75
    assert values["search"].best_score_ > 0.3
    assert not capsys.readouterr().out


#: What a block needs that has this.
EXTRAS = {
    "skops": "import skops",
    "onnx": "from sknumpynet.onnx",
    "dask": "from sknumpynet.dask",
    "plots": "Display.from_",
}


def test_a_section_names_the_extras_that_its_block_needs():
    sections = README.split("\n## ")[1:]
    for extra, use in EXTRAS.items():
        (section,) = (text for text in sections if use in text)
        assert re.search(rf"^Extras? .*`{extra}`", section, flags=re.M), (extra, section)
    declared = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    named = set(re.findall(r"[Ee]xtras? `(\w+)`", README)) | set(EXTRAS)
    assert [name for name in named if f"\n{name} = [" not in declared] == []


def test_each_set_up_is_one_line_to_paste():
    examples, tests = blocks("sh")
    for block in (examples, tests):
        assert block.count("\n") == 1
        assert block.startswith("python -m pip install -e ")
    assert examples.rstrip().endswith(" && python examples/quickstart.py")
    # .ci/run takes the second block.
    assert tests.rstrip().endswith(" && python -m pytest")


@pytest.mark.parametrize("text", [README, FIGURES], ids=["README", "figures"])
def test_every_command_is_there(text):
    commands = re.findall(r"`(python examples/[^`]*)`", text)
    assert len(commands) >= 2
    for command in commands:
        assert (ROOT / shlex.split(command)[1]).exists(), command


def test_the_rows_of_speed_name_methods_of_the_script(monkeypatch):
    rows = [line for line in FIGURES.splitlines() if line.startswith("| ") and ": `" in line]
    methods = [re.search(r": `([^`]*)`", row)[1] for row in rows]
    methods = [shlex.split(m) for m in methods if "sknumpynet" in m]
    assert len(methods) == 6
    known = load("speed", monkeypatch).METHODS
    assert all(name in known for pair in methods for name in pair)


def anchors_of(page):
    """Of its headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.casefold()).replace(" ", "-") for heading in headings}


PAGES = [ROOT / "README.md", *(ROOT / ".github").glob("*.md"), *ROOT.glob("examples/**/*.md")]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_and_pictures_lead_somewhere(page):
    text = page.read_text(encoding="utf-8")
    links = [link for link in re.findall(r"\]\(([^)\s]+)\)", text) if "://" not in link]
    nowhere = []
    for link in links:
        path, _, anchor = link.partition("#")
        target = page.parent / path if path else page
        if not target.exists() or (anchor and anchor not in anchors_of(target)):
            nowhere.append(link)
    assert nowhere == []
    assert links or page.parent.name == "data"


def test_pictures_are_small_and_shown():
    pictures = sorted((ROOT / "examples" / "images").iterdir())
    assert sum(path.stat().st_size for path in pictures) < 1_000_000
    shown = README + GALLERY
    assert [path.name for path in pictures if f"images/{path.name}" not in shown] == []


def test_the_first_rows_are_what_their_script_finds(tmp_path, capsys, monkeypatch):
    """If the defaults have changed, run the script, and write its figures into FIGURES."""
    output = tmp_path / "raw_columns"
    load("raw_columns", monkeypatch).main(["--output", str(output)])
    assert output.with_suffix(".png").stat().st_size > 10_000
    assert "max_iter=2000" in capsys.readouterr().out
    with output.with_suffix(".csv").open(newline="") as file:
        header, *rows = csv.reader(file)
    found = {name: [float(x) for x in numbers] for name, *numbers in rows}
    assert header[1:] == ["own units", "spread 0.048"]
    table = [line for line in FIGURES.splitlines() if "`LinearRegression`: " in line]
    assert len(table) == 2
    order = ["LinearRegression", "MLPRegressor", "MLPRegressor, max_iter=2000", "NumpyMLPRegressor"]
    for i, (row, what) in enumerate(zip(table, ["`scaled=False`", "spread of 0.048"], strict=True)):
        assert what in row
        written = [float(x) for x in re.findall(r"(?:: |\| |\*\*)(-?\d\.\d\d)\b", row)]
        # Written with two digits; another BLAS may move them by a little.
        assert written == pytest.approx([found[name][i] for name in order], abs=0.0075)
