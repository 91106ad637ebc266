"""One line that follows a training: what it shows, and where; and that it is always left."""

import contextlib
import io
import math
import multiprocessing
import os
import re
import subprocess
import sys
import threading

import numpy as np
import pytest

from sknumpynet import NumpyMLPRegressor
from sknumpynet.callbacks import EarlyStop
from sknumpynet.training import Expected, Forecast, LiveLine, Outcome, Reporter, line_on
from sknumpynet.training.first_steps import FirstSteps
from sknumpynet.training.live import OverwrittenLine, RichLine, duration, that_fit

X = np.random.default_rng(0).normal(size=(100, 2))
y = X[:, 0] ** 2
SMALL = {"hidden_layer_sizes": (3,), "random_state": 0, "verbose": 1}
pytestmark = [
    pytest.mark.filterwarnings("ignore:Training was cut short"),
    pytest.mark.filterwarnings("ignore:The network predicts no better than a constant"),
]
EXPECTED = Expected(
    first_epoch=0, max_iter=20, max_time=math.inf, ends_early=True, score_name=None, unit="epochs"
)


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self):
        return True

    def shows(self, call, *args):
        """The call, with this as stdout. (pytest sets its own behind a fixture.)"""
        with contextlib.redirect_stdout(self):
            return call(*args)


@pytest.fixture(params=["rich", "no rich"])
def terminal(request, monkeypatch):
    """What stdout is; once with rich and once without."""
    if request.param == "rich":
        pytest.importorskip("rich")
        monkeypatch.setenv("TERM", "xterm")
    else:
        monkeypatch.setitem(sys.modules, "rich.console", None)
    monkeypatch.setenv("COLUMNS", "120")
    return Terminal()


def looks_of(text):
    """What the line showed, look by look, and what came behind it; without colours and cursor."""
    text = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]|[━╸╺]", "", text)
    first, _, rest = text.partition("\n")
    return [look.strip() for look in first.split("\r") if look.strip()], rest


def test_a_fit_is_one_line_and_says_how_it_ended(terminal):
    model = terminal.shows(NumpyMLPRegressor(max_iter=30, **SMALL).fit, X, y)
    looks, rest = looks_of(terminal.getvalue())
    kept = model.best_iteration_
    assert rest == (
        f"Training ended after 30 epochs, kept epoch {kept} of 30: the limit max_iter is reached.\n"
        f"{model.report_.short}\n"
    )
    history = model.history_
    begin = (
        f"epoch  1/30  at most .* left  val {history['validation_loss'][0]:.4g}  best .* \\(1\\)"
    )
    assert re.fullmatch(f"{begin}  loss {history['loss'][0]:.4g}", looks[0])
    best = int(np.argmin(history["validation_loss"]))
    shown = f"val {history['validation_loss'][-1]:.4g}  best {min(history['validation_loss']):.4g}"
    end = f"epoch 30/30  [0-9.]+ s  {shown} \\({best + 1}\\)  loss {history['loss'][-1]:.4g}"
    assert re.fullmatch(end, looks[-1])


@pytest.mark.parametrize(
    ("options", "shown"),
    [
        ({"scoring": "r2", "max_iter": 3}, r"epoch 3/3 .* score (-?[\d.]+)  best \1 \(3\)  loss"),
        ({"early_stopping": False, "max_iter": 3}, r"epoch 3/3  [\d.]+ s  best .* \([123]\)  loss"),
        ({"solver": "lbfgs", "max_iter": 3}, r"iteration 3/3  [\d.]+ s  best .* \(3\)  loss"),
    ],
)
def test_it_shows_what_is_watched(options, shown, terminal):
    terminal.shows(NumpyMLPRegressor(learning_rate_init=1e-4, **SMALL, **options).fit, X, y)
    looks, _ = looks_of(terminal.getvalue())
    assert re.match(shown, looks[-1])


@pytest.mark.parametrize(
    ("options", "words"),
    [({}, "about"), ({"n_iter_no_change": 2}, "at most"), ({"solver": "lbfgs"}, "at most")],
)
def test_it_says_at_most_where_training_may_end_before(options, words, terminal):
    model = NumpyMLPRegressor(max_iter=3, **SMALL, **options)
    terminal.shows(model.fit, X, y)
    looks, _ = looks_of(terminal.getvalue())
    assert f" 1/3  {words} " in looks[0]
    # A callback may stop any of them.
    terminal.truncate(0)
    terminal.seek(0)
    terminal.shows(model.set_callbacks(EarlyStop(lambda model: 0.0)).fit, X, y)
    looks, _ = looks_of(terminal.getvalue())
    assert " 1/3  at most " in looks[0]


def test_it_goes_on_with_the_epochs_of_an_earlier_fit(terminal):
    model = NumpyMLPRegressor(warm_start=True, max_iter=3, **SMALL)
    terminal.shows(model.fit, X, y)
    terminal.shows(model.fit, X, y)
    assert model.history_["epoch"][-1] == 6
    assert "epoch 6/6" in terminal.getvalue()


def test_each_model_of_bags_has_a_line(terminal):
    terminal.shows(NumpyMLPRegressor(max_iter=3, n_bags=3, **SMALL).fit, X, y)
    text = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", terminal.getvalue())
    lines = [line for line in text.split("\n") if "Model " in line]
    assert len(lines) == 6
    for number in (1, 2, 3):
        live, end = lines[2 * number - 2 : 2 * number]
        assert f"Model {number} of 3  epoch 3/3" in live
        assert end.startswith(f"Model {number} of 3  Training ended after 3 epochs")


def test_an_error_leaves_the_line_and_the_cursor(terminal):
    stop = EarlyStop(lambda model: [1.0, math.nan][len(model.history_["loss"]) - 1])
    with pytest.raises(ValueError, match="gave nan"):
        terminal.shows(NumpyMLPRegressor(**SMALL).set_callbacks(stop).fit, X, y)
    looks, rest = looks_of(terminal.getvalue())
    assert (looks[-1][:11], rest) == ("epoch   1/2", "")
    assert terminal.getvalue().rstrip("\x1b[?25h").endswith("\n")
    shown, hidden = terminal.getvalue().count("\x1b[?25h"), terminal.getvalue().count("\x1b[?25l")
    assert shown == hidden


def test_lines_are_printed_where_they_are_asked_for(terminal):
    terminal.shows(NumpyMLPRegressor(max_iter=5, **SMALL | {"verbose": 2}).fit, X, y)
    lines = terminal.getvalue().partition("Training ended")[0].splitlines()
    assert [line[:13] for line in lines] == [f"Iteration {n}/5" for n in (1, 2, 4, 5)]


def test_an_epoch_of_a_stream_is_a_line(terminal):
    terminal.shows(NumpyMLPRegressor(**SMALL).partial_fit, X, y)
    assert re.fullmatch(r"Iteration 1/1 .*\n", terminal.getvalue())


def test_nothing_is_printed_unasked(terminal):
    terminal.shows(NumpyMLPRegressor(max_iter=5, **SMALL | {"verbose": 0}).fit, X, y)
    assert terminal.getvalue() == ""


# Where.


def test_a_line_needs_somebody_who_watches_it_alone(monkeypatch):
    monkeypatch.setitem(sys.modules, "rich.console", None)
    assert isinstance(line_on(Terminal()), OverwrittenLine)
    assert line_on(io.StringIO()) is None
    # One that is no file at all.
    assert line_on(None) is None
    found = []
    thread = threading.Thread(target=lambda: found.append(line_on(Terminal())))
    thread.start()
    thread.join()
    assert found == [None]
    worker = multiprocessing.current_process()
    name, worker.name = worker.name, "LokyProcess-1"
    try:
        assert line_on(Terminal()) is None
    finally:
        worker.name = name


def test_a_terminal_that_cannot_go_back_has_no_bar(monkeypatch):
    pytest.importorskip("rich")
    monkeypatch.setenv("TERM", "dumb")
    assert isinstance(line_on(Terminal()), OverwrittenLine)
    monkeypatch.setenv("TERM", "xterm")
    assert isinstance(line_on(Terminal()), RichLine)


def test_a_notebook_has_the_line():
    stream = type("OutStream", (io.StringIO,), {"__module__": "ipykernel.iostream"})()
    with contextlib.redirect_stdout(stream):
        NumpyMLPRegressor(max_iter=5, **SMALL).fit(X, y)
    looks, rest = looks_of(stream.getvalue())
    assert looks[-1].startswith("epoch 5/5")
    assert rest.startswith("Training ended")


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="no pseudo-terminals here")
@pytest.mark.parametrize("shell", ["python", "IPython"])
def test_a_terminal_of_the_system(shell):
    if shell == "IPython":
        pytest.importorskip("IPython")
    code = (
        "import numpy as np; from sknumpynet import NumpyMLPRegressor; "
        "X = np.arange(60.0).reshape(-1, 1); "
        "m = NumpyMLPRegressor((3,), verbose=1, max_iter=11, random_state=0).fit(X, X[:, 0])"
    )
    call = [sys.executable, *(["-m", "IPython"] if shell == "IPython" else []), "-c", code]
    ours, its = os.openpty()
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "100", "PYTHONWARNINGS": "ignore"}
    process = subprocess.Popen(call, stdout=its, stderr=subprocess.DEVNULL, env=environment)
    os.close(its)
    text = b""
    # Read while it runs, since it may wait for that; at the end some systems give an error.
    try:
        while block := os.read(ours, 4096):
            text += block
    except OSError:
        pass
    finally:
        os.close(ours)
    assert process.wait() == 0
    looks, rest = looks_of(text.decode().replace("\r\n", "\n"))
    assert looks[-1].startswith("epoch 11/11")
    assert rest.startswith("Training ended after 11 epochs")


# The time that is left.


@pytest.mark.parametrize(
    ("changed", "n_iter", "spent", "left"),
    [
        ({}, 5, 10.0, 30.0),
        ({}, 20, 40.0, 0.0),
        ({"max_time": 25.0}, 5, 10.0, 15.0),
        ({"max_time": 5.0}, 5, 10.0, 0.0),
        ({"n_later": 2}, 5, 10.0, 30.0 + 2 * 40.0),
        ({"n_later": 2, "max_time": 25.0}, 5, 10.0, 15.0 + 2 * 25.0),
    ],
)
def test_the_time_left_by_epochs_of_two_seconds(changed, n_iter, spent, left):
    assert Expected(**{**vars(EXPECTED), **changed}).left(n_iter, spent, 2.0) == left


class Shown:
    """A line that notes what it is to show."""

    def __init__(self):
        self.looks = []

    def show(self, share, parts):
        self.looks.append((share, list(parts)))

    def close(self):
        self.looks.append("closed")


def entry(epoch, loss=1.0, seconds=2.0, validation_loss=math.nan, score=math.nan):
    return {
        "epoch": epoch,
        "loss": loss,
        "validation_loss": validation_loss,
        "score": score,
        "seconds": seconds,
    }


@pytest.mark.parametrize(("ends_early", "words"), [(True, "at most"), (False, "about")])
def test_the_words_say_whether_it_may_end_before(ends_early, words):
    shown = Shown()
    live = LiveLine(Expected(**{**vars(EXPECTED), "ends_early": ends_early}), shown)
    live.after_epoch(entry(1), None)
    assert shown.looks == [(0.05, ["epoch  1/20", f"{words} 38 s left", "best 1 (1)", "loss 1"])]


def test_the_last_epochs_say_how_long_one_takes(monkeypatch):
    """And there are few looks: none before EVERY seconds have gone by, but the last of all."""
    now = [0.0]
    monkeypatch.setattr("time.perf_counter", lambda: now[0])
    shown = Shown()
    live = LiveLine(Expected(**{**vars(EXPECTED), "max_iter": 100}), shown)
    for epoch in range(1, 51):
        live.after_epoch(entry(epoch, seconds=100.0 if epoch < 31 else 1.0), None)
    assert len(shown.looks) == 1
    now[0] = 3000.0
    live.after_epoch(entry(51, seconds=1.0), None)
    assert shown.looks[1][1][1] == "at most 49 s left"
    live.end(Outcome("converged", 51, 51, 0.0))
    assert (shown.looks[2][1][1], shown.looks[3:]) == ("50 min", ["closed"])


def test_a_training_that_goes_on_knows_its_best():
    before, shown = LiveLine(EXPECTED, Shown()), Shown()
    before.after_epoch(entry(1, loss=0.5), None)
    live = LiveLine(EXPECTED, shown)
    live.load(before.state())
    live.after_epoch(entry(2, loss=0.75), None)
    assert shown.looks[0][1][2:] == ["best 0.5 (1)", "loss 0.75"]


def test_figures_that_are_not_finite_are_no_best():
    shown = Shown()
    live = LiveLine(EXPECTED, shown)
    live.after_epoch(entry(1, loss=math.nan), None)
    assert shown.looks[0][1][2:] == ["loss nan"]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0.0 s"), (9.44, "9.4 s"), (9.5, "10 s"), (99.4, "99 s"), (99.6, "2 min"),
     (5969, "99 min"), (5971, "1.7 h"), (360000, "100.0 h")],
)  # fmt: skip
def test_durations(seconds, text):
    assert duration(seconds) == text


def test_what_does_not_fit_is_left_out():
    parts = ["epoch 1", "2 s", "loss 3"]
    assert [that_fit(parts, width) for width in (20, 19, 12, 11, 5)] == [
        *("epoch 1  2 s  loss 3", "epoch 1  2 s", "epoch 1  2 s"),
        *("epoch 1", "epoch"),
    ]


def test_a_shorter_look_leaves_nothing_of_a_longer_one():
    stream = io.StringIO()
    line = OverwrittenLine(stream, 30)
    for parts in (["a long one"], ["short"], ["x" * 40]):
        line.show(0.0, parts)
    line.close()
    line.close()
    assert stream.getvalue() == "\ra long one\rshort     \r" + "x" * 30 + "\n"


# Before the first epoch is over, and where there is no line.


def test_the_first_steps_tell_how_long_it_may_take():
    shown = Shown()
    LiveLine(EXPECTED, shown).after_first_steps(60.0, None)
    assert shown.looks == [(0.0, ["epoch  1/20", "at most 20 min left"])]


@pytest.mark.parametrize("after", ["steps", "epoch"])
def test_a_forecast_is_printed_once_where_it_takes_long(capsys, after):
    forecast = Forecast(Expected(**{**vars(EXPECTED), "n_later": 4, "name": "Model 1 of 5"}))
    if after == "steps":
        forecast.after_first_steps(30.0, None)
    forecast.after_epoch(entry(1, seconds=30.0), None)
    forecast.after_epoch(entry(2, seconds=50.0), None)
    minutes = (20 - (after == "epoch")) * 0.5 + 4 * 10
    text = f"At most {minutes:.0f} min left: 20 epochs, each about 30 s, and 4 more models."
    assert capsys.readouterr().out == f"Model 1 of 5  {text}\n"


def test_no_forecast_of_some_seconds(capsys):
    Forecast(EXPECTED).after_epoch(entry(1, seconds=0.1), None)
    assert capsys.readouterr().out == ""


def test_first_steps_without_the_very_first_are_looked_at_for_a_second(monkeypatch):
    """And told before the epoch is over."""
    now, told = [0.0], []
    monkeypatch.setattr("time.perf_counter", lambda: now[0])

    class Told(Reporter):
        def after_first_steps(self, seconds, trainer):
            told.append((now[0], seconds))

    first = FirstSteps([Told()], n_batches=1000)
    for step in range(100):
        now[0] += 5.0 if step == 0 else 0.25
        first.step_done(None)
    assert told == [(6.0, 250.0)]


def test_a_fit_whose_second_cycle_may_be_left_out_takes_at_most_so_long(terminal):
    rows = np.random.default_rng(0).normal(size=(60, 2))
    model = NumpyMLPRegressor(
        **SMALL, max_iter=4, early_stopping=True, learning_rate="cosine_restarts",
        n_iter_no_change=math.inf,
    )  # fmt: skip
    terminal.shows(model.fit, rows, rows[:, 0])
    assert "at most" in terminal.getvalue()
    terminal.truncate(0)
    terminal.shows(model.set_params(learning_rate="cosine").fit, rows, rows[:, 0])
    assert "about" in terminal.getvalue()
    assert "at most" not in terminal.getvalue()
