"""What categories and dates become: against scikit-learn's encoders and pandas' calendar."""

import pickle

import numpy as np
import pandas as pd
import pytest
from sklearn.preprocessing import OneHotEncoder

from sknumpynet.encoding import KINDS, TableEncoder
from sknumpynet.frames import FrameReader
from sknumpynet.rows import Rows, usable_rows


def fit(X, weight=None, rows=None, **options):
    """An encoder of the frame X, and its table."""
    reader = FrameReader()
    table = reader.learn(X)
    weight = None if weight is None else np.asarray(weight, dtype=float)
    rows = usable_rows(len(table), weight) if rows is None else rows
    encoder = TableEncoder(**options).fit(table, rows, reader.table_columns(table))
    return encoder, table, reader


def encode(encoder, table, dtype="float64"):
    return encoder.encode(table, np.full((len(table), encoder.n_columns), 77, dtype=dtype))


def text(*values):
    return pd.DataFrame({"c": pd.Series(values, dtype=object)})


# Categories.


def test_two_levels_are_one_column():
    encoder, table, reader = fit(text("m", "f", "m", "f"))
    assert encoder.names == ["c=m"]
    np.testing.assert_array_equal(encode(encoder, table)[:, 0], [1, -1, 1, -1])
    np.testing.assert_array_equal(
        encode(encoder, reader.read(text("x", None, "f")))[:, 0], [0, 0, -1]
    )


def test_few_levels_are_scikit_learns_one_hot():
    rng = np.random.default_rng(0)
    X = pd.DataFrame({f"c{j}": rng.choice(list("abcdefg")[: j + 3], 200) for j in range(4)})
    later = pd.DataFrame({f"c{j}": rng.choice(list("abcdefgzy"), 50) for j in range(4)})
    encoder, _, reader = fit(X)
    reference = OneHotEncoder(sparse_output=False, handle_unknown="ignore").fit(X)
    for frame in (X, later):
        np.testing.assert_array_equal(
            encode(encoder, reader.read(frame)), reference.transform(frame)
        )
    expected = [name.replace("_", "=", 1) for name in reference.get_feature_names_out()]
    assert encoder.names == expected


def test_missing_is_a_level_where_training_had_it():
    encoder, table, reader = fit(text("a", "b", "a", "b", None))
    assert encoder.names == ["c=a", "c=b", "c missing"]
    np.testing.assert_array_equal(encode(encoder, table)[[0, 1, 4]], np.eye(3))
    np.testing.assert_array_equal(encode(encoder, reader.read(text("new"))), [[0, 0, 1]])
    encoder, _, reader = fit(text(*"abcabc"))
    np.testing.assert_array_equal(encode(encoder, reader.read(text("new", None))), np.zeros((2, 3)))


def test_rare_levels_are_pooled_with_the_unknown():
    encoder, table, reader = fit(text("a", "b", "a", "b", "r", "s", None))
    assert encoder.names == ["c=a", "c=b", "c other"]
    encoded = encode(encoder, table)
    np.testing.assert_array_equal(encoded[4:], [[0, 0, 1]] * 3)
    np.testing.assert_array_equal(encode(encoder, reader.read(text("new"))), [[0, 0, 1]])
    assert fit(text(*"aabbbr"), min_frequency=3)[0].names == ["c=b", "c other"]
    assert fit(text(*"aabbbr"), min_frequency=1)[0].names == ["c=a", "c=b", "c=r"]


def test_rows_of_weight_two_are_two_rows_and_those_of_no_weight_none():
    X = text("a", "b", "r", "gone", "gone", "gone", "a", "b")
    twice = fit(X, [1, 1, 2, 0, 0, 0, 1, 1])[0]
    assert twice.names == fit(text(*"abrabr"))[0].names == ["c=a", "c=b", "c=r"]
    rows = Rows(np.array([0, 1, 2, 6, 7]), None)
    assert fit(X, rows=rows)[0].names == ["c=a", "c=b", "c other"]


def test_weights_that_count_no_rows_pool_as_if_they_were_one():
    X = text(*"aabbr")
    for weight in (1e-6, 0.25, 1.0, 3.0):
        names = fit(X, np.full(5, weight))[0].names
        assert names == (["c=a", "c=b", "c other"] if weight <= 1 else ["c=a", "c=b", "c=r"])


def test_many_levels_are_codes_to_be_embedded():
    levels = [f"l{j:02}" for j in range(40)]
    X = pd.DataFrame({"n": np.arange(123.0), "c": levels * 3 + ["rare", None, "rarer"]})
    encoder, table, reader = fit(X)
    (embedding,) = encoder.embeddings
    assert embedding == (encoder.n_columns - 1, 41, 7)
    assert encoder.names == ["n", *(f"c[{i}]" for i in range(7))]
    for dtype in ("float32", "float64"):
        codes = encode(encoder, table, dtype)[:, -1]
        np.testing.assert_array_equal(codes, [*range(1, 41)] * 3 + [0, 0, 0])
    new = pd.DataFrame({"n": [1.0, 2.0], "c": ["new", "l07"]})
    np.testing.assert_array_equal(encode(encoder, reader.read(new))[:, -1], [0, 8])
    # A linear model sees all of them.
    linear, _, _ = fit(X, linear=True)
    assert linear.names == ["n", *(f"c={level}" for level in levels), "c other"]
    assert linear.embeddings == []


@pytest.mark.parametrize(
    ("n_levels", "n_columns", "width"), [(32, 32, None), (33, 1, 6), (100, 1, 11), (5000, 1, 16)]
)
def test_the_number_of_levels_decides(n_levels, n_columns, width):
    encoder, _, _ = fit(text(*[f"l{j}" for j in range(n_levels)] * 2))
    assert encoder.n_columns == n_columns
    assert [e.width for e in encoder.embeddings] == ([] if width is None else [width])
    assert len(encoder.names) == (width or n_columns)


def test_a_column_of_names_is_left_out_with_a_warning():
    n = 60
    X = pd.DataFrame({"n": range(n), "name": [f"p{j}" for j in range(n - 2)] + ["twin"] * 2})
    with pytest.warns(UserWarning, match="'name'.*Drop.*TextEncoder.*TfidfVectorizer") as caught:
        encoder, table, _ = fit(X)
    assert len(caught) == 1
    assert encoder.names == ["n"]
    assert encode(encoder, table).shape == (n, 1)
    with pytest.raises(ValueError, match="No column of X is left to learn from.*name"):
        fit(X[["name"]])


def test_the_warning_points_at_the_caller():
    X = pd.DataFrame({"n": range(60), "name": [f"p{j}" for j in range(60)]})
    with pytest.warns(UserWarning, match="'name'") as caught:
        fit(X)
    assert caught[0].filename == __file__


def test_a_constant_category_is_zeros_whatever_it_becomes():
    for values in (["a"] * 5, [None] * 5, ["a"]):
        encoder, table, reader = fit(text(*values))
        assert encoder.names == ["c"]
        np.testing.assert_array_equal(encode(encoder, table), 0)
        np.testing.assert_array_equal(encode(encoder, reader.read(text("b", None, "a"))), 0)


def test_a_stream_knows_declared_levels_and_expects_unknown_ones():
    declared = pd.DataFrame({"c": pd.Categorical(["a", "b", "a"], categories=list("abcd"))})
    encoder, _, _ = fit(declared, stream=True)
    assert encoder.names == ["c=a", "c=b", "c=c", "c=d", "c missing"]
    assert fit(declared)[0].names == ["c=a", "c other"]
    assert fit(text(*"aabb"), stream=True)[0].names == ["c=a", "c=b", "c missing"]


def test_levels_of_validation_rows_are_not_learned():
    X = text("a", "b", "a", "b", "v", "v", None)
    encoder, table, _ = fit(X, rows=Rows(np.arange(4), None))
    assert encoder.names == ["c=b"]
    np.testing.assert_array_equal(encode(encoder, table)[:, 0], [-1, 1, -1, 1, 0, 0, 0])


# Dates.


def circle(phase):
    return np.sin(2 * np.pi * phase), np.cos(2 * np.pi * phase)


def test_dates_are_a_time_and_waves_of_three_cycles():
    times = pd.date_range("2019-12-25", periods=1000, freq="31h7min").to_series().sample(
        frac=1, random_state=0
    )  # fmt: skip
    encoder, table, _ = fit(pd.DataFrame({"joined": times.to_numpy()}))
    waves = [("day", 4), ("week", 3), ("year", 4)]
    parts = [c if n == 1 else f"{c} / {n}" for c, most in waves for n in range(1, most + 1)]
    assert encoder.names == [
        *("joined", *(f"joined: {f} of {part}" for part in parts for f in ("sin", "cos")))
    ]
    encoded, stamps = encode(encoder, table), pd.DatetimeIndex(times)
    seconds = stamps.hour * 3600 + stamps.minute * 60 + stamps.second
    length = np.where(stamps.is_leap_year, 366, 365)
    place = {
        "day": seconds / 86400,
        "week": stamps.day_of_week / 7,
        "year": (stamps.day_of_year - 1) / length,
    }
    for j, part in enumerate(parts):
        cycle, _, n = part.partition(" / ")
        n = int(n or 1)
        expected = np.array(circle(n * place[cycle])) / n
        np.testing.assert_allclose(encoded[:, 2 * j + 1 : 2 * j + 3].T, expected, atol=1e-9)
    assert abs(encoded[:, 0].mean()) < 1e-6
    assert encoded[:, 0].std() == pytest.approx(1)
    np.testing.assert_array_equal(np.argsort(encoded[:, 0]), np.argsort(times.to_numpy()))


def test_only_the_cycles_in_which_dates_vary():
    def names(dates, **options):
        X = pd.DataFrame({"d": pd.to_datetime(dates)})
        found = [n.split(" of ")[1] for n in fit(X, **options)[0].names if ": sin" in n]
        return [cycle for cycle in found if "/" not in cycle]

    assert names(["2020-01-01", "2020-01-02"]) == ["week", "year"]
    assert names(["2020-01-01", "2020-01-08"]) == ["year"]
    assert names(["2020-01-01", "2021-01-01", None]) == ["week"]
    assert names(["2020-01-01 10:00", "2020-01-01 11:00"]) == ["day"]
    assert names(["2020-01-01", "2020-01-01"]) == []
    assert names(["2020-01-01", "2020-01-01"], stream=True) == ["day", "week", "year"]
    lasting = pd.DataFrame({"d": pd.to_timedelta([1, 30, 500], unit="h")})
    assert fit(lasting)[0].names == ["d"]


def test_missing_dates():
    X = pd.DataFrame({"d": pd.to_datetime(["2020-01-01", None, "2020-05-02", "2021-07-02"])})
    encoder, table, reader = fit(X)
    assert encoder.names[:2] == ["d", "d missing"]
    np.testing.assert_array_equal(encode(encoder, table)[1], [0, 1, *[0] * (encoder.n_columns - 2)])
    full, _, reader = fit(X[X.d.notna()])
    np.testing.assert_array_equal(encode(full, reader.read(X[1:2])), 0)


def test_dates_are_scaled_where_numbers_are_not():
    days = pd.to_datetime(["2020-01-01", "2020-01-02", "2020-01-03"])
    X = pd.DataFrame({"n": [5.0, 7.0, 8.0], "d": days})
    encoder, table, _ = fit(X, feature_scaling=None)
    np.testing.assert_allclose(
        encode(encoder, table)[:, :2], [[5, -(1.5**0.5)], [7, 0], [8, 1.5**0.5]], atol=1e-6
    )
    assert not encoder.changes_nothing(table)


# All together.


def mixed(n=200, seed=0):
    rng = np.random.default_rng(seed)
    X = pd.DataFrame(
        {
            "wide": rng.choice([f"w{j}" for j in range(35)], n),
            "n": rng.normal(5, 3, n),
            "sex": rng.choice(["f", "m"], n),
            "day": pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.integers(0, 900, n), unit="D"),
            "gap": np.where(rng.random(n) < 0.2, np.nan, rng.normal(size=n)),
            "few": rng.choice(["x", "y", "z"], n),
            "same": "s",
            "flag": rng.random(n) < 0.5,
        }
    )
    return X


def test_kinds_come_one_after_the_other_whatever_their_order():
    X = mixed()
    encoder, table, _ = fit(X)
    assert encoder.names == [
        *("n", "gap", "flag", "gap missing"),
        "day",
        *(f"day: {f} of {c}" for c in ("week", "week / 2", "week / 3") for f in ("sin", "cos")),
        *(f"day: {f} of year{n}" for n in ("", " / 2", " / 3", " / 4") for f in ("sin", "cos")),
        *("same", "sex=m", "few=x", "few=y", "few=z"),
        *(f"wide[{i}]" for i in range(6)),
    ]
    encoded = encode(encoder, table, "float32")
    assert encoded.shape == (200, 25)
    assert np.isfinite(encoded).all()
    assert np.abs(encoded[:, :-1]).max() <= 10
    order = list(X.columns[::-1])
    other, other_table, _ = fit(X[order])
    assert sorted(other.names) == sorted(encoder.names)
    by_name = dict(zip(other.names, encode(other, other_table, "float32").T, strict=False))
    for name, column in zip(encoder.names[:24], encoded.T, strict=False):
        np.testing.assert_array_equal(by_name[name], column)


def test_blocks_and_slices_of_wider_arrays_are_encoded_alike():
    encoder, table, _ = fit(mixed())
    whole = encode(encoder, table)
    for rows in (slice(0, 1), slice(7, 100), np.array([3, 3, 199])):
        np.testing.assert_array_equal(encode(encoder, table[rows]), whole[rows])
    fortran = np.asfortranarray(table)
    np.testing.assert_array_equal(encode(encoder, fortran), whole)


def test_the_table_is_not_changed_and_the_pickle_is_small():
    encoder, table, _ = fit(mixed(5000))
    before = table.copy()
    encode(encoder, table)
    np.testing.assert_array_equal(table, before)
    assert len(pickle.dumps(encoder)) < 6000
    again = pickle.loads(pickle.dumps(encoder))
    np.testing.assert_array_equal(encode(again, table), encode(encoder, table))


def test_encoded_columns_know_where_they_come_from():
    frame = mixed()
    encoder, _, _ = fit(frame)
    flat = [n for n in encoder.names if "[" not in n] + ["wide"]
    assert len(flat) == encoder.n_columns == len(encoder.sources)
    for name, source in zip(flat, encoder.sources, strict=True):
        assert name.startswith(frame.columns[source])
    assert [encoder.names[j] for j in encoder.numbers] == ["n", "gap", "flag", "day"]


def test_every_kind_has_been_seen_here():
    encoder, _, _ = fit(mixed().assign(title=[f"number {i} of all" for i in range(200)]))
    assert {type(part) for part in encoder.groups} == set(KINDS)
