"""Skip what CPython compiled to WebAssembly cannot run, where it is asked for, with the reason.

A test says nothing of it: what starts a process, a thread or an event loop of its own, opens a pipe or a terminal, or
makes a file whose name is too long elsewhere skips the test that it is in, and so does what looks at a class of
pydantic, where that is not there. What a module needs at its top skips it whole.
"""

from __future__ import annotations

import abc
import asyncio
import dataclasses
import functools
import importlib.util
import os
import subprocess
import sys
import threading
import types
from typing import Annotated, Any, NoReturn

import pytest

__all__ = ["skip_records", "skip_what_is_missing"]


def _missing(what: str) -> Any:
    def skip(*_: Any, **__: Any) -> NoReturn:
        pytest.skip(f"WebAssembly: no {what}", allow_module_level=True)

    return skip


_WITHOUT = _missing("pydantic")
_LONGEST_NAME = 255  # as nearly every file system has it


def _short_names_only(function: Any) -> Any:
    """Let a function of `os` skip the test whose file has a longer name: the file system in memory takes any."""

    @functools.wraps(function)
    def checked(*args: Any, **kwargs: Any) -> Any:
        if any(isinstance(path, str) and len(os.path.basename(path)) > _LONGEST_NAME for path in args):
            _missing("limit to the length of a file's name")()
        return function(*args, **kwargs)

    return checked


class _ModelType(abc.ABCMeta):  # as pydantic's is
    __pydantic_fields__ = __signature__ = property(_WITHOUT)

    def __call__(cls, *_: Any, **__: Any) -> Any:
        if "PYTEST_CURRENT_TEST" in os.environ:
            _WITHOUT()
        kind: Any = cls
        return object.__new__(kind)  # for a list of cases, of which a test may be skipped

    def __getattr__(cls, name: str) -> Any:
        return _attribute(cls, name)


def _attribute(_: Any, name: str) -> Any:
    if name.startswith("__"):
        raise AttributeError(name)
    _WITHOUT()


class _SecretType(type):
    __module__ = property(_WITHOUT)  # what tells a class of pydantic


class FieldInfo:
    """What stands in for pydantic's, which is known by its name."""

    def __init__(self, *_: Any, **__: Any) -> None: ...

    metadata = property(_WITHOUT)


def _pydantic() -> types.ModuleType:
    """Make a module that classes can be defined with, and that skips a test as soon as one is looked at."""
    module: Any = types.ModuleType("pydantic")
    module.BaseModel = _ModelType("BaseModel", (), {"__getattr__": _attribute, "__eq__": _WITHOUT})
    module.SecretStr = _SecretType("SecretStr", (), {"__init__": lambda self, _: None})
    module.SecretBytes = _SecretType("SecretBytes", (), {"__init__": lambda self, _: None})
    module.Field = module.PrivateAttr = module.AfterValidator = FieldInfo
    module.AliasChoices = module.AliasPath = FieldInfo
    module.ConfigDict = dict
    module.field_validator = module.model_validator = lambda *_, **__: lambda function: function
    module.PositiveInt = Annotated[int, FieldInfo()]
    module.TypeAdapter = _WITHOUT
    module.dataclasses = types.SimpleNamespace(
        dataclass=lambda kind: _ModelType(kind.__name__, (dataclasses.dataclass(kind),), {})
    )
    return module  # type: ignore[no-any-return]  # what was made above


def skip_what_is_missing(platform: str = sys.platform) -> None:
    """Replace what cannot work by what skips the test that asks for it; do nothing on other platforms."""
    if platform != "emscripten":
        return
    subprocess.Popen.__init__ = _missing("processes")  # type: ignore[method-assign]
    threading.Thread.start = _missing("threads")  # type: ignore[method-assign]
    asyncio.run = _missing("event loop of one's own")
    os.mkfifo = os.kill = os.pipe = _missing("pipes and signals")
    for name in ("mkdir", "open", "replace"):
        setattr(os, name, _short_names_only(getattr(os, name)))
    import pty  # noqa: PLC0415 - Windows does not have it

    pty.openpty = _missing("terminals")
    if importlib.util.find_spec("pydantic") is None:
        sys.modules["pydantic"] = _pydantic()


RECORDS = (
    *("faults", "journal", "report", "sweeps"),
    *("test_observing.py", "test_recording.py", "test_resume.py", "test_runs_command.py"),
    *("test_runs.py", "test_sweeps.py"),
)
"""The tests of recorded runs, by folder or file. A record needs git, locks and links, and a job a process."""


def skip_records(items: list[pytest.Item], platform: str = sys.platform) -> None:
    """Skip the tests of recorded runs; do nothing on other platforms."""
    for item in items if platform == "emscripten" else ():
        if not {item.path.parent.name, item.path.name}.isdisjoint(RECORDS):
            item.add_marker(pytest.mark.skip(reason="WebAssembly: no processes, locks and links for records"))
