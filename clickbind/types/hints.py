"""Evaluate annotations one at a time, so that one that fails does not spoil the others."""

from __future__ import annotations

import builtins
import contextlib
import functools
import inspect
import re
import typing
from collections.abc import Callable, Iterator, Mapping
from types import CodeType, ModuleType, UnionType
from typing import Any

from ..errors import BindError
from . import UNKNOWN

__all__ = ["Unresolved", "checked", "evaluate", "settled"]


class _UnresolvedType(type):
    """Let `Unresolved` be used like a module, a class, a generic class, or a function that makes metadata."""

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return cls

    def __getitem__(cls, item: Any) -> Any:
        return cls

    def __call__(cls, *_: Any, **__: Any) -> Any:
        return cls


class Unresolved(metaclass=_UnresolvedType):
    """Replace a name that does not exist at run time, such as one imported under ``TYPE_CHECKING``.

    It is a class, so that a union can contain it: ``float | torch.Tensor`` still has its float.
    """


def evaluate(annotation: Any, *names: Mapping[str, Any]) -> Any:
    """Evaluate one annotation.

    `typing.get_type_hints` evaluates all annotations of a function or none. From Python 3.14 on it also copies a
    mapping of names into a dict, so that missing names could not be filled in.

    Parameters
    ----------
    annotation : object
        The annotation, a string or not.
    *names : mapping of str to object
        The namespaces in which its names are looked up, first to last.

    Returns
    -------
    object
        The annotation without strings in it; `Unresolved` if it cannot be evaluated.
    """
    return _Reader(names).read(annotation)


def checked(annotation: Any, owner: Any, name: str, *names: Mapping[str, Any]) -> Any:
    """Evaluate the annotation of a parameter or field. Refuse one that may hide that it is a secret.

    Parameters
    ----------
    annotation : object
        The annotation, a string or not.
    owner : callable
        The function or class that declares it.
    name : str
        The parameter or field.
    *names : mapping of str to object
        As for `evaluate`.

    Raises
    ------
    BindError
        If it, or a part of it, cannot be evaluated, and it mentions a secret.
    """
    reader = _Reader(names)
    found = reader.read(annotation)
    if any(leaf is Unresolved for leaf in _leaves(found)) and reader.mentions_secret(found):
        raise BindError(
            f"{getattr(owner, '__qualname__', None) or repr(owner)}: the annotation of {name!r} mentions a secret and "
            f"cannot be evaluated: {reader.problem}. Its value could be shown and saved. Import every name in the "
            f"annotation at run time, not only under TYPE_CHECKING."
        )
    return found


def settled(annotation: Any, default: Any) -> Any:
    """Return the type of a parameter or field: its annotation, or the type of its default.

    Parameters
    ----------
    annotation : object
        Its annotation, evaluated; ``inspect.Parameter.empty`` if it has none.
    default : object
        Its default; ``inspect.Parameter.empty`` if it has none.

    Returns
    -------
    object
        The type of the default if there is no annotation, or one that only type checkers can read;
        `UNKNOWN` if there is no default either, or it is None.
    """
    no_default = default is inspect.Parameter.empty or default is None
    if annotation is Unresolved and not no_default:
        annotation = inspect.Parameter.empty
    if annotation is not inspect.Parameter.empty:
        return annotation
    return UNKNOWN if no_default else type(default)


# Attributes that Python evaluates when they are first read, or that may be strings: the value of an alias (PEP 695),
# the bound of a type variable, the base of a NewType.
_INSIDE = {"TypeAliasType": "__value__", "TypeVar": "__bound__", "NewType": "__supertype__"}


class _Names(dict[str, Any]):
    """Look up the names that an annotation uses. Missing ones are `Unresolved`."""

    def __init__(self, names: tuple[Mapping[str, Any], ...], used: dict[str, Any]) -> None:
        super().__init__()
        self._names = (*names, vars(builtins))
        self._used = used

    def __missing__(self, name: str) -> Any:
        found = next((names[name] for names in self._names if name in names), Unresolved)
        self._used[name] = found
        return found


class _Reader:
    """Walk one annotation, and rebuild the parts that have strings in them."""

    def __init__(self, names: tuple[Mapping[str, Any], ...]) -> None:
        self._names = names
        self._above: list[Any] = []
        self._texts: list[str] = []
        self._used: dict[str, Any] = {}

    def read(self, annotation: Any) -> Any:
        if type(annotation) is type:  # most are classes, with nothing in them to read
            return annotation
        if isinstance(annotation, (str, typing.ForwardRef)):
            return self._once(annotation, self._text)
        if type(annotation).__name__ in _INSIDE:
            return self._once(annotation, self._named)
        if isinstance(annotation, list):  # the arguments of a Callable
            parts = [self.read(part) for part in annotation]
            return parts if _differ(parts, annotation) else annotation
        origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
        if _is_literal(origin):  # its strings are values
            return annotation
        marks = arguments[1:] if origin is typing.Annotated else ()
        parts = [self.read(part) for part in arguments[: len(arguments) - len(marks)]]
        # From Python 3.14 on, metadata that uses names for type checkers only is a reference too.
        parts += [self.read(mark) if isinstance(mark, typing.ForwardRef) else mark for mark in marks]
        base = self.read(origin) if type(origin).__name__ in _INSIDE else origin
        return self._rebuilt(annotation, base, parts) if _differ([base, *parts], [origin, *arguments]) else annotation

    def _once(self, annotation: Any, read: Callable[[Any], Any]) -> Any:
        """Read an annotation that may contain itself."""
        if any(one is annotation or (type(one) is str and one == annotation) for one in self._above):
            return Unresolved if isinstance(annotation, (str, typing.ForwardRef)) else annotation
        self._above.append(annotation)
        try:
            return read(annotation)
        finally:
            self._above.pop()

    def _text(self, annotation: Any) -> Any:
        names = self._names
        if not isinstance(annotation, str):
            names = (*_close(annotation), *names, *_far(annotation))
            annotation = annotation.__forward_arg__
        known = _Names(names, self._used)
        self._texts.append(annotation)
        try:
            # The program's own text, as typing evaluates it.
            found = known[annotation] if annotation.isidentifier() else eval(_compiled(annotation), {}, known)  # noqa: S307
        except Exception:  # noqa: BLE001 - a hint may raise whatever it likes
            return Unresolved
        return self.read(found)

    def _named(self, annotation: Any) -> Any:
        """Read the meaning of a name; keep the name if its meaning has no strings in it."""
        try:
            value = getattr(annotation, _INSIDE[type(annotation).__name__])
        except Exception as error:  # noqa: BLE001 - as above
            self._texts += _code(error)
            return Unresolved
        found = self.read(value)
        return annotation if found is value else found

    @staticmethod
    def _rebuilt(annotation: Any, origin: Any, parts: list[Any]) -> Any:
        if origin is UnionType:  # it has no subscript before Python 3.14
            origin = typing.Union
        try:
            made = origin[parts[0] if len(parts) == 1 else tuple(parts)]
            return next(iter(made)) if getattr(annotation, "__unpacked__", False) else made
        except Exception:  # noqa: BLE001 - a generic class may refuse what its author did not expect
            return Unresolved

    @property
    def problem(self) -> str:
        """The reason why the annotation cannot be evaluated."""
        missing = sorted(name for name, found in self._used.items() if found is Unresolved)
        return f"{', '.join(missing)} is not defined" if missing else f"{self._texts[0]!r} fails"

    def mentions_secret(self, found: Any) -> bool:
        """Return whether the annotation, as text or evaluated, mentions a secret."""
        leaves = [leaf for item in (found, *self._used.values()) for leaf in _leaves(item)]
        names = (getattr(leaf, "__qualname__", None) or repr(leaf) for leaf in leaves)
        text = re.sub(r"Literal\[[^]]*\]", "", " ".join([*self._texts, *names]))
        return re.search("(?i)secret", text) is not None


@functools.lru_cache(maxsize=256)  # most of a program's annotations are written several times
def _compiled(text: str) -> CodeType:
    """Compile an annotation, as `eval` does."""
    return compile(text.lstrip(" \t"), "<annotation>", "eval")


def _is_literal(origin: Any) -> bool:
    return type(origin) is not type and str(origin).endswith(".Literal")  # of typing or of typing_extensions


def _differ(parts: Any, before: Any) -> bool:
    return any(part is not old for part, old in zip(parts, before, strict=True))


def _leaves(annotation: Any) -> Iterator[Any]:
    """Yield the innermost parts of an annotation and its metadata, without modules."""
    origin = typing.get_origin(annotation)
    parts = annotation if isinstance(annotation, list) else typing.get_args(annotation)
    if parts and not _is_literal(origin):
        for part in parts:
            yield from _leaves(part)
    elif not isinstance(annotation, ModuleType):
        yield annotation


def _close(reference: Any) -> Iterator[Mapping[str, Any]]:
    """Yield the names around a reference, which Python 3.14 makes of an unquoted annotation that it cannot evaluate."""
    yield getattr(reference, "__extra_names__", None) or {}
    cells = getattr(reference, "__cell__", None)
    yield dict(_contents(cells if isinstance(cells, dict) else {reference.__forward_arg__: cells}))
    yield {parameter.__name__: parameter for parameter in getattr(_owner(reference), "__type_params__", ())}


def _far(reference: Any) -> Iterator[Mapping[str, Any]]:
    """Yield the names of the class and module that a reference is in."""
    yield vars(_owner(reference)) if isinstance(_owner(reference), type) else {}
    yield getattr(reference, "__globals__", None) or {}


def _owner(reference: Any) -> Any:
    return getattr(reference, "__owner__", None)


def _contents(cells: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, cell in cells.items():
        with contextlib.suppress(AttributeError, ValueError):  # there is no cell, or it is still empty
            yield name, cell.cell_contents


def _code(error: BaseException) -> Iterator[str]:
    """Yield the names and constants in the code that raised: the only text that Python keeps of an alias."""
    trace = error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        if trace.tb_frame.f_globals is not globals():
            yield f"{code.co_names} {code.co_consts}"
        trace = trace.tb_next
