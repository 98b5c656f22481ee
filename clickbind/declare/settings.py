"""Expand parameters with fields into a tree of settings, and build their values from those.

A parameter whose type is a class with fields is a group: it has an option per field, and a group for each field whose
type has fields too. A field's default is the constructor's argument rather than the attribute of an instance, because a
constructor may change its arguments and must not be applied to its own results.
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
        """The part of `ParameterSpec` that this module uses."""

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
"""The values that were set, by setting: the rank of the layer, 0 for the highest, and the `layers.ResolvedValue`."""

__all__ = ["Group", "WholeConverter", "expand"]

MOST_SETTINGS = 250
"""The most options of one parameter. Fields of fields become options level by level, up to this number."""

MOST_LEVELS = 20
"""The most levels of fields that become options."""


class WholeConverter(Converter):
    """The converter of an optional model as a whole: it reads only none. Other values are set field by field."""

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
        """Refuse a text from a file or variable, where only null means None."""
        raise self._refused(shown(text))

    def from_typed(self, text: str) -> Any:
        """Read the word none, or null."""
        if is_null_word(text):
            return None
        return self.from_text(text)

    def from_node(self, node: Node) -> Any:
        """Read null. Mappings are read field by field and are not passed here."""
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
        """Offer none."""
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
        Its value if nothing is set: an instance, None, or `EMPTY` without a default.
    required : bool
        Whether it is built from the defaults of the class if nothing is set.
    whole : Setting or None
        The setting that sets it to None as a whole; None if it cannot be None.
    inner : dict of str to Setting or Group
        Its settings and groups, by field.
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
        """Walk its settings: the whole first, then those of its fields."""
        if self.whole is not None:
            yield self.whole
        for part in self.inner.values():
            if isinstance(part, Group):
                yield from part.settings()
            else:
                yield part

    def groups(self) -> Iterator[Group]:
        """Walk this group and the groups in it."""
        yield self
        for part in self.inner.values():
            if isinstance(part, Group):
                yield from part.groups()

    @property
    def secrets(self) -> list[str]:
        """The fields that are secret or contain a secret."""
        return [name for name, part in self.inner.items() if (part.secrets if isinstance(part, Group) else part.secret)]

    def build(self, found: Found) -> Any:
        """Build its value from what was set.

        Parameters
        ----------
        found : mapping of str to (int, layers.ResolvedValue)
            The values that were set, by setting. It contains the group itself if the whole was set to None or an
            instance.

        Returns
        -------
        object
            An instance, made by one call of the constructor, or None; `EMPTY` if nothing was set and there is no
            default.

        Raises
        ------
        ConversionError
            If a field is missing, or a class refuses the values.
        """
        return self.build_on(found, self.default, required=self.required)

    def build_on(self, found: Found, base: Any, *, required: bool) -> Any:
        """Build its value from what was set, and take the rest from a base.

        Parameters
        ----------
        found : mapping of str to (int, layers.ResolvedValue)
            As for `build`.
        base : object
            An instance, None, or `EMPTY` for the class's own defaults.
        required : bool
            Whether to make an instance if nothing was set.
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
        """Return the values that were set for fields that are not models."""
        parts = [(name, part) for name, part in self.inner.items() if not isinstance(part, Group)]
        return {name: given[part.name][1].value for name, part in parts if part.name in given}

    def _nested(self, name: str, part: Group, given: Found, values: Mapping[str, Any]) -> Any:
        """Build the value of a field that is a model; `EMPTY` to leave it to the default of the class."""
        field = self.model.fields[name]
        base = values.get(name, EMPTY)
        if part.name in given or part.given(given):
            # Without a base, `build_on` starts from the defaults of the class. If the factory of the field is not the
            # class itself, it makes another instance, and the values that were set override the fields of that one.
            if base is EMPTY and field.factory is not part.model.cls:
                base = field.default
            return part.build_on(given, base, required=field.required)
        if base is EMPTY and field.required:
            return part.build_on(given, EMPTY, required=True)
        return EMPTY

    def _not_covered(self, whole: tuple[int, Any], given: Found) -> Found:
        """Return the fields that were set in the layer of the whole or above it; the whole overrides those below."""
        left = {path: item for path, item in given.items() if item[0] <= whole[0]}
        self._refuse_both(whole, left)
        return left

    def _refuse_both(self, whole: tuple[int, Any], given: Found) -> None:
        """Refuse a command line that sets both the whole and one of its fields, whose order would have no meaning."""
        typed = [found for rank, found in given.values() if rank == whole[0]]
        if typed and whole[1].source is ParameterSource.COMMANDLINE:
            raise ConversionError(
                f"{self.name}: {whole[1].origin!r} sets it to none, and {typed[0].origin!r} sets a field of it: "
                f"use one of the two."
            )

    def given(self, found: Found) -> Found:
        """Return the values that were set for its fields, at any depth."""
        return {path: found[path] for path in inside(found, self.name)}

    def _taken_apart(self, base: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return the constructor arguments of a base, and its attributes that the constructor does not set."""
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
    """Expand a parameter whose type has fields.

    Parameters
    ----------
    spec : Setting
        The parameter.
    make : callable
        Makes the setting of a field, given its name, annotation and default.
    models : dict of object to Model
        The models read so far, by annotation.

    Returns
    -------
    Group or None
        None if it can only be set as a whole, because no arguments of its class make its default again.
    """
    found = declare.option.model_in(spec.annotation)
    assert found is not None  # checked by the caller
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
        """Find how many levels of fields become options, so that a parameter has at most `MOST_SETTINGS`."""
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
        """Make the group of a parameter or field; None if it can only be set as a whole.

        That is so for a class inside itself and for fields deeper than `depth`, which are mappings there. It is so for
        a typed dict with keys such as ``a-b`` too, because option names do not distinguish - and _.
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
            )  # otherwise there is no instance unless one of its fields is set
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
        """Make the setting of a field. A secret or hidden mark of the model applies to its fields too."""
        left = made and default is EMPTY and field.factory is not None
        nested = declare.option.model_in(field.annotation)
        if left and nested is not None and field.factory is not self._model(nested[0]).cls:
            default = field.default  # the defaults of its fields come from the instance that the factory makes
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
