"""Texts as a few numbers each, by the short sequences of letters that stand in them.

In: texts. Out: a vector for each, the same whatever other texts come with it. Both steps are
scikit-learn's; what they have learned is kept as two arrays and one text, so that a file of it
holds no code.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Any

import numpy as np

from ..blas import ONE_THREAD

#: Letters of a sequence, which stands within a word. See DECISIONS: free text.
SEQUENCES = 3, 4

#: Texts that vectors are learned from at most, which takes 0.6 s; all others take 30 us each.
LEARNED_FROM = 10_000

#: Sequences that are known at most: 1.2 MB of a file.
MOST_KNOWN = 10_000

#: A direction has so little of the squares of the largest one if there is none.
NO_DIRECTION = 1e-10

#: Letters of a text that are looked at: these take 1 ms.
MOST_LETTERS = 2000

#: Letters of texts that are looked at in one go (20 MB).
AT_ONCE = 2**18


class TextVectors:
    """``v = t D``: t the TF-IDF of the known sequences in a text, D (sequences, width) directions.

    Parameters
    ----------
    known : list of str
    idf : ndarray of shape (n,)
        Their inverse document frequencies.
    directions : ndarray of shape (width, n)
        In which the texts that these were learned from differ most.
    """

    def __init__(self, known: list[str], idf: np.ndarray, directions: np.ndarray) -> None:
        # Sequences hold no line breaks. A list of them takes a format of files seconds.
        self._known = "\n".join(known)
        self._idf, self._directions = idf, directions

    @property
    def width(self) -> int:
        """Numbers of a vector."""
        return len(self._directions)

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name != "_tf_idf"}

    @cached_property
    def _tf_idf(self) -> Any:
        found = _new_tf_idf(vocabulary=self._known.split("\n"))
        found.idf_ = self._idf
        return found

    def of(self, texts: list[str]) -> np.ndarray:
        """The vectors of the texts, (n, width) in float32."""
        out = np.empty((len(texts), self.width), dtype=np.float32)
        directions = np.ascontiguousarray(self._directions.T, dtype=np.float64)
        start = 0
        for part in _parts(texts):
            out[start : start + len(part)] = self._tf_idf.transform(part) @ directions
            start += len(part)
        return out


def learn_vectors(texts: list[str], n_components: int) -> TextVectors | None:
    """Vectors of at most so many numbers, learned from distinct texts.

    None if no two of them have anything in common.
    """
    some = [text[:MOST_LETTERS] for text in evenly(texts, LEARNED_FROM)]
    tf_idf = _new_tf_idf(max_features=MOST_KNOWN, min_df=2)
    try:
        found = tf_idf.fit_transform(some)
    except ValueError:
        # There is no sequence that two texts have.
        return None
    width = min(n_components, min(found.shape) - 1)
    if width < 1:
        return None
    # Several threads of the BLAS may round otherwise than one. Texts that are all the same to it
    # have no variance, of which it then takes a part.
    with ONE_THREAD.wanted(), np.errstate(divide="ignore", invalid="ignore"):
        svd = _new_svd(found, width).fit(found)
    known = tf_idf.get_feature_names_out().tolist()
    return TextVectors(known, tf_idf.idf_, svd.components_.astype(np.float32))


def _new_svd(rows: Any, width: int) -> Any:
    """For the first directions of sparse rows; with the same bits each time.

    ARPACK works with a few more than twice as many directions. Where there are fewer, as in texts
    of some ten words, it goes on from random numbers of its own, which are others in each call.
    There as many random directions hold all that there is.
    """
    from sklearn.decomposition import TruncatedSVD

    n = max(2 * width + 1, 20)
    if n < min(rows.shape):
        probe = rows @ np.random.default_rng(0).standard_normal((rows.shape[1], n))
        squares = np.linalg.eigvalsh(probe.T @ probe)
        if squares[0] > NO_DIRECTION * squares[-1]:
            return TruncatedSVD(width, algorithm="arpack", random_state=0)
    return TruncatedSVD(width, algorithm="randomized", n_oversamples=n, random_state=0)


def evenly(texts: list[str], most: int) -> list[str]:
    """At most so many of the texts, from everywhere among them."""
    if len(texts) <= most:
        return texts
    return [texts[i] for i in np.linspace(0, len(texts) - 1, most).astype(np.intp).tolist()]


def _new_tf_idf(**options: Any) -> Any:
    from sklearn.feature_extraction.text import TfidfVectorizer

    return TfidfVectorizer(analyzer="char_wb", ngram_range=SEQUENCES, **options)


def _parts(texts: list[str]) -> Iterator[list[str]]:
    """The texts, cut, as some after others that have few letters together."""
    part: list[str] = []
    n_letters = 0
    for text in texts:
        part.append(text[:MOST_LETTERS])
        n_letters += len(part[-1])
        if n_letters >= AT_ONCE:
            yield part
            part, n_letters = [], 0
    if part:
        yield part
