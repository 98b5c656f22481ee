"""What a bound call gets: values filled in, fresh copies, and what a program lays over in Python."""

from __future__ import annotations

import datetime as dt
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from clickbind import Binder
from clickbind.errors import BindError


class Opaque:
    """What no text can make, and no call may copy."""

    def __deepcopy__(self, memo: object) -> Opaque:
        raise AssertionError

    __copy__ = __deepcopy__


@dataclass
class Optim:
    """An optimizer's settings."""

    lr: float = 0.1
    betas: list[float] | None = None


@pytest.fixture
def binder() -> Binder:
    return Binder()


def everything(*args: Any, **kwargs: Any) -> Any:
    return args, kwargs


def test_positional_arguments_leave_out_what_they_stand_for(binder: Binder) -> None:
    @binder.bind
    def dataset(folder: str = "a", size: int = 1, seed: int = 2) -> tuple[str, int, int]:
        return folder, size, seed

    with binder.scope({"dataset.folder": "given", "dataset.size": 5, "dataset.seed": 6}):
        assert [dataset(), dataset("mine"), dataset("mine", 7), dataset("mine", 7, 8), dataset("mine", seed=8)] == [
            ("given", 5, 6),
            ("mine", 5, 6),
            ("mine", 7, 6),
            ("mine", 7, 8),
            ("mine", 5, 8),
        ]


def test_too_many_positional_arguments_are_pythons_business(binder: Binder) -> None:
    @binder.bind
    def dataset(folder: str = "a") -> str:
        return folder

    with binder.scope({"dataset.folder": "given"}), pytest.raises(TypeError, match="takes from 0 to 1 positional"):
        dataset("mine", 2)  # type: ignore[call-arg]


@pytest.mark.parametrize(
    ("annotation", "given"),
    [
        (list[int], [1, 2]),
        (set[int], {1, 2}),
        (dict[str, int], {"a": 1}),
        (list[list[int]], [[1], [2]]),
        (dict[str, list[int]], {"a": [1]}),
        (Any, [{"a": [1]}]),
    ],
)
def test_a_call_that_changes_what_was_given_does_not_change_it_for_the_next(
    binder: Binder, annotation: Any, given: Any
) -> None:
    def use(value: Any = None) -> Any:
        before = repr(value)
        for inner in (*(value.values() if isinstance(value, dict) else value), value):
            if hasattr(inner, "clear"):
                inner.clear()
        return before

    use.__annotations__["value"] = annotation
    call = binder.bind(use)
    before = repr(given)
    with binder.scope({"use.value": given}):
        assert (call(), call()) == (before, before)
    assert repr(given) == before


def test_a_list_of_a_file_is_fresh_all_the_way_down(binder: Binder, tmp_path: Any) -> None:
    @binder.bind
    def use(value: list[list[int]] = [], optim: Optim = Optim()) -> tuple[str, str]:  # noqa: B006, B008
        shown = str(value), str(optim)
        value[0].append(9)
        optim.lr = 7
        return shown

    path = tmp_path / "f.yml"
    path.write_text("use.value: [[1], [2]]\nuse.optim.lr: .5\n", encoding="utf-8")
    with binder.scope(binder.load(path)):
        assert use() == use() == ("[[1], [2]]", "Optim(lr=0.5, betas=None)")


@pytest.mark.parametrize("made", [[Opaque()], {"a": [Opaque()]}, ([Opaque()], 1)])
def test_what_stands_in_a_list_that_a_program_gives_is_its_own_object(binder: Binder, made: Any) -> None:
    @binder.bind
    def use(value: Any = None) -> Any:
        return value

    def objects(value: Any) -> list[Opaque]:
        inside = value.values() if isinstance(value, dict) else value
        return [item for one in inside for item in (objects(one) if isinstance(one, list) else [one])]

    with binder.scope({"use.value": made}):
        got = use()
        assert type(got) is type(made)
        assert got is not made
        assert [id(item) for item in objects(got)] == [id(item) for item in objects(made)]


@pytest.mark.parametrize("made", [OrderedDict(a=[1]), {1, 2}, (Opaque(), 1)])
def test_a_class_of_its_own_is_passed_as_it_is_and_sets_are_copied(binder: Binder, made: Any) -> None:
    @binder.bind
    def use(value: Any = None) -> Any:
        return value

    with binder.scope({"use.value": [made]}):
        (got,) = use()
        assert (got, type(got)) == (made, type(made))
        assert (got is made) == isinstance(made, OrderedDict)
    with binder.scope({"use.value": made}):
        assert use() == made


def test_an_object_that_a_program_gives_is_passed_as_it_is(binder: Binder) -> None:
    @binder.bind
    def use(value: Opaque | None = None, other: Callable[..., Any] | None = None) -> Any:
        return value, other

    made = Opaque()
    with binder.scope({"use.value": made, "use.other": everything}):
        assert use() == (made, everything)


def test_a_value_that_no_text_can_make_can_be_laid_over(binder: Binder) -> None:
    @binder.bind("train")
    def use(value: Opaque = Opaque(), size: int = 1) -> Any:  # noqa: B008
        return value, size

    plain, scoped = Opaque(), Opaque()
    with binder.scope({"use.value": plain, "train/use.value": scoped}):
        assert use() == (plain, 1)
        with binder.scope("train"):
            assert use() == (scoped, 1)


def test_a_model_can_be_laid_over_as_a_whole(binder: Binder) -> None:
    @binder.bind
    def use(optim: Optim = Optim(), size: int = 1) -> Any:  # noqa: B008
        return optim, size

    mine = Optim(lr=5)
    with binder.scope({"use.optim.lr": 7.0}):
        assert use() == (Optim(lr=7), 1)
        with binder.scope({"use.optim": mine}):
            got, _ = use()
            assert got is mine


def test_a_required_model_can_be_laid_over_as_a_whole_of_a_stage(binder: Binder) -> None:
    @dataclass
    class Model:
        size: int

    binder.stage(name="use")(lambda model: model.size)

    @binder.stage
    def train(model: Any) -> Any:
        return model

    train.__wrapped__.__annotations__["model"] = Model  # type: ignore[attr-defined]
    mine = Model(3)
    with binder.scope({"train.model": mine}):
        assert train() is mine  # type: ignore[call-arg]


def test_a_parameter_without_a_default_is_the_callers_also_in_python(binder: Binder) -> None:
    @binder.bind
    def use(value: int, size: int = 1) -> Any:
        return value, size

    with pytest.raises(BindError, match=r"unknown key 'use\.value'"):
        binder.scope({"use.value": 5})
    assert use(1) == (1, 1)


def test_a_value_of_text_that_no_call_can_change_is_not_copied(binder: Binder, tmp_path: Any) -> None:
    @binder.bind
    def use(when: dt.date = dt.date(2000, 1, 1)) -> dt.date:
        return when

    path = tmp_path / "f.yml"
    path.write_text("use.when: 2001-02-03\n", encoding="utf-8")
    with binder.scope(binder.load(path)):
        assert use() is use()


def test_fields_that_are_laid_over_a_whole_one_change_it(binder: Binder) -> None:
    @binder.bind
    def use(optim: Optim = Optim(), other: Optim | None = None) -> Any:  # noqa: B008
        return optim, other

    with binder.scope({"use.optim": Optim(5, [1.0]), "use.other": None}):
        with binder.scope({"use.optim.lr": 7.0, "use.other.lr": 8.0}):
            assert use() == (Optim(7, [1.0]), Optim(8))
        assert use() == (Optim(5, [1.0]), None)


def test_a_whole_one_and_its_fields_in_one_mapping_are_refused(binder: Binder) -> None:
    @binder.bind
    def use(optim: Optim = Optim()) -> Any:  # noqa: B008
        return optim

    with pytest.raises(BindError, match=r"'use\.optim\.lr' is part of 'use\.optim', and both are given"):
        binder.scope({"use.optim": Optim(5), "use.optim.lr": 7.0})


def test_a_missing_positional_only_argument_is_the_one_that_is_named(binder: Binder) -> None:
    @binder.bind
    def use(first: int, second: int = 2, /) -> Any:
        return first, second

    with binder.scope({"use.second": 5}), pytest.raises(TypeError, match="missing 1 required positional argument"):
        use()  # type: ignore[call-arg]


def test_fields_of_a_whole_that_none_of_its_layers_have_are_its_own(binder: Binder) -> None:
    @binder.bind
    def use(optim: Optim = Optim()) -> Any:  # noqa: B008
        return optim

    @binder.bind
    def other(optim: Opaque | None = None) -> Any:
        return optim

    mine = Optim(5)
    with binder.scope({"use.optim": mine, "other.optim": mine}), binder.scope({}):
        assert (use(), other()) == (mine, mine)
