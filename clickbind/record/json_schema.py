"""A JSON Schema of a program's config files, for the editor that they are written in.

An editor reads a file by YAML 1.2's core schema and checks what that makes of it; clickbind reads the text itself. So a
type's schema takes each JSON value that a text which clickbind takes may come out as: of an int the integer, and the
strings ``1_000`` and ``"5"``. Where no schema can tell, it takes the value: clickbind comes after it.
"""

from __future__ import annotations

import contextlib
import enum
import json
import re
import typing
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any, NamedTuple
from urllib.parse import quote

from .. import declare, types
from ..declare.docstrings import first_paragraph
from ..declare.function import EMPTY, ParameterSpec
from ..declare.registry import Bound, Registry
from ..keys import above, inside, relative
from ..nodes.core_schema import core_text
from ..types import BOOL_WORDS, BoolConverter, Converter, ScalarConverter, StrConverter
from ..types.table import converter_of
from ..types.words import CoreConverter

__all__ = ["schema"]

Schema = dict[str, Any]


class Form(NamedTuple):
    """What the values of a type look like to an editor.

    Attributes
    ----------
    text, word : tuple of str
        Patterns of its strings, but for YAML flow: of whole ones, and of those that are one word of a longer text.
    values, nodes : tuple of Schema
        Its numbers and booleans; its arrays and objects.
    """

    text: tuple[str, ...] = ()
    word: tuple[str, ...] = ()
    values: tuple[Schema, ...] = ()
    nodes: tuple[Schema, ...] = ()


def _exactly(text: str, *, any_case: bool = False) -> str:
    pattern = re.sub(r"[\\^$.*+?()\[\]{}|]", r"\\\g<0>", text)  # `re.escape` makes escapes that ECMA-262 has not
    return (
        re.sub(r"[^\W\d_]", lambda found: f"[{found[0].lower()}{found[0].upper()}]", pattern) if any_case else pattern
    )


def _text(pattern: str, *values: Schema, around: str = r"\s*") -> Form:
    word = pattern.replace(" *", "").replace("[ ,]*", ",*")  # two ways through one text are 2**n ways through a list
    return Form((f"{around}(?:{pattern}){around}",), (word,), values)


_ANY, _ANY_WORD = r"[\s\S]*", r"""[^\s"']*"""
_QUOTED_WORD = r"""(?:[^\s"']*(?:"[^"]*"|'[^']*'))+[^\s"']*"""
_VARIABLE = r"^\$[A-Za-z_]\w*$|\$[${]"  # what it stands for is not known here
_OPENING, _LENGTHS = {"array": r"\[", "object": r"\{"}, {"array": "Items", "object": "Properties"}
_NUMBER: Schema = {"type": "number"}
_INTEGER: Schema = {"type": "integer"}
_BOOLEAN: Schema = {"type": "boolean"}
_STR = Form((_ANY,), (_ANY_WORD,), (_NUMBER, _BOOLEAN))
_ANYTHING = _STR._replace(nodes=({"type": "array"}, {"type": "object"}))
# The patterns are such as Python and ECMA-262 read alike, but for digits and spaces that are not ASCII.
_DIGITS = r"\d(?:_?\d)*"
_BASED = r"0[xX](?:_?[0-9a-fA-F])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+"
_REAL = rf"(?:{_DIGITS}(?:\.(?:{_DIGITS})?)?|\.{_DIGITS})(?:[eE][-+]?{_DIGITS})?"
_INF, _NAN = "[iI][nN][fF](?:[iI][nN][iI][tT][yY])?", "[nN][aA][nN]"
_PART = rf"(?:{_REAL}|{_INF}|{_NAN})"
_DAY = r"(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\d|30)|02-(?:0[1-9]|[12]\d))"
_DATE = rf"(?!0000)\d{{4}}(?:-{_DAY}|{_DAY.replace('-(', '(')}|-?W(?:0[1-9]|[1-4]\d|5[0-3])(?:-?[1-7])?)"
_CLOCK = r"(?:[01]\d|2[0-3])(?::?[0-5]\d(?::?[0-5]\d(?:[.,]\d+)?)?)?"
_TIME = rf"{_CLOCK}(?:[zZ]|[-+]{_CLOCK})?"
_SPAN = r"(?:-?\d+ days?, ?)?\d+:\d\d(?::\d\d(?:\.\d{1,6})?)?"
_UNITS = r"(?:- *)?(?:\d+(?:\.\d*)?[ ,]*(?:ms|us|[wdhms])(?:ays?)?[ ,]*)+"
_IPV4 = r"(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)\.){3}(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"
_IPV6 = r"(?=(?:\S*:){2})[0-9a-fA-F:.]+(?:%[^\s/%]+)?"
_WORDS = "|".join(_exactly(word, any_case=True) for word in BOOL_WORDS)
# Without dashes and colons these are numbers to an editor.
_DAY_NUMBER: Schema = {"type": "integer", "minimum": 1000_01_01, "maximum": 9999_12_31}
# By the noun of a type, as it or Click names it. What is not here takes any text.
_NOUNS = {
    "boolean": _text(rf"{_WORDS}|[01]", _BOOLEAN, {"type": "integer", "minimum": 0, "maximum": 1}),
    "integer": _text(rf"[-+]?(?:{_DIGITS}|{_BASED})", _INTEGER),
    "float": _text(rf"[-+]?(?:{_REAL}|\.?(?:{_INF}|{_NAN}))", _NUMBER),
    "complex": _text(rf"\(? *[-+]? *(?:{_PART}(?: *[-+] *{_PART}? *[jJ]| *[jJ])?|[jJ]) *\)?", _NUMBER),
    "decimal": _text(rf"[-+]?(?:(?=[_.]*\d)[\d_]*(?:\.[\d_]*)?(?:[eE][-+]?[\d_]+)?|{_INF}|[sS]?{_NAN}[\d_]*)", _NUMBER),
    "fraction": _text(rf"[-+]?(?:{_DIGITS} */ *(?=[0_]*[1-9]){_DIGITS}|{_REAL})", _NUMBER),
    "date": _text(_DATE, _DAY_NUMBER, around=""),
    "datetime": _text(rf"{_DATE}(?:[\s\S]{_TIME})?", _DAY_NUMBER, around=""),
    "time": _text(f"T?{_TIME}", {"type": "number", "minimum": 0, "exclusiveMaximum": 24_00_00}, around=""),
    "duration": _text(f"{_SPAN}|{_UNITS}"),
    "UUID": _text(r"(?:urn:|uuid:)*\{*-*(?:[0-9a-fA-F]-*){32}\}*", {"type": "integer", "minimum": 10**31}, around=""),
    "IPv4 address": _text(_IPV4, around=""),
    "IPv6 address": _text(_IPV6, around=""),
    "IPv4 network": _text(rf"{_IPV4}(?:/(?:0*(?:3[0-2]|[12]?\d)|{_IPV4}))?", around=""),
    "IPv6 network": _text(rf"{_IPV6}(?:/0*(?:12[0-8]|1[01]\d|[1-9]?\d))?", around=""),
}
# How a limit begins, and the keyword for its number, or the beginning of the keyword for a length.
_LIMITS = {"x>=": "minimum", "x>": "exclusiveMinimum", "x<=": "maximum", "x<": "exclusiveMaximum"}
_LIMITS |= {"a multiple of ": "multipleOf", "at least ": "min", "at most ": "max"}


def _one_of(names: Sequence[str], any_case: Collection[str], patterns: Iterable[str] = (), also: Any = ()) -> Form:
    """Make the form of some names and values; a name that reads as a number or boolean comes out as that."""
    texts = (*patterns, *(_exactly(name, any_case=name in any_case) for name in names))
    read = [core_text(name.lower() if name in any_case else name) for name in names]
    values = [*also, *names, *(value for value in read if isinstance(value, (bool, int, float)))]
    return Form(texts, tuple(text.replace(r"\s*", "") for text in texts), ({"enum": values},))


def _enum(converter: types.choices.EnumConverter, _: Schema) -> Form:
    form = _one_of(converter.names, converter.names)
    if not issubclass(converter.kind, enum.Flag):
        return form
    name = f"(?:{'|'.join(form.text)})"
    bits = rf"{name}(?:\s*\|[\s|]*{name})*"
    return form._replace(text=(rf"[\s|]*(?:{bits}\s*(?:\|[\s|]*)?)?",), word=(rf"\|*{bits}\|*",))


def _literal(converter: types.choices.LiteralConverter, _: Schema) -> Form:
    kinds = {text: type(value) for value, text in zip(converter.values, converter.texts, strict=True)}
    names = [text for text, kind in kinds.items() if kind not in {bool, int, type(None)}]
    others = [value for value in converter.values if type(value) in {bool, int}]
    any_case = [name for name in names if issubclass(kinds[name], enum.Enum)]
    return _one_of(names, any_case, map(_spelling, others), others)


def _spelling(value: int) -> str:
    if isinstance(value, bool):
        return "|".join(_exactly(word, any_case=True) for word, truth in BOOL_WORDS.items() if truth is value)
    sign = "[+]?" if value > 0 else "-" if value else "[-+]?"
    return rf"\s*(?:{sign}(?:0_?)*{'_?'.join(str(abs(value)))}|[-+]?(?:{_BASED}))\s*"


def _union(converter: types.unions.UnionConverter, defs: Schema) -> Form:
    """Join the members; the text of one that is structured must be flow, that of a bool a word."""
    form = Form()
    for member in converter.members:
        one = _text(_WORDS, _BOOLEAN, around="") if type(member) is BoolConverter else _form(member, defs)
        one = Form(word=(r"[\[{]\S*",), nodes=one.nodes) if member.structured else one
        form = Form(form.text + one.text, form.word + one.word, form.values + one.values, form.nodes + one.nodes)
    return form


def _limited(converter: types.constraints.LimitedConverter, defs: Schema) -> Form:
    """Set bounds to numbers and lengths; whether the number in a string keeps them, no pattern tells."""
    form = _form(converter.inner, defs)
    pairs = ((text.removeprefix(start), word) for text, _ in converter.limits for start, word in _LIMITS.items())
    read = ((word, core_text(text.removesuffix(" long"))) for text, word in pairs)
    bounds: Schema = {word: bound for word, bound in read if isinstance(bound, (int, float))}
    sizes = {end: bounds.pop(end) for end in ("min", "max") if end in bounds}
    if converter.inner.metavar == "TEXT":
        size = f"{{{sizes.get('min', 0)},{sizes.get('max', '')}}}"
        return form._replace(text=(_ANY[:-1] + size,), word=(_ANY_WORD[:-1] + size,))
    if not converter.structured:
        return _bounded(form, bounds)
    nodes = ({**node, **{end + _LENGTHS[node["type"]]: size for end, size in sizes.items()}} for node in form.nodes)
    return form._replace(nodes=tuple(nodes), values=form.values if sizes.get("min", 0) <= 1 else ())


def _bounded(form: Form, bounds: Schema) -> Form:
    return form._replace(values=tuple({**one, **bounds} if one in (_INTEGER, _NUMBER) else one for one in form.values))


def _click(converter: types.constraints.ClickConverter, _: Schema) -> Form:
    kind: Any = converter.kind
    noun = kind.name.removesuffix(" range") if type(kind).__module__ == "click.types" else ""
    if noun == "choice":
        names = [str(getattr(choice, "name", choice)) for choice in kind.choices]
        return _one_of(names, () if kind.case_sensitive else names)
    form = _STR if noun == "datetime" else _NOUNS.get({"uuid": "UUID"}.get(noun, noun), _STR)  # it has its own formats
    if getattr(kind, "clamp", True):
        return form
    low = "exclusiveMinimum" if kind.min_open else "minimum"
    high = "exclusiveMaximum" if kind.max_open else "maximum"
    return _bounded(form, {end: bound for end, bound in ((low, kind.min), (high, kind.max)) if bound is not None})


def _word(form: Form) -> str:
    return rf"(?=\S)(?:{'|'.join(form.word)}|{_QUOTED_WORD})"


def _words(item: Form, node: Schema) -> Form:
    text = rf"(?![\[{{])\s*(?:{_word(item)}(?:\s+|$))*"
    return Form((text,), (*item.word, rf"{_OPENING[node['type']]}\S*", ""), item.values, (node,))


def _sequence(converter: types.containers.SequenceConverter, defs: Schema) -> Form:
    return _words(_form(converter.item, defs), {"type": "array", "items": _value(converter.item, defs)})


def _tuple(converter: types.containers.TupleConverter, defs: Schema) -> Form:
    forms = [_form(item, defs) for item in converter.items]
    words = r"\s+".join(map(_word, forms))
    items = [_value(item, defs) for item in converter.items]
    array: Schema = {"type": "array", "minItems": len(items), "maxItems": len(items)}
    array |= {"prefixItems": items} if items else {}
    alone = forms[0] if len(forms) == 1 else Form()
    return Form((rf"(?![\[{{])\s*{words}\s*",), (*alone.word, r"\[\S*"), alone.values, (array,))


def _mapping(converter: types.containers.MappingConverter, defs: Schema) -> Form:
    key, values = _form(converter.key, defs), _value(converter.value, defs)
    pair = f"(?:{'|'.join(key.word)})=(?:{'|'.join(_form(converter.value, defs).word)})"
    node = {"type": "object", "propertyNames": _string(key), "additionalProperties": values}
    return _words(Form(word=(pair,)), node)


def _model(converter: types.models.ModelConverter, defs: Schema) -> Form:
    cls, fields = converter.model.cls, converter.model.fields.values()
    arguments = str(list(typing.get_args(converter.model.annotation)) or "")
    name = f"{cls.__module__}:{cls.__qualname__}{arguments}"
    if name not in defs:
        defs[name] = {}  # it may hold itself
        found = ((field.name, converter_of(field.annotation, optional=field.plain_default is None)) for field in fields)
        inner = _object({name: _value(inner, defs) for name, inner in found if inner is not None})
        defs[name] = {**inner, "required": [field.name for field in fields if field.required]}
    return Form(word=(r"\{\S*",), nodes=({"type": "object", **_ref(name)},))


def _stages(converter: declare.turns.StagesConverter, _: Schema) -> Form:
    names = [name for name, _ in converter.complete("")]
    patterns = [_exactly(name).replace("_", "[-_]") for name in names]
    turn = {f"^{pattern}$": _ref(name) for name, pattern in zip(names, patterns, strict=True)}
    one = {"type": "object", "patternProperties": turn, "minProperties": 1, "maxProperties": 1}
    form = _one_of(names, (), patterns)
    items = {"anyOf": [*form.values, _string(form, _VARIABLE), {**one, "additionalProperties": False}]}
    return _words(Form(word=form.word), {"type": "array", "items": items})


def _scalar(converter: ScalarConverter, _: Schema) -> Form:
    return _NOUNS.get(converter.noun.replace("interface", "network"), _STR)


_FORMS: dict[type[Converter], Callable[[Any, Schema], Form]] = {
    CoreConverter: lambda _, __: _ANYTHING,
    **dict.fromkeys((ScalarConverter, StrConverter, BoolConverter), _scalar),
    **dict.fromkeys(
        (
            types.scalars.TimeConverter,
            types.scalars.SecretConverter,
            types.scalars.BytesConverter,
            types.scalars.PathConverter,
        ),
        _scalar,
    ),
    types.choices.EnumConverter: _enum,
    types.choices.LiteralConverter: _literal,
    types.choices.ImportConverter: lambda _, __: _text(r"[^\s:]+:[^\s:]+", around=""),
    types.unions.OptionalConverter: lambda converter, defs: _form(converter.inner, defs),
    types.unions.UnionConverter: _union,
    types.constraints.LimitedConverter: _limited,
    types.constraints.ClickConverter: _click,
    types.containers.SequenceConverter: _sequence,
    types.containers.TupleConverter: _tuple,
    types.containers.MappingConverter: _mapping,
    types.models.ModelConverter: _model,
    declare.settings.WholeConverter: lambda _, __: Form(),
    declare.turns.StagesConverter: _stages,
}


def _form(converter: Converter, defs: Schema) -> Form:
    """Find what a converter's values look like; one of somebody else's may take anything."""
    make = _FORMS.get(type(converter))
    return _ANYTHING if make is None else make(converter, defs)


def _value(converter: Converter, defs: Schema) -> Schema:
    """Make the schema of a value; `defs` gets the classes that it is made of."""
    form = _form(converter, defs)
    parts = [*form.values, *form.nodes, _string(form, _VARIABLE), *([{"type": "null"}] if converter.nullable else [])]
    return {} if form is _ANYTHING else {"anyOf": parts}


def _string(form: Form, *more: str) -> Schema:
    flow = (rf"{_OPENING[node['type']]}[\s\S]*" for node in form.nodes)
    pattern = f"^(?:{'|'.join([*form.text, *flow]) or '(?!)'})$"
    return {"type": "string"} if _ANY in form.text else {"type": "string", "pattern": "|".join([pattern, *more])}


def _ref(*path: str) -> Schema:
    return {"$ref": "/".join(["#", "$defs", *map(quote, path)])}


def _parameter(bound: Bound, spec: ParameterSpec, defs: Schema) -> Schema:
    assert spec.converter is not None  # an option has one
    found = {**_value(spec.converter, defs), "description": bound.spec.text_of(spec) or ""}
    if spec.shown_default is not EMPTY and not spec.secret:
        with contextlib.suppress(TypeError, ValueError, AttributeError, RecursionError):  # no file could hold it
            plain = spec.converter.to_plain(spec.converter.from_plain(spec.shown_default))
            found["default"] = json.loads(json.dumps(plain, allow_nan=False))
    return found


def _object(fields: Schema, *more: str) -> Schema:
    types = {"type": ["object", "string", *more], "pattern": _VARIABLE}  # a variable may stand for it
    return {**types, "properties": fields, "additionalProperties": False}


def _function(bound: Bound, defs: Schema) -> Schema:
    """Make the schema of what stands under a function's name: its parameters, those of models flat and nested."""
    properties = {name: _parameter(bound, spec, defs) for name, spec in bound.options.items()}
    found: dict[str, Schema] = {group: {} for name in properties for group in reversed(above(name))}
    for group, fields in found.items():
        for name in inside([*properties, *found], group):
            fields[relative(name, group)] = _ref(bound.name, "properties", name)
    nested = {group: _object(fields) for group, fields in found.items()}
    for group in nested.keys() & properties.keys():  # one that may be None as a whole
        told = {name: item for name, item in properties[group].items() if name in {"default", "description"}}
        nested[group] = {**_object(found[group], "null"), **told}
    return {**_object({**properties, **nested}, "null"), "description": first_paragraph(bound.function)}


def schema(registry: Registry) -> Schema:
    """Make the JSON Schema (2020-12) of the config files that a program takes.

    Parameters
    ----------
    registry : Registry
        What the keys of a file may name.

    Raises
    ------
    BindError
        Where a function cannot be looked at.
    """
    scalar = ["string", "number", "boolean"]
    properties: Schema = {
        "$schema": {"type": "string"},
        "$include": {"type": [*scalar, "array", "null"], "items": {"type": scalar}},
        "$vars": {"type": ["object", "null"], "propertyNames": {"pattern": r"^[A-Za-z_]\w*$"}},
        "args": {},
    }
    defs, owners = Schema(), Schema()
    for bound in registry:
        defs[bound.name] = _function(bound, defs)
        for owner in bound.owners:
            owners[owner] = _ref(bound.name)
            names = [name for name in defs[bound.name]["properties"] if registry.split(f"{owner}.{name}")[2] == name]
            properties.update({f"{owner}.{name}": _ref(bound.name, "properties", name) for name in names})
    properties.update(owners)
    known: Schema = {"additionalProperties": False}
    if registry.settings.unknown_keys != "error":
        of_bound = rf"^(?:{'|'.join(map(_exactly, owners))})\.[^-]*$"
        known = {"propertyNames": {"anyOf": [{"enum": list(properties)}, {"not": {"pattern": of_bound}}]}}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": ["object", "null"],
        "properties": properties,
        "patternProperties": {r"^args\.": {}},
        **known,
        "$defs": defs,
    }
