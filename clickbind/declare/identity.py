"""Find where a function is defined, and whether another function is the same one, defined again."""

from __future__ import annotations

import contextlib
import dis
import functools
import inspect
import re
import sys
import typing
import warnings
from collections.abc import Iterator, Mapping
from types import CodeType, FunctionType, MethodType
from typing import Any

from ..errors import BindError
from ..types import annotations_of

__all__ = [
    "caller",
    "check_again",
    "check_effect",
    "drops_result",
    "hint_names",
    "innermost",
    "is_manager",
    "made_by_clickbind",
    "place",
    "warn",
]

_GENERATED = ("<string>", "<attrs ")
"""The file names of methods that dataclasses, named tuples and attrs generate."""

_CONSUMERS = frozenset({"all", "any", "deque", "dict", "list", "max", "min", "next", "reduce", "set", "sum", "tuple"})
"""The functions that a wrapper may call to run a generator."""

_DROPPING = frozenset({("POP_TOP", 0), ("PRINT_EXPR", 0), ("CALL_INTRINSIC_1", 1)})
"""The instructions, with their numbers, that drop or print a value. Python 3.12 has the last one for printing."""

_Seen = set[tuple[int, int]]
"""The pairs that are being compared, since functions and classes may refer to one another in a circle."""


def caller() -> Any:
    """Return the frame that calls `bind`, `stage` or `context`, found as namedtuple and typing find theirs."""
    frame = sys._getframe(1)  # noqa: SLF001 - there is no public way
    while frame.f_back is not None and str(frame.f_globals.get("__name__")).startswith("clickbind."):
        frame = frame.f_back
    return frame


def drops_result(frame: Any) -> bool:
    """Return whether the call that a frame is making is a whole statement, or its result is assigned to ``_``.

    In a prompt or at the end of a notebook's cell, the result of a statement is printed.
    """
    code = frame.f_code
    names = {"STORE_NAME": code.co_names, "STORE_GLOBAL": code.co_names, "STORE_FAST": code.co_varnames}
    high, at = 0, frame.f_lasti + 2
    while (name := dis.opname[code.co_code[at]]) in {"CACHE", "EXTENDED_ARG"}:
        high = (high + code.co_code[at + 1]) << 8
        at += 2
    low = code.co_code[at + 1]
    return (name, low) in _DROPPING or names.get(name, ())[high + low :][:1] == ("_",)


def hint_names(function: Any, names: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return the names that string annotations use: of a function, or of a class's constructor and fields.

    Parameters
    ----------
    function : callable
        The function or class.
    names : mapping of str to object, optional
        The names to look in, by default those of the function's module.
    """
    classes = function.__mro__ if isinstance(function, type) else ()
    found: dict[str, Any] = {}
    for part in (*classes, *(vars(base).get("__init__") for base in classes), *(() if classes else (function,))):
        with contextlib.suppress(Exception):  # from Python 3.14 on, they may raise; reported when they are needed
            inner = inspect.unwrap(part)
            known = getattr(inner, "__globals__", {}) if names is None else names
            for text in (text for hint in annotations_of(inner).values() for text in _texts(hint)):
                found.update({word: known[word] for word in re.findall(r"[^\W\d]\w*", text) if word in known})
    return found


def _texts(hint: Any) -> Iterator[str]:
    """Walk the texts in an annotation: its own and those of its parts, which `typing` may have made references."""
    text = getattr(hint, "__forward_arg__", hint)
    if isinstance(text, str):
        yield text
    for part in hint if isinstance(hint, list) else typing.get_args(hint):
        yield from _texts(part)


def warn(message: str) -> None:
    """Warn at the line of the program that calls this package."""
    frame = caller()
    place = frame.f_globals
    warnings.warn_explicit(
        message,
        UserWarning,
        frame.f_code.co_filename,
        frame.f_lineno,
        place.get("__name__"),
        place.setdefault("__warningregistry__", {}),
    )


def made_by_clickbind(function: Any) -> bool:
    """Return whether a function is a wrapper of this package."""
    module = function.__globals__.get("__name__") if isinstance(function, FunctionType) else None
    return str(module).startswith("clickbind.")


def check_again(name: str, function: Any, other: Any, cure: str = "pass name='…' for one of them") -> None:
    """Refuse two different functions under one name.

    The same function may be defined again: by a notebook cell, by a reload, by an import under a second name. Each
    time, Python makes a new code object. Two functions with one code object come from a decorator or a factory that was
    called twice. They count as the same only if they close over equal values and have equal defaults.

    Parameters
    ----------
    name : str
        The name.
    function, other : callable
        The function to bind, and the one that is bound under this name.
    cure : str
        What the message advises.

    Raises
    ------
    BindError
        If they differ. The message has both places.
    """
    if _same(function, other, set()):
        return
    one, two = _bare(other), _bare(function)
    places = f"{place(one)} and {place(two)}"
    if _is_made_twice(one, two):
        inner = [next(filter(_is_defined, _held(item).values()), None) for item in (one, two)]
        if None in inner:
            ours, its = _held(one), _held(two)
            differing = ", ".join(key for key in its if not _same(ours.get(key), its[key], set()))
            places = f"{place(two)} was made twice, with different values of {differing}"
        else:
            places = f"{place(inner[0])} and {place(inner[1])}, both wrapped by the decorator of {place(two)}"
            cure = f"use functools.wraps in the decorator, or {cure}"
    raise BindError(f"two functions are bound as {name!r}: {places}. {cure[0].upper()}{cure[1:]}.")


def check_effect(function: Any) -> None:
    """Refuse a stage that does nothing, because a call only makes a generator or a context manager.

    Raises
    ------
    BindError
        If it is one of these. The message says what to do instead.
    """
    inner = innermost(function)
    is_async = inspect.isasyncgenfunction(inner)
    if not is_async and not inspect.isgeneratorfunction(inner):
        return
    kind, cure = "generator function", "loop over it in one"
    if is_manager(function):
        kind, cure = "context manager", "enter it in one"
    if not is_async:
        cure += ", or bind it with @binder.context"
    raise BindError(f"{function!r} is a {kind}, and as a stage it would do nothing: {cure}.")


def innermost(function: Any) -> Any:
    """Return the innermost callable of a function: the code that a call runs, or returns for somebody else to run."""
    *_, found = _layers(function)
    return found


def is_manager(function: Any) -> bool:
    """Return whether a call of a function makes a generator into one of `contextlib`'s context managers."""
    return any(getattr(layer, "__globals__", None) is vars(contextlib) for layer in _layers(function))


def _layers(function: Any) -> Iterator[Any]:
    """Walk a callable, and the callables inside it: through partials, methods, instances and wrappers."""
    inner = function
    while inner is not None:
        yield inner
        if isinstance(inner, functools.partial):
            inner = inner.func
        elif hasattr(inner, "__func__"):
            inner = inner.__func__
        elif hasattr(inner, "__wrapped__") and not _consumes(inner):
            inner = inner.__wrapped__
        else:
            call = getattr(type(inner), "__call__", None)  # noqa: B004 - to walk it, not to test for it
            inner = call if isinstance(call, FunctionType) and not isinstance(inner, type) else None


def _consumes(wrapper: Any) -> bool:
    """Return whether a wrapper may run a generator to its end: it loops, or calls one of `_CONSUMERS`."""
    if not isinstance(wrapper, FunctionType):  # such as a wrapper of `functools.lru_cache`
        return False
    code = wrapper.__code__
    return bool({dis.opmap["GET_ITER"]} & set(code.co_code[::2]) or _CONSUMERS & set(code.co_names))


def _same(one: Any, other: Any, seen: _Seen) -> bool:
    """Return whether two objects are interchangeable: identical, equal, or the same one defined again."""
    one, other = _bare(one), _bare(other)
    pair = (id(one), id(other))
    if one is other or pair in seen:
        return True
    seen.add(pair)
    if _is_around(one, other) or _is_around(other, one):
        return True
    if isinstance(one, type) and isinstance(other, type):
        return _same_class(one, other, seen)
    if isinstance(one, FunctionType) and isinstance(other, FunctionType):
        return _same_function(one, other, seen)
    parts = _parts(one)
    if parts is None or type(one) is not type(other):
        return _is_again(one, other) or _equal(one, other)
    return _all_same(parts, _parts(other), seen)


def _same_function(one: FunctionType, other: FunctionType, seen: _Seen) -> bool:
    ours, its = _held(one), _held(other)
    if _is_made_twice(one, other):
        return _all_same(ours, its, seen)
    if inspect.unwrap(one) is inspect.unwrap(other):  # two wrappers of one function, which both have its name
        if _maker(one.__code__) != _maker(other.__code__):
            return False
    elif not _is_again(one, other):
        return False
    # A decorator that is defined again may wrap another function.
    names = [key for key in ours.keys() & its.keys() if _is_defined(ours[key]) and _is_defined(its[key])]
    return _all_same([ours[key] for key in names], [its[key] for key in names], seen)


def _same_class(one: type, other: type, seen: _Seen) -> bool:
    ours, its = ([item.__code__ for item in map(_function, vars(kind).values()) if item] for kind in (one, other))
    if not {id(code) for code in ours} & {id(code) for code in its}:
        if not _is_again(one, other):
            return False
        if not all(code.co_filename.startswith(_GENERATED) for code in ours):
            return True  # its methods are new, so it was defined again
        if "<locals>" not in one.__qualname__:
            return _all_same(one.__bases__, other.__bases__, seen)
    # The body was executed twice, in a function or a loop. It may have other defaults now, as one that is edited.
    return _all_same(one.__bases__, other.__bases__, seen) and _all_same(_members(one), _members(other), seen)


def _members(kind: type) -> dict[str, Any]:
    """Return the members of a class to compare: code and closure of its methods, and the members without dunders."""
    found: dict[str, Any] = {}
    for name, member in vars(kind).items():
        function = _function(member)
        if function is not None:
            found[name] = (function.__code__, _closure(function))
        elif name[:2] != "__":
            found[name] = member
    return found


def _all_same(ones: Any, others: Any, seen: _Seen) -> bool:
    """Compare the members of two dicts, lists or tuples."""
    if isinstance(ones, dict):
        return ones.keys() == others.keys() and all(_same(ones[key], others[key], seen) for key in ones)
    return len(ones) == len(others) and all(_same(*pair, seen) for pair in zip(ones, others, strict=True))


def _parts(value: Any) -> Any:
    """Return the parts to compare for methods, partials and containers; None for other objects."""
    if isinstance(value, MethodType):
        return (value.__func__, value.__self__)
    if isinstance(value, functools.partial):
        return (value.func, value.args, value.keywords)
    return value if type(value) in {dict, list, tuple} else None


def _is_again(one: Any, other: Any) -> bool:
    """Return whether both are defined at the same place, or under the same full name."""
    source = _source(one)
    if source is not None and source == _source(other):
        return True
    # Lambdas, partials and instances are excluded, since many in a module share one name.
    return getattr(one, "__name__", "<lambda>") != "<lambda>" and _identity(one) == _identity(other)


def _is_made_twice(one: Any, other: Any) -> bool:
    return isinstance(one, FunctionType) and one.__code__ is getattr(other, "__code__", None)


def _is_defined(value: Any) -> bool:
    return isinstance(value, (type, FunctionType))


def _is_around(one: Any, other: Any) -> bool:
    """Return whether one wraps the other."""
    while hasattr(one, "__wrapped__"):
        one = one.__wrapped__
        if _bare(one) is other:
            return True
    return False


def _bare(function: Any) -> Any:
    """Return the function inside the wrappers of this package."""
    while made_by_clickbind(function) and hasattr(function, "__wrapped__"):
        function = function.__wrapped__
    return inspect.unwrap(function) if isinstance(function, type) else function


def _closure(function: FunctionType) -> dict[str, Any]:
    """Return the closure of a function, by name; a variable that is not set yet is None."""
    cells = zip(function.__code__.co_freevars, function.__closure__ or (), strict=True)
    held: dict[str, Any] = {}
    for name, cell in cells:
        held[name] = None
        with contextlib.suppress(ValueError):
            held[name] = cell.cell_contents
    return held


def _held(function: FunctionType) -> dict[str, Any]:
    """Return the closure and the defaults of a function, by name."""
    code = function.__code__
    names = code.co_varnames[: code.co_argcount]
    defaults = function.__defaults__ or ()
    positional = dict(zip(names[len(names) - len(defaults) :], defaults, strict=True))
    return {**_closure(function), **positional, **(function.__kwdefaults__ or {})}


def _function(member: Any) -> FunctionType | None:
    """Return the function of a method, or of a property; None for any other member of a class."""
    inner = getattr(member, "fget", None) or getattr(member, "__func__", None) or member
    inner = inspect.unwrap(inner) if isinstance(inner, FunctionType) else inner
    return inner if isinstance(inner, FunctionType) else None


def _maker(code: CodeType) -> Any:
    """Return a name that differs between the wrappers of two decorators, but stays when one is defined again."""
    return getattr(code, "co_qualname", code.co_name)  # from Python 3.11 on, it includes the decorator's name


def _equal(one: Any, other: Any) -> bool:
    """Return whether two values are equal, even if their class raises or returns no bool."""
    try:
        return type(one) is type(other) and (one == other) is True
    except Exception:  # noqa: BLE001 - a class's own comparison
        return False


def _source(function: Any) -> tuple[str, int, str] | None:
    """Return the file, line and name of a definition; None if it is not written in Python."""
    inner = function.__init__ if isinstance(function, type) else function  # type: ignore[misc]  # only to read it
    code = getattr(inspect.unwrap(inner), "__code__", None)
    return code and (code.co_filename, code.co_firstlineno, getattr(function, "__qualname__", ""))


def place(function: Any) -> str:
    """Return ``module.qualname (file:line)``."""
    source = _source(function)
    where = f" ({source[0]}:{source[1]})" if source else ""
    return f"{_identity(function)}{where}"


def _identity(function: Any) -> str:
    """Return the full name of a bound object; for a partial, which has none, that of its type."""
    name = getattr(function, "__qualname__", type(function).__qualname__)
    return f"{getattr(function, '__module__', None) or type(function).__module__}.{name}"
