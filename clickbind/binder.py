"""Register functions with a `Binder`, and make a Click program of them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, overload

import click

from . import calls, cli, declare, layers
from .calls.scopes import Scope, current_run, current_values
from .cli.root import RootCommand
from .declare.registry import Registry, Settings
from .errors import BindError
from .layers import Layer, Values

if TYPE_CHECKING:
    import os
    from typing import Literal, ParamSpec, Protocol, TypeVar

    from rich_click import RichHelpConfiguration

    from .declare.registry import Role
    from .layers.plan import Plan
    from .running.observers import Observer

    P = ParamSpec("P")
    T = TypeVar("T")
    F = TypeVar("F", bound=Callable[..., Any])
    M = TypeVar("M")
    K = TypeVar("K", bound=click.Command)
    C = TypeVar("C", bound=Callable[..., AbstractContextManager[Any]])

    class _ContextDecorator(Protocol):
        """A decorator that keeps the type of functions that return context managers, and changes that of generators."""

        @overload
        def __call__(self, function: C, /) -> C: ...
        @overload
        def __call__(self, function: Callable[P, Iterator[T]], /) -> Callable[P, AbstractContextManager[T]]: ...


__all__ = ["Binder"]


class Binder:
    """Turns plain, typed, documented functions into a Click program.

    Parameters
    ----------
    name : str, optional
        The program's name, by default the name that it was started with.
    help : str, optional
        The description at the top of the program's help.
    version : str, optional
        The program's version, which adds ``--version``.
    config : path or sequence of paths, optional
        Default config files, which are read if they exist; ``--no-config`` ignores them.
    envvar_prefix : str, optional
        The prefix of its environment variables: ``MULTISTAGE`` for ``MULTISTAGE_TRAIN_EPOCHS``.
    unknown_keys : {'error', 'warn', 'ignore'}
        What to do with keys in config files that belong to functions that are not bound.
    import_from : sequence of str
        Modules that import paths in files and variables may refer to, besides those already imported.
    plugins : str, optional
        The group of entry points by which other distributions add stages: ``multistage.stages``. Each refers to a
        function, and its name is the stage's. The stages are not in the default run.
    record : path, optional
        The folder in which each run is recorded, in a new folder of its own; ``--no-record`` leaves that out.
    observers : sequence of str, Observer or callable
        Observers of each run: instances of `clickbind.Observer`, classes or functions that make one for each run, or
        names of installed ones, such as ``"mlflow"``.
    rich : bool, mapping or RichHelpConfiguration
        Whether `rich-click <https://github.com/ewels/rich-click>`_ writes help and errors, in colours and with a panel
        for each function. A mapping has fields of its configuration, such as ``{"theme": "nord-slim"}``. Without
        rich-click, which ``pip install "clickbind[rich]"`` installs, they are plain.

    Raises
    ------
    BindError
        If `unknown_keys` is none of the three, or one of `observers` cannot be an observer.

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

    observers: tuple[str | Observer | Callable[[], Observer], ...] = ()

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
        plugins: str | None = None,
        record: str | os.PathLike[str] | None = None,
        observers: Sequence[str | Observer | Callable[[], Observer]] = (),
        rich: bool | Mapping[str, Any] | RichHelpConfiguration = False,
    ) -> None:
        if unknown_keys not in {"error", "warn", "ignore"}:
            raise BindError(f"unknown_keys={unknown_keys!r} is not one of 'error', 'warn', 'ignore'.")
        if observers:
            from .observers import finding  # noqa: PLC0415 - most programs have none

            self.observers = finding.checked(observers)
        self._name = name
        self._help = help
        self._version = version
        self._rich = rich
        files = (config,) if isinstance(config, str) or hasattr(config, "__fspath__") else config
        kind = Registry if plugins is None else calls.plugins.PluginRegistry
        folder = None if record is None else str(record)
        settings = Settings(
            config=tuple(map(str, files)),
            envvar_prefix=envvar_prefix,
            unknown_keys=unknown_keys,
            import_from=tuple(import_from),
            plugins=plugins,
            record=folder,
        )
        self._registry = kind(settings)
        self._registry.binder = self

    def __reduce__(self) -> Any:
        return declare.pickling.binder_reduced(self, self._registry)

    @overload
    def bind(
        self,
        function: F,
        /,
        *scopes: str,
        name: str | None = ...,
        hidden: bool = ...,
        deprecated: bool | str = ...,
        include: Collection[str] | None = ...,
        exclude: Collection[str] | None = ...,
    ) -> F: ...
    @overload
    def bind(
        self,
        /,
        *scopes: str,
        name: str | None = ...,
        hidden: bool = ...,
        deprecated: bool | str = ...,
        include: Collection[str] | None = ...,
        exclude: Collection[str] | None = ...,
    ) -> Callable[[F], F]: ...

    def bind(
        self,
        function: Any = None,
        /,
        *scopes: str,
        name: str | None = None,
        hidden: bool = False,
        deprecated: bool | str = False,
        include: Collection[str] | None = None,
        exclude: Collection[str] | None = None,
    ) -> Any:
        """Bind a function or class: in a run, its calls get the values that were set for arguments left out.

        Use it as a decorator, with or without arguments, or call it with a function from another library.

        Parameters
        ----------
        function : callable, optional
            The function or class; without it, a decorator is returned.
        *scopes : str
            The scopes under which its values can differ: ``--train/dataset.folder``.
        name : str, optional
            The name for keys and options, by default the function's own.
        hidden : bool
            Whether help leaves it out.
        deprecated : bool or str
            Whether its use causes a warning; a text is added to the warning.
        include, exclude : collection of str, optional
            The only parameters that become options, or those that do not. The others keep their defaults.

        Returns
        -------
        callable
            The wrapper to call instead. Outside of a run, it just calls the function.

        Raises
        ------
        BindError
            If the name is taken, or both `include` and `exclude` are given.
        """
        if isinstance(function, str):
            function, scopes = None, (function, *scopes)
        selected = calls.binding.selection(include, exclude)
        settings = {"scopes": scopes, "hidden": hidden, "deprecated": deprecated, "selection": selected}
        return self._add(function, "bind", name, settings)

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
        include: Collection[str] | None = ...,
        exclude: Collection[str] | None = ...,
    ) -> F: ...
    @overload
    def stage(
        self,
        /,
        *,
        default: bool = ...,
        name: str | None = ...,
        hidden: bool = ...,
        deprecated: bool | str = ...,
        include: Collection[str] | None = ...,
        exclude: Collection[str] | None = ...,
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
        include: Collection[str] | None = None,
        exclude: Collection[str] | None = None,
    ) -> Any:
        """Bind a function as a stage: a subcommand, and a link in `run`. It may be ``async``.

        Parameters
        ----------
        function : callable, optional
            The function; without it, a decorator is returned.
        default : bool
            Whether it runs if no stage is named.
        name, hidden, deprecated, include, exclude
            As for `bind`.

        Raises
        ------
        BindError
            If the name is taken.
        """
        selected = calls.binding.selection(include, exclude)
        settings = {"default": default, "hidden": hidden, "deprecated": deprecated, "selection": selected}
        return self._add(function, "stage", name, settings)

    @overload
    def context(
        self,
        function: C,
        /,
        *,
        name: str | None = ...,
        hidden: bool = ...,
        deprecated: bool | str = ...,
        include: Collection[str] | None = ...,
        exclude: Collection[str] | None = ...,
    ) -> C: ...
    @overload
    def context(
        self,
        function: Callable[P, Iterator[T]],
        /,
        *,
        name: str | None = ...,
        hidden: bool = ...,
        deprecated: bool | str = ...,
        include: Collection[str] | None = ...,
        exclude: Collection[str] | None = ...,
    ) -> Callable[P, AbstractContextManager[T]]: ...
    @overload
    def context(
        self,
        /,
        *,
        name: str | None = ...,
        hidden: bool = ...,
        deprecated: bool | str = ...,
        include: Collection[str] | None = ...,
        exclude: Collection[str] | None = ...,
    ) -> _ContextDecorator: ...

    def context(
        self,
        function: Any = None,
        /,
        *,
        name: str | None = None,
        hidden: bool = False,
        deprecated: bool | str = False,
        include: Collection[str] | None = None,
        exclude: Collection[str] | None = None,
    ) -> Any:
        """Bind a context manager that is entered around the stages of a run. It sees their exceptions.

        Parameters
        ----------
        function : callable, optional
            The function that makes the context manager. A generator function is turned into one.
        name, hidden, deprecated, include, exclude
            As for `bind`.

        Raises
        ------
        BindError
            If the name is taken, or the context manager is async.
        """
        selected = calls.binding.selection(include, exclude)
        settings = {"hidden": hidden, "deprecated": deprecated, "selection": selected}
        return self._add(function, "context", name, settings)

    def engine(self, function: Any = None, /, *, name: str | None = None) -> Any:
        """Bind a function that returns an executor, to which ``sweep --engine NAME`` hands the jobs.

        Its parameters are options: ``--NAME.parameter``. One that is annotated with `Sweep` gets that.

        Parameters
        ----------
        function : callable, optional
            The function; without it, a decorator is returned. The executor has ``submit(function, *args)``, which
            returns a future, and perhaps ``shutdown()``. The function can be imported, and its arguments are texts.
        name : str, optional
            The name, by default the function's own.
        """
        if function is None:
            return lambda function: self.engine(function, name=name)
        from . import engines  # noqa: PLC0415 - few programs have any

        return engines.catalog.bind(self._registry, function, name=name)

    def bind_module(
        self, module: M, *scopes: str, filter_fn: Callable[[Any], Any] | None = None, hidden: bool = False
    ) -> M:
        """Bind the functions and classes of a module, one level deep. The module itself stays untouched.

        Parameters
        ----------
        module : module
            The module, or another object whose attributes to bind. Members that cannot be bound are left as they are.
        *scopes : str
            As for `bind`.
        filter_fn : callable, optional
            Returns whether to bind a function or class. Without it, the public ones are bound, or those in ``__all__``
            if the module has it, except for those from the standard library.
        hidden : bool
            Whether help leaves them out.

        Returns
        -------
        module
            A stand-in for the module, with the wrappers instead of the originals.

        Raises
        ------
        BindError
            If a name is taken.
        """
        settings = {"scopes": scopes, "hidden": hidden}
        bound: Any = calls.modules.bound_module(module, filter_fn, lambda one: self._add(one, "bind", None, settings))
        return bound  # type: ignore[no-any-return]  # it can be used like the module

    def scope(self, *layers: str | Mapping[str, Any] | Values) -> AbstractContextManager[Any]:
        """Put scopes and values on top of the active ones of this thread or task.

        Parameters
        ----------
        *layers : str, mapping or Values
            Scopes to enter, the last one innermost, and values, each on top of those before. Values are mappings of
            keys to Python values, which are not converted, or snapshots from `values` or `load`. If the first of the
            values is a snapshot, it replaces the active values, with a warning if those include a mapping of an outer
            scope.

        Raises
        ------
        BindError
            If no function is bound under a scope, or a key is unknown.
        """
        return Scope(self._registry, [self._laid(layer) for layer in layers])

    def _laid(self, layer: str | Mapping[str, Any] | Values) -> str | Layer | Values:
        """Read a mapping into a layer; return a scope or a snapshot unchanged."""
        if isinstance(layer, (str, Values)):
            return layer
        if isinstance(layer, Mapping):
            return layers.over.read(self._registry, layer)
        raise BindError(
            f"{layer!r} is neither a scope nor values: pass names of scopes, mappings of keys to values, or what "
            f"values() and load() return."
        )

    def values(self) -> Values:
        """Return a snapshot of the active values. It can be pickled, so that another process can enter it."""
        run = current_run(self._registry)
        home = layers.snapshots.Home(self._registry, None if run is None else run.plan)
        return current_values(self._registry).replace(home=home)

    def load(self, *paths: str | os.PathLike[str], vars: Mapping[str, object] | None = None) -> Values:
        """Read config files, checked as ``--config`` checks them.

        Parameters
        ----------
        *paths : str or os.PathLike
            The files. For each key, the last file that has it wins.
        vars : mapping of str to object, optional
            Variables of the files, as ``--var`` sets them: the text of each is read as an unquoted value in a file.

        Returns
        -------
        Values
            The values, for ``with binder.scope(binder.load("run.yml")):``.

        Raises
        ------
        ConfigError
            If a file has problems, or none uses a variable. The message lists all problems.
        """
        variables = {name: "" if value is None else str(value) for name, value in (vars or {}).items()}
        asked = layers.Asked([str(path) for path in paths], variables=variables)
        files = layers.files.read(self._registry, asked)
        return Values(files=files, home=layers.snapshots.Home(self._registry))

    def command(self, name: str | None = None, **attrs: Any) -> click.Group:
        """Make the Click program. It also has the functions that are bound after it.

        Parameters
        ----------
        name : str, optional
            Its name, by default the binder's.
        **attrs
            Further arguments of `click.Group`, such as ``context_settings`` or ``epilog``.
        """
        attrs = {"help": self._help, "version": self._version, "rich": self._rich, **attrs}
        return RootCommand(self._registry, name or self._name, **attrs)

    @overload
    def options(self, command: K, /) -> K: ...
    @overload
    def options(self, /) -> Callable[[K], K]: ...

    def options(self, command: click.Command | None = None, /) -> Any:
        """Give a Click command the options of the bound functions, and run its body inside of their values.

        Use it as a decorator above `click.command`. The command gets a dotted option for each parameter, and
        ``--config``, ``--save``, ``--print-config`` and the other options of the program. While its body runs, bound
        functions take their values, and bound contexts are entered. Its own options and arguments work as before, and
        take precedence over those of the same name. Stages are not run: they are functions that the body may call.

        Parameters
        ----------
        command : click.Command, optional
            The command, of any class but a group; without it, a decorator is returned.

        Returns
        -------
        click.Command
            A command of the same class.

        Raises
        ------
        BindError
            If it is not a Click command, or a group.
        """
        if command is None:
            return self.options
        return cli.options.with_options(self._registry, command)

    def _save(self, plan: Plan, path: str) -> None:
        """Write a plan as ``--save`` does."""
        cli.outputs.save(None, self._registry, plan, path)

    def _add(self, function: Any, role: Role, name: str | None, settings: Mapping[str, Any]) -> Any:
        if function is None:
            return lambda function: self._add(function, role, name, settings)
        return calls.binding.add(self._registry, function, role, settings, name=name)
