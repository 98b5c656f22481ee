"""Hold the state of a run in Click contexts: the root's for the run, a stage's for one turn."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from .. import calls, cli, layers, running
from ..declare.registry import RUN, Bound, Registry
from ..keys import Key
from ..layers import Layer, ResolvedValue, Values
from .parts import Line, Mention, Part

if TYPE_CHECKING:
    from .. import journal
    from ..errors import UserError
    from ..layers.document import Document
    from ..layers.plan import PlannedTurn
    from ..running.run import Run

__all__ = ["CommandContext", "RootContext", "StageContext", "find_root", "redacted_errors"]

if TYPE_CHECKING:
    CommandContext = click.Context
else:
    # `rich-click program` replaces Click's commands before it imports the program; these need rich-click's contexts.
    CommandContext = click.Command.context_class

# With more functions, loading the check for which of them may read a variable is faster than reading all signatures.
_FEW = 20

_NO_VALUES: Layer = {}


class RootContext(CommandContext):
    """The context of one use of the root command, which holds the run.

    Parameters
    ----------
    standalone : bool
        Whether the program ends with the run.
    live : RootContext, optional
        The context of an earlier line of the same program, whose values apply to this line too.
    between : bool
        Whether it was made for a command that is called without the root, so that no usage mentions the root.
    chained : bool
        Whether other commands of a chain may follow on the line.
    layer : Layer
        Values that a program passes in Python, which take precedence over those of the line.

    Attributes
    ----------
    live, between, chained, layer
        As given.
    body : click.Command or None
        The command whose body is run instead of stages.
    is_program : bool
        Whether the program ends with the run, or with that of the line above.
    registry : Registry
        The functions of the command.
    given : mapping of str to object
        The default map of an embedding program.
    reads : list of Mention
        The options that choose the files and their variables, wherever they are given.
    default_files, files : list of str
        The default config files, unless they are ignored, and those that are asked for.
    variables : dict of str to str
        The variables that are given for the files.
    line : Line
        The line, divided into the parts for each command.
    typed : Part
        The part for the root.
    values : Values
        The values of the run, complete once the root has parsed its part of the line.
    lean : bool
        Whether only the root options on the line are made.
    parsed : bool
        Whether it has a line. Click's `invoke` makes contexts without one.
    turns : list of StageContext
        The turns, in the order in which their contexts were made.
    words : list of str
        The whole line.
    missing : list of (click.Context, click.Parameter)
        The required options without a value, each with the context that needs it.
    job : Record or None
        The record that the run goes on with: that of a job, or of a run that is resumed.
    documents : sequence of Document
        The config files that sweep something.
    with_variables : sequence of Document
        The config files, if one of them sets variables.
    taken : sequence of axes.Taken
        The options that have several values in a sweep.
    sweeping : dict or None
        The parameters of `sweep`, if that is on the line.
    problem : UserError or None
        The error in the files and variables. It is raised only when something runs, so that help works in spite of it.
    """

    def __init__(
        self,
        command: click.Command,
        *args: Any,
        standalone: bool = False,
        live: RootContext | None = None,
        between: bool = False,
        chained: bool = False,
        layer: Layer = _NO_VALUES,
        job: journal.records.Record | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(command, *args, **kwargs)
        self.live = live
        self.between = between
        self.chained = chained
        self.layer = layer
        self.given: Mapping[str, Any] = {}
        self.reads: list[Mention] = []
        self.default_files: list[str] = []
        self.files: list[str] = []
        self.variables: dict[str, str] = {}
        # To describe a program, Click makes one for a subcommand too; that one belongs to no run.
        self.registry: Registry = getattr(command, "registry", None) or Registry()
        self.line = Line()
        self.typed = Part()
        self.values = Values()
        self.lean = False
        self.parsed = False
        self.turns: list[StageContext] = []
        self.words: list[str] = []
        self.missing: list[tuple[click.Context, click.Parameter]] = []
        self.problem: UserError | None = None
        self.taken: Sequence[Any] = ()
        self.documents: Sequence[Document] = ()
        self.with_variables: Sequence[Document] = ()
        self.sweeping: dict[str, Any] | None = None
        self.body: click.Command | None = getattr(command, "body", None)
        self._standalone = standalone
        self.is_program: bool = standalone or (live is not None and live.is_program)
        self.job = job
        self._left_out: list[StageContext] = []
        self._stack: contextlib.ExitStack | None = None
        self._run: Run | None = None
        self._entered = False
        self._has_run = False

    @property
    def command_path(self) -> str:
        """The names of the commands, as the user typed them."""
        if self.between:
            return "" if self.parent is None else self.parent.command_path
        return super().command_path

    def make_formatter(self, **_: Any) -> click.HelpFormatter:
        """Make the formatter of the help; rich-click passes for what it is."""
        return cli.help.formatter_of(self)

    def stand_alone(self) -> None:
        """Note that the program ends with the run."""
        self._standalone = self.is_program = True

    @property
    def is_open(self) -> bool:
        """Whether the run's contexts can be entered."""
        return self._stack is not None

    @contextlib.contextmanager
    def open(self) -> Iterator[None]:
        """Keep the run's contexts open until the outermost `open` ends."""
        if self._stack is not None:
            yield
            return
        try:
            with contextlib.ExitStack() as self._stack:
                yield
        except (KeyboardInterrupt, click.Abort) as error:
            cli.failures.end_on_interrupt(error, standalone=self._standalone)
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
        if not turns and self.values.resolve(RUN, "stages") is None:
            raise click.exceptions.NoArgsIsHelpError(self)
        sliced_by = cli.root_options.sliced_by(self)
        if turns and (self.job is not None or sliced_by):
            turns = turns[cli.slicing.kept(self, [turn.stage for turn in turns])]
            for turn in turns:
                turn.origin = sliced_by or turn.origin
        return turns

    def default_map_of(self, stage: Bound, files: Layer | None = None) -> dict[str, Any]:
        """Return Click's default map of a turn, in which its own values in `run.stages` of a file come first."""
        values = self.values.for_turn({}, files or {})
        return layers.default_map.of_stage(values, stage) if any(values.defaults) else {}

    def raise_problem(self) -> None:
        """Raise the error in the files, except during completion, which continues without them."""
        if self.problem is not None and not self.resilient_parsing:
            raise self.problem

    def watch(self) -> None:
        """Note which of the line's values are taken by the runs that a command calls, which runs nothing itself."""
        outer = None if self.live is None else self.live.values.watch
        known = () if outer is None else outer.known
        own = [resolved for resolved in self.values.line.values() if id(resolved) not in known]
        if own and self.values.watch is outer:
            self.values = self.values.replace(watch=calls.unused.Watch(self.registry, own, outer))

    def warn_of_unused(self) -> None:
        """Warn of values on the line that no run took, if the line itself runs nothing. A run warns of its own."""
        outer = None if self.live is None else self.live.values.watch
        if self.values.watch is not outer and not self._has_run:
            running.unused.warn(self.values.watch.unused)

    def leaves_out(self, turn: StageContext) -> bool:
        """Return whether ``--from`` or ``--until`` leaves a turn out."""
        return turn in self._left_out

    def begin(self) -> None:
        """Check the run as a whole and save it, before any of it runs."""
        if self._run is None:
            self._run, self._has_run = self._start(), True

    def run_turn(self, turn: StageContext) -> Any:
        """Run one turn; the first one enters the contexts."""
        return self.entered().turn(turn.planned, turn.passed, turn.arguments)

    def entered(self) -> Run:
        """Enter the contexts, unless they are entered already, and return the run."""
        assert self._stack is not None  # a stage opens it if the root has not
        assert self._run is not None  # it has begun
        if not self._entered:
            if self.is_program and (self._is_recorded or self.registry.of_role("context")):
                self._stack.enter_context(running.run.left_on_sigterm())
            with self.scope(cleanup=False):  # the contexts are the run's, not those of its first turn
                self._stack.enter_context(self._run)
            self._entered = True
        return self._run

    def _start(self) -> Run:
        is_run = not cli.root_options.is_only_shown(self)  # a run that is shown may lack values
        place = self._complete(is_run=is_run)
        is_observed = is_run and bool(getattr(self.registry.binder, "observers", ()))
        makers = cli.observing.find(self.registry) if is_observed else []
        if self.sweeping is not None:
            cli.sweep.perform(self)
        if self.documents:
            cli.sweep.refuse_swept(self)
        turns = [turn.planned for turn in (*self.turns, *self._left_out)]
        plan = layers.plan.Plan(self.values, turns, is_body=self.body is not None)
        plan.turns = plan.turns[: len(self.turns)]
        for turn, planned in zip(self.turns, plan.turns, strict=True):
            turn.planned = planned
        observers = cli.root_options.observers(self, self.registry, plan)
        if place is not None and is_run:
            observers.append(cli.recording.observer(self, plan, place))
        if makers:
            observers += cli.observing.observers_of(self, plan, makers, observers)
        run = running.run.Run(self.registry, plan, observers)
        if is_run:
            run.check()
        self._warn()
        cli.root_options.perform(self, self.registry, plan)
        return run

    def _complete(self, *, is_run: bool) -> journal.place.Place | None:
        """Complete the turns and the values; return the folder of the record, if there is one."""
        self.raise_problem()
        if any(not turn.default for turn in self.turns) and Key(RUN, "stages") in self.values.line:
            self._refuse_two_lists()
        asks = bool(self.missing)  # Click has asked for nothing then, although some may turn out not to be needed
        self._slice()
        bounds = self.registry.of_role("stage") if self.body else [turn.bound for turn in self.turns]
        marked = self._marked(bounds)
        self.values = self.values.replace(environment={**self.values.environment, **marked})
        if self.job is not None:
            self.values = cli.recording.restored(self, self.values)
        if self.sweeping is not None:
            cli.sweep.place(self)
        place = cli.recording.place(self) if self._is_recorded else None
        needed = [
            (context, spec)
            for context in self.registry.of_role("context")
            for name, spec in context.options.items()
            if spec.required and self.values.resolve(context.prefix, name) is None
        ]
        if is_run and (needed or asks):
            self.values = cli.missing.asked(self, needed)
        return place

    def _refuse_two_lists(self) -> None:
        """Refuse stages on the line together with `--run.stages`. Those of an earlier line are replaced."""
        flag = self.values.line[Key(RUN, "stages")].origin
        given = next((mention.option for mention in self.typed.mentions if mention.flag == flag), None)
        if given is not None:
            hint = cli.quoting.after_value(self, given, self.registry)
            raise click.UsageError(f"Stages are given as arguments and by {flag!r}: use one of the two.{hint}", self)

    @property
    def _is_recorded(self) -> bool:
        """Whether the run is recorded: the line or the program says so, or it goes on with a record."""
        if self.job is not None:
            return True
        return self.sweeping is None and cli.root_options.is_recorded(self, self.registry.settings)

    def _slice(self) -> None:
        """Leave out turns on the line; those of `run.stages` have been left out before."""
        if any(not turn.default for turn in self.turns) and cli.root_options.sliced_by(self):
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
        if self.with_variables and not layers.redaction.has_secrets(self.registry):  # else a name may be one
            cli.notices.misspelt_variables(self.with_variables, self.variables)
        # With Click's own prefix, a variable may be for any option of any command.
        if self.registry.settings.envvar_prefix is not None and self.auto_envvar_prefix is None:
            cli.notices.unknown_variables(self.command, *layers.environment.unknown(self.registry))


class StageContext(CommandContext):
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
    own : dict of str to str
        The options and arguments of Click's decorators that found their value themselves, with its origin.
    converted : Layer
        Their values before their callbacks.
    passed : (tuple, dict)
        The arguments that a caller passes in Python.
    """

    def __init__(
        self,
        command: click.Command,
        *args: Any,
        turn: PlannedTurn | None = None,
        passed: tuple[tuple[Any, ...], dict[str, Any]] = ((), {}),
        **kwargs: Any,
    ) -> None:
        super().__init__(command, *args, **kwargs)
        self.bound: Bound = getattr(command, "bound", None)  # type: ignore[assignment]  # None if Click's `invoke` makes it
        self.passed = passed
        self.typed = Part()
        self.files: Layer = turn.files if turn else {}
        self.origin = turn.origin if turn else ""
        self.default = turn is not None
        self.own: dict[str, str] = {}
        self.converted: dict[Key, ResolvedValue] = {}

    def make_formatter(self, **_: Any) -> click.HelpFormatter:
        """Make the formatter of the help; rich-click passes for what it is."""
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
        line.update(self.converted)
        return layers.plan.PlannedTurn(self.bound.name, line, self.files, self.origin or layers.plan.THE_LINE)

    @property
    def arguments(self) -> dict[str, Any]:
        """The values of the options and arguments of Click's decorators, as Click passes them to the function."""
        names = (param.name for param in self.bound.spec.clicks if param.expose_value)
        return {name: self.params[name] for name in names if name in self.params}


def find_root(ctx: click.Context | None, registry: Registry) -> RootContext | None:
    """Find the root's context of a program, from a context below it."""
    while ctx is not None:
        found = getattr(ctx, "root_context", ctx)  # beside the context of a command that is no stage
        if isinstance(found, RootContext) and found.parsed and found.registry is registry:
            return found
        ctx = ctx.parent
    return None


@contextlib.contextmanager
def redacted_errors(registry: Registry, words: Sequence[str], ctx: click.Context | None = None) -> Iterator[None]:
    """Hide secrets in the errors that leave the block, and report those of the system without a traceback.

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
    except (click.ClickException, OSError) as raised:
        error = cli.failures.redacted(raised, registry, words, ctx)
        if error is raised:
            raise
        raise error from None
