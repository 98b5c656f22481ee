"""Click options: one per parameter of a bound function, dotted for the root or plain for its stage."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click
from click.core import ParameterSource

from .conversion import AnnotationType, Converter
from .errors import ConversionError
from .keys import Key, flag_of
from .line import typed_in
from .registry import Bound
from .resolve import ResolvedValue, Values
from .signature import ParameterSpec

__all__ = ["ParameterOption", "dotted_flags", "dotted_option", "stage_option"]

_SHOWN_DEFAULT = 60  # characters of a default that help shows: more would bury the text


class ParameterOption(click.Option):
    """The option of one parameter.

    Its value comes from the line, from the layers above Click's default map, from that map, or is the signature's
    own default object, unconverted.

    Parameters
    ----------
    key : Key
        The parameter's plain key; the scoped one for a scoped option.
    bound : Bound
        The function.
    spec : ParameterSpec
        The parameter.
    name : str
        The name in ``ctx.params`` and in Click's default map.
    flags, negations : list of str
        How it is typed, and how its opposite is.
    required : bool
        Whether the command cannot do without.
    """

    def __init__(
        self,
        key: Key,
        bound: Bound,
        spec: ParameterSpec,
        *,
        name: str,
        flags: list[str],
        negations: list[str],
        required: bool = False,
    ) -> None:
        assert spec.converter is not None  # an option has one
        self.key = key
        self.bound = bound
        self.spec = spec
        self.converter: Converter = spec.converter
        is_flag = self.converter.flag
        # Click takes dots and slashes in option names apart; a placeholder goes in, and the names are set behind it.
        super().__init__(
            ["--placeholder/--no-placeholder" if is_flag else "--placeholder", "placeholder"],
            type=click.BOOL if is_flag else AnnotationType(self.converter),
            multiple=self.converter.repeated,
            required=required,
            hidden=bound.hidden,
        )
        self.name = name
        self.opts = flags
        self.secondary_opts = negations
        if not spec.required:
            self.default = spec.default

    @property
    def help(self) -> str | None:
        """The parameter's text in the docstring, which is parsed when help is asked for."""
        return self.bound.spec.docstring.parameters.get(self.spec.name)

    @help.setter
    def help(self, value: str | None) -> None:
        """Ignore what Click's constructor sets."""

    def get_default(self, ctx: click.Context, call: bool = True) -> Any:
        """Give the default as it is: one that happens to be callable is a value too, not to be called."""
        return super().get_default(ctx, call=False)

    def consume_value(self, ctx: click.Context, opts: Mapping[str, Any]) -> tuple[Any, ParameterSource]:
        """Find the value and its source: typed here, typed elsewhere on the line, or by Click's own order."""
        above = None if self.name in opts else values_of(ctx).line.get(self.key)
        if above is not None:
            return above, above.source
        value, source = super().consume_value(ctx, opts)
        if source is ParameterSource.DEFAULT_MAP or (source is ParameterSource.DEFAULT and not self.spec.required):
            return ResolvedValue(value, source, ""), source
        return value, source

    def type_cast_value(self, ctx: click.Context, value: Any) -> Any:
        """Convert what was typed; what is resolved already stays as it is."""
        if isinstance(value, ResolvedValue):
            return value.value
        if self.is_flag:
            return super().type_cast_value(ctx, value)
        try:
            return self.converter.from_line(value if self.multiple else [value])
        except ConversionError as error:
            raise click.BadParameter(str(error), ctx=ctx, param=self) from None

    def get_error_hint(self, ctx: click.Context | None) -> str:
        """Name the option as it was typed."""
        typed = typed_in(ctx).flags.get(self.name)
        return f"'{typed}'" if typed else super().get_error_hint(ctx)

    def get_help_extra(self, ctx: click.Context) -> Any:
        """Add the default in force: what files and environment give, or the signature's."""
        extra = super().get_help_extra(ctx)
        resolved = values_of(ctx).get(*self.key[:2], (self.key.scope,) if self.key.scope else ())
        value = self.spec.default if resolved is None else resolved.value
        if self.key.scope is None and value is not None and (resolved or not self.spec.required):
            extra["default"] = self._shown(value)
        elif self.spec.required and self.bound.role == "context":
            extra["required"] = "required"
        return extra

    def _shown(self, value: Any) -> str:
        """Write a default as it would be typed."""
        if self.is_flag and isinstance(value, bool):
            return (self.opts if value else self.secondary_opts or ["false"])[0].lstrip("-")
        try:
            plain = self.converter.to_plain(value)
        except (TypeError, ValueError, AttributeError):  # a default of another type than the annotation's
            plain = value
        if isinstance(plain, list):
            text = " ".join(str(next(iter(item)) if isinstance(item, dict) else item) for item in plain)
        else:
            text = str(plain)
        text = text or '""'
        return text if len(text) <= _SHOWN_DEFAULT else f"{text[: _SHOWN_DEFAULT - 3]}..."


def values_of(ctx: click.Context | None) -> Values:
    """Give the values of the run that a Click context belongs to; none outside of one."""
    while ctx is not None:
        values = getattr(ctx, "values", None)
        if isinstance(values, Values):
            return values
        ctx = ctx.parent
    return Values()


def dotted_flags(key: Key, spec: ParameterSpec) -> tuple[str, str | None]:
    """Spell the root's flag for a key, and for a boolean its negation: a ``no-`` before the key."""
    assert spec.converter is not None  # an option has one
    return f"--{key.text}", f"--no-{key.text}" if spec.converter.flag else None


def dotted_option(key: Key, bound: Bound, spec: ParameterSpec) -> ParameterOption:
    """Make the root's option for a key: ``--train/dataset.folder``."""
    flag, negation = dotted_flags(key, spec)
    option = ParameterOption(key, bound, spec, name=key.text, flags=[flag], negations=[negation] if negation else [])
    option.deprecated = bound.deprecated if bound.role != "stage" else False  # a stage's command warns itself
    return option


def stage_option(bound: Bound, spec: ParameterSpec) -> ParameterOption:
    """Make a stage's own option, spelled as Click spells it: ``--model-type``."""
    flag = flag_of(spec.name)
    negations = []
    if spec.converter is not None and spec.converter.flag and f"no_{spec.name}" not in bound.options:
        negations = [f"--no-{flag}"]
    return ParameterOption(
        Key(bound.name, spec.name),
        bound,
        spec,
        name=spec.name,
        flags=[f"--{flag}"],
        negations=negations,
        required=spec.required,
    )
