"""What grows: one case at one size, in a fresh process, which prints the processor time of it in seconds.

A case is a function that takes a size, prepares what is not measured, and returns what is.
"""

from __future__ import annotations

import contextlib
import dataclasses
import enum
import functools
import gc
import importlib
import io
import operator
import os
import sys
import tempfile
import time
import types
from collections.abc import Callable, Iterable
from typing import Any, Literal, NewType, Optional

import click

import clickbind

__all__ = ["CASES", "Case"]

Thunk = Callable[[], object]

WORD = "x"
OFTEN = 100


class Case:
    """One row of the table.

    Attributes
    ----------
    dimension : str
        What grows.
    line : str
        What is done with it.
    size : int
        The smallest of its three sizes; each of the others is `STEP` times the one before.
    make : callable
        Takes a size and returns what is measured.
    """

    def __init__(self, dimension: str, line: str, size: int, make: Callable[[int], Thunk]) -> None:
        self.dimension = dimension
        self.line = line
        self.size = size
        self.make = make


CASES: dict[str, Case] = {}


def case(dimension: str, line: str, size: int) -> Callable[[Callable[[int], Thunk]], Callable[[int], Thunk]]:
    """Record a function as a row of the table."""

    def record(make: Callable[[int], Thunk]) -> Callable[[int], Thunk]:
        CASES[make.__name__] = Case(dimension, line, size, make)
        return make

    return record


class Program:
    """A program, and a folder to run it in."""

    def __init__(self, **settings: Any) -> None:
        self.binder = clickbind.Binder("growing", **settings)
        self.folder = tempfile.mkdtemp()

    def add(self, role: str, number: int, function: Callable[..., Any] | None = None, **settings: Any) -> None:
        """Bind copies of a function under names of their own."""
        function = function or _work
        scopes = settings.pop("scopes", ())
        for one in range(number):
            bind = getattr(self.binder, role)
            copy = types.FunctionType(function.__code__, globals(), f"{role}_{one}", function.__defaults__)
            copy.__annotations__ = function.__annotations__
            copy.__doc__ = function.__doc__
            copy.__qualname__ = copy.__name__
            bind(*scopes, name=copy.__name__, **settings)(copy)

    def define(self, parameters: Iterable[str], names: dict[str, Any] | None = None, role: str = "stage") -> Any:
        """Bind a function `f` of some parameters."""
        known: dict[str, Any] = {"Literal": Literal, **(names or {})}
        exec(f"def f({', '.join(parameters)}): pass", known)  # noqa: S102 - a program of this many parameters
        return getattr(self.binder, role)(known["f"])

    def write(self, name: str, text: str) -> str:
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def run(self, *words: str) -> Thunk:
        """Return what runs a line as a program does, whatever it prints."""

        def thunk() -> object:
            with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
                try:
                    return self.binder.command()(list(words), standalone_mode=False)
                except click.exceptions.Exit as end:
                    return end.exit_code
                except click.ClickException as error:
                    return error.format_message()

        return thunk

    def read(self, text: str, *words: str) -> Thunk:
        """Return what runs a line with a config file before it."""
        return self.run("--config", self.write("f.yml", text), *(words or ("stage_0",)))

    def tab(self, line: str) -> Thunk:
        """Return what presses TAB at the end of a line."""
        words = line.split(" ")

        def thunk() -> object:
            ctx = self.binder.command()
            from click.shell_completion import ShellComplete

            return ShellComplete(ctx, {}, "growing", "_X").get_completions(words[:-1], words[-1])

        return thunk


def _work(count: int = 1, rate: float = 0.5, name: str = "first", sizes: list[int] = [1]) -> None:  # noqa: B006
    """Do some work.

    Parameters
    ----------
    count : int
        How many.
    rate : float
        How fast.
    name : str
        What it is called.
    sizes : list of int
        How large.
    """


def _stages(size: int, **settings: Any) -> Program:
    program = Program(**settings)
    program.add("stage", size)
    return program


def _functions(size: int, **settings: Any) -> Program:
    program = Program(**settings)
    program.add("stage", 1)
    program.add("bind", size)
    return program


def _keys(role: str, size: int) -> str:
    return "".join(f"{role}_{one}.count: {one}\n{role}_{one}.rate: 1e-3\n{role}_{one}.name: a\n" for one in range(size))


# --- functions


@case("functions", "bound", 4000)
def bind(size: int) -> Thunk:
    return lambda: _functions(size)


@case("functions", "bound again", 2000)
def rebind(size: int) -> Thunk:
    program = _functions(size)
    return lambda: program.add("bind", size)


@case("functions", "a run of one stage", 4000)
def functions_run(size: int) -> Thunk:
    return _functions(size).run("stage_0", "--count", "3")


@case("functions", "`--help`", 400)
def functions_help(size: int) -> Thunk:
    return _functions(size).run("--help")


@case("functions", "TAB after `--`", 500)
def functions_tab(size: int) -> Thunk:
    return _functions(size).tab("--")


@case("functions", "`--print-config`", 150)
def functions_print(size: int) -> Thunk:
    return _functions(size).run("--print-config", "stage_0")


@case("functions", "`--save`", 150)
def functions_save(size: int) -> Thunk:
    program = _functions(size)
    return program.run("--save", os.path.join(program.folder, "s.yml"), "stage_0")


@case("functions", "`--diff`", 100)
def functions_diff(size: int) -> Thunk:
    program = _functions(size)
    return program.run("--diff", program.write("o.yml", _keys("bind", size)), "stage_0")


@case("functions", "`--print-schema`", 300)
def functions_schema(size: int) -> Thunk:
    return _functions(size).run("--print-schema")


@case("functions", "each with three keys of a file", 500)
def functions_keys(size: int) -> Thunk:
    return _functions(size).read(_keys("bind", size))


@case("functions", "each with a variable", 500)
def functions_variables(size: int) -> Thunk:
    for one in range(size):
        os.environ[f"GROWING_BIND_{one}_COUNT"] = "3"
    return _functions(size, envvar_prefix="GROWING").run("stage_0")


@case("functions", "called in a run", 1000)
def functions_called(size: int) -> Thunk:
    program = _functions(size)
    registry: Any = program.binder.command().registry  # type: ignore[attr-defined]

    def every() -> None:
        for bound in registry.of_role("bind"):
            bound.call()

    program.binder.stage(every)
    return program.read(_keys("bind", size), "every")


@case("functions", "each with a wrong key", 500)
def functions_unknown(size: int) -> Thunk:
    return _functions(size).read("".join(f"bind_{one}.cuont: 3\n" for one in range(size)))


@case("functions", "and a wrong flag on the line", 1000)
def functions_flag(size: int) -> Thunk:
    return _functions(size).run("stage_0", "--bnd_1.count", "3")


@case("functions", "a key laid over each", 1000)
def functions_over(size: int) -> Thunk:
    program = _functions(size)
    values = {f"bind_{one}.count": one for one in range(size)}

    def thunk() -> None:
        with program.binder.scope(values):
            pass

    return thunk


@case("functions", "of bare names, each with a key", 500)
def functions_bare(size: int) -> Thunk:
    program = Program()
    for one in range(size):
        exec(f"def f{one}(a{one}=1): pass", known := {})  # noqa: S102
        program.binder._add(known[f"f{one}"], "bind", None, {"prefix": ""})  # noqa: SLF001 - as the adapter does
    return program.read("".join(f"a{one}: 3\n" for one in range(size)), "--print-schema")


# --- stages


@case("stages", "the default run", 250)
def stages_default(size: int) -> Thunk:
    return _stages(size).run()


@case("stages", "the default run, each with three keys", 250)
def stages_keys(size: int) -> Thunk:
    return _stages(size).read(_keys("stage", size), "run")


@case("stages", "the last one of them", 4000)
def stages_one(size: int) -> Thunk:
    return _stages(size).run(f"stage_{size - 1}")


@case("stages", "all on one line", 250)
def stages_line(size: int) -> Thunk:
    return _stages(size).run("run", *(word for one in range(size) for word in (f"stage_{one}", "--count", "2")))


@case("stages", "all in `run.stages`", 250)
def stages_file(size: int) -> Thunk:
    return _stages(size).read("run.stages:\n" + "".join(f"- stage_{one}\n" for one in range(size)), "run")


@case("stages", "each wrong in `run.stages`", 500)
def stages_wrong(size: int) -> Thunk:
    return _stages(size).read("run.stages:\n" + "".join(f"- stag_{one}\n" for one in range(size)), "run")


@case("stages", "`--help`", 400)
def stages_help(size: int) -> Thunk:
    return _stages(size).run("--help")


@case("stages", "TAB after `run `", 1000)
def stages_tab(size: int) -> Thunk:
    return _stages(size).tab("run ")


@case("stages", "a wrong one on the line", 1000)
def stages_misspelt(size: int) -> Thunk:
    return _stages(size).run("stge_1")


@case("stages", "`--print-schema`", 300)
def stages_schema(size: int) -> Thunk:
    return _stages(size).run("--print-schema")


@case("stages", "each with a wrong `run.*` key", 1000)
def stages_run_keys(size: int) -> Thunk:
    return _stages(size).read("".join(f"run.x{one}: 3\n" for one in range(size)))


# --- parameters


@case("parameters", "`f --help`", 250)
def parameters_help(size: int) -> Thunk:
    program = Program()
    program.define(f"a_{one}: int = 1" for one in range(size))
    return program.run("f", "--help")


@case("parameters", "all typed, as they are in Python", 500)
def parameters_typed(size: int) -> Thunk:
    program = Program()
    program.define(f"a_{one}: int = 1" for one in range(size))
    return program.run("f", *(word for one in range(size) for word in (f"--a_{one}", "2")))


@case("parameters", "all typed, dotted", 250)
def parameters_dotted(size: int) -> Thunk:
    program = Program()
    program.define(f"a_{one}: int = 1" for one in range(size))
    return program.run(*(word for one in range(size) for word in (f"--f.a-{one}", "2")), "f")


@case("parameters", "all typed, dotted, behind the stage", 250)
def parameters_behind(size: int) -> Thunk:
    program = Program()
    program.define(f"a_{one}: int = 1" for one in range(size))
    return program.run("f", *(word for one in range(size) for word in (f"--f.a-{one}", "2")))


@case("parameters", "booleans, all typed with `no`", 250)
def parameters_negated(size: int) -> Thunk:
    program = Program()
    program.define(f"a_{one}: bool = True" for one in range(size))
    return program.run("f", *(f"--no_a_{one}" for one in range(size)))


@case("parameters", "all in a file", 1000)
def parameters_file(size: int) -> Thunk:
    program = Program()
    program.define(f"a_{one}: int = 1" for one in range(size))
    return program.read("".join(f"f.a_{one}: 2\n" for one in range(size)), "f")


@case("parameters", "all wrong in a file", 1000)
def parameters_wrong(size: int) -> Thunk:
    program = Program()
    program.define(f"a_{one}: int = 1" for one in range(size))
    return program.read("".join(f"f.b_{one}: 2\n" for one in range(size)), "f")


@case("parameters", "all required and missing", 250)
def parameters_missing(size: int) -> Thunk:
    program = Program()
    program.define(f"a_{one}: int" for one in range(size))
    return program.run("f")


@case("parameters", "filled in by calls", 100)  # from thousands on, Python's own search for each keyword is more
def parameters_called(size: int) -> Thunk:
    program = Program()
    call = program.define((f"a_{one}: int = 1" for one in range(size)), role="bind")

    def thunk() -> None:
        with program.binder.scope({f"f.a_{one}": 2 for one in range(size)}):
            for count in range(min(size, 20)):
                call(*range(count))

    return thunk


# --- keys, files, includes, variables


@case("keys", "of a mapping", 10_000)
def mapping(size: int) -> Thunk:
    program = Program()
    program.define(["d: dict[str, int] = {}"])
    return program.read("f.d:\n" + "".join(f"  k{one}: {one}\n" for one in range(size)), "f")


@case("keys", "of a mapping, saved", 500)
def mapping_saved(size: int) -> Thunk:
    program = Program()
    program.define(["d: dict[str, int] = {}"])
    text = "f.d:\n" + "".join(f"  k{one}: {one}\n" for one in range(size))
    return program.read(text, "--save", os.path.join(program.folder, "s.yml"), "f")


@case("files", "of one key each on the line", 100)
def files(size: int) -> Thunk:
    program = _functions(size)
    paths = [program.write(f"{one}.yml", f"bind_{one}.count: {one}\n") for one in range(size)]
    return program.run(*(word for path in paths for word in ("--config", path)), "stage_0")


@case("includes", "of one key each", 100)
def includes(size: int) -> Thunk:
    program = _functions(size)
    for one in range(size):
        program.write(f"{one}.yml", f"bind_{one}.count: {one}\n")
    return program.read("$include:\n" + "".join(f"- {one}.yml\n" for one in range(size)))


@case("includes", "in a tree of 30, each with a variable", 100)
def includes_tree(size: int) -> Thunk:
    program = _functions(size)
    for one in range(size):
        inner = [two for two in range(one * 30 + 1, one * 30 + 31) if two < size]
        text = f"$vars: {{v{one}: 3}}\nbind_{one}.count: $v{one}\n"
        text += "$include:\n" + "".join(f"- {two}.yml\n" for two in inner) if inner else ""
        program.write(f"{one}.yml", text)
    return program.read("$include: 0.yml\n")


@case("includes", "of one base, with a variable each", 100)
def includes_shared(size: int) -> Thunk:
    program = _functions(size)
    program.write("base.yml", "$vars: {root: 5}\nstage_0.count: $root\n")
    for one in range(size):
        program.write(f"{one}.yml", f"$include: base.yml\n$vars: {{v{one}: 3}}\nbind_{one}.count: ${{v{one}}}\n")
    return program.read("$include:\n" + "".join(f"- {one}.yml\n" for one in range(size)))


@case("includes", "one in the other and one base", 12)
def includes_deep(size: int) -> Thunk:
    program = _functions(1)
    for one in range(40):
        inner = "".join(f"- {one}_{two}.yml\n" for two in range(size))
        for two in range(size):
            program.write(f"{one}_{two}.yml", f"$vars: {{v{one}_{two}: 3}}\n")
        program.write(f"{one}.yml", f"$vars: {{v{one}: 3}}\n$include:\n- {one + 1}.yml\n{inner}")
    program.write("40.yml", "stage_0.count: 3\n")
    return program.read("$include: 0.yml\n")


@case("variables", "each used once", 2000)
def variables(size: int) -> Thunk:
    program = Program()
    program.define(["d: dict[str, int] = {}"])
    text = "$vars:\n" + "".join(f"  v{one}: {one}\n" for one in range(size))
    return program.read(text + "f.d:\n" + "".join(f"  k{one}: $v{one}\n" for one in range(size)), "f")


@case("variables", "one, in so many texts", 2000)
def variable_uses(size: int) -> Thunk:
    program = Program()
    program.define(["d: dict[str, str] = {}"])
    return program.read("$vars: {v: a}\nf.d:\n" + "".join(f"  k{one}: b${{v}}c\n" for one in range(size)), "f")


@case("variables", "missing", 1000)
def variables_missing(size: int) -> Thunk:
    program = _functions(size)
    text = "$vars:\n" + "".join(f"  w{one}: {one}\n" for one in range(size))
    return program.read(text + "".join(f"bind_{one}.count: $v{one}\n" for one in range(size)))


@case("variables", "on the line", 1000)
def variables_line(size: int) -> Thunk:
    program = Program()
    program.define(["d: dict[str, str] = {}"])
    path = program.write("f.yml", "f.d:\n" + "".join(f"  k{one}: a${{v{one}:-b}}\n" for one in range(size)))
    return program.run("--config", path, "f", *(word for one in range(size) for word in ("--var", f"v{one}={one}")))


@case("variables", "on the line, that no file uses", 1000)
def variables_unused(size: int) -> Thunk:
    program = _functions(1)
    path = program.write("f.yml", "$vars: {w: 1}\nstage_0.count: $w\n")
    return program.run("--config", path, *(word for one in range(size) for word in ("--var", f"v{one}={one}")))


@case("variables", "of the first of so many files on the line", 100)
def variables_shared(size: int) -> Thunk:
    program = _functions(size)
    base = program.write("base.yml", "$vars:\n" + "".join(f"  v{one}: $w{one}\n  w{one}: 3\n" for one in range(size)))
    paths = [program.write(f"{one}.yml", f"$vars: {{u: 1}}\nbind_{one}.count: $v{one}\n") for one in range(size)]
    return program.run(*(word for path in (base, *paths) for word in ("--config", path)), "stage_0")


@case("variables", "in values that another file replaces", 1000)
def variables_replaced(size: int) -> Thunk:
    program = _functions(size)
    base = program.write("base.yml", "".join(f"bind_{one}.count: $v{one}\n" for one in range(size)))
    top = program.write("top.yml", "".join(f"bind_{one}.count: {one}\n" for one in range(size)))
    return program.run("--config", base, "--config", top, "stage_0")


@case("variables", "in values that the line replaces", 500)
def variables_typed(size: int) -> Thunk:
    program = _functions(size)
    path = program.write("f.yml", "".join(f"bind_{one}.count: $v{one}\n" for one in range(size)))
    typed = (word for one in range(size) for word in (f"--bind_{one}.count", "3"))
    return program.run("--config", path, *typed, "stage_0")


# --- turns, scopes, contexts


@case("turns", "of one stage on the line", 100)
def turns(size: int) -> Thunk:
    return _stages(1).run("run", *(word for one in range(size) for word in ("stage_0", "--count", str(one))))


@case("turns", "of one stage on the line, each with a dotted option", 100)
def turns_moved(size: int) -> Thunk:
    return _stages(1).run("run", *(word for _ in range(size) for word in ("stage_0", "--stage_0.rate", ".1")))


@case("turns", "of one stage in a file, with values", 100)
def turns_file(size: int) -> Thunk:
    return _stages(1).read("run.stages:\n" + "".join(f"- stage_0: {{count: {one}}}\n" for one in range(size)), "run")


@case("turns", "the same, saved", 100)
def turns_saved(size: int) -> Thunk:
    program = _stages(1)
    text = "run.stages:\n" + "".join(f"- stage_0: {{count: {one}}}\n" for one in range(size))
    return program.read(text, "--save", os.path.join(program.folder, "s.yml"), "run")


@case("turns", "and as many keys", 200)
def turns_keys(size: int) -> Thunk:
    program = _functions(size)
    text = "run.stages:\n" + "".join(f"- stage_0: {{count: {one}}}\n" for one in range(size))
    return program.read(text + _keys("bind", size), "run")


@case("scopes", "of one function, each with a key", 1000)
def scopes(size: int) -> Thunk:
    program = _stages(1)
    program.add("bind", 1, scopes=[f"s{one}" for one in range(size)])
    return program.read("".join(f"s{one}/bind_0.count: {one}\n" for one in range(size)))


@case("scopes", "of one function, `--print-config`", 100)
def scopes_print(size: int) -> Thunk:
    program = _stages(1)
    program.add("bind", 1, scopes=[f"s{one}" for one in range(size)])
    return program.read("".join(f"s{one}/bind_0.count: {one}\n" for one in range(size)), "--print-config", "stage_0")


@case("scopes", "one of each function", 1000)
def scopes_each(size: int) -> Thunk:
    program = _stages(1)
    for one in range(size):
        program.binder.bind(f"s{one}", name=f"b{one}")(
            types.FunctionType(_work.__code__, {}, f"b{one}", (1, 2, "", []))
        )
    return program.read("".join(f"s{one}/b{one}.count: {one}\n" for one in range(size)))


@case("scopes", "entered one after the other", 1000)
def scopes_entered(size: int) -> Thunk:
    program = _stages(1)
    program.add("bind", 1, scopes=[f"s{one}" for one in range(size)])

    def thunk() -> None:
        for one in range(size):
            with program.binder.scope(f"s{one}"):
                pass

    return thunk


@case("scopes", "entered inside one another", 2000)
def scopes_nested(size: int) -> Thunk:
    program = _stages(1)
    program.add("bind", 1, scopes=["s"])

    def thunk() -> None:
        with contextlib.ExitStack() as stack:
            for _ in range(size):
                stack.enter_context(program.binder.scope("s"))

    return thunk


@case("scopes", "entered inside one another, with a call in each", 500)
def scopes_nested_calls(size: int) -> Thunk:
    program = _stages(1)
    call = program.define(["a: int = 1"], role="bind")
    program.add("bind", 1, scopes=["s"])

    def thunk() -> None:
        with contextlib.ExitStack() as stack:
            for _ in range(size):
                stack.enter_context(program.binder.scope("s"))
                call()

    return thunk


@case("scopes", "of values, inside one another", 1000)
def values_nested(size: int) -> Thunk:
    program = _stages(1)
    program.define(["a: int = 1"], role="bind")

    def thunk() -> None:
        with contextlib.ExitStack() as stack:
            for one in range(size):
                stack.enter_context(program.binder.scope({"f.a": one}))

    return thunk


@case("scopes", "of values, inside one another, with a call in each", 500)
def values_nested_calls(size: int) -> Thunk:
    program = _stages(1)
    call = program.define(["a: int = 1", "b: int = 2"], role="bind")

    def thunk() -> None:
        with contextlib.ExitStack() as stack:
            for one in range(size):
                stack.enter_context(program.binder.scope({"f.a": one}))
                call()

    return thunk


@case("scopes", "held open by generators, left in order", 500)
def scopes_held(size: int) -> Thunk:
    program = _stages(1)
    program.add("bind", 1, scopes=["s"])

    def held() -> Any:
        with program.binder.scope("s"):
            yield

    def thunk() -> None:
        open_ones = [held() for _ in range(size)]
        for one in open_ones:
            next(one)
        for one in reversed(open_ones):
            one.close()

    return thunk


@case("contexts", "around one stage", 50)
def contexts(size: int) -> Thunk:
    program = _stages(1)

    def context(folder: str = ".") -> Any:
        yield folder

    program.add("context", size, context)
    return program.run("stage_0")


# --- occurrences and items


@case("occurrences", "of a list option", 4000)
def occurrences(size: int) -> Thunk:
    return _stages(1).run("stage_0", *(word for one in range(size) for word in ("--sizes", str(one))))


@case("occurrences", "of a scalar option", 4000)
def occurrences_scalar(size: int) -> Thunk:
    return _stages(1).run("stage_0", *(word for one in range(size) for word in ("--count", str(one))))


@case("occurrences", "of a dotted option", 4000)
def occurrences_dotted(size: int) -> Thunk:
    return _stages(1).run(*(word for one in range(size) for word in ("--stage_0.sizes", str(one))), "stage_0")


@case("occurrences", "of a dotted option behind the stage", 4000)
def occurrences_behind(size: int) -> Thunk:
    return _stages(1).run("stage_0", *(word for one in range(size) for word in ("--stage_0.sizes", str(one))))


@case("occurrences", "of a mapping option", 2000)
def occurrences_mapping(size: int) -> Thunk:
    program = Program()
    program.define(["d: dict[str, int] = {}"])
    return program.run("f", *(word for one in range(size) for word in ("--d", f"k{one}={one}")))


@case("occurrences", "of a flag and its opposite", 4000)
def occurrences_flag(size: int) -> Thunk:
    program = Program()
    program.define(["b: bool = True"])
    return program.run("f", *(("--b", "--no-b")[one % 2] for one in range(size)))


def _items(annotation: str, item: Callable[[int], str], **names: Any) -> Callable[[int], Thunk]:
    def make(size: int) -> Thunk:
        program = Program()
        program.define([f"v: {annotation} = None"], names)
        return program.read("f.v:\n" + "".join(f"- {item(one)}\n" for one in range(size)), "f")

    return make


@case("items", "of a list, in one text", 20_000)
def items_text(size: int) -> Thunk:
    return _stages(1).run("stage_0", "--sizes", " ".join(map(str, range(size))))


@case("items", "of a list, in one text with quotes", 10_000)
def items_quoted(size: int) -> Thunk:
    program = Program()
    program.define(["v: list[str] = None"])
    return program.run("f", "--v", " ".join(f"'a {one}'" for one in range(size)))


@case("items", "of a list, as YAML flow in one text", 4000)
def items_flow(size: int) -> Thunk:
    return _stages(1).run("stage_0", "--sizes", f"[{', '.join(map(str, range(size)))}]")


CASES["items_file"] = Case("items", "of a list, in a file", 10_000, _items("list[int]", str))
CASES["items_short"] = Case("items", "of a list, in a small file", 200, _items("list[int]", str))
CASES["items_set"] = Case("items", "of a set, in a file", 10_000, _items("set[str]", lambda one: f"a{one}"))
CASES["items_any"] = Case("items", "of a list without a type", 10_000, _items("list", str))
CASES["items_nested"] = Case("items", "lists of lists", 4000, _items("list[list[int]]", lambda one: f"[{one}, 2]"))
CASES["items_union"] = Case(
    "items", "of a union", 4000, _items("list[int | float | dict[str, int] | str]", lambda one: f"a{one}")
)
CASES["items_wrong"] = Case("items", "all wrong", 4000, _items("list[int]", lambda one: f"a{one}"))
CASES["items_optional"] = Case("items", "that may be None", 4000, _items("list[int | None]", str))


@case("items", "saved", 500)
def items_saved(size: int) -> Thunk:
    program = _stages(1)
    path = os.path.join(program.folder, "s.yml")
    return program.run("--save", path, "stage_0", "--sizes", " ".join(map(str, range(size))))


@case("items", "of a list that is copied for each of 20 calls", 20_000)
def items_copied(size: int) -> Thunk:
    program = Program()
    call = program.define(["v: list[int] = []"], role="bind")

    def thunk() -> None:
        with program.binder.scope({"f.v": list(range(size))}):
            for _ in range(20):
                call()

    return thunk


# --- members


def _members(item: Callable[[int], str], annotation: Callable[[int], Any], size: int) -> Thunk:
    program = Program()
    program.define(["v: list[T] = None"], {"T": annotation(size)})
    return program.read("f.v:\n" + "".join(f"- {item(one)}\n" for one in range(size)), "f")


def _literal(size: int) -> Any:
    return Literal[tuple(f"m{one}" for one in range(size))]  # type: ignore[valid-type]


def _enum(size: int) -> Any:
    return enum.Enum("Many", {f"M{one}": one for one in range(size)})


@case("members", "of a Literal, and as many items", 1000)
def members_literal(size: int) -> Thunk:
    return _members(lambda one: f"m{one}", _literal, size)


@case("members", "of a Literal, and as many wrong items", 1000)
def members_literal_wrong(size: int) -> Thunk:
    return _members(lambda one: f"n{one}", _literal, size)


@case("members", "of a Literal of ints", 1000)
def members_literal_ints(size: int) -> Thunk:
    return _members(str, lambda size: Literal[tuple(range(size))], size)  # type: ignore[arg-type, return-value, misc, valid-type]


@case("members", "of a Literal, saved", 250)
def members_saved(size: int) -> Thunk:
    program = Program()
    program.define(["v: list[T] = None"], {"T": _literal(size)})
    text = "f.v:\n" + "".join(f"- m{one}\n" for one in range(size))
    return program.read(text, "--save", os.path.join(program.folder, "s.yml"), "f")


@case("members", "of an Enum, and as many items", 1000)
def members_enum(size: int) -> Thunk:
    return _members(lambda one: f"M{one}", _enum, size)


@case("members", "of an Enum, and as many items in another case", 1000)
def members_enum_case(size: int) -> Thunk:
    return _members(lambda one: f"m{one}", _enum, size)


@case("members", "of an Enum, and as many wrong items", 500)
def members_enum_wrong(size: int) -> Thunk:
    return _members(lambda one: f"n{one}", _enum, size)


@case("members", "of a Flag, all of them set", 100)
def members_flag(size: int) -> Thunk:
    program = Program()
    kind = enum.Flag("Bits", [f"B{one}" for one in range(size)])  # type: ignore[misc]
    program.define(["v: T = None"], {"T": kind})
    return program.run("--print-config", "f", "--v", "|".join(f"B{one}" for one in range(size)))


@case("members", "of a union of Literals", 25)
def members_union(size: int) -> Thunk:
    program = Program()
    kind: Any = Literal["z"]
    for one in range(size):
        kind |= tuple[Literal[f"m{one}"], int]  # type: ignore[valid-type, misc]
    program.define(["v: T = None"], {"T": kind})
    return program.read(f"f.v: [m{size - 1}, 3]\n", "f")


@case("members", "of Optionals, by name inside one another", 5)
def members_optional(size: int) -> Thunk:
    kind: Any = int
    for one in range(size):
        kind = NewType(f"N{one}", Optional[kind])  # type: ignore[misc, valid-newtype]  # noqa: UP045
    return _often("v: T = None", kind, "--v", "none")


@case("members", "of lists and mappings inside one another", 5)
def members_nested(size: int) -> Thunk:
    kind: Any = int
    for one in range(size):
        kind = list[kind | None] if one % 2 else dict[str, kind | None]  # type: ignore[valid-type]
    return _often("v: T = None", kind, "--v", "none")


def _often(parameter: str, kind: Any, *words: str) -> Thunk:
    """Return what runs some programs: what cannot nest deep is over too soon."""
    programs = [Program() for _ in range(OFTEN)]
    for program in programs:
        program.define([parameter], {"T": kind})
    return lambda: [program.run("f", *words)() for program in programs]


# --- fields


def _model(size: int, depth: int = 1) -> Any:
    kind: Any = dataclasses.make_dataclass("Many", [(f"f{one}", int, one) for one in range(size)])
    for level in range(depth - 1):
        kind = dataclasses.make_dataclass(f"Level{level}", [("inner", kind, dataclasses.field(default_factory=kind))])
    return kind


@case("fields", "of a dataclass, all in a file", 100)
def fields(size: int) -> Thunk:
    program = Program()
    program.define(["m: T = T()"], {"T": _model(size)})
    return program.read("f.m:\n" + "".join(f"  f{one}: 3\n" for one in range(size)), "f")


@case("fields", "of a dataclass, all typed", 100)
def fields_typed(size: int) -> Thunk:
    program = Program()
    program.define(["m: T = T()"], {"T": _model(size)})
    return program.run("f", *(word for one in range(size) for word in (f"--m.f{one}", "3")))


@case("fields", "of a dataclass, `--print-config`", 50)
def fields_print(size: int) -> Thunk:
    program = Program()
    program.define(["m: T = T()"], {"T": _model(size)})
    return program.run("--print-config", "f")


@case("fields", "of a dataclass in a list", 100)
def fields_list(size: int) -> Thunk:
    program = Program()
    program.define(["m: list[T] = None"], {"T": _model(size)})
    return program.read("f.m:\n- " + "  ".join(f"f{one}: 3\n" for one in range(size)), "f")


@case("fields", "two, of each item of a list", 500)
def fields_items(size: int) -> Thunk:
    program = Program()
    program.define(["m: list[T] = None"], {"T": _model(2)})
    return program.read("f.m:\n" + "".join(f"- {{f0: {one}, f1: 2}}\n" for one in range(size)), "f")


@case("fields", "two, of each item of a list, of a union", 500)
def fields_union(size: int) -> Thunk:
    program = Program()
    program.define(["m: list[T | int] = None"], {"T": _model(2)})
    return program.read("f.m:\n" + "".join(f"- {{f0: {one}, f1: 2}}\n" for one in range(size)), "f")


@case("fields", "two, of each item of a list, saved", 50)
def fields_saved(size: int) -> Thunk:
    program = Program()
    program.define(["m: list[T] = None"], {"T": _model(2)})
    text = "f.m:\n" + "".join(f"- {{f0: {one}, f1: 2}}\n" for one in range(size))
    return program.read(text, "--save", os.path.join(program.folder, "s.yml"), "f")


@case("fields", "inside one another", 5)
def fields_deep(size: int) -> Thunk:
    return _often("m: T = T()", _model(2, size), f"--m.{'inner.' * (size - 1)}f0", "3")


# --- classes to choose from


def _union(size: int, *, alike: bool = True) -> Any:
    def model(one: int) -> Any:
        kind = int if alike or one % 2 else str
        return dataclasses.make_dataclass(f"Class{one}", [("lr", kind, 1), (f"f{one}", int, one)])

    return functools.reduce(operator.or_, [model(one) for one in range(size)])


@case("classes", "of a union, one chosen with a field", 50)
def classes_chosen(size: int) -> Thunk:
    program = Program()
    program.define(["m: T = None"], {"T": _union(size + 1, alike=False)})
    return program.run("--f.m", f"Class{size}", "--f.m.lr", "3", "f")


@case("classes", "of a union, `--help`", 50)
def classes_help(size: int) -> Thunk:
    program = Program()
    program.define(["m: T = None"], {"T": _union(size + 1)})
    return program.run("--help")


@case("classes", "of a union, completed", 50)
def classes_completed(size: int) -> Thunk:
    program = Program()
    program.define(["m: T = None"], {"T": _union(size + 1)})
    return program.tab("--f.m.")


@case("classes", "bound under a base class, one chosen and saved", 50)
def classes_bound(size: int) -> Thunk:
    program = Program()
    base = type("Base", (), {})
    program.define(["m: T = None"], {"T": base})
    for one in range(size):
        program.binder.bind(type(f"Class{one}", (base,), {"__init__": _initial}))
    return program.run("--save", os.path.join(program.folder, "s.yml"), "--f.m", "Class0", "--f.m.lr", "3", "f")


def _initial(self: Any, lr: float = 1) -> None: ...


# --- unknown keys and problems


@case("unknown keys", "refused", 4000)
def unknown(size: int) -> Thunk:
    return _stages(1).read("".join(f"other_{one}.count: 3\n" for one in range(size)))


@case("unknown keys", "of as many functions, ignored", 2000)
def unknown_ignored(size: int) -> Thunk:
    return _functions(size, unknown_keys="ignore").read("".join(f"other_{one}.count: 3\n" for one in range(size)))


@case("unknown keys", "of as many functions, warned of", 2000)
def unknown_warned(size: int) -> Thunk:
    return _functions(size, unknown_keys="warn").read("".join(f"other_{one}.count: 3\n" for one in range(size)))


@case("unknown keys", "of a turn", 500)
def unknown_turn(size: int) -> Thunk:
    program = Program()
    program.define(f"a_{one}: int = 1" for one in range(size))
    return program.read("run.stages:\n- f:\n" + "".join(f"    b_{one}: 3\n" for one in range(size)), "run")


@case("problems", "wrong values", 4000)
def problems(size: int) -> Thunk:
    return _functions(size).read("".join(f"bind_{one}.count: many\n" for one in range(size)))


@case("problems", "in one line", 1000)
def problems_line(size: int) -> Thunk:
    return _stages(1).read(f"stage_0.sizes: [{', '.join('many' for _ in range(size))}]\n")


@case("problems", "the same key again", 4000)
def problems_again(size: int) -> Thunk:
    return _stages(1).read("stage_0.count: 3\n" * size)


@case("problems", "in as many files", 100)
def problems_files(size: int) -> Thunk:
    program = _functions(size)
    paths = [program.write(f"{one}.yml", "other.count: 3\n") for one in range(size)]
    return program.run(*(word for path in paths for word in ("--config", path)), "stage_0")


# --- lengths


@case("length", "of a text on the line", 500_000)
def length_line(size: int) -> Thunk:
    return _stages(1).run("stage_0", "--name", WORD * size)


@case("length", "of a text in a file", 500_000)
def length_file(size: int) -> Thunk:
    return _stages(1).read(f"stage_0.name: {WORD * size}\n")


@case("length", "of a quoted text in a file", 500_000)
def length_quoted(size: int) -> Thunk:
    return _stages(1).read(f'stage_0.name: "{WORD * size}"\n')


@case("length", "of a text of words in a file", 200_000)
def length_words(size: int) -> Thunk:
    return _stages(1).read(f"stage_0.name: {'ab ' * size}c\n")


@case("length", "of a block in a file", 50_000)
def length_block(size: int) -> Thunk:
    return _stages(1).read("stage_0.name: |\n" + "  a line\n" * size)


@case("length", "of a text that is saved", 50_000)
def length_saved(size: int) -> Thunk:
    program = _stages(1)
    return program.run("--save", os.path.join(program.folder, "s.yml"), "stage_0", "--name", "ab c" * size)


@case("length", "of a wrong value", 500_000)
def length_wrong(size: int) -> Thunk:
    return _stages(1).read(f"stage_0.rate: {WORD * size}\n")


@case("length", "of a wrong item of a list on the line", 100_000)
def length_quote(size: int) -> Thunk:
    return _stages(1).run("stage_0", "--sizes", "'" + WORD * size)


@case("length", "of a wrong flag", 100_000)
def length_flag(size: int) -> Thunk:
    return _functions(20).run("stage_0", f"--{'count' * size}", "3")


@case("length", "of an unknown key", 100_000)
def length_key(size: int) -> Thunk:
    return _functions(20).read(f"{'stage_0.count' * size}: 3\n".replace("x:", "x :"))


@case("length", "of a key with dots", 20_000)
def length_dots(size: int) -> Thunk:
    return _functions(20).read(f"{'a.' * size}b: 3\n")


@case("length", "of a text with variables", 1000)
def length_variables(size: int) -> Thunk:
    return _stages(1).read(f"$vars: {{v: a}}\nstage_0.name: {'${v}' * size}\n")


@case("length", "of a text with one dollar sign after the other", 20_000)
def length_dollars(size: int) -> Thunk:
    return _stages(1).read(f"stage_0.name: {'${' * size}\n")


@case("length", "of a name of a variable that is not there", 20_000)
def length_name(size: int) -> Thunk:
    return _stages(1).read(f"stage_0.name: ${WORD * size}\n")


@case("length", "of a numpydoc docstring, with as many parameters", 200)
def length_docstring(size: int) -> Thunk:
    program = Program()
    call = program.define(f"a_{one}: int = 1" for one in range(size))
    call.__clickbind__[1].function.__doc__ = "Work.\n\nParameters\n----------\n" + "".join(
        f"a_{one} : int\n    A text of it, by default 3.\n" for one in range(size)
    )
    return program.run("f", "--help")


@case("length", "of a numpydoc docstring's description", 1000)
def length_description(size: int) -> Thunk:
    return _documented("Work.\n\n" + "A line of words that says something, and more.\n\n" * size, size)


@case("length", "of a Google docstring, with as many parameters", 200)
def length_google(size: int) -> Thunk:
    text = "".join(f"    a_{one} (int): A text of it, by default 3.\n" for one in range(size))
    return _documented("Work.\n\nArgs:\n" + text, size)


@case("length", "of a reST docstring, with as many parameters", 200)
def length_rest(size: int) -> Thunk:
    return _documented("Work.\n\n" + "".join(f":param a_{one}: A text of it.\n" for one in range(size)), size)


@case("length", "of a parameter's text", 2000)
def length_text(size: int) -> Thunk:
    return _documented(f"Work.\n\nParameters\n----------\na_0 : int\n    {'A text. ' * size}\n", 1)


@case("length", "of one line of a docstring", 2000)
def length_summary(size: int) -> Thunk:
    return _documented("Some words " * size, 1)


def _documented(text: str, size: int) -> Thunk:
    program = Program()
    exec(f"def f({', '.join(f'a_{one}: int = 1' for one in range(size))}): pass", known := {})  # noqa: S102
    known["f"].__doc__ = text
    program.binder.stage(known["f"])
    return program.run("f", "--help")


def main() -> None:
    """Measure one case at one size."""
    make, size = CASES[sys.argv[1]].make, int(sys.argv[2])
    importlib.import_module("yaml")  # a small file goes without
    make(2)()  # loads what the case needs
    thunk = make(size)
    gc.disable()  # its passes come in leaps, and walk what the case itself holds
    start = time.process_time()
    result = thunk()
    print(time.process_time() - start)
    if sys.argv[3:]:
        print(repr(result)[:500])


if __name__ == "__main__":
    main()
