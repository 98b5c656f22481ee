"""Record bound functions by name, and find the function and parameter of a key in a file or flag.

Binding only records a function. Its signature is read when it is first needed, so that programs start fast.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from .. import declare
from ..errors import BindError, CannotBindError
from ..keys import Key, above, canonical, choice_of, field_of, inside, parameter_of, splits, without_scope
from .function import FunctionSpec, ParameterSpec

if TYPE_CHECKING:
    from typing import Literal

    from ..types.fields import Field
    from .option import BoundClass
    from .selection import Selection

    Role = Literal["bind", "stage", "context", "engine"]

__all__ = ["HELP", "RUN", "Bound", "Registry", "Settings"]

RUN = "run"

HELP = "help"
"""The command that shows one function. A stage of this name, or a command that is added, replaces it."""

_TAKEN = (RUN, "args")
_LONGEST = 1_000  # characters of a key: real keys are shorter, and the time of a search grows with the square


class Bound:
    """One bound function.

    Attributes
    ----------
    function : callable
        The function or class itself.
    name : str
        Its name.
    prefix : str
        The start of its keys: its name, or empty if its keys are just the names of its parameters.
    role : {'bind', 'stage', 'context', 'engine'}
        The role that it is bound in.
    scopes : tuple of str
        The scopes under which its values can differ.
    call : callable
        The wrapper that the program calls instead.
    default : bool
        Whether a stage is in the default run.
    hidden : bool
        Whether help leaves it out.
    deprecated : bool or str
        Whether its use causes a warning; a text is added to the warning.
    names : dict of str to object
        The local names that its annotations may use.
    selection : Selection or None
        The parameters that become options; None for all that can.
    registry : Registry or None
        The registry that it belongs to.
    problem : str
        The reason why a plugin's stage cannot be imported; empty for all others.
    """

    problem = ""

    __slots__ = (
        "_fields", "_options", "_scopes", "_spec", "_unsettable", "call", "default", "deprecated", "function",
        "hidden", "name", "names", "prefix", "registry", "role", "scopes", "selection",
    )  # fmt: skip

    def __init__(
        self,
        function: Callable[..., Any],
        name: str,
        role: Role,
        names: dict[str, Any] | None = None,
        *,
        scopes: Sequence[str] = (),
        default: bool = True,
        hidden: bool = False,
        deprecated: bool | str = False,
        prefix: str | None = None,
        selection: Selection | None = None,
    ) -> None:
        self.function = function
        self.names = names
        self.selection = selection
        self.name = name
        self.prefix = name if prefix is None else prefix
        self.role = role
        self.scopes = tuple(dict.fromkeys(map(canonical, scopes))) if scopes else ()
        self._scopes = frozenset(self.scopes)
        self.call: Callable[..., Any] = function
        self.default = default
        self.hidden = hidden
        self.deprecated = deprecated
        self.registry: Registry | None = None
        self._spec: FunctionSpec | None = None
        self._options: dict[str, ParameterSpec] | None = None
        self._unsettable: list[str] | None = None
        self._fields: dict[str, Field] | None = None

    def __getstate__(self) -> dict[str, Any]:
        return declare.pickling.bound_state(self)

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.forget()
        self._scopes = frozenset(state["scopes"])
        declare.pickling.bound_arrived(self, state)

    @property
    def spec(self) -> FunctionSpec:
        """Its signature, read when first asked for, and again if a class is bound that it may be about."""
        if self._spec is None:
            spec = declare.function.read(self.function, self.names, self._bound_under, self.call)
            if self.registry is not None:
                self.registry.prepare(spec)
            if self.selection is not None:
                spec.leave_out(self.selection.excluded(self.role, self.name, spec))
            self._check(spec)
            self._spec = spec
        return self._spec

    def _bound_under(self, base: type) -> Sequence[BoundClass]:
        """Return the bound classes that implement a base class."""
        return () if self.registry is None else self.registry.bound_under(base, self)

    def forget(self) -> None:
        """Forget its signature, so that it is read again."""
        self._spec = self._options = self._unsettable = self._fields = None

    def fields(self) -> dict[str, Field]:
        """Read the parameters of a class as its fields, for a parameter that can be made of it."""
        if self._fields is None:
            found = declare.function.fields_of(self.function, self.names)
            left = () if self.selection is None else self.spec.left_out
            self._fields = {name: field for name, field in found.items() if name not in left}
        return self._fields

    @property
    def options(self) -> dict[str, ParameterSpec]:
        """The settings that have options.

        Their types can be parsed from text. A parameter without a default has no option, since the caller passes it,
        except in stages and contexts, which only a run calls.
        """
        if self._options is None:
            self._options = {name: spec for name, spec in self.spec.settings.items() if self._settable(spec)}
        return self._options

    @property
    def unsettable(self) -> list[str]:
        """The parameters without an option that a program can still set in Python."""
        if self._unsettable is None:
            own = [(name, spec) for name, spec in self.spec.parameters.items() if name not in self.spec.left_out]
            self._unsettable = [name for name, spec in own if name not in self.options and not self._is_callers(spec)]
        return self._unsettable

    @property
    def is_readable(self) -> bool:
        """Whether its signature can be read. If not, the error is reported where it is used."""
        try:
            return self.options is not None
        except BindError:
            return False

    def take_scopes(self, again: Bound) -> None:
        """Take over the scopes of the same function bound again, since its first wrapper is called under them too."""
        self.scopes, self._scopes = again.scopes, again._scopes

    def is_under(self, scope: str | None) -> bool:
        """Return whether its values can differ under a scope; always True for None, which is outside of all scopes."""
        return scope is None or scope in self._scopes

    @property
    def places(self) -> tuple[str | None, ...]:
        """The scopes under which its values can differ, after None, which is outside of all scopes."""
        return (None, *self.scopes)

    @property
    def owners(self) -> list[str]:
        """Its name in keys, for each of its `places`: ``dataset``, ``train/dataset``."""
        return [self.key("", place).owner for place in self.places]

    def has_fields(self, path: str) -> bool:
        """Return whether a mapping for the parameter or field at a path has its fields, or chooses its class."""
        return bool(self.spec.groups) and (bool(inside(self.options, path)) or self.chooses(path))

    def is_of_class(self, path: str) -> bool:
        """Return whether a setting is a field of one of the classes that a parameter or field can be made of."""
        return bool(self.spec.groups) and any(self.chooses(outer) for outer in above(path))

    def chooses(self, path: str) -> bool:
        """Return whether a setting chooses the class of a parameter or field."""
        setting = self.options.get(path)
        return setting is not None and setting.group is not None and setting.group.several

    def setting_name(self, path: str) -> str:
        """Return the name of the setting that a path is for: ``optim`` for ``optim.class``, which chooses its class."""
        outer, _, last = path.rpartition(".")
        chooses = last == field_of(choice_of("")) and bool(self.spec.groups) and self.chooses(outer)
        return outer if chooses else path

    def key(self, parameter: str, scope: str | None = None) -> Key:
        """Return the key of one of its settings."""
        return Key(self.prefix, parameter, scope)

    def _settable(self, spec: ParameterSpec) -> bool:
        parameter = self.spec.parameters[parameter_of(spec.name)]
        return spec.converter is not None and not self._is_callers(parameter)

    def _is_callers(self, parameter: ParameterSpec) -> bool:
        return parameter.required and self.role == "bind"

    def _check(self, spec: FunctionSpec) -> None:
        if self.role != "bind" and any(one.required and one.converter is None for one in spec.settings.values()):
            raise declare.selection.cannot_be_set(self.role, self.name, spec)


class Settings:
    """The settings of a program for its config files and environment variables.

    Attributes
    ----------
    config : tuple of str
        Default config files, which are read if they exist.
    envvar_prefix : str or None
        The prefix of its environment variables; None to read none.
    unknown_keys : {'error', 'warn', 'ignore', 'keep'}
        What to do with keys of functions that are not bound. 'keep' also keeps values that cannot be converted.
    import_from : tuple of str
        Modules that import paths in files and variables may refer to, besides those already imported.
    plugins, record : str or None
        The group of entry points whose functions are stages, and the folder in which each run is recorded.
    """

    __slots__ = ("config", "envvar_prefix", "import_from", "plugins", "record", "unknown_keys")

    def __init__(
        self,
        *,
        config: tuple[str, ...] = (),
        envvar_prefix: str | None = None,
        unknown_keys: str = "error",
        import_from: tuple[str, ...] = (),
        plugins: str | None = None,
        record: str | None = None,
    ) -> None:
        self.config, self.unknown_keys = config, unknown_keys
        self.envvar_prefix: str | None = envvar_prefix
        self.import_from, self.plugins, self.record = import_from, plugins, record

    def default_files(self) -> list[str]:
        """Return the default config files that exist."""
        return [path for path in self.config if os.path.exists(os.path.expanduser(path))]

    def import_modules(self) -> None:
        """Import the modules that import paths may refer to. This is called only when a file or variable is read."""
        for name in self.import_from:
            importlib.import_module(name)


class Registry:
    """The bound functions of one binder, in registration order.

    Attributes
    ----------
    bounds : dict of str to Bound
        The functions by name, without `run`.
    recorded : dict of str to Bound
        The same functions, for binding more of them: a look at `bounds` adds those of plugins (`calls.plugins`).
    settings : Settings
        The settings for files and variables.
    scopes : dict of str to int
        The scopes that functions are bound under, each with the number of these functions.
    chains : bool
        Whether there is a `run`, whose name is then reserved.
    progress, engines : object or None
        The runs in progress, kept by `calls.scopes`, and the engines, by `engines`; None until first asked for.
    binder, token, home, absent
        For `declare.pickling`: the binder, the token and the home that identify the registry in other processes, and
        the names of functions that were not pickled.
    if_unnamed, if_misnamed, if_taken : str
        What messages advise for a function without a name, with one that is not valid, and with one that is taken.
    """

    if_unnamed = "pass name='…'"
    if_misnamed = "pass another name='…'"
    if_taken = "pass name='…' for one of them"

    def __init__(self, settings: Settings | None = None, *, chains: bool = True) -> None:
        self.settings: Settings = settings or Settings()
        self.chains = chains
        self.recorded: dict[str, Bound] = {}
        self.bounds = self.recorded
        self.scopes: dict[str, int] = {}
        self.progress: Any = None
        self.engines: Any = None
        self._run: Bound | None = None
        self._classes: declare.choices.BoundClasses | None = None
        self._asked: list[Bound] = []
        self._bare: dict[str, list[Bound]] | None = None
        self._has_bare, self._longest = False, 0
        self.binder: Any = None
        self.token: str | None = None
        self.home: tuple[str, ...] | None = None
        self.absent: set[str] = set()

    def __reduce__(self) -> Any:
        return declare.pickling.registry_reduced(self)

    def around(self, call: Callable[..., Any], bound: Bound) -> Callable[..., Any]:
        """Return the wrapper of a bound function as programs call it; `argbind` adds to it."""
        return call

    def prepare(self, spec: FunctionSpec) -> None:
        """Change a signature that has just been read, before anything else sees it; `argbind` does."""

    def check(self, bound: Bound) -> None:
        """Raise a `BindError` if the name or a scope of a function is not valid, or the name is reserved or taken."""
        name = bound.name
        if not name.isidentifier() and not all(part.isidentifier() for part in name.split(".")):
            raise BindError(f"{name!r} is not a valid name: {self.if_misnamed}.")
        if self.chains and name in _TAKEN:
            raise CannotBindError(f"the name {name!r} is reserved by clickbind: {self.if_misnamed}.")
        for scope in bound.scopes:
            if not scope.isidentifier():
                raise BindError(f"{scope!r} is not a valid scope: {name!r} cannot be bound under it.")
        other = self.recorded.get(name)
        if other is not None:
            declare.identity.check_again(name, bound.function, other.function, self.if_taken)

    def add(self, bound: Bound) -> None:
        """Check a function, and record it."""
        self.check(bound)
        if bound.registry is None:
            bound.registry = self
        self.record(bound)

    def record(self, bound: Bound) -> None:
        """Record a function; it replaces any other of the same name."""
        name = bound.name
        other = self.recorded.get(name)
        self.recorded[name] = bound
        for scope in bound.scopes:
            self.scopes[scope] = self.scopes.get(scope, 0) + 1
        for scope in other.scopes if other else ():
            self.scopes[scope] -= 1
            if not self.scopes[scope]:
                del self.scopes[scope]
        if other is not None and other.function is bound.function:
            other.take_scopes(bound)
        self._run = self._bare = None
        if self._asked and any(isinstance(one.function, type) for one in (bound, other) if one is not None):
            self._forget_classes()
        self._has_bare = self._has_bare or not bound.prefix
        length = len(name) + (1 + max(map(len, bound.scopes)) if bound.scopes else 0)
        self._longest = max(self._longest, length)

    def bound_under(self, base: type, asking: Bound) -> Sequence[BoundClass]:
        """Return the bound classes that implement a base class or a Protocol, for a function that is being read."""
        if self._classes is None:
            self._classes = declare.choices.BoundClasses(self.bounds.values())
        self._asked.append(asking)
        return self._classes.under(base)

    def _forget_classes(self) -> None:
        """Let functions be read again that asked which classes are bound, after one was added."""
        asked, self._asked, self._classes = self._asked, [], None
        for bound in asked:
            bound.forget()

    @property
    def run(self) -> Bound:
        """The bound `run`, whose one parameter is the list of stages. It is rebuilt after stages are added."""
        if self._run is None:
            stages = {stage.name: stage for stage in self.of_role("stage")}
            self._run = Bound(declare.turns.run, name=RUN, role="bind")
            self._run.registry = self
            self._run._spec = declare.turns.run_spec(stages, [name for name in stages if stages[name].default])  # noqa: SLF001 - its own class
        return self._run

    def __iter__(self) -> Iterator[Bound]:
        """Walk all bound functions, `run` last."""
        yield from list(self.bounds.values())
        if self.chains:
            yield self.run

    def load_plugins(self, words: Iterable[str] | None = None) -> bool:
        """Import the stages of plugins that keys, options or names mention, or all; return whether any was imported."""
        return False

    def in_use(self, names: Iterable[str]) -> Iterable[Bound]:
        """Walk the functions that a saved run is about: all, except those of plugins that have none of these names."""
        return self

    def of_role(self, role: Role) -> list[Bound]:
        """Return the functions of a role, in registration order."""
        return [bound for bound in self.bounds.values() if bound.role == role]

    def get(self, name: str) -> Bound | None:
        """Find a function by name, dashes and underscores alike."""
        return self._named(canonical(name))

    def _named(self, name: str) -> Bound | None:
        return self.run if self.chains and name == RUN else self.bounds.get(name)

    def stage(self, name: str) -> Bound | None:
        """Find a stage by name, dashes and underscores alike."""
        bound = self.bounds.get(canonical(name))
        return bound if bound is not None and bound.role == "stage" else None

    def owner(self, text: str) -> tuple[Bound | None, str | None]:
        """Find the function and the scope of ``scope/function``; None for both if either is unknown."""
        return self._owner(canonical(text))

    def _owner(self, text: str) -> tuple[Bound | None, str | None]:
        scope, name = without_scope(text)
        bound = self._named(name)
        return (bound, scope) if bound is not None and bound.is_under(scope) else (None, None)

    def find(self, text: str) -> tuple[Key, Bound, ParameterSpec] | None:
        """Find the parameter of a key, dashes and underscores alike.

        Parameters
        ----------
        text : str
            ``scope/function.parameter``.

        Returns
        -------
        (Key, Bound, ParameterSpec) or None
            None if there is no such key.
        """
        bound, scope, parameter = self.split(text)
        if bound is None:
            return None
        spec = bound.options.get(parameter) or bound.options.get(parameter := bound.setting_name(parameter))
        return None if spec is None else (bound.key(parameter, scope), bound, spec)

    def split(self, text: str) -> tuple[Bound | None, str | None, str]:
        """Split a key into function, scope and parameter; the longest name that is bound is the function's."""
        if len(text) > _LONGEST:
            return None, None, ""
        text = canonical(text)
        for owner, path in splits(text, max(self._longest, len(RUN))):
            bound, scope = self._owner(owner)  # folds no dashes again: a file may have 100,000 keys
            if bound is not None:
                return bound, scope, path
        return self._find_bare(text) if self._has_bare else (None, None, "")

    def _find_bare(self, text: str) -> tuple[Bound | None, str | None, str]:
        """Find the function without a prefix that has the parameter with which a key begins."""
        if self._bare is None:
            self._bare = {}
            for bound in self.bounds.values():
                for name in () if bound.prefix else bound.spec.parameters:
                    self._bare.setdefault(name, []).append(bound)
        scope, parameter = without_scope(text)
        known = self._bare.get(parameter_of(parameter), ())
        found = [bound for bound in known if bound.is_under(scope)]
        found.sort(key=lambda bound: parameter not in bound.options)  # functions that have it as an option come first
        return (found[0], scope, parameter) if found else (None, None, "")

    def excludes(self, text: str) -> bool:
        """Return whether a key is that of a parameter that the program leaves out of its options."""
        bound, _, parameter = self.split(text)
        return bound is not None and parameter_of(parameter) in bound.spec.left_out

    def walk(self, *, prefix: str = "", broken: bool = True) -> Iterator[tuple[Key, Bound, ParameterSpec]]:
        """Walk every key that begins with a prefix, reading only the signatures of functions that can have one.

        Parameters
        ----------
        prefix : str
            The start of the keys.
        broken : bool
            Whether to raise for a function whose signature cannot be read, rather than skip it.
        """
        for bound in self:
            for scope in bound.places:
                start = bound.key("", scope).text
                if start.startswith(prefix) or prefix.startswith(start):
                    try:
                        options = bound.options
                    except BindError:
                        if broken:
                            raise
                        break
                    for name, spec in options.items():
                        if (start + name).startswith(prefix):
                            yield bound.key(name, scope), bound, spec
