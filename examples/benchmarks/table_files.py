"""The tables of the quality benchmarks: files in a folder of yours, and what scikit-learn ships.

In: a folder with the public files named in ``FILES`` (UCI, OpenML, openintro; those that are not
there are left out). Out: for each table a frame as pandas reads it, its target and its task.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn import datasets


@dataclass(frozen=True)
class Table:
    """A frame of features, the target, and whether it holds classes."""

    name: str
    X: pd.DataFrame
    y: np.ndarray
    classification: bool


@dataclass(frozen=True)
class File:
    """How a file is read: its name, the target's column, and what is done first."""

    file: str
    target: str | int
    classification: bool
    drop: tuple = ()
    header: bool = True
    prepare: Callable[[pd.DataFrame], pd.DataFrame] | None = None

    def read(self, folder: Path) -> tuple[pd.DataFrame, pd.Series]:
        frame = pd.read_csv(
            folder / self.file, header=0 if self.header else None, na_values=["?", " "]
        )
        frame = frame.drop(columns=list(self.drop))
        frame = frame if self.prepare is None else self.prepare(frame)
        frame = frame[frame[self.target].notna()].reset_index(drop=True)
        y = frame.pop(self.target)
        frame.columns = [str(name) for name in frame.columns]
        return frame, y


def per_household(frame: pd.DataFrame) -> pd.DataFrame:
    """Rooms, bedrooms and people per household, and prices in units of 100,000."""
    households = frame.pop("households")
    frame["total_rooms"] /= households
    frame["total_bedrooms"] /= households
    frame["people"] = frame["population"] / households
    frame["median_house_value"] /= 1e5
    return frame


def in_deviations(column: str | int) -> Callable[[pd.DataFrame], pd.DataFrame]:
    """The column divided by its standard deviation."""

    def divided(frame: pd.DataFrame) -> pd.DataFrame:
        frame[column] = frame[column] / frame[column].std()
        return frame

    return divided


def log_price(frame: pd.DataFrame) -> pd.DataFrame:
    """The logarithm of the price of a house, which spans a factor of 60."""
    return frame.assign(SalePrice=np.log(frame["SalePrice"]))


def date_as_number(frame: pd.DataFrame) -> pd.DataFrame:
    """Days since 2000, and prices in units of 1,000,000."""
    days = (pd.to_datetime(frame["Date"], dayfirst=True) - pd.Timestamp("2000-01-01")).dt.days
    return frame.assign(Date=days, Price=frame["Price"] / 1e6)


#: Files by the name of the table.
FILES = {
    "california": File("california.csv", "median_house_value", False, prepare=per_household),
    "adult": File("adult_train.csv", "income", True),
    "churn": File("churn.csv", "Exited", True, ("RowNumber", "CustomerId", "Surname")),
    "diamonds": File("diamonds.csv", "price", False, prepare=in_deviations("price")),
    "housing": File(
        "housing.csv", "median_house_value", False, prepare=in_deviations("median_house_value")
    ),
    "titanic": File("titanic.csv", "survived", True, ("name",)),
    "ailerons": File("ailerons.csv.gz", "y", False, prepare=in_deviations("y")),
    "ames": File("ames.csv.gz", "SalePrice", False, ("Order", "PID"), prepare=log_price),
    "melbourne": File("melbourne_house_prices.csv.gz", "Price", False, prepare=date_as_number),
    "wine-white": File("winequality-white.csv.gz", 11, False, header=False),
    "auto-imports": File(
        "auto_imports.csv.gz", 25, False, header=False, prepare=in_deviations(25)
    ),
    "credit-default": File("default_credit_card_clients.csv.gz", "default", True),
    "telco-churn": File("telco_customer_churn.csv.gz", "Churn", True),
    "spambase": File("spambase.csv.gz", "58", True),
    "phishing": File("phishing_websites.csv.gz", "result", True),
    "heart": File("heart.csv.gz", "45", True),
    "horse-colic": File("horse-colic.csv.gz", 22, True, (2, 24, 25, 26, 27), header=False),
    "contraceptive": File("contraceptive.csv.gz", "y", True),
    "vehicle": File("vehicle.csv.gz", "19", True),
    "waveform": File("waveform.csv.gz", "41", True),
}  # fmt: skip

#: What scikit-learn ships or generates: a function that gives X and y, and whether y holds classes.
SHIPPED: dict[str, tuple[Callable[[], tuple], bool]] = {
    "diabetes": (
        lambda: datasets.load_diabetes(return_X_y=True, as_frame=True, scaled=False), False,
    ),
    "breast-cancer": (lambda: datasets.load_breast_cancer(return_X_y=True, as_frame=True), True),
    "wine": (lambda: datasets.load_wine(return_X_y=True, as_frame=True), True),
    "digits": (lambda: datasets.load_digits(return_X_y=True, as_frame=True), True),
    "friedman1-300": (lambda: datasets.make_friedman1(300, noise=0.5, random_state=0), False),
    "friedman1-1000": (lambda: datasets.make_friedman1(1000, noise=0.5, random_state=0), False),
    "classification": (
        lambda: datasets.make_classification(
            1500, 25, n_informative=8, n_classes=3, flip_y=0.05, random_state=1
        ),
        True,
    ),
}  # fmt: skip


def load_tables(folder: Path | None, names: list[str] | None = None) -> list[Table]:
    """The tables of the folder (None: only scikit-learn's), or those of the given names."""
    unknown = set(names or ()) - {*FILES, *SHIPPED}
    if unknown:
        raise SystemExit(f"Unknown tables {sorted(unknown)}; known are {[*FILES, *SHIPPED]}.")
    tables = []
    for name, file in FILES.items():
        if folder is None or (names and name not in names):
            continue
        if not (folder / file.file).exists():
            print(f"(no {file.file} in {folder})")
            continue
        tables.append(Table(name, *_as_arrays(*file.read(folder), file.classification)))
    for name, (load, classification) in SHIPPED.items():
        if not names or name in names:
            tables.append(Table(name, *_as_arrays(*load(), classification)))
    return tables


def _as_arrays(X: Any, y: Any, classification: bool) -> tuple[pd.DataFrame, np.ndarray, bool]:
    """X as a frame with names, y as an array; classes as text."""
    if not isinstance(X, pd.DataFrame):
        X = pd.DataFrame(X, columns=[f"x{i}" for i in range(X.shape[1])])
    y = np.asarray(y)
    return X, y.astype(str) if classification else y.astype(np.float64), classification
