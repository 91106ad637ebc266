"""What is left to gain by tuning
==============================

``search_space`` says which five options are worth trying, and over what range. Two tables, the
Titanic file and a made-up one, three ways: 20 candidates drawn by chance, twice as many of which
the worse half ends early (successive halving over epochs), and 20 trials of Optuna whose
unpromising ones are pruned (where Optuna is installed). Printed: what each found, what it gains on
rows that no search has seen, and its time; a figure: the best loss so far over the seconds.
"""

# sphinx_gallery_thumbnail_path = "../examples/images/tune.png"

from __future__ import annotations

import argparse
import time
import warnings
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.base import clone
from sklearn.datasets import make_friedman1
from sklearn.exceptions import ConvergenceWarning
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.metrics import get_scorer
from sklearn.model_selection import (
    HalvingRandomSearchCV,
    KFold,
    RandomizedSearchCV,
    StratifiedKFold,
    cross_val_score,
    train_test_split,
)

from sknumpynet import NumpyMLPClassifier, NumpyMLPRegressor, search_space
from sknumpynet.callbacks import OptunaPruning

FILE = Path(__file__).parent / "data" / "titanic.csv"
#: A search: its best options, and after how many seconds which mean loss of the folds was met.
Found = tuple[dict[str, Any], list[tuple[float, float]]]


@dataclass(frozen=True)
class Task:
    """A table in two parts, its estimator, its loss by scikit-learn's name and its folds."""

    parts: list[Any]
    net: Any
    scoring: str
    cv: Any

    @classmethod
    def titanic(cls) -> Task:
        frame = pd.read_csv(FILE)
        X, y = frame.drop(columns=["survived", "name", "ticket"]), frame["survived"]
        parts = train_test_split(X, y, stratify=y, random_state=0)
        cv = StratifiedKFold(3, shuffle=True, random_state=0)
        return cls(parts, NumpyMLPClassifier(random_state=0), "neg_log_loss", cv)

    @classmethod
    def made_up(cls) -> Task:
        X, y = make_friedman1(1500, noise=0.5, random_state=0)
        parts = train_test_split(pd.DataFrame(X).add_prefix("x"), pd.Series(y), random_state=0)
        cv = KFold(3, shuffle=True, random_state=0)
        return cls(parts, NumpyMLPRegressor(random_state=0), "neg_root_mean_squared_error", cv)

    @property
    def rows(self) -> tuple[pd.DataFrame, pd.Series]:
        """Those to search with."""
        return self.parts[0], self.parts[2]

    def loss(self, options: dict[str, Any]) -> float:
        """On the rows that no search sees."""
        X, X_test, y, y_test = self.parts
        model = clone(self.net).set_params(**options).fit(X, y)
        return -get_scorer(self.scoring)(model, X_test, y_test)


TASKS = {
    "titanic (log-loss)": Task.titanic,
    "friedman1 with noise (RMSE; the noise is 0.5)": Task.made_up,
}


def at_random(task: Task, trials: int) -> Found:
    """Candidates drawn by chance, each trained to its end."""
    search = RandomizedSearchCV(
        task.net, search_space(task.net), n_iter=trials, scoring=task.scoring, cv=task.cv,
        random_state=0,
    ).fit(*task.rows)  # fmt: skip
    return search.best_params_, path_of(search, task)


def halving(task: Task, trials: int) -> Found:
    """Twice as many candidates with few epochs; the better half gets twice as many, and so on."""
    search = HalvingRandomSearchCV(
        task.net, search_space(task.net), n_candidates=2 * trials, factor=2, resource="max_iter",
        min_resources=5, max_resources=80, scoring=task.scoring, cv=task.cv, random_state=0,
    ).fit(*task.rows)  # fmt: skip
    best = {name: value for name, value in search.best_params_.items() if name != "max_iter"}
    return best, path_of(search, task)


def path_of(search: Any, task: Task) -> list[tuple[float, float]]:
    results = search.cv_results_
    of_a_fit = results["mean_fit_time"] + results["mean_score_time"]
    seconds = np.cumsum(of_a_fit * task.cv.get_n_splits())
    return list(zip(seconds, -results["mean_test_score"], strict=True))


def pruned(task: Task, trials: int) -> Found:
    """Trials of Optuna: the first fold tells which to prune, the others finish the mean."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    space, path, start = search_space(task.net), [], time.perf_counter()
    X, y = task.rows
    score = get_scorer(task.scoring)

    def objective(trial: Any) -> float:
        options, losses = space.suggest(trial), []
        for fold, (train, test) in enumerate(task.cv.split(X, y)):
            model = clone(task.net).set_params(**options)
            if fold == 0:
                model.set_callbacks(OptunaPruning(trial))
            model.fit(X.iloc[train], y.iloc[train])
            losses.append(-score(model, X.iloc[test], y.iloc[test]))
        path.append((time.perf_counter() - start, float(np.mean(losses))))
        return path[-1][1]

    study = optuna.create_study(
        sampler=optuna.samplers.TPESampler(seed=0),
        pruner=optuna.pruners.MedianPruner(n_startup_trials=5, n_warmup_steps=5),
    )
    study.optimize(objective, n_trials=trials)
    print(f"  ({trials - len(path)} of {trials} trials pruned)")
    return space.options(study.best_params), path


WAYS = {"at random": at_random, "successive halving": halving}
if find_spec("optuna"):
    WAYS["Optuna, pruned"] = pruned


def searched(name: str, task: Task, trials: int, ax: Any) -> None:
    """Print what each way finds on a table, and draw it."""
    X, y = task.rows
    print(f"\n{name}: {len(X)} rows to search with, {len(task.parts[1])} that no search sees")
    default = -cross_val_score(task.net, X, y, scoring=task.scoring, cv=task.cv).mean()
    of_default = task.loss({})
    print(f"{'':<20}{'folds':>8}{'test':>8}{'/ defaults':>12}{'seconds':>9}")
    print(f"{'defaults':<20}{default:>8.3f}{of_default:>8.3f}{1:>12.3f}")
    met = []
    for way, search in WAYS.items():
        start = time.perf_counter()
        best, path = search(task, trials)
        seconds = time.perf_counter() - start
        at, losses = np.array(path).T
        loss = task.loss(best)
        print(f"{way:<20}{losses.min():>8.3f}{loss:>8.3f}{loss / of_default:>12.3f}{seconds:>9.1f}")
        print(f"  {best}")
        (line,) = ax.step(at, np.minimum.accumulate(losses), where="post", label=way)
        ax.plot(at, losses, ".", color=line.get_color(), alpha=0.4)
        met.extend(losses)
    ax.axhline(default, color="0.4", linestyle="--", label="defaults")
    ax.set(xlabel="seconds", ylabel="mean loss of three folds", ylim=(None, np.quantile(met, 0.9)))
    ax.set_title(name, fontsize="medium")


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[3])
    parser.add_argument("--output", type=Path, default=Path(__file__).with_suffix(".png"))
    parser.add_argument("--trials", type=int, default=20)
    parser.add_argument("--tables", nargs="+", choices=TASKS, default=list(TASKS))
    arguments = parser.parse_args(argv)
    net = NumpyMLPClassifier()
    for name, values in search_space(net).items():
        shown = values if isinstance(values, list) else "{:g} to {:g}".format(*values.support())
        print(f"{name}: {shown}, the default is {getattr(net, name)}")
    n = len(arguments.tables)
    figure, axes = plt.subplots(1, n, figsize=(5.5 * n, 4), layout="constrained", squeeze=False)
    with warnings.catch_warnings():
        # Halving ends fits early, and candidates at the ends of the ranges may not learn.
        warnings.simplefilter("ignore", ConvergenceWarning)
        for ax, name in zip(axes[0], arguments.tables, strict=True):
            searched(name, TASKS[name](), arguments.trials, ax)
    axes[0, -1].legend()
    figure.suptitle("The best candidate so far (lines) and each candidate (points)")
    figure.savefig(arguments.output, dpi=150)
    print(f"\nfigure: {arguments.output}")


if __name__ == "__main__":
    main()
