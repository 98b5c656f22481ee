"""The name of one setting of one bound function, as files and the command line spell it.

A key is ``scope/function.path``. The path is that of a parameter, ``lr``, or of a field of one, ``optim.lr``, and is
put together and taken apart here alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

__all__ = [
    "Key",
    "above",
    "canonical",
    "field_of",
    "flag_of",
    "inside",
    "is_inside",
    "joined",
    "looks_like_key",
    "parameter_of",
    "parts_of",
    "relative",
    "splits",
    "without_scope",
]


class Key(tuple[str, str, "str | None"]):
    """``scope/function.parameter``. A tuple by hand: `typing.NamedTuple` costs a tenth of a millisecond at start-up.

    Attributes
    ----------
    function : str
        The name that the function is bound under; empty where the parameter's name is the whole key.
    parameter : str
        The path of the setting: the parameter's name, or that of a field with those around it.
    scope : str or None
        The scope that the value is for; None for the plain key.
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
        """The scope that the value is for."""
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
        """The keys of what it is a field of, the nearest first: of ``f.a.b.c`` those of ``a.b`` and ``a``."""
        return [Key(self.function, path, self.scope) for path in above(self.parameter)]

    @property
    def is_field(self) -> bool:
        """Whether it is the key of a field, and not of a parameter."""
        return "." in self.parameter

    @property
    def scopes(self) -> tuple[str, ...]:
        """The scopes in which its value counts: its own, or none."""
        return () if self.scope is None else (self.scope,)

    def variable(self, prefix: str) -> str:
        """Name the environment variable: ``MULTISTAGE_TRAIN__DATASET_FOLDER``."""
        scope = "" if self.scope is None else f"{self.scope}__"
        name = f"{prefix}_{scope}{self.function}_{self.parameter}"
        return "".join(char if char.isalnum() else "_" for char in name).upper()


def joined(outer: str, name: str) -> str:
    """Return the path of a field, ``optim.lr``; of a parameter, where there is nothing around it."""
    return f"{outer}.{name}" if outer else name


def relative(path: str, outer: str) -> str:
    """Return the path of a field as it is inside of another path: of ``optim.lr`` inside of ``optim``, ``lr``."""
    return path[len(outer) + 1 :]


def parts_of(path: str) -> list[str]:
    """Take a path apart into the parameter, and the fields in it, from the outside in."""
    return path.split(".")


def parameter_of(path: str) -> str:
    """Return the parameter that a path begins with: of ``optim.lr``, ``optim``."""
    return path.partition(".")[0]


def field_of(path: str) -> str:
    """Return the field that a path ends with: of ``optim.lr``, ``lr``; a parameter's path is its name."""
    return path.rpartition(".")[2]


def above(path: str) -> list[str]:
    """List the paths that one lies inside of, the nearest first: of ``a.b.c``, ``a.b`` and ``a``."""
    parts = path.split(".")
    return [".".join(parts[:end]) for end in range(len(parts) - 1, 0, -1)]


def is_inside(path: str, outer: str) -> bool:
    """Whether a path is that of a field of another one, at any depth."""
    return path.startswith(f"{outer}.")


def inside(paths: Iterable[str], outer: str) -> list[str]:
    """List the paths that are inside of another one."""
    start = f"{outer}."
    return [path for path in paths if path.startswith(start)]


def splits(text: str, longest: int) -> Iterator[tuple[str, str]]:
    """Walk the ways to take a key apart into a function and a path, the longest name of a function first.

    Parameters
    ----------
    text : str
        The key.
    longest : int
        Characters of the longest name: a key may be of any length, and have a dot at every other place.
    """
    end = text.rfind(".", 1, longest + 1)
    while end > 0:
        yield text[:end], text[end + 1 :]
        end = text.rfind(".", 1, end)


def without_scope(text: str) -> tuple[str | None, str]:
    """Take the scope off a key, or off the name of a function; None where it has none."""
    scope, slash, rest = text.rpartition("/")
    return scope if slash else None, rest


def looks_like_key(text: str) -> bool:
    """Whether a text has more than one word in it, as keys have."""
    return "." in text or "/" in text


def canonical(text: str) -> str:
    """Fold dashes into underscores: the two are the same wherever a name is typed."""
    return text.replace("-", "_")


def flag_of(parameter: str) -> str:
    """Spell a parameter's name as Click spells it in a stage's own help: ``model_type`` is ``model-type``.

    Leading underscores stay, since ``---x`` could not be told from a prefix.
    """
    bare = parameter.lstrip("_")
    return "_" * (len(parameter) - len(bare)) + bare.replace("_", "-")
