"""How an option is declared: once, with its default, what it may be, and what it means.

In: declarations as fields of a dataclass. Out: from the same fields the signature, the check at
``fit`` (a ValueError that names the option, the value and what is allowed), the docstring, and what
must stay the same where training goes on. The options themselves are in ``parameters.py``.
"""

from __future__ import annotations

import dataclasses
import inspect
import math
import textwrap
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache, wraps
from itertools import groupby
from numbers import Integral, Real
from typing import Any, TypeVar

import numpy as np

from ..deprecation import under_new_names
from ..quoting import quoted
from .meant import check_known, value_meant

AnyClass = TypeVar("AnyClass", bound=type)

#: The order of signature and documentation.
GROUPS = ("network", "loss", "training", "stopping", "columns", "computation")


#: The largest integer that an option may be.
MOST_INTEGER = 2**63 - 1


@dataclass(frozen=True)
class Allowed:
    """A test and its description, which ends the sentence "... must be".

    ``names`` are the texts that pass: a refused one is told which of them it may have meant.
    """

    test: Callable[[Any], bool]
    description: str
    names: tuple[str | None, ...] = ()

    def __or__(self, other: Allowed) -> Allowed:
        return Allowed(
            lambda v: self.test(v) or other.test(v),
            f"{self.description} or {other.description}",
            self.names + other.names,
        )


@dataclass(frozen=True)
class Option:
    """What is declared of an option beside its default.

    Parameters
    ----------
    allowed : Allowed
    kind : str
        Its type, as the docstring says it.
    group : str
        One of :data:`GROUPS`.
    meaning : str
        Its description in the docstring.
    settled : callable, optional
        For an option that ``warm_start`` and ``partial_fit`` must not change: from (value,
        estimator) to what is compared.
    """

    allowed: Allowed
    kind: str
    group: str
    meaning: str
    settled: Callable[[Any, Any], Any] | None = None


def option(
    default: Any,
    allowed: Allowed,
    kind: str,
    group: str,
    meaning: str,
    *,
    settled: Callable[[Any, Any], Any] | None = None,
    positional: bool = False,
) -> Any:
    """Declare an option as a field of a dataclass; see :class:`Option`."""
    declared = Option(allowed, kind, group, inspect.cleandoc(meaning), settled)
    return dataclasses.field(default=default, kw_only=not positional, metadata={"option": declared})


def other_default(parent: type, name: str, default: Any) -> Any:
    """Declare the option ``name`` of ``parent`` again, with another default."""
    (field,) = (field for field in dataclasses.fields(parent) if field.name == name)
    return dataclasses.field(default=default, kw_only=field.kw_only, metadata=field.metadata)


def shown_with_default(estimator: Any, name: str) -> str:
    """For a message: the option and its value, and whose default this is if it is one.

    Then the user may never have set it.
    """
    cls, value = type(estimator), getattr(estimator, name)
    (default,) = (field.default for field in dataclasses.fields(cls) if field.name == name)
    same = type(value) is type(default) and value == default
    return f"{name}={quoted(value)}" + (f", the default of {cls.__name__}," if same else "")


@cache
def options_of(cls: type) -> dict[str, Option]:
    """The options of a class of estimators by their names, group by group."""
    fields = sorted(dataclasses.fields(cls), key=lambda f: GROUPS.index(f.metadata["option"].group))
    return {field.name: field.metadata["option"] for field in fields}


@cache
def _allowed_defaults(cls: type) -> dict[str, Any]:
    """Defaults that are what they may be; a subclass may declare others."""
    defaults = {field.name: field.default for field in dataclasses.fields(cls)}
    options = options_of(cls).items()
    return {name: defaults[name] for name, o in options if o.allowed.test(defaults[name])}


def as_is(value: Any, estimator: Any) -> Any:
    """For ``settled``: the value itself is what must not change."""
    return value


def estimator_with_options(cls: AnyClass) -> AnyClass:
    """A dataclass of options as scikit-learn wants it, with the docstring that they give.

    ``{parameters}`` in the docstring becomes the section of that name, and ``{attributes}`` what
    the class says in ``_attributes`` about the fitted attributes.
    """
    # Compared, hashed and shown as any other estimator. It changes the class itself.
    dataclass(eq=False, repr=False, kw_only=True)(cls)
    options, init = options_of(cls), _of_known_options(cls)
    signature = inspect.signature(init)
    order = ["self", *options]
    # Positional ones come first in both; the others may stand in any order.
    parameters = sorted(signature.parameters.values(), key=lambda p: (p.kind, order.index(p.name)))
    init.__signature__ = signature.replace(parameters=parameters)
    if cls.__doc__ is not None:
        defaults = {p.name: p.default for p in parameters[1:]}
        text = inspect.cleandoc(cls.__doc__)
        text = text.replace("{parameters}", "\n".join(_entries(options, defaults)))
        cls.__doc__ = text.replace("{attributes}", "\n".join(_about_attributes(cls)))
    return cls


def _of_known_options(cls: type) -> Any:
    """The constructor, that tells of an argument that is no option which option is meant."""
    plain: Callable[..., None] = vars(cls)["__init__"]
    options = options_of(cls)

    @wraps(plain)
    def construct(self: Any, *args: Any, **given: Any) -> None:
        if not given.keys() <= options.keys():
            given = under_new_names(type(self), given)
            check_known(type(self), given, options)
        plain(self, *args, **given)

    cls.__init__ = construct  # type: ignore[misc]
    return construct


def _about_attributes(cls: type) -> Iterator[str]:
    about: dict[str, str] = {}
    for parent in reversed(cls.__mro__):
        about |= vars(parent).get("_attributes", {})
    for name, text in about.items():
        yield f"{name}\n{textwrap.indent(inspect.cleandoc(text), '    ')}"


def _entries(options: dict[str, Option], defaults: dict[str, Any]) -> Iterator[str]:
    """The entries of the section, those of each group below its name."""
    for group, of_group in groupby(options.items(), lambda item: item[1].group):
        # To numpydoc a name without a type: it stands in bold on the page.
        yield f"\n{group.capitalize()} options\n"
        yield from (_entry(name, declared, defaults[name]) for name, declared in of_group)


def _entry(name: str, option: Option, default: Any) -> str:
    """An entry of a numpydoc section."""
    shown = f'"{default}"' if isinstance(default, str) else repr(default)
    return f"{name} : {option.kind}, default={shown}\n" + textwrap.indent(option.meaning, "    ")


def check_options(estimator: Any, rules: Iterable[Callable[[Any], str | None]] = ()) -> None:
    """Raise ValueError for the first option that is not what it may be.

    ``rules`` are about several options together: from the estimator to what is wrong, or None.
    """
    cls = estimator.__class__
    defaults = _allowed_defaults(cls)
    for name, declared in options_of(cls).items():
        value = getattr(estimator, name)
        # What most are need not be looked at in every fit: 0.05 ms of 3.
        if value is not defaults.get(name, declared) and not declared.allowed.test(value):
            raise ValueError(
                f"{name} of {type(estimator).__name__} must be {declared.allowed.description}. "
                f"Got {quoted(value)} instead.{_beyond(value)}"
                + value_meant(name, value, declared.allowed.names)
            )
    for rule in rules:
        wrong = rule(estimator)
        if wrong is not None:
            raise ValueError(wrong)


def is_default(estimator: Any, name: str) -> bool:
    """Whether an option is what it is where nobody sets it."""
    return bool(getattr(estimator, name) == _allowed_defaults(estimator.__class__).get(name))


def _beyond(value: Any) -> str:
    """What a number does not show by its first digits."""
    if is_integer(value):
        beyond = abs(value) > MOST_INTEGER
    else:
        beyond = is_number(value) and math.isinf(as_float(value)) and abs(value) != math.inf
    return " It is beyond the range of 64 bits." if beyond else ""


def settled_options(estimator: Any) -> dict[str, Any]:
    """The options that must stay the same where training goes on, in a form to compare."""
    return {
        name: declared.settled(getattr(estimator, name), estimator)
        for name, declared in options_of(estimator.__class__).items()
        if declared.settled is not None
    }


def check_settled(now: dict[str, Any], before: dict[str, Any], how: str) -> None:
    """Raise ValueError for the first option that has changed; ``how`` says what goes on."""
    for name, value in now.items():
        # An option that an earlier version did not have had the value that it has now.
        if value != before.get(name, value):
            raise ValueError(
                f"{how} goes on with the network of the earlier fit, whose {name} was "
                f"{quoted(before[name])} and not {quoted(value)}. Set it back, or start anew "
                "with a clone of the estimator."
            )


# What values may be.


def is_integer(value: Any) -> bool:
    """An integer of Python or NumPy, but not a bool."""
    return isinstance(value, Integral) and not isinstance(value, (bool, np.bool_))


def is_number(value: Any) -> bool:
    """A real number of Python or NumPy, but not a bool."""
    return isinstance(value, Real) and not isinstance(value, (bool, np.bool_))


def as_float(value: Any) -> float:
    """A number as a float; inf or -inf if it is beyond the range of these."""
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def is_plain_sequence(value: Any) -> bool:
    """A list, a tuple or a vector."""
    return isinstance(value, (list, tuple)) or (isinstance(value, np.ndarray) and value.ndim == 1)


def one_of(values: Iterable[Any]) -> Allowed:
    """One of some names, or None if it is among them."""
    values = tuple(values)
    return Allowed(
        lambda v: (v is None or isinstance(v, str)) and v in values,
        "one of " + ", ".join(repr(v) for v in values),
        values,
    )


def number(low: float, high: float = math.inf, closed: str = "left") -> Allowed:
    """A finite real number between the borders; ``closed`` is "left", "both" or "neither".

    It is its value as a float that counts: 10**400 is none, and a fraction of 10**-400 is 0.
    """

    def test(v: Any) -> bool:
        v = as_float(v) if is_number(v) else math.nan
        if not math.isfinite(v):
            return False
        above = v >= low if closed in ("left", "both") else v > low
        below = v <= high if closed == "both" else v < high
        return above and below

    left = f">= {low:g}" if closed in ("left", "both") else f"> {low:g}"
    right = "" if high == math.inf else f" and {'<=' if closed == 'both' else '<'} {high:g}"
    return Allowed(test, f"a number {left}{right}")


def integer(low: int, high: float = math.inf) -> Allowed:
    """An integer between these borders, both allowed."""
    right = "" if high == math.inf else f" and <= {high}"

    def test(v: Any) -> bool:
        return is_integer(v) and low <= v <= min(high, MOST_INTEGER)

    return Allowed(test, f"an integer >= {low}{right}")


def names_in(table: Iterable[str | None]) -> str:
    """The type of an option that takes one of these names, for its documentation."""
    return "{" + ", ".join("None" if v is None else f'"{v}"' for v in table) + "}"


NONE = Allowed(lambda v: v is None, "None")
BOOLEAN = Allowed(lambda v: isinstance(v, (bool, np.bool_)), "True or False")
AUTO = Allowed(lambda v: isinstance(v, str) and v == "auto", "'auto'", ("auto",))
INFINITY = Allowed(lambda v: is_number(v) and v == math.inf, "inf")
