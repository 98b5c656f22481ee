"""Bind classes: make a bound class that passes for its original and makes instances of the original.

A class that is decorated where it is defined stays the same class, and its `__init__` is bound. Any other class is
replaced by a subclass whose metaclass answers for the original. A call of that subclass makes an instance of the
original. Classes derived from it are ordinary ones, and it fills in the arguments that they do not pass to `__init__`.
"""

from __future__ import annotations

import abc
import enum
import functools
import inspect
import threading
from collections.abc import Callable
from types import MethodType
from typing import TYPE_CHECKING, Any

from ..declare.registry import Bound, Registry
from ..errors import BindError, CannotBindError
from ..types import signature_of
from .pickling import OWN, Travelling, is_being_defined, reach
from .scopes import bound_call

__all__ = ["bound_class", "takes_arguments"]

_IMMUTABLETYPE, _BASETYPE = 1 << 8, 1 << 10
"""Python's flags for classes that cannot be changed, and for those that can be subclassed, in its ``object.h``."""


if TYPE_CHECKING:
    _Metaclass = type
else:
    _Metaclass = object  # a metaclass written in C must be the first base of its subclasses


def bound_class(original: type, bound: Bound, registry: Registry, *, in_place: bool = False) -> type:
    """Make the class that a program uses instead of an original. A class of somebody else stays untouched.

    Parameters
    ----------
    original : type
        The class.
    bound : Bound
        Its binding.
    registry : Registry
        The registry that it is bound in.
    in_place : bool
        Whether to change the class itself, if its `__init__` can be replaced.

    Raises
    ------
    BindError
        If the class makes no instances, or Python or its author allows no subclass of it.
    """
    _check(original)
    if _is_constructing(original, registry):
        return original
    if _place(original) is None and (
        _is_replaceable(original) if in_place else is_being_defined(original) and _has_constructor(original)
    ):
        return _constructing(original, bound_call(_passed, bound, registry), registry)
    place = Place(original, bound_call(original, bound, registry), bound, registry)
    metaclass = _metaclass(type(original))
    bases = (_front(place, bound_call(_passed, bound, registry)), original)
    own = vars(original)
    names = {name: own[name] for name in OWN & own.keys()}
    names.update(__module__=original.__module__, __qualname__=original.__qualname__)
    names.update(__slots__=(), __clickbind_place__=place)
    try:
        # The metaclass itself is not called: it may keep a list of its classes, and a bound class is no new one.
        make = abc.ABCMeta if metaclass is BoundABCMeta and not hasattr(original, "_abc_impl") else type
        stand_in: type = make.__new__(metaclass, original.__name__, bases, names)
    except TypeError:  # a metaclass written in C
        try:
            stand_in = metaclass(original.__name__, bases, names)
        except TypeError as error:
            raise CannotBindError(f"class {original.__qualname__!r} cannot be bound: {error}.") from None
    if "__abstractmethods__" in own:
        type.__setattr__(stand_in, "__abstractmethods__", own["__abstractmethods__"])
    place.stand_in = stand_in
    reach(original, metaclass)
    return stand_in


def _is_replaceable(cls: Any) -> bool:
    """Return whether the `__init__` of a class, which it may inherit, takes its arguments and can be replaced."""
    return not cls.__flags__ & _IMMUTABLETYPE and not _initial(cls, "__init__") and _only_initializes(cls)


def _has_constructor(cls: Any) -> bool:
    """Return whether a class has an `__init__` of its own, and no `__new__` that takes the same arguments."""
    return "__init__" in vars(cls) and _only_initializes(cls)


def _only_initializes(cls: Any) -> bool:
    """Return whether a class has no `__new__` that takes arguments of its own."""
    parameters = [] if _initial(cls, "__new__") else list(signature_of(cls.__new__).parameters.values())
    return all(item.kind in {item.VAR_POSITIONAL, item.VAR_KEYWORD} for item in parameters[1:])


def _is_constructing(cls: Any, registry: Registry) -> bool:
    """Return whether the `__init__` of a class is bound in place already, by the same registry."""
    return getattr(vars(cls).get("__init__"), "__clickbind_in__", None) is registry


def _constructing(cls: Any, fill: Callable[..., Any], registry: Registry) -> type:
    """Bind the `__init__` of a class in place: its author decorates it, so nobody else uses the class yet."""
    construct = cls.__init__

    @functools.wraps(construct)
    def bound_init(self: Any, *args: Any, **kwargs: Any) -> None:
        args, kwargs = fill(*args, **kwargs)
        construct(self, *args, **kwargs)

    bound_init.__clickbind_in__ = registry  # type: ignore[attr-defined]
    cls.__init__ = bound_init
    return cls  # type: ignore[no-any-return]  # the class that was passed


def _check(original: type) -> None:
    """Refuse a class that cannot be bound, and name an alternative."""
    if isinstance(original, enum.EnumMeta):
        why = "an Enum has no constructor. Bind a function that takes a member: its option takes the member's name"
    elif vars(original).get("_is_protocol", False):
        why = "a Protocol has no constructor. Bind a class that implements it"
    elif hasattr(original, "__required_keys__"):
        why = "a TypedDict makes plain dicts. Bind a dataclass, or a function that takes the TypedDict"
    elif vars(original).get("__final__", False):
        why = "it is marked @final, and a bound class is a subclass. Bind a function that makes one"
    elif not original.__flags__ & _BASETYPE:
        why = "Python allows no subclass of it. Bind a function that makes one"
    else:
        return
    raise CannotBindError(f"class {original.__qualname__!r} cannot be bound: {why}.")


class Place:
    """The original of a bound class, and its binding.

    Attributes
    ----------
    original : type
        The original.
    call : callable
        Makes an instance of the original, with the active values filled in.
    bound, registry : Bound, Registry
        The binding of the original, and its registry.
    stand_in : type or None
        The bound class; None while it is being made.
    asking : set of (int, type)
        The ``issubclass`` questions that are being answered, by thread.
    """

    __slots__ = ("asking", "bound", "call", "original", "registry", "stand_in")

    def __init__(self, original: type, call: Callable[..., Any], bound: Bound, registry: Registry) -> None:
        self.original = original
        self.call = call
        self.bound = bound
        self.registry = registry
        self.stand_in: type | None = None
        self.asking: set[tuple[int, type]] = set()

    def __getstate__(self) -> tuple[Any, ...]:
        return self.original, self.call, self.bound, self.registry

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        self.__init__(*state)  # type: ignore[misc]  # builds it anew

    @property
    def makes_its_own(self) -> bool:
        """Whether instances are of the bound class. Exceptions are, because ``except`` looks at the real class only."""
        return issubclass(self.original, BaseException)


class Signature:
    """The signature of a bound class, or of a class derived from it, rather than of its metaclass's `__call__`.

    It is not a property, because pydantic sets a `__signature__` on each class.
    """

    def __get__(self, cls: Any, metaclass: type) -> inspect.Signature | None:
        found = (_signature(cls, base) for base in getattr(cls, "__mro__", ()))
        return next(filter(None, found), None)


class BoundType(_Metaclass):
    """The metaclass of bound classes, which answers as the original does, and of classes derived from them."""

    __slots__ = ()

    __clickbind_place__: Place | Travelling | None = None

    def __init__(cls, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if cls.__clickbind_place__ is None:
            type.__setattr__(cls, "__clickbind_place__", Travelling(cls))

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        """Make an instance of the original."""
        place = _place(cls)
        if place is None or place.makes_its_own:
            return super().__call__(*args, **kwargs)
        try:
            return place.call(*args, **kwargs)
        except TypeError as error:
            if str(error).startswith("super(type, obj)"):
                raise BindError(
                    f"class {cls.__qualname__!r} is bound, so its name leads to the bound class, from where "
                    f"super({cls.__name__}, self) finds no way up. Write super() without arguments. ({error})"
                ) from error
            raise

    def __instancecheck__(cls, instance: Any) -> bool:
        place = _place(cls)
        return super().__instancecheck__(instance) if place is None else isinstance(instance, place.original)

    def __subclasscheck__(cls, subclass: type) -> bool:
        place = _place(cls)
        if place is None:
            return super().__subclasscheck__(subclass)
        question = (threading.get_ident(), subclass)
        if question in place.asking:  # an abstract original asks its subclasses in turn
            return False
        place.asking.add(question)
        try:
            return issubclass(subclass, place.original)
        finally:
            place.asking.discard(question)

    def __setattr__(cls, name: str, value: Any) -> None:
        place = _place(cls)
        if place is not None and name != "__clickbind__":
            held = vars(place.original).get(name, place)
            if held is not value and not (isinstance(value, str) and held == value):  # some classes refuse it
                setattr(place.original, name, value)
            if name not in OWN:
                return
        super().__setattr__(name, value)

    def __delattr__(cls, name: str) -> None:
        place = _place(cls)
        if place is None:
            super().__delattr__(name)
        else:
            delattr(place.original, name)

    @property  # type: ignore[misc]  # Python's own lookups bypass it
    def __dict__(cls) -> Any:  # type: ignore[override]
        """The original's namespace: dataclasses, pydantic and monkeypatches look there for what a class defines."""
        place = _place(cls)
        return super().__dict__ if place is None else vars(place.original)

    @property
    def __wrapped__(cls) -> type:
        place = _place(cls)
        if place is None:
            raise AttributeError("__wrapped__")
        return place.original

    __signature__ = Signature()


class BoundABCMeta(BoundType, abc.ABCMeta):
    """The metaclass of bound abstract classes, and of plain ones, which may be mixed with abstract bases."""


def _metaclass(metaclass: type) -> Any:
    """Return the metaclass of bound classes whose originals have a given one. It is shared, so that they mix."""
    if issubclass(metaclass, BoundType):
        return metaclass
    if metaclass in {type, abc.ABCMeta}:
        return BoundABCMeta
    bases = (BoundABCMeta if issubclass(metaclass, abc.ABCMeta) else BoundType, metaclass)
    known = (kind for kind in type.__subclasses__(bases[0]) if kind.__bases__ == bases)
    return next(known, None) or type(BoundType.__name__, bases, {})


def _front(place: Place, fill: Callable[..., Any]) -> type:
    """Make the base that precedes an original and fills in the arguments that a derived class does not pass.

    Python makes an instance in two steps, with the same arguments for both: `__new__`, then `__init__`. A class has one
    of its own, or both, or neither. Those of object refuse all arguments, and `__new__` of list or an exception ignores
    the arguments of its `__init__`. So each step of the front decides which step takes the arguments: it fills in the
    active values for the step of the original that takes them, and passes everything on to the next class in the order
    of the bases. That can be a sibling of the original.
    """
    original: Any = place.original

    class Front:
        __slots__ = ()

        def __new__(cls, *args: Any, **kwargs: Any) -> Any:
            # The bound class, without its metaclass: copy and pickle make instances this way, and need an original.
            if cls is place.stand_in and not place.makes_its_own:
                return original.__new__(original, *args, **kwargs)
            # A derived class whose bases have no `__new__` but object's: the arguments are for `__init__`.
            new: Any = super().__new__
            if new is object.__new__:
                return new(cls)
            # The arguments are for `__new__` if there is no `__init__`, or if `__new__` is written in Python. One in C
            # that comes with an `__init__` gets only what the caller passed, as it would without this class.
            if _initial(original, "__init__") or inspect.isfunction(original.__new__):
                args, kwargs = fill(*args, **kwargs)
            return new(cls, *args, **kwargs)

        def __init__(self, *args: Any, **kwargs: Any) -> None:
            if not _initial(original, "__init__"):
                args, kwargs = fill(*args, **kwargs)
            # The arguments were for `__new__`. The next `__init__` is object's, which would refuse them.
            elif not _initial(original, "__new__") and _initial(super(Front, type(self)), "__init__"):
                return
            super().__init__(*args, **kwargs)

        def __init_subclass__(cls, **kwargs: Any) -> None:
            # Until there is a bound class, this call is for it. The original must not register it as one more subclass.
            if place.stand_in is not None:
                _check_derived(cls, place.stand_in)
                super().__init_subclass__(**kwargs)

    return _dressed(Front, place)


def _dressed(front: Any, place: Place) -> type:
    """Make the constructor of a front look like the original's."""
    original: Any = place.original
    functools.update_wrapper(front.__init__, original.__init__)
    front.__init__.__clickbind_place__ = place  # for `_place`, in another process
    # Ask its type: from Python 3.14 on, reading the annotations themselves may fail.
    if not any("__annotations__" in vars(kind) for kind in type(original.__init__).__mro__):
        front.__init__.__annotations__ = {}  # those of `Front` use names of this module
    return front  # type: ignore[no-any-return]  # the class that was passed


def _check_derived(cls: type, stand_in: type) -> None:
    """Refuse a copy of a bound class that a decorator made from the same bases: the copy would not be bound."""
    if stand_in not in cls.__mro__:
        raise BindError(
            f"class {cls.__qualname__!r} is bound, and then made again by a decorator above it, such as "
            f"@dataclass(slots=True) or @attrs.define. Bind it above that decorator."
        )


def _place(cls: Any) -> Place | None:
    """Return the place of a bound class; None for any other class, derived ones included."""
    place: Place | Travelling | None = getattr(cls, "__clickbind_place__", None)
    found: Place | None = place.place() if isinstance(place, Travelling) else place
    return found if found is not None and found.stand_in is cls else None


def _signature(cls: type, base: type) -> inspect.Signature | None:
    """Return the signature that a class gets from one of its bases; None if that base defines none."""
    place = _place(base)
    if place is not None:
        return signature_of(place.original)
    name = next((name for name in ("__new__", "__init__") if name in vars(base)), None)
    return None if name is None else signature_of(MethodType(getattr(base, name), cls))


def takes_arguments(cls: type) -> bool:
    """Return whether a class has a constructor of its own, or one that it inherits from another class than `object`."""
    return not (_initial(cls, "__init__") and _initial(cls, "__new__"))


def _initial(cls: Any, name: str) -> bool:
    """Return whether a class inherits a method from `object` unchanged."""
    return getattr(cls, name) is getattr(object, name)


def _passed(*args: Any, **kwargs: Any) -> tuple[tuple[Any, ...], dict[str, Any]]:
    return args, kwargs
