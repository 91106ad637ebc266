"""Findings, and how they are shown.

In: what the functions of the findings say. Out: texts for a terminal and a notebook, a frame.
"""

from __future__ import annotations

import html
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Finding:
    """Something that is most likely wrong.

    Attributes
    ----------
    kind : str
        "overfitting", "dead units", ...: a key of ``diagnosis.table.FINDINGS``.
    figure : float
        What was measured; the text says what it means.
    text : str
        What was found, in a sentence with the figure.
    advice : str
        What to do, with the option to change.
    option : str
        That option; "X" or "y" where it is the data.
    """

    kind: str
    figure: float
    text: str
    advice: str
    option: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.text} {self.advice}"


class Diagnosis(Sequence[Finding]):
    """Findings about a fitted estimator, a sequence of :class:`Finding`.

    Parameters
    ----------
    findings : sequence of Finding
    name : str
        Of the class of the estimator.
    looked_for : sequence of str
        Kinds of findings that were looked for.
    """

    def __init__(self, findings: Sequence[Finding], name: str, looked_for: Sequence[str]) -> None:
        self._findings, self._name = tuple(findings), name
        self.looked_for = tuple(looked_for)

    def __len__(self) -> int:
        return len(self._findings)

    def __iter__(self) -> Iterator[Finding]:
        return iter(self._findings)

    def __getitem__(self, index: Any) -> Any:
        return self._findings[index]

    @property
    def kinds(self) -> tuple[str, ...]:
        """Kinds of the findings, in their order."""
        return tuple(finding.kind for finding in self)

    def as_frame(self) -> Any:
        """A pandas frame with a row for each finding."""
        import pandas as pd

        columns = list(Finding.__dataclass_fields__)
        return pd.DataFrame([asdict(finding) for finding in self], columns=columns)

    def _title(self) -> str:
        if not len(self):
            return (
                f"{self._name}: nothing found ({len(self.looked_for)} things were looked for: "
                f"{', '.join(self.looked_for)})."
            )
        return f"{self._name}: {len(self)} finding{'s' if len(self) > 1 else ''}"

    def __repr__(self) -> str:
        lines = [textwrap.fill(self._title(), 100)]
        for i, finding in enumerate(self, 1):
            text = f"{i}. {finding.kind}: {finding.text} -> {finding.advice}"
            lines.append(textwrap.fill(text, 100, subsequent_indent="   "))
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        title = f"<p><b>{html.escape(self._title())}</b></p>"
        if not len(self):
            return title
        rows = "".join(
            f"<tr><td style='text-align:left;white-space:nowrap'><b>{html.escape(f.kind)}</b></td>"
            f"<td style='text-align:left'>{html.escape(f.text)}</td>"
            f"<td style='text-align:left'>{html.escape(f.advice)}</td></tr>"
            for f in self
        )
        head = "<tr><th>finding</th><th>measured</th><th>what to do</th></tr>"
        return f"{title}<table>{head}{rows}</table>"
