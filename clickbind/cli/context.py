"""Hold the state of a run in Click contexts: the root's for the run, a stage's for one turn."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from .. import cli, layers, running
from ..declare.registry import RUN, Bound, Registry
from ..keys import Key
from ..layers import Layer, ResolvedValue, Values
from .option import ParameterOption, values_of
from .parts import Line, Part

if TYPE_CHECKING:
    from .. import journal
    from ..errors import UserError
    from ..layers.plan import PlannedTurn
    from ..running.run import Run

__all__ = ["RootContext", "StageContext", "find_root", "redacted_errors"]

# With more functions, loading the check for which of them may read a variable is faster than reading all signatures.
_FEW = 20


class RootContext(click.Context):
    """The context of one use of the root command, which holds the run.

    Attributes
    ----------
    registry : Registry
        The functions of the command.
    line : Line
        The line, divided into the parts for each command.
    typed : Part
        The part for the root.
    values : Values
        The values of the run, complete once the root has parsed its part of the line.
    lean : bool
        Whether only the root options on the line are made.
    turns : list of StageContext
        The turns, in the order in which their contexts were made.
    words : list of str
        The whole line.
    missing : list of (click.Context, ParameterOption)
        The required options without a value, each with the context that needs it.
    job : Record or None
        The record that the run goes on with: that of a job, or of a run that is resumed.
    problem : UserError or None
        The error in the files and variables. It is raised only when something runs, so that help works in spite of it.
    """

    def __init__(
        self,
        command: click.Command,
        *args: Any,
        standalone: bool = False,
        job: journal.records.Record | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(command, *args, **kwargs)
        # To describe a program, Click makes one for a subcommand too; that one belongs to no run.
        self.registry: Registry = getattr(command, "registry", None) or Registry()
        self.line = Line()
        self.typed = Part()
        self.values = Values()
        self.lean = False
        self.turns: list[StageContext] = []
        self.words: list[str] = []
        self.missing: list[tuple[click.Context, ParameterOption]] = []
        self.problem: UserError | None = None
        self.job = job
        self._standalone = standalone
        self._left_out: list[StageContext] = []
        self._stack: contextlib.ExitStack | None = None
        self._run: Run | None = None
        self._entered = False

    @property
    def is_program(self) -> bool:
        """Whether the program ends with the run."""
        return self._standalone

    def make_formatter(self) -> click.HelpFormatter:
        """Make the formatter of the help."""
        return cli.help.formatter_of(self)

    @contextlib.contextmanager
    def open(self) -> Iterator[None]:
        """Keep the run's contexts open until the outermost `open` ends."""
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
            self._entered = False

    def _marked(self, stages: list[Bound]) -> Layer:
        """Read the variables of functions that the run may call without naming them on the line."""
        others = self.registry.of_role("bind")
        if len(others) > _FEW:
            others = layers.environment.perhaps_marked(others)
        others = [bound for bound in others if bound.is_readable]
        bounds = [*stages, *self.registry.of_role("context"), *others]
        if not any(spec.envvar for bound in bounds for spec in bound.options.values()):
            return {}
        return layers.environment.read_marked(bounds)

    def default_turns(self) -> list[PlannedTurn]:
        """Return the turns of `run.stages`.

        Raises
        ------
        click.UsageError
            With the help, if no layer sets `run.stages` and the program has no default stages.
        """
        turns = layers.plan.default_turns(self.registry, self.values)
        if not turns and self.values.get(RUN, "stages") is None:
            raise click.exceptions.NoArgsIsHelpError(self)
        if turns and (self.job is not None or cli.root_options.is_sliced(self)):
            return turns[cli.slicing.kept(self, [turn.stage for turn in turns])]
        return turns

    def default_map_of(self, stage: Bound, files: Layer | None = None) -> dict[str, Any]:
        """Return Click's default map of a turn, in which its own values in `run.stages` of a file come first."""
        values = self.values.for_turn({}, files or {})
        return layers.default_map.of_stage(values, stage) if any(values.defaults) else {}

    def raise_problem(self) -> None:
        """Raise the error in the files, except during completion, which continues without them."""
        if self.problem is not None and not self.resilient_parsing:
            raise self.problem

    def leaves_out(self, turn: StageContext) -> bool:
        """Return whether ``--from`` or ``--until`` leaves a turn out."""
        return turn in self._left_out

    def begin(self) -> None:
        """Check the run as a whole and save it, before any of it runs."""
        if self._run is None:
            self._run = self._start()

    def run_turn(self, turn: StageContext) -> Any:
        """Run one turn; the first one enters the contexts."""
        assert self._stack is not None  # a stage opens it if the root has not
        assert self._run is not None  # it has begun
        if not self._entered:
            if self._standalone and (self._is_recorded or self.registry.of_role("context")):
                self._stack.enter_context(running.run.left_on_sigterm())
            self._stack.enter_context(self._run)
            self._entered = True
        return self._run.turn(turn.planned)

    def _start(self) -> Run:
        self.raise_problem()
        if any(not turn.default for turn in self.turns) and Key(RUN, "stages") in self.values.line:
            flag = self.values.line[Key(RUN, "stages")].origin
            given = next(mention.option for mention in self.typed.mentions if mention.flag == flag)
            hint = cli.quoting.after_value(self, given, self.registry)
            raise click.UsageError(f"Stages are given as arguments and by {flag!r}: use one of the two.{hint}", self)
        asks = bool(self.missing)  # Click has asked for nothing then, although some may turn out not to be needed
        self._slice()
        marked = self._marked([turn.bound for turn in self.turns])
        self.values = self.values.replace(environment={**self.values.environment, **marked})
        if self.job is not None:
            self.values = cli.recording.restored(self, self.values)
        place = cli.recording.place(self) if self._is_recorded else None
        needed = [
            (context, spec)
            for context in self.registry.of_role("context")
            for name, spec in context.options.items()
            if spec.required and self.values.get(context.prefix, name) is None
        ]
        is_run = not cli.root_options.is_only_shown(self)  # a run that is shown may lack values
        if is_run and (needed or asks):
            self.values = cli.missing.asked(self, needed)
        plan = layers.plan.Plan(self.values, [turn.planned for turn in (*self.turns, *self._left_out)])
        plan.turns = plan.turns[: len(self.turns)]
        for turn, planned in zip(self.turns, plan.turns, strict=True):
            turn.planned = planned
        observers = cli.root_options.observers(self, self.registry, plan)
        if place is not None and is_run:
            observers.append(cli.recording.observer(self, plan, place))
        run = running.run.Run(self.registry, plan, observers)
        if is_run:
            run.check()
        self._warn()
        cli.root_options.perform(self, self.registry, plan)
        return run

    @property
    def _is_recorded(self) -> bool:
        """Whether the run is recorded: the line or the program says so, or it goes on with a record."""
        return self.job is not None or cli.root_options.is_recorded(self, self.registry.settings)

    def _slice(self) -> None:
        """Leave out turns on the line; those of `run.stages` have been left out before."""
        if any(not turn.default for turn in self.turns) and cli.root_options.is_sliced(self):
            kept = self.turns[cli.slicing.kept(self, [turn.bound.name for turn in self.turns])]
            self._left_out = [turn for turn in self.turns if turn not in kept]
            self.turns = kept
            self.missing = [(ctx, option) for ctx, option in self.missing if ctx not in self._left_out]

    def _warn(self) -> None:
        """Warn of options on the line and of variables that have no effect."""
        dotted = {getattr(mention.option, "key", None) for mention in self.typed.mentions}
        own = (
            {getattr(mention.option, "key", None) for turn in self.turns for mention in turn.typed.mentions}
            if dotted
            else dotted
        )
        if dotted & own or any(part.repeats for part in (self.typed, *(turn.typed for turn in self.turns))):
            words, names = self.line.words, cli.root_options.NAMES
            net = layers.redaction.Net(self.registry, words=words, values=self.values, own=names)
            cli.notices.overridden(self.typed, [(turn.bound.name, turn.typed) for turn in self.turns], net)
        # With Click's own prefix, a variable may be for any option of any command.
        if self.registry.settings.envvar_prefix is not None and self.auto_envvar_prefix is None:
            cli.notices.unknown_variables(self.command, *layers.environment.unknown(self.registry))


class StageContext(click.Context):
    """The context of one turn of a stage.

    Attributes
    ----------
    bound : Bound
        The stage.
    typed : Part
        The part of the line for the stage.
    files : Layer
        The turn's own values in `run.stages` of a file.
    origin : str
        The origin of the turn; empty if that is the line.
    default : bool
        Whether the turn comes from `run.stages` rather than from the line.
    """

    def __init__(self, command: click.Command, *args: Any, turn: PlannedTurn | None = None, **kwargs: Any) -> None:
        super().__init__(command, *args, **kwargs)
        self.bound: Bound = command.bound  # type: ignore[attr-defined]  # only a StageCommand makes one
        self.typed = Part()
        self.files: Layer = turn.files if turn else {}
        self.origin = turn.origin if turn else ""
        self.default = turn is not None

    def make_formatter(self) -> click.HelpFormatter:
        """Make the formatter of the help."""
        return cli.help.formatter_of(self)

    @cached_property
    def planned(self) -> PlannedTurn:
        """The turn with its values on the line; once the run has begun, the turn of its plan."""
        flags = self.typed.flags
        line = {
            self.bound.key(name): ResolvedValue(self.params[name], source, flags.get(name, name))
            for name in self.bound.options
            for source in (self.get_parameter_source(name),)
            if source is ParameterSource.PROMPT or (source is ParameterSource.COMMANDLINE and name in flags)
        }
        return layers.plan.PlannedTurn(self.bound.name, line, self.files, self.origin or layers.plan.THE_LINE)


def find_root(ctx: click.Context | None, registry: Registry) -> RootContext | None:
    """Find the root's context of a program, from a context below it."""
    while ctx is not None and not (isinstance(ctx, RootContext) and ctx.registry is registry):
        ctx = ctx.parent
    return ctx


@contextlib.contextmanager
def redacted_errors(registry: Registry, words: Sequence[str], ctx: click.Context | None = None) -> Iterator[None]:
    """Hide secrets in the errors that leave the block.

    Parameters
    ----------
    registry : Registry
        The functions.
    words : sequence of str
        The whole line.
    ctx : click.Context, optional
        A context of the run, whose values are read when an error occurs. Without one, the error's own context is used.
    """
    try:
        yield
    except click.ClickException as error:
        values = values_of(getattr(error, "ctx", None) if ctx is None else ctx)
        layers.redaction.redact(error, registry, words, values, cli.root_options.NAMES)
        raise
