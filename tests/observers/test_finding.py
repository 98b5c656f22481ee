"""Observers are found by name, by the entry points of what is installed."""

from __future__ import annotations

import importlib
import sys
from importlib.metadata import EntryPoint, EntryPoints
from pathlib import Path
from typing import Any

import click
import pytest

import clickbind
from clickbind import BindError, Observer, UserError, observers
from clickbind.observers import finding


class Mine(Observer):
    """An observer."""


def offer(monkeypatch: pytest.MonkeyPatch, **values: str) -> None:
    """Let installed distributions have these entry points; a name that ends with ``_again`` is there twice."""
    points = EntryPoints(
        EntryPoint(name.removesuffix("_again"), value, finding.GROUP) for name, value in values.items()
    )
    monkeypatch.setattr(observers.metadata, "entry_points", lambda group: points.select(group=group))


def test_a_name_is_that_of_an_entry_point(monkeypatch: pytest.MonkeyPatch) -> None:
    offer(monkeypatch, mine=f"{__name__}:Mine", broken="nowhere:Nothing")
    assert finding.find(["mine"]) == [("mine", Mine)]


def test_an_unknown_name_is_an_error_with_what_there_is(monkeypatch: pytest.MonkeyPatch) -> None:
    offer(monkeypatch, wandb="x:y")
    with pytest.raises(UserError, match=r"has the observer 'wanbd'.*there are mlflow, wandb\. Did you mean 'wandb'\?"):
        finding.find(["wanbd"])


def test_a_name_that_two_have_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    offer(monkeypatch, mine="a:b", mine_again="c:d")
    with pytest.raises(UserError, match=r"several observers 'mine': a:b and c:d\. Uninstall"):
        finding.find(["mine"])


def test_what_cannot_be_imported_says_why(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "broken_observer.py").write_text("1 / 0\n", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    offer(monkeypatch, mine="broken_observer:Mine")
    with pytest.raises(UserError, match=r"'mine' \(broken_observer:Mine\) cannot be imported: ZeroDivisionError"):
        finding.find(["mine"])


def test_the_place_of_an_entry_point_has_the_distribution() -> None:
    points = importlib.import_module("importlib.metadata").entry_points(group="console_scripts")
    assert " of pytest " in finding._place(next(point for point in points if point.name == "pytest"))


def test_mlflow_needs_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "clickbind.observers.mlflow", None)
    monkeypatch.setitem(finding._OWN, "mlflow", ("nowhere_at_all", "MLflow", "mlflow"))
    with pytest.raises(UserError, match=r'needs nowhere_at_all: pip install "clickbind\[mlflow\]"'):
        finding.find(["mlflow"])


def test_instances_classes_and_functions_are_observers() -> None:
    one = Mine()
    (_, first), (name, second), (_, third) = finding.find([one, Mine, lambda: one])
    assert (first() is one, name, second, third() is one) == (True, "Mine", Mine, True)


@pytest.mark.parametrize(
    ("given", "message"),
    [("mlflow", r"observers='mlflow' is one name: pass a list"), ([3], "3 is not an observer: pass a name")],
)
def test_a_binder_refuses_what_is_no_observer(given: Any, message: str) -> None:
    with pytest.raises(BindError, match=message):
        clickbind.Binder(observers=given)


def test_an_observer_that_cannot_be_made_says_why() -> None:
    def fail() -> Any:
        raise ValueError("no")

    def refuse() -> Any:
        raise click.UsageError("not today")

    with pytest.raises(UserError, match="the observer 'x' cannot be made: ValueError: no"):
        finding.made("x", fail)
    with pytest.raises(click.UsageError, match="not today"):
        finding.made("x", refuse)
    with pytest.raises(UserError, match=r"the observer 'x' made 3, which is not a clickbind\.Observer"):
        finding.made("x", lambda: 3)
