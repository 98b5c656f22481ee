"""Plain typed functions as a Click program: options, subcommands, chains, and files that replay a run."""

from .collector import Paused

with Paused(aging=True):
    from .binder import Binder
    from .errors import BindError, ClickbindError, ConfigError, SaveError, UserError
    from .marks import Option
    from .resolve import Values

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
