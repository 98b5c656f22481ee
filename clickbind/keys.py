"""The name of one parameter of one bound function, as files and the command line spell it."""

from __future__ import annotations

__all__ = ["Key", "canonical", "flag_of"]


class Key(tuple[str, str, "str | None"]):
    """``scope/function.parameter``. A tuple by hand: `typing.NamedTuple` costs a tenth of a millisecond at start-up.

    Attributes
    ----------
    function : str
        The name that the function is bound under; empty where the parameter's name is the whole key.
    parameter : str
        The parameter's name.
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
        """The setting's name."""
        return self[1]

    @property
    def scope(self) -> str | None:
        """The scope that the value is for."""
        return self[2]

    @property
    def owner(self) -> str:
        """What stands before the parameter: ``train/dataset`` or ``dataset``."""
        return self.function if self.scope is None else f"{self.scope}/{self.function}"

    @property
    def text(self) -> str:
        """The key as YAML spells it: ``train/dataset.folder``."""
        return f"{self.owner}.{self.parameter}" if self.function else f"{self.owner}{self.parameter}"

    @property
    def above(self) -> list[Key]:
        """The keys of what it is a field of, the nearest first: of ``f.a.b.c`` those of ``a.b`` and ``a``."""
        parts = self.parameter.split(".")
        return [Key(self.function, ".".join(parts[:end]), self.scope) for end in range(len(parts) - 1, 0, -1)]

    def variable(self, prefix: str) -> str:
        """Name the environment variable: ``MULTISTAGE_TRAIN__DATASET_FOLDER``."""
        scope = "" if self.scope is None else f"{self.scope}__"
        name = f"{prefix}_{scope}{self.function}_{self.parameter}"
        return "".join(char if char.isalnum() else "_" for char in name).upper()


def canonical(text: str) -> str:
    """Fold dashes into underscores: the two are the same wherever a name is typed."""
    return text.replace("-", "_")


def flag_of(parameter: str) -> str:
    """Spell a parameter's name as Click spells it in a stage's own help: ``model_type`` is ``model-type``.

    Leading underscores stay, since ``---x`` could not be told from a prefix.
    """
    bare = parameter.lstrip("_")
    return "_" * (len(parameter) - len(bare)) + bare.replace("_", "-")
