"""The report as text, at most 100 columns wide.

In: a report. Out: aligned lines.
"""

from __future__ import annotations

import math
import textwrap
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from ..fitting.account import Losses
from ..quoting import cut

#: Columns of a terminal, and most columns of X that are listed; more are counted.
WIDTH, MOST_LISTED = 100, 30

#: Characters of a name, and of what a column became.
MOST_OF_A_NAME, MOST_OF_A_KIND = 24, 28


def as_text(report: Any, *, columns: bool = True) -> str:
    """All lines; without ``columns`` those about rows and training."""
    lines = [
        textwrap.fill(f"{title:<11}{text}", WIDTH, subsequent_indent=" " * 11)
        for title, text in facts(report)
    ]
    lines.insert(0, f"Report of {report.estimator}, {_of_what(report)}")
    if columns:
        lines += ["", *_about_columns(report.columns)]
    return "\n".join(lines)


def facts(report: Any) -> list[tuple[str, str]]:
    """Titles and texts about rows and training."""
    first, n = report.models[0], len(report.models)
    found = [("Rows", _rows(report)), ("Training", _training(first, n))]
    if first.chosen:
        found.append(("Chosen", _chosen(first.chosen)))
    if first.not_embedded:
        found.append(("Embedding", f"numbers are not embedded: {first.not_embedded}"))
    for what, losses in (("trained on", first.training), ("held out", first.validation)):
        if losses is not None:
            found.append(("Loss", f"{_losses(losses)} on {losses.n_rows} rows {what}"))
    if first.why_no_linear:
        found.append(("Linear", f"no linear model to compare with: {first.why_no_linear}"))
    if n > 1:
        found.append(("Bags", f"{n} models, averaged. {_bags(report.models)}"))
    temperature = report.temperature if n > 1 else first.temperature
    if temperature is not None:
        found.append(("Calibrated", f"raw scores divided by {temperature:.3g}"))
    found.append(("Time", f"{report.seconds:.3g} s"))
    return found


def listed(columns: Sequence[Any]) -> list[Any]:
    """The columns to be listed: all, or of many those of which there is more to say."""
    if len(columns) <= MOST_LISTED:
        return list(columns)
    return [column for column in columns if column.notable][:MOST_LISTED]


def counts(columns: Sequence[Any]) -> str:
    """How many columns became what."""
    kinds = Counter(_kind(column.became) for column in columns)
    return ", ".join(f"{n} {kind}" for kind, n in kinds.most_common())


def cells(column: Any) -> tuple[str, ...]:
    """A row of the table: what is 0 is not shown."""
    pooled = f"{column.pooled_rows} in {column.pooled_levels}" if column.pooled_levels else ""
    return (
        column.name,
        column.became,
        str(column.inputs or ""),
        str(column.missing or ""),
        pooled,
        told(column),
    )


#: Titles of the cells.
TITLES = ("column", "became", "inputs", "missing", "rare: rows", "why")


def told(column: Any) -> str:
    """Why it became that, and how many of its values could not be read."""
    unread = f"{column.unread} not read, missing" if column.unread else ""
    return "; ".join(part for part in (column.why, unread) if part)


def _of_what(report: Any) -> str:
    how = "the last call of partial_fit" if report.stream else "fit"
    return f"{how}: {report.n_rows} rows of {len(report.columns)} columns"


def _rows(report: Any) -> str:
    first = report.models[0]
    parts = [f"{first.n_trained} trained on"]
    if first.n_held_out:
        parts.append(f"{first.n_held_out} held out to validate")
    if first.n_merged:
        parts.append(f"{first.n_merged} of these merged with equal ones")
    if report.n_without_weight:
        parts.append(f"{report.n_without_weight} of weight 0 not used")
    if report.n_groups is not None:
        parts.append(f"{report.n_groups} groups")
    if report.stream:
        parts.append(f"{report.n_seen} seen in all")
    return ", ".join(parts) + (", in the first model" if len(report.models) > 1 else "")


def _training(model: Any, n_models: int) -> str:
    which = "the first model: " if n_models > 1 else ""
    unit = model.unit[:-1]
    kept = f"kept {unit} {model.kept}" if model.kept else "kept the start"
    text = f"{which}{kept} of {model.last}; ended after {model.n_iter}: {model.ended}"
    if n_models > 1 and math.isfinite(model.max_time):
        text += f"; it had {model.max_time:.3g} s of max_time, which the models share"
    return text


def _chosen(options: Mapping[str, Any]) -> str:
    said = (
        f"{name}={value:.4g}" if isinstance(value, float) else f"{name}={value!r}"
        for name, value in options.items()
    )
    return f"{', '.join(said)} (these options are 'auto')"


def _losses(losses: Losses) -> str:
    text = f"{losses.network:.4g} (best constant {losses.constant:.4g}"
    if losses.linear is not None:
        text += f", linear model {losses.linear:.4g}"
    return text + ")"


def _bags(models: Sequence[Any]) -> str:
    if models[0].validation is None:
        return ""
    shown = ", ".join(
        f"{m.validation.network:.4g} ({m.kept or 0} of {m.last})" for m in models[:10]
    )
    return f"Losses on the rows that each left out (and its epoch): {shown}"


def _kind(became: str) -> str:
    for kind in ("one-hot", "embedded"):
        if kind in became:
            return kind
    return became


def _about_columns(columns: Sequence[Any]) -> list[str]:
    rows = listed(columns)
    lines = [textwrap.fill(f"Columns    {counts(columns)}", WIDTH, subsequent_indent=" " * 11)]
    if rows:
        lines += _table([TITLES, *map(cells, rows)])
    if len(rows) < len(columns):
        lines.append(f"... and {len(columns) - len(rows)} more: report_.as_frame(), .columns")
    return lines


def _table(rows: list[tuple[str, ...]]) -> list[str]:
    """Aligned cells; those without any text in a column have none, and the last is wrapped."""
    used = [j for j in range(len(TITLES)) if any(row[j] for row in rows[1:])]
    limits = {0: MOST_OF_A_NAME, 1: MOST_OF_A_KIND}
    shown = [[cut(row[j].replace("\n", " "), limits.get(j, WIDTH)) for j in used] for row in rows]
    widths = [max(len(row[i]) for row in shown) for i in range(len(used))]
    has_why = used[-1] == len(TITLES) - 1
    lines = []
    for row in shown:
        fixed = row[:-1] if has_why else row
        numbers = [j in (2, 3) for j in used]
        parts = [
            f"{text:>{w}}" if number else f"{text:<{w}}"
            for text, w, number in zip(fixed, widths, numbers, strict=False)
        ]
        start = "  ".join(["", *parts]) + "  "
        if not has_why:
            lines.append(start.rstrip())
            continue
        room = max(20, WIDTH - len(start))
        why = textwrap.wrap(row[-1], room) or [""]
        lines.append((start + why[0]).rstrip())
        lines += [" " * len(start) + more for more in why[1:]]
    return lines
