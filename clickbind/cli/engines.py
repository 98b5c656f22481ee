"""Choose the engine that runs jobs: the option ``--engine``, and an option for each parameter of each engine."""

from __future__ import annotations

import contextlib
import os
import shlex
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from .. import cli, declare, engines, fast, layers, sweeps
from ..errors import UserError
from ..keys import Key, canonical
from ..layers import ResolvedValue
from ..types import HIDDEN
from .option import ParameterOption, dotted_flags, dotted_option
from .parts import typed_in

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from ..declare.registry import Registry
    from ..engines.catalog import Engine
    from ..layers import Layer
    from .parts import Mention

__all__ = ["DEFAULT", "Chosen", "Started", "chosen", "finder", "params", "secrets", "words_of", "write"]

DEFAULT = "processes"


def params(command: Any) -> list[click.Parameter]:
    """Make the options of a command that runs jobs: those of engines for which nothing has to be imported."""
    catalog = engines.catalog.Catalog(command.registry)

    def complete(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
        names = [name for name in catalog.names() if name.startswith(canonical(incomplete))]
        return [cli.shell_completion.CompletionItem(name) for name in names]

    def load(_: click.Context, __: click.Parameter, name: str) -> str:
        with contextlib.suppress(UserError):  # `chosen` reports it; completion offers what there is
            _extend(command, catalog.find(name))
        return name

    help_text = "Who runs the jobs: one of the engines below."
    settings: dict[str, Any] = {"default": DEFAULT, "metavar": "NAME", "show_default": True, "help": help_text}
    engine = click.Option(["--engine"], callback=load, shell_complete=complete, **settings)
    return [engine, *(option for one in catalog.known() for option in _options(command.registry, one))]


def _options(registry: Registry, engine: Engine) -> list[ParameterOption]:
    """Make the options of an engine, except those that the program has for a function of the same name."""
    found = [dotted_option(engine.key(name), engine, spec) for name, spec in engine.options.items()]
    return [option for option in found if registry.find(option.key.text) is None]


def _extend(command: Any, engine: Engine) -> None:
    """Give a command the options of an engine, unless it has them."""
    if not any(isinstance(one, ParameterOption) and one.bound is engine for one in command.params):
        command.params.extend(_options(command.registry, engine))


def finder(command: Any) -> Callable[[str], tuple[click.Option, str] | None]:
    """Return the function that finds the option of an entry point's engine, which it imports."""

    def find(flag: str) -> tuple[click.Option, str] | None:
        name, dot, _ = canonical(flag[2:]).removeprefix("no_").partition(".")
        catalog = engines.catalog.Catalog(command.registry)
        if not dot or name not in catalog.names():
            return None
        _extend(command, catalog.find(name))
        for option in command.params:
            for opt in (*option.opts, *option.secondary_opts):
                if canonical(opt) == canonical(flag):
                    return option, opt
        return None

    return find


def chosen(ctx: click.Context, registry: Registry) -> Chosen:
    """Return the engine that a line has chosen.

    Raises
    ------
    click.UsageError
        If there is no such engine, it lacks a value, or the line has an option of another one.
    """
    option = next(one for one in ctx.command.params if one.name == "engine")
    try:
        engine = engines.catalog.Catalog(registry).find(ctx.params["engine"])
    except UserError as error:
        raise click.BadParameter(error.message, ctx, option) from error
    typed = typed_in(ctx)
    for mention in typed.mentions:
        _check(ctx, mention, engine, [one.flag for one in typed.mentions if one.option is mention.option])
    flags = typed.flags
    layer: dict[Key, ResolvedValue] = {}
    for one in typed.options:
        if isinstance(one, ParameterOption):
            layer[one.key] = ResolvedValue(ctx.params[one.name], ParameterSource.COMMANDLINE, flags[one.name])
    for name, spec in engine.options.items():
        if spec.required and engine.key(name) not in layer:
            raise click.MissingParameter(ctx=ctx, param=dotted_option(engine.key(name), engine, spec))
    return Chosen(engine, layer, typed.mentions)


def names(registry: Registry) -> dict[str, bool]:
    """Return the options of the program and of its engines, by name, and whether each takes a value.

    Secret ones are left out, as if they were unknown: their values are starred.
    """
    found = {**cli.root_options.NAMES}
    for key, _, spec in registry.engines.walk(broken=False):
        for flag in () if spec.secret else filter(None, dotted_flags(key, spec)):
            found[canonical(flag[2:])] = not getattr(spec.converter, "flag", False)
    return found


def _is_of_engine(option: Any) -> bool:
    return isinstance(option, ParameterOption) and option.bound.role == "engine"


def _check(ctx: click.Context, mention: Mention, engine: Engine, flags: Sequence[str]) -> None:
    """Refuse an option that would have no effect."""
    option: Any = mention.option
    if _is_of_engine(option) and option.bound is not engine:
        raise click.UsageError(
            f"{mention.flag!r} is an option of the engine {option.bound.name!r}, but {engine.name!r} runs the jobs: "
            f"add '--engine {option.bound.name}', or leave it out.",
            ctx,
        )
    if len(flags) > 1 and not option.multiple:
        raise click.UsageError(f"{mention.flag!r} is given {len(flags)} times: give it once.", ctx)


def write(registry: Registry, ctx: click.Context, formatter: click.HelpFormatter) -> None:
    """Write a section for each engine: what it is, and its options."""
    catalog = engines.catalog.Catalog(registry)
    writer = fast.rows.Writer(ctx)
    found: list[tuple[str, Engine | None, str]] = [(one.name, one, "") for one in catalog.known()]
    for name, engine, problem in (*found, *catalog.others()):
        with formatter.section(f"Engine {name}"):
            text = problem if engine is None else declare.docstrings.summary(engine.function)
            formatter.write_text(text or "")
            rows = [] if engine is None else cli.help.rows_of(engine, writer)
            if rows:
                formatter.write_paragraph()
                formatter.write_dl(rows)


class Chosen:
    """The engine that a line has chosen, with its values.

    Parameters
    ----------
    engine : Engine
        The engine.
    layer : Layer
        The values of its parameters that the line sets.
    mentions : sequence of Mention
        The options of the command on the line.

    Attributes
    ----------
    name : str
        The name of the engine.
    """

    def __init__(self, engine: Engine, layer: Layer, mentions: Sequence[Mention] = ()) -> None:
        self.name = engine.name
        self._engine = engine
        self._layer = layer
        self._mentions = mentions

    @property
    def words(self) -> list[str]:
        """The words of a line that choose the same engine, with the same values except for secrets."""
        own = [one for one in self._mentions if one.option.name == "engine" or _is_of_engine(one.option)]
        shown = [one for one in own if not (isinstance(one.option, ParameterOption) and one.option.spec.secret)]
        return [shlex.quote(word) for one in shown for word in words_of(one)]

    def checked(self, root: Any, *, files: bool = True) -> Chosen:
        """Refuse an engine that cannot pass the secrets of a line to its jobs; return it otherwise.

        Raises
        ------
        click.UsageError
            If there are secrets, which would be in a file or on a network.
        """
        place = None if self._engine.keeps_secrets else next((one for one, _ in secrets(root, files=files)), None)
        if place is not None:
            raise click.UsageError(
                f"{place} is secret, and the engine {self.name!r} would send it by files or a network. Leave it "
                f"out here, and set it where the jobs run: in the environment, or in a default config file.",
                root,
            )
        return self

    def net(self, root: Any) -> layers.redaction.Net:
        """Return the net that stars the secrets of a line, those of the engine too."""
        words = list(root.words)
        for mention in self._mentions:
            if _is_of_engine(mention.option) and layers.redaction.is_secret(mention.option.spec):  # type: ignore[attr-defined]
                words = [_starred(word, str(mention.value)) for word in words]
        return layers.redaction.Net(root.registry, words=words, values=root.values, own=names(root.registry))

    @contextlib.contextmanager
    def started(self, root: Any, folder: str, jobs: int, words: Sequence[str]) -> Iterator[Started]:
        """Start the engine, and shut it down at the end.

        Parameters
        ----------
        root : RootContext
            The context of the line.
        folder : str
            The folder of the jobs.
        jobs : int
            How many run at a time; 0 if there are none, for which nothing is started.
        words : sequence of str
            Options for the jobs.

        Raises
        ------
        click.UsageError
            If it cannot be used.
        """
        keeps = self._engine.keeps_secrets
        more: dict[str, Any] = {} if keeps else {"words": list(words), "folder": os.getcwd()}
        program = sweeps.programs.address_of(root.registry, root.command_path, engine=self.name, **more)
        path = os.path.abspath(folder)
        sweep = engines.catalog.Sweep(path, jobs, program, tuple(words) if keeps else ())
        executor = self._engine.start(sweep, self._layer) if jobs else None
        try:
            yield Started(executor, program)
        finally:
            if executor is not None:
                executor.shutdown()


class Started:
    """An executor, and the address of the program that its jobs get.

    Attributes
    ----------
    executor : Executor or None
        The executor; None if there are no jobs.
    program : str
        The address.
    """

    __slots__ = ("executor", "program")

    def __init__(self, executor: engines.natives.Executor | None, program: str) -> None:
        self.executor = executor
        self.program = program


def _starred(word: str, secret: str) -> str:
    flag, equals, value = word.partition("=")
    if equals and value == secret:
        return f"{flag}={HIDDEN}"
    return HIDDEN if word == secret else word


def secrets(root: Any, *, files: bool = True) -> Iterator[tuple[str, list[str]]]:
    """Walk the secrets of a line, which saved runs do not have: where each is, and the words that set it.

    Parameters
    ----------
    root : RootContext
        The context of the line.
    files : bool
        Whether those of its config files count too. Those of default files and of the environment reach jobs anyway.
    """
    own = tuple(f"{path}:" for path in root.default_files)
    for key, resolved in root.values.files.items() if files else ():
        setting = root.registry.find(key.text)
        if setting and layers.redaction.is_secret(setting[2], resolved) and not resolved.origin.startswith(own):
            words = cli.labels.words_of(key, setting[2], cli.labels.label_of(setting[2], resolved.value))
            yield f"{resolved.origin}: {key.text}", words
    for part in (root.typed, *(turn.typed for turn in root.turns)):
        for mention in part.mentions:
            option = mention.option
            if isinstance(option, ParameterOption) and layers.redaction.is_secret(option.spec):
                dotted = dotted_flags(option.key, option.spec)
                yield f"{mention.flag!r}", words_of(mention, str(dotted[mention.value is False]))


def words_of(mention: Mention, flag: str = "") -> list[str]:
    """Return the words that set an option on a line."""
    if mention.words is not None:
        return mention.words
    return [flag or mention.flag, *([mention.value] if isinstance(mention.value, str) else [])]
