"""Free text: which columns are, and the numbers that they become, against an own computation."""

import hashlib
import pickle
import re
import uuid
from collections import Counter

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from threadpoolctl import threadpool_limits

from sknumpynet.blas import blas
from sknumpynet.frames import FrameReader, text_vectors

FIRST = ["Anna", "Bert", "Clara", "Dora", "Emil", "Franz", "Gerda"]
LAST = ["Smith", "Jones", "Miller", "Baker", "Cook", "Fisher", "Mason", "Taylor", "Weaver"]
NAMES = [f"{LAST[i % 9]}, {FIRST[i % 7]} {chr(65 + i % 5)}{i}" for i in range(60)]
N = len(NAMES)


def learned(values, categorical_features="from_dtype", **options):
    reader = FrameReader(categorical_features, **options)
    X = pd.DataFrame({"n": np.arange(N), "c": pd.Series(values, dtype=None)})
    return reader, reader.learn(X)


def kind(values, *arguments, **options):
    return learned(values, *arguments, **options)[0].columns[1].kind


TEXTS = {
    "names": NAMES,
    "titles": [f"Red {LAST[i % 9].lower()} no. {i}" for i in range(N)],
    "addresses": [f"{i} {LAST[i % 9]} Street" for i in range(N)],
    "mail": [f"{FIRST[i % 7]}.{LAST[i % 9]}{i}@example.org" for i in range(N)],
    "Chinese": ["今天天气" + chr(0x4E00 + i) + "很好" for i in range(N)],
    "Arabic": ["كتاب جديد " + chr(0x0628 + i % 20) * (2 + i // 20) for i in range(N)],
    "with gaps": [None if i % 3 == 0 else name for i, name in enumerate(NAMES)],
    "a few repeated": NAMES[:57] + NAMES[:1] + NAMES[58:],
}
OTHERS = {
    "ids": [f"P{i:06d}" for i in range(N)],
    "tickets": [f"A/{i % 7} {i * 7919 % 100_000}" for i in range(N)],
    "keys": [str(uuid.UUID(int=i * 2**100 + 7**i % 2**90)) for i in range(N)],
    "hashes": [hashlib.sha256(bytes([i])).hexdigest() for i in range(N)],
    "one word": ["".join(chr(97 + (i * k + k) % 26) for k in range(3, 9)) for i in range(N)],
    "levels": [LAST[i % 9] + " and " + FIRST[i % 7] for i in range(40)] + ["Cook and Emil"] * 20,
    "a category dtype": pd.Categorical(NAMES),
}


@pytest.mark.parametrize("name", TEXTS)
def test_text_of_several_words_that_is_rare_is_free_text(name):
    assert kind(TEXTS[name]) == "text"
    assert kind(TEXTS[name], text_components=0) == "category"
    # Each text is a level that is not rare.
    assert kind(TEXTS[name], min_frequency=1) == "category"


@pytest.mark.parametrize("name", OTHERS)
def test_all_other_text_is_a_category(name):
    assert kind(OTHERS[name]) == "category"


def test_categorical_features_overrules():
    assert kind(NAMES, ["c"]) == "category"


def test_why():
    reader, _ = learned(TEXTS["a few repeated"])
    assert reader.columns[1].why == "free text: several words, rare in 97 % of the rows"


# The numbers.


def sequences(text):
    """Of three and four letters of each word, with the blanks around it; shorter words whole."""
    for word in text.lower().split():
        word = f" {word} "
        for n in (3, 4):
            yield from (word[i : i + n] for i in range(max(1, len(word) - n + 1)))
            if len(word) <= n:
                # A word that is no longer comes once.
                break


def reference(texts, width):
    """TF-IDF of the sequences of two texts and more, times the first right singular vectors."""
    counts = [Counter(sequences(text)) for text in texts]
    among = Counter(s for count in counts for s in count)
    known = sorted(s for s, n in among.items() if n > 1)
    idf = np.array([np.log((1 + len(texts)) / (1 + among[s])) + 1 for s in known])
    weights = np.array([[count[s] for s in known] for count in counts]) * idf
    weights /= np.linalg.norm(weights, axis=1, keepdims=True)
    return weights @ np.linalg.svd(weights)[2][:width].T


def up_to_signs(vectors):
    return vectors * np.sign(vectors[np.abs(vectors).argmax(axis=0), np.arange(vectors.shape[1])])


def test_vectors_are_the_directions_of_tf_idf():
    reader, table = learned(NAMES)
    assert reader.columns[1].width == N // 10
    assert_allclose(
        up_to_signs(table[:, 1:].astype(float)), up_to_signs(reference(NAMES, 6)), atol=1e-5
    )


def test_no_more_than_asked_for():
    assert learned(NAMES, text_components=3)[1].shape == (N, 4)
    column = learned(NAMES, text_components=3)[0].columns[1]
    assert [c.name for c in column.becomes] == ["c"] * 3


@pytest.mark.parametrize(
    "make",
    [
        lambda c: pd.DataFrame({"n": np.arange(N), "c": pd.Series(c, dtype=object)}),
        lambda c: pd.DataFrame({"n": np.arange(N), "c": pd.Series(c, dtype="string")}),
        lambda c: pl.DataFrame({"n": np.arange(N), "c": c}),
        lambda c: pa.table({"n": np.arange(N), "c": c}),
        lambda c: np.array([np.arange(N), np.array(c, dtype=object)], dtype=object).T,
    ],
    ids=["pandas", "pandas string", "polars", "pyarrow", "array"],
)
def test_libraries_agree(make):
    for texts in (NAMES, TEXTS["with gaps"]):
        wanted = learned(texts)[1]
        assert_array_equal(FrameReader().learn(make(texts)), wanted)
        assert np.isnan(wanted[:, 1:]).any(axis=1).tolist() == [text is None for text in texts]


def test_what_a_row_becomes_depends_on_no_other(monkeypatch):
    reader, table = learned(NAMES)
    X = pd.DataFrame({"n": np.arange(N), "c": NAMES})
    for i in range(5):
        assert_array_equal(reader.read(X[i : i + 1])[0], table[i])
    monkeypatch.setattr(text_vectors, "AT_ONCE", 50)
    assert_array_equal(reader.read(X[::-1]), table[::-1])
    # A text of nothing that is known, and one that spells a number.
    others = X.assign(c=["", "12"] * (N // 2))
    assert_array_equal(reader.read(others)[:, 1:], np.zeros((N, 6)))
    array = others.to_numpy(dtype=object)
    assert_array_equal(FrameReader.read(reader, array)[:, 1:], np.zeros((N, 6)))


def test_the_same_bits_in_each_fit_and_in_copies():
    X = pd.DataFrame({"n": np.arange(N), "c": NAMES})
    reader, table = learned(NAMES)
    assert_array_equal(learned(NAMES)[1], table)
    data = pickle.dumps(reader)
    assert not re.search(rb"sklearn", data)
    assert_array_equal(pickle.loads(data).read(X), table)


def test_threads_of_the_blas_do_not_matter():
    rng = np.random.default_rng(0)
    words = ["".join(chr(97 + c) for c in rng.integers(0, 26, 7)) for _ in range(400)]
    X = pd.DataFrame({"n": range(2000), "c": [" ".join(rng.choice(words, 5)) for _ in range(2000)]})
    tables = []
    for n in (1, 2):
        with threadpool_limits(n):
            tables.append(FrameReader().learn(X))
            assert {library.get_num_threads() for library in blas()} <= {1, n}
    assert_array_equal(*tables)


def test_equal_texts_count_once():
    _, table = learned(NAMES[:59] + NAMES[:1])
    assert_array_equal(table[59, 1:], table[0, 1:])
    assert_allclose(
        up_to_signs(table[:59, 1:].astype(float)),
        up_to_signs(reference(NAMES[:59], 5)),
        atol=1e-5,
    )


# Few, many, long.


@pytest.mark.parametrize(("n", "width"), [(9, None), (10, 1), (29, 2)])
def test_few_texts(n, width):
    reader = FrameReader()
    table = reader.learn(pd.DataFrame({"n": np.arange(n), "c": NAMES[:n]}))
    found = reader.columns[1]
    assert (found.kind, table.shape[1]) == (
        ("category", 2) if width is None else ("text", 1 + width)
    )


def test_texts_that_have_nothing_in_common():
    # Each letter is in one text.
    letters = [f"{chr(c) * 4} {chr(c) * 5}" for c in range(0x250, 0x250 + 20)]
    assert kind(letters + [None] * (N - 20)) == "category"
    # One sequence in common.
    common = [f"{text} xyz" for text in letters] + [None] * (N - 20)
    assert np.isfinite(learned(common)[1][:20]).all()


def test_of_many_texts_some_are_learned_from(monkeypatch):
    monkeypatch.setattr(text_vectors, "LEARNED_FROM", 20)
    _, table = learned(NAMES)
    of = [NAMES[i] for i in np.linspace(0, N - 1, 20).astype(int)]
    small = FrameReader(text_components=6).learn(pd.DataFrame({"n": range(20), "c": of}))
    assert table.shape == (N, 7)
    # The same two directions, where 20 texts have but two.
    assert_allclose(table[0, 1:3], small[0, 1:], atol=1e-6)


def test_known_sequences_and_letters_are_limited(monkeypatch):
    long = [f"{name} " + "ab " * 10**5 for name in NAMES]
    monkeypatch.setattr(text_vectors, "MOST_KNOWN", 7)
    monkeypatch.setattr(text_vectors, "MOST_LETTERS", 12)
    reader, table = learned(long)
    assert len(reader.columns[1]._vectors._idf) == 7
    assert_array_equal(table, learned([text[:12] for text in long])[1])


@pytest.mark.parametrize("n_words", [4, 12, 19, 45])
def test_texts_of_a_few_words_are_learned_to_the_same_bits(n_words):
    """There are fewer directions than ARPACK works with, and more than are asked for."""
    words = [f"{FIRST[i % 7].lower()}{LAST[i % 9].lower()}" for i in range(n_words)]
    texts = sorted({" ".join(words[(i * k) % n_words] for k in (1, 2, 5, 7)) for i in range(3000)})
    texts += [f"{text} {text}" for text in texts]
    for n_components in (3, 20):
        found = [text_vectors.learn_vectors(texts, n_components) for _ in range(4)]
        first, *others = [vectors.of(texts).tobytes() for vectors in found]
        assert others == [first] * 3
