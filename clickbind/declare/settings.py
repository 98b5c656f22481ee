"""Keep parameters with fields as a tree of settings, and build their values from those.

A parameter whose type is a class with fields is a group: it has an option per field, and a group for each field whose
type has fields too. If its type has several classes, one of them is chosen by name, and it has the fields of all of
them. A field's default is the constructor's argument rather than the attribute of an instance, because a constructor
may change its arguments and must not be applied to its own results.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from click.core import ParameterSource

from ..errors import ConversionError, UserError
from ..keys import choice_of, inside, joined, relative
from ..types import Converter, message_of
from ..types.classes import Pending
from ..types.fields import EMPTY
from ..types.models import MissingFieldsError, Model, UnsetError, same

if TYPE_CHECKING:
    from typing import Protocol

    from ..types.fields import Field
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
        flags: tuple[str, ...]
        envvar: str | None
        inherited: tuple[Option, ...]

        @property
        def secret(self) -> bool: ...
        @property
        def has_default(self) -> bool: ...


Found = Mapping[str, tuple[int, Any]]
"""The values that were set, by setting: the rank of the layer, 0 for the highest, and the `layers.ResolvedValue`."""

__all__ = ["Choice", "Deferred", "Found", "Group", "name_written"]


class Deferred:
    """A value that each call gets anew, because a bound class makes it or something in it.

    Attributes
    ----------
    choice : Choice
        The class that was chosen.
    arguments : dict of str to object
        The arguments of the class, by field.
    """

    __slots__ = ("_kept", "_model", "_path", "arguments", "choice")

    def __init__(
        self, path: str, choice: Choice, model: Model, arguments: dict[str, Any], kept: Mapping[str, Any]
    ) -> None:
        self.choice = choice
        self.arguments = arguments
        self._path = path
        self._model = model
        self._kept = kept

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Deferred)
            and self._model.cls is other._model.cls
            and same(self._complete, other._complete)
            and same(self._kept, other._kept)
        )

    __hash__ = None  # type: ignore[assignment]  # its arguments may be anything

    @property
    def _complete(self) -> dict[str, Any]:
        """The arguments with the defaults of the class, unless it is bound: its own values then come first."""
        if self._model.is_called:
            return self.arguments
        defaults = {name: field.plain_default for name, field in self._model.fields.items()}
        return {**{name: value for name, value in defaults.items() if value is not EMPTY}, **self.arguments}

    def make(self) -> Any:
        """Make an instance.

        Raises
        ------
        UserError
            If a class with fields refuses its arguments.
        """
        deferred = {name: item for name, item in self.arguments.items() if isinstance(item, Deferred)}
        arguments = self._model.own({name: item for name, item in self.arguments.items() if name not in deferred})
        arguments.update((name, item.make()) for name, item in deferred.items())
        try:
            return self._model.make(arguments, self._kept, self.choice.secrets)
        except ConversionError as error:
            raise UserError(f"{self._path}: {error}") from None


class Choice:
    """One class that a group's value can be made of.

    Attributes
    ----------
    name : str
        The name that chooses it.
    model : Model
        The class.
    inner : dict of str to Setting or Group
        Its settings and groups, by field.
    """

    __slots__ = ("_paths", "inner", "model", "name")

    def __init__(self, name: str, model: Model) -> None:
        self.name = name
        self.model = model
        self.inner: dict[str, Setting | Group] = {}
        self._paths: set[str] | None = None

    @property
    def paths(self) -> set[str]:
        """The paths of its settings and groups, at any depth."""
        if self._paths is None:
            parts = self.inner.values()
            self._paths = {setting.name for setting in self.settings() if setting.converter is not None}
            self._paths |= {group.name for part in parts if isinstance(part, Group) for group in part.groups()}
        return self._paths

    def settings(self) -> Iterator[Any]:
        """Walk its settings, at any depth."""
        for part in self.inner.values():
            if isinstance(part, Group):
                yield from part.settings()
            else:
                yield part

    def takes(self, path: str, value: Any) -> bool:
        """Return whether it has a field, and accepts a value for it that was read before a class was chosen."""
        return path in self.paths and (not isinstance(value, Pending) or value.fits(self.name))

    @property
    def secrets(self) -> list[str]:
        """The fields that are secret or contain a secret."""
        inside = (
            (name, [part] if not isinstance(part, Group) else part.settings()) for name, part in self.inner.items()
        )
        return [name for name, settings in inside if any(setting.secret for setting in settings)]


class Group:
    """A parameter, or a field, that has fields of its own.

    Attributes
    ----------
    name : str
        Its name: ``optim``, ``optim.schedule``.
    choices : dict of str to Choice
        The classes that it can be made of, by name.
    several : bool
        Whether the class is chosen by name. If not, there is one.
    default : object
        Its value if nothing is set: an instance, None, or `EMPTY` without a default.
    required : bool
        Whether it is built from the defaults of the class if nothing is set.
    whole : Setting or None
        The setting that chooses the class, or sets it to None as a whole; None if it can do neither.
    fields : list of Setting
        The settings of its fields, at any depth, each once.
    """

    __slots__ = ("choices", "default", "fields", "name", "required", "several", "whole")

    def __init__(self, name: str, choices: Mapping[str, Model], default: Any, *, several: bool, required: bool) -> None:
        self.name = name
        self.choices = {name: Choice(name, model) for name, model in choices.items()}
        self.several = several
        self.default = default
        self.required = required
        self.whole: Setting | None = None
        self.fields: list[Setting] = []

    @property
    def only(self) -> Choice:
        """The class if there is one, else the first."""
        return next(iter(self.choices.values()))

    def settings(self) -> Iterator[Any]:
        """Walk its settings: the whole first, then those of its fields."""
        if self.whole is not None:
            yield self.whole
        yield from self.fields

    def groups(self) -> Iterator[Group]:
        """Walk this group and the groups in it."""
        yield self
        for choice in self.choices.values():
            for part in choice.inner.values():
                if isinstance(part, Group):
                    yield from part.groups()

    def choice_of(self, value: Any) -> Choice | None:
        """Return the class of a value; None for None, and for what is of another class."""
        choices = self.choices.values()
        if isinstance(value, Deferred):
            return value.choice if value.choice in choices else None
        exact = (choice for choice in choices if choice.model.is_class_of(value))
        return next(exact, None) or next((choice for choice in choices if choice.model.holds(value)), None)

    def offered(self, found: Found) -> Iterator[str]:
        """Walk the names of the settings that matter for the class that was chosen or else is the default's."""
        if self.whole is not None:
            yield self.whole.name
        value = found[self.name][1].value if self.name in found else self.default
        named = self.several and type(value) is str
        chosen = self.choices.get(value) if named else self.choice_of(value)
        for choice in self.choices.values() if chosen is None else [chosen]:
            for part in choice.inner.values():
                if isinstance(part, Group):
                    yield from part.offered(found)
                else:
                    yield part.name

    def counted(self, found: Found) -> Found:
        """Return the values that have an effect: not those that a whole overrides, nor fields of other classes."""
        offered, whole = {self.name, *self.offered(found)}, found.get(self.name)
        lowest = None if whole is None or (self.several and type(whole[1].value) is str) else whole[0]
        return {name: item for name, item in found.items() if name in offered and (lowest is None or item[0] <= lowest)}

    def keeps(self, chosen: Any, path: str, value: Any) -> bool:
        """Return whether a field that was set below stays when the whole is set, to the name of a class or None."""
        return type(chosen) is str and chosen in self.choices and self.choices[chosen].takes(path, value)

    def build(self, found: Found) -> Any:
        """Build its value from what was set.

        Parameters
        ----------
        found : mapping of str to (int, layers.ResolvedValue)
            The values that were set, by setting. It contains the group itself if its class was chosen, or the whole was
            set to None or an instance.

        Returns
        -------
        object
            An instance, made by one call of the constructor; a `Deferred` that makes one for each call; or None;
            `EMPTY` if nothing was set and there is no default.

        Raises
        ------
        ConversionError
            If a field is missing, its class has no such field, or a class refuses the values.
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
        given, whole = self.given(found), found.get(self.name)
        name: str | None = None
        if whole is not None and self.several and type(whole[1].value) is str:
            name, required = whole[1].value, True
        elif whole is not None:
            base, required, given = whole[1].value, False, self._not_covered(whole, given)
        if not given and not required:
            return base
        choice = self.chosen(base, given) if name is None else self._named(name)
        if self.several:
            given = self._fitting(choice, given, None if name is None else whole)
            stays = choice.model.is_class_of(base) if name is not None else self.choice_of(base) is choice
            base = base if stays else EMPTY
        return self._make(choice, given, base, named=name is not None)

    def _named(self, name: str) -> Choice:
        """Return the class of a name, which a program in another process may not have bound."""
        if name not in self.choices:
            raise ConversionError(f"{self.name}: {name!r} is not one of the classes {self._names(self.choices)}.")
        return self.choices[name]

    def chosen(self, base: Any, given: Found) -> Choice:
        """Return the class if none is chosen: that of the base or, for None, the first that has most given fields."""
        if not self.several:
            return self.only
        if base is None:
            return self._nearest(given)
        held = self.choice_of(base)
        if held is not None:
            return held
        has = "it has no default" if base is EMPTY else f"its default is of class {type(base).__name__}"
        several = len(self.choices) > 1
        one = f"one of the classes {self._names(self.choices)}, as" if several else "its class"
        nearest = self._nearest(given).name
        raise UnsetError(f"{self.name}: {has}.", f"Choose {one}", self.name, nearest, given=given, lacks=True)

    def _nearest(self, given: Found) -> Choice:
        """Return the first class that takes most of the fields that were set."""
        counts = {
            name: sum(choice.takes(path, item.value) for path, (_, item) in given.items())
            for name, choice in self.choices.items()
        }
        return self.choices[max(counts, key=counts.__getitem__)]

    def _make(self, choice: Choice, given: Found, base: Any, *, named: bool) -> Any:
        """Make a value of a class from the fields that were set, and a base."""
        model = choice.model.of(base) if choice.model.holds(base) else choice.model
        arguments, kept = self._taken_apart(choice, base, given, named=named)
        leaves = [(name, part) for name, part in choice.inner.items() if not isinstance(part, Group)]
        own = {name: given[part.name][1].value for name, part in leaves if part.name in given}
        values = model.own({**arguments, **own})
        for name, part in choice.inner.items():
            value = self._nested(choice.model.fields[name], part, given, values) if isinstance(part, Group) else EMPTY
            if value is not EMPTY:
                values[name] = value
        try:
            if model.is_called or any(isinstance(value, Deferred) for value in values.values()):
                model.check(values)
                return Deferred(self.name, choice, model, values, kept)
            return model.make(values, kept, choice.secrets)
        except MissingFieldsError as error:
            first, *others = error.names
            cure = "Set each, as" if others else "Set it"
            path = joined(self.name, first)
            raise UnsetError(f"{self.name}: {error}", cure, path, given=given, lacks=True) from None
        except ConversionError as error:
            raise ConversionError(f"{self.name}: {error}") from None

    @staticmethod
    def _nested(field: Field, part: Group, given: Found, values: Mapping[str, Any]) -> Any:
        """Build the value of a field that is a group; `EMPTY` to leave it to the default of the class."""
        base = values.get(field.name, EMPTY)
        if part.name in given or part.given(given):
            # Without a base, `build_on` starts from the defaults of the class. If the factory of the field is not the
            # class itself, it makes another instance, and the values that were set override the fields of that one.
            if base is EMPTY and (part.several or field.factory is not part.only.model.cls):
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

    def _fitting(self, choice: Choice, given: Found, whole: tuple[int, Any] | None) -> Found:
        """Return the fields of a class, converted for it.

        Fields that it does not have, or does not accept, are left out if the class was chosen in a higher layer: they
        belong to the class that was chosen there.

        Parameters
        ----------
        choice : Choice
            The class.
        given : mapping of str to (int, layers.ResolvedValue)
            The fields that were set.
        whole : (int, layers.ResolvedValue) or None
            What chooses the class, with the rank of its layer; None if nothing does.
        """
        fitting: dict[str, tuple[int, Any]] = {}
        for path, (own, item) in given.items():
            if not choice.takes(path, item.value) and whole is not None and own > whole[0]:
                continue
            if path not in choice.paths:
                raise self._no_field(choice, path, (own, item), None if whole is None else whole[1])
            fitting[path] = (own, self.converted(choice, path, item))
        return fitting

    def converted(self, choice: Choice, path: str, item: Any) -> Any:
        """Return a value as the chosen class reads it.

        Raises
        ------
        ConversionError
            If the class does not accept it.
        """
        if not isinstance(item.value, Pending) or item.value.group != self.name:
            return item
        try:
            found = type(item)(item.value.of(choice.name), item.source, item.origin)
        except ConversionError as error:
            setting = next(setting for setting in self.fields if setting.name == path)
            where = f"({choice.name}, set by {item.origin!r})"
            message = f"{path}: {message_of(setting, error)} {where}"
            raise ConversionError(message, hidden=message) from None
        found.secret = item.secret
        return found

    def _no_field(self, choice: Choice, path: str, given: tuple[int, Any], whole: Any) -> ConversionError:
        """Return the error for a field that the chosen class does not have."""
        names = [name for name, other in self.choices.items() if path in other.paths]
        has = f"{self._names(names)} {'has' if len(names) == 1 else 'have'} it"
        problem = f"{choice.name} has no field {relative(path, self.name)!r}, which {given[1].origin!r} sets; {has}."
        return UnsetError(f"{path}: {problem}", "Choose it", self.name, names[0], given={path: given}, whole=whole)

    @staticmethod
    def _names(names: Iterable[str]) -> str:
        return ", ".join(names)

    def given(self, found: Found) -> Found:
        """Return the values that were set for its fields, at any depth."""
        return {path: found[path] for path in inside(found, self.name)}

    def _taken_apart(
        self, choice: Choice, base: Any, given: Found, *, named: bool
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return the constructor arguments of a base, and its attributes that the constructor does not set."""
        if not choice.model.holds(base):
            return {}, {}
        parts = choice.model.of(base).parts(base)
        if parts is not None:
            return dict(parts.arguments), dict(parts.kept)
        if named:
            return {}, {}
        problem = (
            f"{self.name}: its default cannot be made again from arguments of {type(base).__name__}, so its fields "
            f"cannot be set one by one."
        )
        if not self.several:
            raise ConversionError(problem)
        raise UnsetError(problem, "Choose its class", self.name, choice.name, given=given)


def chooses(setting: Setting, value: Any) -> bool:
    """Return whether a value of a setting is the name of a class."""
    return setting.group is not None and setting.group.several and type(value) is str


def name_written(setting: Setting, name: str, value: Any) -> str:
    """Return the name of a setting in a saved run: ``optim.class`` for the name of a class, which is beside fields."""
    return choice_of(name) if chooses(setting, value) else name
