"""Read the fields of a class: of dataclasses, attrs classes, pydantic models, named tuples and typed dicts.

Each kind is known by the marks that it leaves on its classes, so that none of these libraries is imported here.
"""

from __future__ import annotations

import inspect
import sys
import typing
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from types import MemberDescriptorType
from typing import Any

from . import annotations_of
from .hints import checked, settled

__all__ = ["EMPTY", "Field", "Kind", "kind_of"]

EMPTY = inspect.Parameter.empty
# What a class has under the name of an attribute in a slot, and of a named tuple's item.
_STORED = (MemberDescriptorType, type(vars(inspect.FullArgSpec)["args"]))


class Field:
    """One field that a class's constructor takes.

    Attributes
    ----------
    name : str
        Its name in keys and options.
    attribute : str or None
        The attribute of an instance that holds it; None for an `InitVar`, which no instance keeps.
    argument : str
        The keyword of the constructor.
    annotation : object
        Its hint, evaluated; the type of its default where the hint names what only type checkers see.
    factory : callable or None
        What makes its default, called at most once; None where the default is a plain object.
    required : bool
        Whether the class cannot be made without it.
    text : str
        Its description where it is declared.
    """

    __slots__ = ("_default", "_fails", "annotation", "argument", "attribute", "factory", "name", "required", "text")

    def __init__(
        self,
        name: str,
        annotation: Any,
        default: Any,
        *,
        factory: Callable[[], Any] | None = None,
        required: bool | None = None,
        argument: str | None = None,
        attribute: str | None = "",
        text: str = "",
    ) -> None:
        self.name = name
        self.attribute = name if attribute == "" else attribute
        self.argument = argument or name
        self.annotation = settled(annotation, default)
        self._default = default
        self.factory = factory
        self._fails = False
        self.required = (default is EMPTY and factory is None) if required is None else required
        self.text = text

    @property
    def plain_default(self) -> Any:
        """Its default where that is a plain object; `EMPTY` where it has none, or a factory makes it."""
        return EMPTY if self.factory is not None else self._default

    @property
    def default(self) -> Any:
        """Its default, which a factory makes when this is first asked for; `EMPTY` where it has none, or that fails.

        The class calls the factory itself when it is made, and then what it raises is an error of the run.
        """
        if self._default is EMPTY and self.factory is not None and not self._fails:
            try:
                self._default = self.factory()
            except Exception:  # noqa: BLE001 - help shows no default then: a variable may be missing here
                self._fails = True
        return self._default


class Kind:
    """What is known of one kind of classes with fields.

    Attributes
    ----------
    fields : callable
        Reads the fields of a class, given its evaluated hints by name.
    takes_as_is : callable
        Tells whether the constructor of a class surely keeps what it is given, in the attributes of those names.
    attributes : callable
        Names the attributes of an instance that the constructor takes.
    others : callable
        Names those that it does not take.
    """

    __slots__ = ("attributes", "fields", "others", "takes_as_is")

    def __init__(
        self,
        fields: Callable[[Any, dict[str, Any]], Iterator[Field]],
        takes_as_is: Callable[[Any], bool],
        attributes: Callable[[Any], Iterable[str]],
        others: Callable[[Any], Iterable[str]],
    ) -> None:
        self.fields = fields
        self.takes_as_is = takes_as_is
        self.attributes = attributes
        self.others = others

    def read(self, cls: Any, arguments: tuple[Any, ...] = ()) -> dict[str, Field]:
        """Read the fields of a class.

        Parameters
        ----------
        cls : type
            The class.
        arguments : tuple
            The arguments of a generic class: ``(int,)`` of ``Box[int]``.
        """
        return {field.name: field for field in self.fields(cls, _hints(cls, arguments))}


def kind_of(cls: Any) -> Kind | None:
    """Return the kind of a class; None for one without fields."""
    if not isinstance(cls, type) or typing.get_origin(cls) is not None:
        return None
    if type(cls).__name__ == "_TypedDictMeta":  # of typing or of typing_extensions
        return TYPED_DICT
    return next((kind for mark, kind in _KINDS if hasattr(cls, mark)), None)


def _hints(cls: type, arguments: tuple[Any, ...]) -> dict[str, Any]:
    """Evaluate the hints of a class's fields, each with the names and type variables of the class that declares it."""
    variables = _variables(cls, arguments)
    found: dict[str, Any] = {}
    for base in reversed(cls.__mro__):
        own = {item.__name__: item for item in (*getattr(base, "__type_params__", ()), base)}
        names = vars(sys.modules.get(base.__module__, typing))
        for name, annotation in annotations_of(base).items():
            evaluated = checked(annotation, base, name, own, names, vars(base))
            found[name] = _substituted(evaluated, variables.get(base, {}))
    return found


def _variables(cls: Any, arguments: tuple[Any, ...]) -> dict[Any, dict[Any, Any]]:
    """Find what the type variables of a class and of its generic bases stand for."""
    found: dict[Any, dict[Any, Any]] = {}
    rest = [(cls, dict(zip(getattr(cls, "__parameters__", ()), arguments, strict=False)))]
    for base, known in rest:  # grows while it is walked
        if base in found:
            continue
        found[base] = known
        for above in vars(base).get("__orig_bases__", ()):
            origin = typing.get_origin(above)
            if isinstance(origin, type) and origin is not typing.Generic:
                given = [_substituted(argument, known) for argument in typing.get_args(above)]
                rest.append((origin, dict(zip(getattr(origin, "__parameters__", ()), given, strict=False))))
        rest += [(above, {}) for above in base.__bases__]
    return found


def _substituted(annotation: Any, variables: Mapping[Any, Any]) -> Any:
    """Put in what the type variables of an annotation stand for."""
    if isinstance(annotation, typing.TypeVar):
        return variables.get(annotation, annotation)
    parameters = getattr(annotation, "__parameters__", ())
    if not variables or not parameters or kind_of(annotation) is not None:
        return annotation
    return annotation[tuple(variables.get(item, item) for item in parameters)]


def _is_generated(cls: Any, name: str) -> bool:
    """Return whether a method of a class is what its decorator wrote, and not its author's."""
    code = getattr(getattr(cls, name), "__code__", None)
    return code is not None and code.co_filename.startswith("<")


def _is_made_here(cls: Any) -> bool:
    """Return whether a class has the constructor that its decorator wrote, and no other."""
    return _is_generated(cls, "__init__") and cls.__new__ is object.__new__


def _is_plain(cls: Any, names: Iterable[str]) -> bool:
    """Return whether Python itself makes a class's instances, and stores and reads attributes of those names."""
    changed = (
        type(cls).__call__ is not type.__call__
        or cls.__getattribute__ not in {object.__getattribute__, tuple.__getattribute__}
        or not (cls.__setattr__ is object.__setattr__ or _is_generated(cls, "__setattr__"))
    )
    found = (inspect.getattr_static(cls, name, None) for name in names)
    return not changed and not any(hasattr(type(item), "__set__") and type(item) not in _STORED for item in found)


def _dataclass(cls: Any, hints: dict[str, Any]) -> Iterator[Field]:
    missing = sys.modules["dataclasses"].MISSING
    for field in cls.__dataclass_fields__.values():
        role = field._field_type.name  # noqa: SLF001 - no other way to tell an InitVar from a ClassVar
        if not field.init or role == "_FIELD_CLASSVAR":
            continue
        kept = role == "_FIELD"
        annotation = hints[field.name]
        yield Field(
            field.name,
            annotation if kept else getattr(annotation, "type", annotation),
            EMPTY if field.default is missing else field.default,
            factory=None if field.default_factory is missing else field.default_factory,
            attribute=field.name if kept else None,
            text=field.metadata.get("help") or getattr(field, "doc", None) or "",
        )


def _dataclass_is_plain(cls: Any) -> bool:
    return not hasattr(cls, "__post_init__") and _is_made_here(cls) and _is_plain(cls, cls.__dataclass_fields__)


def _dataclass_attributes(cls: Any, *, init: bool) -> list[str]:
    fields = cls.__dataclass_fields__.values()
    return [field.name for field in fields if field.init == init and field._field_type.name == "_FIELD"]  # noqa: SLF001 - as above


def _attrs(cls: Any, hints: dict[str, Any]) -> Iterator[Field]:
    attr = sys.modules["attr"]
    for field in cls.__attrs_attrs__:
        if field.init:
            made = isinstance(field.default, attr.Factory)
            left = made and field.default.takes_self  # to the class: it needs the other fields
            yield Field(
                getattr(field, "alias", None) or field.name.lstrip("_"),
                hints.get(field.name, EMPTY if field.type is None else field.type),
                EMPTY if made or field.default is attr.NOTHING else field.default,
                factory=field.default.factory if made and not left else None,
                required=field.default is attr.NOTHING,
                attribute=field.name,
                text=field.metadata.get("help", ""),
            )


def _attrs_is_plain(cls: Any) -> bool:
    changes = any(field.converter or field.validator for field in cls.__attrs_attrs__)
    hooks = ("__attrs_pre_init__", "__attrs_post_init__")
    if changes or any(hasattr(cls, name) for name in hooks) or not _is_made_here(cls):
        return False
    return _is_plain(cls, [field.name for field in cls.__attrs_attrs__])


def _attrs_attributes(cls: Any, *, init: bool) -> list[str]:
    return [field.name for field in cls.__attrs_attrs__ if field.init == init]


def _pydantic(cls: Any, _: dict[str, Any]) -> Iterator[Field]:
    for name, info in cls.__pydantic_fields__.items():
        argument = _argument(cls, name, info)
        if argument is None and not info.is_required():
            continue
        annotation = info.annotation
        for item in info.metadata:
            annotation = typing.Annotated[annotation, item]
        annotation = checked(annotation, cls, name, vars(sys.modules.get(cls.__module__, typing)))
        made = info.default_factory is not None
        left = made and getattr(info, "default_factory_takes_validated_data", False)  # it needs the other fields
        yield Field(
            name,
            annotation,
            EMPTY if made or info.is_required() else info.default,
            factory=info.default_factory if made and not left else None,
            required=info.is_required(),
            argument=argument,
            text=info.description or "",
        )


def _argument(cls: Any, name: str, info: Any) -> str | None:
    """Return the keyword that pydantic's constructor takes for a field; None for one that lies in another argument."""
    config = getattr(cls, "model_config", None) or getattr(cls, "__pydantic_config__", None) or {}
    alias = info.alias if info.validation_alias is None else info.validation_alias
    choices = [choice for choice in getattr(alias, "choices", [alias]) if isinstance(choice, str)]
    if choices and config.get("validate_by_alias") is not False:
        return choices[0]
    by_name = config.get("validate_by_name") or config.get("populate_by_name")
    return name if alias is None or by_name else None


def _pydantic_others(cls: Any) -> list[str]:
    apart = (name for name, info in cls.__pydantic_fields__.items() if _argument(cls, name, info) is None)
    return [*apart, "__pydantic_private__", "__pydantic_extra__"]


def _pydantic_dataclass(cls: Any, hints: dict[str, Any]) -> Iterator[Field]:
    for field in _dataclass(cls, hints):
        info = cls.__pydantic_fields__.get(field.name)
        field.argument = (None if info is None else _argument(cls, field.name, info)) or field.name
        yield field


def _named_tuple(cls: Any, hints: dict[str, Any]) -> Iterator[Field]:
    for name in cls._fields:
        yield Field(name, hints.get(name, Any), cls._field_defaults.get(name, EMPTY))


def _named_tuple_is_plain(cls: Any) -> bool:
    return _is_generated(cls, "__new__") and cls.__init__ is object.__init__ and _is_plain(cls, cls._fields)


def _typed_dict(cls: Any, hints: dict[str, Any]) -> Iterator[Field]:
    for name, annotation in hints.items():
        # Where annotations are strings, __required_keys__ does not know what they say.
        qualifier = str(typing.get_origin(annotation)).rpartition(".")[2]
        required = {"Required": True, "NotRequired": False}.get(qualifier, name in cls.__required_keys__)
        yield Field(name, annotation, EMPTY, required=required)


def _nothing(_: Any) -> tuple[str, ...]:
    return ()


_OF_DATACLASS = (partial(_dataclass_attributes, init=True), partial(_dataclass_attributes, init=False))
_OF_PYDANTIC = (lambda cls: cls.__pydantic_fields__, _pydantic_others)
_DATACLASS = Kind(_dataclass, _dataclass_is_plain, *_OF_DATACLASS)
_ATTRS = Kind(_attrs, _attrs_is_plain, partial(_attrs_attributes, init=True), partial(_attrs_attributes, init=False))
_PYDANTIC = Kind(_pydantic, lambda _: False, *_OF_PYDANTIC)
_NAMED_TUPLE = Kind(_named_tuple, _named_tuple_is_plain, lambda cls: cls._fields, _nothing)
TYPED_DICT = Kind(_typed_dict, lambda _: True, _nothing, _nothing)
# The mark that each kind leaves on its classes. A pydantic dataclass has two, and is a dataclass that validates.
_KINDS = (
    ("__pydantic_root_model__", _PYDANTIC),
    ("__pydantic_fields__", Kind(_pydantic_dataclass, lambda _: False, *_OF_DATACLASS)),
    ("__attrs_attrs__", _ATTRS),
    ("__dataclass_fields__", _DATACLASS),
    ("_field_defaults", _NAMED_TUPLE),
)
