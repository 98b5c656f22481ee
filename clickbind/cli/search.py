"""Let `sweep` try random points, or those that an optimizer proposes."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import click

from .. import cli, layers, output, sweeps, types
from ..errors import UserError, suggest
from ..keys import Key, canonical
from .option import ParameterOption

if TYPE_CHECKING:
    from ..sweeps.axes import Axis, Grid, Point
    from ..sweeps.jobs import Jobs, Maker

__all__ = ["Asked", "asked", "check", "need_optuna", "options", "over", "stand_in"]

_OPTIONS = ("seed", "log", "over", "minimize", "maximize")


def options() -> list[click.Parameter]:
    """Make the options of `sweep` that are for a search."""
    complete = cli.search_completion
    return [
        click.Option(["--trials"], type=click.IntRange(1), metavar="N", help="Try N points of the ranges LOW..HIGH."),
        click.Option(["--seed"], type=click.IntRange(0), metavar="N", help="Decide which points these are."),
        click.Option(
            ["--log"],
            multiple=True,
            metavar="KEY,KEY",
            help="Give these ranges a logarithmic scale. Repeatable.",
            shell_complete=complete.ranges,
        ),
        click.Option(
            ["--over"],
            multiple=True,
            metavar="KEY,KEY",
            help="Try what the annotations of these keys allow. Repeatable.",
            shell_complete=complete.annotated,
        ),
        *(
            click.Option(
                [f"--{verb}"], metavar="RESULT", help=f"Let Optuna {verb} a result.", shell_complete=complete.results
            )
            for verb in ("minimize", "maximize")
        ),
    ]


class Asked:
    """The search that a line asks for.

    Parameters
    ----------
    axes : sequence of Axis
        The axes.
    count : int
        The number of points.
    seed : int
        The seed.
    goal : Goal or None
        What it is for; None if the points are random.

    Attributes
    ----------
    axes, seed, goal
        As given.
    """

    def __init__(self, axes: Sequence[Axis], count: int, seed: int, goal: sweeps.history.Goal | None) -> None:
        self.axes = axes
        self.seed = seed
        self.goal = goal
        self._count = count
        self._space = sweeps.space.Space(axes)

    def points(self) -> list[Point]:
        """Return the points, if they do not depend on results."""
        return [] if self.goal is not None else self._space.points(self._count, self.seed)

    def grids(self) -> list[Grid]:
        """Return the points, each as a grid."""
        return [sweeps.space.grid_of(self.axes, point) for point in self.points()]

    def source(self, jobs: Jobs, maker: Maker) -> sweeps.search.Search | None:
        """Return the jobs of an optimizer; None without one.

        Raises
        ------
        UserError
            If the folder has another search.
        """
        if self.goal is None:
            return None
        return sweeps.search.Search(jobs, maker, self.axes, self.goal, seed=self.seed, count=self._count)

    @property
    def facts(self) -> dict[str, Any]:
        """What `sweep.yml` has of it."""
        goal = {} if self.goal is None else {self.goal.verb: self.goal.result}
        return {"trials": self._count, "seed": self.seed, **goal, "space": sweeps.history.header_of(self.axes)}

    @property
    def text(self) -> str:
        """What is searched, for people."""
        goal = "" if self.goal is None else f"{self.goal.verb} {self.goal.result}; "
        return f"{goal}{', '.join(self._space.described())}; seed {self.seed}"

    @property
    def count(self) -> int:
        """The number of points, no more than there are."""
        return self._count if self.goal is not None else int(min(self._count, self._space.size))


def asked(root: Any, axes: Sequence[Sequence[Axis]]) -> Asked | None:
    """Return the search that a line asks for; None without one.

    Parameters
    ----------
    root : RootContext
        The context of the line.
    axes : sequence of sequence of Axis
        The axes of each grid.

    Raises
    ------
    click.UsageError
        If something is wrong.
    """
    given = root.sweeping
    if given["trials"] is None:
        return None
    if len(axes) > 1:
        raise click.UsageError(f"--trials: the config sweeps {len(axes)} grids, and a search has one: give one.", root)
    found = _scaled(axes[0], given["log"])
    if not any(axis.span or len(axis.choices) > 1 for axis in found):
        raise click.UsageError(
            "--trials: nothing varies. Give a range, as in `--lr 1e-4..1e-1`, an option several times, or --over KEY.",
            root,
        )
    folder, goal = root.params["into"], _goal(root)
    before = None if folder is None else sweeps.history.known(folder, "seed")
    seed = next((one for one in (given["seed"], before) if one is not None), None)
    if seed is None:
        seed = sweeps.secrets.randbelow(10_000)
        if given["print_jobs"]:
            output.note(f"--seed {seed} prints these points again.")
    return Asked(found, given["trials"], seed, goal)


def check(root: Any) -> None:
    """Check which options of a search are given together.

    Raises
    ------
    click.UsageError
        If they do not fit together, or Optuna is missing.
    """
    given = root.sweeping
    if given["trials"] is None:
        for name in _OPTIONS:
            if given[name] not in {None, ()}:
                raise click.UsageError(
                    f"'--{name}' is for a search: say how many points it tries by '--trials N'.", root
                )
        for taken in root.taken:
            mention = next(filter(cli.ranges.ends_of, taken.mentions), None)
            if mention is not None:
                raise click.UsageError(
                    f"{mention.flag!r}: {mention.value} is a range, of which a search tries some points: add "
                    "'--trials N' after `sweep`.",
                    root,
                )
        return
    if given["zip"]:
        raise click.UsageError(
            "'--zip' and '--trials' cannot be used together: a search chooses each value alone.", root
        )
    _refuse_texts(root)
    goals = [f"'--{verb}'" for verb in ("minimize", "maximize") if given[verb] is not None]
    if len(goals) > 1:
        raise click.UsageError(f"{' and '.join(goals)} cannot be used together.", root)
    if goals and given["print_jobs"]:
        raise click.UsageError(
            f"'--print-jobs' and {goals[0]} cannot be used together: the points depend on the results of those before.",
            root,
        )
    if goals:
        need_optuna(goals[0])


def need_optuna(asking: str) -> None:
    """Refuse what needs Optuna, if that is not installed.

    Raises
    ------
    UserError
        If so.
    """
    if importlib.util.find_spec("optuna") is None:
        raise UserError(f"{asking} needs Optuna: pip install 'clickbind[optuna]'")


def _refuse_texts(root: Any) -> None:
    """Refuse a range for an option that takes no number.

    Raises
    ------
    click.UsageError
        If there is one.
    """
    parts = [root.typed, *(turn.typed for turn in root.turns)]
    mentions = [mention for part in parts for mention in part.mentions]
    for mention in [*mentions, *(mention for taken in root.taken for mention in taken.mentions)]:
        option = mention.option
        is_text = isinstance(option, ParameterOption) and cli.ranges.ends_of(mention) is None
        if is_text and cli.ranges.is_range(mention.value) and not layers.redaction.is_secret(option.spec):
            raise click.UsageError(
                f"{mention.flag!r}: {mention.value} is a range, and the values of {option.key.text} are no numbers. "
                "To use this text, write it in a file.",
                root,
            )


def _goal(root: Any) -> sweeps.history.Goal | None:
    """Return what the search is for.

    Raises
    ------
    click.UsageError
        If no job can have that result.
    """
    given = root.sweeping
    verb = next((verb for verb in ("minimize", "maximize") if given[verb] is not None), None)
    if verb is None:
        return None
    name, dot, rest = given[verb].partition(".")
    stages = {turn.bound.name: turn.bound for turn in root.turns}
    bound = stages.get(canonical(name))
    if bound is None:
        raise click.UsageError(
            f"--{verb}: a result begins with its stage, and {given[verb]!r} begins with none of this run: "
            f"{', '.join(stages)}.{suggest(name, stages)}",
            root,
        )
    returned = types.annotations_of(bound.function).get("return", "")
    if returned is None or returned == "None":
        raise click.UsageError(f"--{verb}: {name} returns nothing, by its annotation, so it has no results.", root)
    return sweeps.history.Goal(f"{bound.name}{dot}{rest}", verb == "maximize")


def _scaled(axes: Sequence[Axis], names: Iterable[str]) -> list[Axis]:
    """Return the axes with a logarithmic scale where the line asks for one.

    Raises
    ------
    UserError
        If a key has no range, or one without a logarithm.
    """
    found = list(axes)
    alone = list({axis.name: axis for axis in axes}.values())  # several turns may have the same key
    for name in _split(names):
        chosen = alone[sweeps.axes.named("--log", name, alone)].name
        found = [_logarithmic(axis) if axis.name == chosen else axis for axis in found]
    return found


def _logarithmic(axis: Axis) -> Axis:
    if axis.span is None:
        raise UserError(f"--log: {axis.name} has single values, and no range.")
    span = axis.span.scaled()
    span.range.check(f"--log: {axis.name}")
    return sweeps.axes.Axis(axis.name, axis.choices, axis.turn, from_file=axis.from_file, span=span)


def over(root: Any) -> list[Axis]:
    """Return the axes of the keys whose annotations say what is tried.

    Raises
    ------
    click.UsageError
        If there is no such key, or the line gives it a value.
    """
    names = [] if root.sweeping is None else _split(root.sweeping["over"])
    known = {key.text: (key, spec) for key, spec in cli.ranges.keys_of(root)} if names else {}
    parts = [root.typed, *(turn.typed for turn in root.turns)]
    typed = {getattr(mention.option, "key", None) for part in parts for mention in part.mentions}
    found: dict[Key, Axis] = {}
    for name in names:
        key, spec = known[_named(name, list(known))]
        if key in typed:
            raise click.UsageError(f"--over: the line gives {key.text} a value, too: leave out one of the two.", root)
        found[key] = cli.ranges.axis_over(key, spec)
    return list(found.values())


def stand_in(root: Any) -> None:
    """Give parameters that a search or a file varies a value, so that none of them counts as missing."""
    needed = bool(root.missing) or any(
        spec.required for context in root.registry.of_role("context") for spec in context.options.values()
    )
    swept = over(root)
    if root.documents and needed:
        found = cli.axes.of_files(root.registry, root.documents, {}, searches=True)
        swept += [axis for axes in found for axis in axes]
    line, files = dict(root.values.line), dict(root.values.files)
    for axis in swept:
        for key, resolved in axis.choices[0].layer.items():
            (files if axis.from_file else line).setdefault(key, resolved)
    root.values = root.values.replace(line=line, files=files)
    keys = {key for axis in swept for key in axis.keys}
    root.missing = [(ctx, option) for ctx, option in root.missing if getattr(option, "key", None) not in keys]


def _named(name: str, known: Sequence[str]) -> str:
    """Return the key that has a name, or ends with it.

    Raises
    ------
    UserError
        If there is none, or several.
    """
    short = canonical(name)
    found = [key for key in known if canonical(key) == short] or [
        key for key in known if canonical(key).endswith(f".{short}")
    ]
    if len(found) == 1:
        return found[0]
    if found:
        raise UserError(f"--over: {name!r} can be several keys: {', '.join(found)}.")
    ends = [key.rpartition(".")[2] for key in known]
    raise UserError(f"--over: there is no key {name!r} in this run.{suggest(short, [*known, *ends])}")


def _split(texts: Iterable[str]) -> list[str]:
    return [name.strip() for text in texts for name in text.split(",") if name.strip()]
