"""The report as HTML, for notebooks: it stands below scikit-learn's diagram of the estimator.

In: a report. Out: two small tables in the colours of the page, without scripts.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

from .text import TITLES, cells, counts, facts

#: Columns of X that are shown; more are a frame's.
MOST_SHOWN = 200

_STYLE = "font-family: sans-serif; font-size: 1em; max-width: 62em; margin: 0; text-align: left"
_TABLE = "border-collapse: collapse; font-size: 1em; color: inherit"
_CELL = "text-align: left; vertical-align: top; padding: 0.15em 0.9em 0.15em 0"


def as_html(report: Any) -> str:
    """Rows and training, open, and the columns, to be unfolded where there are many."""
    columns = report.columns
    shown = columns[:MOST_SHOWN]
    more = len(columns) - len(shown)
    rest = f"<p>... and {more} more: report_.as_frame()</p>" if more else ""
    is_open = " open" if len(columns) <= 30 else ""
    return (
        f'<div style="{_STYLE}"><b>What the fit of {escape(report.estimator)} did</b>'
        f"{_table(facts(report))}"
        f"<details{is_open}><summary>{len(columns)} columns of X: {escape(counts(columns))}"
        f"</summary>{_table([cells(column) for column in shown], TITLES)}{rest}</details></div>"
    )


def _table(rows: Sequence[Sequence[str]], titles: Sequence[str] = ()) -> str:
    used = [j for j in range(len(rows[0]) if rows else 0) if any(row[j] for row in rows)]
    head = "".join(f'<th style="{_CELL}">{escape(titles[j])}</th>' for j in used if titles)
    body = "".join(
        "<tr>" + "".join(f'<td style="{_CELL}">{escape(row[j])}</td>' for j in used) + "</tr>"
        for row in rows
    )
    head = f"<tr>{head}</tr>" if head else ""
    return f'<table style="{_TABLE}">{head}{body}</table>'
