"""Read a function's signature: its parameters with evaluated hints, and its docstring on request.

A parameter whose type has fields has one setting per field. `FunctionSpec.settings` holds these, and
`FunctionSpec.groups` builds the parameters' values from them.
"""

from __future__ import annotations

import builtins
import functools
import inspect
import sys
import typing
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .. import declare, types
from ..errors import BindError
from ..keys import parameter_of
from ..types import UNKNOWN, Converter, signature_of

if TYPE_CHECKING:
    import click

    from ..types.fields import Field
    from .option import BoundUnder, Models, Option
    from .settings import Group

__all__ = ["EMPTY", "EXCLUDED", "FunctionSpec", "ParameterSpec", "fields_of", "named", "read"]

EMPTY = inspect.Parameter.empty

EXCLUDED = "the program leaves this parameter out, so that it keeps its default."
"""The end of errors about a parameter that has no option because the program excludes it."""

_PASSING = frozenset({"click.decorators", "cloup._context"})  # the modules whose wrappers pass an argument

# Classes of the markers that dataclasses and attrs put into a signature for a default that is made at each call.
_MADE = frozenset({"_HAS_DEFAULT_FACTORY_CLASS", "_Nothing"})
_VARIADIC = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)


class ParameterSpec:
    """One parameter, or one field of a parameter with fields.

    Attributes
    ----------
    name : str
        Its name in the signature, or ``parameter.field`` for a field.
    annotation : object
        Its evaluated hint. Without one, the type of its default, or `UNKNOWN` if that is None or missing.
    default : object
        The object in the signature; ``inspect.Parameter.empty`` if there is none.
    converter : Converter or None
        Reads and writes its values; None if its type cannot be parsed from text.
    required : bool
        Whether a call fails without it.
    flags, metavar, envvar, hidden, deprecated, prompt
        Further attributes from its annotation, as in `Option`.
    source : object
        The function or class whose docstring describes it.
    text : str
        The description where it is declared, which overrides the docstring.
    group : Group or None
        The tree of its settings, if its type has fields or several classes.
    factory : Field or None
        The field whose factory makes its default, if that is left to the class.
    inherited : tuple of Option
        The marks of the models that it is a field of, which apply to it too.
    """

    # fmt: off
    __slots__ = (
        "_secret", "annotation", "converter", "default", "deprecated", "envvar", "factory", "flags", "group", "hidden",
        "inherited", "metavar", "name", "prompt", "required", "source", "text",
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
        inherited: tuple[Option, ...] = (),
    ) -> None:
        self.name = name
        self.annotation = annotation
        self.default = default
        self.converter = converter
        self.required = default is EMPTY if required is None else required
        self.source = source
        self.text = (None if mark is None else mark.help) or text
        self.group: Group | None = None
        self.factory: Field | None = None
        self.inherited = inherited
        self.flags = () if mark is None else mark.flags
        self.metavar = None if mark is None else mark.metavar
        self.envvar = None if mark is None else mark.envvar
        self.hidden = mark is not None and mark.hidden
        self.deprecated = mark is not None and mark.deprecated
        self.prompt = mark is not None and mark.prompt
        self._secret = mark is not None and mark.secret
        for above in inherited:
            self.hidden = self.hidden or above.hidden
            self._secret = self._secret or above.secret

    @property
    def secret(self) -> bool:
        """Whether its value is never written or shown."""
        return self._secret or bool(self.converter and self.converter.secret)

    @property
    def has_default(self) -> bool:
        """Whether there is a default to show and to save."""
        return self.default is not EMPTY

    @property
    def shown_default(self) -> Any:
        """Its default for help and editors, made by the factory of its field if that has one."""
        return self.default if self.factory is None else self.factory.default


class FunctionSpec:
    """A function's signature and docstring.

    Attributes
    ----------
    function : object
        The function or class itself.
    signature : inspect.Signature
        Its signature, with annotations as written.
    parameters : dict of str to ParameterSpec
        Its parameters in their order, without ``*args`` and ``**kwargs``.
    settings : dict of str to ParameterSpec
        The same, with each parameter that has fields replaced by its fields, without those that are left out.
    groups : dict of str to Group
        The parameters and fields that have fields, without those that are left out.
    left_out : collection of str
        The parameters that the program leaves out of its options; calls leave these at their defaults.
    contexts : sequence of str
        The parameters that get Click's current context, which are not in the others.
    clicks : sequence of click.Parameter
        The options and arguments of Click's decorators, in the order of the decorators.
    sources : dict of int to Docstring
        The docstrings of the classes that its settings are fields of, by the identity of the class; see `texts`.
    """

    # fmt: off
    __slots__ = (
        "_docstring", "clicks", "contexts", "function", "groups", "left_out", "parameters", "settings", "signature",
        "sources",
    )
    # fmt: on

    def __init__(
        self,
        function: Any,
        signature: inspect.Signature,
        parameters: dict[str, ParameterSpec],
        *,
        contexts: Sequence[str] = (),
        clicks: Sequence[click.Parameter] = (),
    ) -> None:
        self.function = function
        self.signature = signature
        self.parameters = parameters
        self.contexts = contexts
        self.clicks = clicks
        self.settings = parameters
        self.left_out: Collection[str] = ()
        self.groups: dict[str, Group] = {}
        if any(parameter.group is not None for parameter in parameters.values()):
            self.settings = {}
            for parameter in parameters.values():
                if parameter.group is None:
                    self.settings[parameter.name] = parameter
                else:
                    self.settings.update((setting.name, setting) for setting in parameter.group.settings())
                    self.groups.update((group.name, group) for group in parameter.group.groups())
        self._docstring: declare.docstrings.Docstring | None = None
        self.sources: dict[int, declare.docstrings.Docstring] = {}

    def leave_out(self, names: Collection[str]) -> None:
        """Remove the settings of parameters that the program leaves out of its options."""
        self.left_out = names
        self.settings = {path: one for path, one in self.settings.items() if parameter_of(path) not in names}
        self.groups = {path: group for path, group in self.groups.items() if parameter_of(path) not in names}

    @property
    def docstring(self) -> declare.docstrings.Docstring:
        """Its docstring, parsed when first asked for."""
        if self._docstring is None:
            self._docstring = declare.docstrings.parse(self.function)
        return self._docstring


def read(
    function: Any,
    names: Mapping[str, Any] | None = None,
    bound_under: BoundUnder | None = None,
    call: Any = None,
) -> FunctionSpec:
    """Read a function's signature.

    Parameters
    ----------
    function : callable
        A function, a class, a partial: anything that `inspect.signature` reads.
    names : mapping of str to object, optional
        The local names that its annotations may use.
    bound_under : callable, optional
        Returns the bound classes that implement a base class: values of a parameter can be made of them.
    call : callable, optional
        What a program calls instead, which has the options of Click's decorators, whether they are above that of the
        binder or below.

    Raises
    ------
    BindError
        If it has no signature, or one that cannot be read; if an annotation that mentions a secret cannot be evaluated;
        if it lacks the parameter of one of Click's options.
    """
    try:
        signature = _signature_of(function)
    except (ValueError, TypeError) as error:
        raise BindError(
            f"{function!r} has no signature and cannot be bound: wrap it in a function. ({error})"
        ) from None
    except Exception as error:  # from Python 3.14 on, annotations are evaluated here
        raise BindError(f"the annotations of {function!r} cannot be read: {type(error).__name__}: {error}.") from error
    scopes = (names or {}, *_names(function))
    reading = _Reading(bound_under)
    passing = _passing(function)
    if passing:

        def is_option(parameter: inspect.Parameter) -> bool:
            spec = _parameter(reading, parameter, function, scopes)
            return spec.converter is not None and spec.annotation is not UNKNOWN

        signature = declare.clicks.without_passed(passing, signature, is_option)
    parameters: dict[str, ParameterSpec] = {}
    contexts = []
    for parameter in signature.parameters.values():
        if parameter.kind not in _VARIADIC:
            spec = _parameter(reading, parameter, function, scopes)
            unread = spec.converter is None or (spec.annotation is UNKNOWN and parameter.annotation is not EMPTY)
            if unread and declare.clicks.is_context(spec.annotation, parameter.annotation):
                contexts.append(spec.name)
            else:
                parameters[spec.name] = spec
    marks = getattr(call, "__dict__", {})
    clicks: Sequence[click.Parameter] = marks.get("__click_params__", ())[::-1]  # the innermost decorator is first
    for name, settings in declare.clicks.settings(clicks, parameters, signature, function) if clicks else ():
        parameters[name] = ParameterSpec(name, **settings)
    return FunctionSpec(function, signature, parameters, contexts=contexts, clicks=clicks)


def _passing(function: Any) -> list[Any]:
    """Return the wrappers of a function that pass an argument before the others, such as that of `click.pass_context`.

    It is quick, since most functions have none.
    """
    found = []
    while "__wrapped__" in getattr(function, "__dict__", ()):
        if getattr(function, "__globals__", {}).get("__name__") in _PASSING:
            found.append(function)
        function = function.__wrapped__
    return found


def fields_of(function: Any, names: Mapping[str, Any] | None) -> dict[str, Field]:
    """Read the parameters of a class that can be passed by name, as its fields.

    Bound classes that implement the type of a parameter are not looked for, since the class may take itself.

    Parameters
    ----------
    function, names
        As for `read`.
    """
    spec = read(function, names)
    parameters = spec.signature.parameters
    return {
        name: types.fields.Field(name, found.annotation, found.default, required=found.required, attribute=None)
        for name, found in spec.parameters.items()
        if parameters[name].kind is not inspect.Parameter.POSITIONAL_ONLY
    }


def _signature_of(function: Any) -> inspect.Signature:
    signature = signature_of(function)
    if isinstance(function, type) and all(item.kind in _VARIADIC for item in signature.parameters.values()):
        constructor: Any = function.__init__  # type: ignore[misc]  # only to read it
        if constructor is not object.__init__:  # its `__new__` or metaclass takes any arguments
            _, *parameters = signature_of(constructor).parameters.values()
            return signature.replace(parameters=parameters)
    return signature


def _names(function: Any) -> tuple[Mapping[str, Any], ...]:
    """Return the names that a function's string annotations can use: its type parameters, and those of its module."""
    while isinstance(function, functools.partial):
        function = function.func
    module = vars(sys.modules.get(getattr(function, "__module__", None) or "", typing))
    own = {parameter.__name__: parameter for parameter in getattr(function, "__type_params__", ())}  # of PEP 695
    if isinstance(function, type):
        made_by = (name for base in function.__mro__[:-1] for name in ("__init__", "__new__") if name in vars(base))
        function = getattr(function, next(made_by, "__init__"))
    elif not hasattr(function, "__code__"):  # a callable instance
        function = getattr(type(function), "__call__", function)  # noqa: B004 - to read it, not to test for it
    names: Mapping[str, Any] | None = getattr(inspect.unwrap(function), "__globals__", None)
    return (own, names or {}, module)


class _Reading:
    """The reading of one signature, with the models that it meets."""

    __slots__ = ("_bound_under", "_models")

    def __init__(self, bound_under: BoundUnder | None) -> None:
        self._bound_under = bound_under
        self._models: Models | None = None

    @property
    def models(self) -> Models:
        """The models read so far; made when first needed, since few signatures have any."""
        if self._models is None:
            self._models = declare.option.Models(*filter(None, [self._bound_under]))
        return self._models


def _parameter(
    reading: _Reading, parameter: inspect.Parameter, function: Any, names: tuple[Mapping[str, Any], ...]
) -> ParameterSpec:
    default = parameter.default
    made = _made(reading, parameter.name, function) if type(default).__name__ in _MADE else None
    if made is not None:
        return made
    annotation = named(parameter.annotation, names)
    if annotation is None:
        annotation = types.hints.checked(parameter.annotation, function, parameter.name, *names)
        annotation = types.hints.settled(annotation, default)
    elif annotation is EMPTY:
        annotation = UNKNOWN if default is EMPTY or default is None else type(default)
    return _spec(reading, parameter.name, annotation, default)


def _made(reading: _Reading, name: str, cls: Any) -> ParameterSpec | None:
    """Read a parameter whose default is made at each call from its field; None if it is not a field."""
    fields = types.models.Model(cls).fields.values() if types.table.is_model(cls) else ()
    field = next((field for field in fields if field.argument == name), None)
    if field is None:
        return None
    nested = declare.choices.choices_of(field.annotation, reading.models)
    made = nested is not None and nested.are_made_by(field.factory)
    return _spec(reading, name, field.annotation, field.default if made else EMPTY, field)


def named(annotation: Any, names: tuple[Mapping[str, Any], ...]) -> Any:
    """Return the class that an annotation is or refers to by name; None for any other, which `hints` evaluates."""
    if isinstance(annotation, str) and annotation.isidentifier():
        annotation = next((known[annotation] for known in (*names, vars(builtins)) if annotation in known), None)
        return annotation if issubclass(type(annotation), type) else None
    return annotation if type(annotation) is type else None


def _spec(reading: _Reading, name: str, annotation: Any, default: Any, field: Field | None = None) -> ParameterSpec:
    spec = _setting(reading, name, annotation, default, required=None if field is None else False)
    if field is not None and default is EMPTY:
        spec.factory = field
    if (spec.converter is None or spec.converter.structured) and declare.option.classes_in(annotation) is not None:
        spec.group = declare.expansion.expand(spec, functools.partial(_setting, reading), reading.models)
    return spec


def _setting(
    reading: _Reading, name: str, annotation: Any, default: Any, *, optional: bool = False, **more: Any
) -> ParameterSpec:
    optional = optional or default is None  # a default of None makes None a value
    converter = None if optional else types.everyday(annotation)
    if converter is not None:
        return ParameterSpec(name, annotation, default, converter, **more)
    mark = declare.option.mark_of(annotation, reading.models)
    converter = types.table.converter_of(annotation, optional=optional)
    return ParameterSpec(name, annotation, default, converter, mark=mark, **more)
