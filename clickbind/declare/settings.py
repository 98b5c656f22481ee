"""Parameters with fields: the tree of their settings, and their values made of what was given for those.

A parameter whose type is a class with fields is a group: an option per field, and groups in it for fields that are such
classes again. A field's default is the constructor's argument and not the attribute of an instance, since a constructor
may change what it is given: it must not be applied to its own results.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from click.core import ParameterSource

from .. import declare
from ..errors import ConversionError
from ..keys import inside, joined
from ..nodes import Node, Scalar
from ..types import Converter, is_null_word, shown
from ..types.fields import EMPTY, Field
from ..types.models import Model

if TYPE_CHECKING:
    from typing import Protocol

    from .option import Option

    class Setting(Protocol):
        """What is needed of a `ParameterSpec`."""

        name: str
        annotation: Any
        default: Any
        converter: Converter | None
        required: bool
        source: Any
        text: str
        group: Group | None
        factory: Field | None
        inherited: tuple[Option, ...]

        @property
        def secret(self) -> bool: ...
        @property
        def has_default(self) -> bool: ...


Found = Mapping[str, tuple[int, Any]]
"""What was given, by setting: the number of its layer, 0 being the highest, and its `layers.ResolvedValue`."""

__all__ = ["Group", "WholeConverter", "expand"]

MOST_SETTINGS = 250
"""How many options a parameter may have: fields of fields become options, level by level, as long as it has no more."""

MOST_LEVELS = 20
"""How many levels of fields become options at the most."""


class WholeConverter(Converter):
    """A model that may be None, as a whole: the word for that. Its values are set field by field."""

    nullable = True
    metavar = "none"

    def __init__(self, model: Model) -> None:
        self.model = model

    def _refused(self, shown_value: str, node: Node | None = None) -> ConversionError:
        field = next(iter(self.model.fields), "field")
        return ConversionError(
            f"{shown_value} is not none: set {self.model.name} by its fields, such as .{field}", node
        )

    def from_text(self, text: str) -> Any:
        """Refuse a text that was not typed: of a file or variable only null is None."""
        raise self._refused(shown(text))

    def from_typed(self, text: str) -> Any:
        """Read the word none, or null."""
        if is_null_word(text):
            return None
        return self.from_text(text)

    def from_node(self, node: Node) -> Any:
        """Read null; a mapping of fields does not come here."""
        if isinstance(node, Scalar) and node.is_null:
            return None
        raise self._refused(shown(node.text) if isinstance(node, Scalar) else "a list", node)

    def from_plain(self, value: Any) -> Any:
        """Take None, or an instance."""
        if self.accepts(value):
            return value
        raise self._refused(shown(str(value)))

    def to_plain(self, value: Any) -> Any:
        """Write null."""
        if value is not None:
            raise TypeError(f"{value!r} is written field by field")
        return None

    def accepts(self, value: Any) -> bool:
        """Take None, or an instance."""
        return value is None or self.model.holds(value)

    def complete(self, incomplete: str) -> list[tuple[str, str]]:
        """Offer the word."""
        return [("none", "plain")] if "none".startswith(incomplete.lower()) else []


class Group:
    """A parameter, or a field, that has fields of its own.

    Attributes
    ----------
    name : str
        Its name: ``optim``, ``optim.schedule``.
    model : Model
        The class.
    default : object
        What it is where nothing is given: an instance, None, or `EMPTY` where there is none.
    required : bool
        Whether it is made, of the class's own defaults, where nothing is given.
    whole : Setting or None
        The setting that sets it to None as a whole; None where it cannot be None.
    inner : dict of str to Setting or Group
        Its settings, and the groups in it, by field.
    """

    __slots__ = ("default", "inner", "model", "name", "required", "whole")

    def __init__(self, name: str, model: Model, default: Any, *, required: bool, whole: Setting | None) -> None:
        self.name = name
        self.model = model
        self.default = default
        self.required = required
        self.whole = whole
        self.inner: dict[str, Setting | Group] = {}

    def settings(self) -> Iterator[Any]:
        """Walk its settings: the whole, then those of the fields."""
        if self.whole is not None:
            yield self.whole
        for part in self.inner.values():
            if isinstance(part, Group):
                yield from part.settings()
            else:
                yield part

    def groups(self) -> Iterator[Group]:
        """Walk itself and the groups in it."""
        yield self
        for part in self.inner.values():
            if isinstance(part, Group):
                yield from part.groups()

    @property
    def secrets(self) -> list[str]:
        """The fields that are secret, or have a secret in them."""
        return [name for name, part in self.inner.items() if (part.secrets if isinstance(part, Group) else part.secret)]

    def build(self, found: Found) -> Any:
        """Make its value of what was given.

        Parameters
        ----------
        found : mapping of str to (int, layers.ResolvedValue)
            What was given, by setting. The group itself is there where a whole was given: None, or an instance.

        Returns
        -------
        object
            An instance, which is made by one call of the constructor, or None; `EMPTY` where nothing was given, and
            there is nothing to make one of.

        Raises
        ------
        ConversionError
            If a field is missing, or a class refuses the values.
        """
        return self.build_on(found, self.default, required=self.required)

    def build_on(self, found: Found, base: Any, *, required: bool) -> Any:
        """Make its value of what was given and, for the rest, of a base.

        Parameters
        ----------
        found : mapping of str to (int, layers.ResolvedValue)
            As for `build`.
        base : object
            An instance, None, or `EMPTY` for the class's own defaults.
        required : bool
            Whether to make one where nothing was given.
        """
        given = self.given(found)
        whole = found.get(self.name)
        if whole is not None:
            base, required, given = whole[1].value, False, self._not_covered(whole, given)
        if not given and not required:
            return base
        model = self.model.of(base) if self.model.holds(base) else self.model
        arguments, kept = self._taken_apart(base)
        values = model.own({**arguments, **self._leaves(given)})
        for name, part in self.inner.items():
            value = self._nested(name, part, given, values) if isinstance(part, Group) else EMPTY
            if value is not EMPTY:
                values[name] = value
        try:
            return model.make(values, kept, self.secrets)
        except ConversionError as error:
            raise ConversionError(f"{self.name}: {error}") from None

    def _leaves(self, given: Found) -> dict[str, Any]:
        """Return what was given for the fields that are no models."""
        parts = [(name, part) for name, part in self.inner.items() if not isinstance(part, Group)]
        return {name: given[part.name][1].value for name, part in parts if part.name in given}

    def _nested(self, name: str, part: Group, given: Found, values: Mapping[str, Any]) -> Any:
        """Make the value of a field that is a model; `EMPTY` where the class has what nothing was given for."""
        field = self.model.fields[name]
        base = values.get(name, EMPTY)
        if part.name in given or part.given(given):
            # Without a default of the class's own, `build_on` starts from what the class makes without arguments. A
            # factory that is not that class makes another instance, and the values given go on top of that one.
            if base is EMPTY and field.factory is not part.model.cls:
                base = field.default
            return part.build_on(given, base, required=field.required)
        if base is EMPTY and field.required:
            return part.build_on(given, EMPTY, required=True)
        return EMPTY

    def _not_covered(self, whole: tuple[int, Any], given: Found) -> Found:
        """Return what was given for fields in the layer of the whole, and above: the whole covers those below."""
        left = {path: item for path, item in given.items() if item[0] <= whole[0]}
        self._refuse_both(whole, left)
        return left

    def _refuse_both(self, whole: tuple[int, Any], given: Found) -> None:
        """Refuse a command line that sets it to None, and a field of it too: it would not matter which comes last."""
        typed = [found for rank, found in given.values() if rank == whole[0]]
        if typed and whole[1].source is ParameterSource.COMMANDLINE:
            raise ConversionError(
                f"{self.name}: {whole[1].origin!r} sets it to none, and {typed[0].origin!r} sets a field of it: "
                f"use one of the two."
            )

    def given(self, found: Found) -> Found:
        """Return what was given for its fields, at any depth."""
        return {path: found[path] for path in inside(found, self.name)}

    def _taken_apart(self, base: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return the constructor's arguments and the attributes to keep of the instance that the rest is taken of."""
        if not self.model.holds(base):
            return {}, {}
        parts = self.model.of(base).parts(base)
        if parts is None:
            raise ConversionError(
                f"{self.name}: its default cannot be made again from arguments of {type(base).__name__}, so its fields "
                f"cannot be set one by one."
            )
        return dict(parts.arguments), dict(parts.kept)


Make = Callable[..., Any]


def expand(spec: Setting, make: Make, models: dict[Any, Model]) -> Group | None:
    """Look at a parameter whose type has fields.

    Parameters
    ----------
    spec : Setting
        The parameter.
    make : callable
        Makes the setting of a field, given its name, annotation and default.
    models : dict of object to Model
        The classes with fields that have been looked at, by annotation.

    Returns
    -------
    Group or None
        None where it is set as a whole only: no arguments of its class make its default again.
    """
    found = declare.option.model_in(spec.annotation)
    assert found is not None  # its reader saw to it
    expansion = _Expansion(make, models)
    return expansion.group(spec, found[0], expansion.depth(found[0]), ())


class _Expansion:
    """Makes the groups of one parameter."""

    def __init__(self, make: Make, models: dict[Any, Model]) -> None:
        self._make = make
        self._models = models

    def _model(self, annotation: Any) -> Model:
        if annotation not in self._models:
            self._models[annotation] = Model(annotation)
        return self._models[annotation]

    def depth(self, annotation: Any) -> int:
        """Find how many levels of fields become options: those with which a parameter has no more than is readable."""
        root = self._model(annotation)
        level: list[tuple[Model, tuple[Any, ...]]] = [(root, (root.annotation,))]
        depth = leaves = 0
        while True:
            deeper = []
            for model, above in level:
                for field in model.fields.values():
                    found = declare.option.model_in(field.annotation)
                    inner = None if found is None else self._model(found[0])
                    if inner is None or inner.annotation in above:
                        leaves += 1
                    else:
                        deeper.append((inner, (*above, inner.annotation)))
            depth += 1
            count = leaves + sum(len(model.fields) for model, _ in deeper)
            if not deeper or count > MOST_SETTINGS or depth == MOST_LEVELS:
                return depth
            level = deeper

    def group(self, spec: Setting, annotation: Any, depth: int, above: tuple[Any, ...]) -> Group | None:
        """Make the group of a parameter or field; None where it is set as a whole only.

        A class inside of itself is one value there, a mapping of its fields, and so are what lies deeper than `depth`
        and a typed dict with keys such as ``a-b``, since a name that is typed has no difference between - and _.
        """
        model = self._model(annotation)
        if annotation in above or depth == 0 or not all(map(str.isidentifier, model.fields)):
            return None
        parts = None
        if model.holds(spec.default):
            parts = model.of(spec.default).parts(spec.default)
            if parts is None:
                return None
        whole = self._whole(spec, model)
        group = Group(spec.name, model, spec.default, required=spec.required, whole=whole)
        if whole is not None:
            whole.group = group
        for field in model.fields.values():
            default = field.plain_default if parts is None else parts.arguments.get(field.name, field.plain_default)
            made = (
                parts is not None or spec.required or spec.factory is not None
            )  # else there is no model as long as no field of it is given
            inner = self._field(spec, model, field, default if made else EMPTY, made=made)
            found = declare.option.model_in(field.annotation)
            deeper = None if found is None else self.group(inner, found[0], depth - 1, (*above, annotation))
            group.inner[field.name] = deeper or inner
        return group

    def _whole(self, spec: Setting, model: Model) -> Setting | None:
        """Make the setting that sets a model to None."""
        if spec.converter is None or not spec.converter.nullable:
            return None
        default = None if spec.default is None else EMPTY
        whole: Setting = self._make(
            self._models, spec.name, spec.annotation, default, required=False, inherited=spec.inherited
        )
        whole.converter = WholeConverter(model)
        whole.source, whole.text = spec.source, spec.text
        return whole

    def _field(self, spec: Setting, model: Model, field: Field, default: Any, *, made: bool) -> Setting:
        """Make the setting of a field; a mark of the model says of its fields too that they are secret or hidden."""
        left = made and default is EMPTY and field.factory is not None
        nested = declare.option.model_in(field.annotation)
        if left and nested is not None and field.factory is not self._model(nested[0]).cls:
            default = field.default  # its fields have those of the instance that the factory makes
        mark = declare.option.own_mark(spec.annotation)
        inner: Setting = self._make(
            self._models,
            joined(spec.name, field.name),
            field.annotation,
            default,
            required=spec.required and field.required,
            optional=field.plain_default is None,
            source=model.cls,
            text=field.text,
            inherited=spec.inherited if mark is None else (*spec.inherited, mark),
        )
        if left:
            inner.factory = field
        return inner
