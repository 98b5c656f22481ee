"""Read what Click's decorators declare on a function: options, arguments, and arguments that they pass themselves.

Only programs that use them import this module.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import click

from .. import declare, types
from ..errors import BindError, ConversionError
from ..types import UNKNOWN

__all__ = ["context_for", "is_context", "settings", "without_passed"]

EMPTY = inspect.Parameter.empty

_CONTEXT = r"\s*(?:(?:typing\.)?Optional\[)?\s*click\.(?:core\.)?Context\s*\]?\s*(?:\|\s*None\s*)?"


def without_passed(
    passing: Iterable[Any], signature: inspect.Signature, is_option: Callable[[inspect.Parameter], bool]
) -> inspect.Signature:
    """Return the signature of a function without the parameters that Click's decorators pass.

    Parameters
    ----------
    passing : iterable of callable
        The wrappers of these decorators, the outermost first.
    signature : inspect.Signature
        The signature of the innermost function.
    is_option : callable
        Returns whether a parameter is annotated with a type that can be parsed from text.
    """
    parameters = list(signature.parameters.values())
    for wrapper in passing:
        first = parameters[0] if parameters else None
        is_positional = first is not None and first.kind <= first.POSITIONAL_OR_KEYWORD
        if is_positional and (_calls_what_it_wraps(wrapper) or not is_option(parameters[0])):
            parameters.pop(0)
    return signature.replace(parameters=parameters)


def _calls_what_it_wraps(wrapper: Any) -> bool:
    """Return whether a wrapper passes its argument to the function that it wraps, and not to one that is hidden.

    A decorator that is written by way of `click.pass_context`, as in Click's documentation, may keep the context for
    itself: `functools.update_wrapper` hides the function that gets it.
    """
    return any(cell.cell_contents is wrapper.__wrapped__ for cell in wrapper.__closure__ or ())


def is_context(annotation: Any, written: Any) -> bool:
    """Return whether a parameter is annotated with Click's context.

    Parameters
    ----------
    annotation : object
        The evaluated annotation.
    written : object
        The annotation as written, which counts if only type checkers can evaluate it.
    """
    bare = annotation if annotation is UNKNOWN else declare.option.bare_of(annotation)[0]
    if bare is UNKNOWN or bare is types.hints.Unresolved:
        text = getattr(written, "__forward_arg__", written)
        return isinstance(text, str) and re.fullmatch(_CONTEXT, text) is not None
    return isinstance(bare, type) and issubclass(bare, click.Context)


def context_for(parameter: inspect.Parameter) -> Callable[[Any], Any]:
    """Return the function that finds the value of a parameter that gets Click's current context."""
    if parameter.default is EMPTY:
        return lambda _: click.get_current_context()
    return lambda _: click.get_current_context(silent=True) or parameter.default


def settings(
    clicks: Sequence[click.Parameter],
    parameters: Mapping[str, Any],
    signature: inspect.Signature,
    function: Any,
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the parameters that options or arguments of Click's decorators set, with arguments for `ParameterSpec`.

    Parameters
    ----------
    clicks : sequence of click.Parameter
        The options and arguments, in the order of the decorators.
    parameters : mapping of str to ParameterSpec
        The parameters of the function, as they are without the decorators.
    signature : inspect.Signature
        Its signature.
    function : callable
        The function, for errors.

    Raises
    ------
    BindError
        If the function lacks the parameter of one.
    """
    takes_any = any(one.kind is one.VAR_KEYWORD for one in signature.parameters.values())
    by_name: dict[str, list[click.Parameter]] = {}
    for param in clicks:
        if param.expose_value:
            by_name.setdefault(str(param.name), []).append(param)
    for name, params in by_name.items():
        known = parameters.get(name)
        if known is None and not takes_any:
            flag = repr(params[0].opts[0])
            raise BindError(
                f"{declare.identity.place(inspect.unwrap(function))} has no parameter {name!r}, which {flag} of "
                f"click.{params[0].param_type_name} sets: add it, or pass expose_value=False."
            )
        yield name, _settings(params, known)


def _settings(params: Sequence[click.Parameter], known: Any) -> dict[str, Any]:
    """Return what describes the parameter that Click's options set."""
    annotation = UNKNOWN if known is None else known.annotation
    converter = types.clicks.converter_of(params, annotation)
    default = _default(params, converter, EMPTY if known is None else known.default)
    required = default is EMPTY and any(map(_is_required, params))
    if default is None:
        converter = types.unions.OptionalConverter(converter)
    mark = _mark(params, None if known is None else known.text)
    return {
        "annotation": annotation,
        "default": default,
        "converter": converter,
        "required": required,
        "mark": mark,
    }


def _mark(params: Sequence[click.Parameter], text: str | None) -> declare.option.Option:
    """Return what Click's options say about the parameter."""
    first = params[0]
    variable = first.envvar if isinstance(first.envvar, (str, type(None))) else next(iter(first.envvar), None)
    return declare.option.Option(
        help=getattr(first, "help", None) or text,
        metavar=first.metavar,
        envvar=variable,
        hidden=all(getattr(param, "hidden", False) for param in params),
        secret=any(getattr(param, "hide_input", False) for param in params),
    )


def _is_required(param: click.Parameter) -> bool:
    return param.required or (getattr(param, "prompt", None) is not None and param.prompt_required)  # type: ignore[attr-defined]  # an option


def _default(params: Sequence[click.Parameter], converter: types.Converter, own: Any) -> Any:
    """Return the default that Click finds, else the one in the signature, else None; `EMPTY` if a call has to find it.

    Click's default may be a text, which its type reads.
    """
    ctx = click.Context(click.Command(None))
    hidden = [param.to_info_dict()["default"] is None for param in params]  # Click has a sentinel for no default
    found = [None if none else param.get_default(ctx, call=False) for param, none in zip(params, hidden, strict=True)]
    value = next((value for value in found if value is not None and value is not False), None)
    if value is None and False in found:
        value = False
    if callable(value) or (value is None and any(map(_is_required, params))):
        return EMPTY
    if value is None:
        several = params[0].multiple or params[0].nargs < 0
        return own if own is not EMPTY else () if several else None
    try:
        return converter.from_plain(value)
    except ConversionError:
        return value
