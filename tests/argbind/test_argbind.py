"""ArgBind's names: what programs that are written for it rely on."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import datetime as dt
import functools
import io
import os
import sys
import threading
import types
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, List, Optional  # noqa: UP035 - as ArgBind's programs write it

import click
import pytest
import yaml

from clickbind import argbind
from clickbind.errors import BindError, ConfigError, SaveError
from tests.conftest import HANG


@pytest.fixture(autouse=True)
def _binder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(argbind, "_BINDER", argbind._ArgBinder())
    monkeypatch.setattr(sys, "argv", ["prog"])
    monkeypatch.chdir(tmp_path)


def dataset(folder: str = "default", size: int = 10) -> tuple[str, int]:
    """Read data."""
    return folder, size


def parse(line: str = "", **settings: Any) -> dict[str, Any]:
    sys.argv = ["prog", *line.split()]
    return argbind.parse_args(**settings)


def write(text: str, name: str = "a.yml") -> str:
    Path(name).write_text(text, encoding="utf-8")
    return name


def keys(args: dict[str, Any]) -> list[str]:
    return sorted(key for key in args if not key.startswith("args."))


# bind


def test_bind_takes_every_form() -> None:
    @argbind.bind
    def bare(x: int = 1) -> int:
        return x

    @argbind.bind()
    def called(x: int = 1) -> int:
        return x

    @argbind.bind("train", "val")
    def scoped(x: int = 1) -> int:
        return x

    passed = argbind.bind(dataset, "test")
    args = {"bare.x": 2, "called.x": 3, "train/scoped.x": 4, "test/dataset.size": 5}
    with argbind.scope(args):
        assert (bare(), called(), scoped(), passed()) == (2, 3, 1, ("default", 10))
    with argbind.scope(args, "train"):
        assert scoped() == 4
    with argbind.scope(args, "test"):
        assert passed() == ("default", 5)


def test_bind_to_parser_is_an_older_name_of_bind() -> None:
    assert argbind.bind_to_parser is argbind.bind


def test_the_order_of_arguments_is_that_of_binding() -> None:
    argbind.bind(dataset, "train")
    assert keys(parse()) == ["dataset.folder", "dataset.size", "train/dataset.folder", "train/dataset.size"]


def test_without_prefix_a_key_is_the_parameters_name() -> None:
    bound = argbind.bind(dataset, "train", without_prefix=True)
    args = parse("--folder x --train/size 3")
    assert keys(args) == ["folder", "size", "train/folder", "train/size"]
    with argbind.scope(args, "train"):
        assert bound() == ("x", 3)
    with argbind.scope(args):
        assert bound() == ("x", 10)


def test_two_functions_without_prefix_share_a_key() -> None:
    def load(args: object, seed: int = 0) -> int:
        return seed

    def train(args: object, seed: int = 0) -> int:
        return seed

    bound = [argbind.bind(function, without_prefix=True) for function in (load, train)]
    with argbind.scope(parse("--seed 3")):
        assert [call(None) for call in bound] == [3, 3]


def test_a_bare_key_is_found_where_another_function_wants_it_of_its_caller() -> None:
    def load(args: object, save_path: str, resume: bool = False) -> str:
        return save_path

    def train(args: object, save_path: str = "ckpt") -> str:
        return save_path

    for function in (load, train):
        argbind.bind(function, without_prefix=True)
    assert parse("--save_path x")["save_path"] == "x"


def test_positional_parameters_are_filled_in() -> None:
    @argbind.bind(without_prefix=True, positional=True)
    def run(stage: str, count: int = 1) -> tuple[str, int]:
        return stage, count

    with argbind.scope(parse("train --count 2")):
        assert run() == ("train", 2)  # type: ignore[call-arg]
        assert run("val") == ("val", 2)


def test_parameters_without_default_are_the_callers() -> None:
    @argbind.bind()
    def load(path: str, size: int = 1) -> tuple[str, int]:
        return path, size

    args = parse("--load.size 2")
    assert keys(args) == ["load.size"]
    with argbind.scope({**args, "load.path": "ignored"}):
        assert load("x") == ("x", 2)
        assert load("x", 3) == ("x", 3)
        assert load("x", size=4) == ("x", 4)


class Optimizer:
    """Like one of somebody else's library."""

    def __init__(self, params: List[int], lr: float = 1.0, betas: tuple[float, float] = (0.9, 0.99)) -> None:  # noqa: UP006 - as ArgBind's programs write it
        self.params, self.lr, self.betas = params, lr, betas

    def step(self, scale: float = 1.0) -> float:
        return self.lr * scale

    @classmethod
    def make(cls, lr: float = 2.0) -> Optimizer:
        return cls([], lr)


def test_a_class_is_bound_by_its_constructor() -> None:
    bound = argbind.bind(Optimizer, "generator", "discriminator")
    sys.argv = ["prog", "--generator/Optimizer.lr", "2", "--Optimizer.betas", "0.5 0.6"]
    args = argbind.parse_args()
    with argbind.scope(args, "generator"):
        made = bound([1])
    assert (made.lr, made.betas, made.params) == (2.0, (0.5, 0.6), [1])
    assert isinstance(made, Optimizer)
    assert isinstance(made, bound)
    assert Optimizer([1]).lr == 1.0


def test_a_class_may_be_bound_where_it_is_defined() -> None:
    @argbind.bind("train")
    class Loader:
        def __init__(self, workers: int = 1) -> None:
            self.workers = workers

    with argbind.scope({"train/Loader.workers": 4}, "train"):
        assert Loader().workers == 4


def test_methods_have_the_classs_name_in_their_keys() -> None:
    class Model:
        @argbind.bind()
        def fit(self, epochs: int = 1) -> int:
            return epochs

        @classmethod
        @argbind.bind()
        def load(cls, path: str = "a") -> tuple[type, str]:
            return cls, path

        @argbind.bind()
        @staticmethod
        def count(most: int = 1) -> int:
            return most

    args = parse("--Model.fit.epochs 5 --Model.load.path b --Model.count.most 7")
    with argbind.scope(args):
        assert Model().fit() == 5
        assert Model().fit(6) == 6
        assert Model.load() == (Model, "b")
        assert Model.count() == 7


def repeated(function: Callable[..., Any]) -> Callable[..., Any]:
    """A decorator, as ``torch.no_grad()`` is one."""

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> list[Any]:
        return [function(*args, **kwargs)] * 2

    return call


def test_bind_stands_over_and_under_other_decorators() -> None:
    @argbind.bind()
    @repeated
    def over(x: int = 1) -> Any:
        return x

    @repeated
    @argbind.bind("val")
    def under(x: int = 1) -> Any:
        return x

    args = parse("--over.x 2 --val/under.x 3")
    with argbind.scope(args, "val"):
        assert over() == [2, 2]
        assert under() == [3, 3]
        assert under(4) == [4, 4]


def test_a_context_manager_may_be_bound() -> None:
    @argbind.bind()
    @contextlib.contextmanager
    def output(folder: str = ".") -> Iterator[str]:
        yield folder

    with argbind.scope(parse("--output.folder x")), output() as folder:
        assert folder == "x"


def test_a_function_is_bound_twice() -> None:
    first = argbind.bind(dataset, "train")
    second = argbind.bind(dataset, "val")
    third = argbind.bind(second)
    args = parse("--train/dataset.size 1 --val/dataset.size 2")
    for scope, size in (("train", 1), ("val", 2), ("", 10)):
        with argbind.scope(args, scope):
            assert [call() for call in (first, second, third)] == [("default", size)] * 3


def test_two_functions_of_one_name_are_refused() -> None:
    def make(size: int) -> Callable[..., Any]:
        def dataset(size: int = size) -> int:
            return size

        dataset.__module__ = f"module{size}"
        return dataset

    argbind.bind(make(1))
    with pytest.raises(BindError, match="two functions are bound as 'dataset'"):
        argbind.bind(dataset)


def test_names_that_clickbind_takes_are_free_here() -> None:
    @argbind.bind()
    def run(stages: List[str] = ["a"]) -> List[str]:  # noqa: B006, UP006 - as ArgBind's programs write it
        return stages

    sys.argv = ["prog", "--run.stages", "b c"]
    with argbind.scope(argbind.parse_args()):
        assert run() == ["b", "c"]


# groups


@pytest.fixture
def groups() -> None:
    def both(x: int = 1) -> None: ...
    def one(x: int = 1) -> None: ...
    def two(x: int = 1) -> None: ...
    def default(x: int = 1) -> None: ...

    argbind.bind(both, group=["first", "second"])
    argbind.bind(one, group="first")
    argbind.bind(two, group="second")
    argbind.bind(default)


@pytest.mark.usefixtures("groups")
@pytest.mark.parametrize(
    ("group", "expected"),
    [
        ("default", "default.x"),
        ("first", "both.x default.x one.x"),
        ("second", "both.x default.x two.x"),
        (["first", "second"], "both.x default.x one.x two.x"),
        ("none such", "default.x"),
    ],
)
def test_a_group_has_its_functions_and_the_default_ones(group: Any, expected: str) -> None:
    assert keys(parse(group=group)) == expected.split()
    assert keys(argbind.parse_args(argbind.build_parser(group))) == expected.split()


@pytest.mark.usefixtures("groups")
def test_an_option_of_another_group_is_unknown(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parse("--two.x 3", group="first")
    assert "No such option" in capsys.readouterr().err


def test_a_group_that_is_passed_is_not_changed() -> None:
    group = ["first"]
    parse(group=group)
    assert group == ["first"]


def test_a_function_bound_again_is_in_both_groups() -> None:
    argbind.bind(dataset, group="first")
    argbind.bind(dataset, "val", group="second")
    assert len(keys(parse(group="first"))) == len(keys(parse(group="second"))) == 4


# scope


def test_outside_of_any_scope_a_bound_function_is_just_the_function() -> None:
    bound = argbind.bind(dataset)
    parse("--dataset.size 3")
    assert bound() == ("default", 10)
    assert bound("x", size=1) == ("x", 1)


def test_a_pattern_is_looked_up_first() -> None:
    bound = argbind.bind(dataset, "train")
    args = {"dataset.folder": "a", "train/dataset.folder": "b", "dataset.size": 1}
    with argbind.scope(args):
        assert bound() == ("a", 1)
    with argbind.scope(args, "train"):
        assert bound() == ("b", 1)
    with argbind.scope(args, pattern="train"):
        assert bound() == ("b", 1)


def test_a_pattern_that_is_bound_nowhere_is_taken() -> None:
    bound = argbind.bind(dataset)
    with argbind.scope({"dataset.size": 1, "test/dataset.folder": "t"}, "test"):
        assert bound() == ("t", 1)


def test_an_inner_scope_replaces_the_outer_one() -> None:
    bound = argbind.bind(dataset, "train", "val")
    args = {"train/dataset.size": 1, "val/dataset.folder": "v"}
    with argbind.scope(args, "train"):
        with argbind.scope(args, "val"):
            assert bound() == ("v", 10)
        with argbind.scope({}):
            assert bound() == ("default", 10)
        assert bound() == ("default", 1)


def test_the_caller_wins() -> None:
    bound = argbind.bind(dataset)
    with argbind.scope({"dataset.folder": "x", "dataset.size": 1}):
        assert bound("y") == ("y", 1)
        assert bound(size=2) == ("x", 2)


def test_a_scope_ends_with_an_exception() -> None:
    bound = argbind.bind(dataset)
    with pytest.raises(RuntimeError, match="broken"), argbind.scope({"dataset.size": 1}):
        raise RuntimeError("broken")
    assert bound() == ("default", 10)


def test_a_scope_in_a_generator_ends_alone() -> None:
    bound = argbind.bind(dataset)

    def batches() -> Generator[int, None, None]:
        with argbind.scope({"dataset.size": 1}):
            yield bound()[1]
            yield bound()[1]

    running = batches()
    assert next(running) == 1
    with argbind.scope({"dataset.size": 2}):
        running.close()
        assert bound() == ("default", 2)
    assert bound() == ("default", 10)


def test_a_scope_is_a_decorator_too() -> None:
    bound = argbind.bind(dataset)

    @argbind.scope({"dataset.size": 1})
    def load() -> tuple[str, int]:
        return bound()

    assert load() == ("default", 1)
    assert load() == ("default", 1)


def test_values_are_passed_as_they_are() -> None:
    def make(net: Optional[Optimizer] = None, size: int = 1, callback: Any = None) -> tuple[Any, ...]:  # noqa: UP045 - as ArgBind's programs write it
        return net, size, callback

    bound = argbind.bind(make)
    net = Optimizer([1])
    with argbind.scope({"make.net": net, "make.size": "three", "make.callback": print}):
        assert bound() == (net, "three", print)
        assert bound()[0] is net


def test_lists_and_dicts_are_fresh_for_each_call() -> None:
    def make(sizes: list[Any], weights: dict[str, Any]) -> tuple[list[Any], dict[str, Any]]:
        return sizes, weights

    make.__defaults__ = ([], {})
    bound = argbind.bind(make)
    net = Optimizer([1])
    args = {"make.sizes": [1, [2]], "make.weights": {"a": [3], "net": net}}
    with argbind.scope(args):
        sizes, weights = bound()  # type: ignore[call-arg]
        sizes[1].append(4)
        weights["a"].append(5)
        assert weights["net"] is net
        assert bound() == ([1, [2]], {"a": [3], "net": net})  # type: ignore[call-arg]
    assert args == {"make.sizes": [1, [2]], "make.weights": {"a": [3], "net": net}}


def test_arguments_are_a_plain_dict_that_a_program_changes() -> None:
    @argbind.bind(without_prefix=True)
    def train(seed: int = 0, lr: float = 0.1) -> tuple[int, float]:
        return seed, lr

    args = parse("--seed 3")
    assert type(args) is dict
    assert (args["seed"], args.get("lr"), args.get("nothing")) == (3, 0.1, None)
    args.update({"lr": 0.5})
    with argbind.scope(args):
        args["seed"] = 4
        assert train() == (3, 0.5)
    with argbind.scope(args):
        assert train() == (4, 0.5)


def test_sys_argv_is_read_when_it_is_parsed() -> None:
    argbind.bind(dataset)
    parser = argbind.build_parser()
    sys.argv += ["--dataset.size", "4"]
    assert argbind.parse_args(parser)["dataset.size"] == 4


def test_functions_that_are_bound_after_the_parser_is_built_are_no_part_of_it() -> None:
    parser = argbind.build_parser()
    argbind.bind(dataset)
    assert keys(argbind.parse_args(parser)) == []


def test_parse_args_takes_no_other_parser() -> None:
    with pytest.raises(BindError, match="parse_args takes a parser from build_parser"):
        argbind.parse_args(click.Command("prog"))  # type: ignore[arg-type]


def test_a_parser_may_have_arguments_of_the_programs_own() -> None:
    argbind.bind(dataset)
    parser = argbind.build_parser()
    parser.add_argument("stage")
    parser.add_argument("--gpus", type=int, default=1)
    args = parse("train --gpus 2 --dataset.size 3", p=parser)
    assert (args["stage"], args["gpus"], args["dataset.size"]) == ("train", 2, 3)


# args.debug


PRINTED = """\
dataset(
  # scope = train
  folder : str = x
  size : int = 10
)
"""


def test_calls_are_printed_where_args_debug_is_set(capsys: pytest.CaptureFixture[str]) -> None:
    bound = argbind.bind(dataset, "train")
    args = parse("--dataset.folder x")
    with argbind.scope(args, "train"):
        bound()
    assert capsys.readouterr().out == ""
    args["args.debug"] = True
    with argbind.scope(args, "train"):
        bound()
    assert capsys.readouterr().out == PRINTED
    with argbind.scope(args):
        bound()
    assert capsys.readouterr().out == PRINTED.replace("  # scope = train\n", "")


def test_what_is_printed_was_given_or_passed_by_name(capsys: pytest.CaptureFixture[str]) -> None:
    def train(args: dict[str, Any], seed: int = 0, net: Optional[Optimizer] = None, **rest: Any) -> None: ...  # noqa: UP045 - as ArgBind's programs write it

    bound = argbind.bind(train)
    with argbind.scope({"args.debug": 1, "train.seed": 3}):
        bound({}, more=1)
        bound(args=2, net=None)  # type: ignore[arg-type]
    first, second = (
        "train(\n  seed : int = 3\n)\n",
        "train(\n  args : int = 2\n  seed : int = 3\n  net : NoneType = None\n)\n",
    )
    assert capsys.readouterr().out == first + second


def test_what_a_parameter_with_fields_gets_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    @dataclasses.dataclass
    class Shape:
        width: int = 1

    def draw(shape: Shape = Shape()) -> int:  # noqa: B008 - as a user writes it
        return shape.width

    bound = argbind.bind(draw)
    args = {**parse("--draw.shape.width 3"), "args.debug": True}
    with argbind.scope(args):
        assert bound() == 3
    assert "width=3)" in capsys.readouterr().out


# threads and tasks


def test_a_thread_without_a_scope_sees_the_main_threads_innermost_one() -> None:
    bound = argbind.bind(dataset, "train")
    args = {"dataset.size": 1, "train/dataset.size": 2}

    def seen() -> int:
        with ThreadPoolExecutor(1) as pool:
            return pool.submit(bound).result(timeout=HANG)[1]

    assert seen() == 10
    with argbind.scope(args):
        assert seen() == 1
        with argbind.scope(args, "train"):
            assert seen() == 2
        assert seen() == 1
    assert seen() == 10


def test_eight_threads_of_a_thousand_scopes_get_their_own_values() -> None:
    bound: Callable[[], tuple[Any, Any]] = argbind.bind(dataset, "train", "val")
    start = threading.Barrier(8)

    def work(thread: int) -> list[tuple[Any, ...]]:
        wrong = []
        start.wait(HANG)
        for count in range(1000):
            name = ("train", "val", "")[count % 3]
            key = f"{name}/dataset.size" if name else "dataset.size"
            with argbind.scope({key: (thread, count), "dataset.folder": f"{thread}"}, name):
                found = bound()
                with argbind.scope({"dataset.size": count}):
                    inner = bound()
                if found != (f"{thread}", (thread, count)) or inner != ("default", count):
                    wrong.append((thread, count, found, inner))
        return wrong

    with argbind.scope({"dataset.size": -1}), ThreadPoolExecutor(8) as pool:
        assert [wrong for found in pool.map(work, range(8)) for wrong in found] == []


def test_asyncio_tasks_get_their_own_values() -> None:
    bound = argbind.bind(dataset)

    async def work(number: int) -> bool:
        with argbind.scope({"dataset.size": number}):
            for _ in range(20):
                await asyncio.sleep(0)
                if bound()[1] != number:
                    return False
        return True

    async def main() -> list[bool]:
        return await asyncio.gather(*map(work, range(50)))

    assert asyncio.run(main()) == [True] * 50


def test_a_task_without_a_scope_does_not_see_those_of_others() -> None:
    bound = argbind.bind(dataset)

    async def scoped(number: int) -> None:
        with argbind.scope({"dataset.size": number}):
            await asyncio.sleep(0)

    async def plain() -> tuple[str, int]:
        return bound()

    async def main(count: int) -> tuple[str, int]:
        return (await asyncio.gather(*map(scoped, range(count)), plain()))[-1]  # type: ignore[return-value]

    assert asyncio.run(main(1)) == ("default", 10)
    assert asyncio.run(main(2)) == ("default", 10)


# files


def test_a_file_is_read_from_a_path_or_an_open_file() -> None:
    argbind.bind(dataset)
    name = write("dataset.folder: x\n")
    expected = {"args.debug": False, "dataset.folder": "x"}
    assert argbind.load_args(name) == argbind.load_args(Path(name)) == expected
    with open(name, encoding="utf-8") as file:
        assert argbind.load_args(file) == expected
    assert argbind.load_args(io.StringIO("dataset.folder: x\n")) == expected


def test_values_of_a_file_are_converted_as_the_annotations_say() -> None:
    def train(lr: float = 0.1, tag: str = "", sizes: List[int] = [], path: Path = Path()) -> tuple[Any, ...]:  # noqa: B006, UP006 - as ArgBind's programs write it
        return lr, tag, sizes, path

    bound = argbind.bind(train)
    args = argbind.load_args(write("train.lr: 1e-3\ntrain.tag: 1.10\ntrain.sizes: 1 2\ntrain.path: a/b\n"))
    with argbind.scope(args):
        assert bound() == (0.001, "1.10", [1, 2], Path("a/b"))


def test_a_wrong_value_is_told_with_its_place() -> None:
    argbind.bind(dataset)
    with pytest.raises(ConfigError, match=r"a\.yml:1:15: dataset\.size: 'many' is not a valid integer\."):
        argbind.load_args(write("dataset.size: many\n"))


def test_keys_of_other_programs_are_kept_with_a_warning(capsys: pytest.CaptureFixture[str]) -> None:
    argbind.bind(dataset, "train")
    text = "dataset.size: 1\nother.lr: 1e-3\nseed: 3\nval/dataset.size: 4\nlist: [1, {a: b}]\ndatasett.size: 5\n"
    args = argbind.load_args(write(text))
    assert {key: args[key] for key in ("other.lr", "seed", "val/dataset.size", "list", "datasett.size")} == {
        "other.lr": 0.001,
        "seed": 3,
        "val/dataset.size": 4,
        "list": [1, {"a": "b"}],
        "datasett.size": 5,
    }
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == (
        "Warning: a.yml:2:1: no bound function has a parameter for 'other.lr'.\n"
        "Warning: a.yml:6:1: no bound function has a parameter for 'datasett.size'. Did you mean 'dataset.size'?\n"
    )


def test_an_unknown_key_is_warned_of_with_its_place_in_the_file_that_has_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    argbind.bind(dataset)
    write("x: 1\n\ndataset:\n  size: 3\n  sise: 4\nother.lr: 1\n", "base.yml")
    argbind.load_args(write("$include: base.yml\nother.lr: 2\n"))
    assert capsys.readouterr().err.splitlines() == [
        "Warning: base.yml:5:3: no bound function has a parameter for 'dataset.sise'. Did you mean 'dataset.size'?",
        "Warning: a.yml:2:1: no bound function has a parameter for 'other.lr'.",
    ]


def test_of_many_unknown_keys_the_first_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    argbind.load_args(write("".join(f"other.x{count}: 1\n" for count in range(8))))
    lines = capsys.readouterr().err.splitlines()
    assert [line.partition(": no")[0] for line in lines] == [
        *(f"Warning: a.yml:{n}:1" for n in range(1, 6)),
        "Warning: a.yml",
    ]
    assert lines[-1].endswith("for 3 more keys.")


def test_keys_for_what_no_text_can_make_are_kept_in_silence(capsys: pytest.CaptureFixture[str]) -> None:
    @argbind.bind()
    def train(net: Optional[Optimizer] = None, batch: object = None) -> Any:  # noqa: UP045 - as ArgBind's programs write it
        return net

    with argbind.scope(argbind.load_args(write("train.net: [1, 2]\n"))):
        assert train() == [1, 2]
    assert capsys.readouterr().err == ""


def test_what_argbind_saved_is_read() -> None:
    @argbind.bind("val")
    def draw(colour: tuple[int, int] = (1, 2), names: Any = None) -> Any:
        return colour, names

    text = (
        "args.unknown: []\n\ndraw.colour: !!python/tuple\n- 3\n- 4\n"
        "draw.names: !!python/tuple [a]\nval/draw.colour: !!python/tuple [5, 6]\n"
    )
    args = argbind.load_args(write(text))
    with argbind.scope(args, "val"):
        assert draw() == ((5, 6), ["a"])
    assert args["args.unknown"] == []


def test_files_include_others_and_have_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATA", "/data")
    argbind.bind(dataset, "train")
    Path("conf").mkdir()
    write("dataset.folder: base\ndataset.size: 1\nshared: 2\n", "conf/base.yml")
    write(
        "$include: [base.yml]\n$vars: {name: train}\ndataset.folder: $DATA\ntrain/dataset.folder: $name\n", "conf/a.yml"
    )
    args = argbind.load_args("conf/a.yml")
    assert {**args, "args.debug": 0} == {
        "args.debug": 0,
        "dataset.folder": "/data",
        "dataset.size": 1,
        "shared": 2,
        "train/dataset.folder": "train",
    }


def test_loaded_arguments_are_not_completed_with_defaults() -> None:
    argbind.bind(dataset)
    assert argbind.load_args(write("")) == {"args.debug": False}


def test_what_is_dumped_is_loaded_again() -> None:
    def train(
        lr: float = 0.1,
        tags: List[str] = ["a"],  # noqa: B006, UP006 - as ArgBind's programs write it
        size: tuple[int, int] = (1, 2),
        path: Optional[Path] = None,  # noqa: UP045
        weights: dict[str, float] = {"mel/loss": 1.0},  # noqa: B006
    ) -> None: ...

    argbind.bind(train, "val")
    sys.argv = ["prog", "--train.lr", "1e-7", "--train.tags", "no 1.10", "--val/train.path", "x"]
    args = argbind.parse_args()
    argbind.dump_args(args, Path("deep") / "a.yml")
    loaded = argbind.load_args("deep/a.yml")
    assert {key: loaded[key] for key in keys(args)} == {key: args[key] for key in keys(args)}
    assert keys(loaded) == keys(args)


def test_a_dumped_file_is_laid_out_as_argbinds() -> None:
    argbind.bind(dataset, "train")
    argbind.dump_args({**parse("--dataset.folder x"), "seed": 3}, "a.yml")
    assert Path("a.yml").read_text() == (
        "seed: 3\n\ndataset.folder: x\ndataset.size: 10\n\ntrain/dataset.folder: x\ntrain/dataset.size: 10\n"
    )


def test_what_cannot_be_written_of_the_programs_own_is_left_out() -> None:
    argbind.bind(dataset)
    args = {
        "dataset.size": 1,
        "model": Optimizer([1]),
        "other.net": print,
        "none": None,
        "list": [1, (2, 3)],
        "when": 1.5,
    }
    argbind.dump_args(args, "a.yml")
    text = Path("a.yml").read_text()
    assert "# model: " in text
    assert "# other.net: " in text
    loaded = yaml.safe_load(text)
    assert {key: loaded[key] for key in ("dataset.size", "none", "when")} == {
        "dataset.size": 1,
        "none": None,
        "when": 1.5,
    }


@pytest.mark.parametrize("wrong", [object(), "many"])
def test_the_old_file_stays_where_a_value_cannot_be_written(wrong: object) -> None:
    argbind.bind(dataset)
    write("dataset.size: 1\n")
    with pytest.raises(SaveError, match=r"dataset\.size"):
        argbind.dump_args({"dataset.folder": "x", "dataset.size": wrong}, "a.yml")
    assert Path("a.yml").read_text() == "dataset.size: 1\n"
    assert os.listdir() == ["a.yml"]


# get_used_args


def test_used_arguments_are_those_of_calls_that_were_made() -> None:
    used = argbind.bind(dataset, "train")

    @argbind.bind()
    def unused(x: int = 1) -> None: ...

    args = parse("--dataset.size 3")
    assert argbind.get_used_args() == {}
    with argbind.scope(args):
        used()
        assert argbind.get_used_args() == {"dataset.folder": "default", "dataset.size": 3}
    with argbind.scope(args, "train"):
        used()
    assert argbind.get_used_args()["train/dataset.size"] == 3


# bind_module


@pytest.fixture
def module() -> Any:
    module = types.ModuleType("transforms")
    code = (
        "from pathlib import Path\n"
        "class Base:\n    def transform(self): return 0\n"
        "class Noise(Base):\n"
        "    def __init__(self, db: float = -3.0): self.db = db\n"
        "class Clip(Base):\n"
        "    def __init__(self, most: float = 1.0): self.most = most\n"
        "def apply(x: int = 1): return x\n"
        "LIMIT = 3\n"
    )
    exec(compile(code, "transforms.py", "exec"), vars(module))
    return module


def test_a_module_is_bound_and_used_like_itself(module: Any) -> None:
    bound = argbind.bind_module(
        module, "train", "val", filter_fn=lambda item: hasattr(item, "transform") and item.__qualname__ != "Base"
    )
    args = parse("--Noise.db 2 --train/Clip.most 0.5")
    names = ["Clip.most", "Noise.db"]
    assert keys(args) == [f"{scope}{name}" for scope in ("", "train/", "val/") for name in names]
    with argbind.scope(args, "train"):
        assert (bound.Noise().db, bound.Clip().most, bound.LIMIT, bound.apply()) == (2.0, 0.5, 3, 1)
        assert getattr(bound, "Noise")(db=1.0).db == 1.0  # noqa: B009 - as ArgBind's programs write it
    assert issubclass(bound.Noise, bound.Base)
    assert module.Noise().db == -3.0


def test_without_a_filter_all_of_a_module_is_bound(module: Any) -> None:
    bound = argbind.bind_module(module, without_prefix=True, group="tools")
    assert keys(parse()) == []
    assert keys(parse(group="tools")) == ["db", "most", "x"]
    with argbind.scope({"x": 4}):
        assert bound.apply() == 4


# A class that is bound by a statement


def test_a_class_bound_by_a_statement_is_bound_in_place(capsys: pytest.CaptureFixture[str]) -> None:
    class Base:
        def __init__(self, size: int = 1) -> None:
            self.size = size

    class Sub(Base): ...

    @dataclasses.dataclass
    class Data:
        size: int = 1

    argbind.bind(Base)
    argbind.bind("train")(Base)
    argbind.bind(Sub)
    argbind.bind(Data)
    args = {"Base.size": 2, "train/Base.size": 3, "Sub.size": 4, "Data.size": 5}
    with argbind.scope(args):
        assert (Base().size, Sub().size, Data().size, Base(7).size, Sub(size=8).size) == (2, 4, 5, 7, 8)
    with argbind.scope({**args, "args.debug": 1}, "train"):
        assert Base().size == 3
    assert capsys.readouterr().out == "Base(\n  # scope = train\n  size : int = 3\n)\n"
    assert (Base().size, Sub().size, Data().size) == (1, 1, 1)


def test_a_class_whose_bound_class_is_used_stays_untouched() -> None:
    class Net:
        def __init__(self, size: int = 1) -> None:
            self.size = size

    bound = argbind.bind(Net)
    with argbind.scope({"Net.size": 2}):
        assert (Net().size, bound().size) == (1, 2)


def made() -> Any:
    class Net:
        def __init__(self, size: int = 1) -> None:
            self.size = size

    Net.__module__ = "library"  # so it is not being defined here
    return Net


def assigned_to_nothing(kind: type) -> None:
    _ = argbind.bind(kind)


def ran(code: str) -> Callable[[type], None]:
    """Return a function that runs code as a prompt or a module does."""
    mode = "single" if "\n" not in code else "exec"
    return lambda kind: exec(compile(code, "<cell>", mode), {"argbind": argbind, "kind": kind})


MANY = "".join(f"name{count} = {count}\n" for count in range(300))


@pytest.mark.parametrize(
    "bind",
    [
        assigned_to_nothing,
        ran("argbind.bind(kind)"),
        ran("_ = argbind.bind(kind)\n"),
        ran(f"{MANY}_ = argbind.bind(kind)\n"),
        ran("def f():\n    global _\n    _ = argbind.bind(kind)\nf()\n"),
    ],
)
@pytest.mark.parametrize("read", [lambda: {"Net.size": 2}, lambda: argbind.load_args(write("Net.size: 2\n"))])
def test_a_class_is_bound_in_place_by_a_call_whose_result_is_not_kept(
    bind: Callable[[type], None], read: Callable[[], dict[str, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    net = made()
    bind(net)
    with argbind.scope(read()):
        assert (net().size, net(7).size) == (2, 7)
    assert net().size == 1
    assert keys(parse("--Net.size 3")) == ["Net.size"]
    assert capsys.readouterr().err == ""


def test_a_class_that_cannot_be_bound_in_place_is_warned_of(capsys: pytest.CaptureFixture[str]) -> None:
    class Point:
        def __new__(cls, x: int = 1) -> Point:  # noqa: PYI034 - as a user writes it
            return super().__new__(cls)

    class Empty: ...

    argbind.bind(Point)
    argbind.bind(dt.timedelta)
    argbind.bind(Empty)
    lines = capsys.readouterr().err.splitlines()
    assert [line.partition(": bind")[2].partition(",")[0] for line in lines] == [
        "(Point) has no effect",
        "(timedelta) has no effect",
    ]
    assert lines[0].endswith("Write Point = argbind.bind(Point).")


@pytest.mark.parametrize(
    ("function", "advice"),
    [
        (lambda x=1: x, "'<lambda>' is not a valid name: write it as a function with 'def'."),
        (functools.partial(print, end=""), " has no name: wrap it in a function."),
    ],
)
def test_what_has_no_name_is_refused_with_advice_that_bind_takes(function: Any, advice: str) -> None:
    with pytest.raises(BindError) as caught:
        argbind.bind(function)
    assert str(caught.value).endswith(advice)
