"""`Option`: what a signature cannot say of a parameter."""

from __future__ import annotations

from typing import Any

from . import later

__all__ = ["Option"]


class Option:
    """What a signature cannot say of a parameter, put into its annotation.

    Parameters
    ----------
    *flags : str
        More flags for the stage's own option: ``"-e"``.
    help : str, optional
        Its text in help, instead of the docstring's.
    metavar : str, optional
        What stands for a value in help.
    envvar : str, optional
        The environment variable that it is read from.
    hidden : bool
        Whether help leaves it out.
    deprecated : bool or str
        Whether its use is warned of; a text is said with the warning.
    secret : bool
        Whether its value is never written or shown.
    prompt : bool or str
        Whether it is asked for where it is missing; a text is the question.

    Raises
    ------
    BindError
        Where a flag does not begin with a dash.

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

    __slots__ = ("deprecated", "envvar", "flags", "help", "hidden", "metavar", "prompt", "secret")

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
    ) -> None:
        for flag in flags:
            if not flag.startswith("-") or len(flag.lstrip("-")) == 0:
                raise later.errors.BindError(f"{flag!r} is no flag: it begins with a dash, as '-e' and '--epochs' do.")
        self.flags = flags
        self.help = help
        self.metavar = metavar
        self.envvar = envvar
        self.hidden = hidden
        self.deprecated = deprecated
        self.secret = secret
        self.prompt = prompt

    def as_secret(self) -> Option:
        """Return a copy that is secret."""
        given = {name: getattr(self, name) for name in self.__slots__ if name != "flags"}
        return Option(*self.flags, **{**given, "secret": True})

    def __repr__(self) -> str:
        given: dict[str, Any] = {name: getattr(self, name) for name in self.__slots__ if getattr(self, name)}
        return f"Option({', '.join(f'{name}={value!r}' for name, value in given.items())})"
