"""What ``import sknumpynet`` shows: public names, and modules that are imported when asked for."""

import subprocess
import sys

import pytest

import sknumpynet

MODULES = {"callbacks", "dask", "graph", "inspection", "io", "onnx"}


def run(program):
    return subprocess.run([sys.executable, "-c", program], check=True, capture_output=True).stdout


def test_it_shows_what_is_public_alone():
    shown = {name for name in dir(sknumpynet) if not name.startswith("__")}
    assert shown == {*sknumpynet.__all__, *MODULES}


def test_modules_need_no_import_of_their_own_and_none_takes_time_before():
    # The estimators use callbacks.
    late = [f"sknumpynet.{name}" for name in sorted(MODULES - {"callbacks"})]
    program = f"""
import sys, sknumpynet
assert sys.modules.keys().isdisjoint({late})
assert "matplotlib" not in sys.modules and "onnx" not in sys.modules
dir(sknumpynet)
assert "sknumpynet.inspection" not in sys.modules
assert sknumpynet.inspection.diagnose and sknumpynet.io.to_sklearn and sknumpynet.graph.draw
assert sknumpynet.inspection is sys.modules["sknumpynet.inspection"]
"""
    run(program)


def test_a_module_whose_package_is_missing_says_so_when_it_is_asked_for():
    """And ``help`` and ``hasattr``, which ask for all names, pass it by."""
    program = """
import sys
sys.modules["onnx"] = None
import sknumpynet
assert not hasattr(sknumpynet, "onnx")
try:
    sknumpynet.onnx
except AttributeError as error:
    print(error)
try:
    from sknumpynet import onnx
except ImportError as error:
    print(error)
"""
    attribute, imported = run(program).decode().splitlines()
    assert "pip install 'sknumpynet[onnx]'" in attribute
    assert "pip install 'sknumpynet[onnx]'" in imported


def test_other_names_are_not_there():
    with pytest.raises(AttributeError, match=r"module 'sknumpynet' has no attribute 'nothing'"):
        _ = sknumpynet.nothing
