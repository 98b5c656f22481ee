"""Make, take apart and compare instances of classes with fields."""

from __future__ import annotations

import copy
import typing
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any

from ..errors import ConversionError
from ..nodes import MapNode, Node, Scalar
from . import RANKS, Converter, fresh, shown
from .fields import EMPTY, TYPED_DICT, Field, kind_of
from .words import each, from_flow

CLASS = "class"
"""The key of a mapping for the name of a class, unless a field is called so."""

__all__ = [
    "CLASS",
    "EMPTY",
    "Field",
    "MissingFieldsError",
    "Model",
    "ModelConverter",
    "Parts",
    "UnsetError",
    "copied",
    "model_of",
    "original_of",
    "same",
]


class MissingFieldsError(ConversionError):
    """Report the fields without which an instance cannot be made.

    Attributes
    ----------
    names : list of str
        The fields.
    """

    def __init__(self, model: str, names: list[str]) -> None:
        super().__init__(f"{model} also needs a value for {', '.join(names)}.")
        self.names = names


class UnsetError(ConversionError):
    """Report that a class has to be chosen, or a field of it set.

    Only the caller knows how that is written where the other fields were set: see `calls.choosing`.

    Parameters
    ----------
    problem : str
        The problem, as a sentence.
    cure : str
        What to do, up to ``with``.
    path : str
        The path of the parameter or field whose class is to be chosen, or which is to be set.
    name : str
        The class; empty for a field.
    given : mapping of str to (int, layers.ResolvedValue)
        The fields that were set and need it.
    whole : layers.ResolvedValue or None
        What chooses another class.
    lacks : bool
        Whether the only problem is that something is missing.
    """

    def __init__(
        self,
        problem: str,
        cure: str,
        path: str,
        name: str = "",
        *,
        given: Mapping[str, tuple[int, Any]],
        whole: Any = None,
        lacks: bool = False,
    ) -> None:
        message = f"{problem} {cure} with '{path}{name and f': {name}'}'."
        super().__init__(message, hidden=message)
        self.problem = problem
        self.cure = cure
        self.path = path
        self.name = name
        self.given = given
        self.whole = whole
        self.lacks = lacks


class Parts:
    """The parts that an instance can be made of again.

    Attributes
    ----------
    arguments : dict of str to object
        The fewest constructor arguments that make an equal instance, by field.
    kept : dict of str to object
        Attributes that the constructor does not take, and would set to other values.
    """

    __slots__ = ("arguments", "kept")

    def __init__(self, arguments: dict[str, Any], kept: dict[str, Any]) -> None:
        self.arguments = arguments
        self.kept = kept


class Model:
    """A class with fields.

    Attributes
    ----------
    cls : type
        The class.
    annotation : object
        The annotation: the class, or a generic one with its arguments, ``Box[int]``.
    is_called : bool
        Whether it is a bound class, which is called only in a run.
    is_open : bool
        Whether it is known that nothing in it is secret.
    """

    is_called = False

    def __init__(self, annotation: Any) -> None:
        self.annotation = annotation
        self.cls: Any = _class_of(annotation)
        kind = kind_of(self.cls)
        assert kind is not None  # checked by the caller, such as `model_of`
        self._kind = kind
        self._fields: dict[str, Field] | None = None
        self._is_dict = kind is TYPED_DICT
        self._takes_as_is: bool | None = None
        self.is_open = False

    @property
    def name(self) -> str:
        """The name of the class."""
        name: str = self.cls.__name__
        return name

    @property
    def fields(self) -> dict[str, Field]:
        """The fields that its constructor takes, read when first asked for."""
        if self._fields is None:
            self._fields = self._kind.read(self.cls, typing.get_args(self.annotation))
        return self._fields

    @property
    def takes_as_is(self) -> bool:
        """Whether its constructor certainly keeps its arguments unchanged."""
        if self._takes_as_is is None:
            self._takes_as_is = self._kind.takes_as_is(self.cls)
        return self._takes_as_is

    def holds(self, value: Any) -> bool:
        """Return whether a value is an instance of the class."""
        if self._is_dict:
            needed = {field.name for field in self.fields.values() if field.required}
            return type(value) is dict and needed <= set(value) <= set(self.fields)
        return isinstance(value, self.cls)

    def is_class_of(self, value: Any) -> bool:
        """Return whether a value is an instance of exactly the class."""
        return self.holds(value) if self._is_dict else type(value) is original_of(self.cls)

    def own_value(self, values: Any, name: str) -> Any:
        """Return the active value of a field that was set for the class as a bound function; None without one."""
        return None

    def is_of(self, cls: Any) -> bool:
        """Return whether a Python value is the class itself."""
        return cls is self.annotation or (isinstance(cls, type) and original_of(cls) is original_of(self.cls))

    def of(self, value: Any) -> Model:
        """Return the model of an instance's own class, which may be a subclass."""
        return self if self._is_dict or type(value) is self.cls else Model(type(value))

    def get(self, value: Any, name: str) -> Any:
        """Return a field of an instance; `EMPTY` if it has none."""
        if self._is_dict:
            return value.get(name, EMPTY)
        attribute = self.fields[name].attribute
        try:
            return EMPTY if attribute is None else getattr(value, attribute)
        except Exception:  # noqa: BLE001 - it was deleted, or a property fails
            return EMPTY

    def make(
        self, values: Mapping[str, Any], kept: Mapping[str, Any] | None = None, secrets: Collection[str] = ()
    ) -> Any:
        """Make an instance: call the constructor once.

        Parameters
        ----------
        values : mapping of str to object
            Values by field.
        kept : mapping of str to object
            Attributes to set after the constructor.
        secrets : collection of str
            The fields that are secret. If there are any, a message of the class is not shown, as it may contain one.

        Raises
        ------
        ConversionError
            If a field is missing, or the class refuses the values.
        """
        self.check(values)
        try:
            made = self._call(values)
        except Exception as error:  # noqa: BLE001 - a constructor may raise whatever it likes, and the values are the user's
            hidden = {self.fields[name].argument for name in secrets} | set(secrets)
            raise ConversionError(f"{self.name} cannot be made of this: {_reason(error, hidden)}") from None
        for name, value in (kept or {}).items():
            object.__setattr__(made, name, value)  # works for frozen instances too
        return made

    def check(self, values: Mapping[str, Any]) -> None:
        """Refuse fields that its constructor does not take, and missing fields.

        Raises
        ------
        ConversionError
            If there are such.
        """
        unknown = [name for name in values if name not in self.fields]
        if unknown:  # from an instance of a subclass whose constructor does not take them
            raise ConversionError(f"{self.name} has no field {unknown[0]!r}.", near=(unknown[0], self.fields))
        missing = [name for name, field in self.fields.items() if field.required and name not in values]
        if missing:
            raise MissingFieldsError(self.name, missing)

    def _call(self, values: Mapping[str, Any]) -> Any:
        return self.cls(**{self.fields[name].argument: value for name, value in values.items()})

    def parts(self, value: Any) -> Parts | None:
        """Take an instance of exactly this class apart; None if no arguments make an equal one.

        A constructor may change its arguments (`__post_init__`, validators, converters), so the attributes need not be
        its arguments, and it is called to compare. A constructor that certainly keeps its arguments is not called,
        unless the class has attributes that it does not take.
        """
        if self._is_dict:
            return Parts(dict(value), {})
        found = {name: self.get(value, name) for name, field in self.fields.items() if field.attribute is not None}
        if any(item is EMPTY for item in found.values()):
            return None  # an attribute was deleted
        others = self._kind.others(self.cls)
        if self.takes_as_is and not others:
            return Parts({name: item for name, item in found.items() if self._is_own(name, item)}, {})
        for arguments in self._attempts(found):
            again = self._made_again(arguments)
            if again is not EMPTY and all(same(self.get(again, name), item) for name, item in found.items()):
                return Parts(arguments, _differing(value, again, others))
        return None

    def _made_again(self, arguments: Mapping[str, Any]) -> Any:
        """Make an instance from arguments that may be wrong; `EMPTY` if the constructor refuses them."""
        try:
            return self._call(self.own(arguments))
        except Exception:  # noqa: BLE001 - a constructor may raise whatever it likes
            return EMPTY

    def written(self, value: Any) -> dict[str, Any] | None:
        """Return the constructor arguments to write for an instance: all if they make an equal one, else the fewest.

        None if no arguments make an equal one.
        """
        parts = self.parts(value) if self.holds(value) and self.of(value) is self else None
        if parts is None or parts.kept:
            return None
        found = {name: self.get(value, name) for name in self.fields}
        whole = {name: item for name, item in found.items() if item is not EMPTY}
        return whole if self.makes(whole, value) else parts.arguments

    def makes(self, arguments: Mapping[str, Any], value: Any) -> bool:
        """Return whether constructor arguments make an instance equal to a given one."""
        return self.takes_as_is or same(self._made_again(arguments), value)

    def own(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Copy arguments for one call of the constructor, which may change objects in them."""
        copy = fresh if self.takes_as_is else copied
        return {name: copy(item) for name, item in arguments.items()}

    def _is_own(self, name: str, item: Any) -> bool:
        default = self.fields[name].plain_default
        return default is EMPTY or not same(item, default)

    def _attempts(self, found: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """Walk the arguments to try: none, the ones that differ from the defaults, and all."""
        bare = self._made_again({})
        if bare is EMPTY:  # it needs arguments
            yield {name: item for name, item in found.items() if self._is_own(name, item)}
        else:
            yield {}
            yield {name: item for name, item in found.items() if not same(self.get(bare, name), item)}
        yield found


class ModelConverter(Converter):
    """The converter of models in lists and mappings, and of those only set as a whole, as mappings of their fields.

    A mapping may have the name of the class too, under ``class``, which chooses among the classes of a union.

    Parameters
    ----------
    model : Model
        The model.
    converter_of : callable
        Finds the converter of a field's annotation. It is called on first use, because a model may contain itself.
    """

    rank = RANKS.index("structured")
    structured = True
    mutable = True

    def __init__(self, model: Model, converter_of: Callable[..., Converter | None]) -> None:
        self.model = model
        self.metavar = f"{{{model.name.upper()}}}"
        self._converter_of = converter_of
        self._converters: dict[str, Converter | None] = {}

    def _converter(self, name: str, node: Node | None = None) -> Converter:
        if name not in self._converters:
            field = self.model.fields.get(name)
            optional = field is not None and field.plain_default is None
            self._converters[name] = None if field is None else self._converter_of(field.annotation, optional=optional)
        converter = self._converters[name]
        if converter is None:
            raise ConversionError(f"{self.model.name} has no field {name!r}.", node, near=(name, self.model.fields))
        return converter

    def from_text(self, text: str) -> Any:
        """Read YAML flow."""
        if text[:1] != "{":
            raise ConversionError(f"{shown(text)} is not a mapping: {{field: value, …}}.")
        return from_flow(self.from_node, text)

    def from_node(self, node: Node) -> Any:
        """Read a mapping of fields."""
        if not isinstance(node, MapNode):
            return super().from_node(node)
        seen: set[str] = set()
        reads = []
        for key, value in node.pairs:
            name = key.text if isinstance(key, Scalar) else ""
            if name in seen:
                raise ConversionError(f"duplicate field {name!r}.", key)
            seen.add(name)
            if name != CLASS or CLASS in self.model.fields:
                reads.append((name, self._converter(name, key).from_node, value))
            elif not isinstance(value, Scalar) or value.text != self.model.name:
                raise self._other_class(value.text if isinstance(value, Scalar) else value.noun, value)
        values = each((read, value) for _, read, value in reads)
        return self.model.make(dict(zip((name for name, _, _ in reads), values, strict=True)))

    def from_plain(self, value: Any) -> Any:
        """Read a Python mapping of fields."""
        if not isinstance(value, dict) or self.accepts(value):
            return super().from_plain(value)
        named = value.get(CLASS, self.model.name) if CLASS not in self.model.fields else self.model.name
        if named != self.model.name:
            raise self._other_class(str(named), None)
        fields = {name: item for name, item in value.items() if name != CLASS or name in self.model.fields}
        return self.model.make({name: self._converter(name).from_plain(item) for name, item in fields.items()})

    def _other_class(self, name: str, node: Node | None) -> ConversionError:
        return ConversionError(f"{shown(name)} is not the class {self.model.name}.", node)

    def to_plain(self, value: Any) -> Any:
        """Write a mapping of fields that makes an equal instance.

        Raises
        ------
        TypeError
            If it is not an instance of the class, or no arguments make an equal one.
        """
        if not self.model.holds(value):
            raise TypeError(f"{value!r} is not a {self.model.name}")
        arguments = self.model.written(value)
        if arguments is None:
            raise TypeError(f"no arguments of {self.model.name} make an equal one")
        return {name: self._converter(name).to_plain(item) for name, item in arguments.items()}

    def accepts(self, value: Any) -> bool:
        """Take instances of the model."""
        return self.model.holds(value)


def _differing(value: Any, again: Any, names: Iterable[str]) -> dict[str, Any]:
    """Return the attributes of a value that another instance lacks, or has with other values."""
    pairs = ((name, getattr(value, name, EMPTY), getattr(again, name, EMPTY)) for name in names)
    return {name: item for name, item, other in pairs if item is not EMPTY and not same(other, item)}


def copied(value: Any) -> Any:
    """Copy a value deeply, or return the value itself if it cannot be copied or the copy is not equal.

    A lock cannot be copied, and copying a named tuple applies its own `__new__` to its own results.
    """
    try:
        other = copy.deepcopy(value)
    except Exception:  # noqa: BLE001 - a class's own ways of copying
        return value
    return other if same(other, value) else value


def same(one: Any, two: Any) -> bool:
    """Return whether two values are equal. Those with fields are compared field by field, not by their `__eq__`."""
    if one is two or type(one) is not type(two):
        return one is two
    try:
        return _same(one, two)
    except Exception:  # noqa: BLE001 - a class's own comparison, or values that contain themselves
        return False


def _same(one: Any, two: Any) -> bool:
    kind = kind_of(type(one))
    if kind is not None:
        return all(same(getattr(one, name, EMPTY), getattr(two, name, EMPTY)) for name in kind.attributes(type(one)))
    if isinstance(one, (list, tuple)):
        return len(one) == len(two) and all(map(same, one, two))
    if isinstance(one, dict):
        return one.keys() == two.keys() and all(same(item, two[key]) for key, item in one.items())
    equal = one == two
    return bool(equal.all() if hasattr(equal, "all") else equal) or bool(one != one and two != two)  # noqa: PLR0124 - NaN


def _reason(error: Exception, secrets: Collection[str]) -> str:
    """Return a constructor's reason for refusing values, in its own words unless a value is secret."""
    if type(error).__module__.partition(".")[0] == "pydantic_core" and hasattr(error, "errors"):
        return "; ".join(_pydantic_reason(item, secrets) for item in error.errors())
    if secrets:
        return f"{type(error).__name__} (its message is hidden because a value is secret)."
    words = _words(error)
    if isinstance(error, AssertionError):
        return words or _NO_WORDS
    if isinstance(error, (ValueError, TypeError)) and words:
        return words
    return f"{type(error).__name__}: {words}" if words else type(error).__name__


def _words(error: Exception) -> str:
    """Return the message of an error, without the compared values that attrs adds to its arguments."""
    if type(error) in {ValueError, TypeError} and len(error.args) > 1 and isinstance(error.args[0], str):
        return error.args[0]
    try:
        return str(error)
    except Exception:  # noqa: BLE001 - its class may write it as it likes
        return ""


_NO_WORDS = "an assertion in its constructor failed."


def _pydantic_reason(item: Mapping[str, Any], secrets: Collection[str]) -> str:
    """Return the message of a pydantic error; with secrets, only one by pydantic itself about another field."""
    where = ".".join(map(str, item["loc"]))
    words = str(item["msg"]).removeprefix("Value error, ").removeprefix("Assertion failed, ") or _NO_WORDS
    own = "url" in item and item["type"] not in {"value_error", "assertion_error"}
    if secrets and not (own and item["loc"] and item["loc"][0] not in secrets):
        words = "refused (the message is hidden because a value is secret)."
    return f"{where}: {words}" if where else words


def original_of(cls: Any) -> Any:
    """Return the class that a bound class stands for; any other class itself."""
    return getattr(cls, "__wrapped__", cls) if hasattr(type(cls), "__wrapped__") else cls


def _class_of(annotation: Any) -> Any:
    """Return the class of an annotation: ``Box`` for ``Box[int]``."""
    if isinstance(annotation, type) and typing.get_origin(annotation) is None:
        return annotation
    return typing.get_origin(annotation)


def model_of(annotation: Any) -> Model | None:
    """Return the model of a class with fields, or of a generic one with arguments; None for other annotations.

    Parameters
    ----------
    annotation : object
        The annotation, without aliases and metadata.
    """
    return None if kind_of(_class_of(annotation)) is None else Model(annotation)
