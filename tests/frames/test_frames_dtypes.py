"""Every dtype of every library, with present, missing, unseen and reordered values."""

import warnings

import numpy as np
import pytest

from sknumpynet import NumpyMLPClassifier
from sknumpynet.encoding import TableEncoder
from sknumpynet.frames import FrameReader
from sknumpynet.network import rows_stand_alone
from sknumpynet.rows import usable_rows

from .libraries import CATEGORIES, COLUMNS, DECLARING, expected_numbers, frame_of

every_column = pytest.mark.parametrize("name", COLUMNS)
every_nullable = pytest.mark.parametrize("name", [n for n, c in COLUMNS.items() if c.nullable])
every_category = pytest.mark.parametrize("name", CATEGORIES)


def with_gaps(name):
    values = list(COLUMNS[name].values)
    values[1] = values[6] = None
    return values


def encoded(reader, table, read):
    """The rows of ``read`` by an encoder that has learned from ``table``."""
    encoder = TableEncoder(max_one_hot=4, min_frequency=1)
    encoder.fit(table, usable_rows(len(table), None), reader.table_columns(table))
    return encoder.encode(read, np.empty((len(read), encoder.n_columns)))


@every_column
def test_values_that_are_all_there(name):
    values = COLUMNS[name].values
    reader = FrameReader()
    table = reader.learn(frame_of(name, values))
    expected = expected_numbers(name, values)
    np.testing.assert_array_equal(table, expected[:, None])
    np.testing.assert_array_equal(reader.read(frame_of(name, values)), table)
    np.testing.assert_array_equal(reader.read(frame_of(name, values[::-1])), table[::-1])
    assert np.isfinite(encoded(reader, table, table)).all()


@every_nullable
def test_missing_values_in_training_and_later(name):
    values = with_gaps(name)
    reader = FrameReader()
    table = reader.learn(frame_of(name, values))
    levels = [v for v in values if v is not None]
    np.testing.assert_array_equal(table[:, 0], expected_numbers(name, values, levels))
    assert np.isfinite(encoded(reader, table, table)).all()
    # Missing for the first time later.
    reader = FrameReader()
    table = reader.learn(frame_of(name, COLUMNS[name].values))
    later = reader.read(frame_of(name, values))
    np.testing.assert_array_equal(later[:, 0], expected_numbers(name, values))
    assert np.isfinite(encoded(reader, table, later)).all()


@every_nullable
def test_a_column_without_any_value(name):
    empty = [None] * 5
    reader = FrameReader()
    table = reader.learn(frame_of(name, empty))
    assert (np.isnan(table) | (table == 0)).all()
    np.testing.assert_array_equal(encoded(reader, table, table), 0)
    reader = FrameReader()
    table = reader.learn(frame_of(name, COLUMNS[name].values))
    later = reader.read(frame_of(name, empty))
    np.testing.assert_array_equal(later, 0.0 if name in CATEGORIES else np.nan)
    assert np.isfinite(encoded(reader, table, later)).all()


@every_column
def test_one_row(name):
    values = COLUMNS[name].values
    reader = FrameReader()
    table = reader.learn(frame_of(name, values))
    np.testing.assert_array_equal(reader.read(frame_of(name, values[2:3])), table[2:3])
    reader = FrameReader()
    table = reader.learn(frame_of(name, values[:1]))
    np.testing.assert_array_equal(encoded(reader, table, table), 0)


@every_category
def test_a_level_never_seen_is_unknown(name):
    values = COLUMNS[name].values
    reader = FrameReader()
    reader.learn(frame_of(name, values))
    # Below, between and above the known ones.
    new = [values[0], *(["", "b2", "zz"] if isinstance(values[0], str) else [-5, 5, 500])]
    np.testing.assert_array_equal(
        reader.read(frame_of(name, new))[:, 0], [expected_numbers(name, values)[0], 0, 0, 0]
    )


@pytest.mark.parametrize("name", DECLARING)
def test_another_order_of_the_levels_and_levels_that_do_not_occur(name):
    values = COLUMNS[name].values
    more = [*values[:4], "zz" if isinstance(values[0], str) else 5]
    levels = list(dict.fromkeys([*more[::-1], *values]))
    reader = FrameReader()
    table = reader.learn(frame_of(name, values))
    np.testing.assert_array_equal(
        reader.read(frame_of(name, values, levels)), expected_numbers(name, values)[:, None]
    )
    # In training a declared level has a code of its own, and costs nothing.
    other = FrameReader()
    of_more = other.learn(frame_of(name, values, levels))
    assert len(other.columns[0].levels) == len(reader.columns[0].levels) + 1
    np.testing.assert_array_equal(
        encoded(other, of_more, of_more), encoded(reader, table, table)
    )  # fmt: skip


@pytest.mark.parametrize("learned", COLUMNS)
def test_it_does_not_matter_which_library_holds_the_values(learned):
    column = COLUMNS[learned]
    reader = FrameReader()
    table = reader.learn(frame_of(learned, column.values))
    category, zoned = learned in CATEGORIES, "zone" in learned
    for name, other in COLUMNS.items():
        same = other.values is column.values and (name in CATEGORIES) == category
        if same and ("zone" in name) == zoned:
            for values in (column.values, with_gaps(learned) if other.nullable else column.values):
                read = reader.read(frame_of(name, values))
                np.testing.assert_array_equal(read[:, 0], expected_numbers(learned, values))
                assert np.isfinite(encoded(reader, table, read)).all()


@every_nullable
def test_an_estimator_predicts_the_same_in_any_order_and_row_by_row(name):
    values = with_gaps(name) * 3
    model = NumpyMLPClassifier((8,), max_iter=2, early_stopping=False, random_state=0)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Training was cut short")
        model.fit(frame_of(name, values), np.arange(len(values)) % 3)
    found = model.predict_proba(frame_of(name, values))
    assert np.isfinite(found).all()
    # What is promised for float32, by the BLAS.
    far = 0.0 if rows_stand_alone(np.dtype("float32")) else 1e-12
    turned = model.predict_proba(frame_of(name, values[::-1]))
    np.testing.assert_allclose(turned, found[::-1], rtol=far)
    alone = [model.predict_proba(frame_of(name, [value])) for value in values[:8]]
    np.testing.assert_allclose(np.concatenate(alone), found[:8], rtol=far)
