"""Build and parse keys, the names of settings in files and on the command line.

A key is ``scope/function.path``. The path is that of a parameter, ``lr``, or of a field of one, ``optim.lr``. Only this
module joins and splits paths.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

__all__ = [
    "Key",
    "above",
    "canonical",
    "choice_of",
    "field_of",
    "flag_of",
    "inside",
    "is_inside",
    "is_spelled",
    "joined",
    "looks_like_key",
    "parameter_of",
    "parts_of",
    "relative",
    "splits",
    "without_scope",
]


class Key(tuple[str, str, "str | None"]):
    """A key, ``scope/function.parameter``. A tuple by hand, because `typing.NamedTuple` adds 0.1 ms to the start.

    Attributes
    ----------
    function : str
        The name that the function is bound under; empty if the parameter's name is the whole key.
    parameter : str
        The path of the setting: a parameter's name, or a field's after the names around it.
    scope : str or None
        The scope of the value; None for the plain key.
    """

    __slots__ = ()

    def __new__(cls, function: str, parameter: str, scope: str | None = None) -> Key:  # noqa: D102, PYI034 - documented above
        return tuple.__new__(cls, (function, parameter, scope))

    def __getnewargs__(self) -> tuple[str, str, str | None]:
        return (self[0], self[1], self[2])

    @property
    def function(self) -> str:
        """The name that the function is bound under."""
        return self[0]

    @property
    def parameter(self) -> str:
        """The path of the setting."""
        return self[1]

    @property
    def scope(self) -> str | None:
        """The scope of the value."""
        return self[2]

    @property
    def owner(self) -> str:
        """The part before the path: ``train/dataset`` or ``dataset``."""
        return self.function if self.scope is None else f"{self.scope}/{self.function}"

    @property
    def text(self) -> str:
        """The key as YAML spells it: ``train/dataset.folder``."""
        return f"{self.owner}.{self.parameter}" if self.function else f"{self.owner}{self.parameter}"

    @property
    def above(self) -> list[Key]:
        """The keys that it is a field of, the nearest first: for ``f.a.b.c`` these are ``f.a.b`` and ``f.a``."""
        return [Key(self.function, path, self.scope) for path in above(self.parameter)]

    @property
    def overriding(self) -> list[Key]:
        """The keys that replace its value in a higher layer: itself, those it is a field of, and the plain ones."""
        own = [self, *self.above]
        return own if self.scope is None else [*own, *Key(self.function, self.parameter).overriding]

    @property
    def scopes(self) -> tuple[str, ...]:
        """Its scope as a tuple, empty for the plain key."""
        return () if self.scope is None else (self.scope,)

    def variable(self, prefix: str) -> str:
        """Return the name of its environment variable: ``MULTISTAGE_TRAIN__DATASET_FOLDER``."""
        scope = "" if self.scope is None else f"{self.scope}__"
        name = f"{prefix}_{scope}{self.function}_{self.parameter}"
        return "".join(char if char.isalnum() else "_" for char in name).upper()


def joined(outer: str, name: str) -> str:
    """Return the path of a field, ``optim.lr``, or of a parameter, which has nothing around it."""
    return f"{outer}.{name}" if outer else name


def relative(path: str, outer: str) -> str:
    """Return the path of a field relative to an outer path: ``optim.lr`` in ``optim`` is ``lr``."""
    return path[len(outer) + 1 :]


def parts_of(path: str) -> list[str]:
    """Split a path into the parameter and the fields in it, from the outside in."""
    return path.split(".")


def parameter_of(path: str) -> str:
    """Return the parameter at the start of a path: ``optim`` for ``optim.lr``."""
    return path.partition(".")[0]


def field_of(path: str) -> str:
    """Return the field at the end of a path: ``lr`` for ``optim.lr``. A parameter's path is its name."""
    return path.rpartition(".")[2]


def choice_of(path: str) -> str:
    """Return the name beside its fields of what chooses the class of a parameter: ``optim.class``.

    No field is called so, since ``class`` is a word of Python.
    """
    return f"{path}.class"


def above(path: str) -> list[str]:
    """List the paths around another one, the nearest first: ``a.b`` and ``a`` for ``a.b.c``."""
    parts = path.split(".")
    return [".".join(parts[:end]) for end in range(len(parts) - 1, 0, -1)]


def is_inside(path: str, outer: str) -> bool:
    """Return whether a path is that of a field inside an outer path, at any depth."""
    return path.startswith(f"{outer}.")


def inside(paths: Iterable[str], outer: str) -> list[str]:
    """List the paths that are inside an outer path."""
    start = f"{outer}."
    return [path for path in paths if path.startswith(start)]


def splits(text: str, longest: int) -> Iterator[tuple[str, str]]:
    """Walk the ways to split a key into a function and a path, the longest name of a function first.

    Parameters
    ----------
    text : str
        The key.
    longest : int
        The length of the longest name. It limits the ways, since a long key may have a dot at every other character.
    """
    end = text.rfind(".", 1, longest + 1)
    while end > 0:
        yield text[:end], text[end + 1 :]
        end = text.rfind(".", 1, end)


def without_scope(text: str) -> tuple[str | None, str]:
    """Split the scope, or None, from a key or from the name of a function."""
    scope, slash, rest = text.rpartition("/")
    return scope if slash else None, rest


def looks_like_key(text: str) -> bool:
    """Return whether a text has several words in it, as keys do."""
    return "." in text or "/" in text


def canonical(text: str) -> str:
    """Replace dashes by underscores, since the two are the same in typed names."""
    return text.replace("-", "_")


def is_spelled(text: str, *, any_scope: bool) -> bool:
    """Return whether a key in a file has no dashes, except in its scope if that may be anything.

    Options allow dashes for underscores, but names in files must be spelled exactly.
    """
    return "-" not in (without_scope(text)[1] if any_scope else text)


def flag_of(parameter: str) -> str:
    """Spell a parameter's name as Click does in a stage's own help: ``model_type`` becomes ``model-type``.

    Leading underscores stay, because ``---x`` could not be distinguished from a prefix.
    """
    bare = parameter.lstrip("_")
    return "_" * (len(parameter) - len(bare)) + bare.replace("_", "-")
