"""Pickle and copy instances whose class name in the module now refers to a bound class instead of the original.

Pickle finds a class by name, and refuses a class that its name does not refer to. So an instance of such an original
is pickled by way of the bound class, which knows its original. Unpickling makes an instance of the original again.

Users' pickles refer to `rebuild` and `original_of`: neither may move or change its parameters.
"""

from __future__ import annotations

import copyreg
import sys
from typing import Any

from ..declare.identity import caller

__all__ = ["OWN", "Travelling", "is_being_defined", "original_of", "reach", "rebuild"]

OWN = frozenset(
    {"__abstractmethods__", "__annotations__", "__doc__", "__module__", "__name__", "__qualname__", "__type_params__"}
)
"""The names that `type` looks up only in the namespace of the class itself."""


def reach(original: type, metaclass: type) -> None:
    """Make the instances of an original, and its bound class, picklable, whichever class its name refers to.

    Parameters
    ----------
    original : type
        The class.
    metaclass : type
        The metaclass of its bound class.
    """
    copyreg.pickle(metaclass, _reduced_class)
    if not _is_settled(original):
        copyreg.dispatch_table.setdefault(original, _reduced)


def original_of(cls: Any) -> Any:
    """Return the original of a bound class, even of several binders; any other class is its own original."""
    while hasattr(cls, "__wrapped__"):
        cls = cls.__wrapped__
    return cls


def rebuild(stand_in: Any, function: Any, *args: Any) -> Any:
    """Rebuild a pickled object, with the bound class replaced by its original throughout."""
    original = original_of(stand_in)
    function, *args = [original if part is stand_in else part for part in (function, *args)]  # type: ignore[assignment]
    return function(*args)


def _reduced(value: Any) -> Any:
    """Take an instance of an original apart for pickle and copy."""
    reduction = value.__reduce_ex__(4)  # the latest protocol whose result every other one can write too
    original = type(value)
    stand_in = _named(original)
    if isinstance(reduction, str) or stand_in is original or original_of(stand_in) is not original:
        return reduction
    function, args, *rest = reduction
    # A class that reduces to a call of its own name means the original too: unpickling must fill in no values.
    if not any(part is original or part is stand_in for part in (function, *args)):
        return reduction
    args = [stand_in if part is original else part for part in (function, *args)]
    return (rebuild, (stand_in, *args), *rest)


def _reduced_class(cls: type) -> Any:
    """Reduce a bound class to its name if that refers to it, otherwise to its original."""
    original = original_of(cls)
    return cls.__qualname__ if original is cls or _named(cls) is cls else (original_of, (original,))


def _named(cls: type) -> Any:
    """Return the object that a class's name refers to; None if there is none."""
    found: Any = sys.modules.get(cls.__module__)
    for name in cls.__qualname__.split("."):
        found = getattr(found, name, None)
    return found


def _is_settled(original: type) -> bool:
    """Return whether the name will always refer to the original, because another module than its own binds it.

    Instances of such a class are pickled as before, with the protocol that the pickler asks for.
    """
    return _named(original) is original and caller().f_globals.get("__name__") != original.__module__


def is_being_defined(cls: type) -> bool:
    """Return whether a class is decorated where it is defined, so that no name there refers to it yet."""
    frame = caller()
    here = frame.f_locals.get(cls.__name__) is not cls and _named(cls) is not cls
    return here and frame.f_globals.get("__name__") == cls.__module__


class Travelling:
    """A placeholder for the place of a bound class that cloudpickle is rebuilding, until its base is rebuilt too.

    cloudpickle pickles the name and the bases of a class, and its namespace, which is that of the original.

    Parameters
    ----------
    stand_in : type
        The class.
    """

    def __init__(self, stand_in: Any) -> None:
        self.stand_in = stand_in

    def place(self) -> Any:
        """Find the place, and restore the class to its state before pickling."""
        cls = self.stand_in
        place: Any = getattr(vars(type.mro(cls)[1]).get("__init__"), "__clickbind_place__", None)
        if place is None:
            return None
        own = vars(place.original)
        for name in own.keys() & set(type.__dict__["__dict__"].__get__(cls)) - OWN:
            type.__delattr__(cls, name)
        for name, value in {**{name: own[name] for name in OWN & own.keys()}, "__clickbind_place__": place}.items():
            type.__setattr__(cls, name, value)
        type.__setattr__(cls, "__qualname__", place.original.__qualname__)
        cls.__clickbind__ = (place.registry, place.bound)
        place.stand_in = place.bound.call = cls
        reach(place.original, type(cls))
        return place
