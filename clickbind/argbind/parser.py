"""Parse the command line of a program that is written for ArgBind: one command with the options of its functions."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NoReturn

import click
from click.core import ParameterSource

from .. import cli, declare
from ..cli.flags import RootFlags
from ..cli.option import AnnotationType, ParameterOption
from ..cli.parts import Part
from ..declare.function import ParameterSpec
from ..declare.registry import Bound
from ..errors import BindError
from ..keys import Key
from ..layers import Layer, ResolvedValue, Values
from .arguments import Argument, ArgumentReader, defaults_of, make_argument, missing_in, typed_of
from .files import FILLED, OWN
from .registry import ArgRegistry, passed_on

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

__all__ = ["Parser"]


class _Context(click.Context):
    """The context of one parsed line.

    Attributes
    ----------
    typed : Part
        The line.
    values : Values
        The given values, complete once the line and the file are read.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.typed = Part()
        self.values = Values()


class _Positional(click.Argument):
    """The positional argument of a parameter without a default, which a file may set as well."""

    def __init__(self, name: str, key: Key, bound: Bound, spec: ParameterSpec) -> None:
        assert spec.converter is not None  # options have one
        super().__init__([name], type=AnnotationType(spec.converter, secret=spec.secret), required=False)
        self.key = key
        self._bound = bound
        self._spec = spec

    def make_metavar(self, *_: Any) -> str:
        """Return the key, without the brackets of optional arguments."""
        return self.key.text

    @property
    def text(self) -> str:
        """The parameter's text in the docstring."""
        return declare.texts.text_of(self._bound.spec, self._spec)


class Parser(click.Command):
    """A command with the options of bound functions, and the arguments that a program adds.

    Parameters
    ----------
    registry : ArgRegistry
        The functions.
    read : callable
        Reads a file of arguments; returns the values of functions as a layer, and the other values.
    write : callable
        Writes arguments to a file.
    """

    context_class = _Context

    def __init__(
        self,
        registry: ArgRegistry,
        read: Callable[[str], tuple[Layer, Mapping[str, Any]]],
        write: Callable[[Mapping[str, Any], str], None],
    ) -> None:
        super().__init__(None, context_settings={"help_option_names": ["-h", "--help"]})
        self._registry = registry
        self._read = read
        self._write = write
        self._added: list[Argument] = []
        self._set: dict[str, Any] = {}
        required = [
            (bound.key(name), bound, spec)
            for bound in registry.of_role("stage")
            for name, spec in bound.options.items()
            if spec.required
        ]
        self._positional = [_Positional(f"positional_{count}", *item) for count, item in enumerate(required)]
        self.params = [*_own_options(), *self._positional]
        self._flags = RootFlags(registry, self.params)

    def add_argument(self, *flags: str, **settings: Any) -> click.Parameter:
        """Add a positional argument or an option of the program's own, with argparse's settings.

        Parameters
        ----------
        *flags : str
            An option's flags, or a positional argument's name.
        **settings
            ``action``, ``type``, ``default``, ``nargs``, ``const``, ``choices``, ``required``, ``help``, ``metavar``,
            ``dest``, as in argparse.

        Raises
        ------
        BindError
            If a setting or action is not supported, or the option exists already.
        """
        argument = make_argument(f"added_{len(self._added)}", flags, settings)
        for flag in argument.param.opts if isinstance(argument.param, click.Option) else ():
            taken = self._flags.find(flag) if flag[:2] == "--" else self._flags.short.get(flag)
            if taken is not None or flag in {"-h", "--help"}:
                raise BindError(f"the option {flag!r} is there already.")
        self._added.append(argument)
        self.params.append(argument.param)
        return argument.param

    def set_defaults(self, **defaults: Any) -> None:
        """Set the values of arguments that neither the line nor the file sets."""
        self._set.update(defaults)

    def error(self, message: str) -> NoReturn:
        """Print a mistake on the line, and exit with 2."""
        click.UsageError(message, _Context(self, info_name=os.path.basename(sys.argv[0]))).show()
        sys.exit(2)

    def add_argument_group(self, *_: Any, **__: Any) -> Parser:
        """Return the parser itself, to which a group's arguments are added: help shows no groups."""
        return self

    @property
    def description(self) -> str | None:
        """The description of the program at the top of its help."""
        return self.help

    @description.setter
    def description(self, value: str | None) -> None:
        self.help = value

    def format_help(self, *args: Any) -> Any:
        """Return the help as a text, as in argparse; with Click's arguments, write it, as in Click."""
        if args:
            return super().format_help(*args)
        ctx = _Context(self, info_name=os.path.basename(sys.argv[0]), **self.context_settings)
        return self.get_help(ctx) + "\n"

    def print_help(self) -> None:
        """Print the help."""
        click.echo(self.format_help(), nl=False)

    def parse(self) -> dict[str, Any]:
        """Parse ``sys.argv``, and return the arguments; print a mistake, and exit."""
        try:
            result = self.main(standalone_mode=False)
        except click.ClickException as error:
            error.show()
            sys.exit(error.exit_code)
        except click.Abort:
            click.echo("Aborted!", err=True)
            sys.exit(130)  # as shells expect of Ctrl-C
        if not isinstance(result, dict):  # help was requested
            sys.exit(result)
        return result

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """Return the command's own parameters, and the options of functions that are on the line."""
        params = super().get_params(ctx)
        return [*ctx.typed.sort(params), *ctx.typed.awaited] if isinstance(ctx, _Context) else params

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the line, and make the options of functions that are on it."""
        assert isinstance(ctx, _Context)  # its context_class
        reader = ArgumentReader(self, ctx, self.params, lambda: self._flags, is_root=True)
        ctx.typed = reader.read(args, interspersed=True)
        ctx.typed.check(ctx)
        return super().parse_args(ctx, ctx.typed.given if args else [])

    def invoke(self, ctx: click.Context) -> dict[str, Any]:
        """Read the file, and return the arguments."""
        assert isinstance(ctx, _Context)  # its context_class
        path, save = ctx.params["args_load"] or None, ctx.params["args_save"] or None  # for "$CONF" if that is unset
        files, spare = self._read(path) if path is not None else ({}, {})
        ctx.values = Values(line=passed_on(self._line(ctx), self._registry), files=files)
        self._check_missing(ctx)
        defaults = self._defaults(ctx)
        given = {**self._set, **spare, **{key.text: value.value for key, value in files.items()}, **self._given(ctx)}
        found = {**defaults, **given}
        found.update(typed_of(self._added, ctx, defaults))
        if save is not None:
            self._write(found, save)
        own = {"unknown": [], "load": path, "save": save, "debug": ctx.params["args_debug"]}
        filled = self._filled(defaults, given)
        return {**found, **{f"{OWN}{name}": value for name, value in own.items()}, **filled}

    def _check_missing(self, ctx: _Context) -> None:
        """Raise an error that names all parameters that need a value and have none."""
        absent = [argument for argument in self._positional if ctx.values.resolve(*argument.key[:2]) is None]
        errors = [*(click.MissingParameter(ctx=ctx, param=param) for param in absent), *missing_in(ctx)]
        errors.sort(key=lambda error: self.params.index(error.param) if error.param in self.params else 0)
        if errors:
            raise click.UsageError("\n".join(error.format_message() for error in errors), ctx)

    def _line(self, ctx: _Context) -> Layer:
        """Return the values of functions' parameters on the line."""
        source, flags = ParameterSource.COMMANDLINE, ctx.typed.flags
        line = {
            option.key: ResolvedValue(ctx.params[option.name], source, flags[option.name])
            for option in ctx.typed.options
            if isinstance(option, ParameterOption)
        }
        for argument in self._positional:
            if ctx.get_parameter_source(argument.name or "") is source:
                line[argument.key] = ResolvedValue(ctx.params[argument.name], source, argument.key.text)
        return line

    def _defaults(self, ctx: _Context) -> dict[str, Any]:
        """Return the defaults of functions' parameters and of arguments that the program added."""
        defaults = ((key.text, spec.default) for key, _, spec in self._registry.walk() if spec.has_default)
        found = {name: default for name, default in defaults if not callable(default)}  # arguments are plain data
        return {**found, **defaults_of(self._added, ctx)}

    def _filled(self, defaults: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
        """Return what tells the next scope which values are defaults: the program may still set the key of a base."""
        heirs = {name for name in self._registry.elders if self._registry.elder(name)}
        keys = [key for key, _, _ in (self._registry.walk() if heirs else ()) if key.function in heirs]
        filled = {key.text: defaults[key.text] for key in keys if key.text in defaults and key.text not in given}
        return {FILLED: filled} if filled else {}

    def _given(self, ctx: _Context) -> dict[str, Any]:
        """Return the given values of functions' parameters; scoped keys inherit plain ones."""
        found = {}
        own = (key for key, _, _ in self._registry.walk())
        # Files may use scopes that no function is bound under.
        others = (key for layer in ctx.values.layers for key in layer if key.scope is not None)
        for key in dict.fromkeys((*own, *others)):
            given = ctx.values.resolve(key.function, key.parameter, (key.scope,) if key.scope else ())
            if given is not None:
                found[key.text] = given.value
        return found

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the arguments, the command's own options, then a section for each function."""
        arguments = [(argument.key.text, argument.text) for argument in self._positional]
        added = [item for item in self._added if isinstance(item.param, click.Argument)]
        arguments += [(item.param.make_metavar(ctx), item.text) for item in added]
        if arguments:
            with formatter.section("Arguments"):
                formatter.write_dl(arguments)
        options = [param for param in super().get_params(ctx) if isinstance(param, click.Option)]
        records = [option.get_help_record(ctx) for option in options]
        with formatter.section("Options"):
            formatter.write_dl([record for record in records if record is not None])
        shown = [argument.key for argument in self._positional]
        cli.help.write_functions(self._registry, ctx, formatter, shown, full=True)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Complete the command's own options, then the options of functions."""
        if incomplete[:1] != "-":
            return super().shell_complete(ctx, incomplete)
        own = cli.completion.own_flags(ctx, incomplete)
        return own + self._flags.complete_dotted(ctx, incomplete)


def _own_options() -> list[click.Parameter]:
    file = click.Path(allow_dash=True)
    return [
        click.Option(
            ["--args.save", "args_save"],
            type=file,
            metavar="FILE",
            help="Path to save all arguments used to run script to.",
        ),
        click.Option(
            ["--args.load", "args_load"],
            type=file,
            metavar="FILE",
            help="Path to load arguments from, stored as a .yml file.",
        ),
        click.Option(
            ["--args.debug", "args_debug"],
            type=int,
            default=0,
            help="Print arguments as they are passed to each function.",
        ),
    ]
