"""The drawing: what is written in it, where things stand, and that no window opens."""

import itertools

import matplotlib
import numpy as np
import pytest

matplotlib.use("Agg")

import matplotlib.pyplot as plt
from matplotlib.patches import Circle, FancyArrowPatch

from sknumpynet.graph import (
    Input,
    Linear,
    MeanSquaredError,
    Multiply,
    Node,
    Parameter,
    ReLU,
    backpropagate,
    draw,
    evaluate,
)


@pytest.fixture(autouse=True)
def no_window_and_no_figure_left(monkeypatch):
    monkeypatch.setattr(plt, "show", lambda *args, **kwargs: pytest.fail("a window was opened"))
    yield
    plt.close("all")


def receipt():
    apples = Multiply(Input(100, name="apple price"), Input(2, name="number of apples"))
    oranges = Multiply(Input(150, name="orange price"), Input(3, name="number of oranges"))
    return (apples + oranges) * Input(1.1, name="tax")


def texts(ax):
    return [text.get_text() for text in ax.texts]


def patches(ax, kind):
    return [patch for patch in ax.patches if isinstance(patch, kind)]


def numbers_of_edges(ax):
    """Pairs (value, gradient) of texts, for each edge of a graph of numbers."""
    numbers = [text for text in ax.texts if text.get_text()[0].isdigit()]
    return list(zip(numbers[::2], numbers[1::2], strict=True))


def test_the_receipt_has_values_above_and_gradients_below(tmp_path):
    total = receipt()
    evaluate(total)
    backpropagate(total)
    ax = draw(total)
    written = texts(ax)
    for value in ("100", "150", "200", "450", "650", "715", "1.1"):
        assert value in written
    for gradient in ("2.2", "110", "3.3", "165", "650", "1"):
        assert gradient in written
    assert written.count("×") == 3
    assert written.count("+") == 1

    edges = numbers_of_edges(ax)
    assert len(edges) == 9  # 8 between nodes, and the result
    for value, gradient in edges:
        assert value.get_position()[1] > gradient.get_position()[1]
        assert value.get_verticalalignment() == "bottom"
        assert gradient.get_verticalalignment() == "top"

    ax.figure.savefig(tmp_path / "receipt.png")
    assert (tmp_path / "receipt.png").stat().st_size > 10_000


def test_the_texts_of_the_receipt_do_not_overlap_and_are_inside_the_figure():
    total = receipt()
    evaluate(total)
    backpropagate(total)
    ax = draw(total)
    ax.figure.canvas.draw()
    # The box of a slanted text is larger than the text, so those of one edge may overlap.
    same_edge = {frozenset(pair) for pair in numbers_of_edges(ax)}
    for one, other in itertools.combinations(ax.texts, 2):
        if {one, other} not in same_edge:
            assert not one.get_window_extent().overlaps(other.get_window_extent()), (one, other)
    for text in ax.texts:
        box = text.get_window_extent()
        assert ax.figure.bbox.containsx(box.x0)
        assert ax.figure.bbox.containsx(box.x1)
        assert ax.figure.bbox.containsy(box.y0)
        assert ax.figure.bbox.containsy(box.y1)


def test_every_node_stands_left_of_its_users_and_apart_from_all_others():
    X = Input(np.ones((4, 2)), name="X")
    hidden = ReLU(Linear(X, Parameter(np.ones((2, 2))), Parameter([1, 2])))
    loss = MeanSquaredError(hidden + X, np.zeros((4, 2)))
    ax = draw(loss)
    centers = [circle.center for circle in patches(ax, Circle)]
    assert len(centers) == len(set(centers)) == 8
    for arrow in patches(ax, FancyArrowPatch):
        start, end = arrow._posA_posB
        assert start[0] < end[0]


def test_without_values_and_gradients_only_the_graph_is_drawn():
    total = receipt()
    ax = draw(total)
    assert len(patches(ax, FancyArrowPatch)) == 9
    assert "tax" in texts(ax)
    assert texts(draw(Input(name="x") * Input(name="y"))) == ["x", "y", "×"]

    evaluate(total)
    assert "715" in texts(draw(total))
    assert "2.2" not in texts(draw(total))


def test_arrays_are_written_as_shape_and_norm():
    X = Input(np.ones((4, 2)))
    y = X * 3
    evaluate(y)
    backpropagate(y)
    assert texts(draw(y)) == [
        *("Input", "3", "×"),
        *("(4, 2)", "norm 8.49", "3", "8"),
        *("(4, 2)", "norm 2.83"),
    ]


def test_an_array_with_one_entry_is_an_array():
    X = Input(np.ones((4, 2)), name="X")
    z = Linear(X, Parameter(np.full((2, 1), 2.0), name="W"), Parameter([0.5], name="b"), name="z")
    evaluate(z)
    backpropagate(z)
    # The gradient of b is the sum over four rows of 1.
    assert texts(draw(z))[-4:] == ["(1,)", "norm 4", "(4, 1)", "norm 2"]


def test_a_shared_node_shows_its_parts_and_their_sum():
    x = Input(5, name="x")
    y = x * 3 + x * x
    evaluate(y)
    backpropagate(y)
    ax = draw(y)
    assert "sum: 13" in texts(ax)
    arrows = patches(ax, FancyArrowPatch)
    assert len({arrow.get_connectionstyle().rad for arrow in arrows}) == 3  # straight, up, down


def test_draws_into_given_axes():
    figure, (left, right) = plt.subplots(1, 2)
    assert draw(receipt(), right) is right
    assert not left.patches
    assert plt.get_fignums() == [figure.number]


def test_an_operation_of_ones_own_and_an_input_alone():
    class Half(Node):
        def forward(self, x):
            return x / 2

    assert "Half" in texts(draw(Half(Input(1))))
    assert texts(draw(Input(1, name="x"))) == ["x", "1"]
