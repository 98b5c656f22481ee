"""Generate programs: bound functions, stages and contexts, with parameters of all kinds, as source that can be run.

Hypothesis shows the source of the program that a test fails for.
"""

from __future__ import annotations

import sys
import types
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import click
from click.testing import Result
from hypothesis import strategies as st

import clickbind

from .kinds import BEGINS, ENDS, Kind, kinds, secret_kinds
from .promise import Failed, check
from .spelling import Given, source

__all__ = ["NOTHING", "Function", "Module", "Parameter", "Program", "givens_of", "programs"]

NOTHING: Any = object()
"""The default of a parameter that has none."""
HEADER = """
import datetime, math, os, re
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from ipaddress import *
from math import inf, nan
from pathlib import Path, PosixPath, WindowsPath
from typing import Annotated, Any, Literal
from uuid import UUID

import annotated_types
import clickbind
from tests.fuzz.models import *

binder = clickbind.Binder("prog", envvar_prefix="PROG", version="1.0")


def ran(name, arguments):
    print(name, arguments)
"""
FOOTER = """
main = binder.command()

if __name__ == "__main__":
    main()
"""


@dataclass(frozen=True)
class Parameter:
    """A parameter of a generated function."""

    name: str
    kind: Kind
    default: Any = NOTHING

    @property
    def source(self) -> str:
        """The parameter as it stands in the signature."""
        hint = f": {self.kind.hint}" if self.kind.hint else ""
        return self.name + hint + ("" if self.default is NOTHING else f" = {source(self.default)}")


@dataclass(frozen=True)
class Function:
    """A generated function.

    Attributes
    ----------
    name : str
        Its name.
    role : str
        ``stage``, ``context`` or ``bind``.
    parameters : tuple of Parameter
        Its parameters.
    scopes : tuple of str
        The scopes under which it is bound.
    doc : str
        How its docstring is written.
    """

    name: str
    role: str
    parameters: tuple[Parameter, ...]
    scopes: tuple[str, ...] = ()
    doc: str = ""

    @property
    def required(self) -> tuple[Parameter, ...]:
        """The parameters without a default."""
        return tuple(one for one in self.parameters if one.default is NOTHING)

    def source(self, body: str) -> str:
        """Write the function."""
        call = ", ".join(map(repr, self.scopes))
        signature = ", ".join(["*", *(one.source for one in self.parameters)] if self.parameters else [])
        doc = self.doc.format(names="".join(f"\n    {one.name}\n        The {one.name}." for one in self.parameters))
        lines = [f"@binder.{self.role}({call})", f"def {self.name}({signature}):"]
        lines += [f'    """{doc}"""'] if doc else []
        lines += [f"    ran({self.name!r}, dict(locals()))", *(f"    {line}" for line in body.splitlines())]
        return "\n".join(lines) + "\n"


@dataclass(frozen=True, repr=False)
class Program:
    """A generated program."""

    functions: tuple[Function, ...]
    is_lazy: bool = False

    @property
    def stages(self) -> list[Function]:
        """The stages."""
        return [function for function in self.functions if function.role == "stage"]

    @property
    def names(self) -> list[str]:
        """The names of the stages."""
        return [stage.name for stage in self.stages]

    @property
    def source(self) -> str:
        """The source, which can be run as a script."""
        parts = ["from __future__ import annotations\n" * self.is_lazy + HEADER]
        bound = [function for function in self.functions if function.role == "bind"]
        bodies = {"bind": "", "context": "yield", "stage": "".join(map(_calls, bound))}
        parts += [function.source(bodies[function.role]) for function in self.functions]
        return "\n\n".join([*parts, FOOTER])

    def _repr_pretty_(self, printer: Any, _: bool) -> None:
        """Let Hypothesis show its source."""
        printer.text(self.source)


def _calls(function: Function) -> str:
    """Write the calls of a bound function: in no scope, and in each of its scopes."""
    call = f"{function.name}({', '.join(f'{one.name}=...' for one in function.required)})\n"
    return call + "".join(f"with binder.scope({scope!r}):\n    {call}" for scope in function.scopes)


class Module:
    """A program that can be run in this process.

    Parameters
    ----------
    text : str
        Its source.

    Attributes
    ----------
    calls : list of (str, dict)
        The calls of its functions, with their arguments.
    fails : set of str
        The stages that raise `Failed`.
    binder, main
        The binder, and the Click program.
    """

    def __init__(self, text: str) -> None:
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.fails: set[str] = set()
        self.module = types.ModuleType("generated")
        sys.modules["generated"] = self.module  # where names in annotations are looked up
        exec(compile(text, "<generated>", "exec"), self.module.__dict__)
        self.module.__dict__["ran"] = self._ran
        self.binder: clickbind.Binder = self.module.__dict__["binder"]
        self.main: click.Group = self.module.__dict__["main"]

    def _ran(self, name: str, arguments: dict[str, Any]) -> None:
        self.calls.append((name, arguments))
        if name in self.fails:
            raise Failed(name)

    def taken(self) -> list[str]:
        """Return the calls since the last time, as texts in which equal values of two types differ."""
        found = [
            f"{name}({', '.join(f'{key}={shown(one)}' for key, one in given.items())})" for name, given in self.calls
        ]
        self.calls.clear()
        return found

    def check(self, line: Iterable[str], *, secrets: Iterable[str] = (BEGINS, ENDS), **more: Any) -> Result:
        """Run a line, which may be wrong, and check the promise."""
        return check(self.main, [*line], ran=lambda: len(self.calls), secrets=secrets, **more)

    def run(self, line: Iterable[str], **more: Any) -> list[str]:
        """Run a line that is right, and return its calls."""
        self.calls.clear()
        result = self.check(line, **more)
        assert result.exit_code == 0, (line, more, result.output)
        return self.taken()


def shown(value: Any) -> str:
    """Write a value so that two texts are equal where the values are the same, with the same types."""
    if isinstance(value, (set, frozenset)):
        return f"{type(value).__name__}({sorted(map(shown, value))})"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{shown(key)}: {shown(one)}' for key, one in value.items())}}}"
    if type(value) in {list, tuple}:
        return f"{type(value).__name__}({', '.join(map(shown, value))})"
    return source(value)


DOCS = [
    "",
    "Do it.",
    "Do it.\n\n    Parameters\n    ----------{names}\n    ",
    "Do `it` *well*.\n\n    .. code::\n\n        x = 1\n\n    * one\n    * two\n    ",
    ":class:`X` does it.\n\n    Args:\n        x (int): a, by default 3\n    ",
]
NAMES = ["lr", "model_type", "n", "x", "config", "save", "debug", "into", "jobs", "stages", "name", "run", "key", "to"]
STAGES = ["f", "train", "my_stage", "on", "none", "evaluate"]


@st.composite
def parameters(draw: st.DrawFn, role: str, *, has_secret: bool = False) -> tuple[Parameter, ...]:
    """Draw the parameters of a function."""
    found: list[Parameter] = []
    for name in draw(st.lists(st.sampled_from(NAMES), min_size=has_secret, max_size=4, unique=True)):
        kind = draw(secret_kinds if has_secret and not found else kinds)
        default = draw(st.one_of(kind.values, st.none(), st.just(NOTHING) if role != "bind" else kind.values))
        if default is not NOTHING and kind.hint in {"int", "float", "str"} and type(default).__name__ == kind.hint:
            kind = draw(st.sampled_from([kind, Kind("", kind.values)]))
        found.append(Parameter(name, kind, default))
    return tuple(found)


@st.composite
def functions(draw: st.DrawFn, name: str, role: str, *, has_secret: bool) -> Function:
    """Draw a function."""
    scopes = draw(st.lists(st.sampled_from(["train", "val"]), unique=True)) if role == "bind" else []
    found = draw(parameters(role, has_secret=has_secret and role == "stage"))
    return Function(name, role, found, tuple(scopes), draw(st.sampled_from(DOCS)))


@st.composite
def programs(draw: st.DrawFn, *, has_secret: bool = False) -> Program:
    """Draw a program; each of its stages takes a secret if it has one."""
    stages = draw(st.lists(st.sampled_from(STAGES), min_size=1, max_size=3, unique=True))
    roles = [*(("output", "context") for _ in range(draw(st.integers(0, 1))))]
    roles += [("dataset", "bind") for _ in range(draw(st.integers(0, 1)))]
    roles += [(name, "stage") for name in stages]
    found = tuple(draw(functions(name, role, has_secret=has_secret)) for name, role in roles)
    return Program(found, draw(st.booleans()))


@st.composite
def givens_of(draw: st.DrawFn, program: Program) -> list[Given]:
    """Draw values for parameters of a program: all that are required, and some others, also under scopes."""
    places = [
        (place, one)
        for function in program.functions
        for place in (function.name, *(f"{scope}/{function.name}" for scope in function.scopes))
        for one in function.parameters
    ]
    return [
        Given(place, one.name, one.kind, draw(one.kind.values), draw(st.integers(0, 5)))
        for place, one in places
        if one.default is NOTHING or draw(st.booleans())
    ]
