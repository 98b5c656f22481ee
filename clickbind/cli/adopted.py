"""Adopt the options and arguments that Click's decorators declare on a stage.

They stay objects of their own classes, and Click processes them: their types, prompts, callbacks. But they also take
values that are set elsewhere, by the dotted option or in a file, and the values that they find are those of the turn,
so that they are saved and replayed.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from .. import cli, declare, layers
from ..declare.registry import Bound
from ..layers import ResolvedValue
from .context import StageContext
from .option import missing_in, values_of
from .parts import typed_in

if TYPE_CHECKING:
    from ..declare.function import ParameterSpec
    from ..keys import Key

    Base = click.Parameter
else:
    Base = object

__all__ = ["adopted"]


class _Adopted(Base):
    """What an adopted option or argument does besides what its own class does.

    Attributes
    ----------
    bound : Bound
        The stage.
    spec : ParameterSpec or None
        The parameter that it sets; None if it sets none.
    """

    bound: Bound
    spec: ParameterSpec | None

    @property
    def key(self) -> Key | None:
        """The key of its value; None if it has none."""
        return None if self.spec is None else self.bound.key(self.spec.name)

    @property
    def help(self) -> str | None:
        """Its own text, or that of the docstring, which is parsed when help is requested."""
        own: str | None = vars(self).get("help")
        return own or (self.spec and declare.texts.text_of(self.bound.spec, self.spec)) or None

    @help.setter
    def help(self, value: str | None) -> None:
        vars(self)["help"] = value

    def consume_value(self, ctx: click.Context, opts: Mapping[str, Any]) -> tuple[Any, ParameterSource]:
        """Find the value: typed here, typed elsewhere on the line, or found in Click's own order."""
        elsewhere = None if self.key is None or self._is_typed(ctx, opts) else self._elsewhere(ctx, self.key)
        if elsewhere is not None:
            return elsewhere.value, elsewhere.source
        if getattr(self, "prompt", None) is not None and (missing_in(ctx) or cli.root_options.is_only_shown(ctx)):
            value, source = click.Parameter.consume_value(self, ctx, opts)
        else:
            value, source = super().consume_value(ctx, opts)
        spec = self.spec
        if source is ParameterSource.DEFAULT and spec is not None and spec.has_default:
            return spec.default, source
        if isinstance(ctx, StageContext):
            ctx.own[self.name] = self._origin(ctx, source)
        return value, source

    def _is_typed(self, ctx: click.Context, opts: Mapping[str, Any]) -> bool:
        """Return whether it is on the line; Click has an entry for an argument that is not, too."""
        if isinstance(self, click.Option):
            return self.name in opts
        return click.Parameter.consume_value(self, ctx, opts)[1] is ParameterSource.COMMANDLINE

    def _elsewhere(self, ctx: click.Context, key: Key) -> ResolvedValue | None:
        """Return the value that the line sets elsewhere, or a layer below, unless its own variable is above that."""
        found = next((layer[key] for layer in values_of(ctx).above_defaults if key in layer), None)
        if found is not None and found.source is ParameterSource.COMMANDLINE:
            return found
        if self.resolve_envvar_value(ctx):
            return None
        if found is None and self.name in (ctx.default_map or {}):
            return layers.default_map.looked_up(ctx, self.name)
        return found

    def _origin(self, ctx: click.Context, source: ParameterSource) -> str:
        if source is ParameterSource.COMMANDLINE:
            return typed_in(ctx).flags.get(self.name, self.human_readable_name)
        return source.name.lower()

    def to_info_dict(self) -> dict[str, Any]:
        """Describe it with plain values, which can be written as JSON."""
        info = super().to_info_dict()
        if callable(self.default):
            info["default"] = "(dynamic)"  # as Click's help has it
        found: dict[str, Any] = cli.introspection.plain(info)
        return found

    def get_error_hint(self, ctx: click.Context | None) -> str:
        """Return how Click calls it; for a stage that is not on the line, its dotted option."""
        if self.key is not None and getattr(ctx, "default", False):
            return f"'--{self.key.text}'"
        return super().get_error_hint(ctx)

    def process_value(self, ctx: click.Context, value: Any) -> Any:
        """Process the value. Note a missing one in the run, which reports all of them together when it begins."""
        shown = cli.root_options.is_only_shown(ctx)
        is_default = ctx.get_parameter_source(self.name) is ParameterSource.DEFAULT
        if shown and is_default and getattr(self, "prompt", None) is not None:
            return None  # nobody is asked, so that a callback would see no answer
        try:
            return super().process_value(ctx, value)
        except click.MissingParameter as error:
            missing = missing_in(ctx)
            if error.param is not self or (missing is None and not shown):
                raise
            if missing is not None and not shown:
                missing.append((ctx, self))
            return None


@functools.cache
def _kind(cls: type[click.Parameter]) -> Any:
    """Return the class of adopted options of a class of Click's, or of a program's own."""
    return type(cls.__name__, (_Adopted, cls), {"__module__": cls.__module__})


def adopted(bound: Bound) -> list[click.Parameter]:
    """Return the options and arguments of Click's decorators on a stage, in their order.

    Parameters
    ----------
    bound : Bound
        The stage.
    """
    return [_adopt(param, bound) for param in bound.spec.clicks]


def _adopt(param: click.Parameter, bound: Bound) -> click.Parameter:
    kind = _kind(type(param))
    made: Any = kind.__new__(kind)
    vars(made).update(vars(param))
    made.bound = bound
    made.spec = bound.options.get(str(param.name)) if param.expose_value else None
    made.callback = functools.partial(_called, param.callback)
    found: click.Parameter = made
    return found


def _called(callback: Callable[..., Any] | None, ctx: click.Context, param: Any, value: Any) -> Any:
    """Note the value as the type reads it, which is the one to save, and call the callback."""
    if isinstance(ctx, StageContext) and param.key is not None and param.name in ctx.own:
        source = ctx.get_parameter_source(param.name)
        assert source is not None  # it was found somewhere
        kept = param.spec.converter.from_plain(value) if isinstance(param.type, click.File) else value  # its name
        ctx.converted[param.key] = ResolvedValue(kept, source, ctx.own[param.name])
    return value if callback is None else callback(ctx, param, value)
