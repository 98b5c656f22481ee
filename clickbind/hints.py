"""Annotations, evaluated one by one: what one cannot be evaluated costs nobody else."""

from __future__ import annotations

import builtins
import types
import typing
from collections.abc import Mapping
from typing import Any

__all__ = ["Unresolved", "evaluate"]


class _UnresolvedType(type):
    """Lets `Unresolved` stand for a module, a class, or a generic one."""

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return cls

    def __getitem__(cls, item: Any) -> Any:
        return cls


class Unresolved(metaclass=_UnresolvedType):
    """What stands for a name that is not there at run time, as those under ``TYPE_CHECKING``.

    It is a class, so that a union with it is one: ``float | torch.Tensor`` still has its float.
    """


class _Names(dict[str, Any]):
    """The names that an annotation may use; those that are missing are `Unresolved`."""

    def __init__(self, *names: Mapping[str, Any]) -> None:
        super().__init__()
        self._names = (*names, vars(builtins))

    def __missing__(self, name: str) -> Any:
        return next((names[name] for names in self._names if name in names), Unresolved)


def evaluate(annotation: Any, *names: Mapping[str, Any]) -> Any:
    """Evaluate one annotation.

    `typing.get_type_hints` is all or nothing for a function; here each annotation is by itself.

    Parameters
    ----------
    annotation : object
        The annotation, a string or not.
    *names : mapping of str to object
        Where its names are looked up, first to last.

    Returns
    -------
    object
        The annotation without strings in it; `Unresolved` where it is no expression.
    """
    if isinstance(annotation, typing.ForwardRef):
        annotation = annotation.__forward_arg__
    if isinstance(annotation, str):
        known = _Names(*names)
        if annotation.isidentifier():
            return known[annotation]
        try:
            annotation = eval(annotation, {}, known)  # noqa: S307 - the program's own text, as typing does
        except Exception:  # noqa: BLE001 - a hint may raise whatever it likes
            return Unresolved
        if isinstance(annotation, str):  # quotes under `from __future__ import annotations`
            return evaluate(annotation, *names)
    if any(isinstance(part, (str, typing.ForwardRef)) for part in _parts(annotation)):
        annotation = _referring(annotation)
        holder = types.SimpleNamespace(__annotations__={"it": annotation})
        try:
            return typing.get_type_hints(holder, {}, _Names(*names), include_extras=True)["it"]
        except Exception:  # noqa: BLE001 - as above
            return Unresolved
    return annotation


def _referring(annotation: Any) -> Any:
    """Mark the strings inside ``list["int"]`` as references, as Python does from 3.11 on."""
    if not isinstance(annotation, types.GenericAlias):
        return annotation
    parts = typing.get_args(annotation)
    origin: Any = annotation.__origin__
    return origin[tuple(typing.ForwardRef(part) if isinstance(part, str) else _referring(part) for part in parts)]


def _parts(annotation: Any) -> list[Any]:
    """List what stands inside an annotation; a Literal's strings are values, not names."""
    if typing.get_origin(annotation) is typing.Literal:
        return []
    found = []
    for part in typing.get_args(annotation)[: 1 if typing.get_origin(annotation) is typing.Annotated else None]:
        found += [part, *_parts(part)]
    return found
