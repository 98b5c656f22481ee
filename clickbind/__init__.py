"""Plain typed functions as a Click program: options, subcommands, chains, and files that replay a run."""

from .fast import Paused

with Paused(aging=True):
    from typing import TYPE_CHECKING

    from . import declare
    from .binder import Binder
    from .errors import BindError, ClickbindError, ConfigError, SaveError, UserError
    from .layers import Values

if TYPE_CHECKING:
    from .declare.option import Option

__all__ = [
    "BindError",
    "Binder",
    "ClickbindError",
    "ConfigError",
    "Option",
    "SaveError",
    "UserError",
    "Values",
    "__version__",
]

__version__ = "0.1.0"


if not TYPE_CHECKING:  # hidden from mypy, so that a misspelt module is a type error

    def __getattr__(name: str) -> object:
        if name != "Option":
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return declare.option.Option


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
