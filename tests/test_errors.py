"""The error tree."""

from __future__ import annotations

import io
import subprocess
import sys

import click
import pytest

import clickbind
from clickbind.declare.function import ParameterSpec
from clickbind.errors import BindError, ClickbindError, ConfigError, ConversionError, SaveError, UserError, suggest
from clickbind.types import everyday, message_of, refused


@pytest.mark.parametrize("kind", [BindError, ConversionError, UserError, ConfigError, SaveError])
def test_every_error_is_a_clickbind_error(kind: type[Exception]) -> None:
    assert issubclass(kind, ClickbindError)


@pytest.mark.parametrize("kind", [BindError, ClickbindError, ConfigError, SaveError, UserError])
def test_the_package_has_it_(kind: type[Exception]) -> None:
    assert getattr(clickbind, kind.__name__) is kind
    assert kind.__name__ in dir(clickbind)


def test_the_module_that_it_comes_from_needs_no_import_of_its_own() -> None:
    code = "import clickbind; print(clickbind.errors.BindError is clickbind.BindError)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert done.stdout == "True\n"


def test_the_package_has_nothing_else() -> None:
    with pytest.raises(AttributeError, match="module 'clickbind' has no attribute 'ConversionError'"):
        clickbind.ConversionError  # type: ignore[attr-defined]  # noqa: B018 - it is looked up


@pytest.mark.parametrize("kind", [UserError, ConfigError, SaveError])
def test_a_users_error_is_a_usage_error_of_click_and_exits_with_2(kind: type[UserError]) -> None:
    error = kind("wrong")
    assert isinstance(error, click.UsageError)
    assert (error.exit_code, error.message, str(error)) == (2, "wrong", "wrong")


@pytest.mark.parametrize("kind", [BindError, ConversionError])
def test_a_developers_error_is_none_of_click(kind: type[Exception]) -> None:
    assert not issubclass(kind, click.ClickException)


def test_a_conversion_error_is_a_value_error_that_knows_its_node() -> None:
    node = object()
    error = ConversionError("'many' is not a valid integer.", node)
    assert isinstance(error, ValueError)
    assert (str(error), error.node) == ("'many' is not a valid integer.", node)


def test_a_conversion_error_needs_no_node() -> None:
    assert ConversionError("wrong").node is None


def test_a_config_error_is_shown_without_usage() -> None:
    file = io.StringIO()
    ConfigError("f.yml:1:1: wrong", click.Context(click.Command("prog"))).show(file)
    assert file.getvalue() == "Error: f.yml:1:1: wrong\n"


def test_a_config_error_is_shown_on_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    ConfigError("wrong").show()
    assert capsys.readouterr() == ("", "Error: wrong\n")


def test_another_users_error_is_shown_with_usage() -> None:
    file = io.StringIO()
    UserError("wrong", click.Context(click.Command("prog"), info_name="prog")).show(file)
    assert file.getvalue().startswith("Usage: prog [OPTIONS]\n")


def test_what_was_probably_meant_is_suggested() -> None:
    assert suggest("trian", ["evaluate", "train"]) == " Did you mean 'train'?"


def test_nothing_is_suggested_where_nothing_is_near() -> None:
    assert suggest("trian", ["evaluate", "output"]) == ""


def test_names_to_suggest_may_be_any_iterable() -> None:
    assert suggest("trian", iter({"train": 1})) == " Did you mean 'train'?"


def test_an_error_of_a_part_is_one_of_the_whole_with_its_own_hidden_text() -> None:
    inner, outer = object(), object()
    one = ConversionError("'x' is wrong.", inner, hidden="it is wrong.")
    one.more = [ConversionError("'y' is wrong.")]
    found = one.inside("lr", outer, "lr: expected FLOAT.").all
    assert [(error.message, error.hidden, error.node) for error in found] == [
        ("lr: 'x' is wrong.", "lr: it is wrong.", inner),
        ("lr: 'y' is wrong.", "lr: expected FLOAT.", outer),
    ]


@pytest.mark.parametrize("secret", [False, True])
def test_a_refused_value_is_shown_unless_it_is_secret(*, secret: bool) -> None:
    setting = ParameterSpec("lr", float, 0.1, everyday(float), mark=clickbind.Option(secret=secret))
    error = refused("train.lr", setting, ConversionError("'x' is wrong."), None)
    hidden = "train.lr: expected FLOAT."
    assert (error.message, error.hidden) == (hidden if secret else "train.lr: 'x' is wrong.", hidden)
    assert message_of(setting, ConversionError("'x' is wrong.")) == ("expected FLOAT." if secret else "'x' is wrong.")
