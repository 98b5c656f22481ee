"""Classes with fields: dataclasses, attrs classes, pydantic models, named tuples and typed dicts.

Known by the marks that each kind leaves on its classes, so that none of these libraries is imported here.
"""

from __future__ import annotations

import inspect
import sys
import typing
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from .conversion import RANKS, Converter, annotations_of
from .errors import ConversionError, suggest
from .flow import each, from_flow
from .hints import checked, settled
from .nodes import MapNode, Node, Scalar

__all__ = ["EMPTY", "Field", "Model", "ModelConverter", "is_typed_dict", "model_of"]

EMPTY = inspect.Parameter.empty


class Field:
    """One field of a model.

    Attributes
    ----------
    name : str
        Its name in keys and options.
    attribute : str
        What an instance calls it.
    argument : str
        What the class's constructor calls it.
    annotation : object
        Its hint, evaluated, or the type of its default: see `settled`.
    default : object
        Its default; `EMPTY` where it has none.
    required : bool
        Whether the class cannot be made without it.
    text : str
        What is said of it where it is declared.
    """

    __slots__ = ("annotation", "argument", "attribute", "default", "name", "required", "text")

    def __init__(
        self,
        name: str,
        annotation: Any,
        default: Any,
        *,
        required: bool | None = None,
        argument: str | None = None,
        attribute: str | None = None,
        text: str = "",
    ) -> None:
        self.name = name
        self.attribute = attribute or name
        self.argument = argument or name
        self.annotation = settled(annotation, default)
        self.default = default
        self.required = default is EMPTY if required is None else required
        self.text = text


class Model:
    """A class with fields.

    Attributes
    ----------
    kind : type
        The class.
    fields : dict of str to Field
        The fields that its constructor takes.
    """

    def __init__(self, kind: Any, fields: list[Field]) -> None:
        self.kind = kind
        self.fields = {field.name: field for field in fields}
        self._is_dict = is_typed_dict(kind)

    def holds(self, value: Any) -> bool:
        """Tell whether a value is one of the class."""
        if self._is_dict:
            needed = {field.name for field in self.fields.values() if field.required}
            return type(value) is dict and needed <= set(value) <= set(self.fields)
        return isinstance(value, self.kind)

    def get(self, value: Any, name: str) -> Any:
        """Give a field of an instance; `EMPTY` where a typed dict has none."""
        return value.get(name, EMPTY) if self._is_dict else getattr(value, self.fields[name].attribute)

    def values(self, value: Any) -> dict[str, Any]:
        """Give all fields of an instance."""
        found = {name: self.get(value, name) for name in self.fields}
        return {name: item for name, item in found.items() if item is not EMPTY}

    def build(self, given: Mapping[str, Any], base: Any) -> Any:
        """Make an instance.

        Parameters
        ----------
        given : mapping of str to object
            Values by field; a nested model's by dotted path.
        base : object
            An instance that has the other values, or anything else where the class's own defaults do.

        Raises
        ------
        ConversionError
            Where a field is missing, or the class refuses the values.
        """
        whole = self.holds(base)
        if whole and not self._is_dict and type(base) is not self.kind:  # an instance of a subclass stays one
            own = model_of(type(base))
            assert own is not None  # a subclass has its base's marks
            return own.build(given, base)
        values = self.values(base) if whole else {}
        nested: dict[str, dict[str, Any]] = {}
        for path, value in given.items():
            name, dot, rest = path.partition(".")
            if dot:
                nested.setdefault(name, {})[rest] = value
            else:
                values[name] = value
        for name, inner in nested.items():
            field = self.fields[name]
            model = model_of(field.annotation)
            assert model is not None  # only a model's field has a dotted path
            values[name] = model.build(inner, values.get(name, field.default))
        missing = [name for name, field in self.fields.items() if field.required and name not in values]
        if missing:
            raise ConversionError(f"{self.kind.__name__} needs a value for {', '.join(missing)} too.")
        try:
            return self.kind(**{self.fields[name].argument: value for name, value in values.items()})
        except (ValueError, TypeError) as error:
            raise ConversionError(f"{self.kind.__name__} cannot be made of this: {_first_line(error)}") from None


class ModelConverter(Converter):
    """A model inside of a list or mapping: a YAML mapping of its fields.

    Parameters
    ----------
    model : Model
        The model.
    converter_of : callable
        Finds the converter of a field's annotation, when it is first needed: a model may hold itself.
    """

    rank = RANKS.index("structured")
    structured = True
    mutable = True

    def __init__(self, model: Model, converter_of: Callable[..., Converter | None]) -> None:
        self.model = model
        self.metavar = f"{{{model.kind.__name__.upper()}}}"
        self._converter_of = converter_of

    def _converter(self, name: str, node: Node | None = None) -> Converter:
        field = self.model.fields.get(name)
        converter = None if field is None else self._converter_of(field.annotation, optional=field.default is None)
        if converter is None:
            kind = self.model.kind.__name__
            raise ConversionError(f"{kind} has no field {name!r}.{suggest(name, self.model.fields)}", node)
        return converter

    def from_text(self, text: str) -> Any:
        """Read YAML flow."""
        if text[:1] != "{":
            raise ConversionError(f"{text!r} is no mapping: {{field: value, …}}.")
        return from_flow(self.from_node, text)

    def from_node(self, node: Node) -> Any:
        """Read a mapping of fields."""
        if not isinstance(node, MapNode):
            return super().from_node(node)
        names = [name.text if isinstance(name, Scalar) else "" for name, _ in node.pairs]
        for number, (name, _) in enumerate(node.pairs):
            if names[number] in names[:number]:
                raise ConversionError(f"the field {names[number]!r} stands here twice.", name)
        converters = [self._converter(name, key) for name, (key, _) in zip(names, node.pairs, strict=True)]
        reads = zip((converter.from_node for converter in converters), (item for _, item in node.pairs), strict=True)
        return self.model.build(dict(zip(names, each(reads), strict=True)), EMPTY)

    def from_plain(self, value: Any) -> Any:
        """Read a Python mapping of fields."""
        if not isinstance(value, dict) or self.accepts(value):
            return super().from_plain(value)
        return self.model.build({name: self._converter(name).from_plain(item) for name, item in value.items()}, EMPTY)

    def to_plain(self, value: Any) -> Any:
        """Write a mapping of fields."""
        if not self.model.holds(value):
            raise TypeError(f"{value!r} is no {self.model.kind.__name__}")
        return {name: self._converter(name).to_plain(item) for name, item in self.model.values(value).items()}

    def accepts(self, value: Any) -> bool:
        """Take instances of the model."""
        return self.model.holds(value)


def _first_line(error: Exception) -> str:
    errors = getattr(error, "errors", None)
    if callable(errors):  # pydantic's, which has a list of them
        return "; ".join(f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in errors())
    return str(error)


def model_of(kind: Any) -> Model | None:
    """Look at a class, if it is one with fields; None where it is none.

    Parameters
    ----------
    kind : object
        An annotation without what only names it.
    """
    if not isinstance(kind, type) or typing.get_origin(kind) is not None:
        return None
    for mark, fields in _KINDS.items():
        if hasattr(kind, mark):
            return Model(kind, list(fields(kind)))
    return Model(kind, list(_typed_dict(kind))) if is_typed_dict(kind) else None


def is_typed_dict(kind: Any) -> bool:
    """Tell whether a class is a TypedDict, of typing or of typing_extensions."""
    return type(kind).__name__ == "_TypedDictMeta"


def _hints(kind: type) -> dict[str, Any]:
    """Evaluate the hints of a class's fields, each with the names of the class that declares it."""
    found: dict[str, Any] = {}
    for base in reversed(kind.__mro__):
        names = vars(sys.modules.get(base.__module__, typing))
        own = {kind.__name__: kind for kind in (*getattr(base, "__type_params__", ()), base)}
        for name, annotation in annotations_of(base).items():
            found[name] = checked(annotation, base, name, own, names, vars(base))
    return found


def _dataclass(kind: Any) -> Iterator[Field]:
    missing = sys.modules["dataclasses"].MISSING
    hints = _hints(kind)
    for field in kind.__dataclass_fields__.values():
        if field.init and field._field_type.name == "_FIELD":  # noqa: SLF001 - no other way to tell an InitVar
            default = field.default
            if field.default_factory is not missing:
                default = field.default_factory()
            text = field.metadata.get("help") or getattr(field, "doc", None) or ""
            yield Field(field.name, hints[field.name], EMPTY if default is missing else default, text=text)


def _attrs(kind: Any) -> Iterator[Field]:
    nothing = sys.modules["attr"].NOTHING
    hints = _hints(kind)
    for field in kind.__attrs_attrs__:
        if field.init:
            default: Any = field.default
            required = default is nothing
            if isinstance(default, sys.modules["attr"].Factory):
                default = EMPTY if default.takes_self else default.factory()
            annotation = hints.get(field.name, EMPTY if field.type is None else field.type)
            default = EMPTY if default is nothing else default
            name = getattr(field, "alias", None) or field.name.lstrip("_")
            text = field.metadata.get("help", "")
            yield Field(name, annotation, default, required=required, attribute=field.name, text=text)


def _pydantic(kind: Any) -> Iterator[Field]:
    for name, info in kind.__pydantic_fields__.items():
        required = info.is_required()
        try:
            default = EMPTY if required else info.get_default(call_default_factory=True)
        except ValueError:  # a factory that wants the other fields
            default = EMPTY
        annotation = info.annotation
        for item in info.metadata:
            annotation = typing.Annotated[annotation, item]
        annotation = checked(annotation, kind, name, vars(sys.modules.get(kind.__module__, typing)))
        alias = info.validation_alias if isinstance(info.validation_alias, str) else info.alias
        yield Field(name, annotation, default, required=required, argument=alias, text=info.description or "")


def _named_tuple(kind: Any) -> Iterator[Field]:
    hints = _hints(kind)
    for name in kind._fields:
        yield Field(name, hints.get(name, Any), kind._field_defaults.get(name, EMPTY))


def _typed_dict(kind: Any) -> Iterator[Field]:
    for name, annotation in _hints(kind).items():
        # Where annotations are strings, __required_keys__ does not know what they say.
        qualifier = str(typing.get_origin(annotation)).rpartition(".")[2]
        required = {"Required": True, "NotRequired": False}.get(qualifier, name in kind.__required_keys__)
        yield Field(name, annotation, EMPTY, required=required)


# What each kind leaves on its classes, and how its fields are read. A pydantic dataclass is a dataclass too.
_KINDS: dict[str, Callable[[Any], Iterator[Field]]] = {
    "__pydantic_fields__": lambda kind: _pydantic(kind) if hasattr(kind, "model_fields") else _dataclass(kind),
    "__attrs_attrs__": _attrs,
    "__dataclass_fields__": _dataclass,
    "_field_defaults": _named_tuple,
}
