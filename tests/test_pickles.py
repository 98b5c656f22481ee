"""What users' pickles may name of this package: a pickle that is on a disk today is read by tomorrow's version."""

from __future__ import annotations

import functools
import importlib
import io
import pickle
import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

import cloudpickle  # type: ignore[import-untyped]  # it has no stubs
import pytest

import clickbind
from clickbind.keys import Key

PICKLE = {
    "clickbind:Values",
    "clickbind:Option",
    "clickbind:Binder",
    "clickbind:BindError",
    "clickbind:ClickbindError",
    "clickbind:ConfigError",
    "clickbind:SaveError",
    "clickbind:UserError",
    "clickbind.keys:Key",
    "clickbind.layers:Over",  # and its `of`
    "clickbind.layers:ResolvedValue",
    "clickbind.declare.turns:Turn",
    "clickbind.declare.pickling:_at_home",
    "clickbind.calls.pickling:rebuild",
    "clickbind.calls.pickling:original_of",
}
"""What pickle names: instances of bound classes, snapshots, errors, and what is found again by its module."""

CLOUDPICKLE = {
    "clickbind:Binder",
    "clickbind:Values",
    "clickbind.keys:Key",
    "clickbind.layers:ResolvedValue",
    "clickbind.layers:Over",
    "clickbind.declare.registry:Bound",
    "clickbind.declare.registry:Registry",
    "clickbind.declare.registry:Settings",
    "clickbind.declare.pickling:_binder_arrived",
    "clickbind.declare.pickling:_registry_arrived",
    "clickbind.declare.turns:Turn",
    "clickbind.calls.classes:BoundABCMeta",
    "clickbind.calls.classes:Place",
    "clickbind.calls.classes:_check_derived",
    "clickbind.calls.classes:_initial",
    "clickbind.calls.classes:_passed",
    "clickbind.calls.scopes:_NOW",
    "clickbind.calls.scopes:_frame_of",
    "clickbind.calls.scopes:progress_of",
}
"""What cloudpickle names of functions and classes that it takes along; the other process has the same version."""


class _Naming(pickle.Unpickler):
    """Notes what is looked up by name."""

    def __init__(self, data: bytes) -> None:
        super().__init__(io.BytesIO(data))
        self.found: set[str] = set()

    def find_class(self, module: str, name: str) -> Any:
        if module.partition(".")[0] == "clickbind":
            self.found.add(f"{module}:{name}")
        return super().find_class(module, name)


def named_in(data: bytes) -> set[str]:
    """Return what a pickle names of this package."""
    reader = _Naming(data)
    reader.load()
    return reader.found


binder = clickbind.Binder("prog")


class Model:
    """A class that is bound under its own name, and whose instances are pickled by way of that."""

    def __init__(self, size: int = 1) -> None:
        self.size = size


bound_model = binder.bind(Model)
number = binder.bind(Decimal, name="Number")


@binder.stage
def train(epochs: int = 1, token: Annotated[str, clickbind.Option("-t")] = "") -> None: ...


def snapshot(tmp_path: Path) -> clickbind.Values:
    """Return values of a file, with what is laid over them in Python."""
    path = tmp_path / "f.yml"
    path.write_text("train.epochs: 5\nrun.stages: [train]\n", encoding="utf-8")
    with binder.scope(binder.load(path), {"train.epochs": 7}):
        return binder.values()


@pytest.fixture
def is_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the name of the class lead to the bound one."""
    monkeypatch.setitem(globals(), "Model", bound_model)


@pytest.mark.usefixtures("is_bound")
def test_pickle_names_what_is_listed_and_nothing_else(tmp_path: Path) -> None:
    errors = [
        kind("why")
        for kind in (
            clickbind.ClickbindError,
            clickbind.BindError,
            clickbind.UserError,
            clickbind.ConfigError,
            clickbind.SaveError,
        )
    ]
    things = [
        snapshot(tmp_path),
        clickbind.Option("-t", secret=True),
        binder,
        clickbind.Binder,
        bound_model(3),
        number,
        *errors,
    ]
    data = pickle.dumps(things)
    assert named_in(data) == PICKLE
    values, *_ = pickle.loads(data)
    found = values.resolve("train", "epochs")
    assert (found.value, values.files[Key("train", "epochs")].origin) == (7, f"{tmp_path / 'f.yml'}:1")


def test_cloudpickle_names_what_is_listed_and_nothing_else(tmp_path: Path) -> None:
    local = clickbind.Binder("local")

    @local.bind("train")
    def dataset(size: int = 1) -> int:
        return size

    @local.bind
    class Decorated:
        def __init__(self, size: int = 1) -> None: ...

    class Plain:
        def __init__(self, size: int = 1) -> None: ...

    bound = [local.bind(Plain), local.bind(Decimal, name="Number"), Decorated]
    data = cloudpickle.dumps((local, dataset, bound, snapshot(tmp_path)))
    assert named_in(data) == CLOUDPICKLE


@pytest.mark.parametrize("name", sorted(PICKLE | CLOUDPICKLE))
def test_what_a_pickle_may_name_is_there(name: str) -> None:
    module, _, path = name.partition(":")
    assert functools.reduce(getattr, path.split("."), importlib.import_module(module)) is not None


@pytest.mark.parametrize("name", [name for name in clickbind.__all__ if name != "__version__"])
def test_what_is_public_says_that_it_is_from_the_package(name: str) -> None:
    public: Any = getattr(clickbind, name)
    assert (public.__module__, public.__qualname__) == ("clickbind", name)


@pytest.mark.parametrize("dumps", [pickle.dumps, cloudpickle.dumps])
def test_what_is_public_is_unpickled_in_another_process(dumps: Callable[[Any], bytes], tmp_path: Path) -> None:
    things = (snapshot(tmp_path), clickbind.Option("-t"), clickbind.ConfigError("why"), clickbind.Values)
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "import pickle, sys; print([type(one).__name__ for one in pickle.load(sys.stdin.buffer)])",
        ],
        input=dumps(things),
        capture_output=True,
        check=False,
    )
    assert (done.stdout.decode().strip(), done.stderr) == ("['Values', 'Option', 'ConfigError', 'type']", b"")
