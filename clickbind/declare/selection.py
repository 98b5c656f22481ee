"""Select the parameters of a function that become options, by ``include=`` or ``exclude=``."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from ..errors import BindError, suggest

if TYPE_CHECKING:
    from .function import FunctionSpec

__all__ = ["Selection", "cannot_be_set", "select"]


class Selection:
    """The parameters that become options.

    Attributes
    ----------
    names : tuple of str
        The parameters that are included or excluded.
    includes : bool
        Whether only these become options, rather than all others.
    """

    __slots__ = ("includes", "names")

    def __init__(self, names: tuple[str, ...], *, includes: bool) -> None:
        self.names = names
        self.includes = includes

    def __repr__(self) -> str:
        return f"{self.word}={list(self.names)!r}"

    @property
    def word(self) -> str:
        """The argument that made it."""
        return "include" if self.includes else "exclude"

    def excluded(self, role: str, name: str, spec: FunctionSpec) -> frozenset[str]:
        """Return the parameters of a function that have no option because of this.

        Parameters
        ----------
        role : str
            The role that the function is bound in.
        name : str
            The name of the function, for errors.
        spec : FunctionSpec
            The function.

        Raises
        ------
        BindError
            If the function lacks one of the names, an included parameter cannot have an option, or an excluded one is
            needed.
        """
        known = spec.parameters
        for wanted in self.names:
            if wanted not in known:
                raise BindError(f"{self!r}: {name!r} has no parameter {wanted!r}.{suggest(wanted, known)}")
            if not self.includes:
                continue
            if known[wanted].converter is None:
                raise BindError(f"{self!r}: parameter {wanted!r} of {name!r} cannot be parsed from text.")
            if role == "bind" and known[wanted].required:
                raise BindError(
                    f"{self!r}: parameter {wanted!r} of {name!r} has no default, so the caller passes it and it has "
                    f"no option."
                )
        excluded = frozenset(known).difference(self.names) if self.includes else frozenset(self.names)
        needed = [one for one in known if one in excluded and known[one].required] if role != "bind" else []
        if needed:
            raise BindError(
                f"{self!r}: parameter {needed[0]!r} of {role} {name!r} has no default, so it must have an option."
            )
        return excluded


def cannot_be_set(role: str, name: str, spec: FunctionSpec) -> BindError:
    """Return the error for a parameter that a stage or context needs, but whose type cannot be parsed from text."""
    needed = next(one for one in spec.settings.values() if one.required and one.converter is None)
    return BindError(
        f"{role} {name!r}: parameter {needed.name!r} cannot be parsed from text ({needed.annotation!r}) and has no "
        f"default. Give it a default or another type, or bind the function with 'bind' and call it yourself."
    )


def select(include: Collection[str] | None, exclude: Collection[str] | None) -> Selection:
    """Make the selection of a binding from its arguments.

    Raises
    ------
    BindError
        If both are given, or one is not a collection of names.
    """
    if include is not None and exclude is not None:
        raise BindError("include= and exclude= cannot be used together: pass one of them.")
    names = exclude if include is None else include
    word = "exclude" if include is None else "include"
    if isinstance(names, str):
        raise BindError(f"{word}={names!r} is not a list of parameters: pass {word}=[{names!r}].")
    names = tuple(names or ())
    for name in names:
        if not isinstance(name, str):
            raise BindError(f"{word}=: {name!r} is not the name of a parameter.")
    return Selection(names, includes=include is not None)
