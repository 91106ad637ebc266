"""Whether this scikit-learn knows frames of this polars: 1.7 does not know those of polars 2."""

import pytest
from sklearn.preprocessing import StandardScaler


def skip_unless_known():
    pl = pytest.importorskip("polars")
    if not hasattr(StandardScaler().fit(pl.DataFrame({"a": [1.0, 2.0]})), "feature_names_in_"):
        pytest.skip("This scikit-learn finds no columns in a frame of this polars.")
