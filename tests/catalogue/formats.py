"""Ways to save a model and to copy it.

A new one is one entry.
"""

import copy
import io
import pickle

import cloudpickle
import joblib
import skops.io


def through_joblib(model):
    file = io.BytesIO()
    joblib.dump(model, file)
    return joblib.load(io.BytesIO(file.getvalue()))


def through_skops(model):
    file = skops.io.dumps(model)
    return skops.io.loads(file, trusted=skops.io.get_untrusted_types(data=file))


#: From a model to what comes back from a file.
FORMATS = {
    "pickle": lambda model: pickle.loads(pickle.dumps(model)),
    "pickle, protocol 0": lambda model: pickle.loads(pickle.dumps(model, 0)),
    "joblib": through_joblib,
    "cloudpickle": lambda model: pickle.loads(cloudpickle.dumps(model)),
    "skops": through_skops,
}
#: These, and what never leaves the process.
COPIES = FORMATS | {"copy": copy.copy, "deepcopy": copy.deepcopy}
