"""Columns of text that spell numbers, dates, or yes and no: read as that, and left as text.

Each table is given as pandas reads it without being told of a format or a mark: "?" and blanks
among numbers, days before months, money with its sign. The loss with ``parse_text=True`` is
compared with that with ``parse_text=False`` on the same splits and, where a person would have
converted columns first, with that of the converted table. A table that becomes the same either way
is not fitted twice. The target of a regression is divided by its standard deviation.

``python examples/benchmarks/text_columns.py FOLDER`` takes the files of FOLDER (see
``table_files.py``). Results go to a CSV file beside this file.
"""

from __future__ import annotations

import argparse
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.metrics import log_loss, root_mean_squared_error
from sklearn.model_selection import train_test_split
from table_files import FILES, Table

from sknumpynet import (
    NumpyMLPClassifier,
    NumpyMLPRegressor,
    TabularMLPClassifier,
    TabularMLPRegressor,
)
from sknumpynet.frames import FrameReader

OUTPUT = Path(__file__).with_suffix(".csv")
FAMILIES = {
    "NumpyMLP": (NumpyMLPRegressor, NumpyMLPClassifier),
    "TabularMLP": (TabularMLPRegressor, TabularMLPClassifier),
}
TABLES = (
    *("telco-churn", "melbourne", "auto-imports", "horse-colic", "titanic", "ames", "adult"),
    *("churn", "diamonds", "credit-default", "contraceptive", "housing"),
)


def money(frame: pd.DataFrame) -> pd.DataFrame:
    """Incomes with a sign, rooms and people with marks of thousands, ages with a unit."""
    counts = ["total_rooms", "population", "households"]
    return frame.assign(
        median_income=[f"${x}" for x in frame["median_income"]],
        housing_median_age=[f"{x:g} years" for x in frame["housing_median_age"]],
        **{name: [f"{x:,.0f}" for x in frame[name]] for name in counts},
    )


def three_decimals(frame: pd.DataFrame) -> pd.DataFrame:
    """Every number with three decimals, so that most of them are levels of their own."""
    numbers = frame.select_dtypes("number").columns
    return frame.assign(**{name: [f"{x:,.3f}" for x in frame[name]] for name in numbers})


#: Tables of numbers that are written as text, by the name of the table that they are made of.
WRITTEN: dict[str, tuple[str, Callable[[pd.DataFrame], pd.DataFrame]]] = {
    "housing as money": ("housing", money),
    "housing, 3 decimals": ("housing", three_decimals),
}


def raw(name: str, folder: Path) -> Table:
    """A table as pandas reads it."""
    file = FILES[name]
    frame = pd.read_csv(folder / file.file, header=0 if file.header else None)
    frame = frame.drop(columns=list(file.drop))
    frame = frame[frame[file.target].notna() & (frame[file.target] != "?")].reset_index(drop=True)
    y = frame.pop(file.target)
    frame.columns = [str(column) for column in frame.columns]
    if file.classification:
        return Table(name, frame, y.to_numpy().astype(str), True)
    numbers = y.to_numpy().astype(np.float64)
    return Table(name, frame, numbers / numbers.std(), False)


def by_hand(name: str, folder: Path) -> Table | None:
    """The table with text converted by a person, where that is another one."""
    if name in WRITTEN:
        return raw(WRITTEN[name][0], folder)
    table = raw(name, folder)
    X = table.X.copy()
    for column in X.select_dtypes(["object", "string"]):
        text = X[column].replace(["?", " ", ""], np.nan)
        numbers = pd.to_numeric(text, errors="coerce")
        if numbers.notna().sum() == text.notna().sum():
            X[column] = numbers
    if name == "melbourne":
        X["Date"] = pd.to_datetime(X["Date"], dayfirst=True)
    return (
        None if X.dtypes.equals(table.X.dtypes) else Table(name, X, table.y, table.classification)
    )


def table_of(name: str, folder: Path) -> Table:
    """A table, as it is or written as text."""
    source, write = WRITTEN.get(name, (name, lambda frame: frame))
    table = raw(source, folder)
    return Table(name, write(table.X), table.y, table.classification)


def loss(family: str, table: Table, seed: int, parse_text: bool) -> float:
    """Log-loss or root mean squared error on a quarter of the rows."""
    train, test = train_test_split(
        np.arange(len(table.X)),
        test_size=0.25,
        random_state=seed,
        stratify=table.y if table.classification else None,
    )
    cls = FAMILIES[family][table.classification]
    model = cls(random_state=seed, parse_text=parse_text)
    model.fit(table.X.iloc[train], table.y[train])
    X, y = table.X.iloc[test], table.y[test]
    if table.classification:
        return float(log_loss(y, model.predict_proba(X), labels=model.classes_))
    return float(root_mean_squared_error(y, model.predict(X)))


def numbers_of(table: Table, parse_text: bool) -> np.ndarray:
    """What the network is given of the table."""
    return FrameReader(parse_text=parse_text).learn(table.X)


def compared(name: str, folder: Path, family: str, n_splits: int) -> dict[str, Any]:
    """The losses of one table."""
    table, hand = table_of(name, folder), by_hand(name, folder)
    read, left = numbers_of(table, True), numbers_of(table, False)
    row: dict[str, Any] = {"table": name, "model": family}
    same = read.shape == left.shape and np.array_equal(read, left, equal_nan=True)
    text = [loss(family, table, seed, False) for seed in range(n_splits)]
    spelled = text if same else [loss(family, table, seed, True) for seed in range(n_splits)]
    row |= {"text": np.mean(text), "parsed": np.mean(spelled)}
    ratios = np.log(spelled) - np.log(text)
    row["parsed / text"] = np.exp(ratios.mean())
    row["error"] = ratios.std(ddof=1) / np.sqrt(n_splits) if n_splits > 1 else np.nan
    if hand is not None:
        known = [loss(family, hand, seed, True) for seed in range(n_splits)]
        row["by hand"] = np.mean(known)
    return {key: v if isinstance(v, str) else round(float(v), 4) for key, v in row.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--tables", nargs="*", default=[*TABLES, *WRITTEN])
    parser.add_argument("--models", nargs="*", default=[*FAMILIES])
    parser.add_argument("--splits", type=int, default=5)
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    rows = []
    for family in arguments.models:
        for name in arguments.tables:
            rows.append(compared(name, arguments.folder, family, arguments.splits))
            print(rows[-1], flush=True)
    pd.DataFrame(rows).to_csv(OUTPUT, index=False)


if __name__ == "__main__":
    main()
