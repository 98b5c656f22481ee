"""Write a plan as YAML text that reads back as the same plan."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from click.core import ParameterSource

from .. import fast, layers, nodes, record
from ..declare.function import ParameterSpec
from ..declare.registry import RUN, Bound, Registry
from ..declare.settings import name_written
from ..declare.turns import Turn
from ..errors import ConfigError, ConversionError, SaveError
from ..keys import Key, parameter_of
from ..layers import ResolvedValue, Values
from ..layers.plan import DEFAULT, Plan, PlannedTurn
from ..types import Converter, cut
from ..types.classes import PendingConverter

if TYPE_CHECKING:
    from ..declare.settings import Setting

__all__ = ["Entry", "annotate", "compose", "entries", "entry_of", "is_of_turn", "printable"]

_UNWRITTEN = "secrets are not written"
_NOTHING: Mapping[Key, str] = {}
_SURROGATE = r"(?<!\\)(?:\\\\)*\\uD[89A-F]"  # PyYAML writes it, and refuses to read it
_NOT_TEXT = "it has bytes that are not UTF-8, which a YAML file cannot hold"


class Entry:
    """Hold one key of a saved or printed run.

    Attributes
    ----------
    key : Key
        The key.
    text : str
        Its lines of YAML; empty if it is left out.
    origin : str
        The origin of the value.
    changed : bool
        Whether the value was given, and is not the default.
    reason : str
        The reason why it is left out.
    inner : list of str
        The origins of the values of turns in `run.stages`, line by line.
    hidden : str
        The plain form of a given value that is secret, only to compare it.
    """

    __slots__ = ("changed", "hidden", "inner", "key", "origin", "reason", "text")

    def __init__(
        self, key: Key, text: str, origin: str, *, changed: bool, reason: str = "", inner: Sequence[str] = ()
    ) -> None:
        self.key = key
        self.text = text
        self.origin = origin
        self.changed = changed
        self.reason = reason
        self.inner = list(inner)
        self.hidden = ""


def entries(
    registry: Registry, plan: Plan, *, template: bool = False, left_out: Mapping[Key, str] = _NOTHING
) -> list[Entry]:
    """Return all entries of a plan, sorted, those of each function together.

    Parameters
    ----------
    registry : Registry
        The functions. Every parameter that can be set is written; values of scopes only if they differ from the value
        without a scope.
    plan : Plan
        The plan.
    template : bool
        Whether to add the parameters that are required and not given.
    left_out : mapping of Key to str
        The reasons why parameters are left out, whatever their values.

    Raises
    ------
    SaveError
        If a given value would not come back the same.
    """
    found: list[Entry] = []
    for bound in registry.in_use(_names(plan)):
        if bound.name == RUN and plan.is_body:
            continue
        if bound.name == RUN:
            found += [_stages_entry(bound.key(name), spec, registry, plan) for name, spec in bound.options.items()]
        else:
            is_called = plan.is_body and bound.role == "stage"  # by the body, which may pass what is required
            found += _entries_of(bound, plan.values, left_out, template=template and not is_called)
    return sorted(found, key=lambda entry: (entry.key.owner, entry.key.text))


def _entries_of(bound: Bound, values: Values, left_out: Mapping[Key, str], *, template: bool) -> list[Entry]:
    """Write the parameters of a function, in all scopes."""
    found: list[Entry] = []
    places = bound.places if bound.spec.groups else ()
    missing = {scope: record.fields.missing(bound, values, bound.key("", scope).scopes) for scope in places}
    lacks = missing.get(None, set())
    incomplete = {parameter_of(name) for names in missing.values() for name in names}
    with _refusing(bound):
        models = record.fields.of_models(bound, values, incomplete)
    for name, spec in bound.options.items():
        given = values.resolve(bound.prefix, name)
        is_field = record.fields.is_of_model(bound, name) and parameter_of(name) not in incomplete
        if bound.key(name) in left_out and (given is not None or spec.has_default):
            origin = given.origin if given is not None else "default"
            found.append(Entry(bound.key(name), "", origin, changed=True, reason=left_out[bound.key(name)]))
        elif template and (name in lacks or (given is None and spec.required and bound.role != "bind")):
            found.append(_required_entry(bound.key(name)))
        elif is_field:
            found += _field_entries(bound.key(name), models[None])
        elif given is not None or not (spec.group or bound.is_of_class(name)):  # an incomplete model has no class
            found += _plain_entries(bound.key(name), spec, given)
        for scope in bound.scopes:
            own = values.resolve(bound.prefix, name, (scope,))
            if is_field:
                found += _field_entries(bound.key(name, scope), models[scope])
            elif own is not None and own is not given:
                found.append(entry_of(bound.key(name, scope), spec, own))
            elif template and name in missing.get(scope, lacks) - lacks:
                found.append(_required_entry(bound.key(name, scope)))
    plain = [
        entry.key.parameter for entry in found if (entry.text or entry.key in left_out) and entry.key.scope is None
    ]
    record.fields.check_left_out(bound, values, models[None], set(map(bound.setting_name, plain)))
    return found


def _names(plan: Plan) -> Iterator[str]:
    """Walk the names of the functions that a plan runs or has values for."""
    yield from (turn.stage for turn in plan.turns)
    yield from (key.function for layer in plan.values.layers for key in layer)


@contextlib.contextmanager
def _refusing(bound: Bound) -> Iterator[None]:
    """Refuse to write a value that its class refuses: that of a stage that does not run, or of a run that is shown."""
    try:
        yield
    except ConversionError as error:
        message = layers.redaction.refusal_of(bound, str(error))
        raise SaveError(f"Invalid value for {bound.key(message).text}") from None


def _required_entry(key: Key) -> Entry:
    """Leave out a value that is required and missing."""
    return Entry(key, "", "", changed=True, reason="(required)")


def _plain_entries(key: Key, spec: ParameterSpec, given: ResolvedValue | None) -> list[Entry]:
    """Write a parameter without fields, if it has a value."""
    if given is None and spec.factory is not None:
        return [Entry(key, "", "default", changed=False, reason="its class makes a new default for each call")]
    return [entry_of(key, spec, given)] if given is not None or spec.has_default else []


def _field_entries(key: Key, models: record.fields.Written) -> list[Entry]:
    """Write a field, or a model as a whole, if it was chosen for its parameter."""
    if key.parameter not in models:
        return []
    setting, chosen = models[key.parameter]
    if chosen is not None:
        return [entry_of(key, setting, chosen)]
    reason = "left to its class, which would make another value of it"
    return [Entry(key, "", "default", changed=False, reason=reason)]


def _stages_entry(key: Key, spec: ParameterSpec, registry: Registry, plan: Plan) -> Entry:
    """Write the turns of the run, whether they come from the line, a file or the defaults."""
    own = [_own_values(registry.bounds[turn.stage], turn, plan) for turn in plan.turns]
    turns = [
        Turn(turn.stage, {name: item.value for name, item in found.items()})
        for turn, found in zip(plan.turns, own, strict=True)
    ]
    source = ParameterSource.DEFAULT if plan.origin == DEFAULT else ParameterSource.COMMANDLINE
    given = ResolvedValue(turns, source, plan.origin)
    return entry_of(key, spec, given, [item.origin for found in own for item in found.values()])


def _own_values(bound: Bound, turn: PlannedTurn, plan: Plan) -> dict[str, ResolvedValue]:
    """Return the values of a turn that differ from the rest of the run, by option."""
    values = plan.values_of(turn)
    own: dict[str, ResolvedValue] = {}
    for option, spec in bound.options.items() if values is not plan.values else ():
        found = values.resolve(bound.name, option)
        if found is None or found is plan.values.resolve(bound.name, option):
            continue
        if not layers.redaction.is_secret(spec, found):
            own[option] = found
    groups = [parameter.group for parameter in bound.spec.parameters.values() if own and parameter.group is not None]
    incomplete = set(map(parameter_of, record.fields.missing(bound, values))) if groups else set()
    for group in groups:
        if group.name not in incomplete:
            with _refusing(bound):
                part = record.fields.of_part(bound, group, values, plan.values)
            own = {option: item for option, item in own.items() if parameter_of(option) != group.name}
            own.update(_of_turn(bound, part))
    return {option: own[option] for option in bound.options if option in own}


def _of_turn(bound: Bound, part: record.fields.Written) -> Iterator[tuple[str, ResolvedValue]]:
    """Yield the values of a parameter with fields for a turn, each as the function's own option reads it."""
    for name, (setting, item) in part.items():
        spec = bound.options[name]
        if item is None or layers.redaction.is_secret(spec, item):
            continue
        value = item.value
        if isinstance(spec.converter, PendingConverter):
            assert setting.converter is not None  # an option has one
            value = _read_back(nodes.writer.write(name, setting.converter.to_plain(value)), spec.converter)
        yield name, ResolvedValue(value, item.source, item.origin)


def compose(found: Sequence[Entry]) -> str:
    """Return the text of a saved run: flat keys, with an empty line between functions."""
    return _join((entry, entry.text or f"# {entry.key.text}: {entry.reason}\n") for entry in found)


def annotate(found: Sequence[Entry], *, changed: bool = False) -> str:
    """Return the text of a run, with the origin of each value in a comment after it.

    Parameters
    ----------
    found : sequence of Entry
        The entries of the run.
    changed : bool
        Whether to leave out the defaults.
    """
    return _join((entry, _annotated(entry)) for entry in found if entry.changed or not changed)


def _annotated(entry: Entry) -> str:
    if not entry.text:
        return f"# {entry.key.text}: {entry.reason}\n"
    first, *rest = entry.text.rstrip("\n").split("\n")
    lines = [f"{first}  # {printable(entry.origin)}"]
    inner = iter(entry.inner)
    for line in rest:  # the values of a turn are the keys indented below the name of its stage
        is_value = entry.inner and is_of_turn(line)
        lines.append(f"{line}  # {printable(next(inner))}" if is_value else line)
    return "".join(f"{line}\n" for line in lines)


def is_of_turn(line: str) -> bool:
    """Return whether a line below ``run.stages`` has a value of a turn, and so an origin of its own."""
    return re.match(r"    (?!- )\S", line) is not None


def printable(origin: str) -> str:
    """Return an origin on one line, even if the name of its file has a line break."""
    return origin if origin.isprintable() else repr(origin)


def _join(texts: Iterable[tuple[Entry, str]]) -> str:
    groups: dict[str, str] = {}
    for entry, text in texts:
        groups[entry.key.owner] = groups.get(entry.key.owner, "") + text
    return "\n".join(groups.values())


def entry_of(
    key: Key,
    spec: Setting,
    given: ResolvedValue | None,
    inner: Sequence[str] = (),
    shortcut: Callable[[str, Any], str | None] = lambda *_: None,
) -> Entry:
    """Write one key, and read it back. Leave out a default that does not come back the same.

    Parameters
    ----------
    key : Key
        The key.
    spec : ParameterSpec
        The parameter.
    given : ResolvedValue or None
        The value; None for the default.
    inner : sequence of str
        The origins of the values inside it.
    shortcut : callable, optional
        Writes a key and a plain value without PyYAML, or returns None.

    Raises
    ------
    SaveError
        If a given value would not come back the same.
    """
    value = spec.default if given is None else given.value
    key = Key(key.function, name_written(spec, key.parameter, value), key.scope)
    changed = given is not None and given.source is not ParameterSource.DEFAULT
    origin = given.origin if given is not None else "default"
    assert spec.converter is not None  # an option has one
    if layers.redaction.is_secret(spec, given):
        secret = Entry(key, "", origin, changed=changed, reason=_UNWRITTEN)
        with contextlib.suppress(TypeError, ValueError, AttributeError, RecursionError):
            secret.hidden = repr(spec.converter.to_plain(value)) if changed else ""
        return secret
    text = ""
    try:
        plain = None if value is None else spec.converter.to_plain(value)
        text = fast.yaml_line.write(key.text, plain) or shortcut(key.text, plain) or nodes.writer.write(key.text, plain)
        back = _read_back(text, spec.converter)
        if _same(value, back, spec.converter):
            return Entry(key, text, origin, changed=changed, inner=inner)
        problem = f"{spec.converter.to_plain(value)!r} would be read back as {spec.converter.to_plain(back)!r}"
    except (TypeError, ValueError, AttributeError, RecursionError, ConfigError) as error:
        reason = _NOT_TEXT if re.search(_SURROGATE, text) else _shown(error, str, 200)
        problem = f"{_shown(value)} cannot be written ({reason})"
    if changed or key == (RUN, "stages", None):
        raise SaveError(f"{key.text}: {problem}, so the run is not saved.")
    return Entry(key, "", origin, changed=False, reason=f"its default {_shown(value)} cannot be written")


def _read_back(text: str, converter: Converter) -> Any:
    """Return the value in a file of one key, with its variables expanded."""
    document = layers.includes.parse(text, "what would be saved")[-1]
    if document.problems:
        raise ConfigError("\n".join(document.problems))
    ((_, node),) = document.pairs  # one key, unless it is special in files, such as $vars
    return converter.from_node(document.expand(node))


def _alike(value: Any, back: Any) -> bool:
    """Return whether two values, and all values inside them, are of the same types."""
    if type(value) is not type(back):
        return type(value) is int and type(back) is float and value == back
    if isinstance(value, dict):
        return _alike(list(value), list(back)) and _alike(list(value.values()), list(back.values()))
    if isinstance(value, (set, frozenset)):
        return sorted(str(type(item)) for item in value) == sorted(str(type(item)) for item in back)
    return not isinstance(value, (list, tuple)) or (len(value) == len(back) and all(map(_alike, value, back)))


def _shown(value: Any, write: Callable[[Any], str] = ascii, most: int = 60) -> str:
    """Return the text of a value on one line, even if its class cannot be shown."""
    try:
        text = " ".join(write(value).split())
    except Exception:  # noqa: BLE001 - the repr of a class may raise anything
        text = f"of type {type(value).__name__}"
    return cut(text, most)


def _same(value: Any, back: Any, converter: Converter) -> bool:
    """Return whether a value came back with the same type and plain form. An int may come back as a float (PEP 484)."""
    if not _alike(value, back):
        return False
    if isinstance(value, (int, dict)) and value == back:
        return True  # an int that is exactly the float; a dict in another order
    return value is None or repr(converter.to_plain(value)) == repr(converter.to_plain(back))
