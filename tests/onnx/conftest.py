"""Predictions to compare with, in the dtype of the file."""

import pytest

from sknumpynet.fitting import prediction


@pytest.fixture(autouse=True)
def in_the_dtype_of_the_network(monkeypatch):
    """On any processor: where float32 has steps of 8e-6, float64 is another prediction."""
    monkeypatch.setattr(prediction, "rows_stand_alone", lambda dtype: True)
