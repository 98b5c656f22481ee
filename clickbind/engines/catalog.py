"""Find engines by name: those of the program, the built-in ones, and those of other distributions.

An engine is a bound function that returns an executor. The engines of a program are in a registry of their own, since
their parameters are options of the commands that run jobs, and no part of a run. An entry point is imported only if
its engine is needed, and so is the library of a built-in engine.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from .. import calls, engines
from ..declare.registry import Bound, Registry
from ..errors import BindError, UserError, suggest
from ..keys import canonical

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

    from ..declare.function import FunctionSpec
    from ..layers import Layer

__all__ = ["BUILT_IN", "DEFAULT", "GROUP", "Catalog", "Engine", "Sweep", "bind"]

GROUP = "clickbind.engines"
"""The group of entry points of engines."""

DEFAULT = "processes"
BUILT_IN = (DEFAULT, "dask", "slurm")


class Sweep:
    """What an engine may know of the jobs that it runs: the value of a parameter that is annotated with this class.

    Attributes
    ----------
    folder : str
        The absolute path of the folder of the jobs, for an engine that writes files.
    jobs : int
        How many jobs run at a time, ``--jobs``.
    program : str
        The address of the program, as the jobs get it.
    words : tuple of str
        Options for the jobs that must not be in any file. They are empty for all engines but ``processes``.
    """

    __module__ = "clickbind"  # where users import it from

    __slots__ = ("folder", "jobs", "program", "words")

    def __init__(self, folder: str, jobs: int = 1, program: str = "", words: tuple[str, ...] = ()) -> None:
        self.folder = folder
        self.jobs = jobs
        self.program = program
        self.words = words


class Engine(Bound):
    """A function that returns an executor."""

    __slots__ = ()

    def _check(self, spec: FunctionSpec) -> None:
        """Check the signature; a parameter for the `Sweep` is no option."""
        spec.leave_out([name for name, one in spec.parameters.items() if one.annotation is Sweep])
        super()._check(spec)

    @property
    def is_built_in(self) -> bool:
        """Whether it is one of this package."""
        return getattr(self.function, "__module__", None) == f"{__package__}.{self.name}"

    @property
    def keeps_secrets(self) -> bool:
        """Whether secrets of the line reach its jobs without a file or a network between."""
        return self.is_built_in and self.name == DEFAULT

    def start(self, sweep: Sweep, layer: Layer) -> engines.natives.Executor:
        """Make the executor.

        Parameters
        ----------
        sweep : Sweep
            The jobs.
        layer : Layer
            The values of its parameters.

        Raises
        ------
        UserError
            If a library is not installed, or the engine cannot be used.
        BindError
            If what it returns is no executor.
        """
        assert self.registry is not None  # `bind` has added it
        try:
            with calls.scopes.Scope(self.registry, [layer]), engines.natives.deaf():
                made = self.call(**dict.fromkeys(self.spec.left_out, sweep))
        except ModuleNotFoundError as error:
            if not self.is_built_in:
                raise
            raise UserError(
                f"the engine {self.name!r} needs {error.name}, which is not installed: "
                f"pip install 'clickbind[{self.name}]'"
            ) from error
        if not callable(getattr(made, "submit", None)):
            raise BindError(f"the engine {self.name!r} returned {made!r}, which has no submit(function, *args).")
        return engines.natives.Executor(made)


def bind(registry: Registry, function: Any, *, name: str | None = None) -> Any:
    """Bind a function as an engine of a program, and return the wrapper.

    Raises
    ------
    BindError
        If it cannot be bound, or its name is taken.
    """
    if registry.engines is None:
        registry.engines = Registry(chains=False)
    return calls.binding.add(registry.engines, function, "engine", name=name, kind=Engine)


class Catalog:
    """The engines that a program can use.

    Parameters
    ----------
    registry : Registry
        The functions of the program.
    """

    def __init__(self, registry: Registry) -> None:
        if registry.engines is None:
            registry.engines = Registry(chains=False)
        self.registry: Registry = registry.engines

    def known(self) -> list[Engine]:
        """Return the engines for which nothing else has to be imported: those of the program, and the built-in ones."""
        for name in BUILT_IN:
            if name not in self.registry.bounds:
                module = getattr(engines, name)
                calls.binding.add(self.registry, getattr(module, name), "engine", kind=Engine)
        return [bound for bound in self.registry.bounds.values() if isinstance(bound, Engine)]

    def find(self, name: str) -> Engine:
        """Return the engine of a name.

        Raises
        ------
        UserError
            If there is none, or its entry point cannot be imported.
        """
        own = {engine.name: engine for engine in self.known()}
        key = canonical(name)
        if key in own:
            return own[key]
        others = _entry_points()
        found = [one for one in others if canonical(one.name) == key]
        if not found:
            names = list(dict.fromkeys([*own, *(one.name for one in others)]))
            raise UserError(f"there is no engine {name!r}; these are {', '.join(names)}.{suggest(name, names)}")
        if len(found) > 1:
            raise UserError(
                f"the engine {name!r} is that of {' and of '.join(map(_place, found))}: uninstall one of them."
            )
        return self._load(found[0])

    def _load(self, entry_point: EntryPoint) -> Engine:
        try:
            function = entry_point.load()
            calls.binding.add(self.registry, function, "engine", name=canonical(entry_point.name), kind=Engine)
        except (Exception, SystemExit) as error:  # a module may raise anything
            raise UserError(
                f"the engine {entry_point.name!r} of {_place(entry_point)} cannot be imported: "
                f"{type(error).__name__}: {error}"
            ) from error
        found = self.registry.bounds[canonical(entry_point.name)]
        assert isinstance(found, Engine)  # it was just made
        return found

    def others(self) -> Iterator[tuple[str, Engine | None, str]]:
        """Walk the engines of other distributions: the name, the engine, and without that the reason for it."""
        names = dict.fromkeys(canonical(one.name) for one in _entry_points())
        for name in names.keys() - {engine.name for engine in self.known()}:
            yield self._tried(name)

    def _tried(self, name: str) -> tuple[str, Engine | None, str]:
        try:
            return name, self.find(name), ""
        except UserError as error:
            return name, None, error.message

    def names(self) -> list[str]:
        """List the names of all engines, without importing any."""
        own = [engine.name for engine in self.known()]
        return list(dict.fromkeys([*own, *(canonical(one.name) for one in _entry_points())]))


def _entry_points() -> Iterable[Any]:
    found = engines.metadata.entry_points(group=GROUP)
    return sorted(found, key=lambda one: (one.name, one.value))


def _place(entry_point: EntryPoint) -> str:
    dist = entry_point.dist
    return f"{f'{dist.name} {dist.version} ' if dist else ''}({entry_point.value})"
