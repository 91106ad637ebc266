"""Draw a graph from left to right: values above the edges, the gradients that come back below.

Every node stands to the left of all nodes that use it. matplotlib is imported only when something
is drawn, so the rest of the package needs nothing but NumPy.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from .node import Array, Node
from .traversal import topological_order

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.patches import Circle

Point = tuple[float, float]

# Lengths are in units of the drawing.
COLUMN_WIDTH = 2.6
ROW_HEIGHT = 1.2
OPERATION_RADIUS = 0.36
INPUT_RADIUS = 0.06
LETTER_WIDTH = 0.13
INCHES_PER_UNIT = 0.75

VALUE_COLOR = "black"
GRADIENT_COLOR = "tab:red"
NAME_COLOR = "tab:blue"


def draw(node: Node, ax: Axes | None = None) -> Axes:
    """Draw ``node`` and all it depends on, with the values and gradients the nodes hold now.

    A single number is written out. For an array, also one with a single entry, the drawing gives
    the shape of the value, and of the gradient the norm (the root of the sum of squares). Below an
    edge stands what comes back through this edge; where several edges leave a node, their sum is
    written below the node.

    Parameters
    ----------
    node : Node
        The end of the graph. Without ``evaluate`` there are no values to show, and without
        ``backpropagate`` no gradients; the nodes and edges are drawn all the same.
    ax : matplotlib Axes, optional
        Where to draw; by default in a new figure, of a size that fits. No window is opened.

    Returns
    -------
    matplotlib Axes
        The picture is saved by ``ax.figure.savefig(...)``.

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("Agg")
    >>> from sknumpynet.graph import Input, backpropagate, draw, evaluate
    >>> price, number = Input(100, name="price"), Input(2, name="number")
    >>> total = price * number
    >>> evaluate(total)
    array(200.)
    >>> backpropagate(total)
    >>> [text.get_text() for text in draw(total).texts]
    ['price', 'number', '×', '100', '2', '2', '100', '200', '1']
    """
    order = topological_order(node)
    places = _places(order)
    edges = _edges(order, places)
    ax = _prepare_axes(ax, places, edges)
    circles = {current: _draw_node(ax, current, places[current]) for current in order}
    leaving = Counter(edge.source for edge in edges)
    for edge in edges:
        source, user, i, bend = edge
        t = 0.42 if leaving[source] == 1 else 0.62  # write where the edges are apart
        sent_back = user.contributions[i] if user.contributions else None
        _draw_edge(ax, circles[source], circles[user], bend)
        _write_edge(ax, places[source], places[user], bend, t, source.value, sent_back)
    for source in leaving:
        if leaving[source] > 1 and source.gradient is not None:
            _write_sum(ax, circles[source], source.gradient)
    _draw_result(ax, circles[node], node)
    return ax


class Edge(NamedTuple):
    """The edge to the input number ``i`` of ``user``; ``bend`` is that of matplotlib's "arc3"."""

    source: Node
    user: Node
    i: int
    bend: float


def _places(order: list[Node]) -> dict[Node, Point]:
    """Give each node a place (x, y): the last one at x = 0, all others to the left of it."""
    columns = dict.fromkeys(order, 0)
    for user in reversed(order):
        for source in user.inputs:
            columns[source] = min(columns[source], columns[user] - 1)

    # Inputs stand one below the other; an operation stands half-way between the nodes it reads.
    inputs = [current for current in order if not current.inputs]
    rows = {current: -float(i) for i, current in enumerate(inputs)}
    for current in order:
        if current.inputs:
            rows[current] = sum(rows[source] for source in current.inputs) / len(current.inputs)

    # Two nodes of a column may now be too close to each other: push the lower one down.
    in_column = defaultdict(list)
    for current in order:
        in_column[columns[current]].append(current)
    for members in in_column.values():
        members.sort(key=lambda member: -rows[member])
        for upper, lower in zip(members, members[1:], strict=False):
            rows[lower] = min(rows[lower], rows[upper] - 1)

    return {
        current: (columns[current] * COLUMN_WIDTH, rows[current] * ROW_HEIGHT) for current in order
    }


def _edges(order: list[Node], places: dict[Node, Point]) -> list[Edge]:
    """List all edges and bend those that would otherwise cover each other or a node."""
    parallel = Counter((source, user) for user in order for source in user.inputs)
    drawn: Counter = Counter()
    edges = []
    for user in order:
        for i, source in enumerate(user.inputs):
            # Of two or more edges between the same nodes, each gets an arc of its own.
            bend = 0.4 * (drawn[source, user] - (parallel[source, user] - 1) / 2)
            drawn[source, user] += 1
            width = places[user][0] - places[source][0]
            if width > 1.5 * COLUMN_WIDTH:
                # It jumps over a column: go above what may stand there, by a little over one row.
                bend -= 2.4 * ROW_HEIGHT / width
            edges.append(Edge(source, user, i, bend))
    return edges


def _prepare_axes(ax: Axes | None, places: dict[Node, Point], edges: list[Edge]) -> Axes:
    """Set the limits and hide the frame; a new figure gets a fixed number of inches per unit."""
    # The name of an input stands to its left, and the result leaves the last node to the right.
    left = min(
        x - (0.5 if current.inputs else 0.3 + LETTER_WIDTH * len(_name(current)))
        for current, (x, _) in places.items()
    )
    right = 0.9 * COLUMN_WIDTH
    bottom = min(y for _, y in places.values()) - 0.7
    top = max(y for _, y in places.values()) + 0.7
    for source, user, _, bend in edges:  # the middle of an arc lies bend / 2 * width off the line
        (x1, y1), (x2, y2) = places[source], places[user]
        top = max(top, max(y1, y2) - bend / 2 * (x2 - x1) + 0.3)
    if ax is None:
        import matplotlib.pyplot as plt

        size = (INCHES_PER_UNIT * (right - left), INCHES_PER_UNIT * (top - bottom))
        _, ax = plt.subplots(figsize=size, layout="constrained")
    ax.set_xlim(left, right)
    ax.set_ylim(bottom, top)
    ax.set_aspect("equal")
    ax.axis("off")
    return ax


def _draw_node(ax: Axes, node: Node, place: Point) -> Circle:
    """Draw an input as a dot beside its name, an operation as a circle around its symbol."""
    from matplotlib.patches import Circle

    x, y = place
    if not node.inputs:
        ax.text(x - 0.15, y, _name(node), ha="right", va="center", color=NAME_COLOR)
        dot = Circle(place, INPUT_RADIUS, color=NAME_COLOR)
        ax.add_patch(dot)
        return dot

    symbol = node.symbol or type(node).__name__
    size = 16 if len(symbol) == 1 else 8
    ax.text(x, y, symbol, ha="center", va="center_baseline", fontsize=size, linespacing=0.9)
    if node.name:
        y += OPERATION_RADIUS + 0.08
        ax.text(x, y, node.name, ha="center", va="bottom", fontsize=8, color=NAME_COLOR)
    circle = Circle(place, OPERATION_RADIUS, facecolor="white", edgecolor="black")
    ax.add_patch(circle)
    return circle


def _draw_edge(ax: Axes, start: Circle, end: Circle, bend: float) -> None:
    from matplotlib.patches import FancyArrowPatch

    arrow = FancyArrowPatch(
        start.center,
        end.center,
        patchA=start,
        patchB=end,
        shrinkA=0,
        shrinkB=0,
        connectionstyle=f"arc3,rad={bend}",
        arrowstyle="-|>",
        mutation_scale=9,
        color="gray",
        zorder=0,
    )
    ax.add_patch(arrow)


def _write_edge(
    ax: Axes,
    start: Point,
    end: Point,
    bend: float,
    t: float,
    value: Array | None,
    gradient: Array | None,
) -> None:
    """Write the value above an edge and the gradient below it, at t (0: its start, 1: its end)."""
    # matplotlib draws the arc start + t (end - start) + 2 t (1 - t) bend * side, where side is
    # end - start turned right by 90 degrees. The text goes along the derivative of that to t.
    along = np.subtract(end, start)
    side = np.array([along[1], -along[0]])
    x, y = start + t * along + 2 * t * (1 - t) * bend * side
    width, height = along + 2 * (1 - 2 * t) * bend * side
    style: dict[str, Any] = {
        "ha": "center",
        "fontsize": 9,
        "rotation": math.degrees(math.atan2(height, width)),
        "rotation_mode": "anchor",
        "transform_rotates_text": True,
    }
    # Move the text a little off the line, at right angles to it.
    length = math.hypot(width, height)
    off_x, off_y = -0.06 * height / length, 0.06 * width / length
    if value is not None:
        ax.text(x + off_x, y + off_y, _value_text(value), va="bottom", color=VALUE_COLOR, **style)
    if gradient is not None:
        text = _gradient_text(gradient)
        ax.text(x - off_x, y - off_y, text, va="top", color=GRADIENT_COLOR, **style)


def _write_sum(ax: Axes, circle: Circle, gradient: Array) -> None:
    """Write below a node that several edges leave what its gradient is in all."""
    x, y = circle.center
    y -= circle.radius + 0.1
    text = f"sum: {_gradient_text(gradient)}"
    ax.text(x, y, text, ha="right", va="top", fontsize=8, color=GRADIENT_COLOR)


def _draw_result(ax: Axes, circle: Circle, node: Node) -> None:
    """Draw the arrow that leaves the last node, with the result and the gradient it starts with."""
    from matplotlib.patches import Circle

    x, y = circle.center
    outside = (x + 0.75 * COLUMN_WIDTH, y)
    _draw_edge(ax, circle, Circle(outside, 0), 0)
    _write_edge(ax, circle.center, outside, 0, 0.5, node.value, node.gradient)


def _name(node: Node) -> str:
    return node.name or type(node).__name__


def _value_text(value: Array) -> str:
    return str(value.shape) if value.ndim else f"{value.item():.5g}"


def _gradient_text(gradient: Array) -> str:
    if np.ndim(gradient) == 0:
        return f"{np.asarray(gradient).item():.5g}"
    return f"norm {np.linalg.norm(gradient):.3g}"
