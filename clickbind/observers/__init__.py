"""Tell observers that a program names about its runs: its own, those of other distributions, and MLflow's."""

from typing import TYPE_CHECKING

from .._lazy import attach

__all__ = ["base", "finding", "guard", "metadata", "mlflow"]

if TYPE_CHECKING:
    from importlib import metadata

    from . import base, finding, guard, mlflow
else:  # hidden from mypy, so that a misspelt module is a type error
    __getattr__ = attach(__name__, __all__, metadata="importlib.metadata")
