"""Show what a snapshot of values holds: key by key, as a text, and as a file.

This module is loaded when a program asks for that, since runs and bound calls only resolve single values.
"""

from __future__ import annotations

from typing import Any

from click.core import ParameterSource

from .. import declare, layers
from ..declare.function import EMPTY
from ..declare.registry import RUN, Bound, Registry
from ..declare.turns import Turn
from ..errors import BindError, suggest
from ..keys import Key, inside
from ..types import HIDDEN, cut, fresh
from . import ResolvedValue, Values
from .plan import DEFAULT, Plan, default_turns

__all__ = ["Home", "get", "has", "items", "keys", "plan_of", "state", "text", "value"]

_MOST_SHOWN = 50


class Home:
    """The program that a snapshot belongs to.

    Attributes
    ----------
    registry : Registry
        Its functions.
    plan : Plan or None
        The plan of the run in which the snapshot was taken.
    """

    __slots__ = ("plan", "registry")

    def __init__(self, registry: Registry, plan: Plan | None = None) -> None:
        self.registry = registry
        self.plan = plan


def state(values: Values, named: dict[str, Any]) -> dict[str, Any]:
    """Return the state of a snapshot to pickle: its layers, and where another process finds its program."""
    if not isinstance(values.home, Home):
        return {**named, "home": values.home}
    return {**named, "line": _complete(values).line, "home": declare.pickling.home_of(values.home.registry)}


def _registry_of(values: Values) -> Registry | None:
    """Return the functions of a snapshot's program; None if this process cannot import it."""
    if isinstance(values.home, Home):
        return values.home.registry
    found: Registry | None = None if values.home is None else declare.pickling.registry_at(*values.home)
    return found


def _complete(values: Values) -> Values:
    """Return a snapshot with the stages that its run was asked for on the command line, as `run.stages`."""
    plan = values.home.plan if isinstance(values.home, Home) else None
    given = values.resolve(RUN, "stages")
    if plan is None or plan.origin == (DEFAULT if given is None else given.origin):
        return values
    turns = []
    for planned in plan.turns:
        own = {**planned.files, **planned.line}
        turn = Turn(planned.stage, {key.parameter: resolved.value for key, resolved in own.items()})
        turn.hidden.update(key.parameter for key, resolved in own.items() if resolved.secret)
        turns.append(turn)
    stages = ResolvedValue(turns, ParameterSource.COMMANDLINE, plan.origin)
    return values.replace(line={**values.line, Key(RUN, "stages"): stages})


def keys(values: Values, *, defaults: bool = False) -> list[str]:
    """List the keys that were set, in the order of a saved file.

    Parameters
    ----------
    values : Values
        The snapshot.
    defaults : bool
        Whether to add the parameters that have a default.
    """
    found = {key.text: key for key in _given(_complete(values))}
    registry = _registry_of(values) if defaults else None
    for key, _, spec in () if registry is None else registry.walk(broken=False):
        if key.scope is None and spec.shown_default is not EMPTY:
            found.setdefault(key.text, key)
    return [key.text for key in sorted(found.values(), key=lambda key: (key.owner, key.text))]


def _given(values: Values) -> list[Key]:
    """List the keys that were set, without the fields of models that were set as a whole in a higher layer."""
    found = dict.fromkeys(key for layer in values.layers for key in layer)
    return [key for key in found if not any(above in found and _is_over(values, above, key) for above in key.above)]


def _is_over(values: Values, above: Key, field: Key) -> bool:
    first, second = (values.rank(*key[:2], key.scopes) for key in (above, field))
    return first < second


def has(values: Values, key: object) -> bool:
    """Return whether a key was set."""
    given = {known.text for known in _given(_complete(values))}
    return key in given or (isinstance(key, str) and _choosing(_registry_of(values), key) in given)


def value(values: Values, key: str) -> Any:
    """Return the value of a key, as a call receives it: the one that was set, or else the default.

    Raises
    ------
    KeyError
        If there is no such key, or it has no value.
    """
    values = _complete(values)
    registry = _registry_of(values)
    bound, scope, path = (None, None, "") if registry is None else registry.split(key)
    if registry is None or bound is None or not _is_setting(bound, path):
        chooses = _choosing(registry, key)
        return _class_of(values, registry, key, chooses) if chooses else _without_program(values, registry, key)
    if bound.name == RUN:
        return _stages(values, registry)
    own = bound.key(path, scope)
    found = values.resolve(bound.prefix, path, own.scopes)
    name, _, field = path.partition(".")
    is_whole = not field or any(values.resolve(*above[:2], above.scopes) is not None for above in own.above)
    if is_whole and bound.spec.parameters[name].group is not None:
        whole = _argument(bound, name, values, own.scopes)
        if whole is not EMPTY:
            return _inside(whole, field)
    if found is not None:
        return fresh(found.value)
    default = (bound.spec.settings.get(path) or bound.spec.parameters[path]).shown_default
    if default is EMPTY:
        raise KeyError(f"{key!r} has no value: it was not set, and has no default.")
    return default


def get(values: Values, key: str, default: Any) -> Any:
    """Return the value of a key, or a default if there is no such key, or it has no value."""
    try:
        return value(values, key)
    except KeyError:
        return default


def _choosing(registry: Registry | None, key: str) -> str:
    """Return the key of what a file's key sets that chooses a class: ``train.optim`` for ``train.optim.class``."""
    bound, scope, path = (None, None, "") if registry is None else registry.split(key)
    name = path if bound is None or not bound.is_readable else bound.setting_name(path)
    return "" if bound is None or name == path else bound.key(name, scope).text


def _class_of(values: Values, registry: Any, key: str, chooses: str) -> str | None:
    """Return the name of the class of a value, as a file would choose it; None for None."""
    found = value(values, chooses)
    if found is None or type(found) is str:  # the name, before anything has called the function
        return found
    bound, _, path = registry.split(chooses)
    choice = bound.spec.groups[path].choice_of(found)
    if choice is None:
        raise KeyError(f"{key!r} has no value: the class {type(found).__name__} cannot be chosen.")
    name: str = choice.name
    return name


def items(values: Values, *, defaults: bool = False) -> list[tuple[str, Any]]:
    """List the keys of `keys`, each with its value."""
    values = _complete(values)
    return [(key, value(values, key)) for key in keys(values, defaults=defaults)]


def _is_setting(bound: Bound, path: str) -> bool:
    return path in bound.spec.settings or path in bound.spec.parameters or path in bound.spec.groups


def _without_program(values: Values, registry: Registry | None, key: str) -> Any:
    """Return the value of a key that no function of this process has."""
    layer = next((layer for layer in values.layers for known in layer if known.text == key), {})
    found = next((resolved for known, resolved in layer.items() if known.text == key), None)
    if found is not None:
        return fresh(found.value)
    if registry is not None:
        raise KeyError(layers.over.unknown(registry, key))
    raise KeyError(f"unknown key {key!r}.{suggest(str(key), keys(values))}")


def _stages(values: Values, registry: Registry) -> Any:
    """Return the stages of a run: their names, or mappings of names to the values of a turn."""
    turns = [
        Turn(planned.stage, {key.parameter: own.value for key, own in planned.files.items()})
        for planned in default_turns(registry, values)
    ]
    converter = registry.run.options["stages"].converter
    assert converter is not None  # an option has one
    return converter.to_plain(turns)


def _argument(bound: Bound, name: str, values: Values, scopes: tuple[str, ...]) -> Any:
    """Return the argument that a call receives for a parameter with fields; `EMPTY` for none."""
    progress = None if bound.registry is None else bound.registry.progress
    return EMPTY if progress is None else progress.arguments(bound, values, scopes).get(name, EMPTY)


def _inside(whole: Any, path: str) -> Any:
    """Return the field at a path in a value."""
    for name in path.split(".") if path else ():
        whole = whole[name] if isinstance(whole, dict) else getattr(whole, name)
    return whole


def text(values: Values) -> str:
    """Return a text with the keys that were set, their values and origins, and the number of defaults."""
    values = _complete(values)
    registry = _registry_of(values)
    found = keys(values)
    more = "" if registry is None else f", {len(keys(values, defaults=True)) - len(found)} defaults"
    lines = [f"<Values: {len(found)} set{more}", *(f"  {_line(values, registry, key)}" for key in found[:_MOST_SHOWN])]
    if len(found) > _MOST_SHOWN:
        lines.append(f"  and {len(found) - _MOST_SHOWN} more")
    shown = "\n".join(lines) + ">"
    return shown if registry is None else layers.redaction.Net(registry, values=values).scrub(shown)


def _line(values: Values, registry: Registry | None, name: str) -> str:
    """Show one key with its value and its origin; without the program, no value is known not to be secret."""
    key = next(key for layer in values.layers for key in layer if key.text == name)
    resolved = values.resolve(*key[:2], key.scopes)
    assert resolved is not None  # it was set
    hides = registry is None or resolved.secret or _may_be_secret(registry, name)
    shown = HIDDEN if hides else _shown(resolved.value)
    return f"{name} = {shown}  # {resolved.origin}"


def _may_be_secret(registry: Registry, name: str) -> bool:
    """Return whether a value may be, or may contain, that of a secret parameter."""
    bound, _, path = registry.split(name)
    if bound is None or not bound.is_readable:
        return True
    parts = [path, *inside(bound.spec.settings, path)]
    specs = [table[part] for part in parts for table in (bound.spec.settings, bound.spec.parameters) if part in table]
    return not specs or any(spec.secret for spec in specs)


def _shown(value: Any) -> str:
    """Return the text of a value on one line, even if its class cannot be shown."""
    if isinstance(value, list) and value and all(isinstance(item, Turn) for item in value):
        value = [turn.stage for turn in value]
    try:
        return cut(" ".join(repr(value).split()))
    except Exception:  # noqa: BLE001 - the repr of a class may raise anything
        return f"an object of type {type(value).__name__}"


def plan_of(values: Values) -> tuple[Registry, Plan]:
    """Return the plan that a snapshot would run, and the functions of its program.

    Raises
    ------
    BindError
        If the program is not in this process.
    """
    registry = _registry_of(values)
    if registry is None or registry.binder is None:
        raise BindError("these values belong to no program of this process: import its module before you save them.")
    values = _complete(values)
    return registry, Plan(values, default_turns(registry, values))
