"""Find the stages that other distributions add to a program by entry points, and import each when it is first needed.

The names of entry points are read at the first look at the program's functions, and a plugin's module when something
mentions its stage or lists all functions. So a plugin costs the runs that do not use it nothing, and one that cannot be
imported harms no other stage.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import click

from .. import calls, declare
from ..declare.registry import Bound, Registry, Settings
from ..errors import BindError, ConfigError
from ..keys import Key, canonical

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint
    from types import TracebackType

    from ..declare.function import FunctionSpec, ParameterSpec

__all__ = ["Plugin", "PluginError", "PluginRegistry"]


class PluginError(BindError, ConfigError):
    """Report a plugin that cannot be imported, or two for one name: neither the user nor the program can mend it."""


class Plugin(Bound):
    """The place of a stage that is not imported yet, or cannot be. Once it is imported, its own `Bound` replaces it.

    Parameters
    ----------
    registry : PluginRegistry
        The registry.
    entry_point : importlib.metadata.EntryPoint
        The entry point. Its name is the stage's.

    Attributes
    ----------
    importing : bool
        Whether it is being imported.
    problem : str
        The reason why it cannot be imported; empty before it is tried.
    """

    __slots__ = ("entry_point", "importing", "problem")

    def __init__(self, registry: PluginRegistry, entry_point: EntryPoint) -> None:
        super().__init__(_no_function, name=canonical(entry_point.name), role="stage", default=False)
        self.registry = registry
        self.entry_point = entry_point
        self.importing = False
        self.problem = ""

    def __reduce__(self) -> Any:
        return _plugin_arrived, (self.registry, self.name)

    def __str__(self) -> str:
        dist = self.entry_point.dist
        return f"the plugin {f'{dist.name} {dist.version} ' if dist else ''}({self.entry_point.value})"

    @property
    def spec(self) -> FunctionSpec:
        """The signature of the stage, which is imported first."""
        assert isinstance(self.registry, PluginRegistry)
        found = self.registry.imported(self)
        if isinstance(found, Plugin):
            raise PluginError(found.problem or f"{self} looks at its own stage {self.name!r} while it is imported.")
        return found.spec

    @property
    def is_readable(self) -> bool:
        """Whether its signature can be read: no, until it is imported."""
        return False

    def gives(self, function: Any) -> bool:
        """Return whether a function is the one that the entry point refers to."""
        own = (self.entry_point.module, self.entry_point.attr)
        return own == (getattr(function, "__module__", None), getattr(function, "__qualname__", None))

    def fail(self, error: BaseException) -> None:
        """Keep the reason why it cannot be imported, and show its first line as the summary."""
        first, whole = _reasons(error)
        self.problem = f"the stage {self.name!r} of {self} cannot be imported: {whole}"

        def failed() -> None:
            raise PluginError(self.problem)

        failed.__doc__ = f"(cannot be imported: {first})"
        self.function = self.call = failed


class PluginRegistry(Registry):
    """A registry that also has the stages of plugins."""

    def __init__(self, settings: Settings | None = None, *, chains: bool = True) -> None:
        self._is_complete = False
        self._lock = threading.RLock()  # two threads import a plugin once
        self._plugin_of: dict[str, str] = {}
        super().__init__(settings, chains=chains)

    @property
    def bounds(self) -> dict[str, Bound]:
        """The functions by name, with a place for each plugin, which the first look adds.

        Raises
        ------
        PluginError
            If a name is taken twice, or cannot be the name of a stage.
        """
        if not self._is_complete:
            with self._lock:
                self._find_plugins()
                self._is_complete = True
        return self.recorded

    @bounds.setter
    def bounds(self, value: dict[str, Bound]) -> None:
        """Ignore the attribute of other registries."""

    def check(self, bound: Bound) -> None:
        """Check a function as any registry does. Only the function of a plugin may take the plugin's name."""
        other = self.recorded.get(bound.name)
        if isinstance(other, Plugin):
            if not (other.importing or other.gives(bound.function)):
                raise BindError(_taken(bound.name, _place(bound), str(other)))
            other.function = bound.function  # so that it counts as the same one
        super().check(bound)

    def __iter__(self) -> Iterator[Bound]:
        """Walk the functions, except stages that are not imported or cannot be, `run` last."""
        return (bound for bound in super().__iter__() if not isinstance(bound, Plugin))

    def walk(self, *, prefix: str = "", broken: bool = True) -> Iterator[tuple[Key, Bound, ParameterSpec]]:
        """Walk the keys that begin with a prefix, also those of plugins whose names begin with it."""
        if prefix:
            self.load_plugins([name for name in self.bounds if name.startswith(prefix)])
        return super().walk(prefix=prefix, broken=broken)

    def _named(self, name: str) -> Bound | None:
        return self._importing(super()._named(name))

    def stage(self, name: str) -> Bound | None:
        """Find a stage by name, and import it."""
        return self._importing(super().stage(name))

    def get(self, name: str) -> Bound | None:
        """Find a function by name; import all plugins if no other has it."""
        found = super().get(name)
        return super().get(name) if found is None and self.load_plugins() else found

    def owner(self, text: str) -> tuple[Bound | None, str | None]:
        """Find the function and the scope of ``scope/function``; import all plugins if nothing else has such keys."""
        found = super().owner(text)
        return super().owner(text) if found[0] is None and self._imports_for(text) else found

    def split(self, text: str) -> tuple[Bound | None, str | None, str]:
        """Split a key into function, scope and parameter; import all plugins if no other function has it."""
        found = super().split(text)
        return super().split(text) if found[0] is None and self._imports_for(text) else found

    def _imports_for(self, text: str) -> bool:
        """Import all plugins for a name that may be that of a function in one; return whether any was imported."""
        names = (text, canonical(text).removeprefix("no_"))  # a flag may be negated
        return all(super(PluginRegistry, self).split(name)[0] is None for name in names) and self.load_plugins()

    def load_plugins(self, words: Iterable[str] | None = None) -> bool:
        """Import plugins; see `Registry.load_plugins`."""
        names = None if words is None else {_owner_in(word) for word in words}
        before = list(self.bounds.values())
        for bound in before:
            if isinstance(bound, Plugin) and (names is None or bound.name in names):
                self.imported(bound)
        return before != list(self.bounds.values())

    def in_use(self, names: Iterable[str]) -> Iterable[Bound]:
        """Walk the functions of the program, and of the plugins that have a function of these names."""
        used = {self._plugin_of.get(name) for name in names}
        return (bound for bound in self if self._plugin_of.get(bound.name) in {None, *used})

    def _importing(self, bound: Bound | None) -> Bound | None:
        return self.imported(bound) if isinstance(bound, Plugin) else bound

    def imported(self, plugin: Plugin) -> Bound:
        """Return the stage of a plugin after it is imported; if it cannot be, the plugin itself with its problem."""
        with self._lock:
            if self.bounds.get(plugin.name) is plugin and not (plugin.problem or plugin.importing):
                self._import(plugin)
        return self.bounds[plugin.name]

    def _import(self, plugin: Plugin) -> None:
        before, scopes = dict(self.recorded), dict(self.scopes)
        plugin.importing = True
        try:
            self._bind(plugin, plugin.entry_point.load())
            self._check_added(before)
        except (Exception, SystemExit) as error:  # noqa: BLE001 - a module may raise anything
            self._remove_added(before, scopes)
            plugin.fail(error)
        finally:
            plugin.importing = False
        for bound in self._added(before):
            self._plugin_of[bound.name] = plugin.entry_point.dist.name if plugin.entry_point.dist else plugin.name
            bound.default = False

    def _bind(self, plugin: Plugin, value: Any) -> None:
        """Bind the value of an entry point as a stage, unless its module has done so."""
        if isinstance(value, click.Command):
            raise BindError("it is a Click command, not a function: the program can add it with add_command.")
        mark: Any = getattr(value, "__clickbind__", (None, None))
        if mark[0] is not self or mark[1].call is not value:
            calls.binding.add(self, value, "stage", {"default": False}, name=plugin.name)
        elif mark[1].name != plugin.name:
            raise BindError(f"it is bound as {mark[1].name!r}: the entry point needs the same name.")
        else:
            self.record(mark[1])

    def _added(self, before: dict[str, Bound]) -> list[Bound]:
        return [bound for name, bound in self.recorded.items() if before.get(name) is not bound]

    def _check_added(self, before: dict[str, Bound]) -> None:
        """Refuse functions that would be in some runs only: the line decides which plugins are imported."""
        for bound in self._added(before):
            if bound.role == "context":
                raise BindError(f"it binds the context {bound.name!r}, which would be entered only in some runs.")
            has_entry_point = isinstance(before.get(bound.name), Plugin)
            if bound.role == "stage" and not has_entry_point:
                raise BindError(f"it binds the stage {bound.name!r}, which has no entry point.")
            if bound.role == "bind" and has_entry_point:
                raise BindError(f"it binds {bound.name!r} with 'bind': an entry point needs a stage.")

    def _remove_added(self, before: dict[str, Bound], scopes: dict[str, int]) -> None:
        """Remove what a plugin has bound before it failed, but not what an imported module of others has."""
        added = (bound for bound in self._added(before) if bound.name not in before)
        others = [bound for bound in added if bound.role == "bind" and _is_imported(bound)]
        self.recorded.clear()
        self.recorded.update(before)
        self.scopes = scopes
        for bound in others:
            self.record(bound)
        self._run = self._bare = None

    def _find_plugins(self) -> None:
        group = self.settings.plugins
        assert group is not None  # the binder makes this registry only then
        problems = []
        found: dict[str, Plugin] = {}
        for entry_point in sorted(calls.metadata.entry_points(group=group), key=lambda one: (one.name, one.value)):
            plugin = Plugin(self, entry_point)
            other = found.setdefault(plugin.name, plugin)
            own = self.recorded.get(plugin.name)
            if other.entry_point != entry_point:
                problems.append(_taken(plugin.name, str(other), str(plugin)))
            elif own is not None and not plugin.gives(own.function):
                problems.append(_taken(plugin.name, _place(own), str(plugin)))
            elif own is None:
                try:
                    super().check(plugin)
                except BindError as error:
                    problems.append(f"{plugin}: {error}")
        if problems:
            raise PluginError("\n".join(problems))
        for name, plugin in found.items():
            if name not in self.recorded:
                self.record(plugin)


def _no_function() -> None:
    """(not imported)"""  # noqa: D400 - a mark, as help shows it


def _plugin_arrived(registry: PluginRegistry, name: str) -> Any:
    return registry.bounds.get(name)


def _owner_in(word: str) -> str:
    """Return the name of the function in an option or key: ``probe`` for ``--probe.rate=3``."""
    return canonical(word.lstrip("-").partition("=")[0]).partition(".")[0].rpartition("/")[2]


def _taken(name: str, one: str, two: str) -> str:
    return f"the name {name!r} is taken twice, by {one} and by {two}. Uninstall a plugin, or rename one of them."


def _place(bound: Bound) -> str:
    return f"the program, {declare.identity.place(bound.function)},"


def _is_imported(bound: Bound) -> bool:
    """Return whether the module of a function is imported; one that fails is not."""
    return getattr(bound.function, "__module__", None) in sys.modules


def _reasons(error: BaseException) -> tuple[str, str]:
    """Return the first line of an error, and all of it: its place, its message, and the errors that caused it."""
    import traceback  # noqa: PLC0415 - only a failure needs it

    if isinstance(error, BindError):
        return str(error), str(error)
    whole = []
    cause: BaseException | None = error
    while cause is not None:
        parts = traceback.format_exception_only(type(cause), cause)
        whole.append("".join(parts).strip() + _origin(cause.__traceback__))
        cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)
    lines = traceback.format_exception_only(type(error), error)
    first = next(line for line in lines if line[:1] != " ").splitlines()[0]
    return first, "\ncaused by ".join(whole)


def _origin(trace: TracebackType | None) -> str:
    """Return the innermost place of a traceback outside of this package and of Python's import system."""
    place = ""
    while trace is not None:
        code, name = trace.tb_frame.f_code, str(trace.tb_frame.f_globals.get("__name__"))
        if not code.co_filename.startswith("<") and name.partition(".")[0] not in {"importlib", "clickbind"}:
            place = f" ({code.co_filename}:{trace.tb_lineno})"
        trace = trace.tb_next
    return place
