"""Define the commands that every program has: `help`, `runs`, `resume`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from .. import cli
from ..declare.registry import Registry
from .context import CommandContext, RootContext, find_root
from .line import Reader, part_of
from .parts import Part, typed_in
from .stage import root_around

if TYPE_CHECKING:
    from collections.abc import Callable

    from click.shell_completion import CompletionItem

    from .flags import RootFlags

__all__ = ["DeferredCommand", "OwnCommand"]

_HELP = {
    "resume": """Go on with a recorded run, from the first turn that is not done.

The values are those of the record. Secrets are not recorded: they come from the line, the environment or a file as
always. With --from, what is done runs again from that stage on.
""",
    "runs": """List recorded runs, or the jobs of a sweep.

The folder is that of a sweep, or one with runs and sweeps. The table shows the keys in which the runs differ, and their
results. Runs in progress are in it too.
""",
}


class OwnContext(CommandContext):
    """The context of a command that every program has.

    Attributes
    ----------
    typed : Part
        The part of the line for the command.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.typed = Part()

    def make_formatter(self, **_: Any) -> click.HelpFormatter:
        """Make the formatter of the help; rich-click passes for what it is."""
        return cli.help.formatter_of(self)


class OwnCommand(click.Command):
    """A command that every program has. The root's options are accepted after it too.

    Parameters
    ----------
    name : str
        Its name.
    root : click.Group
        The program.
    registry : Registry
        The functions of the program.
    flags : callable
        Returns the flags of the root.
    **attrs
        Other parameters of `click.Command`.
    """

    context_class = OwnContext

    def __init__(
        self, name: str, root: click.Group, registry: Registry, flags: Callable[[], RootFlags], **attrs: Any
    ) -> None:
        super().__init__(name, **attrs)
        self.root = root
        self.registry = registry
        self._flags = flags

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        """Make the context, and the root's context around it if the caller has made none."""
        root, parent = root_around(self, args, parent, extra)
        ctx = super().make_context(info_name, args, parent=parent, **extra)
        if root.between:
            ctx.call_on_close(root.close)
        return ctx

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the help; in panels, all that the methods of this class write."""
        cli.help.write(self, ctx, formatter, super().format_help)

    def reader(self, ctx: click.Context) -> Reader:
        """Make the reader of the command's part of a line, which also knows the root's options."""
        return Reader(self, ctx, self.params, self._flags)

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """Return the parameters; for completion, also the root's options on the line."""
        return [*super().get_params(ctx), *(typed_in(ctx).awaited if ctx.resilient_parsing else ())]

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the command's part of the line."""
        assert isinstance(ctx, OwnContext)  # its context_class
        ctx.typed = part_of(self, ctx, self.root_of(ctx).line, args)
        ctx.typed.check(ctx)
        return super().parse_args(ctx, ctx.typed.given)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Complete the command's options, and those of the root."""
        found = super().shell_complete(ctx, incomplete)
        return found + self._flags().complete(ctx, incomplete) if incomplete[:1] == "-" else found

    def root_of(self, ctx: click.Context) -> RootContext:
        """Return the root's context; make one if the command is called without a line, as by Click's `invoke`."""
        return find_root(ctx, self.registry) or cli.around.root_between(self, [], ctx.parent, {})


class DeferredCommand(OwnCommand):
    """A command that every program has, implemented by a module of `cli` that is imported when it is used.

    So the help of the program, which lists it, does without. The module has the functions ``params(command)``, which
    makes its parameters, and ``call(command, **values)``.

    Parameters
    ----------
    name : str
        Its name.
    module : str
        The name of the module.
    root, registry, flags
        As for `OwnCommand`.
    """

    def __init__(
        self, name: str, module: str, root: click.Group, registry: Registry, flags: Callable[[], RootFlags]
    ) -> None:
        self._module = module
        self._params: list[click.Parameter] | None = None
        super().__init__(name, root, registry, flags, help=_HELP[name], callback=self._call)

    @property
    def params(self) -> list[click.Parameter]:
        """The parameters, made when first asked for."""
        if self._params is None:
            self._params = getattr(cli, self._module).params(self)
        return self._params

    @params.setter
    def params(self, value: list[click.Parameter]) -> None:
        self._params = value or None

    @property
    def _runs_jobs(self) -> bool:
        return self._module == "resume"

    def reader(self, ctx: click.Context) -> Reader:
        """Make the reader of the command's part of a line."""
        more = cli.engines.finder(self) if self._runs_jobs else None
        return Reader(self, ctx, self.params, self._flags, more=more)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options."""
        if self._runs_jobs:
            cli.help.write_options(self.get_params(ctx), ctx, formatter)
            cli.engines.write(self.registry, ctx, formatter)
        else:
            super().format_options(ctx, formatter)

    def _call(self, **values: Any) -> Any:
        return getattr(cli, self._module).call(self, **values)
