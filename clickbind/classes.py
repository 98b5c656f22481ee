"""Classes: a bound class passes for the one it stands for, and makes instances of that."""

from __future__ import annotations

import inspect
from typing import Any

from .errors import BindError
from .registry import Bound, Registry
from .scopes import bound_call

__all__ = ["bound_class"]


def bound_class(original: type, bound: Bound, registry: Registry) -> type:
    """Make the class that a program uses in an original's place; the original stays untouched.

    Parameters
    ----------
    original : type
        The class.
    bound : Bound
        What it is bound as.
    registry : Registry
        Where it is bound.

    Raises
    ------
    BindError
        Where the class cannot be subclassed, as an Enum with members.
    """
    call = bound_call(original, bound, registry)
    metaclass: Any = type(original)

    class BoundType(metaclass):  # type: ignore[misc]  # the original's own metaclass
        def __call__(cls, *args: Any, **kwargs: Any) -> Any:
            return call(*args, **kwargs) if cls is stand_in else super().__call__(*args, **kwargs)

        @property
        def __signature__(cls) -> inspect.Signature:
            if cls is stand_in:
                return inspect.signature(original)
            own = inspect.signature(vars(cls).get("__init__", original))
            return own.replace(parameters=list(own.parameters.values())["__init__" in vars(cls) :])

        def __instancecheck__(cls, instance: Any) -> bool:
            return isinstance(instance, original) if cls is stand_in else super().__instancecheck__(instance)

        def __subclasscheck__(cls, subclass: type) -> bool:
            return issubclass(subclass, original) if cls is stand_in else super().__subclasscheck__(subclass)

    names = {name: getattr(original, name) for name in ("__module__", "__qualname__", "__doc__")}
    try:
        stand_in: type = BoundType(original.__name__, (original,), {**names, "__wrapped__": original})
    except (TypeError, AttributeError) as error:  # AttributeError: an Enum's metaclass wants a namespace of its own
        raise BindError(f"class {original.__qualname__!r} cannot be bound: {error}.") from None
    return stand_in
