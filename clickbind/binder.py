"""`Binder`: registers functions, and connects the packages."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, overload

import click

from . import calls, declare, layers
from .calls.scopes import Scope, current_values
from .cli.root import RootCommand
from .declare.registry import Registry, Settings
from .errors import BindError
from .layers import Layer, Values

if TYPE_CHECKING:
    import os
    from typing import Literal, ParamSpec, TypeVar

    from .declare.registry import Role

    P = ParamSpec("P")
    T = TypeVar("T")
    F = TypeVar("F", bound=Callable[..., Any])
    M = TypeVar("M")

__all__ = ["Binder"]


class Binder:
    """Turns plain, typed, documented functions into a Click program.

    Parameters
    ----------
    name : str, optional
        The program's name; what it was started as, where it is None.
    help : str, optional
        What the program is for, for the head of its help.
    version : str, optional
        The program's version; with it there is ``--version``.
    config : path or sequence of paths, optional
        Config files that are read by themselves, where they are there; ``--no-config`` leaves them out.
    envvar_prefix : str, optional
        What the names of its environment variables begin with: ``MULTISTAGE`` for ``MULTISTAGE_TRAIN_EPOCHS``.
    unknown_keys : {'error', 'warn', 'ignore'}
        What a key is, in a config file, of a function that this program does not bind.
    import_from : sequence of str
        Modules that an import path in a file or variable may lead into, beside those that are imported already.

    Raises
    ------
    BindError
        Where `unknown_keys` is none of the three.

    Examples
    --------
    >>> import clickbind
    >>> binder = clickbind.Binder("multistage")
    >>> @binder.stage
    ... def train(epochs: int = 50, lr: float = 1e-3):
    ...     return f"{epochs} epochs at {lr}"
    >>> train(epochs=7)
    '7 epochs at 0.001'
    >>> main = binder.command()
    >>> main(["train", "--epochs", "100"], standalone_mode=False)
    '100 epochs at 0.001'
    """

    __module__ = "clickbind"  # where users import it from, and what their pickles name

    def __init__(
        self,
        name: str | None = None,
        *,
        help: str | None = None,
        version: str | None = None,
        config: str | os.PathLike[str] | Sequence[str | os.PathLike[str]] = (),
        envvar_prefix: str | None = None,
        unknown_keys: Literal["error", "warn", "ignore"] = "error",
        import_from: Sequence[str] = (),
    ) -> None:
        if unknown_keys not in {"error", "warn", "ignore"}:
            raise BindError(f"unknown_keys={unknown_keys!r} is not one of 'error', 'warn', 'ignore'.")
        self._name = name
        self._help = help
        self._version = version
        files = (config,) if isinstance(config, str) or hasattr(config, "__fspath__") else config
        self._registry = Registry(Settings(tuple(map(str, files)), envvar_prefix, unknown_keys, tuple(import_from)))
        self._registry.binder = self

    def __reduce__(self) -> Any:
        return declare.pickling.binder_reduced(self, self._registry)

    @overload
    def bind(
        self, function: F, /, *scopes: str, name: str | None = ..., hidden: bool = ..., deprecated: bool | str = ...
    ) -> F: ...

    @overload
    def bind(
        self, /, *scopes: str, name: str | None = ..., hidden: bool = ..., deprecated: bool | str = ...
    ) -> Callable[[F], F]: ...

    def bind(
        self,
        function: Any = None,
        /,
        *scopes: str,
        name: str | None = None,
        hidden: bool = False,
        deprecated: bool | str = False,
    ) -> Any:
        """Bind a function or class: within a run, its calls get what was given for the parameters left out.

        Works bare, called, and as a plain call on what someone else wrote.

        Parameters
        ----------
        function : callable, optional
            What to bind; without it, a decorator comes back.
        *scopes : str
            Scopes under which its values may differ: ``--train/dataset.folder``.
        name : str, optional
            The name for keys and options; the function's own, where it is None.
        hidden : bool
            Whether help leaves it out.
        deprecated : bool or str
            Whether its use is warned of; a text is said with the warning.

        Returns
        -------
        callable
            What to call in its place: outside of a run, it is just the function.

        Raises
        ------
        BindError
            If the name is taken.
        """
        if isinstance(function, str):
            function, scopes = None, (function, *scopes)
        return self._add(function, "bind", scopes=scopes, name=name, hidden=hidden, deprecated=deprecated)

    @overload
    def stage(
        self,
        function: F,
        /,
        *,
        default: bool = ...,
        name: str | None = ...,
        hidden: bool = ...,
        deprecated: bool | str = ...,
    ) -> F: ...

    @overload
    def stage(
        self, /, *, default: bool = ..., name: str | None = ..., hidden: bool = ..., deprecated: bool | str = ...
    ) -> Callable[[F], F]: ...

    def stage(
        self,
        function: Any = None,
        /,
        *,
        default: bool = True,
        name: str | None = None,
        hidden: bool = False,
        deprecated: bool | str = False,
    ) -> Any:
        """Bind a function as a stage: a subcommand, and a link in `run`. It may be ``async``.

        Parameters
        ----------
        function : callable, optional
            What to bind; without it, a decorator comes back.
        default : bool
            Whether it is run where no stage is named.
        name, hidden, deprecated
            As for `bind`.

        Raises
        ------
        BindError
            If the name is taken.
        """
        return self._add(function, "stage", default=default, name=name, hidden=hidden, deprecated=deprecated)

    @overload
    def context(
        self,
        function: Callable[P, AbstractContextManager[T]],
        /,
        *,
        name: str | None = ...,
        hidden: bool = ...,
        deprecated: bool | str = ...,
    ) -> Callable[P, AbstractContextManager[T]]: ...

    @overload
    def context(
        self,
        function: Callable[P, Iterator[T]],
        /,
        *,
        name: str | None = ...,
        hidden: bool = ...,
        deprecated: bool | str = ...,
    ) -> Callable[P, AbstractContextManager[T]]: ...

    @overload
    def context(
        self, /, *, name: str | None = ..., hidden: bool = ..., deprecated: bool | str = ...
    ) -> Callable[[Callable[P, Any]], Callable[P, AbstractContextManager[Any]]]: ...

    def context(
        self,
        function: Any = None,
        /,
        *,
        name: str | None = None,
        hidden: bool = False,
        deprecated: bool | str = False,
    ) -> Any:
        """Bind a context manager that is entered around the stages of a run. It sees their exceptions.

        Parameters
        ----------
        function : callable, optional
            What makes the context manager; a generator function is made into one.
        name, hidden, deprecated
            As for `bind`.

        Raises
        ------
        BindError
            If the name is taken, or the context manager is an async one.
        """
        return self._add(function, "context", name=name, hidden=hidden, deprecated=deprecated)

    def bind_module(
        self, module: M, *scopes: str, filter_fn: Callable[[Any], Any] | None = None, hidden: bool = False
    ) -> M:
        """Bind the functions and classes that a module has, one level deep. The module itself stays untouched.

        Parameters
        ----------
        module : module
            The module, or another object whose attributes to bind. What cannot be bound is left as it is.
        *scopes : str
            As for `bind`.
        filter_fn : callable, optional
            Told a function or class, says whether to bind it. Without one, the public ones are bound, those of
            ``__all__`` where the module has that, but for those that it has from the standard library.
        hidden : bool
            Whether help leaves them out.

        Returns
        -------
        module
            What is used like the module, with what is bound in the places of the originals.

        Raises
        ------
        BindError
            If a name is taken.
        """
        settings = {"name": None, "scopes": scopes, "hidden": hidden}
        bound: Any = calls.modules.bound_module(module, filter_fn, lambda member: self._add(member, "bind", **settings))
        return bound  # type: ignore[no-any-return]  # it passes for the module

    def scope(self, *layers: str | Mapping[str, Any] | Values) -> AbstractContextManager[Any]:
        """Lay scopes, and values, over what is in force in this thread or task.

        Parameters
        ----------
        *layers : str, mapping or Values
            Scopes whose values come first, the last the innermost; and values, which lie over one another from left to
            right: mappings of keys to Python values, which are taken as they are, and snapshots of `values` or `load`.
            If the first of the values is a snapshot, it replaces those in force; a mapping that was laid over around
            it then holds no longer, of which there is a warning.

        Raises
        ------
        BindError
            If no function is bound under a scope, or a key is unknown.
        """
        return Scope(self._registry, [self._laid(layer) for layer in layers])

    def _laid(self, layer: str | Mapping[str, Any] | Values) -> str | Layer | Values:
        """Read what is laid over, where it is a mapping."""
        if isinstance(layer, (str, Values)):
            return layer
        if isinstance(layer, Mapping):
            return layers.over.read(self._registry, layer)
        raise BindError(
            f"{layer!r} is neither a scope nor values: pass names of scopes, mappings of keys to values, or what "
            f"values() and load() return."
        )

    def values(self) -> Values:
        """Return a snapshot of the values in force. It pickles, so that another process can enter it."""
        return current_values(self._registry)

    def load(self, *paths: str | os.PathLike[str]) -> Values:
        """Read config files, checked as ``--config`` checks them.

        Parameters
        ----------
        *paths : str or os.PathLike
            The files. For each key, the last file that has it wins.

        Returns
        -------
        Values
            For ``with binder.scope(binder.load("run.yml")):``.

        Raises
        ------
        ConfigError
            With all that is wrong with all files.
        """
        return Values(files=layers.files.load([str(path) for path in paths], self._registry))

    def command(self, name: str | None = None, **attrs: Any) -> click.Group:
        """Make the Click program. Functions that are bound after this are in it too.

        Parameters
        ----------
        name : str, optional
            Its name, where not the binder's.
        **attrs
            More of `click.Group`'s own, ``context_settings`` or ``epilog`` say.
        """
        attrs = {"help": self._help, "version": self._version, **attrs}
        return RootCommand(self._registry, name or self._name, **attrs)

    def _add(self, function: Any, role: Role, **settings: Any) -> Any:
        if function is None:
            return lambda function: self._add(function, role, **settings)
        return calls.binding.add(self._registry, function, role, **settings)
