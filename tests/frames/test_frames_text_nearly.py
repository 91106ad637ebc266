"""Text that stays text though most of it spells numbers is told; names are not."""

import numpy as np
import pandas as pd
import pytest

from .test_frames_text import learned

N = np.random.default_rng(0).permutation(400)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ([f"{i}.5" if i % 8 else "about 5" for i in N], "though 87.5 % spells numbers, and not 'a"),
        ([f"{i} kg" if i % 2 else f"{i} lb" for i in N], "of several units ('kg', 'lb')"),
        ([f"${i}" if i % 9 else f"€{i}" for i in N], "of several currencies ('EUR', 'USD')"),
        ([f"{i + 1}%" if i % 2 else f"{i + 1}" for i in N], "with a unit in some rows and without"),
    ],
    ids=["other text", "units", "currencies", "percent"],
)
def test_what_keeps_text_from_being_numbers_is_told(values, said):
    _, reader, (message,) = learned(pd.DataFrame({"c": values}))
    assert reader.columns[0].category
    assert said in message
    assert "'c' is left as text" in message
    assert "name it in categorical_features" in message
    for features, parse_text in ((["c"], True), ("from_dtype", False)):
        assert learned(pd.DataFrame({"c": values}), features, parse_text)[2] == []


@pytest.mark.parametrize(
    "values",
    [
        [f"{i}.5" if i % 3 else f"about {i}" for i in N],
        [f"{i:05d}" if i % 8 else f"A{i}" for i in N],
        [f"{i % 15}" if i % 8 else "ten" for i in N],
        [f"{i} {'abcdefgh'[i % 8]}x street" for i in N],
        [f"10.0.{i}.{i}" if i % 8 else "home" for i in N],
        [f"{i}.{i}.{i}" for i in N],
    ],
    ids=["two of three", "codes", "few", "addresses", "computers", "versions"],
)
def test_names_are_no_alarm(values):
    assert learned(pd.DataFrame({"c": values}))[2] == []
