"""A text taken apart as a number: sign, currency, digits with their marks, exponent, factor, unit.

In: a text. Out: its parts, or None if it is no number with something around it. What the marks
between the digits mean is decided for a whole column, by :mod:`.numbers`.
"""

from __future__ import annotations

import re
from typing import NamedTuple

#: Longer texts are no numbers.
LONGEST = 48

#: Signs and codes of currencies, and one name for those of the same.
CURRENCIES = {
    "$": "USD", "us$": "USD", "usd": "USD", "€": "EUR", "eur": "EUR", "euro": "EUR",
    "£": "GBP", "gbp": "GBP", "¥": "JPY", "jpy": "JPY", "₹": "INR", "inr": "INR", "rs": "INR",
    "r$": "BRL", "brl": "BRL", "c$": "CAD", "ca$": "CAD", "cad": "CAD", "a$": "AUD", "au$": "AUD",
    "aud": "AUD", "nz$": "NZD", "nzd": "NZD", "hk$": "HKD", "hkd": "HKD", "s$": "SGD", "sgd": "SGD",
    "chf": "CHF", "sek": "SEK", "nok": "NOK", "dkk": "DKK", "kr": "kr", "zł": "PLN",
    "pln": "PLN", "czk": "CZK", "kč": "CZK", "huf": "HUF", "₽": "RUB", "rub": "RUB",
    "₩": "KRW", "krw": "KRW", "cny": "CNY", "rmb": "CNY", "元": "CNY", "₺": "TRY", "try": "TRY",
    "zar": "ZAR", "mxn": "MXN", "mx$": "MXN", "₱": "PHP", "php": "PHP", "฿": "THB", "thb": "THB",
    "₫": "VND", "vnd": "VND", "₦": "NGN", "ngn": "NGN", "₪": "ILS", "ils": "ILS", "aed": "AED",
    "sar": "SAR", "₿": "BTC", "btc": "BTC", "₴": "UAH", "uah": "UAH", "idr": "IDR", "myr": "MYR",
}  # fmt: skip

#: By what a word behind a number multiplies it. A single letter as it is written: m is no million.
LETTERS = {"k": 1e3, "K": 1e3, "M": 1e6, "B": 1e9}
WORDS = {
    "thousand": 1e3, "mn": 1e6, "mio": 1e6, "million": 1e6, "millions": 1e6,
    "bn": 1e9, "mrd": 1e9, "billion": 1e9, "billions": 1e9, "trillion": 1e12,
    "lakh": 1e5, "lac": 1e5, "crore": 1e7, "cr": 1e7,
}  # fmt: skip
#: Sizes of files: a factor and a unit in one word.
SIZES = {
    "kb": 1e3, "mb": 1e6, "gb": 1e9, "tb": 1e12,
    "kib": 2.0**10, "mib": 2.0**20, "gib": 2.0**30, "tib": 2.0**40,
}  # fmt: skip

_CURRENCY = "|".join(re.escape(name) for name in sorted(CURRENCIES, key=len, reverse=True))
#: Between two digits: marks of thousands and fractions.
_MARK = "[.,'’\u00a0\u2009\u202f ]"
_PLAIN = re.compile(r"[-+]?\d+(?:\.\d+)?")
_NUMBER = re.compile(
    rf"""(?P<open>\()?\s*
    (?P<bound>[<>~≈≤≥]=?)?\s*
    (?P<sign>[-+−–])?\s*
    (?:(?P<before>{_CURRENCY})\.?)?\s*
    (?P<sign_too>[-+−–])?
    (?P<digits>\d(?:{_MARK}?\d)*[.,]?|[.,]\d+)
    (?P<exponent>[eE][-+]?\d{{1,3}}(?![\w]))?\s*
    (?P<behind>(?:[^\W\d_]|[%‰°º"'’′″+/$£¥฿\u20a0-\u20bf²³])[\w%‰°º²³./+\s*^$£¥฿\u20a0-\u20bf-]{{0,23}}?)?\s*
    (?P<minus>-)?(?P<close>\))?""",
    re.IGNORECASE | re.VERBOSE,
)
_ORDINAL = frozenset({"st", "nd", "rd", "th"})

#: Units of what is measured, so that few numbers of them are no names. As :func:`_unit` has them.
MEASURES = frozenset(
    {
        *("year", "yr", "y", "month", "mo", "mth", "week", "wk", "day", "d", "hour", "hr", "h"),
        *("minute", "min", "m", "second", "sec", "s", "ms", "%", "‰", "bp", "pp", "°", "°c", "°f"),
        *("km", "cm", "mm", "mi", "mile", "ft", "feet", "foot", "in", "inch", "yd", "m2", "km2"),
        *("ft2", "sq ft", "sqft", "sqm", "sq m", "acre", "ha", "kg", "g", "mg", "t", "ton", "lb"),
        *("oz", "l", "ml", "cl", "gal", "cc", "m3", "cm3", "mph", "km/h", "kmh", "kmpl", "mpg"),
        *("hp", "bhp", "p", "kw", "w", "kwh", "v", "a", "mah", "hz", "mhz", "ghz", "bytes", "gb"),
        *("km/l", "kcal", "cal", "kj", "pa", "bar", "psi", "db", "dpi", "mp", "nm", "rpm"),
    }
)


class Parts(NamedTuple):
    """A text as a number.

    Attributes
    ----------
    digits : str
        With their marks.
    factor : float
        By which they are multiplied, the sign and the exponent of ten included.
    unit : str
        Of what is counted; of several spellings the same one.
    currency : str
    bound : bool
        Whether it is said to be more, less or about so much.
    bare : bool
        Whether there is nothing but digits.
    """

    digits: str
    factor: float = 1.0
    unit: str = ""
    currency: str = ""
    bound: bool = False
    bare: bool = False


def parts_of(text: str) -> Parts | None:
    """The parts of the text; None if it is no number."""
    if _PLAIN.fullmatch(text):
        if text[0] == "-":
            return Parts(text[1:], -1.0)
        return Parts(text.lstrip("+"), bare=True)
    text = text.strip()
    found = _NUMBER.fullmatch(text) if len(text) <= LONGEST else None
    if found is None or bool(found["open"]) != bool(found["close"]):
        return None
    if found["sign_too"] and text[: found.start("sign_too")][-1:].isalpha():
        # A code before a number, as of a place.
        return None
    minus = [part for part in (found["sign"], found["sign_too"], found["minus"]) if part]
    if len(minus) + bool(found["open"]) > 1:
        return None
    factor = -1.0 if found["open"] or (minus and minus[0] != "+") else 1.0
    if found["exponent"]:
        factor *= float("1" + found["exponent"])
    times, unit, currency = _behind(found["behind"] or "")
    if unit in _ORDINAL:
        return None
    if found["before"]:
        if currency:
            return None
        currency = CURRENCIES[found["before"].casefold()]
    bound, bare = bool(found["bound"]), text == found["digits"]
    if unit.startswith("+"):
        unit, bound = unit[1:].strip(), True
    return Parts(found["digits"], factor * times, unit, currency, bound, bare)


def _behind(words: str) -> tuple[float, str, str]:
    """Factor, unit and currency of the words behind a number."""
    factor, currency = 1.0, ""
    first, _, rest = words.strip().partition(" ")
    # "1.2M", and "$1.2M/year".
    if first in LETTERS or first.casefold().rstrip(".") in WORDS:
        factor = LETTERS.get(first) or WORDS[first.casefold().rstrip(".")]
        first, _, rest = rest.partition(" ")
    elif first.casefold() in SIZES:
        return SIZES[first.casefold()], "bytes", ""
    elif first[:1] in LETTERS and first[1:] and first[1:].casefold() in CURRENCIES:
        factor, first = LETTERS[first[0]], first[1:]
    elif first[:1] in LETTERS and first[1:] == "+":
        factor, first = LETTERS[first[0]], "+"
    if first.casefold().rstrip(".") in CURRENCIES:
        currency, first = CURRENCIES[first.casefold().rstrip(".")], ""
    return factor, _unit(f"{first} {rest}"), currency


def _unit(text: str) -> str:
    """One spelling of a unit: without case, blanks, dots and the s of the plural."""
    words = [
        word.strip(".") for word in text.casefold().replace("²", "2").replace("³", "3").split()
    ]
    return " ".join(word[:-1] if len(word) > 2 and word[-1] == "s" else word for word in words)
