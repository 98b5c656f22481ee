"""The Click contexts of a program: of the root, which holds the run, and of a stage, which is one turn of it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import click
from click.core import ParameterSource

from .keys import Key
from .line import Typed
from .options import dotted_option
from .registry import RUN, Bound, Registry
from .resolve import Layer, ResolvedValue, Values
from .run import PlannedTurn, Run
from .turns import Turn

__all__ = ["ChainContext", "RootContext", "StageContext", "find_root"]


class RootContext(click.Context):
    """The context of one use of the root command, which holds the run.

    Attributes
    ----------
    registry : Registry
        The functions of its command.
    typed : Typed
        What the line named.
    values : Values
        What was given: complete once the root has parsed its part of the line.
    parsing : bool
        Whether its parameters are those that the line names, rather than all there are.
    turns : list of StageContext
        The turns, in the order in which their contexts were made.
    """

    def __init__(self, command: click.Command, *args: Any, standalone: bool = False, **kwargs: Any) -> None:
        super().__init__(command, *args, **kwargs)
        # Click makes one for a subcommand too, where it describes a program: that one is of no program's run.
        self.registry: Registry = getattr(command, "registry", None) or Registry()
        self.typed = Typed()
        self.values = Values()
        self.parsing = False
        self.turns: list[StageContext] = []
        self._standalone = standalone
        self._stack: contextlib.ExitStack | None = None
        self._run: Run | None = None

    @contextlib.contextmanager
    def open(self) -> Iterator[None]:
        """Hold the run's contexts open until the outermost of these is left."""
        if self._stack is not None:
            yield
            return
        try:
            with contextlib.ExitStack() as self._stack:
                yield
        except KeyboardInterrupt:
            if not self._standalone:
                raise
            click.echo("Aborted!", err=True)
            self.exit(130)
        finally:
            self._stack = self._run = None

    def default_turns(self) -> list[tuple[Turn, str]]:
        """Give the turns of `run.stages`, each with the place that asks for it.

        Raises
        ------
        click.UsageError
            With the help, where nothing asks for any and the program has none.
        """
        found = self.values.get(RUN, "stages")
        if found is not None:
            return [(turn, found.origin) for turn in found.value]
        turns = [(Turn(stage.name), "default") for stage in self.registry.of_role("stage") if stage.default]
        if not turns:
            raise click.exceptions.NoArgsIsHelpError(self)
        return turns

    def run_turn(self, turn: StageContext) -> Any:
        """Run one turn; with the first one, the run begins."""
        assert self._stack is not None  # a stage opens it, if the root has not
        if self._run is None:
            self._run = self._stack.enter_context(self._start())
        return self._run.turn(turn.planned)

    def _start(self) -> Run:
        """Check what only the whole run can tell, and save it: the last things before anything happens."""
        if any(not turn.default for turn in self.turns) and Key(RUN, "stages") in self.values.line:
            flag = self.values.line[Key(RUN, "stages")].origin
            raise click.UsageError(f"Stages are named on the line and by {flag!r}: give one of the two.", self)
        for context in self.registry.of_role("context"):
            for name, spec in context.options.items():
                if spec.required and self.values.get(context.name, name) is None:
                    option = dotted_option(Key(context.name, name), context, spec)
                    raise click.MissingParameter(ctx=self, param=option)
        planned = [turn.planned for turn in self.turns]
        run = Run(self.registry, self.values, planned, debug=bool(self.params.get("debug")))
        path = self.params.get("save")
        if path is not None:
            from . import record  # yaml costs 12 ms that only a save pays

            record.save(run.record(), path)
        return run


class StageContext(click.Context):
    """The context of one turn of a stage.

    Attributes
    ----------
    bound : Bound
        The stage.
    typed : Typed
        What the line named.
    files : Layer
        The turn's own values in `run.stages` of a file.
    default : bool
        Whether the turn comes from `run.stages` rather than from the line.
    """

    def __init__(self, command: click.Command, *args: Any, files: Layer | None = None, **kwargs: Any) -> None:
        super().__init__(command, *args, **kwargs)
        self.bound: Bound = command.bound  # type: ignore[attr-defined]  # only a stage's command makes one
        self.typed = Typed()
        self.files: Layer = files or {}
        self.default = files is not None

    @property
    def planned(self) -> PlannedTurn:
        """The turn, with what was typed at it."""
        line = {
            Key(self.bound.name, name): ResolvedValue(
                self.params[name], ParameterSource.COMMANDLINE, self.typed.flags[name]
            )
            for name in self.bound.options
            if name in self.typed.flags
        }
        return PlannedTurn(self.bound, line, self.files)


class ChainContext(click.Context):
    """The context of `run`.

    Attributes
    ----------
    typed : Typed
        What the line named.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.typed = Typed()


def find_root(ctx: click.Context | None, registry: Registry) -> RootContext | None:
    """Find the root's context of a program, from one below it."""
    while ctx is not None and not (isinstance(ctx, RootContext) and ctx.registry is registry):
        ctx = ctx.parent
    return ctx
