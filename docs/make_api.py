"""Write docs/api.md, the reference of every public name, from the docstrings.

python docs/make_api.py

GitHub shows that page. On the site, Sphinx's autodoc reads the same docstrings: `directives` asks for the same names.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import docstring_parser
from docstring_parser import DocstringStyle

import clickbind
import clickbind.argbind

PAGE = Path(__file__).with_name("api.md")

METHODS: dict[str, tuple[str, ...]] = {
    "Binder": ("bind", "stage", "context", "engine", "bind_module", "command", "options", "scope", "values", "load"),
    "Observer": ("run_begins", "run_entered", "turn_begins", "call", "turn_ends", "run_ends"),
    "Record": ("__getitem__",),
    "Values": ("__getitem__", "get", "keys", "values", "items", "save"),
}
"""The public methods of the public classes."""

INTERNAL: dict[str, tuple[str, ...]] = {
    "Option": ("as_secret",),
    "Record": ("content", "done_turns", "saved", "take", "text", "write"),
    "RunPlan": ("by_stage", "every_layer", "is_body", "origin", "values_of"),
    "Values": (
        *("above_defaults", "built", "default_map", "defaults", "environment", "files", "for_turn", "functions"),
        *("home", "layers", "line", "over", "own", "rank", "replace", "resolve", "watch"),
    ),
}
"""Members that only the package itself uses, although their names do not begin with an underscore."""

MADE = frozenset({"Record", "RunPlan", "Values"})
"""The classes whose instances a program gets, and does not make: their constructors are not public."""

_VERSION_TEXT = "The version of clickbind, a text.\n"

_HEAD = """\
# Reference

<!-- Written by docs/make_api.py from the docstrings. -->

The public names of `clickbind`, and those of [`clickbind.argbind`](#clickbindargbind). Everything else may change in
any release.
"""

_ARGBIND = """\
## `clickbind.argbind`

ArgBind's functions, for programs that were written for it. [from-argbind.md](from-argbind.md) explains them.
"""


def page() -> str:
    """Return the text of the page."""
    parts = [_HEAD]
    for name, cls in _names():
        parts += _entry(f"clickbind.{name}", cls, level=2)
        for method in METHODS.get(name, ()):
            parts += _entry(_called(name, method), getattr(cls, method))
    parts += ["## `clickbind.__version__`\n", _VERSION_TEXT, _ARGBIND]
    for name, function in _functions():
        parts += _entry(f"argbind.{name}", function)
    return "\n".join(parts)


def directives() -> str:
    """Return the page as directives of Sphinx's autodoc, for the site."""
    parts = [_HEAD]
    for name, cls in _names():
        kind = "autofunction" if not isinstance(cls, type) else "autoexception" if _is_error(cls) else "autoclass"
        parts.append(f"## `clickbind.{name}`\n")
        parts.append(_directive(kind, f"clickbind.{name}", *_options(name, cls)))
    version = _directive("py:data", "clickbind.__version__", "", _VERSION_TEXT.strip())
    parts += ["## `clickbind.__version__`\n", version, _ARGBIND]
    parts += [_directive("autofunction", f"clickbind.argbind.{name}") for name, _ in _functions()]
    return "\n".join(parts)


def _names() -> list[tuple[str, Any]]:
    """Return the public classes and functions of `clickbind`, in the order of the page."""
    names = sorted(set(clickbind.__all__) - {"__version__"}, key=_rank)
    return [(name, getattr(clickbind, name)) for name in names]


def _is_error(member: Any) -> bool:
    return isinstance(member, type) and issubclass(member, Exception)


def _functions() -> list[tuple[str, Any]]:
    """Return the functions of `clickbind.argbind`."""
    members = sorted(vars(clickbind.argbind).items())
    return [(name, it) for name, it in members if name in clickbind.argbind.__all__ and inspect.isfunction(it)]


def _options(name: str, cls: Any) -> list[str]:
    """Return the options of the directive of a class."""
    if _is_error(cls):
        return [":show-inheritance:"]
    return [f":members: {', '.join(METHODS[name])}", ":member-order: bysource"] if METHODS.get(name) else []


def _directive(kind: str, name: str, *options: str) -> str:
    lines = [f".. {kind}:: {name}", *(f"   {option}" for option in options)]
    return "```{eval-rst}\n" + "\n".join(lines) + "\n```\n"


def _rank(name: str) -> tuple[bool, bool, str]:
    """Sort `Binder` first and errors last."""
    return name != "Binder", _is_error(getattr(clickbind, name)), name


def _entry(name: str, member: Any, *, level: int = 3) -> Iterator[str]:
    """Write one name: its signature, and each section of its docstring."""
    doc = docstring_parser.parse(inspect.getdoc(member) or "", DocstringStyle.NUMPYDOC)
    is_error = _is_error(member)
    bases = ", ".join(f"`{base.__name__}`" for base in member.__bases__) if is_error else ""
    yield f"{'#' * level} `{name}`\n"
    if is_error:
        yield f"A subclass of {bases}.\n"
    elif "[" not in name and name.rpartition(".")[2] not in MADE:
        yield f"```text\n{name}{_signature(member)}\n```\n"
    yield from (f"{_linked(text)}\n" for text in (doc.short_description, doc.long_description) if text)
    for title, key in (("Parameters", "param"), ("Attributes", "attribute")):
        items = [item for item in doc.params if item.args[0] == key]
        if items:
            yield f"**{title}**\n"
            yield "\n".join(f"* `{item.arg_name}`{_typed(item)}: {_inline(item.description)}" for item in items) + "\n"
    for returned in doc.many_returns:
        yield f"**Returns** {returned.type_name}{': ' if returned.description else ''}{_inline(returned.description)}\n"
    for raised in doc.raises:
        yield f"**Raises** `{raised.type_name}`: {_inline(raised.description)}\n"
    lines = [text for example in doc.examples for text in (example.snippet, example.description) if text]
    lines = [re.sub(r"(?m)[ ]*# doctest: .*$", "", text) for text in lines]
    if lines:
        yield "```pycon\n" + "\n".join(lines) + "\n```\n"


def _typed(item: Any) -> str:
    return f" ({item.type_name}{', optional' if item.is_optional else ''})" if item.type_name else ""


def _called(name: str, method: str) -> str:
    """Return a method as it is called."""
    return f"{name}[key]" if method == "__getitem__" else f"{name}.{method}"


def _inline(text: str | None) -> str:
    return _linked(" ".join((text or "").split()))


def _linked(text: str) -> str:
    """Write the links of reST as links of Markdown."""
    return re.sub(r"`([^`<>]+)\s+<([^`<>\s]+)>`__?", r"[\1](\2)", text)


def _signature(member: Any) -> str:
    """Return a signature without annotations, which the list of parameters has in words."""
    signature = inspect.signature(member)
    parameters = [item.replace(annotation=item.empty) for item in signature.parameters.values() if item.name != "self"]
    return str(signature.replace(parameters=parameters, return_annotation=signature.empty))


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    sys.stdout.write(f"Wrote {PAGE}.\n")
