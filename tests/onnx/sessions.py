"""Exported models in onnxruntime, beside the estimators that they come from."""

import numpy as np
import onnx
import onnxruntime
from numpy.testing import assert_allclose, assert_array_equal

from sknumpynet.onnx import as_inputs, to_onnx

#: Of float32: roundings of a network's sums, and of a function that is 0 somewhere.
RTOL, ATOL = 1e-5, 1e-6


def session_of(onx, checked=True):
    """The model, after the checks of onnx; skl2onnx's own nodes do not always stand them."""
    if checked:
        onnx.checker.check_model(onx, full_check=True)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(
        onx.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )


def run(onx, feeds, checked=True):
    """Each output by its name."""
    session = session_of(onx, checked)
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(names, feeds), strict=True))


def predicted(model, X):
    """What the outputs have to be, by the estimator's own methods."""
    y = model.predict(X)
    if hasattr(model, "predict_proba"):
        p = model.predict_proba(X)
        if not isinstance(p, list):
            return {"label": y, "probabilities": p}
        found = {f"label_{j}": column for j, column in enumerate(np.asarray(y).T)}
        return found | {f"probabilities_{j}": block for j, block in enumerate(p)}
    found = {"variable": y}
    if isinstance(model.loss, str) and model.loss == "gaussian_nll":
        found["std"] = model.predict(X, return_std=True)[1]
    # A column even of one target.
    return {k: v.reshape(-1, 1) if v.ndim == 1 else v for k, v in found.items()}


def assert_equal_outputs(found, expected, rtol=RTOL):
    assert set(found) == set(expected)
    for name, values in expected.items():
        if name.startswith("label"):
            assert_array_equal(found[name], values, strict=False)
            continue
        assert found[name].shape == values.shape, name
        scale = 1.0 if name.startswith("prob") else np.abs(values).max(initial=0.0)
        assert_allclose(found[name], values, rtol=rtol, atol=ATOL * scale, err_msg=name)


def assert_same(model, X, rtol=RTOL):
    """The exported model predicts what the estimator predicts for X, also for one row of it."""
    onx = to_onnx(model)
    feeds = as_inputs(model, X)
    session = session_of(onx)
    names = [output.name for output in session.get_outputs()]
    found = dict(zip(names, session.run(names, feeds), strict=True))
    assert_equal_outputs(found, predicted(model, X), rtol)
    for n in (0, 1):
        some = session.run(names, {name: rows[:n] for name, rows in feeds.items()})
        for name, rows in zip(names, some, strict=True):
            assert rows.shape == (n, *found[name].shape[1:])
            assert rows.dtype == found[name].dtype
            if n and not name.startswith("label"):
                assert_allclose(rows, found[name][:n], rtol=1e-5, atol=1e-6)
    return onx


def shaken(model, size=0.3, seed=0):
    """The same model with other weights, so that no part of it is nearly nothing."""
    rng = np.random.default_rng(seed)
    for each in model._models:
        n = each.network.layout.n_trained
        each.network.theta[:n] += size * rng.normal(size=n)
    return model
