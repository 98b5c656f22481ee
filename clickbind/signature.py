"""A function's signature as clickbind needs it: parameters with their evaluated hints, and the docstring on request."""

from __future__ import annotations

import builtins
import functools
import inspect
import sys
from typing import Any

from . import docstrings
from .conversion import UNKNOWN, Converter, converter_of
from .errors import BindError

__all__ = ["FunctionSpec", "ParameterSpec", "read"]

_EMPTY = inspect.Parameter.empty
_VARIADIC = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)


class ParameterSpec:
    """One parameter.

    Attributes
    ----------
    name : str
        Its name in the signature.
    annotation : object
        Its hint, evaluated; the type of its default where it has none; `UNKNOWN` where that tells nothing.
    default : object
        The signature's own object; ``inspect.Parameter.empty`` where it has none.
    converter : Converter or None
        How its values are read and written; None where no text can make one.
    """

    __slots__ = ("annotation", "converter", "default", "name")

    def __init__(self, name: str, annotation: Any, default: Any, converter: Converter | None) -> None:
        self.name = name
        self.annotation = annotation
        self.default = default
        self.converter = converter

    @property
    def required(self) -> bool:
        """Whether it has no default."""
        return self.default is _EMPTY


class FunctionSpec:
    """A function, looked at.

    Attributes
    ----------
    function : object
        The function or class itself.
    signature : inspect.Signature
        Its signature, annotations as they stand.
    parameters : dict of str to ParameterSpec
        Its parameters in their order, without ``*args`` and ``**kwargs``.
    """

    __slots__ = ("_docstring", "function", "parameters", "signature")

    def __init__(self, function: Any, signature: inspect.Signature, parameters: dict[str, ParameterSpec]) -> None:
        self.function = function
        self.signature = signature
        self.parameters = parameters
        self._docstring: docstrings.Docstring | None = None

    @property
    def docstring(self) -> docstrings.Docstring:
        """Its docstring, parsed when first asked for."""
        if self._docstring is None:
            self._docstring = docstrings.parse(self.function)
        return self._docstring


def read(function: Any) -> FunctionSpec:
    """Look at a function.

    Parameters
    ----------
    function : callable
        A function, a class, a partial: what `inspect.signature` reads.

    Raises
    ------
    BindError
        Where it has no signature.
    """
    try:
        signature = inspect.signature(function)
    except (ValueError, TypeError) as error:
        raise BindError(
            f"{function!r} has no signature to read, so it cannot be bound: wrap it in a function. ({error})"
        ) from None
    names = _names(function)
    parameters = {
        parameter.name: _parameter(parameter, names)
        for parameter in signature.parameters.values()
        if parameter.kind not in _VARIADIC
    }
    return FunctionSpec(function, signature, parameters)


def _names(function: Any) -> dict[str, Any]:
    """Give the names that a function's string annotations are written in: its module's."""
    while isinstance(function, functools.partial):
        function = function.func
    hinted = inspect.unwrap(getattr(function, "__init__") if isinstance(function, type) else function)  # noqa: B009 - of the class itself
    names: dict[str, Any] | None = getattr(hinted, "__globals__", None)
    return vars(sys.modules.get(getattr(function, "__module__", None) or "", builtins)) if names is None else names


def _parameter(parameter: inspect.Parameter, names: dict[str, Any]) -> ParameterSpec:
    annotation = _evaluate(parameter.annotation, names)
    default = parameter.default
    if annotation is _EMPTY:
        annotation = UNKNOWN if default is _EMPTY or default is None else type(default)
    # Implicit Optional: a default of None makes None a value.
    return ParameterSpec(parameter.name, annotation, default, converter_of(annotation, optional=default is None))


def _evaluate(annotation: Any, names: dict[str, Any]) -> Any:
    """Evaluate one annotation by itself: `typing.get_type_hints` is all or nothing."""
    if not isinstance(annotation, str):
        return annotation
    try:
        return eval(annotation, names)  # noqa: S307 - what typing does: the program's own text
    except Exception:  # noqa: BLE001 - a hint may raise whatever it likes; it costs its own parameter alone
        return _EMPTY
