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
    from .engines.catalog import Sweep
    from .journal.listing import runs
    from .journal.records import Record
    from .observers.base import Observer, RunPlan

__all__ = [
    "BindError",
    "Binder",
    "ClickbindError",
    "ConfigError",
    "Observer",
    "Option",
    "Record",
    "RunPlan",
    "SaveError",
    "Sweep",
    "UserError",
    "Values",
    "__version__",
    "runs",
]

__version__ = "0.1.0"


if not TYPE_CHECKING:  # hidden from mypy, so that a misspelt module is a type error

    def __getattr__(name: str) -> object:
        if name == "Option":
            return declare.option.Option
        if name in {"Observer", "RunPlan"}:
            from . import observers  # noqa: PLC0415 - most programs have none

            return getattr(observers.base, name)
        if name == "Sweep":
            from . import engines  # noqa: PLC0415 - only engines need it

            return engines.catalog.Sweep
        if name not in {"Record", "runs"}:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from . import journal  # noqa: PLC0415 - a run that is not recorded does without

        return journal.records.Record if name == "Record" else journal.listing.runs


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
