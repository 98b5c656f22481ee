"""A function's signature as clickbind needs it: parameters with their evaluated hints, and the docstring on request.

A parameter whose type has fields stands for one setting per field; `FunctionSpec.settings` has those, and
`FunctionSpec.assemble` makes the parameters' values of theirs.
"""

from __future__ import annotations

import builtins
import functools
import inspect
import sys
import typing
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from . import conversion, later
from .conversion import UNKNOWN, Converter

if TYPE_CHECKING:
    from . import docstrings
    from .marks import Option
    from .models import Model

__all__ = ["FunctionSpec", "ParameterSpec", "named", "read"]

_EMPTY = inspect.Parameter.empty
_VARIADIC = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)


class ParameterSpec:
    """One parameter, or one field of a parameter that has some.

    Attributes
    ----------
    name : str
        Its name in the signature; a field's as ``parameter.field``.
    annotation : object
        Its hint, evaluated; the type of its default where it has none; `UNKNOWN` where that tells nothing.
    default : object
        The signature's own object; ``inspect.Parameter.empty`` where it has none.
    converter : Converter or None
        How its values are read and written; None where no text can make one.
    required : bool
        Whether a call fails without it.
    flags, metavar, envvar, hidden, deprecated, prompt
        What its annotation says beside the type: see `Option`.
    source : object
        The function or class whose docstring tells of it.
    text : str
        What is said of it where it is declared, instead.
    """

    # fmt: off
    __slots__ = (
        "_secret", "annotation", "converter", "default", "deprecated", "envvar", "flags", "hidden", "metavar", "model",
        "name", "prompt", "required", "source", "text",
    )
    # fmt: on

    def __init__(
        self,
        name: str,
        annotation: Any,
        default: Any,
        converter: Converter | None,
        *,
        required: bool | None = None,
        mark: Option | None = None,
        source: Any = None,
        text: str = "",
    ) -> None:
        self.name = name
        self.annotation = annotation
        self.default = default
        self.converter = converter
        self.required = default is _EMPTY if required is None else required
        self.source = source
        self.text = (None if mark is None else mark.help) or text
        self.model: Model | None = None
        self.flags = () if mark is None else mark.flags
        self.metavar = None if mark is None else mark.metavar
        self.envvar = None if mark is None else mark.envvar
        self.hidden = mark is not None and mark.hidden
        self.deprecated = mark is not None and mark.deprecated
        self.prompt = mark is not None and mark.prompt
        self._secret = mark is not None and mark.secret

    @property
    def secret(self) -> bool:
        """Whether its value is never written or shown."""
        return self._secret or bool(self.converter and self.converter.secret)

    @property
    def has_default(self) -> bool:
        """Whether there is a default to show and to save."""
        return self.default is not _EMPTY


class FunctionSpec:
    """A function, looked at.

    Attributes
    ----------
    function : object
        The function or class itself.
    signature : inspect.Signature
        Its signature, annotations as they stand.
    parameters : dict of str to ParameterSpec
        Its parameters in their order, without ``*args`` and ``**kwargs``.
    settings : dict of str to ParameterSpec
        The same, a parameter that has fields being replaced by them.
    """

    __slots__ = ("_docstring", "_wholes", "function", "parameters", "settings", "signature")

    def __init__(self, function: Any, signature: inspect.Signature, parameters: dict[str, ParameterSpec]) -> None:
        self.function = function
        self.signature = signature
        self.parameters = parameters
        found = (setting for parameter in parameters.values() for setting in _settings(parameter, ()))
        self.settings = {setting.name: setting for setting in found}
        self._docstring: docstrings.Docstring | None = None
        self._wholes: set[str] | None = None

    @property
    def wholes(self) -> set[str]:
        """The parameters with fields that may be None as a whole."""
        if self._wholes is None:
            self._wholes = {
                name
                for name, parameter in self.parameters.items()
                if parameter.model is not None and parameter.converter is not None and parameter.converter.nullable
            }
        return self._wholes

    @property
    def has_models(self) -> bool:
        """Whether there are parameters with fields."""
        return any(parameter.model is not None for parameter in self.parameters.values())

    @property
    def docstring(self) -> docstrings.Docstring:
        """Its docstring, parsed when first asked for."""
        if self._docstring is None:
            self._docstring = later.docstrings.parse(self.function)
        return self._docstring

    def text_of(self, setting: ParameterSpec) -> str | None:
        """Give what is said of a setting: where it is declared, or in a docstring."""
        text: str | None = setting.text
        if not text and setting.source is None:
            text = self.docstring.parameters.get(setting.name)
        elif not text:
            text = later.docstrings.parse(setting.source).parameters.get(setting.name.rpartition(".")[2])
        shows_default = setting.has_default and setting.default is not None and not setting.secret
        return later.docstrings.without_default(text) if text and shows_default else text

    def assemble(self, given: Mapping[str, Any], *, whole: bool) -> dict[str, Any]:
        """Make the parameters' values of those of the settings.

        Parameters
        ----------
        given : mapping of str to object
            Values by setting.
        whole : bool
            Whether a required parameter with fields is made even where none of them was given.

        Raises
        ------
        ConversionError
            Where a field is missing, or its class refuses the values.
        """
        values: dict[str, Any] = {}
        fields: dict[str, dict[str, Any]] = {}
        for name, parameter in self.parameters.items() if whole else ():
            if parameter.model is not None and parameter.required and name not in given:
                fields[name] = {}
        for setting, value in given.items():
            name, dot, rest = setting.partition(".")
            if dot:
                fields.setdefault(name, {})[rest] = value
            else:
                values[name] = value
        for name, inner in fields.items():
            parameter = self.parameters[name]
            assert parameter.model is not None  # only such a parameter has fields
            try:
                values[name] = parameter.model.build(inner, parameter.default)
            except later.errors.ConversionError as error:
                raise later.errors.ConversionError(f"{name}: {error}") from None
        return values


def read(function: Any, names: Mapping[str, Any] | None = None) -> FunctionSpec:
    """Look at a function.

    Parameters
    ----------
    function : callable
        A function, a class, a partial: what `inspect.signature` reads.
    names : mapping of str to object, optional
        Local names that its annotations may use.

    Raises
    ------
    BindError
        Where it has no signature.
    """
    try:
        signature = _signature_of(function)
    except (ValueError, TypeError) as error:
        raise later.errors.BindError(
            f"{function!r} has no signature to read, so it cannot be bound: wrap it in a function. ({error})"
        ) from None
    scopes = (names or {}, _names(function))
    parameters = {
        parameter.name: _parameter(parameter, scopes)
        for parameter in signature.parameters.values()
        if parameter.kind not in _VARIADIC
    }
    return FunctionSpec(function, signature, parameters)


def _signature_of(function: Any) -> inspect.Signature:
    signature = inspect.signature(function)
    if isinstance(function, type) and all(item.kind in _VARIADIC for item in signature.parameters.values()):
        constructor: Any = function.__init__  # type: ignore[misc]  # only to read it
        if constructor is not object.__init__:  # its `__new__` or metaclass takes whatever comes
            _, *parameters = inspect.signature(constructor).parameters.values()
            return signature.replace(parameters=parameters)
    return signature


def _names(function: Any) -> Mapping[str, Any]:
    """Give the names that a function's string annotations are written in: its module's."""
    while isinstance(function, functools.partial):
        function = function.func
    if isinstance(function, type):
        function = next(vars(base)["__init__"] for base in function.__mro__ if "__init__" in vars(base))
    elif not hasattr(function, "__code__"):  # an instance that is called
        function = getattr(type(function), "__call__", function)  # noqa: B004 - to read it, not to test for it
    names: Mapping[str, Any] | None = getattr(inspect.unwrap(function), "__globals__", None)
    return vars(sys.modules.get(getattr(function, "__module__", None) or "", typing)) if names is None else names


def _parameter(parameter: inspect.Parameter, names: tuple[Mapping[str, Any], ...]) -> ParameterSpec:
    default = parameter.default
    annotation = named(parameter.annotation, names)
    if annotation is None:
        annotation = later.hints.evaluate(parameter.annotation, *names)
        if annotation is later.hints.Unresolved and default is not _EMPTY and default is not None:
            annotation = _EMPTY  # a name for type checkers only: the default tells the type
    if annotation is _EMPTY:
        annotation = UNKNOWN if default is _EMPTY or default is None else type(default)
    return _spec(parameter.name, annotation, default)


def named(annotation: Any, names: tuple[Mapping[str, Any], ...]) -> Any:
    """Return an annotation that is a class, or the name of something; None for any other, which `hints` evaluates."""
    if isinstance(annotation, str) and annotation.isidentifier():
        return next((known[annotation] for known in (*names, vars(builtins)) if annotation in known), None)
    return annotation if type(annotation) is type else None


def _spec(name: str, annotation: Any, default: Any, **more: Any) -> ParameterSpec:
    converter = None if default is None else conversion.everyday(annotation)
    if converter is not None:
        return ParameterSpec(name, annotation, default, converter, **more)
    mark = later.annotated.mark_of(annotation)
    # A default of None makes None a value.
    converter = later.rules.converter_of(annotation, optional=default is None)
    spec = ParameterSpec(name, annotation, default, converter, mark=mark, **more)
    spec.model = later.annotated.model_in(annotation)
    return spec


def _settings(spec: ParameterSpec, above: tuple[Any, ...]) -> Iterator[ParameterSpec]:
    """Walk the settings of a parameter: itself, or its fields, down to what has none."""
    model = spec.model
    if model is None or model.kind in above:  # a model that holds itself is set as one YAML mapping
        spec.model = None
        yield spec
        return
    base = spec.default
    for field in model.fields.values():
        default = field.default
        if model.holds(base):
            default = model.get(base, field.name)
        elif not spec.required:
            default = _EMPTY  # there is no model as long as no field of it is given
        inner = _spec(
            f"{spec.name}.{field.name}",
            field.annotation,
            default,
            required=spec.required and field.required,
            source=model.kind,
            text=field.text,
        )
        if not spec.required and inner.converter is not None and field.default is None:
            inner.converter = later.rules.converter_of(field.annotation, optional=True)
        yield from _settings(inner, (*above, model.kind))
