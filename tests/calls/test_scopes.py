"""What is in force now, per thread and task, and the bound call that reads it."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import sys
import threading
from collections.abc import Callable, Collection, Generator, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from click.core import ParameterSource

from clickbind.argbind.threads import seen_by_threads
from clickbind.calls.scopes import Scope, bound_call, current_values, progress_of
from clickbind.declare.registry import Bound, Registry
from clickbind.errors import BindError
from clickbind.keys import Key
from clickbind.layers import ResolvedValue, Values
from clickbind.layers.plan import Plan
from clickbind.running.run import Run
from tests.conftest import HANG


class Program:
    """A registry with one function that gives back its arguments, under scopes ``train`` and ``val``."""

    def __init__(self) -> None:
        self.registry = Registry()
        self.dataset: Callable[..., Any] = self.bind(dataset, "train", "val")

    def bind(self, function: Callable[..., Any], *scopes: str) -> Callable[..., Any]:
        bound = Bound(function, name=function.__name__, role="bind", scopes=scopes)
        self.registry.add(bound)
        return bound_call(function, bound, self.registry)

    def scope(self, *names: str, **values: object) -> Scope:
        """Make a scope: ``folder`` is ``dataset.folder``, ``train__folder`` is ``train/dataset.folder``."""
        return Scope(self.registry, [*names, *([layer(**values)] if values else [])])

    def run(self, **values: object) -> Run:
        return Run(self.registry, Plan(Values(line=layer(**values)), []))


def dataset(folder: str = "default", size: int = 10) -> tuple[str, int]:
    """Read data."""
    return folder, size


def layer(function: str = "dataset", /, **values: object) -> dict[Key, ResolvedValue]:
    found = {}
    for name, value in values.items():
        scope, _, parameter = name.rpartition("__")
        found[Key(function, parameter, scope or None)] = ResolvedValue(value, ParameterSource.COMMANDLINE, "line")
    return found


@pytest.fixture
def program() -> Program:
    return Program()


def in_thread(function: Callable[[], Any]) -> Any:
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(function).result(timeout=HANG)


def test_outside_of_a_run_a_bound_function_is_just_the_function(program: Program) -> None:
    assert program.dataset() == ("default", 10)
    assert program.dataset("x", size=1) == ("x", 1)


def test_a_bound_function_looks_like_the_original(program: Program) -> None:
    bound: Any = program.dataset
    assert (bound.__name__, bound.__doc__, bound.__wrapped__) == ("dataset", "Read data.", dataset)


def test_what_was_given_is_filled_in(program: Program) -> None:
    with program.scope(folder="x"):
        assert program.dataset() == ("x", 10)
    assert program.dataset() == ("default", 10)


@pytest.mark.parametrize(
    ("args", "kwargs", "expected"),
    [
        (("a",), {}, ("a", 5)),
        ((), {"folder": "a"}, ("a", 5)),
        ((), {"size": 1}, ("x", 1)),
        (("a", 1), {}, ("a", 1)),
        (("a",), {"size": 1}, ("a", 1)),
    ],
)
def test_what_the_caller_passes_wins(
    program: Program, args: Sequence[Any], kwargs: Mapping[str, Any], expected: object
) -> None:
    with program.scope(folder="x", size=5):
        assert program.dataset(*args, **kwargs) == expected


def test_wrong_arguments_are_pythons_business(program: Program) -> None:
    with program.scope(folder="x"), pytest.raises(TypeError, match="unexpected keyword argument 'wrong'"):
        program.dataset(wrong=1)


def test_a_scopes_values_come_first(program: Program) -> None:
    with program.scope(folder="plain", train__folder="scoped"):
        assert program.dataset() == ("plain", 10)
        with program.scope("train"):
            assert program.dataset() == ("scoped", 10)
        with program.scope("val"):
            assert program.dataset() == ("plain", 10)


def test_scopes_nest_and_the_innermost_that_has_the_key_wins(program: Program) -> None:
    with program.scope(train__folder="t", val__folder="v", train__size=1), program.scope("train"):
        with program.scope("val"):
            assert program.dataset() == ("v", 1)
        assert program.dataset() == ("t", 1)


def test_of_scopes_entered_together_the_last_is_the_innermost(program: Program) -> None:
    with program.scope(train__folder="t", val__folder="v"):
        with program.scope("train", "val"):
            assert program.dataset() == ("v", 10)
        with program.scope("val", "train"):
            assert program.dataset() == ("t", 10)


def test_a_scopes_dashes_are_underscores() -> None:
    program = Program()
    bound = program.bind(lambda_named("f"), "my_scope")
    with Scope(program.registry, ["my-scope", layer("f", my_scope__x=5)]):
        assert bound() == 5


def lambda_named(name: str) -> Callable[..., Any]:
    def function(x: int = 1) -> int:
        return x

    function.__name__ = name
    return function


def test_values_go_on_top_of_those_in_force(program: Program) -> None:
    with program.scope(folder="outer", size=1), program.scope(folder="inner"):
        assert program.dataset() == ("inner", 1)


def test_a_snapshot_replaces_the_values_in_force(program: Program) -> None:
    with program.scope(folder="outer", size=1):
        replacing = Scope(program.registry, [Values(line=layer(folder="snapshot"))])
        with pytest.warns(UserWarning, match="replaces the values"), replacing:
            assert program.dataset() == ("snapshot", 10)
        assert program.dataset() == ("outer", 1)


def test_a_snapshot_keeps_the_scopes(program: Program) -> None:
    snapshot = Values(line=layer(train__folder="t"))
    with program.scope("train"), Scope(program.registry, [snapshot]):
        assert program.dataset() == ("t", 10)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("tran", "no function is bound with the scope 'tran'; the known ones are train, val. Did you mean 'train'?"),
        ("x", "no function is bound with the scope 'x'; the known ones are train, val."),
    ],
)
def test_an_unknown_scope_is_refused(program: Program, name: str, message: str) -> None:
    with pytest.raises(BindError) as caught:
        program.scope(name)
    assert str(caught.value) == message


def test_without_any_scope_there_is_none_to_name() -> None:
    with pytest.raises(BindError) as caught:
        Scope(Registry(), ["train"])
    assert str(caught.value) == "no function is bound with the scope 'train'; the known ones are none."


def test_a_scope_is_restored_when_an_error_leaves_it(program: Program) -> None:
    with pytest.raises(ZeroDivisionError), program.scope(folder="x"):
        _ = 1 / 0
    assert program.dataset() == ("default", 10)


def test_a_scope_may_be_entered_again(program: Program) -> None:
    scope = program.scope(folder="x")
    with scope, scope:
        assert program.dataset() == ("x", 10)
    assert program.dataset() == ("default", 10)
    with scope:
        assert program.dataset() == ("x", 10)


def test_a_scope_that_is_left_early_ends_alone(program: Program) -> None:
    outer, inner = program.scope(folder="outer", size=1), program.scope("train", train__folder="inner")
    outer.__enter__()
    inner.__enter__()
    assert program.dataset() == ("inner", 1)
    outer.__exit__()
    assert program.dataset() == ("inner", 10)
    inner.__exit__()
    assert program.dataset() == ("default", 10)


def test_several_scopes_above_the_one_that_is_left_stay_in_their_order(program: Program) -> None:
    scopes = [program.scope(size=1), program.scope(folder="a"), program.scope(folder="b")]
    for scope in scopes:
        scope.__enter__()
    scopes[0].__exit__()
    assert program.dataset() == ("b", 10)
    scopes[2].__exit__()
    assert program.dataset() == ("a", 10)
    scopes[1].__exit__()
    assert program.dataset() == ("default", 10)


def test_a_scope_holds_in_its_generators_consumer_and_ends_with_it(program: Program) -> None:
    def batches() -> Generator[Any, None, None]:
        with program.scope(folder="generator"):
            yield program.dataset()
            yield program.dataset()

    consumed = batches()
    assert next(consumed) == ("generator", 10)
    assert program.dataset() == ("generator", 10)
    consumed.close()
    assert program.dataset() == ("default", 10)


def test_the_garbage_collector_ends_only_the_scope_that_it_collects(program: Program) -> None:
    def batches() -> Iterator[None]:
        with program.scope(folder="generator", size=1):
            yield

    generator = batches()
    next(generator)
    with program.scope(folder="later"):
        assert program.dataset() == ("later", 1)
        del generator
        gc.collect()
        assert program.dataset() == ("later", 10)
    assert program.dataset() == ("default", 10)


def test_a_thread_never_sees_anothers_scope(program: Program) -> None:
    with program.scope(folder="x"):
        assert in_thread(program.dataset) == ("default", 10)


def test_threads_have_scopes_of_their_own_at_once(program: Program) -> None:
    barrier = threading.Barrier(4)

    def work(number: int) -> Any:
        with program.scope(size=number):
            barrier.wait(timeout=HANG)
            return program.dataset()[1]

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(work, range(4))) == [0, 1, 2, 3]


def test_tasks_have_scopes_of_their_own_at_once(program: Program) -> None:
    async def work(number: int) -> Any:
        with program.scope(size=number):
            await asyncio.sleep(0)
            return program.dataset()[1]

    async def main() -> list[Any]:
        return await asyncio.gather(*map(work, range(4)))

    assert asyncio.run(main()) == [0, 1, 2, 3]


def test_a_scope_that_is_left_in_another_thread_ends_where_it_was_entered(program: Program) -> None:
    scope = program.scope(folder="x")
    scope.__enter__()
    in_thread(scope.__exit__)
    assert program.dataset() == ("default", 10)


def test_a_scope_that_is_left_in_another_thread_ends_alone(program: Program) -> None:
    outer, middle, inner = program.scope(folder="x"), program.scope(folder="y", size=2), program.scope(size=3)
    with outer, contextlib.ExitStack() as stack:
        middle.__enter__()
        stack.enter_context(inner)
        in_thread(middle.__exit__)
        assert program.dataset() == ("x", 3)
    assert program.dataset() == ("default", 10)


def test_a_scope_that_another_thread_has_ended_can_be_entered_again(program: Program) -> None:
    scope = program.scope(folder="x")
    scope.__enter__()
    in_thread(scope.__exit__)
    with scope:
        assert program.dataset() == ("x", 10)
    assert program.dataset() == ("default", 10)


def test_a_generator_that_another_thread_collects_ends_its_scope(program: Program) -> None:
    def batches() -> Iterator[Any]:
        with program.scope(folder="x"):
            while True:
                yield program.dataset()

    generators = [batches()]
    assert next(generators[0]) == ("x", 10)
    in_thread(generators.clear)
    assert program.dataset() == ("default", 10)


def test_a_run_is_in_force_inside_and_over_after_it(program: Program) -> None:
    with program.run(folder="run"):
        assert program.dataset() == ("run", 10)
    assert program.dataset() == ("default", 10)
    assert progress_of(program.registry).runs == []


def test_a_thread_that_has_entered_no_scope_sees_the_one_run_in_progress(program: Program) -> None:
    with program.run(folder="run", train__folder="scoped"), program.scope("train"):
        assert program.dataset() == ("scoped", 10)
        assert in_thread(program.dataset) == ("run", 10)


def test_a_thread_enters_scopes_of_the_one_run_in_progress(program: Program) -> None:
    def work() -> Any:
        with program.scope("train"):
            return program.dataset()

    with program.run(folder="run", train__folder="scoped"):
        assert in_thread(work) == ("scoped", 10)


def test_a_thread_that_enters_a_snapshot_belongs_to_it(program: Program) -> None:
    def work() -> Any:
        with Scope(program.registry, [Values()]):
            return program.dataset()

    with program.run(folder="run"):
        assert in_thread(work) == ("default", 10)


SEVERAL = (
    "several runs are in progress, and this thread belongs to none of them: "
    "enter `with binder.scope(values):` first, with the `binder.values()` of its run."
)


def test_of_several_runs_in_progress_a_thread_sees_none(program: Program) -> None:
    with program.run(folder="one"), program.run(folder="two"):
        assert program.dataset() == ("two", 10)
        with pytest.raises(BindError) as caught:
            in_thread(program.dataset)
        assert str(caught.value) == SEVERAL


def test_of_several_runs_in_progress_a_thread_can_enter_one(program: Program) -> None:
    with program.run(folder="one"):
        values = current_values(program.registry)
        with program.run(folder="two"):

            def work() -> Any:
                with Scope(program.registry, [values]):
                    return program.dataset()

            assert in_thread(work) == ("one", 10)


def test_programs_can_call_one_another(program: Program) -> None:
    other = Program()
    with program.scope(folder="first"), other.scope(folder="second"):
        assert program.dataset() == ("first", 10)
        assert other.dataset() == ("second", 10)
        with program.scope(size=1):
            assert program.dataset() == ("first", 1)


def test_another_programs_scope_is_none_of_ones_own(program: Program) -> None:
    with Program().scope(folder="other"):
        assert program.dataset() == ("default", 10)


def test_a_programs_run_is_seen_through_another_programs_scope(program: Program) -> None:
    def work() -> Any:
        with Program().scope(folder="other"):
            return program.dataset()

    with program.run(folder="run"):
        assert in_thread(work) == ("run", 10)


def test_the_values_in_force_are_a_snapshot(program: Program) -> None:
    assert current_values(program.registry).resolve("dataset", "folder") is None
    with program.scope(folder="x"):
        found = current_values(program.registry).resolve("dataset", "folder")
        assert found is not None
        assert found.value == "x"


def test_a_given_list_is_fresh_for_each_call(program: Program) -> None:
    def collect(names: list[str] = []) -> list[str]:  # noqa: B006 - what is tested
        names.append("more")
        return names

    bound = program.bind(collect)
    with Scope(program.registry, [layer("collect", names=["a"])]):
        assert bound() == ["a", "more"]
        assert bound() == ["a", "more"]


def test_a_default_is_the_signatures_own_object(program: Program) -> None:
    default = ["a"]

    def give(names: list[str] = default, x: int = 1) -> list[str]:
        return names

    bound = program.bind(give)
    with Scope(program.registry, [layer("give", x=5)]):
        assert bound() is default


def test_what_the_caller_passes_is_the_callers_own_object(program: Program) -> None:
    own = ["a"]

    def give(names: list[str] = []) -> list[str]:  # noqa: B006 - a default to replace
        return names

    bound = program.bind(give)
    with Scope(program.registry, [layer("give", names=["b"])]):
        assert bound(own) is own
        assert bound(names=own) is own


def positional(first: int, second: int = 2, third: int = 3, /, fourth: int = 4, *, fifth: int = 5) -> list[int]:
    return [first, second, third, fourth, fifth]


@pytest.mark.parametrize(
    ("args", "kwargs", "values", "expected"),
    [
        ((1,), {}, {"third": 30}, [1, 2, 30, 4, 5]),
        ((1,), {}, {"second": 20}, [1, 20, 3, 4, 5]),
        ((1,), {}, {"second": 20, "fourth": 40, "fifth": 50}, [1, 20, 3, 40, 50]),
        ((1, 7), {}, {"second": 20, "third": 30}, [1, 7, 30, 4, 5]),
        ((1, 7, 8, 9), {}, {"second": 20, "fourth": 40}, [1, 7, 8, 9, 5]),
        ((1,), {"fourth": 9, "fifth": 8}, {"third": 30, "fourth": 40}, [1, 2, 30, 9, 8]),
    ],
)
def test_positional_only_parameters_are_filled_in_their_places(
    program: Program, args: Sequence[int], kwargs: dict[str, int], values: dict[str, int], expected: list[int]
) -> None:
    bound = program.bind(positional)
    with Scope(program.registry, [layer("positional", **values)]):
        assert bound(*args, **kwargs) == expected


def test_a_missing_positional_only_argument_is_pythons_business(program: Program) -> None:
    bound = program.bind(positional)
    with Scope(program.registry, [layer("positional", fifth=50)]), pytest.raises(TypeError, match="'first'"):
        bound()


def test_positional_only_parameters_may_be_all_there_are(program: Program) -> None:
    def only(x: int = 1, /) -> int:
        return x

    bound = program.bind(only)
    with Scope(program.registry, [layer("only", x=5)]):
        assert (bound(), bound(7)) == (5, 7)


def test_variadic_arguments_pass_through(program: Program) -> None:
    def variadic(x: int = 1, *rest: int, y: int = 2, **more: int) -> tuple[object, ...]:
        return x, rest, y, more

    bound = program.bind(variadic)
    with Scope(program.registry, [layer("variadic", x=10, y=20)]):
        assert bound(3, 4, z=5) == (3, (4,), 20, {"z": 5})
        assert bound() == (10, (), 20, {})


def test_a_required_parameter_is_the_callers_business(program: Program) -> None:
    def need(x: int, y: int = 2) -> tuple[int, int]:
        return x, y

    bound = program.bind(need)
    with Scope(program.registry, [layer("need", x=10, y=20)]):
        assert bound(1) == (1, 20)
        with pytest.raises(TypeError, match="'x'"):
            bound()


class Reports:
    """What was told of bound calls."""

    def __init__(self) -> None:
        self.told: list[tuple[str, tuple[str, ...], dict[str, Any], set[str]]] = []

    def __call__(self, name: str, scopes: Sequence[str], arguments: dict[str, Any], given: Collection[str]) -> None:
        self.told.append((name, tuple(scopes), arguments, set(given)))


def test_a_report_is_told_of_each_bound_call(program: Program) -> None:
    report = Reports()
    with Scope(program.registry, [layer(train__folder="t")], report=report):
        program.dataset("x")
        with program.scope("train"), program.scope("val"):
            program.dataset(size=1)
    program.dataset()
    assert report.told == [
        ("dataset", (), {"folder": "x", "size": 10}, set()),
        ("dataset", ("val", "train"), {"folder": "t", "size": 1}, {"folder", "size"}),
    ]


def test_a_report_is_told_before_the_call(program: Program) -> None:
    def fail() -> None:
        raise ZeroDivisionError

    report, bound = Reports(), program.bind(fail)
    with Scope(program.registry, report=report), pytest.raises(ZeroDivisionError):
        bound()
    assert report.told == [("fail", (), {}, set())]


def test_a_call_between_scopes_is_resolved_for_each(program: Program) -> None:
    with program.scope(folder="x") as frame:
        assert program.dataset() == ("x", 10)
        bound = program.registry.bounds["dataset"]
        assert frame.filling(bound) is frame.filling(bound)
        assert frame.filling(bound).given == {"folder": "x"}


def test_a_thread_that_has_entered_no_scope_can_see_what_the_main_thread_has_entered(program: Program) -> None:
    with program.scope(folder="x") as frame, seen_by_threads(frame):
        assert in_thread(program.dataset) == ("x", 10)
        with program.scope(size=3) as inner, seen_by_threads(inner):
            assert in_thread(program.dataset) == ("x", 3)
        assert in_thread(program.dataset) == ("x", 10)
    assert in_thread(program.dataset) == ("default", 10)
    assert progress_of(program.registry).runs == []


def test_what_another_thread_has_entered_is_its_own(program: Program) -> None:
    def work() -> Any:
        with program.scope(folder="mine") as frame, seen_by_threads(frame):
            return program.dataset(), in_thread(program.dataset)

    with program.scope(folder="x") as frame, seen_by_threads(frame):
        assert in_thread(work) == (("mine", 10), ("x", 10))
    assert in_thread(work) == (("mine", 10), ("default", 10))


def test_eight_threads_with_a_thousand_scopes_each_see_no_wrong_value(program: Program) -> None:
    barrier = threading.Barrier(8)

    def work(thread: int) -> list[tuple[Any, Any]]:
        barrier.wait(HANG)
        wrong: list[tuple[Any, Any]] = []
        for number in range(1000):
            names = ("train",) if number % 2 else ("val", "train")
            with program.scope(*names, train__folder=f"{thread}-{number}", size=number):
                expected = (f"{thread}-{number}", number)
                wrong += [(got, expected) for got in [program.dataset()] if got != expected]
                with program.scope(size=-thread):
                    wrong += [(got, -thread) for got in [program.dataset()[1]] if got != -thread]
                wrong += [(got, expected) for got in [program.dataset()] if got != expected]
        return wrong

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with program.run(folder="run"), ThreadPoolExecutor(8) as executor:
            assert [wrong for found in executor.map(work, range(8)) for wrong in found] == []
            assert program.dataset() == ("run", 10)
    finally:
        sys.setswitchinterval(interval)


def test_a_scope_that_a_copied_context_leaves_ends_where_it_was_entered(program: Program) -> None:
    async def batches() -> Any:
        with program.scope(folder="x"):
            while True:
                yield program.dataset()

    async def main() -> list[Any]:
        generator = batches()
        inside = await anext(generator)
        between = program.dataset()
        await asyncio.create_task(generator.aclose())
        return [inside, between, program.dataset()]

    assert asyncio.run(main()) == [("x", 10), ("x", 10), ("default", 10)]


def test_one_scope_may_be_entered_by_several_threads_and_ends_in_each_by_itself(program: Program) -> None:
    scope = program.scope(folder="x")
    entered, left = threading.Barrier(2), threading.Event()

    def work() -> Any:
        with scope:
            entered.wait(HANG)
            left.wait(HANG)
            return program.dataset()

    with ThreadPoolExecutor(1) as executor:
        result = executor.submit(work)
        entered.wait(HANG)
        with scope:
            assert program.dataset() == ("x", 10)
        assert program.dataset() == ("default", 10)
        left.set()
        assert result.result() == ("x", 10)


def test_leaving_a_scope_twice_changes_nothing(program: Program) -> None:
    scope = program.scope(folder="x")
    with scope:
        pass
    scope.__exit__()
    assert program.dataset() == ("default", 10)


def test_what_a_thread_has_entered_in_a_run_stays_when_other_scopes_end_elsewhere(program: Program) -> None:
    def work() -> list[Any]:
        with program.scope("train"):
            found = [program.dataset()]
            over.set()
            ended.wait(HANG)
            return [*found, program.dataset()]

    over, ended = threading.Event(), threading.Event()
    with ThreadPoolExecutor(1) as executor:
        with program.run(folder="run", train__folder="scoped"):
            result = executor.submit(work)
            over.wait(HANG)
        other = program.scope(folder="other")
        other.__enter__()
        in_thread(other.__exit__)
        ended.set()
        assert result.result() == [("scoped", 10), ("scoped", 10)]


def test_scopes_are_left_in_any_order_while_several_runs_are_in_progress(program: Program) -> None:
    with program.run(folder="one"):
        first, second = program.scope("train"), program.scope("val")
        results = []

        def work() -> None:
            first.__enter__()
            second.__enter__()
            with program.run(folder="two"):
                first.__exit__()
                results.append(program.dataset())
            second.__exit__()

        in_thread(work)
    assert results == [("two", 10)]
    assert program.dataset() == ("default", 10)


def test_threads_that_call_while_others_come_and_go_get_a_value(program: Program) -> None:
    stop = threading.Event()
    found: set[Any] = set()

    def work() -> None:
        while not stop.is_set():
            found.add(program.dataset())

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(3) as executor:
            results = [executor.submit(work) for _ in range(3)]
            try:
                for _ in range(300):
                    with program.scope(folder="x") as frame, seen_by_threads(frame):
                        pass
                    with program.run(folder="run"):
                        pass
            finally:
                stop.set()  # the pool waits for its threads
            assert [result.result() for result in results] == [None] * 3
    finally:
        stop.set()
        sys.setswitchinterval(interval)
    assert found <= {("x", 10), ("run", 10), ("default", 10)}


def test_a_thread_sees_one_program_though_its_frames_were_made_anew(program: Program) -> None:
    with program.scope(folder="x") as frame, seen_by_threads(frame):
        ended = program.scope(size=1)
        in_thread(ended.__enter__)
        in_thread(ended.__exit__)
        assert program.dataset() == ("x", 10)
        with program.scope(size=3) as inner, seen_by_threads(inner):
            assert in_thread(program.dataset) == ("x", 3)
