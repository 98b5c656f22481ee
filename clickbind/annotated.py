"""What an annotation says beside the type: the marks in it, and the class with fields that it is."""

from __future__ import annotations

import types
import typing
from typing import Any

from . import later
from .rules import converter_of, is_model, unwrap

if typing.TYPE_CHECKING:
    from .marks import Option
    from .models import Model

__all__ = ["mark_of", "may_hold_mark", "model_in"]


def model_in(annotation: Any) -> Model | None:
    """Look at the class with fields that an annotation is, or an Optional of one; None where it is none."""
    bare = _without_none(annotation)
    return later.models.model_of(bare) if is_model(bare) else None


def mark_of(annotation: Any, above: tuple[Any, ...] = ()) -> Option | None:
    """Find the mark of an annotation: its own, that of one of its members, or that something inside is secret."""
    bare, metadata = unwrap(annotation)
    marks = [item for item in metadata if isinstance(item, later.marks.Option)]
    if marks:
        return marks[-1]
    parts = typing.get_args(bare) if typing.get_origin(bare) is not typing.Literal else ()
    inner = [mark for mark in (_inner_mark(part, above) for part in parts) if mark is not None]
    if typing.get_origin(bare) in {typing.Union, types.UnionType}:
        return next(iter(inner), None)
    return later.marks.Option(secret=True) if any(mark.secret for mark in inner) else None


def may_hold_mark(annotation: Any) -> bool:
    """Whether a mark, or a class with fields, which may have some, is in an annotation. False is certain."""
    origin = typing.get_origin(annotation)
    if origin is None:
        bare = annotation is None or annotation is Ellipsis or annotation is typing.Any
        # What is no class may stand for anything: a NewType, an alias. Of a name that only type checkers see, the
        # default tells the type.
        return not bare and (
            not isinstance(annotation, type) or annotation is later.hints.Unresolved or is_model(annotation)
        )
    if origin is typing.Literal:
        return False
    if origin is typing.Annotated or (
        origin is not typing.Union and (not isinstance(origin, type) or is_model(origin))
    ):  # Final, an alias with parameters, a generic class with fields
        return True
    return any(map(may_hold_mark, typing.get_args(annotation)))


def _inner_mark(annotation: Any, above: tuple[Any, ...]) -> Option | None:
    """Find the mark of what stands inside another annotation; of a class with fields, whether one is secret."""
    bare = _without_none(annotation)
    if bare in above:
        return None
    if not is_model(bare):
        return mark_of(annotation, above)
    model = later.models.model_of(bare)
    assert model is not None  # it has the marks of one
    above = (*above, bare)
    secret = any(_is_secret(field.annotation, above) for field in model.fields.values())
    return later.marks.Option(secret=True) if secret else None


def _is_secret(annotation: Any, above: tuple[Any, ...]) -> bool:
    mark = _inner_mark(annotation, above)
    if mark is not None and mark.secret:
        return True
    converter = converter_of(annotation)
    return converter is not None and converter.secret


def _without_none(annotation: Any) -> Any:
    """Give ``Model`` of ``Model | None``, and of what only names it."""
    annotation = unwrap(annotation)[0]
    members = [member for member in typing.get_args(annotation) if member is not type(None)]
    return unwrap(members[0])[0] if len(members) == 1 and type(None) in typing.get_args(annotation) else annotation
