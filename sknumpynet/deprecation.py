"""A public name that is to go works as before for one minor release, and says what takes its place.

In: an old name, what it is now, and the release that drops it. Out: what stands in a module, a
class or among options under the old name, with a FutureWarning at the user's line. Nothing is
deprecated at present; CONTRIBUTING has the rule.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from .telling import warn


@dataclass(frozen=True)
class Renamed:
    """What takes the place of a name, and the release that drops the name."""

    to: str
    until: str

    def tell(self, old: str) -> None:
        """Give the warning; ``old`` is the name as the user knows it."""
        warn(
            f"{old} is deprecated and goes with release {self.until}: use {self.to} instead.",
            FutureWarning,
        )


class RenamedAttribute(Renamed):
    """In the body of a class: a method or an attribute under its old name, to read."""

    def __set_name__(self, owner: type, name: str) -> None:
        object.__setattr__(self, "name", name)

    def __get__(self, instance: Any, owner: type) -> Any:
        if instance is None:
            return self
        self.tell(f"{owner.__name__}.{self.name}")  # type: ignore[attr-defined]
        return getattr(instance, self.to)


def old_names(module: str, renamed: Mapping[str, Renamed]) -> Callable[[str], Any]:
    """The ``__getattr__`` of a module, some of whose names have others now.

    Use it as ``__getattr__ = old_names(__name__, {"old": Renamed("new", "0.4")})``.
    """

    def find(name: str) -> Any:
        if name not in renamed:
            raise AttributeError(f"module {module!r} has no attribute {name!r}")
        renamed[name].tell(f"{module}.{name}")
        return getattr(sys.modules[module], renamed[name].to)

    return find


def under_new_names(cls: type, given: dict[str, Any]) -> dict[str, Any]:
    """Options by the names that they have now; ``_renamed_options`` of the class has the others.

    A TypeError if one is given under both names.
    """
    renamed: Mapping[str, Renamed] = getattr(cls, "_renamed_options", {})
    if renamed.keys().isdisjoint(given):
        return given
    found = {name: value for name, value in given.items() if name not in renamed}
    for old in given.keys() & renamed.keys():
        new = renamed[old].to
        if new in found:
            raise TypeError(f"{cls.__name__} got {new} twice: {old} is its old name.")
        renamed[old].tell(f"{old} of {cls.__name__}")
        found[new] = given[old]
    return found
