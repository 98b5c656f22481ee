"""Read what an annotation contains besides the type: its marks, its secrets, and its class with fields."""

from __future__ import annotations

import typing
from typing import Any

from .. import types
from ..errors import BindError
from ..types.table import UNIONS, converter_of, is_model, is_secret, unwrap

if typing.TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ..types.fields import Field
    from ..types.models import Model

    class BoundClass(typing.Protocol):
        """A bound class: the part of `registry.Bound` that the reading of signatures uses."""

        function: Any
        name: str
        prefix: str
        call: Callable[..., Any]

        @property
        def role(self) -> str: ...
        def fields(self) -> dict[str, Field]: ...

    BoundUnder = Callable[[type], Sequence[BoundClass]]

__all__ = ["Models", "Option", "bare_of", "classes_in", "mark_of", "may_hold_mark", "own_mark"]

# A generic class that contains itself with other arguments each time has no end.
_MOST_SEEN = 1_000


class Models(dict[Any, "Model"]):
    """The models that are read while a function is read, by annotation.

    Parameters
    ----------
    bound_under : callable
        Returns the bound classes that implement a base class, which is asked for classes only.
    """

    def __init__(self, bound_under: BoundUnder = lambda _: ()) -> None:
        super().__init__()
        self.bound_under = bound_under


class Option:
    """A mark for an annotation, with everything about an option that a signature cannot express.

    Parameters
    ----------
    *flags : str
        Additional flags for the option of the stage: ``"-e"``.
    help : str, optional
        Its description in help, which overrides the docstring.
    metavar : str, optional
        The placeholder for its value in help.
    envvar : str, optional
        The environment variable to read it from.
    hidden : bool
        Whether help leaves it out.
    deprecated : bool or str
        Whether its use causes a warning; a text is added to the warning.
    secret : bool
        Whether its value is never written or shown.
    prompt : bool or str
        Whether to ask for it if it is missing; a text is the question.
    run_folder : bool
        Whether it is the folder for what a run makes, in which the run is recorded.

    Raises
    ------
    BindError
        If a flag does not begin with a dash, or a secret is the folder of a run.

    Examples
    --------
    >>> from typing import Annotated
    >>> import clickbind
    >>> binder = clickbind.Binder()
    >>> @binder.stage
    ... def train(epochs: Annotated[int, clickbind.Option("-e", metavar="N")] = 50):
    ...     return epochs
    >>> binder.command()(["train", "-e", "7"], standalone_mode=False)
    7
    """

    __module__ = "clickbind"  # where users import it from, and what their pickles name

    __slots__ = ("deprecated", "envvar", "flags", "help", "hidden", "metavar", "prompt", "run_folder", "secret")

    def __init__(
        self,
        *flags: str,
        help: str | None = None,
        metavar: str | None = None,
        envvar: str | None = None,
        hidden: bool = False,
        deprecated: bool | str = False,
        secret: bool = False,
        prompt: bool | str = False,
        run_folder: bool = False,
    ) -> None:
        for flag in flags:
            if not flag.startswith("-") or len(flag.lstrip("-")) == 0:
                raise BindError(f"{flag!r} is not a flag: flags begin with a dash, such as '-e' and '--epochs'.")
        if secret and run_folder:
            raise BindError("a secret cannot be the folder of a run, which is recorded.")
        self.flags = flags
        self.help = help
        self.metavar = metavar
        self.envvar = envvar
        self.hidden = hidden
        self.deprecated = deprecated
        self.secret = secret
        self.prompt = prompt
        self.run_folder = run_folder

    def as_secret(self) -> Option:
        """Return a copy that is secret."""
        given = {name: getattr(self, name) for name in self.__slots__ if name != "flags"}
        return Option(*self.flags, **{**given, "secret": True})

    def __repr__(self) -> str:
        given: dict[str, Any] = {name: getattr(self, name) for name in self.__slots__ if getattr(self, name)}
        return f"Option({', '.join(f'{name}={value!r}' for name, value in given.items())})"


def classes_in(annotation: Any) -> tuple[list[tuple[Any, Option | None]], bool] | None:
    """Find the classes in an annotation that has only such: the annotation itself, or the members of a union.

    Returns
    -------
    (list of (object, Option or None), bool) or None
        The classes, generic ones with their arguments, each with its mark inside the union; and whether None is a value
        too. They have fields, or cannot be parsed from text. None for any other annotation.
    """
    bare, _, nullable = bare_of(annotation)
    if typing.get_origin(bare) not in UNIONS:
        return ([(bare, None)], nullable) if _is_class(bare) else None
    found: list[tuple[Any, Option | None]] = []
    for member in typing.get_args(bare):
        inner = ([], True) if member is type(None) else classes_in(member)
        if inner is None:
            return None
        mark = own_mark(member)
        found += [(kind, own or mark) for kind, own in inner[0]]
        nullable = nullable or inner[1]
    return found, nullable


def _is_class(bare: Any) -> bool:
    """Return whether an annotation is a class with fields, or one that cannot be parsed from text."""
    if is_model(bare):
        return True
    cls = typing.get_origin(bare) or bare
    return isinstance(cls, type) and cls is not type(None) and converter_of(bare) is None


def own_mark(annotation: Any) -> Option | None:
    """Find an annotation's own mark, the outermost of several. It is secret if any of them is."""
    return _own_mark(bare_of(annotation)[1])


def _own_mark(metadata: list[Any]) -> Option | None:
    marks: list[Option] = [item for item in metadata if isinstance(item, Option)]
    if not marks or marks[-1].secret or not any(mark.secret for mark in marks):
        return marks[-1] if marks else None
    return marks[-1].as_secret()


def mark_of(annotation: Any, models: Models) -> Option | None:
    """Find the mark of an annotation: its own, or that of a union's first marked member.

    It is secret if anything inside the annotation is: a member, an item, a field.

    Parameters
    ----------
    annotation : object
        The annotation.
    models : dict of object to Model
        The models read so far, by annotation; this adds to it.
    """
    bare, metadata, _ = bare_of(annotation)
    mark = _own_mark(metadata)
    if mark is None and typing.get_origin(bare) in UNIONS:
        mark = next(filter(None, (mark_of(member, models) for member in typing.get_args(bare))), None)
    if (mark is None or not mark.secret) and _holds_secret(annotation, models):
        return Option(secret=True) if mark is None else mark.as_secret()
    return mark


def may_hold_mark(annotation: Any) -> bool:
    """Return whether an annotation may contain a mark, or a class whose fields may have some. False is certain."""
    origin = typing.get_origin(annotation)
    if origin is None:
        bare = annotation is None or annotation is Ellipsis or annotation is typing.Any
        # An object that is not a class, such as a NewType or an alias, can mean anything. A name that only type
        # checkers see is replaced by the type of the default.
        return not bare and (
            not isinstance(annotation, type) or annotation is types.hints.Unresolved or _is_class(annotation)
        )
    if origin is typing.Literal:
        return False
    if origin is typing.Annotated or (
        origin is not typing.Union and (not isinstance(origin, type) or is_model(origin))
    ):  # Final, an alias with parameters, a generic class with fields
        return True
    return any(map(may_hold_mark, typing.get_args(annotation)))


def bare_of(annotation: Any) -> tuple[Any, list[Any], bool]:
    """Remove aliases, metadata and None from an annotation; return it, its metadata, and whether None is a value."""
    metadata: list[Any] = []
    nullable = False
    while True:
        annotation, added = unwrap(annotation)
        metadata = [*added, *metadata]
        if type(annotation) is type or typing.get_origin(annotation) not in UNIONS:
            return annotation, metadata, nullable
        members = typing.get_args(annotation)
        rest = [member for member in members if member is not type(None)]
        if len(rest) != 1:
            return annotation, metadata, nullable or len(rest) < len(members)
        annotation, nullable = rest[0], True


def _holds_secret(annotation: Any, models: Models) -> bool:
    """Return whether an annotation, or anything inside it, is secret. Each class and alias is visited once."""
    seen: set[Any] = set()
    rest = [annotation]
    while rest and len(seen) < _MOST_SEEN:
        part = rest.pop()
        bare, metadata = unwrap(part)
        if is_secret(bare) or (metadata and any(isinstance(item, Option) and item.secret for item in metadata)):
            return True
        has_fields = is_model(bare)
        named = part if type(part).__name__ == "TypeAliasType" else bare if has_fields else None
        if named is None or named not in seen:
            seen.update([] if named is None else [named])
            rest += _fields_in(bare, models) if has_fields else _arguments_in(bare)
    for model in map(models.get, seen):
        if model is not None:
            model.is_open = True
    return False


def _fields_in(bare: Any, models: Models) -> list[Any]:
    """List the annotations of a class's fields, unless it is known that none is secret."""
    if bare not in models:
        models[bare] = types.models.Model(bare)
    model = models[bare]
    return [] if model.is_open else [field.annotation for field in model.fields.values()]


def _arguments_in(bare: Any) -> list[Any]:
    if typing.get_origin(bare) is typing.Literal:
        return []
    return [part for part in typing.get_args(bare) if not isinstance(part, list)]  # Callable has a list
