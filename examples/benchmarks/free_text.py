"""What free text adds: losses with its vectors, beside those without the column.

In: a folder with the public files (see ``table_files.py``), and generated tables. Out: for each
table and estimator the ratio of the loss on test rows with ``text_components=30`` to that with 0,
its standard error over the splits, and where skrub is installed the same ratio with its
StringEncoder in front.

``python examples/benchmarks/free_text.py FOLDER``; ``--quick`` takes two small generated tables.
"""

from __future__ import annotations

import argparse
import warnings
from collections.abc import Callable
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.metrics import log_loss, root_mean_squared_error
from table_files import FILES, Table
from tables import split

from sknumpynet import (
    NumpyMLPClassifier,
    NumpyMLPRegressor,
    TabularMLPClassifier,
    TabularMLPRegressor,
)

FAMILIES = {
    "NumpyMLP": (NumpyMLPRegressor, NumpyMLPClassifier),
    "TabularMLP": (TabularMLPRegressor, TabularMLPClassifier),
}
KINDS, GOODS, OF, SYLLABLES = (
    words.split()
    for words in (
        "cheap premium refurbished vintage handmade durable wireless portable luxury compact heavy "
        "organic classic modern waterproof",
        "lamp chair table phone case bag watch mug bottle jacket shoes headphones keyboard camera "
        "backpack knife bicycle tent",
        "steel cotton leather plastic wooden glass silver ceramic bamboo gold",
        "ba ce di fo gu ha je ki lo mu na pe ri so tu va we xi yo zu",
    )
)


def numbers(n: int, rng: np.random.Generator) -> tuple[pd.DataFrame, np.ndarray]:
    """Four numbers, and a target of two of them."""
    x = rng.normal(size=(n, 4))
    y = x[:, 0] + np.sin(2.0 * x[:, 1]) + 0.3 * rng.normal(size=n)
    return pd.DataFrame(x, columns=list("abcd")), y


def products(n: int, seed: int) -> Table:
    """Titles of products beside numbers: each word has its price, codes and sizes say nothing."""
    rng = np.random.default_rng(seed)
    X, y = numbers(n, rng)
    price = {word: 0.6 * rng.normal() for word in KINDS + GOODS + OF}
    titles = []
    for i in range(n):
        words = [*rng.choice(KINDS, rng.integers(1, 4), replace=False)]
        words += [*rng.choice(OF, rng.integers(0, 2)), rng.choice(GOODS)]
        y[i] += sum(price[word] for word in words)
        title = " ".join(words).title() if rng.random() < 0.5 else " ".join(words)
        a, b, number = rng.integers(1, 90), rng.integers(1, 90), rng.integers(100, 9999)
        titles.append(f"{title}, {a} x {b} cm" if rng.random() < 0.3 else f"{title} AB{number}")
    return Table(f"products-{n}", X.assign(title=titles), y, False)


def silent(n: int, seed: int) -> Table:
    """Descriptions of words without meaning."""
    rng = np.random.default_rng(seed)
    X, y = numbers(n, rng)
    words = ["".join(rng.choice(SYLLABLES, rng.integers(1, 5))) for _ in range(800)]
    texts = [" ".join(rng.choice(words, rng.integers(3, 15))) for _ in range(n)]
    return Table(f"silent-{n}", X.assign(description=texts), y, False)


def of_file(name: str, folder: Path) -> Table:
    """A file with all of its text."""
    X, y = replace(FILES[name], drop=()).read(folder)
    return Table(name, X, np.asarray(y), FILES[name].classification)


def loss(table: Table, X: pd.DataFrame, seed: int, family: str, **options: Any) -> float:
    """On the test rows of a split."""
    train, test = split(table, seed)
    model = FAMILIES[family][table.classification](random_state=seed, **options)
    model.fit(X.iloc[train], table.y[train])
    if table.classification:
        proba = model.predict_proba(X.iloc[test])
        return log_loss(table.y[test], proba, labels=model.classes_)
    return root_mean_squared_error(table.y[test], model.predict(X.iloc[test]))


def with_vectors(table: Table, seed: int, family: str) -> float:
    """As a fit does it."""
    return loss(table, table.X, seed, family)


def with_skrub(table: Table, seed: int, family: str) -> float:
    """The same columns by skrub's StringEncoder, learned from the training rows."""
    from skrub import StringEncoder

    train, _ = split(table, seed)
    X = table.X
    for name in free_text_of(table):
        encoder = StringEncoder(random_state=0).fit(X[name].iloc[train])
        X = pd.concat([X.drop(columns=name), encoder.transform(X[name])], axis=1)
    return loss(table, X, seed, family, text_components=0)


def free_text_of(table: Table) -> list[str]:
    """Columns of which nearly every row has a text of its own."""
    X = table.X
    text = [name for name in X if not pd.api.types.is_numeric_dtype(X[name])]
    return [n for n in text if X[n].value_counts().eq(1).sum() > 0.9 * X[n].notna().sum()]


def show(tables: list[Table], families: list[str], splits: int) -> None:
    """Print a line for each table and family."""
    ways: dict[str, Callable[[Table, int, str], float]] = {"vectors": with_vectors}
    if find_spec("skrub"):
        ways["StringEncoder"] = with_skrub
    print(f"{'':<16}{'':<12}{'left out':>10}" + "".join(f"{way:>18}" for way in ways))
    for table in tables:
        for family in families:
            seeds = range(splits)
            out = [loss(table, table.X, seed, family, text_components=0) for seed in seeds]
            line = f"{table.name:<16}{family:<12}{np.mean(out):>10.4f}"
            for way in ways.values():
                ratios = np.log([way(table, k, family) / out[k] for k in seeds])
                error = ratios.std() / np.sqrt(max(1, splits - 1))
                line += f"{np.exp(ratios.mean()):>9.3f} +- {error:.3f}"
            print(line, flush=True)


def main(arguments: list[str] | None = None) -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, nargs="?", help="where the files are")
    parser.add_argument("--families", nargs="+", choices=FAMILIES, default=list(FAMILIES))
    parser.add_argument("--tables", nargs="+", help="some of the tables")
    parser.add_argument("--splits", type=int, default=10)
    parser.add_argument("--quick", action="store_true", help="two small tables, two splits")
    options = parser.parse_args(arguments)
    # What is left out is told in each fit.
    warnings.simplefilter("ignore")
    if options.quick:
        options.folder, options.splits, options.families = None, 2, ["NumpyMLP"]
        show([products(200, 0), silent(200, 0)], options.families, options.splits)
        return
    tables = [products(300, 0), products(2000, 1), silent(300, 0), silent(2000, 1)]
    if options.folder:
        names = ("titanic", "ames", "melbourne", "telco-churn")
        tables += [of_file(name, options.folder) for name in names]
    if options.tables:
        tables = [table for table in tables if table.name in options.tables]
    show(tables, options.families, options.splits)


if __name__ == "__main__":
    main()
