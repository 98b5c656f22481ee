"""Whether a name stands for the same function, defined again."""

from __future__ import annotations

import functools
import sys
import types
from pathlib import Path
from typing import Any

import pytest

from clickbind import Binder
from clickbind.declare.identity import check_again
from clickbind.errors import BindError


def train(x: int = 1) -> int:
    return x


SOURCE = "def train(): ...\nclass Model:\n    def __init__(self, size: int = 1): ...\n"


def module(name: str, folder: Path) -> Any:
    """Import one file under some name."""
    made = types.ModuleType(name)
    exec(compile(SOURCE, str(folder / "program.py"), "exec"), vars(made))
    return made


def test_a_wrapper_of_the_same_function_is_the_same() -> None:
    @functools.wraps(train)
    def wrapper() -> None: ...

    check_again("train", wrapper, train)


def test_a_function_that_is_defined_again_further_down_is_the_same() -> None:
    def again(x: int = 2) -> int:
        return x

    again.__name__ = again.__qualname__ = "train"
    check_again("train", again, train)


def test_lambdas_are_told_apart_by_their_lines() -> None:
    one = lambda x=1: x  # noqa: E731
    two = lambda x=2: x  # noqa: E731
    with pytest.raises(BindError, match=r"two functions are bound as 'double': .*test_identity\.py:\d+\) and .*"):
        check_again("double", two, one)


def test_a_lambda_that_is_defined_again_is_the_same() -> None:
    one, two = (eval(compile("lambda x=1: x", "program.py", "eval")) for _ in range(2))
    check_again("double", two, one)


def test_partials_are_not_taken_for_one_another() -> None:
    with pytest.raises(BindError, match=r"functools\.partial and functools\.partial\. Pass name="):
        check_again("part", functools.partial(train, 1), functools.partial(train, 2))


def test_what_is_written_in_c_is_told_apart_by_its_name() -> None:
    check_again("sorted", sorted, sorted)
    with pytest.raises(BindError, match=r"builtins\.sorted and builtins\.round"):
        check_again("sorted", round, sorted)


@pytest.mark.parametrize("name", ["train", "Model"])
def test_a_file_that_is_imported_under_two_names_has_the_same(name: str, tmp_path: Path) -> None:
    check_again(name, getattr(module("__main__", tmp_path), name), getattr(module("program", tmp_path), name))


def test_files_of_the_same_text_have_not(tmp_path: Path) -> None:
    one, other = module("one", tmp_path), module("other", tmp_path / "elsewhere")
    with pytest.raises(BindError, match=r"other\.Model .* and one\.Model "):
        check_again("Model", one.Model, other.Model)
    assert "one" not in sys.modules


# Two functions that share one code object, since a decorator or a factory was called twice.


def loose(function: Any) -> Any:
    """Wrap a function as people do who do not know of `functools.wraps`."""

    def wrapper(*args: Any, **kwargs: Any) -> Any:
        return function(*args, **kwargs)

    return wrapper


def named(function: Any) -> Any:
    wrapper = loose(function)
    wrapper.__name__ = function.__name__
    return wrapper


def times(number: Any) -> Any:
    """Make a decorator with an argument."""

    def decorate(function: Any) -> Any:
        @functools.wraps(function)
        def repeat() -> Any:
            return [function() for _ in range(number)]

        return repeat

    return decorate


def factory(number: Any, *, step: Any = 1) -> Any:
    def stage(count: int = step) -> Any:
        return number, count

    return stage


def wrapping(cls: type) -> type:
    class Wrapper:
        def __init__(self) -> None:
            self.inner = cls()

    return Wrapper


def deriving(cls: type) -> type:
    class Derived(cls):  # type: ignore[misc]
        pass

    return Derived


def made(cls: type) -> type:
    return type("Made", (cls,), {})


class Sgd: ...


class Adam: ...


def evaluate() -> None: ...


def refusal(name: str, function: Any, other: Any) -> str:
    with pytest.raises(BindError) as caught:
        check_again(name, function, other)
    return str(caught.value)


def line(function: Any) -> str:
    code = function.__code__
    return f"({code.co_filename}:{code.co_firstlineno})"


def test_two_functions_behind_one_decorator_are_refused_with_both_places_and_the_cure() -> None:
    assert refusal("wrapper", loose(evaluate), loose(train)) == (
        f"two functions are bound as 'wrapper': {__name__}.train {line(train)} and {__name__}.evaluate "
        f"{line(evaluate)}, both wrapped by the decorator of {__name__}.loose.<locals>.wrapper "
        f"{line(loose(train))}. Use functools.wraps in the decorator, or pass name='…' for one of them."
    )


def test_no_stage_vanishes_behind_a_decorator() -> None:
    binder = Binder()
    binder.stage(loose(train))
    with pytest.raises(BindError, match=r"Use functools\.wraps"):
        binder.stage(loose(evaluate))


def test_the_functions_of_a_factory_are_refused_with_what_differs() -> None:
    assert refusal("stage", factory(2), factory(1)) == (
        f"two functions are bound as 'stage': {__name__}.factory.<locals>.stage {line(factory(1))} was made "
        f"twice, with different values of number. Pass name='…' for one of them."
    )
    assert "with different values of count." in refusal("stage", factory(1, step=2), factory(1))


@pytest.mark.parametrize("value", [1, "a", None, (1, [2]), {"a": [1]}, train, Sgd, functools.partial(train, x=1)])
def test_functions_of_a_factory_are_the_same_over_equal_values(value: Any) -> None:
    check_again("stage", factory(value), factory(value))


@pytest.mark.parametrize(
    ("one", "other"),
    [(1, 2), (1, True), ([1], [1, 2]), ({"a": 1}, {"b": 1}), (Sgd(), Sgd()), (train, evaluate), (Sgd, Adam)],
)
def test_functions_of_a_factory_are_different_ones_over_different_values(one: Any, other: Any) -> None:
    assert "with different values of number" in refusal("stage", factory([one]), factory([other]))


class Unequal:
    def __eq__(self, other: object) -> bool:
        raise ValueError("ambiguous, as that of an array")

    __hash__ = None  # type: ignore[assignment]


def test_values_that_cannot_be_compared_are_different() -> None:
    refusal("stage", factory(Unequal()), factory(Unequal()))


def test_a_wrapper_around_a_function_that_is_defined_again_is_the_same(tmp_path: Path) -> None:
    one, two = (module("program", tmp_path).train for _ in range(2))
    check_again("wrapper", loose(two), loose(one))
    check_again("train", times(2)(two), times(2)(one))


def test_a_decorator_that_is_defined_again_may_not_hide_another_function(tmp_path: Path) -> None:
    source = "import functools\ndef wrap(function):\n    {}\n    def wrapper(): return function()\n    return wrapper\n"
    for mark in ("pass", "@functools.wraps(function)"):
        makers = []
        for _ in range(2):
            space: dict[str, Any] = {"__name__": "program"}
            exec(compile(source.format(mark), str(tmp_path / "program.py"), "exec"), space)
            makers.append(space["wrap"])
        check_again("wrapper", makers[1](train), makers[0](train))
        refusal("wrapper", makers[1](evaluate), makers[0](train))


def test_one_decorator_with_two_arguments_makes_two_functions_of_one() -> None:
    check_again("train", times(2)(train), times(2)(train))
    assert "with different values of number" not in refusal("train", times(3)(train), times(2)(train))


@pytest.mark.skipif(sys.version_info < (3, 11), reason="code objects have no qualified name")
def test_two_decorators_with_wraps_make_two_functions_of_one() -> None:
    def other(function: Any) -> Any:
        @functools.wraps(function)
        def wrapper() -> Any: ...

        return wrapper

    refusal("train", other(train), times(2)(train))


@pytest.mark.parametrize("decorator", [wrapping, deriving, made])
def test_two_classes_behind_one_decorator_are_refused(decorator: Any) -> None:
    one, two = decorator(Sgd), decorator(Adam)
    refusal(one.__name__, two, one)
    check_again(one.__name__, decorator(Sgd), one)


def test_a_class_that_is_refused_is_left_as_it_was() -> None:
    binder = Binder()
    binder.bind(wrapping(Sgd))
    other = wrapping(Adam)
    constructor = vars(other)["__init__"]
    with pytest.raises(BindError, match="two functions are bound as 'Wrapper'"):
        binder.bind(other)
    assert vars(other)["__init__"] is constructor


def test_local_classes_without_methods_are_told_apart_by_what_stands_in_them() -> None:
    def make(value: int) -> type:
        class Local:
            size = value

        return Local

    check_again("Local", make(1), make(1))
    refusal("Local", make(2), make(1))


def test_a_class_that_refers_to_itself_is_compared_to_its_end() -> None:
    def make() -> type:
        class Local:
            def __init__(self) -> None:
                super().__init__()

            @property
            def own(self) -> type:
                return Local

        return Local

    check_again("Local", make(), make())


def test_the_methods_of_two_instances_are_two_functions() -> None:
    class Trainer:
        def fit(self) -> None: ...

    one, two = Trainer(), Trainer()
    check_again("Trainer.fit", one.fit, one.fit)
    refusal("Trainer.fit", two.fit, one.fit)


def test_equal_partials_are_the_same() -> None:
    check_again("part", functools.partial(train, 1), functools.partial(train, 1))


def test_what_another_binder_has_bound_is_what_it_was() -> None:
    one, two = Binder(), Binder()
    binder = Binder()
    binder.stage(one.stage(train))
    binder.stage(two.stage(train))
    with pytest.raises(BindError, match="two functions are bound as 'train'"):
        binder.stage(one.stage(evaluate, name="other"), name="train")


def test_a_name_that_is_given_stays_that_of_a_function_that_is_defined_again(tmp_path: Path) -> None:
    one, two = (module("program", folder).train for folder in (tmp_path, tmp_path / "another cell"))
    check_again("given", two, one)


def test_a_variable_that_is_not_set_yet_is_no_reason_to_fail() -> None:
    def make() -> Any:
        def function() -> Any:
            return later

        check_again("function", function, functools.wraps(function)(lambda: later))
        if function.__name__ == "never":
            later = 1
        return function

    check_again("function", make(), make())
