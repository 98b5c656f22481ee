"""The Click contexts of a program: of the root, which holds the run, and of a stage, which is one turn of it."""

from __future__ import annotations

import contextlib
import types
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from . import later
from .keys import Key
from .line import Typed
from .options import ParameterOption, dotted_option
from .registry import RUN, Bound, Registry
from .resolve import Layer, ResolvedValue, Values
from .run import PlannedTurn, Run
from .signature import named

if TYPE_CHECKING:
    from .errors import UserError
    from .moved import Moved

__all__ = ["RootContext", "StageContext", "find_root"]

_EVERYDAY = (str, int, float, bool, None)
# Without an annotation the default tells the type; one of these is no class with fields, which may have marks.
_WITHOUT_FIELDS = frozenset({str, int, float, bool, type(None), list, tuple, dict, set})


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
    lean : bool
        Whether only those of its own options that the line names need be there.
    turns : list of StageContext
        The turns, in the order in which their contexts were made.
    behind : list of Moved
        Options of the root that stand behind other commands' names.
    problem : UserError or None
        What is wrong with the files and variables. It is told when something is to be run: help comes first.
    """

    def __init__(self, command: click.Command, *args: Any, standalone: bool = False, **kwargs: Any) -> None:
        super().__init__(command, *args, **kwargs)
        # Click makes one for a subcommand too, where it describes a program: that one is of no program's run.
        self.registry: Registry = getattr(command, "registry", None) or Registry()
        self.typed = Typed()
        self.values = Values()
        self.lean = False
        self.turns: list[StageContext] = []
        self.behind: list[Moved] = []
        self.problem: UserError | None = None
        self._standalone = standalone
        self._stack: contextlib.ExitStack | None = None
        self._run: Run | None = None
        self._entered = False

    def make_formatter(self) -> click.HelpFormatter:
        """Make the formatter of its help."""
        return later.layout.make(self)

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
            self._entered = False

    def _marked(self, stages: list[Bound]) -> Layer:
        """Read the variables of the functions that the run may call without a further word."""
        cleared: dict[int, set[Any]] = {}
        others = [
            bound
            for bound in self.registry.of_role("bind")
            if _may_be_marked(bound.function, bound.names, cleared) and bound.is_readable
        ]
        bounds = [*stages, *self.registry.of_role("context"), *others]
        if not any(spec.envvar for bound in bounds for spec in bound.options.values()):
            return {}
        return later.environment.read_marked(bounds)

    def _ask(self, option: ParameterOption) -> None:
        """Prompt for what a context cannot do without, or say that it is missing."""
        if option.prompt is None:
            raise click.MissingParameter(ctx=self, param=option)
        found = ResolvedValue(option.prompt_for_value(self), ParameterSource.PROMPT, "prompt")
        self.values = self.values.replace(line={**self.values.line, option.key: found})

    def default_turns(self) -> list[PlannedTurn]:
        """Give the turns of `run.stages`.

        Raises
        ------
        click.UsageError
            With the help, where nothing asks for any and the program has none.
        """
        turns = later.plans.default_turns(self.registry, self.values)
        if not turns and self.values.get(RUN, "stages") is None:
            raise click.exceptions.NoArgsIsHelpError(self)
        return turns

    def raise_problem(self) -> None:
        """Tell what is wrong with the files, but to completion, which goes on without them."""
        if self.problem is not None and not self.resilient_parsing:
            raise self.problem

    def begin(self) -> None:
        """Check what only the whole run can tell, and save it; nothing of it has happened then."""
        if self._run is None:
            self._run = self._start()

    def run_turn(self, turn: StageContext) -> Any:
        """Run one turn; the first one enters the contexts."""
        assert self._stack is not None  # a stage opens it, if the root has not
        assert self._run is not None  # it has begun
        if not self._entered:
            self._stack.enter_context(self._run)
            self._entered = True
        return self._run.turn(turn.planned)

    def _start(self) -> Run:
        self.raise_problem()
        if any(not turn.default for turn in self.turns) and Key(RUN, "stages") in self.values.line:
            flag = self.values.line[Key(RUN, "stages")].origin
            raise click.UsageError(f"Stages are named on the line and by {flag!r}: give one of the two.", self)
        planned = [turn.planned for turn in self.turns]
        marked = self._marked([turn.bound for turn in planned])
        self.values = self.values.replace(environment={**self.values.environment, **marked})
        for context in self.registry.of_role("context"):
            for name, spec in context.options.items():
                if spec.required and self.values.get(context.prefix, name) is None:
                    self._ask(dotted_option(context.key(name), context, spec))
        run = Run(self.registry, self.values, planned, debug=bool(self.params.get("debug")))
        run.check()
        if any(
            self.params.get(name) not in {None, False} for name in ("save", "diff", "print_config", "print_changed")
        ):
            later.plans.write(run, self)
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
    origin : str
        What asks for the turn, where that is not the line.
    default : bool
        Whether the turn comes from `run.stages` rather than from the line.
    """

    def __init__(self, command: click.Command, *args: Any, turn: PlannedTurn | None = None, **kwargs: Any) -> None:
        super().__init__(command, *args, **kwargs)
        self.bound: Bound = command.bound  # type: ignore[attr-defined]  # only a stage's command makes one
        self.typed = Typed()
        self.files: Layer = turn.files if turn else {}
        self.origin = turn.origin if turn else ""
        self.default = turn is not None

    def make_formatter(self) -> click.HelpFormatter:
        """Make the formatter of its help."""
        return later.layout.make(self)

    @property
    def planned(self) -> PlannedTurn:
        """The turn, with what was typed at it."""
        line = {
            self.bound.key(name): ResolvedValue(self.params[name], source, self.typed.flags.get(name, name))
            for name in self.bound.options
            for source in (self.get_parameter_source(name),)
            if source is ParameterSource.PROMPT or (source is ParameterSource.COMMANDLINE and name in self.typed.flags)
        }
        return PlannedTurn(self.bound, line, self.files, self.origin or "the command line")


def find_root(ctx: click.Context | None, registry: Registry) -> RootContext | None:
    """Find the root's context of a program, from one below it."""
    while ctx is not None and not (isinstance(ctx, RootContext) and ctx.registry is registry):
        ctx = ctx.parent
    return ctx


def _may_be_marked(function: Any, names: Mapping[str, Any] | None, cleared: dict[int, set[Any]]) -> bool:
    """Whether a parameter may have a mark, as far as annotations say without reading its signature, which takes 40 µs.

    False is certain: every annotation was evaluated, here or for another function of the module, and holds no mark and
    no class with fields. What is not a plain function, or has defaults that may tell a type, is left to that.

    Parameters
    ----------
    function : callable
        The function or class.
    names : mapping of str to object or None
        Local names that its annotations may use.
    cleared : dict of int to set of object
        Annotations that hold no mark, by the identity of the module's names; this adds to it.
    """
    if type(function) is type:
        plain = vars(function).get("__new__", function.__new__) is object.__new__ and not hasattr(
            function, "__signature__"
        )
        function = function.__init__ if plain else None  # type: ignore[misc]  # only to read it
    while type(function) is types.FunctionType and function.__dict__:
        if "__signature__" in function.__dict__:
            return True
        if "__wrapped__" not in function.__dict__:
            break
        function = function.__dict__["__wrapped__"]
    if type(function) is not types.FunctionType or names:
        return True
    try:
        hints = function.__annotations__
    except Exception:  # noqa: BLE001 - from Python 3.14 on they are evaluated here
        return True
    code = function.__code__
    if not hints.keys() >= {*code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]}:
        defaults = (*(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).values())
        if not _WITHOUT_FIELDS.issuperset(map(type, defaults)):
            return True
    known = cleared.setdefault(id(function.__globals__), set())
    try:
        return not known.issuperset(hints.values()) and any(
            name != "return" and hint not in known and _may_hold_mark(hint, function.__globals__, known)
            for name, hint in hints.items()
        )
    except TypeError:  # one that does not hash
        return True


def _may_hold_mark(hint: Any, names: Mapping[str, Any], cleared: set[Any]) -> bool:
    """Evaluate an annotation, and remember one that holds no mark."""
    found = named(hint, (names,))
    if found is None:
        found = later.hints.evaluate(hint, names)
    if not any(found is kind for kind in _EVERYDAY) and later.annotated.may_hold_mark(found):
        return True
    cleared.add(hint)
    return False
