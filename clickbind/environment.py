"""Environment variables to the layer that they make."""

from __future__ import annotations

import os
from collections.abc import Iterable

from click.core import ParameterSource

from .errors import ConversionError, UserError
from .keys import Key
from .registry import Bound
from .resolve import ResolvedValue

__all__ = ["read"]


def read(bounds: Iterable[Bound]) -> dict[Key, ResolvedValue]:
    """Read the variables that functions name for their parameters. An empty one is unset.

    Parameters
    ----------
    bounds : iterable of Bound
        The functions.

    Raises
    ------
    UserError
        Where a variable is not a value of its parameter.
    """
    layer: dict[Key, ResolvedValue] = {}
    for bound in bounds:
        for name, spec in bound.options.items():
            variable = spec.mark.envvar
            text = os.environ.get(variable) if variable else None
            if variable and text and spec.converter is not None:
                key = Key(bound.name, name)
                try:
                    value = spec.converter.from_text(text)
                except ConversionError as error:
                    problem = "its value is not one of the parameter's." if spec.secret else str(error)
                    raise UserError(f"Invalid value for the variable '{variable}' ({key.text}): {problem}") from None
                layer[key] = ResolvedValue(value, ParameterSource.ENVIRONMENT, variable)
    return layer
