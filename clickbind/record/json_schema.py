"""Make a JSON Schema of a program's config files, for editors.

An editor parses a file by YAML 1.2's core schema and checks the resulting values, but clickbind reads the text itself.
So the schema of a type accepts each JSON value that can result from a text that clickbind accepts: for an int, the
integer and the strings ``1_000`` and ``"5"``. A value that no schema can check is accepted, since clickbind checks it
afterwards.
"""

from __future__ import annotations

import contextlib
import enum
import json
import typing
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any, NamedTuple
from urllib.parse import quote

from .. import declare, types
from ..declare.docstrings import summary
from ..declare.function import EMPTY, ParameterSpec
from ..declare.registry import Bound, Registry
from ..declare.texts import text_of
from ..keys import above, choice_of, inside, relative
from ..nodes.core_schema import core_text
from ..types import BOOL_WORDS, BoolConverter, Converter, ScalarConverter, StrConverter
from ..types.models import CLASS
from ..types.table import converter_of
from ..types.words import CoreConverter
from . import patterns

__all__ = ["schema", "text"]

Schema = dict[str, Any]


class Form(NamedTuple):
    """The values of a type as an editor sees them.

    Attributes
    ----------
    text, word : tuple of str
        Patterns of its strings, except YAML flow: of whole strings, and of words in a longer string.
    values, nodes : tuple of Schema
        Schemas of its numbers and booleans, and of its arrays and objects.
    """

    text: tuple[str, ...] = ()
    word: tuple[str, ...] = ()
    values: tuple[Schema, ...] = ()
    nodes: tuple[Schema, ...] = ()


def _text(pattern: str, *values: Schema, around: str = r"\s*") -> Form:
    """Make the form of a type whose texts match a pattern, and may be other JSON values to an editor."""
    return Form((f"{around}(?:{pattern}){around}",), (patterns.in_a_word(pattern),), values)


_LENGTHS = {"array": "Items", "object": "Properties"}
_NUMBER: Schema = {"type": "number"}
_INTEGER: Schema = {"type": "integer"}
_BOOLEAN: Schema = {"type": "boolean"}
_STR = Form((patterns.ANY,), (patterns.ANY_WORD,), (_NUMBER, _BOOLEAN))
_NOTHING = "(?!)"  # a pattern that matches no text
_ANYTHING = _STR._replace(nodes=({"type": "array"}, {"type": "object"}))
_BIT: Schema = {"type": "integer", "minimum": 0, "maximum": 1}
# Without dashes and colons these are numbers to an editor: 20240131, 235959, a UUID of digits alone.
_DAY_NUMBER: Schema = {"type": "integer", "minimum": 1000_01_01, "maximum": 9999_12_31}
_CLOCK_NUMBER: Schema = {"type": "number", "minimum": 0, "exclusiveMaximum": 24_00_00}
_LONG_NUMBER: Schema = {"type": "integer", "minimum": 10**31}
# By the noun of a type, as clickbind or Click calls it. Types that are not listed accept any text.
_NOUNS = {
    "boolean": _text(patterns.BOOLEAN, _BOOLEAN, _BIT),
    "integer": _text(patterns.INTEGER, _INTEGER),
    "float": _text(patterns.FLOAT, _NUMBER),
    "complex": _text(patterns.COMPLEX, _NUMBER),
    "decimal": _text(patterns.DECIMAL, _NUMBER),
    "fraction": _text(patterns.FRACTION, _NUMBER),
    "date": _text(patterns.DATE, _DAY_NUMBER, around=""),
    "datetime": _text(patterns.DATETIME, _DAY_NUMBER, around=""),
    "time": _text(patterns.TIME, _CLOCK_NUMBER, around=""),
    "duration": _text(patterns.DURATION),
    "UUID": _text(patterns.UUID, _LONG_NUMBER, around=""),
    "IPv4 address": _text(patterns.IPV4, around=""),
    "IPv6 address": _text(patterns.IPV6, around=""),
    "IPv4 network": _text(patterns.IPV4_NETWORK, around=""),
    "IPv6 network": _text(patterns.IPV6_NETWORK, around=""),
}
# By the start of a limit's text: the keyword for a number, or the start of the keyword for a length.
_LIMITS = {"x>=": "minimum", "x>": "exclusiveMinimum", "x<=": "maximum", "x<": "exclusiveMaximum"}
_LIMITS |= {"a multiple of ": "multipleOf", "at least ": "min", "at most ": "max"}


def _one_of(names: Sequence[str], any_case: Collection[str], others: Iterable[str] = (), also: Any = ()) -> Form:
    """Make the form of names and values. An editor sees a name that looks like a number or boolean as that."""
    texts = (*others, *(patterns.exactly(name, any_case=name in any_case) for name in names))
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
    if not isinstance(value, bool):
        return patterns.whole_number(value)
    words = [word for word, truth in BOOL_WORDS.items() if truth is value]
    return patterns.either([patterns.exactly(word, any_case=True) for word in words])


def _union(converter: types.unions.UnionConverter, defs: Schema) -> Form:
    """Combine the members. Texts of structured members must be YAML flow, and those of a bool must be words."""
    form = Form()
    for member in converter.members:
        one = _text(patterns.BOOL_WORD, _BOOLEAN, around="") if type(member) is BoolConverter else _form(member, defs)
        one = Form(word=(r"[\[{]\S*",), nodes=one.nodes) if member.structured else one
        form = Form(form.text + one.text, form.word + one.word, form.values + one.values, form.nodes + one.nodes)
    return form


def _pending(converter: types.classes.PendingConverter, defs: Schema) -> Form:
    """Combine the forms of a field in all classes, since no schema knows which one is chosen."""
    forms = [_form(member, defs) for member in converter.converters.values()]
    return Form(*(tuple(part for parts in same for part in parts) for same in zip(*forms, strict=True)))


def _limited(converter: types.constraints.LimitedConverter, defs: Schema) -> Form:
    """Bound numbers and lengths, but not the numbers in strings, which no pattern can check."""
    form = _form(converter.inner, defs)
    pairs = ((text.removeprefix(start), word) for text, _ in converter.limits for start, word in _LIMITS.items())
    read = ((word, core_text(text.removesuffix(" long"))) for text, word in pairs)
    bounds: Schema = {word: bound for word, bound in read if isinstance(bound, (int, float))}
    sizes = {end: bounds.pop(end) for end in ("min", "max") if end in bounds}
    if converter.inner.metavar == "TEXT":
        size = f"{{{sizes.get('min', 0)},{sizes.get('max', '')}}}"
        return form._replace(text=(patterns.ANY[:-1] + size,), word=(patterns.ANY_WORD[:-1] + size,))
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
    return rf"(?=\S)(?:{patterns.either(form.word)}|{patterns.QUOTED_WORD})"


def _words(item: Form, node: Schema) -> Form:
    words = (*item.word, rf"{patterns.OPENING[node['type']]}\S*", "")
    return Form((patterns.whole_words(_word(item)),), words, item.values, (node,))


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
        defs[name] = {}  # set before its fields are read, because it may contain itself
        found = ((field.name, converter_of(field.annotation, optional=field.plain_default is None)) for field in fields)
        own = {CLASS: {"enum": [converter.model.name]}}  # unless a field is called so
        inner = _object({**own, **{name: _value(inner, defs) for name, inner in found if inner is not None}})
        defs[name] = {**inner, "required": [field.name for field in fields if field.required]}
    return Form(word=(r"\{\S*",), nodes=({"type": "object", **_ref(name)},))


def _stages(converter: declare.turns.StagesConverter, _: Schema) -> Form:
    names = [name for name, _ in converter.complete("")]
    spellings = [patterns.exactly(name).replace("_", "[-_]") for name in names]
    turn = {f"^{spelling}$": _ref(name) for name, spelling in zip(names, spellings, strict=True)}
    one = {"type": "object", "patternProperties": turn, "minProperties": 1, "maxProperties": 1}
    form = _one_of(names, (), spellings)
    items = {"anyOf": [*form.values, _string(form, patterns.VARIABLE), {**one, "additionalProperties": False}]}
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
    types.choices.ImportConverter: lambda _, __: _text(patterns.IMPORT_PATH, around=""),
    types.unions.OptionalConverter: lambda converter, defs: _form(converter.inner, defs),
    types.unions.UnionConverter: _union,
    types.constraints.LimitedConverter: _limited,
    types.constraints.ClickConverter: _click,
    types.containers.SequenceConverter: _sequence,
    types.containers.TupleConverter: _tuple,
    types.containers.MappingConverter: _mapping,
    types.models.ModelConverter: _model,
    types.classes.WholeConverter: lambda _, __: Form(),
    types.classes.ClassConverter: lambda converter, _: _one_of(list(converter.models), ()),
    types.classes.PendingConverter: _pending,
    declare.turns.StagesConverter: _stages,
}


def _form(converter: Converter, defs: Schema) -> Form:
    """Return the form of a converter's values. A converter from outside may accept anything."""
    make = _FORMS.get(type(converter))
    return _ANYTHING if make is None else make(converter, defs)


def _value(converter: Converter, defs: Schema) -> Schema:
    """Make the schema of a value, and add the classes in it to `defs`."""
    form = _form(converter, defs)
    nulls: list[Schema] = [{"type": "null"}] if converter.nullable else []
    parts = [*form.values, *form.nodes, _string(form, patterns.VARIABLE), *nulls]
    return {} if form is _ANYTHING else {"anyOf": parts}


def _string(form: Form, *more: str) -> Schema:
    if patterns.ANY in form.text:
        return {"type": "string"}
    texts = [*form.text, *(patterns.flow(node["type"]) for node in form.nodes)]
    return {"type": "string", "pattern": patterns.either([f"^(?:{patterns.either(texts) or _NOTHING})$", *more])}


def _ref(*path: str) -> Schema:
    return {"$ref": "/".join(["#", "$defs", *map(quote, path)])}


def _parameter(bound: Bound, spec: ParameterSpec, defs: Schema) -> Schema:
    assert spec.converter is not None  # an option has one
    found = {**_value(spec.converter, defs), "description": text_of(bound.spec, spec).replace("\b\n", "")}
    if spec.shown_default is not EMPTY and not spec.secret:
        with contextlib.suppress(TypeError, ValueError, AttributeError, RecursionError):  # no file can hold it
            plain = spec.converter.to_plain(spec.converter.from_plain(spec.shown_default))
            found["default"] = json.loads(json.dumps(plain, allow_nan=False))
    return found


def _object(fields: Schema, *more: str) -> Schema:
    types = {"type": ["object", "string", *more], "pattern": patterns.VARIABLE}  # a string may be a variable
    return {**types, "properties": fields, "additionalProperties": False}


def _function(bound: Bound, defs: Schema) -> Schema:
    """Make the schema of a function's mapping of parameters, with the fields of models both flat and nested."""
    properties = {name: _parameter(bound, spec, defs) for name, spec in bound.options.items()}
    choices = {choice_of(name): name for name in properties if bound.chooses(name)}
    properties.update((name, properties[group]) for name, group in choices.items())
    found: dict[str, Schema] = {group: {} for name in properties for group in reversed(above(name))}
    for group, fields in found.items():
        for name in inside([*properties, *found], group):
            fields[relative(name, group)] = _ref(bound.name, "properties", name)
    nested = {group: _object(fields) for group, fields in found.items()}
    for group in nested.keys() & properties.keys():  # models that may be None as a whole, or whose class is chosen
        texts = {name: item for name, item in properties[group].items() if name in {"default", "description"}}
        converter = bound.options[group].converter
        assert converter is not None  # an option has one
        string = _string(_form(converter, defs), patterns.VARIABLE)
        nested[group] = {
            **_object(found[group], *(["null"] * converter.nullable)),
            "pattern": string["pattern"],
            **texts,
        }
    return {**_object({**properties, **nested}, "null"), "description": summary(bound.function)}


_GRID = "$sweep"
_END: Schema = {"type": ["number", "string"]}  # a string may be a variable, or a number such as 1_000
_RANGE: Schema = {
    "type": "object",
    "properties": {"from": _END, "to": _END, "log": {"type": ["boolean", "string", "integer"]}},
    "required": ["from", "to"],
    "additionalProperties": False,
}
"""A range of a search."""


def _grid(registry: Registry, properties: Schema) -> Schema:
    """Make the schema of a grid in ``$sweep``: of each key a value, a list of them or, for a number, a range."""
    found: Schema = {}
    for name, one in properties.items():
        if not name.startswith("$"):
            setting = registry.find(name)
            converter = None if setting is None else setting[2].converter
            is_number = converter is not None and types.intervals.numbers_of(converter) is not None
            found[name] = {"anyOf": [one, {"type": "array", "items": one, "minItems": 1}, *([_RANGE] * is_number)]}
    known = {"additionalProperties": registry.settings.unknown_keys != "error"}
    return {"type": "object", "properties": found, "patternProperties": {r"^args\.": {}}, **known}


def schema(registry: Registry) -> Schema:
    """Make the JSON Schema (2020-12) of a program's config files.

    Parameters
    ----------
    registry : Registry
        The functions that the keys are for.

    Raises
    ------
    BindError
        If the signature of a function cannot be read.
    """
    scalar = ["string", "number", "boolean"]
    properties: Schema = {
        "$schema": {"type": "string"},
        "$include": {"type": [*scalar, "array", "null"], "items": {"type": scalar}},
        "$vars": {"type": ["object", "null"], "propertyNames": {"pattern": patterns.VARIABLE_NAME}},
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
    defs[_GRID] = _grid(registry, properties)
    properties["$sweep"] = {"anyOf": [_ref(_GRID), {"type": "array", "items": _ref(_GRID)}]}
    known: Schema = {"additionalProperties": False}
    if registry.settings.unknown_keys != "error":
        of_bound = rf"^(?:{'|'.join(map(patterns.exactly, owners))})\.[^-]*$"
        known = {"propertyNames": {"anyOf": [{"enum": list(properties)}, {"not": {"pattern": of_bound}}]}}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": ["object", "null"],
        "properties": properties,
        "patternProperties": {r"^args\.": {}},
        **known,
        "$defs": defs,
    }


def text(registry: Registry) -> str:
    """Return the JSON Schema of a program's config files as text."""
    return f"{json.dumps(schema(registry), indent=2, ensure_ascii=False)}\n"
