"""Find the observers that a program names, by what others have installed."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import click

from .. import observers, running
from ..errors import BindError, UserError, suggest

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

__all__ = ["GROUP", "Makers", "checked", "find", "made"]

GROUP = "clickbind.observers"
"""The group of entry points by which other distributions offer observers."""

Makers = list[tuple[str, Callable[[], Any]]]
"""The observers of a program: the name of each, and what makes it for a run."""

_OWN = {"mlflow": ("clickbind.observers.mlflow", "MLflow", "mlflow")}
"""Observers of this package: the module, the class, and the extra that installs what it needs."""


def checked(given: Sequence[Any]) -> tuple[Any, ...]:
    """Return the observers of a `Binder`, without looking for any.

    Raises
    ------
    BindError
        If one is neither a name, an observer, nor a callable that makes one.
    """
    if isinstance(given, str):
        raise BindError(f"observers={given!r} is one name: pass a list, observers=[{given!r}].")
    for one in given:
        if not (isinstance(one, (str, running.observers.Observer)) or callable(one)):
            raise BindError(
                f"{one!r} is not an observer: pass a name, an instance of clickbind.Observer, or a class or function "
                "that makes one."
            )
    return tuple(given)


def find(given: Sequence[Any]) -> Makers:
    """Find the observers of a program. Those that are installed are imported, and none is made.

    Raises
    ------
    UserError
        If a name is that of no observer that is installed, or of several, or one cannot be imported.
    """
    return [(_name_of(one), _named(one) if isinstance(one, str) else _maker(one)) for one in given]


def _maker(given: Any) -> Callable[[], Any]:
    return (lambda: given) if isinstance(given, running.observers.Observer) else given


def _name_of(given: Any) -> str:
    if isinstance(given, str):
        return given
    return str(getattr(given, "__qualname__", type(given).__qualname__))


def _named(name: str) -> Callable[[], Any]:
    if name in _OWN:
        module, attribute, extra = _OWN[name]
        try:
            found: Callable[[], Any] = getattr(importlib.import_module(module), attribute)
        except ImportError as error:
            raise UserError(
                f'the observer {name!r} needs {error.name or name}: pip install "clickbind[{extra}]"'
            ) from None
        return found
    points = observers.metadata.entry_points(group=GROUP)
    own = list(dict.fromkeys(point for point in points if point.name == name))
    if not own:
        known = sorted({*_OWN, *points.names})
        raise UserError(
            f"no installed package has the observer {name!r} that this program asks for (entry points {GROUP!r}); "
            f"there are {', '.join(known)}.{suggest(name, known)}"
        )
    if len(own) > 1:
        places = " and ".join(map(_place, own))
        raise UserError(f"there are several observers {name!r}: {places}. Uninstall all but one.")
    return _loaded(own[0])


def _loaded(point: EntryPoint) -> Callable[[], Any]:
    try:
        found: Callable[[], Any] = point.load()
    except Exception as error:  # noqa: BLE001 - a module may raise anything when it is imported
        raise UserError(
            f"the observer {point.name!r} ({_place(point)}) cannot be imported: {type(error).__name__}: {error}"
        ) from None
    return found


def _place(point: EntryPoint) -> str:
    return f"{point.value} of {point.dist.name} {point.dist.version}" if point.dist else point.value


def made(name: str, make: Callable[[], Any]) -> running.observers.Observer:
    """Make an observer for a run.

    Raises
    ------
    UserError
        If it cannot be made, or is no observer.
    """
    try:
        found = make()
    except click.ClickException:
        raise
    except Exception as error:  # noqa: BLE001 - somebody's code may raise anything
        raise UserError(f"the observer {name!r} cannot be made: {type(error).__name__}: {error}") from None
    if not isinstance(found, running.observers.Observer):
        raise UserError(f"the observer {name!r} made {found!r}, which is not a clickbind.Observer.")
    return found
