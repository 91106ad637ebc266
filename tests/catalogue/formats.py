"""Ways to save a model and to copy it.

A new one is one entry.
"""

import copy
import io
import pickle
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import cloudpickle
import joblib
import skops.io

from sknumpynet.io import trusted_types


@dataclass(frozen=True)
class Format:
    """From a model to a file, and back; called, both."""

    dumps: Callable[[Any], bytes]
    loads: Callable[[bytes], Any] = pickle.loads

    def __call__(self, model):
        return self.loads(self.dumps(model))


def to_joblib(model):
    file = io.BytesIO()
    joblib.dump(model, file)
    return file.getvalue()


def from_skops(data):
    """With the package's own list of its classes; those of others may be the test's."""
    of_others = [
        name
        for name in skops.io.get_untrusted_types(data=data)
        if not name.startswith("sknumpynet.")
    ]
    return skops.io.loads(data, trusted=[*trusted_types(), *of_others])


FORMATS = {
    "pickle": Format(pickle.dumps),
    "pickle, protocol 0": Format(partial(pickle.dumps, protocol=0)),
    "joblib": Format(to_joblib, lambda data: joblib.load(io.BytesIO(data))),
    "cloudpickle": Format(cloudpickle.dumps),
    "skops": Format(skops.io.dumps, from_skops),
}
#: These, and what never leaves the process.
COPIES = FORMATS | {"copy": copy.copy, "deepcopy": copy.deepcopy}
