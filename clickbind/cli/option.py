"""Make Click options for the parameters of bound functions: dotted for the root, plain for a stage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from .. import cli, declare, layers
from ..declare.function import ParameterSpec
from ..declare.registry import Bound
from ..errors import ConversionError
from ..keys import Key, flag_of
from ..layers import ResolvedValue, Values
from ..types import Converter
from .parts import LEFT_OUT, typed_in

__all__ = [
    "AnnotationType",
    "ParamType",
    "ParameterOption",
    "dotted_flags",
    "dotted_option",
    "missing_in",
    "stage_option",
    "values_of",
]


if TYPE_CHECKING:
    ParamType = click.ParamType[Any]
else:
    ParamType = click.ParamType  # it is generic from Click 8.5 on


class AnnotationType(ParamType):
    """The Click parameter type of a converter.

    Parameters
    ----------
    converter : Converter
        Reads the values.
    secret : bool
        Whether errors hide the values.
    """

    def __init__(self, converter: Converter, *, secret: bool = False) -> None:
        self.name = converter.metavar.lower().strip("'[]").replace("|", " or ")
        self.converter = converter
        self.secret = secret or converter.secret

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:
        """Return the placeholder of a value in help."""
        return self.converter.typed

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Convert a text; other values are converted already, as for Click's own types."""
        if not isinstance(value, str):
            return value
        try:
            return _read(self.converter, [value], ctx)
        except ConversionError as error:
            self.fail(layers.redaction.message_of(self, error), param, ctx)

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[click.shell_completion.CompletionItem]:
        """Complete the values that the type knows."""
        with ctx.scope(cleanup=False):  # for Click's types, which are given the context
            found = self.converter.complete(incomplete)
        return [cli.shell_completion.CompletionItem(value, type=kind) for value, kind in found]


class ParameterOption(click.Option):
    """The option of one parameter.

    The value comes from the line, from the layers above Click's default map, from that map, or from the signature: the
    default object itself, unconverted. The converter reads the texts. For tools that read a program, `type`, `default`,
    `show_default` and `envvar` describe it in Click's own terms; see `introspection`.

    Parameters
    ----------
    key : Key
        The parameter's plain key; for a scoped option, the scoped key.
    bound : Bound
        The function.
    spec : ParameterSpec
        The parameter.
    name : str
        The name in ``ctx.params`` and in Click's default map.
    flags, negations : list of str
        The flags, and for a boolean the flags that set it to false.
    required : bool
        Whether the command requires a value.
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
        assert spec.converter is not None  # options have one
        self.key = key
        self.bound = bound
        self.spec = spec
        self.converter: Converter = spec.converter
        is_flag = self.converter.flag
        # Click splits option names at dots and slashes, so it gets a placeholder, and the names are set afterwards.
        super().__init__(
            ["--placeholder/--no-placeholder" if is_flag else "--placeholder", "placeholder"],
            type=click.BOOL if is_flag else click.STRING,  # only for Click's constructor
            multiple=self.converter.repeated,
            required=required,
            hidden=bound.hidden or spec.hidden,
            deprecated=False if required else spec.deprecated or (bound.role != "stage" and bound.deprecated),
            metavar=spec.metavar,
            envvar=_variables(key, bound, spec),
            allow_from_autoenv=False,  # its names depend on how the command is reached
            prompt=_question(spec) if spec.prompt and spec.required else False,
            hide_input=spec.secret and not is_flag,
        )
        self.name = name
        self.opts = flags
        self.secondary_opts = negations
        self.collects = self.multiple
        self.is_brief = self._defaulted = False
        del self.show_default  # made when a tool reads it
        if not is_flag:
            del self.type  # likewise
        if spec.has_default:
            self.default = spec.default
        else:
            self._missing = self._default

    @cached_property
    def type(self) -> click.ParamType[Any]:  # type: ignore[override]  # Click's is an attribute
        """Click's own type, if one has the same meaning; else an `AnnotationType`."""
        found = cli.introspection.type_of(self.converter, secret=self.spec.secret)
        return found or AnnotationType(self.converter, secret=self.spec.secret)

    @cached_property
    def show_default(self) -> bool | str | None:  # type: ignore[override]  # Click's is an attribute
        """Whether help shows the default; the text that it shows, if each call makes a new default."""
        return cli.introspection.shows_default(self.key, self.spec)

    _missing: Any = object()
    """What Click sets if there is no default: since Click 8.3 an object of its own, which tools would show."""

    @property
    def default(self) -> Any:
        """The default as Click's own type would have it, such as the name of an Enum's member, and never a secret."""
        if self._is_declared:
            return cli.introspection.default_of(self.spec)
        return None if self._default is self._missing else self._default

    @default.setter
    def default(self, value: Any) -> None:
        self._default = value

    @property
    def _is_declared(self) -> bool:
        """Whether the default is the signature's, rather than missing, or set by somebody else."""
        return self.spec.has_default and self._default is self.spec.default

    @property
    def help(self) -> str | None:
        """The parameter's text, from its mark or from the docstring, which is parsed when help is requested."""
        text_of = declare.texts.brief_of if self.is_brief else declare.texts.text_of
        return self._labelled(text_of(self.bound.spec, self.spec, defaulted=self._defaulted))

    @help.setter
    def help(self, value: str | None) -> None:
        """Keep the text that Click's constructor sets: the label of a deprecated option."""
        self._label = value

    def _labelled(self, text: str) -> str | None:
        return f"{text}  {self._label}".strip() if self._label else text or None

    def get_default(self, ctx: click.Context, call: bool = True) -> Any:
        """Return the default as it is, but for a secret; a callable default is a value too, and is not called."""
        if self.spec.secret:
            return None  # tools show it
        return super().get_default(ctx, call=False) if self.name in (ctx.default_map or ()) else self._default

    def consume_value(self, ctx: click.Context, opts: Mapping[str, Any]) -> tuple[Any, ParameterSource]:
        """Find the value and its source: typed here, typed elsewhere on the line, or found in Click's own order."""
        typed = typed_in(ctx).values
        if self.name in typed:
            return typed[self.name], ParameterSource.COMMANDLINE
        above = self._resolved(ctx)
        if above is not None:
            return above, above.source
        if self.prompt is not None and (missing_in(ctx) or cli.root_options.is_only_shown(ctx)):
            return click.Parameter.consume_value(self, ctx, opts)
        value, source = super().consume_value(ctx, opts)
        if source is ParameterSource.PROMPT:
            return ResolvedValue(value, source, "prompt"), source  # the prompt has converted it
        if source is ParameterSource.DEFAULT and self.spec.has_default:
            return ResolvedValue(self._default, source, ""), source
        return value, source

    def _resolved(self, ctx: click.Context) -> ResolvedValue | None:
        """Find a value that was typed elsewhere on the line, or is set by a layer below."""
        values = values_of(ctx)
        above = next((layer[self.key] for layer in values.above_defaults if self.key in layer), None)
        if above is None and self.name in (ctx.default_map or {}) and not self.resolve_envvar_value(ctx):
            return layers.default_map.looked_up(ctx, self.name)
        return above

    def type_cast_value(self, ctx: click.Context, value: Any) -> Any:
        """Convert typed values; return resolved values as they are.

        Click's `Context.invoke` fills in the default of an option that is left out, whose value the run has to find.
        """
        if isinstance(value, ResolvedValue):
            return value.value
        if (
            not typed_in(ctx).parsing
            and hasattr(ctx.command, "registry")
            and (value is None or value is self.get_default(ctx))
        ):
            return LEFT_OUT
        return self.read_typed(ctx, value)

    def read_typed(self, ctx: click.Context, value: Any) -> Any:
        """Convert what was typed: a text, or several; a flag has its value already.

        Raises
        ------
        click.BadParameter
            If it cannot be converted.
        """
        if isinstance(value, bool) or value is None:
            return value
        try:
            if ctx.get_parameter_source(self.name) is ParameterSource.ENVIRONMENT:
                return self.converter.from_text(value)
            return _read(self.converter, [value] if isinstance(value, str) else value, ctx)
        except ConversionError as error:
            message = layers.redaction.message_of(self.spec, error) + cli.quoting.hint(ctx, self, value)
            raise click.BadParameter(message, ctx=ctx, param=self) from None

    def value_is_missing(self, value: Any) -> bool:
        """Accept every value, since an empty list is given too. `process_value` finds missing values."""
        return False

    def process_value(self, ctx: click.Context, value: Any) -> Any:
        """Convert the value. Note a missing value in the run, which reports all of them together when it begins.

        Raises
        ------
        click.MissingParameter
            If a value is required, there is none, and there is no run.
        """
        if self.required and ctx.get_parameter_source(self.name) is ParameterSource.DEFAULT:
            if cli.root_options.is_only_shown(ctx):
                return None  # the output shows that it is required
            missing = missing_in(ctx)
            if missing is None:
                raise click.MissingParameter(ctx=ctx, param=self)
            if self.prompt is None or not missing:
                missing.append((ctx, self))
            return None
        return super().process_value(ctx, value)

    def value_from_envvar(self, ctx: click.Context) -> str | None:
        """Return the whole text of the variable; the converter splits it."""
        return self.resolve_envvar_value(ctx)

    def get_error_hint(self, ctx: click.Context | None) -> str:
        """Return the option as it was typed."""
        typed = typed_in(ctx).flags.get(self.name)
        if getattr(ctx, "default", False):  # the stage is not on the line, so its own option cannot be either
            typed = f"--{self.key.text}"
        return f"'{typed}'" if typed else super().get_error_hint(ctx)

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        """Return the flags and the text, which does not repeat a default that the notes after it have."""
        self._defaulted = "default" in self.get_help_extra(ctx)
        return super().get_help_record(ctx)

    def get_help_extra(self, ctx: click.Context) -> Any:
        """Return the active default, from files, from the environment, or from the signature, and further notes."""
        is_body = getattr(ctx, "body", None) is not None
        return cli.help_extra.extra_of(self.key, self.bound, self.spec, values_of(ctx), is_body=is_body)

    def make_metavar(self, ctx: click.Context) -> str:
        """Return the placeholder of a value in help."""
        return self.metavar or self.converter.typed

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[click.shell_completion.CompletionItem]:
        """Complete the values that the converter knows."""
        return AnnotationType(self.converter).shell_complete(ctx, self, incomplete)

    def to_info_dict(self) -> dict[str, Any]:
        """Describe the option with plain values, which can be written as JSON."""
        return cli.introspection.described(super().to_info_dict(), self.key, self.spec)


def _variables(key: Key, bound: Bound, spec: ParameterSpec) -> str | list[str] | None:
    """Return the environment variables of an option: that of its mark, which wins, and that of the program's prefix."""
    prefix = None if bound.registry is None else bound.registry.settings.envvar_prefix
    if prefix is None:
        return spec.envvar
    return [*([spec.envvar] if spec.envvar else []), key.variable(prefix)]


def _read(converter: Converter, texts: Sequence[str], ctx: click.Context | None) -> Any:
    """Read typed texts, with the program's ``token_normalize_func`` for choices."""
    if ctx is None or ctx.token_normalize_func is None:
        return converter.from_line(texts)
    return cli.folding.from_line(converter, texts, ctx.token_normalize_func)


def _question(spec: ParameterSpec) -> str:
    if isinstance(spec.prompt, str):
        return spec.prompt
    return spec.name.replace("_", " ").replace(".", " ").capitalize()


def values_of(ctx: click.Context | None) -> Values:
    """Return the values of the run of a Click context; empty ones outside of a run."""
    while ctx is not None:
        values = getattr(ctx, "values", None)
        if isinstance(values, Values):
            return values
        ctx = ctx.parent
    return Values()


def missing_in(ctx: click.Context | None) -> list[tuple[click.Context, click.Parameter]] | None:
    """Return the required options that were found missing so far in the run of a context; None outside of a run."""
    while ctx is not None and not isinstance(getattr(ctx, "values", None), Values):
        ctx = ctx.parent
    return getattr(ctx, "missing", None)


def dotted_flags(key: Key, spec: ParameterSpec) -> tuple[str, str | None]:
    """Return the root's flag for a key, and for a boolean its negation, with ``no-`` before the key."""
    assert spec.converter is not None  # options have one
    return f"--{key.text}", f"--no-{key.text}" if spec.converter.flag else None


def dotted_option(key: Key, bound: Bound, spec: ParameterSpec) -> ParameterOption:
    """Make the root's option for a key: ``--train/dataset.folder``."""
    flag, negation = dotted_flags(key, spec)
    negations = [negation] if negation else []
    return ParameterOption(key, bound, spec, name=key.text, flags=[flag], negations=negations)


def stage_option(bound: Bound, spec: ParameterSpec) -> ParameterOption:
    """Make a stage's own option, with a flag as in Click: ``--model-type``."""
    flag = flag_of(spec.name)
    negations = []
    if spec.converter is not None and spec.converter.flag and f"no_{spec.name}" not in bound.options:
        negations = [f"--no-{flag}"]
    return ParameterOption(
        bound.key(spec.name),
        bound,
        spec,
        name=spec.name,
        flags=[*spec.flags, f"--{flag}"],
        negations=negations,
        required=spec.required,
    )
