"""What a binder has bound: functions under their names, and where a key of a file or a flag leads.

Registering records and does nothing else. Signatures are read when a function is first looked at.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from .. import declare
from ..errors import BindError, CannotBindError
from ..keys import Key, canonical, inside, parameter_of, splits, without_scope
from .function import FunctionSpec, ParameterSpec

if TYPE_CHECKING:
    from typing import Literal

    Role = Literal["bind", "stage", "context"]

__all__ = ["RUN", "Bound", "Registry", "Settings"]

RUN = "run"
_TAKEN = (RUN, "args")
_LONGEST = 1_000  # characters of a key: no one's is longer, and a search takes their square


class Bound:
    """One bound function.

    Attributes
    ----------
    function : callable
        What was bound, as it is called.
    name : str
        Its name.
    prefix : str
        What its keys begin with: its name, or nothing where they are the bare names of its parameters.
    role : {'bind', 'stage', 'context'}
        What it is bound as.
    scopes : tuple of str
        The scopes that its values may be given for.
    call : callable
        What the program calls in its place.
    default : bool
        Whether a stage is in the default run.
    hidden : bool
        Whether help leaves it out.
    deprecated : bool or str
        Whether its use is warned of; a text is said with the warning.
    names : dict of str to object
        Local names that its annotations may use.
    registry : Registry or None
        Where it is recorded.
    """

    # fmt: off
    __slots__ = (
        "_options", "_scopes", "_spec", "_unsettable", "call", "default", "deprecated", "function", "hidden", "name",
        "names", "prefix", "registry", "role", "scopes",
    )
    # fmt: on

    def __init__(
        self,
        function: Callable[..., Any],
        *,
        name: str,
        role: Role,
        scopes: Sequence[str] = (),
        default: bool = True,
        hidden: bool = False,
        deprecated: bool | str = False,
        names: dict[str, Any] | None = None,
        prefix: str | None = None,
    ) -> None:
        self.function = function
        self.names = names
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

    def __getstate__(self) -> dict[str, Any]:
        return declare.pickling.bound_state(self)

    def __setstate__(self, state: dict[str, Any]) -> None:
        self._spec = self._options = self._unsettable = None
        self._scopes = frozenset(state["scopes"])
        declare.pickling.bound_arrived(self, state)

    @property
    def spec(self) -> FunctionSpec:
        """Its signature, read when first asked for."""
        if self._spec is None:
            spec = declare.function.read(self.function, self.names)
            self._check(spec)
            self._spec = spec
        return self._spec

    @property
    def options(self) -> dict[str, ParameterSpec]:
        """The settings that can be given from outside.

        Those that text can make. A parameter without a default is the caller's business, but for stages and
        contexts, where nobody else calls.
        """
        if self._options is None:
            self._options = {name: spec for name, spec in self.spec.settings.items() if self._settable(spec)}
        return self._options

    @property
    def unsettable(self) -> list[str]:
        """The parameters that are no setting, and which a program can lay values over in Python all the same."""
        if self._unsettable is None:
            own = self.spec.parameters.items()
            self._unsettable = [name for name, spec in own if name not in self.options and not self._is_callers(spec)]
        return self._unsettable

    @property
    def is_readable(self) -> bool:
        """Whether it can be looked at: what is wrong with it is reported where it is asked for."""
        try:
            return self.options is not None
        except BindError:
            return False

    def take_scopes(self, again: Bound) -> None:
        """Take the scopes of the same function bound again: the first wrapper is called under them too."""
        self.scopes, self._scopes = again.scopes, again._scopes

    def is_under(self, scope: str | None) -> bool:
        """Whether its values may be given for a scope; outside of all, which None is, they always may."""
        return scope is None or scope in self._scopes

    @property
    def places(self) -> tuple[str | None, ...]:
        """Where values may differ: outside of all scopes, which is None, and in each that it is bound under."""
        return (None, *self.scopes)

    @property
    def owners(self) -> list[str]:
        """Its name, as keys have it in each of those places: ``dataset``, ``train/dataset``."""
        return [self.key("", place).owner for place in self.places]

    def has_fields(self, path: str) -> bool:
        """Whether one of its settings is a field of what has a path."""
        return bool(self.spec.groups) and bool(inside(self.options, path))

    def key(self, parameter: str, scope: str | None = None) -> Key:
        """Name one of its settings."""
        return Key(self.prefix, parameter, scope)

    def _settable(self, spec: ParameterSpec) -> bool:
        parameter = self.spec.parameters[parameter_of(spec.name)]
        return spec.converter is not None and not self._is_callers(parameter)

    def _is_callers(self, parameter: ParameterSpec) -> bool:
        return parameter.required and self.role == "bind"

    def _check(self, spec: FunctionSpec) -> None:
        for parameter in spec.settings.values():
            if self.role != "bind" and parameter.required and parameter.converter is None:
                raise BindError(
                    f"{self.role} {self.name!r}: parameter {parameter.name!r} cannot be parsed from text "
                    f"({parameter.annotation!r}) and has no default. Give it a default or another type, or bind the "
                    f"function with 'bind' and call it yourself."
                )


class Settings:
    """What a program wants of its config files and variables.

    Attributes
    ----------
    config : tuple of str
        Files that are read by themselves, where they are there.
    envvar_prefix : str or None
        What the names of its environment variables begin with; None for no variables.
    unknown_keys : {'error', 'warn', 'ignore', 'keep'}
        What a key of a function that is not bound is. What is kept is what no text can be converted for as well.
    import_from : tuple of str
        Modules that an import path in a file or variable may lead into, beside those that are imported.
    """

    __slots__ = ("config", "envvar_prefix", "import_from", "unknown_keys")

    def __init__(
        self,
        config: tuple[str, ...] = (),
        envvar_prefix: str | None = None,
        unknown_keys: str = "error",
        import_from: tuple[str, ...] = (),
    ) -> None:
        self.config = config
        self.envvar_prefix: str | None = envvar_prefix
        self.unknown_keys = unknown_keys
        self.import_from = import_from

    def import_modules(self) -> None:
        """Import what the program lets import paths lead into: only when a file or variable is read."""
        for name in self.import_from:
            importlib.import_module(name)


class Registry:
    """The bound functions of one binder, in registration order.

    Attributes
    ----------
    bounds : dict of str to Bound
        By name, without `run`.
    settings : Settings
        What the program wants of its files and variables.
    scopes : dict of str to int
        The scopes that functions are bound under, each with the number of these functions.
    chains : bool
        Whether there is `run`, and its name is taken.
    progress : object or None
        What `calls.scopes` keeps of it: the runs in progress. None as long as nobody has asked.
    binder, token, home, absent
        For `travel`: the binder, what other processes know it by, and the names of functions that are in those.
    """

    def __init__(self, settings: Settings | None = None, *, chains: bool = True) -> None:
        self.settings: Settings = settings or Settings()
        self.chains = chains
        self.bounds: dict[str, Bound] = {}
        self.scopes: dict[str, int] = {}
        self.progress: Any = None
        self._run: Bound | None = None
        self._bare: dict[str, list[Bound]] | None = None
        self._has_bare = False
        self._longest = 0
        self.binder: Any = None
        self.token: str | None = None
        self.home: tuple[str, ...] | None = None
        self.absent: set[str] = set()

    def __reduce__(self) -> Any:
        return declare.pickling.registry_reduced(self)

    def check(self, bound: Bound) -> None:
        """Raise a `BindError` if its name or a scope is not valid, or is taken by clickbind or another function."""
        name = bound.name
        if not name.isidentifier() and not all(part.isidentifier() for part in name.split(".")):
            raise BindError(f"{name!r} is not a valid name: pass another name='…'.")
        if self.chains and name in _TAKEN:
            raise CannotBindError(f"the name {name!r} is reserved by clickbind: pass another name='…'.")
        for scope in bound.scopes:
            if not scope.isidentifier():
                raise BindError(f"{scope!r} is not a valid scope: {name!r} cannot be bound under it.")
        other = self.bounds.get(name)
        if other is not None:
            declare.identity.check_again(name, bound.function, other.function)

    def add(self, bound: Bound) -> None:
        """Record a function, after `check`."""
        self.check(bound)
        if bound.registry is None:
            bound.registry = self
        self.record(bound)

    def record(self, bound: Bound) -> None:
        """Record a function in the place of another one of its name."""
        name = bound.name
        other = self.bounds.get(name)
        self.bounds[name] = bound
        for scope in bound.scopes:
            self.scopes[scope] = self.scopes.get(scope, 0) + 1
        for scope in other.scopes if other else ():
            self.scopes[scope] -= 1
            if not self.scopes[scope]:
                del self.scopes[scope]
        if other is not None and other.function is bound.function:
            other.take_scopes(bound)
        self._run = self._bare = None
        self._has_bare = self._has_bare or not bound.prefix
        length = len(name) + (1 + max(map(len, bound.scopes)) if bound.scopes else 0)
        self._longest = max(self._longest, length)

    @property
    def run(self) -> Bound:
        """`run` itself, whose one parameter is the list of stages; made anew once stages have been added."""
        if self._run is None:
            stages = {stage.name: stage for stage in self.of_role("stage")}
            self._run = Bound(declare.turns.run, name=RUN, role="bind")
            self._run._spec = declare.turns.run_spec(stages, [name for name in stages if stages[name].default])  # noqa: SLF001 - its own class
        return self._run

    def __iter__(self) -> Iterator[Bound]:
        """Walk all bound functions, `run` last."""
        yield from list(self.bounds.values())
        if self.chains:
            yield self.run

    def of_role(self, role: Role) -> list[Bound]:
        """Return the stages, the contexts or the others, in registration order."""
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
        """Find the function of ``scope/function``, and the scope; None where one of them is unknown."""
        return self._owner(canonical(text))

    def _owner(self, text: str) -> tuple[Bound | None, str | None]:
        scope, name = without_scope(text)
        bound = self._named(name)
        return (bound, scope) if bound is not None and bound.is_under(scope) else (None, None)

    def find(self, text: str) -> tuple[Key, Bound, ParameterSpec] | None:
        """Find the parameter that a key names, dashes and underscores alike.

        Parameters
        ----------
        text : str
            ``scope/function.parameter``.

        Returns
        -------
        (Key, Bound, ParameterSpec) or None
            None where there is no such key.
        """
        bound, scope, parameter = self.split(text)
        if bound is None:
            return None
        spec = bound.options.get(parameter)
        return None if spec is None else (bound.key(parameter, scope), bound, spec)

    def split(self, text: str) -> tuple[Bound | None, str | None, str]:
        """Take a key apart into function, scope and parameter; the longest name that is bound is the function's."""
        if len(text) > _LONGEST:
            return None, None, ""
        text = canonical(text)
        for owner, path in splits(text, max(self._longest, len(RUN))):
            bound, scope = self._owner(owner)  # a file may have a hundred thousand keys, folded once each
            if bound is not None:
                return bound, scope, path
        return self._find_bare(text) if self._has_bare else (None, None, "")

    def _find_bare(self, text: str) -> tuple[Bound | None, str | None, str]:
        """Find the function whose parameter's bare name is a key, or the beginning of one."""
        if self._bare is None:
            self._bare = {}
            for bound in self.bounds.values():
                for name in () if bound.prefix else bound.spec.parameters:
                    self._bare.setdefault(name, []).append(bound)
        scope, parameter = without_scope(text)
        known = self._bare.get(parameter_of(parameter), ())
        found = [bound for bound in known if bound.is_under(scope)]
        found.sort(key=lambda bound: parameter not in bound.options)  # one whose setting it is, before its caller's own
        return (found[0], scope, parameter) if found else (None, None, "")

    def walk(self, *, prefix: str = "", broken: bool = True) -> Iterator[tuple[Key, Bound, ParameterSpec]]:
        """Walk every key that begins with a prefix, looking at no function that has none such.

        Parameters
        ----------
        prefix : str
            What the keys begin with.
        broken : bool
            Whether a function that cannot be looked at is an error, rather than left out.
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
