"""Find the classes that a parameter can be made of: models in its annotation, and bound classes that implement it."""

from __future__ import annotations

import inspect
import typing
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ..keys import above, choice_of, field_of, is_inside, relative
from ..types import annotations_of
from ..types.fields import Field, kind_of
from ..types.models import Model, Parts, copied, original_of
from ..types.table import is_model
from .option import Models, Option, classes_in

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Protocol

    from .option import BoundClass
    from .settings import Group

    class SpecWithGroups(Protocol):
        @property
        def groups(self) -> Mapping[str, Group]: ...

    class BoundWithSettings(Protocol):
        @property
        def options(self) -> Mapping[str, Any]: ...
        @property
        def spec(self) -> SpecWithGroups: ...
        def chooses(self, path: str) -> bool: ...
        def has_fields(self, path: str) -> bool: ...


__all__ = ["BoundClasses", "Called", "Choices", "as_class", "choices_of", "class_in", "spellings"]

# The class attributes of a Protocol that are not members of it, besides those of object.
_NO_MEMBERS = frozenset(
    {"__abstractmethods__", "__annotate__", "__annotate_func__", "__class_getitem__", "__parameters__"}
)


def spellings(bound: BoundWithSettings, path: str) -> Iterator[str]:
    """Walk the names in files of the settings that an unknown path may mean, for an error to compare.

    A name in a parameter with fields means one in there, or one that is the same elsewhere, but not a similar one.
    """
    outer, name = next(filter(bound.has_fields, above(path)), ""), field_of(path).casefold()
    choosing = (choice_of(one) for one in bound.options if bound.chooses(one))
    for one in (*bound.options, *choosing):
        if not outer or is_inside(one, outer) or field_of(one).casefold() == name:
            yield one


def class_in(bound: BoundWithSettings, path: str) -> tuple[str, str] | None:
    """Return what chooses a class, and the class, if an unknown path has it for a field: ``optim.Adam.lr``."""
    for outer in filter(bound.chooses, above(path)):
        inner = f"{relative(path, outer)}.".casefold()
        for name in bound.spec.groups[outer].choices:
            if is_inside(inner, name.casefold()):
                return choice_of(outer), name
    return None


def as_class(choice: str, name: str) -> str:
    """Say how a file chooses a class that was written as a field."""
    return f"{name} is a class. Choose it with '{choice}: {name}', or with 'class: {name}' among its fields."


class Called(Model):
    """A bound class, whose instances are made by calling it as the program does.

    So its own values fill in the arguments that are not given, and it is called only in a run.

    Parameters
    ----------
    bound : BoundClass
        The class.
    """

    is_called = True

    def __init__(self, bound: BoundClass) -> None:
        self.annotation = self.cls = bound.function
        self._bound = bound
        self._fields = None
        self._is_dict = False
        self.is_open = False

    @property
    def name(self) -> str:
        """The name that it is bound under."""
        return self._bound.name

    @property
    def fields(self) -> dict[str, Field]:
        """The fields of its class, or the parameters of its constructor that can be passed by name."""
        if self._fields is None:
            kind = kind_of(self.cls)
            self._fields = self._bound.fields() if kind is None else kind.read(self.cls)
        return self._fields

    def own_value(self, values: Any, name: str) -> Any:
        """Return the active value of the parameter of the bound class."""
        return values.resolve(self._bound.prefix, self.fields[name].argument)

    def of(self, value: Any) -> Model:
        """Return the model of an instance of a subclass, if that has fields."""
        return self if type(value) is self.cls or kind_of(type(value)) is None else Model(type(value))

    def parts(self, value: Any) -> Parts | None:
        """Take an instance apart if it has fields."""
        return Model(self.cls).parts(value) if kind_of(self.cls) is not None else None

    def own(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Copy arguments for one call."""
        return {name: copied(item) for name, item in arguments.items()}

    def make(self, values: Mapping[str, Any], kept: Mapping[str, Any] | None = None, secrets: Any = ()) -> Any:
        """Call the class. Its errors are those of the program."""
        made = self._bound.call(**{self.fields[name].argument: value for name, value in values.items()})
        for name, value in (kept or {}).items():
            object.__setattr__(made, name, value)
        return made


class Choices:
    """The classes that a parameter can be made of.

    Attributes
    ----------
    models : dict of str to Model
        The classes, by the names that choose them.
    marks : dict of str to Option
        The marks of classes inside a union.
    nullable : bool
        Whether None is a value too.
    several : bool
        Whether a class is chosen by name. If not, there is one, with fields.
    """

    __slots__ = ("marks", "models", "nullable", "several")

    def __init__(self, models: dict[str, Model], marks: dict[str, Option], *, nullable: bool, several: bool) -> None:
        self.models = models
        self.marks = marks
        self.nullable = nullable
        self.several = several

    @property
    def only(self) -> Model:
        """The class if there is one, else the first."""
        return next(iter(self.models.values()))

    def are_made_by(self, factory: Callable[[], Any] | None) -> bool:
        """Return whether a factory is more than the one class, so that the defaults come from what it makes."""
        return factory is not None and (self.several or factory is not self.only.cls)


def choices_of(annotation: Any, models: Models) -> Choices | None:
    """Find the classes that values of an annotation can be made of.

    Parameters
    ----------
    annotation : object
        The annotation.
    models : Models
        The models read so far, and the bound classes.

    Returns
    -------
    Choices or None
        None if the annotation has another type in it, or a class that nothing can make.
    """
    found = classes_in(annotation)
    if found is None:
        return None
    members = [(list(_candidates(one, models)), mark) for one, mark in found[0]]
    if not all(inside for inside, _ in members):
        return None
    marks: dict[Any, Option | None] = {}
    bound: dict[Any, BoundClass | None] = {}
    for inside, mark in members:
        for one, binding in inside:
            marks.setdefault(one, mark)
            bound.setdefault(one, binding)
    first = found[0][0][0]
    several = len(bound) > 1 or not is_model(first) or next(iter(bound)) is not _key(first)
    chosen = [_known(models, *item) for item in (bound.items() if several else [(first, None)])]
    names = _names(chosen)
    # A field called class would be the name of the choice too.
    if names is None or (several and any("class" in model.fields for model in chosen)):
        return None
    marked = {name: mark for name, mark in zip(names, marks.values(), strict=True) if mark is not None}
    return Choices(dict(zip(names, chosen, strict=True)), marked, nullable=found[1], several=several)


def _candidates(annotation: Any, models: Models) -> Iterator[tuple[Any, BoundClass | None]]:
    """Walk the classes for one in an annotation, each with its binding: itself, and those that derive from it."""
    base = original_of(typing.get_origin(annotation) or annotation)
    bound = {one.function: one for one in models.bound_under(base)}
    own = bound.pop(base, None)
    if own is not None or (is_model(annotation) and not (bound and inspect.isabstract(base))):
        yield _key(annotation), None if typing.get_origin(annotation) else own
    yield from bound.items()


def _key(annotation: Any) -> Any:
    """Return the annotation of a generic class with arguments, and the original of any other class."""
    return annotation if typing.get_origin(annotation) else original_of(annotation)


def _known(models: Models, annotation: Any, bound: BoundClass | None) -> Model:
    """Return the model of a class, which is called if it is bound."""
    key = annotation if bound is None else bound
    if key not in models:
        models[key] = Model(annotation) if bound is None else Called(bound)
    return models[key]


def _names(models: Sequence[Model]) -> list[str] | None:
    """Name classes: by their own names or, where these are equal, by longer ones; None if all are equal."""
    forms = [list(_forms(model)) for model in models]
    for place in range(len(forms[0])):
        names = [one[place] for one in forms]
        counts = Counter(names)
        if max(counts.values()) == 1:
            return names
        # Classes whose name is their own keep it in its shortest form.
        for one in forms:
            if counts[one[place]] == 1:
                one[place + 1 :] = [one[place]] * (len(one) - place - 1)
    return None


def _forms(model: Model) -> Iterable[str]:
    """Walk the names of a class, the shortest first."""
    if model.is_called:
        return [model.name] * 4
    arguments = ", ".join(getattr(item, "__name__", str(item)) for item in typing.get_args(model.annotation))
    end = f"[{arguments}]" if arguments else ""
    qualified = model.cls.__qualname__.replace("<locals>.", "")
    return [model.name, model.name + end, qualified + end, f"{model.cls.__module__}.{qualified}{end}"]


class BoundClasses:
    """The bound classes of a program that can make instances, by the classes that they implement.

    Parameters
    ----------
    bounds : iterable of BoundClass
        The bound functions.
    """

    def __init__(self, bounds: Iterable[BoundClass]) -> None:
        self._all = [bound for bound in bounds if _makes_instances(bound)]
        self._by_base: dict[type, list[BoundClass]] = {}
        for bound in self._all:
            for base in dict.fromkeys(map(original_of, bound.function.__mro__)):
                self._by_base.setdefault(base, []).append(bound)

    def under(self, base: type) -> list[BoundClass]:
        """Return the classes that implement a base class or a Protocol, in the order in which they were bound."""
        if type(base) is not type:  # a Protocol, or an abstract class that others may register with
            return [bound for bound in self._all if _implements(bound.function, base)]
        return self._by_base.get(base, [])


def _makes_instances(bound: BoundClass) -> bool:
    cls = bound.function
    return bound.role == "bind" and isinstance(cls, type) and not inspect.isabstract(cls)


def _implements(cls: type, base: type) -> bool:
    if base in map(original_of, cls.__mro__):
        return True
    if getattr(base, "_is_protocol", False):
        members = _members(base)
        return bool(members) and all(_has(cls, name) for name in members)
    try:
        return issubclass(cls, base)  # registered with `abc.ABCMeta.register`
    except Exception:  # noqa: BLE001 - a metaclass may raise whatever it likes
        return False


def _members(base: type) -> set[str]:
    """Return the names of the methods and attributes of a Protocol."""
    found: set[str] = set()
    for kind in base.__mro__:
        if vars(kind).get("_is_protocol", False) and kind.__module__ not in {"typing", "typing_extensions"}:
            found.update(annotations_of(kind))
            found.update(name for name, value in vars(kind).items() if _is_member(name, value))
    return found


def _is_member(name: str, value: Any) -> bool:
    if name.startswith("__") and name.endswith("__"):
        return callable(value) and name not in vars(object) and name not in _NO_MEMBERS
    return not name.startswith(("_abc_", "_is_"))


def _has(cls: type, name: str) -> bool:
    return getattr(cls, name, None) is not None or any(name in annotations_of(kind) for kind in cls.__mro__)
