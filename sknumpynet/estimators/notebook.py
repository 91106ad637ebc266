"""What a fitted estimator shows in a notebook below scikit-learn's diagram.

In: titles and HTML of sections. Out: scikit-learn's HTML with these behind it, by the two methods
that notebooks ask, which are IPython's. A section is opened by a click. Colors are those of the
page, so that it can be read on light and on dark ones.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from html import escape
from typing import Any

_STYLE = """<style>
.sknumpynet-section {color: inherit; margin: 0.5em 0 0 0; font-size: 0.9em; max-width: 100%}
.sknumpynet-section > summary {cursor: pointer; padding: 0.2em 0}
.sknumpynet-section > div {overflow-x: auto; padding: 0.2em 0 0.4em 1.2em}
.sknumpynet-table {border-collapse: collapse; color: inherit; margin: 0}
.sknumpynet-table th, .sknumpynet-table td {text-align: left; padding: 0.15em 1em 0.15em 0;
  white-space: pre-wrap; border: none; background: transparent; color: inherit;
  vertical-align: top}
.sknumpynet-table thead th {border-bottom: 1px solid rgba(128, 128, 128, 0.6); font-weight: 600}
.sknumpynet-table tfoot td {border-top: 1px solid rgba(128, 128, 128, 0.6)}
.sknumpynet-table .number {text-align: right; font-variant-numeric: tabular-nums}
</style>"""


def table_html(
    head: Sequence[str],
    rows: Iterable[Sequence[str]],
    numbers: Sequence[int] = (),
    foot: Sequence[str] | None = None,
) -> str:
    """A table of texts; ``numbers`` are the columns whose digits stand below each other."""

    def line(cells: Sequence[str], tag: str) -> str:
        of = [f'<{tag} class="number">' if j in numbers else f"<{tag}>" for j in range(len(cells))]
        shown = zip(of, cells, strict=True)
        return f"<tr>{''.join(f'{begin}{escape(text)}</{tag}>' for begin, text in shown)}</tr>"

    body = "".join(line(row, "td") for row in rows)
    end = "" if foot is None else f"<tfoot>{line(foot, 'td')}</tfoot>"
    return (
        f'{_STYLE}<table class="sknumpynet-table"><thead>{line(head, "th")}</thead>'
        f"<tbody>{body}</tbody>{end}</table>"
    )


def section(title: str, body: str) -> str:
    """HTML that a click on the title opens."""
    return (
        f'{_STYLE}<details class="sknumpynet-section"><summary>{escape(title)}</summary>'
        f"<div>{body}</div></details>"
    )


class WithSections:
    """Below what scikit-learn shows of an estimator stand sections of its own."""

    def _html_sections(self) -> list[str]:
        """Sections, see :func:`section`; none of an estimator that is not fitted."""
        return []

    @property
    def _repr_html_(self) -> Callable[[], str]:
        # It raises an AttributeError where notebooks shall show the text.
        diagram = super()._repr_html_  # type: ignore[misc]
        return lambda: diagram() + "".join(self._html_sections())

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, str]:
        bundle = super()._repr_mimebundle_(**kwargs)  # type: ignore[misc]
        if "text/html" in bundle:
            bundle["text/html"] += "".join(self._html_sections())
        return bundle
