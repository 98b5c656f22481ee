"""The name of one parameter of one bound function, as files and the command line spell it."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["Key", "canonical", "flag_of"]


class Key(NamedTuple):
    """``scope/function.parameter``.

    Attributes
    ----------
    function : str
        The name that the function is bound under.
    parameter : str
        The parameter's name.
    scope : str or None
        The scope that the value is for; None for the plain key.
    """

    function: str
    parameter: str
    scope: str | None = None

    @property
    def owner(self) -> str:
        """What stands before the parameter: ``train/dataset`` or ``dataset``."""
        return self.function if self.scope is None else f"{self.scope}/{self.function}"

    @property
    def text(self) -> str:
        """The key as YAML spells it: ``train/dataset.folder``."""
        return f"{self.owner}.{self.parameter}"


def canonical(text: str) -> str:
    """Fold dashes into underscores: the two are the same wherever a name is typed."""
    return text.replace("-", "_")


def flag_of(parameter: str) -> str:
    """Spell a parameter's name as Click spells it in a stage's own help: ``model_type`` is ``model-type``.

    Leading underscores stay, since ``---x`` could not be told from a prefix.
    """
    bare = parameter.lstrip("_")
    return "_" * (len(parameter) - len(bare)) + bare.replace("_", "-")
