"""The server of the examples: rows by name, a model that is replaced, and the script itself."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest
import skops.io

pytest.importorskip("matplotlib")
pytest.importorskip("pandas")

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture(scope="module")
def example():
    spec = importlib.util.spec_from_file_location("example_serve", EXAMPLES / "serve.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def path(example, tmp_path_factory):
    path = tmp_path_factory.mktemp("served") / "model.skops"
    skops.io.dump(model_of(example, seed=0), path)
    return path


def model_of(example, seed):
    X, y = example.titanic()
    return example.NumpyMLPClassifier((4,), solver="lbfgs", max_iter=20, random_state=seed).fit(
        X, y
    )


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_keys_in_any_order_and_none_for_what_is_missing(example, path):
    served, frame = example.Served(path), example.titanic()[0]
    rows = example.rows_of(frame)[:50]
    assert any(row["age"] is None for row in rows)
    _, p = served.answer([dict(reversed(row.items())) for row in rows])
    np.testing.assert_array_equal(p, model_of(example, 0).predict_proba(frame)[:50, 1])


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"age": ...}, r"row 1 lacks .*age.* \(None is what is missing\)"),
        ({"age": ..., "fare": ...}, "row 1 lacks .*age.*, .*fare"),
        ({"port": "S"}, "row 1 has .*port.* beyond them"),
        ({"sex": ..., "Sex": "male"}, "row 1 lacks .*sex.* and has .*Sex.* beyond them"),
    ],
)
def test_keys_that_do_not_fit_are_named(example, path, change, message):
    rows = example.rows_of(example.titanic()[0])[:2]
    rows[1] = {key: value for key, value in (rows[1] | change).items() if value is not ...}
    with pytest.raises(ValueError, match=message):
        example.Served(path).answer(rows)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_a_newer_model_is_taken_over_where_there_is_one(example, path):
    served = example.Served(path)
    rows, old = example.rows_of(example.titanic()[0])[:5], served.written
    served.look()
    assert served.written == old
    _, before = served.answer(rows)
    skops.io.dump(model_of(example, seed=1), path)
    assert served.answer(rows)[0] == old
    served.look()
    written, after = served.answer(rows)
    assert written > old
    assert (after != before).all()


@pytest.mark.slow
def test_the_script(example, tmp_path, capsys):
    figure = tmp_path / "figure.png"
    example.main(["--answers", "3", "--rounds", "2", "--output", str(figure)])
    printed = capsys.readouterr().out
    assert figure.stat().st_size > 10_000
    n_new = int(printed.partition(" of the new one")[0].split()[-1])
    right, n = (int(word) for word in printed.splitlines()[1].split() if word.isdigit())
    assert n_new == 3 * example.N_THREADS
    assert right == n >= n_new
    assert "unseen at fit time:\n- Age\n" in printed
    assert "\nsknumpynet " in printed
    if importlib.util.find_spec("onnxruntime"):
        assert "\nsknumpynet in onnxruntime " in printed
