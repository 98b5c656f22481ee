"""Write help for parameters whose class is chosen: a section for each class, with its fields."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from .. import declare
from ..declare.settings import Choice, Group

if TYPE_CHECKING:
    import click

    from ..declare.function import ParameterSpec
    from ..declare.registry import Bound
    from ..layers import Values

    Row = Callable[[ParameterSpec], tuple[str, str]]

__all__ = ["chosen_by", "write"]


def write(
    bound: Bound,
    values: Values,
    formatter: click.HelpFormatter,
    row: Row,
    flag_of: Callable[[str], str],
    *,
    only: str = "",
) -> None:
    """Write the sections of the classes that parameters of a function can be made of.

    Parameters
    ----------
    bound : Bound
        The function.
    values : Values
        The active values.
    formatter : click.HelpFormatter
        The formatter to write to.
    row : callable
        Returns the flags and the text of a setting.
    flag_of : callable
        Returns the flag of the setting of a name.
    only : str
        The one parameter to write about; empty for all.
    """
    for parameter in bound.spec.parameters.values():
        if only not in {"", parameter.name} or parameter.group is None:
            continue
        if any(one.name in bound.options for one in parameter.group.settings()):
            _write(list(_choosing(parameter.group)), values, formatter, row, flag_of)


def chosen_by(bound: Bound, name: str) -> str | None:
    """Return the key of the option of a function that chooses a class of a name; None if there is none."""
    groups = [parameter.group for parameter in bound.spec.parameters.values() if parameter.group is not None]
    choosing = (one for group in groups for one in _choosing(group))
    return next((bound.key(group.name).text for group in choosing if name in group.choices), None)


def _choosing(group: Group) -> Iterator[Group]:
    """Walk the outermost groups whose class is chosen: a group itself, or those of its fields."""
    if group.several:
        yield group
        return
    for part in group.only.inner.values():
        if isinstance(part, Group):
            yield from _choosing(part)


def _write(
    groups: list[Group], values: Values, formatter: click.HelpFormatter, row: Row, flag_of: Callable[[str], str]
) -> None:
    for group in groups:
        for choice in group.choices.values():
            shown = [setting for setting in _own(choice, values) if setting.converter and not setting.hidden]
            summary = _summary(choice)
            if not shown and not summary:
                continue
            with formatter.section(f"{flag_of(group.name)} {choice.name}"):
                if summary:
                    formatter.write_text(summary)
                if shown and summary:
                    formatter.write_paragraph()
                if shown:
                    formatter.write_dl([row(setting) for setting in shown])
                inner = [part for part in choice.inner.values() if isinstance(part, Group)]
                _write([one for part in inner for one in _choosing(part)], values, formatter, row, flag_of)


def _own(choice: Choice, values: Values, *, required: bool = True) -> Iterator[Any]:
    """Walk the settings of a class, but of classes that are chosen in turn only the choice.

    Parameters
    ----------
    choice : Choice
        The class.
    values : Values
        The active values.
    required : bool
        Whether an instance of it is made whenever the class of the section is chosen.
    """
    for name, part in choice.inner.items():
        needed = required and choice.model.fields[name].required
        if isinstance(part, Group):
            yield from _of_group(part, values, required=needed)
        else:
            yield _with_default(choice, name, part, values, required=needed)


def _of_group(group: Group, values: Values, *, required: bool) -> Iterator[Any]:
    if group.whole is not None:
        yield group.whole
    if not group.several:
        yield from _own(group.only, values, required=required)


def _with_default(choice: Choice, name: str, setting: Any, values: Values, *, required: bool) -> Any:
    """Return a setting with the default that a bound class has now, and marked if the class needs it."""
    found = choice.model.own_value(values, name)
    if found is None and required and not setting.has_default:
        setting = copy.copy(setting)
        setting.required = True
    if found is None or found.secret:
        return setting
    setting = copy.copy(setting)
    setting.default, setting.factory = found.value, None
    return setting


def _summary(choice: Choice) -> str:
    """Return the first paragraph of a class's own docstring, unless a decorator wrote it from the signature."""
    cls = choice.model.cls
    own = cls.__doc__ if "__doc__" in vars(cls) else None  # in Python 3.15, the dictionary has not the text itself
    return "" if not own or own.startswith(f"{cls.__name__}(") else declare.docstrings.summary(cls)
