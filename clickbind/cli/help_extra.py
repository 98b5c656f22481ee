"""Find the notes that help shows in brackets after a parameter's text, as `click.Option.get_help_extra` does."""

from __future__ import annotations

import re
from types import BuiltinFunctionType, FunctionType, MethodType
from typing import Any

from .. import cli, types
from ..declare.function import EMPTY, ParameterSpec
from ..declare.registry import Bound
from ..declare.texts import is_nameless
from ..keys import Key
from ..layers import Values
from ..types import BRACKETS, cut

__all__ = ["as_typed", "current_of", "extra_of", "split"]

_QUOTES = frozenset("\"'")
_PLAIN = r"(?i)(?!(?:true|false|null|none|nan|inf|yes|no|on|off)$)[a-z][\w./-]*"  # compiled when first needed
_NAMED = (type, FunctionType, MethodType, BuiltinFunctionType)
_SHOWN_DEFAULT = 60  # characters of a default in help: a longer one would hide the text


def extra_of(key: Key, bound: Bound, spec: ParameterSpec, values: Values, *, is_body: bool = False) -> dict[str, str]:
    """Return the notes in brackets for a parameter, by Click's names.

    Parameters
    ----------
    key : Key
        The parameter's key.
    bound : Bound
        The function.
    spec : ParameterSpec
        The parameter.
    values : Values
        The active values.
    is_body : bool
        Whether the options are those of a command's body, which may call a stage or not.
    """
    assert spec.converter is not None  # options have one
    extra = {}
    resolved = values.resolve(*key[:2], key.scopes)
    value = spec.shown_default if resolved is None else resolved.value
    hides = spec.secret or (resolved is not None and resolved.secret)
    if value is not EMPTY and value is not None and key.scope is None and not hides and not is_nameless(value):
        extra["default"] = _shown(value, spec)
    elif spec.required and resolved is None and (bound.role == "context" or (bound.role == "stage" and not is_body)):
        extra["required"] = "required"
    if spec.converter.note:
        extra["range"] = spec.converter.note
    return extra


def split(text: str) -> tuple[str, str]:
    """Split an explanation in help into its text and its notes in brackets."""
    if text[-1:] != "]":
        return text, ""
    if text[0] == "[" and "  [" not in text:
        return "", text
    start = text.rfind("  [")
    return (text[:start], text[start + 2 :]) if start >= 0 else (text, "")


def current_of(key: Key, spec: ParameterSpec, values: Values) -> str:
    """Return a note with the value that is set for a parameter, and its origin; nothing for a secret or a default."""
    resolved = values.resolve(*key[:2], key.scopes)
    if resolved is None or resolved.secret or spec.secret:
        return ""
    value = "none" if resolved.value is None else _shown(resolved.value, spec)
    return f"[now {value} from {resolved.origin}]" if resolved.origin else f"[now {value}]"


def _shown(value: Any, spec: ParameterSpec) -> str:
    """Write a default as files have it."""
    assert spec.converter is not None  # options have one
    try:
        plain = spec.converter.to_plain(value)
    except Exception:  # noqa: BLE001 - a default whose type is not the annotation's, or that contains itself
        plain = value
    return cut(as_typed(plain), _SHOWN_DEFAULT)


def as_typed(plain: Any) -> str:
    """Write a plain value as a user can type it: lists and mappings as words if they can be, else as YAML flow."""
    if isinstance(plain, dict):
        return _joined([_pair(key, value) for key, value in plain.items()]) or _flow(plain)
    if isinstance(plain, list):
        items = (next(iter(item)) if isinstance(item, dict) and len(item) == 1 else item for item in plain)
        return _joined([_word(item) for item in items]) or _flow(plain)
    text = _text(plain)
    if not text.isprintable():
        return repr(text)  # a line break, say
    return text if text == text.strip() != "" else f'"{text}"'


def _joined(words: list[str]) -> str:
    """Join words; return an empty text if one of them is empty, because a value cannot be a word."""
    return " ".join(words) if all(words) else ""


def _text(plain: Any) -> str:
    """Write a scalar: a function or class by its name, and no address of an object.

    An int with more digits than `str` allows is written in hexadecimal.
    """
    if isinstance(plain, str):
        return plain
    if plain is None or isinstance(plain, bool):
        return str(plain).lower()
    if isinstance(plain, _NAMED):
        return plain.__name__
    try:
        text = str(plain)
    except Exception:  # noqa: BLE001 - a class may raise anything in __str__
        return hex(plain) if isinstance(plain, int) else f"<{type(plain).__name__}>"
    start, address, _ = text.partition(" at 0x")
    return f"{start}>" if address and text[0] == "<" else text


def _pair(key: Any, value: Any) -> str:
    """Write an entry of a mapping as a word; empty if it cannot be one."""
    name = _text(key)
    return "" if "=" in name or isinstance(value, (list, dict)) else _word(f"{name}={_text(value)}")


def _word(plain: Any) -> str:
    """Write an item of a list, with quotes around what would be split, or read as YAML flow; empty if it is no word."""
    if isinstance(plain, (list, dict)):
        return ""
    text = _text(plain)
    if text.isalnum():  # as most are
        return text
    if not text.isprintable():
        return ""
    name, equals, value = text.partition("=")
    if equals and name.isidentifier() and (not value or any(map(str.isspace, value))):
        return f"{name}={_word(value)}"
    if text and text[0] not in BRACKETS and not any(char.isspace() or char in _QUOTES for char in text):
        return text
    return types.words.quoted(text)


def _flow(plain: Any) -> str:
    """Write a value as YAML flow."""
    if isinstance(plain, dict):
        return f"{{{', '.join(f'{_flow(key)}: {_flow(value)}' for key, value in plain.items())}}}"
    if isinstance(plain, list):
        return f"[{', '.join(map(_flow, plain))}]"
    if plain is None:
        return "null"
    quoted = isinstance(plain, str) and not re.fullmatch(_PLAIN, plain)
    return cli.json.dumps(plain, ensure_ascii=not plain.isprintable()) if quoted else _text(plain)
