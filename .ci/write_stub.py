"""Writes what editors and type checkers read: ``sknumpynet/estimators/__init__.pyi``.

In: the estimators. Out: of each its constructor with the type and default of every option, its
whole docstring, and its methods. Options are declared once, from which signatures and docstrings
are made when the package is imported; editors import nothing. Run ``python .ci/write_stub.py`` from
the root of the project when an option, a docstring or a signature has changed: a test asks for it.
"""

import dataclasses
import inspect
import re
import textwrap
from pathlib import Path

from sknumpynet import estimators

PUBLIC = [getattr(estimators, name) for name in estimators.__all__]
STUB = Path(estimators.__file__).with_suffix(".pyi")
HEADER = '''# Written by .ci/write_stub.py: change the estimators, and run it.
"""{docstring}"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, overload

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import ClassifierMixin, RegressorMixin
from typing_extensions import Self

from ..losses import Loss
from ..network import Activation
from ..options.stopping import Splitter
from .given import Frame, Target, Weights
'''


def stub():
    """The text of the file."""
    bases = {base for cls in PUBLIC for base in cls.__bases__ if base not in PUBLIC}
    ours = sorted((b.__module__, b.__name__) for b in bases if "sknumpynet" in b.__module__)
    imports = [
        f"from {module.removeprefix(estimators.__name__)} import {name}" for module, name in ours
    ]
    head = HEADER.format(docstring=inspect.cleandoc(estimators.__doc__)) + "\n".join(imports)
    names = "\n".join(f'    "{name}",' for name in estimators.__all__)
    parts = [head, f"__all__ = [\n{names}\n]", *map(class_of, PUBLIC)]
    return "\n\n".join(parts) + "\n"


def class_of(cls):
    """A class with what it adds to its parents, which other modules or this file have."""
    inherited = {name for base in cls.__bases__ if base in PUBLIC for name in vars(base)}
    own = [name for name in vars(cls) if not name.startswith("_") and name not in inherited]
    methods = [method_of(cls, name) for name in own if inspect.isroutine(getattr(cls, name))]
    attributes = [] if any(base in PUBLIC for base in cls.__bases__) else attributes_of(cls)
    body = [docstring_of(cls), *attributes, constructor_of(cls), *methods]
    bases = ", ".join(base.__name__ for base in cls.__bases__)
    return f"class {cls.__name__}({bases}):\n" + textwrap.indent("\n".join(body), "    ")


def docstring_of(thing):
    """The docstring in quotes."""
    text = inspect.getdoc(thing)
    escapes = "r" if "\\" in text else ""
    return f'{escapes}"""{text}\n"""' if "\n" in text else f'{escapes}"""{text}"""'


def attributes_of(cls):
    """The fitted attributes; those that are properties say their type where they are."""
    types = {}
    for parent in reversed(cls.__mro__):
        for entry in vars(parent).get("_attributes", {}):
            names, _, kind = entry.partition(" : ")
            types |= dict.fromkeys(names.split(", "), kind)
    fixed = {name for name in types if isinstance(getattr(cls, name, None), property)}
    return [f"{name}: {type_in(kind)}" for name, kind in types.items() if name not in fixed]


def type_in(kind):
    """The type that numpydoc words stand for; of arrays, several outputs may have lists."""
    if kind.startswith("ndarray"):
        return "np.ndarray | Any"
    kind = re.sub(r"^list of (\w+)", r"list[\1]", kind.replace(" or None", " | None"))
    kind = kind.replace("dict of lists", "dict[str, list[Any]]")
    return kind if re.fullmatch(r"[\w\[\], |]+", kind) and "of" not in kind else "Any"


def constructor_of(cls):
    """``__init__``, in the order of the signature."""
    fields = {field.name: field for field in dataclasses.fields(cls)}
    lines, keyword_only = [], False
    for name, parameter in inspect.signature(cls).parameters.items():
        if parameter.kind is parameter.KEYWORD_ONLY and not keyword_only:
            lines, keyword_only = [*lines, "*"], True
        lines.append(f"{name}: {type_of(fields[name])} = {shown(parameter.default)}")
    return (
        "def __init__(\n    self,\n"
        + "".join(f"    {line},\n" for line in lines)
        + ") -> None: ..."
    )


def type_of(field):
    """The type of an option, with the names that it takes instead of any text.

    The names stand in its documentation. Those in braces are all the texts that it takes, also in a
    sequence; of others, in a sequence text may be anything.
    """
    kind = field.metadata["option"].kind
    names = re.findall(r'"\w+"', kind)
    literal = f"Literal[{', '.join(names)}]"
    if not names:
        return field.type
    return re.sub(r"\bstr\b", literal, field.type, count=0 if "{" in kind else 1)


def shown(default):
    """A default as source has it."""
    return 'float("inf")' if default == float("inf") else repr(default).replace("'", '"')


def method_of(cls, name):
    """A method with its docstring; where a switch changes what is returned, once for each."""
    method = getattr(cls, name)
    signature = inspect.signature(method)
    if name.endswith("_request"):
        return request_of(signature, name)
    docstring = textwrap.indent(docstring_of(method), "    ")
    returned = signature.return_annotation
    switch = next((p for p in signature.parameters if p.startswith("return_")), None)
    if switch is None:
        # What several outputs alone give need not be asked for where there is one.
        returned = re.sub(r"\| list\[np\.ndarray\]$", "| Any", returned)
        returned = "Self" if returned == cls.__name__ else returned
        return definition(signature, name, returned) + "\n" + docstring
    plain, more = returned.split(" | ", 1)
    ways = [
        (plain, f"{switch}: Literal[False] = False"),
        (more, f"{switch}: Literal[True]"),
        (returned, f"{switch}: bool"),
    ]
    lines = [definition(signature, name, result, {switch: way}) for result, way in ways]
    return "\n".join(f"@overload\n{line}\n{docstring}" for line in lines)


def request_of(signature, name):
    """A method that scikit-learn makes, without types; its text is another in each version."""
    names = sorted(signature.parameters.keys() - {"self"})
    asked = ", ".join(f"{name}: bool | str | None = ..." for name in names)
    return f"def {name}(self, *, {asked}) -> Self: ..."


def definition(signature, name, returned, other=None):
    """Its first line; ``other`` are parameters written otherwise."""
    parts, keyword_only = [], False
    for parameter in signature.parameters.values():
        if parameter.kind is parameter.KEYWORD_ONLY and not keyword_only:
            parts, keyword_only = [*parts, "*"], True
        text = parameter.name
        if parameter.annotation is not parameter.empty:
            text += f": {parameter.annotation}"
        if parameter.default is not parameter.empty:
            text += f" = {shown(parameter.default)}"
        parts.append((other or {}).get(parameter.name, text))
    return f"def {name}({', '.join(parts)}) -> {returned}:"


if __name__ == "__main__":
    STUB.write_text(stub(), encoding="utf-8")
