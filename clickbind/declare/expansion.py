"""Expand parameters with fields, or with several classes, into a tree of settings."""

from __future__ import annotations

import typing
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .. import declare
from ..keys import joined
from ..types.classes import ClassConverter, PendingConverter, WholeConverter
from ..types.fields import EMPTY
from .choices import Choices, choices_of
from .settings import Choice, Group

if TYPE_CHECKING:
    from ..types.fields import Field
    from ..types.models import Model
    from .option import Models, Option
    from .settings import Setting

    Make = Callable[..., Setting]

__all__ = ["MOST_LEVELS", "MOST_SETTINGS", "expand"]

MOST_SETTINGS = 250
"""The most options of one parameter. Fields of fields become options level by level, up to this number."""

MOST_LEVELS = 20
"""The most levels of fields that become options."""

# Bound classes that take one another can nest in any order, whose number grows with the factorial of theirs.
_MOST_CLASSES = 10 * MOST_SETTINGS


def expand(spec: Setting, make: Make, models: Models) -> Group | None:
    """Expand a parameter whose type has fields.

    Parameters
    ----------
    spec : Setting
        The parameter.
    make : callable
        Makes the setting of a field, given its name, annotation and default.
    models : Models
        The models read so far, and the bound classes.

    Returns
    -------
    Group or None
        None if it can only be set as a whole, because no arguments of its class make its default again; or not at all,
        because nothing can make a value of its type.
    """
    found = choices_of(spec.annotation, models)
    if found is None:
        return None
    expansion = _Expansion(make, models)
    return expansion.group(spec, found, expansion.depth(found), ())


class _Expansion:
    """Makes the groups of one parameter."""

    def __init__(self, make: Make, models: Models) -> None:
        self._make = make
        self._models = models

    def depth(self, found: Choices) -> int:
        """Find how many levels of fields become options, so that a parameter has at most `MOST_SETTINGS`."""
        level: list[tuple[Model, tuple[Any, ...]]] = [(model, (model.annotation,)) for model in found.models.values()]
        depth = leaves = 0
        while True:
            deeper = []
            for model, above in level:
                for field in model.fields.values():
                    inner = choices_of(field.annotation, self._models)
                    models = [] if inner is None else _below(inner, above).values()
                    leaves += inner is None or inner.several or not models
                    deeper += [(one, (*above, one.annotation)) for one in models]
                if len(deeper) > _MOST_CLASSES:
                    break
            depth += 1
            count = leaves + sum(len(model.fields) for model, _ in deeper)
            if not deeper or count > MOST_SETTINGS or len(deeper) > _MOST_CLASSES or depth == MOST_LEVELS:
                return depth
            level = deeper

    def group(self, spec: Setting, found: Choices, depth: int, above: tuple[Any, ...]) -> Group | None:
        """Make the group of a parameter or field; None if it can only be set as a whole.

        That is so for a class inside itself and for fields deeper than `depth`, which are mappings there. It is so for
        a typed dict with keys such as ``a-b`` too, because option names do not distinguish - and _.
        """
        models = _below(found, above) if depth else {}
        if not models or not all(name.isidentifier() for model in models.values() for name in model.fields):
            return None
        group = Group(spec.name, models, spec.default, several=found.several, required=spec.required)
        begun = group.choice_of(spec.default)  # the class whose defaults are those of the default
        parts = begun.model.of(spec.default).parts(spec.default) if begun is not None else None
        if begun is not None and parts is None and not group.several:
            return None
        group.whole = self._whole(spec, group, found, begun)
        for name, choice in group.choices.items():
            inner = _Inner(spec, choice, parts.arguments if choice is begun and parts is not None else None)
            # Without an instance, there are no defaults of fields, unless a class is chosen.
            inner.made = inner.arguments is not None or spec.required or spec.factory is not None or group.several
            inner.required = spec.required and not group.several  # the class may be another one
            inner.marks = (declare.option.own_mark(spec.annotation), found.marks.get(name))
            for field in choice.model.fields.values():
                choice.inner[field.name] = self._field(inner, field, depth, (*above, choice.model.annotation))
        group.fields = self._merged(group) if group.several else list(group.only.settings())
        return group

    def _whole(self, spec: Setting, group: Group, found: Choices, begun: Choice | None) -> Setting | None:
        """Make the setting that chooses the class of a model, or sets it to None."""
        nullable = found.nullable or spec.default is None or (spec.converter is not None and spec.converter.nullable)
        if not nullable and not group.several:
            return None
        default: Any = None if spec.default is None else EMPTY
        annotation = spec.annotation
        if group.several:  # the name of a class is not secret because a field of it is
            default = begun.name if begun is not None else default
            mark = declare.option.own_mark(annotation)
            annotation = str if mark is None else typing.Annotated[str, mark]
        required = group.several and spec.required
        whole = self._make(spec.name, annotation, default, required=required, inherited=spec.inherited)
        models = {name: choice.model for name, choice in group.choices.items()}
        whole.converter = (
            ClassConverter(models, nullable=nullable) if group.several else WholeConverter(group.only.model)
        )
        whole.source, whole.text, whole.group = spec.source, spec.text, group
        return whole

    def _field(self, inner: _Inner, field: Field, depth: int, above: tuple[Any, ...]) -> Setting | Group:
        """Make the setting of a field, or its group. A secret or hidden mark of the model applies to its fields too."""
        found = choices_of(field.annotation, self._models)
        default = inner.default_of(field)
        left = inner.made and default is EMPTY and (field.factory is not None or inner.choice.model.is_called)
        if left and found is not None and found.are_made_by(field.factory):
            default = field.default  # the defaults of its fields come from the instance that the factory makes
        setting = self._make(
            joined(inner.spec.name, field.name),
            field.annotation,
            default,
            required=inner.required and field.required,
            optional=field.plain_default is None,
            source=inner.choice.model.cls,
            text=field.text,
            inherited=(*inner.spec.inherited, *(mark for mark in inner.marks if mark is not None)),
        )
        if left and not field.required:
            setting.factory = field
        return (found and self.group(setting, found, depth - 1, above)) or setting

    def _merged(self, group: Group) -> list[Setting]:
        """Return the settings of the fields of all classes, those of the same path as one."""
        alternatives: dict[str, dict[str, Setting]] = {}
        for choice in group.choices.values():
            for setting in choice.settings():
                if setting.converter is not None:
                    alternatives.setdefault(setting.name, {})[choice.name] = setting
        return [self._together(group, by_class) for by_class in alternatives.values()]

    def _together(self, group: Group, by_class: dict[str, Setting]) -> Setting:
        """Make the setting of a field that several classes have."""
        first, *others = sorted(by_class.values(), key=lambda setting: not (setting.flags or setting.envvar))
        if not others:
            return first
        made = self._make(
            first.name,
            first.annotation,
            EMPTY,
            required=False,
            source=first.source,
            text=first.text,
            inherited=first.inherited,
        )
        made.converter = first.converter
        made.group = next((setting.group for setting in by_class.values() if setting.group is not None), None)
        if not all(_are_alike(first, other) for other in others):
            converters = {name: setting.converter for name, setting in by_class.items() if setting.converter}
            secret = any(setting.secret for setting in by_class.values())
            made.converter = PendingConverter(group.name, converters, secret=secret)
        return made


class _Inner:
    """The fields of one class, while their settings are made.

    Attributes
    ----------
    spec : Setting
        The parameter or field that the class is for.
    choice : Choice
        The class.
    arguments : dict of str to object or None
        The arguments that make the default; None if it is not of the class.
    made : bool
        Whether there is an instance, so that its fields have defaults.
    required : bool
        Whether its fields without a default are required.
    marks : tuple of Option or None
        The marks that apply to the fields.
    """

    __slots__ = ("arguments", "choice", "made", "marks", "required", "spec")

    def __init__(self, spec: Setting, choice: Choice, arguments: dict[str, Any] | None) -> None:
        self.spec = spec
        self.choice = choice
        self.arguments = arguments
        self.made = self.required = False
        self.marks: tuple[Option | None, ...] = ()

    def default_of(self, field: Field) -> Any:
        """Return the default of a field; `EMPTY` if it is left to the class."""
        if not self.made:
            return EMPTY
        # A bound class fills in its own values for what is not given.
        own = EMPTY if self.choice.model.is_called else field.plain_default
        return (self.arguments or {}).get(field.name, own)


def _below(found: Choices, above: tuple[Any, ...]) -> dict[str, Model]:
    """Return the classes that are options inside others: no bound class inside itself, and none if another one is."""
    models = {
        name: model for name, model in found.models.items() if not model.is_called or model.annotation not in above
    }
    return {} if any(model.annotation in above for model in models.values()) else models


def _are_alike(one: Setting, two: Setting) -> bool:
    """Return whether two settings read their values alike."""
    if one.converter is None or two.converter is None or type(one.converter) is not type(two.converter):
        return False
    alike = one.converter.nullable == two.converter.nullable and one.secret == two.secret
    return bool(one.annotation == two.annotation) and alike
