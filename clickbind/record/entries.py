"""A resolved run to YAML text that reads back as the same run, and the write that never loses the old file."""

from __future__ import annotations

import base64
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import yaml
from click.core import ParameterSource

from .. import layers, record
from ..declare.function import ParameterSpec
from ..declare.registry import RUN, Registry
from ..declare.turns import Turn
from ..errors import ConfigError, SaveError
from ..keys import Key
from ..layers import ResolvedValue, Values
from ..nodes import NULLS
from ..nodes.core_schema import core_text
from ..types import Converter, cut
from ..types.words import Bare, Quoted
from .atomic import save

__all__ = ["Entry", "annotate", "compose", "diff", "entries", "entry_of", "save"]

# Read alike, unquoted, by YAML 1.1 and 1.2: what starts like a word or a path and has nothing in it that means more.
_PLAIN = r"(?:[A-Za-z_/]|\.{1,2}/)[\w/.+@%-]*(?: [\w/.+@%-]+)*"
_UNWRITTEN = "a secret is not written"
_VARIABLE = r"\$[\w${]"  # what a file may take for one
_WORDS_1_1 = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})
# ASCII and what prints: not the controls, NEL, separators, byte order marks and surrogates, which readers change.
_ONE_LINE = r"[\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010fffe]*"


class _Dumper(yaml.SafeDumper):
    """PyYAML's dumper, with quotes wherever a reader of YAML 1.1 or 1.2 could see more than the text."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _represent_quoted(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    """Write a text in single quotes; in double ones what those cannot hold, with the tag ``!`` against variables."""
    text = str(text)
    if re.fullmatch(_ONE_LINE, text):
        return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="'")
    return dumper.represent_scalar("!" if "$" in text else "tag:yaml.org,2002:str", text, style='"')


def _represent_bare(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    """Write a text without quotes, under the tag that a reader of YAML 1.1 finds for it.

    What cannot stand without quotes, ``my: file`` or ``[a-z]+``, is written as ``!!binary``, since it would be a str in
    quotes.
    """
    text = str(text)
    analysis = dumper.analyze_scalar(text)
    if not analysis.allow_block_plain or analysis.multiline or text in NULLS or re.search(_VARIABLE, text):
        data = base64.b64encode(text.encode("utf-8", "surrogateescape")).decode("ascii")
        return dumper.represent_scalar("tag:yaml.org,2002:binary", data)
    tag: str = dumper.resolve(yaml.ScalarNode, text, (True, False))  # type: ignore[no-untyped-call]
    return dumper.represent_scalar(tag, text)


def _represent_str(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    if re.fullmatch(_PLAIN, text, re.ASCII) and text.lower() not in _WORDS_1_1 and core_text(text) == text:
        return dumper.represent_scalar("tag:yaml.org,2002:str", text)
    return _represent_quoted(dumper, text)


_Dumper.add_representer(str, _represent_str)
_Dumper.add_representer(Quoted, _represent_quoted)
_Dumper.add_representer(Bare, _represent_bare)


class Entry:
    """One key of a run, as it is written.

    Attributes
    ----------
    key : Key
        The key.
    text : str
        Its lines of YAML; empty where it is left out.
    origin : str
        Where the value came from.
    changed : bool
        Whether it was given, rather than the default.
    reason : str
        Why it is left out.
    inner : list of str
        Where the values inside it came from, a turn's in `run.stages`, line by line.
    """

    __slots__ = ("changed", "inner", "key", "origin", "reason", "text")

    def __init__(
        self, key: Key, text: str, origin: str, *, changed: bool, reason: str = "", inner: Sequence[str] = ()
    ) -> None:
        self.key = key
        self.text = text
        self.origin = origin
        self.changed = changed
        self.reason = reason
        self.inner = list(inner)


def entries(
    registry: Registry,
    values: Values,
    turns: Sequence[tuple[Turn, Mapping[str, str]]] | None,
    asked: str = "default",
    *,
    template: bool = False,
) -> list[Entry]:
    """Give every key of a run: those of each function together, sorted.

    Parameters
    ----------
    registry : Registry
        The functions; each parameter that can be set is written, scoped ones where they differ from the plain one.
    values : Values
        What was given.
    turns : sequence of (Turn, mapping of str to str) or None
        What is run, and where each turn's own values came from; None for a program that has no stages.
    asked : str
        What asks for these turns.
    template : bool
        Whether to say which values are required and not given.

    Raises
    ------
    SaveError
        Where a given value would not come back the same.
    """
    found: list[Entry] = []
    for bound in registry:
        models = record.fields.of_models(bound, values)
        start = len(found)
        for name, spec in bound.options.items():
            given = values.get(bound.prefix, name)
            if turns is not None and bound.name == RUN:
                found.append(_stages_entry(bound.key(name), spec, turns, asked))
            elif given is None and template and spec.required and bound.role != "bind":
                reason = _UNWRITTEN if spec.secret else "(required)"
                found.append(Entry(bound.key(name), "", "", changed=True, reason=reason))
            elif record.fields.is_of_model(bound, name):
                found += _field_entries(bound.key(name), spec, models)
            else:
                found += _plain_entries(bound.key(name), spec, given)
            for scope in bound.scopes:
                own = values.get(bound.prefix, name, (scope,))
                if own is not None and own is not given:
                    found.append(entry_of(bound.key(name, scope), spec, own))
        kept = {entry.key.parameter for entry in found[start:] if entry.text and entry.key.scope is None}
        record.fields.check_left_out(bound, values, models, kept)
    return sorted(found, key=lambda entry: (entry.key.owner, entry.key.text))


def _plain_entries(key: Key, spec: ParameterSpec, given: ResolvedValue | None) -> list[Entry]:
    """Write a parameter without fields, where it has a value."""
    if given is None and spec.factory is not None:
        return [Entry(key, "", "default", changed=False, reason="its class makes its default anew for each call")]
    return [entry_of(key, spec, given)] if given is not None or spec.has_default else []


def _field_entries(key: Key, spec: ParameterSpec, models: record.fields.Written) -> list[Entry]:
    """Write a field, or a model as a whole, as was chosen for its parameter."""
    if key.parameter not in models:
        return []
    chosen = models[key.parameter]
    if chosen is not None:
        return [entry_of(key, spec, chosen)]
    reason = "left to its class, which makes another value where it is given"
    return [Entry(key, "", "default", changed=False, reason=reason)]


def _stages_entry(key: Key, spec: ParameterSpec, turns: Sequence[tuple[Turn, Mapping[str, str]]], asked: str) -> Entry:
    """Write what the run does, whoever asked for it."""
    source = ParameterSource.DEFAULT if asked == "default" else ParameterSource.COMMANDLINE
    given = ResolvedValue([turn for turn, _ in turns], source, asked)
    return entry_of(key, spec, given, [origin for _, origins in turns for origin in origins.values()])


def compose(found: Sequence[Entry]) -> str:
    """Write a run as it is saved: flat keys, an empty line between functions."""
    return _join((entry, entry.text or f"# {entry.key.text}: {entry.reason}\n") for entry in found)


def annotate(found: Sequence[Entry], *, changed: bool = False) -> str:
    """Write a run with a comment behind each line that says where the value came from.

    Parameters
    ----------
    found : sequence of Entry
        The run.
    changed : bool
        Whether to leave out the defaults.
    """
    return _join((entry, _annotated(entry)) for entry in found if entry.changed or not changed)


def diff(found: Sequence[Entry], others: Sequence[Entry], path: str) -> str:
    """Show where two runs differ, key by key.

    Parameters
    ----------
    found, others : sequence of Entry
        The run of the line, and that of a file.
    path : str
        The file's name.

    Returns
    -------
    str
        Each key with both values and both origins; empty where the runs are equal.
    """
    left, right = ({entry.key.text: entry for entry in run} for run in (found, others))
    texts = []
    for name in sorted(left.keys() | right.keys()):
        one, two = left.get(name), right.get(name)
        if (one.text if one else "") != (two.text if two else ""):
            texts.append(f"{name}\n{_side('this line', one)}{_side(path, two)}")
    return "\n".join(texts)


def _side(title: str, entry: Entry | None) -> str:
    if entry is None or not entry.text:
        return f"  {title}: {entry.reason if entry else 'not set'}\n"
    lines = entry.text[len(entry.key.text) + 1 :].rstrip("\n").split("\n")
    rest = "".join(f"    {line}\n" for line in lines[1:])
    return f"  {title}:{lines[0]}  # {_printable(entry.origin)}\n{rest}"


def _annotated(entry: Entry) -> str:
    if not entry.text:
        return f"# {entry.key.text}: {entry.reason}\n"
    first, *rest = entry.text.rstrip("\n").split("\n")
    lines = [f"{first}  # {_printable(entry.origin)}"]
    inner = iter(entry.inner)
    for line in rest:  # a turn's value begins where a mapping's key stands under the stage's name
        is_value = entry.inner and re.match(r"    (?!- )\S", line)
        lines.append(f"{line}  # {_printable(next(inner))}" if is_value else line)
    return "".join(f"{line}\n" for line in lines)


def _printable(origin: str) -> str:
    return origin if origin.isprintable() else repr(origin)


def _join(texts: Iterable[tuple[Entry, str]]) -> str:
    groups: dict[str, str] = {}
    for entry, text in texts:
        groups[entry.key.owner] = groups.get(entry.key.owner, "") + text
    return "\n".join(groups.values())


def entry_of(key: Key, spec: ParameterSpec, given: ResolvedValue | None, inner: Sequence[str] = ()) -> Entry:
    """Write one key, and read it back. A default that does not come back is left out, a given value is an error.

    Parameters
    ----------
    key : Key
        The key.
    spec : ParameterSpec
        How its values are written and read.
    given : ResolvedValue or None
        Its value; None for the default.
    inner : sequence of str
        Where the values inside it came from.

    Raises
    ------
    SaveError
        Where a given value would not come back the same.
    """
    value = spec.default if given is None else given.value
    changed = given is not None and given.source is not ParameterSource.DEFAULT
    origin = given.origin if given is not None else "default"
    if layers.redaction.is_secret(spec, given):
        return Entry(key, "", origin, changed=changed, reason=_UNWRITTEN)
    assert spec.converter is not None  # an option has one
    try:
        text = _dump(key, spec, value)
        back = _read_back(text, spec.converter)
        if _same(value, back, spec.converter):
            return Entry(key, text, origin, changed=changed, inner=inner)
        problem = f"{spec.converter.to_plain(value)!r} would come back as {spec.converter.to_plain(back)!r}"
    except (yaml.YAMLError, TypeError, ValueError, AttributeError, RecursionError, ConfigError) as error:
        problem = f"{_shown(value)} cannot be written ({_shown(error, str, 200)})"
    if changed or key == (RUN, "stages", None):
        raise SaveError(f"{key.text}: {problem}, so the run is not saved.")
    return Entry(key, "", origin, changed=False, reason=f"its default {_shown(value)} cannot be written")


def _read_back(text: str, converter: Converter) -> Any:
    """Give the value that a file of one key has, variables put in."""
    document = layers.includes.parse(text, "what would be saved")[-1]
    if document.problems:
        raise ConfigError("\n".join(document.problems))
    ((_, node),) = document.pairs  # one key, unless it is a word of the files' own
    return converter.from_node(document.expand(node))


def _alike(value: Any, back: Any) -> bool:
    """Whether two values are of the same types, all the way down."""
    if type(value) is not type(back):
        return type(value) is int and type(back) is float and value == back
    if isinstance(value, dict):
        return _alike(list(value), list(back)) and _alike(list(value.values()), list(back.values()))
    if isinstance(value, (set, frozenset)):
        return sorted(str(type(item)) for item in value) == sorted(str(type(item)) for item in back)
    return not isinstance(value, (list, tuple)) or (len(value) == len(back) and all(map(_alike, value, back)))


def _shown(value: Any, write: Callable[[Any], str] = ascii, most: int = 60) -> str:
    """Show a value on one line, whatever its class makes of that."""
    try:
        text = " ".join(write(value).split())
    except Exception:  # noqa: BLE001 - a class's own repr
        text = f"of type {type(value).__name__}"
    return cut(text, most)


def _dump(key: Key, spec: ParameterSpec, value: Any) -> str:
    assert spec.converter is not None  # an option has one
    plain = None if value is None else spec.converter.to_plain(value)
    text: str = yaml.dump(
        {key.text: plain},
        Dumper=_Dumper,
        allow_unicode=True,
        default_flow_style=False,
        sort_keys=False,
        width=sys.maxsize,
    )
    return text


def _same(value: Any, back: Any, converter: Converter) -> bool:
    """Whether a value came back: the same type and plain form. An int serves where a float is expected (PEP 484)."""
    if not _alike(value, back):
        return False
    if isinstance(value, (int, dict)) and value == back:
        return True  # an int as a float, exactly; a dict of another order
    return value is None or repr(converter.to_plain(value)) == repr(converter.to_plain(back))
