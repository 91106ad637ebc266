"""The history of epochs, and the line printed for one."""

import math

import pytest

from sknumpynet.training import History
from sknumpynet.training.history import COLUMNS
from sknumpynet.training.reporters import epoch_line


def entry(epoch=1, **changes):
    values = {
        "epoch": epoch,
        "loss": 0.5,
        "validation_loss": math.nan,
        "score": math.nan,
        "learning_rate": 1e-3,
        "seconds": 0.01,
    }
    return values | changes


def make(n_epochs, *, start=0, **options):
    history = History(**options)
    for epoch in range(start + 1, start + n_epochs + 1):
        history.append(**entry(epoch))
    return history


def test_columns_are_those_of_the_issue_and_grow_together():
    assert COLUMNS == ("epoch", "loss", "validation_loss", "score", "learning_rate", "seconds")
    columns = make(4).columns
    assert tuple(columns) == COLUMNS
    assert {len(column) for column in columns.values()} == {4}
    assert columns["epoch"] == [1, 2, 3, 4]


@pytest.mark.parametrize(
    ("limit", "epochs"), [(None, [1, 2, 3, 4, 5]), (1, [5]), (3, [3, 4, 5]), (5, [1, 2, 3, 4, 5])]
)
def test_a_limit_keeps_the_last_entries(limit, epochs):
    history = make(5, limit=limit)
    assert history.columns["epoch"] == epochs
    assert {len(column) for column in history.columns.values()} == {len(epochs)}
    assert history.last_epoch == 5


def test_going_on_leaves_the_earlier_history_alone():
    earlier = make(2).columns
    later = make(3, start=2, columns=earlier)
    assert later.columns["epoch"] == [1, 2, 3, 4, 5]
    assert earlier["epoch"] == [1, 2]


def test_a_limit_also_cuts_what_came_before():
    assert make(1, start=5, columns=make(5).columns, limit=2).columns["epoch"] == [5, 6]


@pytest.mark.parametrize("n_epochs", [0, 3])
def test_the_last_epoch(n_epochs):
    assert make(n_epochs).last_epoch == n_epochs


@pytest.mark.parametrize(
    ("changes", "score_name", "shown", "hidden"),
    [
        ({}, None, ["loss = 0.5", "1.00e-03"], ["validation", "nan"]),
        ({"validation_loss": 0.25, "score": -0.25}, None, ["validation loss = 0.25"], ["-0.25"]),
        ({"validation_loss": 0.25, "score": 0.75}, "accuracy", ["accuracy = 0.75"], []),
        ({}, "accuracy", ["loss = 0.5"], ["accuracy", "nan"]),
    ],
)
def test_a_line_shows_what_there_is(changes, score_name, shown, hidden):
    line = epoch_line(entry(7, **changes), 200, score_name)
    assert line.startswith("Iteration   7/200")
    assert all(text in line for text in shown)
    assert not any(text in line for text in hidden)


def test_a_line_without_a_learning_rate_has_no_gap():
    line = epoch_line(entry(3, learning_rate=math.nan, loss=-1.2345e-10), 20, None)
    assert line == "Iteration  3/20  loss = -1.2345e-10  time = 0.010 s"


@pytest.mark.parametrize("last_loss", [0.00012, 9.5, 123.456, 1e7])
def test_lines_are_aligned(last_loss):
    lines = [
        epoch_line(entry(1, loss=12.5, validation_loss=11.0, score=0.5), 200, "r2"),
        epoch_line(entry(150, loss=last_loss, validation_loss=9.0, score=-10.5), 200, "r2"),
    ]
    for text in ("loss", "validation loss", "r2", "learning rate"):
        assert len({line.index(text) for line in lines}) == 1
