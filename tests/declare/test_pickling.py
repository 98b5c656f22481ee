"""Binders and what they bind in other processes, by pickle and by cloudpickle."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cloudpickle  # type: ignore[import-untyped]  # it has no stubs
import pytest

from clickbind import Binder, BindError, ConfigError, Values, argbind, declare

SCRIPT = '''
from __future__ import annotations

import datetime
import sys
import threading
from collections import OrderedDict
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import cloudpickle

import clickbind

binder = clickbind.Binder("prog")
lock = threading.Lock()


@binder.bind("train", "val")
def dataset(folder: Path | None = None, size: int = 1):
    return folder and str(folder), size


@binder.context
@contextmanager
def around(level: int = 1):
    yield level


@binder.stage
def train(lr: float = 0.1, day: datetime.date | None = None):
    with binder.scope("train"):
        return lr, day and day.isoformat(), dataset()


@binder.stage
def locked(x: int = 1):
    with lock:
        return x


@binder.bind
@dataclass
class Point:
    x: int = 1


class Model:
    """A class that is bound where it has a name already, and names the bound one."""

    def __init__(self, n: int = 1):
        self.n = n

    def clone(self):
        return Model()


Model = binder.bind(Model)
Number = binder.bind(Decimal, name="Number")


class Derived(Model):
    pass


class Trainer:
    def fit(self, epochs: int = 2):
        return epochs


fit = binder.bind(Trainer().fit, name="fit")
double = binder.bind(lambda x=1: 2 * x, name="double")
main = binder.command()

VALUES = {
    "dataset.folder": "there", "train/dataset.size": 9, "train.day": datetime.date(2020, 1, 2), "around.level": 3,
    "Point.x": 4, "Model.n": 5, "Number.value": "7", "fit.epochs": 8, "double.x": 9,
}
with binder.scope(VALUES):
    snapshot = binder.values()


def everything():
    with around() as level:
        return [
            train(), level, Point().x, Model().n, Model().clone().n, Derived().n, str(Number()), fit(), double(),
            isinstance(Model(), Model), type(Model()).__name__, Model.__qualname__,
        ]


def inside():
    with binder.scope(snapshot, {"train.lr": 0.5}):
        return everything()


def wrong():
    assert dataset() == (None, 1)
    try:
        binder.scope({"datset.size": 1})
    except clickbind.BindError as error:
        return str(error)


def load():
    Path("f.yml").write_text("dataset.size: 5\\nlocked: {x: 1}\\nval/dataset.size: 6\\n")
    with binder.scope(binder.load("f.yml"), {"locked.x": 4}):
        return dataset()


def made():
    """What a function makes and nobody can import."""
    other = clickbind.Binder()

    @other.bind("deep")
    def inner(x: int = 1):
        return x

    def job():
        with other.scope({"deep/inner.x": 6}, "deep"):
            return inner()

    return job


def command():
    return main(["train", "--lr", "2"], standalone_mode=False)


def instance(model):
    return model.n, model.clone().n


def locking():
    return locked()


def is_one_pickle():
    return dataset.__clickbind__[0] is binder._registry and isinstance(pickled_model, Model)


pickled_model = Model(3)
JOBS = {
    "outside": (everything,), "inside": (inside,), "alone": (train, 0.7), "class": (lambda kind: kind(2).n, Model),
    "wrong": (wrong,), "load": (load,), "made": (made(),), "instance": (instance, pickled_model),
    "one": (is_one_pickle,), "derived": (lambda kind: kind().n, Derived),
    "loop": ((lambda: [call() for call in (double, fit)]),),
}

if __name__ == "__main__":
    name, path = sys.argv[1:]
    job, *args = JOBS[name] if name in JOBS else {"command": (command,), "locking": (locking,)}[name]
    Path(path).write_bytes(cloudpickle.dumps((job, args)))
    print(repr(job(*args)))
'''

WORKER = "import pickle, sys; job, args = pickle.load(open(sys.argv[1], 'rb')); print(repr(job(*args)))"


def process(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *arguments], cwd=folder, capture_output=True, check=False, text=True)


OUTSIDE = "[(0.1, None, (None, 1)), 1, 1, 1, 1, 1, '0', 2, 2, True, 'Model', 'Model']"
INSIDE = "[(0.5, '2020-01-02', ('there', 9)), 3, 4, 5, 5, 5, '7', 8, 18, True, 'Model', 'Model']"


@pytest.mark.parametrize(
    ("name", "result"),
    [
        ("outside", OUTSIDE),
        ("inside", INSIDE),
        ("alone", "(0.7, None, (None, 1))"),
        ("class", "2"),
        ("derived", "1"),
        ("wrong", repr("unknown key 'datset.size'. Did you mean 'dataset.size'?")),
        ("load", "(None, 5)"),
        ("made", "6"),
        ("instance", "(3, 1)"),
        ("one", "True"),
        ("loop", "[2, 2]"),
    ],
)
def test_what_a_script_binds_is_in_another_process_what_it_is_in_its_own(
    tmp_path: Path, name: str, result: str
) -> None:
    (tmp_path / "script.py").write_text(SCRIPT, encoding="utf-8")
    here = process(tmp_path, "script.py", name, "job.pickle")
    assert here.stdout == f"{result}\n", here.stderr
    (tmp_path / "elsewhere").mkdir()
    there = process(tmp_path / "elsewhere", "-c", WORKER, "../job.pickle")
    assert (there.stdout, there.stderr) == (f"{result}\n", "")


def test_a_function_that_uses_what_cannot_be_pickled_hinders_no_other(tmp_path: Path) -> None:
    """Every other job of this module goes although ``locked`` is bound by the same binder."""
    (tmp_path / "script.py").write_text(SCRIPT, encoding="utf-8")
    for name in ("locking", "command"):
        done = process(tmp_path, "script.py", name, "job.pickle")
        assert done.stderr.endswith("TypeError: cannot pickle '_thread.lock' object\n")


def test_a_command_brings_all_its_functions(tmp_path: Path) -> None:
    (tmp_path / "script.py").write_text(
        SCRIPT.replace("    with lock:\n        return x", "    return x"), encoding="utf-8"
    )
    here = process(tmp_path, "script.py", "command", "job.pickle")
    there = process(tmp_path, "-c", WORKER, "job.pickle")
    assert here.stdout == there.stdout == "(2.0, None, (None, 1))\n"


SPAWNING = """
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import clickbind

binder = clickbind.Binder()


@binder.bind
def dataset(size: int = 1):
    return size


def job(binder, values):
    with binder.scope(values):
        return dataset()


if __name__ == "__main__":
    with binder.scope({"dataset.size": 7}):
        values = binder.values()
    for method in ("spawn", "fork"):
        with ProcessPoolExecutor(1, mp_context=get_context(method)) as pool:
            print(pool.submit(job, binder, values).result(), pool.submit(dataset, 3).result())
"""


def test_a_binder_of_a_script_is_that_of_the_child_that_runs_the_same_script(tmp_path: Path) -> None:
    (tmp_path / "prog.py").write_text(SPAWNING, encoding="utf-8")
    done = process(tmp_path, "prog.py")
    assert (done.stdout, done.stderr) == ("7 3\n7 3\n", "")


# In one process, so that coverage sees it: what the process knows is forgotten between the two.


@pytest.fixture
def forget() -> Callable[[Any], Any]:
    """Return what pickles an object and unpickles it in what stands for another process."""

    def go(value: Any) -> Any:
        data = cloudpickle.dumps(value)
        declare.pickling._KNOWN.clear()
        cloudpickle.cloudpickle._DYNAMIC_CLASS_TRACKER_BY_ID.clear()
        return pickle.loads(data)

    return go


def program() -> tuple[Binder, Callable[..., Any]]:
    binder = Binder("prog", help="Helps.")

    @binder.bind("train")
    def dataset(size: int = 1) -> int:
        return size

    @binder.stage
    def other() -> None: ...

    return binder, dataset


def test_a_binder_and_its_function_find_one_another_again(forget: Callable[[Any], Any]) -> None:
    binder, dataset = forget(program())
    with binder.scope({"train/dataset.size": 4}, "train"):
        assert dataset() == 4
    assert list(binder._registry.bounds) == ["dataset"]
    assert binder.command().help == "Helps."


def test_they_do_where_they_arrive_one_after_the_other() -> None:
    pair = [cloudpickle.dumps(item) for item in program()]
    for order in (pair, pair[::-1]):
        declare.pickling._KNOWN.clear()
        found = [pickle.loads(data) for data in order]
        binder, dataset = sorted(found, key=callable)
        with binder.scope({"dataset.size": 4}):
            assert dataset() == 4


def test_what_comes_back_to_its_process_sees_what_is_in_force_there() -> None:
    binder, dataset = program()
    again = pickle.loads(cloudpickle.dumps((binder, dataset)))
    assert again[0] is binder
    assert again[1] is not dataset
    with binder.scope({"dataset.size": 4}):
        assert again[1]() == 4
    assert binder._registry.bounds["dataset"].call is dataset


def test_a_copy_of_a_binder_is_the_binder() -> None:
    binder, _ = program()
    assert copy.copy(binder) is binder
    assert copy.deepcopy(binder) is binder


def test_runs_and_scopes_do_not_travel(forget: Callable[[Any], Any]) -> None:
    binder, dataset = program()
    with binder.scope({"dataset.size": 4}):
        there, function = forget((binder, dataset))
        assert function() == 1
    assert there.values().over == ()


@pytest.fixture
def module() -> Iterator[Any]:
    """Return a module that can be imported, with a binder in it."""
    made: Any = types.ModuleType("travelling")
    sys.modules["travelling"] = made
    exec(
        "import clickbind\\nbinder = clickbind.Binder()\\n@binder.bind\\ndef dataset(size: int = 1): return size\\n"
        "def others(): return dataset()\\n".replace("\\n", "\n"),
        vars(made),
    )
    yield made
    del sys.modules["travelling"]


def test_what_a_module_has_goes_by_name(module: Any) -> None:
    for dumps in (pickle.dumps, cloudpickle.dumps):
        data = dumps((module.binder, module.dataset))
        assert pickle.loads(data) == (module.binder, module.dataset)
        assert len(data) < 200


def test_a_function_of_a_script_belongs_to_the_binder_of_the_module(module: Any, forget: Callable[[Any], Any]) -> None:
    def function(x: int = 1) -> int:
        return x

    local = module.binder.bind(function, "late", name="local")
    del module.binder._registry.bounds["local"]
    again = forget(local)
    assert list(module.binder._registry.bounds) == ["dataset", "local"]
    with module.binder.scope({"late/local.x": 3}, "late"):
        assert again() == 3


def test_a_module_that_cloudpickle_takes_by_value_is_no_home(module: Any, forget: Callable[[Any], Any]) -> None:
    cloudpickle.register_pickle_by_value(module)
    try:
        binder, dataset = forget((module.binder, module.dataset))
    finally:
        cloudpickle.unregister_pickle_by_value(module)
    assert binder is not module.binder
    with binder.scope({"dataset.size": 4}):
        assert dataset() == 4


def test_functions_of_argbind_belong_to_its_one_binder(forget: Callable[[Any], Any]) -> None:
    @argbind.bind()
    def travelling(size: int = 1) -> int:
        return size

    try:
        again = forget(travelling)
        with argbind.scope({"travelling.size": 4}):
            assert again() == 4
        argbind._BINDER.groups.pop("travelling")
        assert "travelling" not in argbind._BINDER.of_groups(()).bounds
    finally:
        argbind._BINDER.registry.bounds.pop("travelling")


def test_a_bound_module_travels_with_what_is_bound_of_it(module: Any, forget: Callable[[Any], Any]) -> None:
    binder = Binder()
    bound = binder.bind_module(module, filter_fn=lambda member: member.__name__ == "dataset")
    again = forget((binder, bound))
    assert again[1].others() == 1
    with again[0].scope({"dataset.size": 4}):
        assert again[1].dataset() == 4


def test_a_class_that_is_bound_elsewhere_is_the_bound_one_there_too(forget: Callable[[Any], Any]) -> None:
    binder = Binder()
    fraction = binder.bind(types.SimpleNamespace, name="Space")
    there, again = forget((binder, fraction))
    assert again is not fraction
    assert again(x=1) == types.SimpleNamespace(x=1)
    assert isinstance(types.SimpleNamespace(), again)
    assert there._registry.bounds["Space"].call is again


def test_a_stage_that_is_a_class_runs_where_only_its_binding_arrives(forget: Callable[[Any], Any]) -> None:
    binder = Binder()
    binder.bind(Values, name="Values")
    there = forget(binder._registry.bounds["Values"])
    assert there.call is Values


def test_local_names_of_annotations_travel(forget: Callable[[Any], Any]) -> None:
    binder = Binder()

    class Local:
        def __init__(self, text: str) -> None:
            self.text = text

        def __fspath__(self) -> str:
            return self.text

    @binder.stage
    def show(path: Local | None = None) -> Any:
        return path and path.text

    main = forget(binder.command())
    assert main(["show", "--path", "b"], standalone_mode=False) == "b"


def test_values_of_functions_that_stayed_behind_are_left_out(forget: Callable[[Any], Any], tmp_path: Path) -> None:
    binder, dataset = forget(program())
    (tmp_path / "f.yml").write_text("dataset.size: 2\nother.x: 1\nother: {y: 1}\n", encoding="utf-8")
    with binder.scope(binder.load(tmp_path / "f.yml"), {"other.x": 1}):
        assert dataset() == 2
    with pytest.raises(BindError, match=r"unknown key 'datset\.size'\. Did you mean 'dataset\.size'\?"):
        binder.scope({"datset.size": 1})
    (tmp_path / "f.yml").write_text("othr.x: 1\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"unknown key 'othr\.x'"):
        binder.load(tmp_path / "f.yml")


def test_in_a_child_that_runs_the_same_script_the_script_s_own_binder_is_meant(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    binder, dataset = program()
    monkeypatch.setattr(sys.modules["__main__"], "travelling", binder, raising=False)
    data = cloudpickle.dumps((binder, dataset))
    declare.pickling._KNOWN.clear()
    child, own = program()
    monkeypatch.setattr(sys.modules["__main__"], "travelling", child)
    found, function = pickle.loads(data)
    assert found is child
    with child.scope({"dataset.size": 4}):
        assert (own(), function()) == (4, 4)


def test_a_class_that_names_its_bound_one_travels_with_it(forget: Callable[[Any], Any]) -> None:
    binder = Binder()

    class Model:
        def __init__(self, n: int = 1) -> None:
            self.n = n

        def clone(self) -> Any:
            return bound()

    bound = binder.bind(Model, name="Model")

    class Derived(bound):  # type: ignore[misc, valid-type]
        pass

    there, again, derived = forget((binder, bound, Derived))
    assert again is not bound
    with there.scope({"Model.n": 3}):
        assert (again().n, again().clone().n, derived().n) == (3, 3, 3)
    assert again().n == 1
    assert type(again()) is not again
    assert isinstance(derived(), again)
    assert again.__name__ == "Model"
