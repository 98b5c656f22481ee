"""Show everything about one function with the command `help`."""

from __future__ import annotations

import inspect
import os
from typing import TYPE_CHECKING, Any

import click

from .. import cli, declare, fast, layers
from ..declare.function import EXCLUDED
from ..declare.registry import RUN, Bound, Registry
from ..errors import suggest
from ..keys import flag_of, parameter_of
from .context import RootContext
from .own_command import OwnCommand

if TYPE_CHECKING:
    from collections.abc import Callable

    from .flags import RootFlags

__all__ = ["HelpCommand"]


class HelpCommand(OwnCommand):
    """The command `help`, which shows one function or command, and the help of the program without a name.

    Parameters
    ----------
    root : click.Group
        The program.
    registry : Registry
        The functions of the program.
    flags : callable
        Returns the flags of the root, which the command accepts too.
    """

    def __init__(self, root: click.Group, registry: Registry, flags: Callable[[], RootFlags]) -> None:
        name = click.Argument(["name"], required=False, shell_complete=self._complete_name)
        text = "Show everything about one function."
        super().__init__("help", root, registry, flags, params=[name], help=text, callback=self._show)

    def _names(self, ctx: click.Context) -> list[str]:
        """List the functions that help does not hide, also under their scopes, and the commands."""
        functions = [owner for bound in self.registry for owner in bound.owners if not bound.hidden]
        commands = {name: self.root.get_command(ctx, name) for name in self.root.list_commands(ctx)}
        return list(dict.fromkeys([*functions, *(name for name, one in commands.items() if one and not one.hidden)]))

    def _complete_name(self, ctx: click.Context, _: click.Parameter, incomplete: str) -> list[str]:
        return [name for name in self._names(ctx) if name.startswith(incomplete)]

    def _show(self, name: str | None) -> None:
        """Print the help of a function, an option, a command, or the program."""
        root = self.root_of(click.get_current_context())
        bound, _ = (None, None) if name is None else self.registry.owner(name)
        option = None if name is None or bound is not None else self.registry.find(name)
        if name is None:
            click.echo(root.get_help(), color=root.color)
        elif bound is not None and bound.name != RUN:
            click.echo(self._everything(root, bound), color=root.color)
        elif option is not None:
            click.echo(self._everything(root, option[1], option[2].name), color=root.color)
        else:
            command = self.root.get_command(root, name)
            if command is None:
                if self.registry.excludes(name):
                    raise click.UsageError(f"{name}: {EXCLUDED}", root)
                self._refuse_class(root, name)
                known = self._names(root)
                shown = layers.redaction.word(name, known, self.registry)
                raise click.UsageError(f"There is no function or command {shown!r}.{suggest(name, known)}", root)
            ctx = command.context_class(command, info_name=name, parent=root)
            click.echo(command.get_help(ctx), color=root.color)
        root.exit()

    def _refuse_class(self, root: RootContext, name: str) -> None:
        """Say where a class is shown that an option chooses.

        Raises
        ------
        click.UsageError
            If the name is that of such a class.
        """
        for bound in self.registry:
            key = None if bound.hidden else cli.help_choices.chosen_by(bound, name)
            if key is not None:
                line = f"{root.command_path} help {bound.name}"
                raise click.UsageError(f"{name!r} is a class for '--{key}'. To see its options: {line}", root)

    def _everything(self, root: RootContext, bound: Bound, option: str | None = None) -> str:
        """Write everything about a function, or about one of its options."""
        formatter = root.make_formatter()
        rows = cli.help.rows_of(bound, fast.rows.Writer(root), full=True, only=option)
        kind = "class" if isinstance(bound.function, type) else "function"
        with formatter.section(f"{bound.name} ({kind if bound.role == 'bind' else bound.role})"):
            formatter.write_text(declare.docstrings.reduced(bound.spec.docstring.text) or "No description.")
        if rows:
            with formatter.section("Options" if option is None else "Option"):
                formatter.write_dl(rows)
        only = "" if option is None else parameter_of(option)
        cli.help.write_choices(bound, fast.rows.Writer(root), formatter, full=True, only=only)
        if option is None:
            self._write_rest(root, bound, formatter)
        return formatter.getvalue().rstrip("\n")

    def _write_rest(self, root: RootContext, bound: Bound, formatter: click.HelpFormatter) -> None:
        """Write what there is about a function besides its options."""
        others = _without_option(bound)
        left_out = [name for name in bound.spec.parameters if name in bound.spec.left_out]
        if others or left_out:
            with formatter.section("Parameters without an option"):
                if others:
                    formatter.write_dl(others)
                if left_out:
                    formatter.write_text(f"The program leaves out {', '.join(left_out)}.")
        scopes = cli.help.scopes_of(bound)
        if scopes:
            with formatter.section("Scopes"):
                formatter.write_text(scopes.removeprefix("Scopes: "))
        if bound.role == "stage":
            with formatter.section("Usage"):
                formatter.write_text(f"{root.command_path} {flag_of(bound.name)} --help")
        with formatter.section("Defined in"):
            formatter.write_text(_place(bound.function))


def _without_option(bound: Bound) -> list[tuple[str, str]]:
    """Return the parameters that cannot be set, each with the reason, besides those that the program leaves out."""
    rows = []
    for name, spec in bound.spec.parameters.items():
        if name in bound.spec.left_out:
            continue
        if spec.required and bound.role == "bind":
            rows.append((name, "The caller passes it."))
        elif spec.converter is None and name not in bound.options and not bound.has_fields(name):
            rows.append((name, "Its type cannot be parsed from text."))
    return rows


def _place(function: Any) -> str:
    """Return the full name of a function or class, and its file and line if it has a source."""
    function = inspect.unwrap(declare.docstrings.documented(function))
    name = f"{getattr(function, '__module__', '')}.{getattr(function, '__qualname__', type(function).__name__)}"
    try:
        path, (_, line) = inspect.getsourcefile(function) or "", inspect.getsourcelines(function)
        near = os.path.relpath(path) if path.startswith(os.getcwd() + os.sep) else path
    except (OSError, TypeError):
        return name
    return f"{near}:{line} ({name})"
