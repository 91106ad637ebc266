"""What the files of this version hold: the names of classes and of their attributes.

In: small models of every kind. Out: ``schema.json``, by which a test sees that what files hold is
no longer what it was, and the names of the classes for ``sknumpynet.io.trusted_types``. When it
asks for it, run ``python tests/record_schema.py`` from the root of the project. Where an older file
can no longer be read, because a name is gone or a class has other attributes, this raises
``SCHEMA`` in the package by one and says why.
"""

import copyreg
import io
import json
import pickle
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.base import is_classifier

from catalogue import COLUMN_KINDS, case_of, options_for
from sknumpynet import (
    NumpyMLPClassifier,
    NumpyMLPRegressor,
    TabularMLPClassifier,
    TabularMLPRegressor,
    in_files,
)
from sknumpynet.callbacks import Checkpoint, EarlyStop
from sknumpynet.estimators import stamp

#: Options that say what a stream keeps of its optimizer.
OF_OPTIMIZERS = {"solver", "ema_decay", "max_grad_norm"}
RECORD = Path(__file__).with_name("schema.json")


def fitted_models():
    """Models with every value of every option, every kind of column and of y; some of a stream."""
    small = {"hidden_layer_sizes": (3,), "max_iter": 1, "random_state": 0}
    X, y, three = np.random.default_rng(0).random((24, 2)), np.arange(24) % 2, np.arange(24) % 3
    for cls, name in options_for(NumpyMLPRegressor, NumpyMLPClassifier):
        case = case_of(cls, name)
        for value in case.valid:
            model = cls(**small | case.where | {name: value})
            if name != "verbose" and not callable(value):
                yield model.fit(X, y if is_classifier(model) else y + 1)
            if name in OF_OPTIMIZERS and hasattr(model, "partial_fit"):
                yield model.partial_fit(X, y if is_classifier(model) else y + 1)
    for target in (three, np.eye(3, dtype=int)[three], np.c_[three, y]):
        yield NumpyMLPClassifier(**small).fit(X, target)
    yield NumpyMLPClassifier(**small, loss="focal").fit(X, three)
    yield NumpyMLPRegressor(**small, activation="selu", dropout=0.1).fit(X, y)
    yield TabularMLPRegressor(**small, n_bags=2).fit(X, y)
    # After a fit: scalings of a stream alone have more attributes, which is nothing new.
    yield NumpyMLPRegressor(**small, early_stopping=True).fit(X, y).partial_fit(X, y)
    table = pd.DataFrame(
        {
            "number": np.where(three == 1, np.nan, X[:, 0]),
            "date": pd.date_range("2020", periods=24),
            "text": list("abcd") * 6,
            "many": [f"level {i // 2}" for i in range(24)],
            "money": [f"${i}.50" for i in range(24)],
            "when": [f"2020-01-{i + 1:02d}" for i in range(24)],
            "sure": ["yes", "No"] * 12,
            "empty": [None] * 24,
            "title": [f"{['red', 'green'][i % 2]} house no. {i}" for i in range(24)],
        }
    )
    yield NumpyMLPRegressor(max_one_hot=5, **small).fit(table, y)
    for case in COLUMN_KINDS.values():
        column = pd.DataFrame({"c": case.values, "x": np.arange(len(case.values)) % 7.0})
        yield NumpyMLPRegressor(**small).fit(column, column.x)
        yield NumpyMLPRegressor(**small).partial_fit(column, column.x)
    # Columns that have shown nothing so far.
    yield NumpyMLPRegressor(**small).partial_fit(table.assign(constant=1.0), y)
    yield TabularMLPClassifier(**small, warm_start=True).fit(table, three)
    watched = NumpyMLPRegressor(**small).set_callbacks(EarlyStop(last_loss))
    yield watched.fit(X, y)
    # It is told of no fit here, and writes no file.
    yield NumpyMLPRegressor(**small).fit(X, y).set_callbacks(Checkpoint("fit.npz"))


def last_loss(estimator):
    return estimator.history_["loss"][-1]


def saved_names(models):
    """From the classes of the package in pickles of the models to what each brings back.

    That is the names of its attributes; those with a default in the class may be missing.
    """
    names = {}

    class Seen(pickle.Pickler):
        def persistent_id(self, obj):
            note(obj, names)

    for model in models:
        Seen(io.BytesIO()).dump(model)
    return {name: sorted(attributes) for name, attributes in sorted(names.items())}


def note(obj, names):
    cls = obj if isinstance(obj, type) else type(obj)
    # Of functions of Cython it is a descriptor.
    if not str(cls.__module__).startswith("sknumpynet."):
        return
    entry = names.setdefault(f"{cls.__module__}.{cls.__qualname__}", set())
    if cls is obj:
        return
    make, arguments, state, *_ = (*obj.__reduce_ex__(2), None)
    n_arguments = len(arguments) - (make is copyreg.__newobj__)
    if n_arguments:
        entry.add(f"{n_arguments} arguments")
    entry.update(name for name in state or () if not hasattr(cls, name))


def lost(old, new):
    """Why files with the ``old`` names cannot be read by what has the ``new`` ones."""
    gone = [name for name in old if name not in new]
    other = [name for name in old if name in new and set(new[name]) != set(old[name])]
    return [f"{name} is gone" for name in gone] + [f"{name} has other attributes" for name in other]


def main():
    new, schema = saved_names(fitted_models()), stamp.SCHEMA
    reasons = lost(json.loads(RECORD.read_text(encoding="utf-8")), new)
    if reasons:
        schema += 1
        module = Path(stamp.__file__)
        source = module.read_text(encoding="utf-8")
        line = f"SCHEMA = {stamp.SCHEMA}\n"
        module.write_text(source.replace(line, f"SCHEMA = {schema}\n"), encoding="utf-8")
        print(*reasons, f"So SCHEMA is raised to {schema}.", sep="\n")
    RECORD.write_text(json.dumps(new, indent=1) + "\n", encoding="utf-8")
    names = "".join(f'    "{name}",\n' for name in new)
    head = Path(in_files.__file__).read_text(encoding="utf-8").partition("(\n")[0]
    Path(in_files.__file__).write_text(f"{head}(\n{names})\n", encoding="utf-8")


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    main()
