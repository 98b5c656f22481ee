"""Plain typed functions as a Click program: options, subcommands, chains, and files that replay a run."""

from .collector import Paused

with Paused(aging=True):
    from typing import TYPE_CHECKING

    from . import later
    from .binder import Binder
    from .resolve import Values

if TYPE_CHECKING:
    from .errors import BindError, ClickbindError, ConfigError, SaveError, UserError
    from .marks import Option

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


if not TYPE_CHECKING:  # a name that there is not is a type error then

    def __getattr__(name: str) -> object:
        if name in {"errors", "marks"}:  # where what is public comes from
            return getattr(later, name)
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(later.marks if name == "Option" else later.errors, name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
