"""A small program for tests that type whole lines; it records what runs."""

from __future__ import annotations

import gc
import importlib.metadata
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
import pytest
from click.shell_completion import ShellComplete, get_completion_class
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, settings

import clickbind
from tests.emscripten import skip_records, skip_what_is_missing
from tests.fuzz.effort import TIMES

skip_what_is_missing()
# Neither an example nor the making of examples may depend on how busy the machine is; `make fuzz` tries random ones.
settings.register_profile(
    "any machine",
    deadline=None,
    derandomize=not TIMES,
    max_examples=100 * max(TIMES, 1),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.load_profile("any machine")
# A shell lets what it runs in the background ignore Ctrl-C, and what that starts ignores it too.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what the platform cannot run."""
    skip_records(items)


HANG = 600
"""Seconds after which a test gives up on what waits for ever. How long anything takes is counted in processor time."""


@contextmanager
def processor_seconds(limit: float) -> Iterator[None]:
    """Fail where more processor time is taken, whatever else the machine does."""
    began = time.process_time()
    yield
    if sys.platform != "emscripten":  # whose clock of processor time is the one on the wall
        assert time.process_time() - began < limit


def install(project: Path, target: Path) -> None:
    """Install a distribution into a folder, without its dependencies, which needs no network."""
    words = ["install", "--quiet", "--no-index", "--no-deps", "--no-build-isolation", "--target", str(target)]
    subprocess.run([sys.executable, "-m", "pip", *words, str(project)], check=True)


BEFORE_8_4 = tuple(map(int, importlib.metadata.version("click").split(".")[:2])) < (8, 4)


def in_new_words(text: str) -> str:
    """Write what Click before 8.4 prints as later ones do."""
    text = re.sub(r"(?m)^Try '(.*) -h' for help\.$", r"Try '\1 --help' for help.", text)
    text = re.sub(r"No such option: (\S+)", r"No such option '\1'.", text)
    several = re.search(r"\(Possible options: (.*)\)", text)
    if several is not None:
        quoted = ", ".join(f"'{flag}'" for flag in several[1].split(", "))
        text = text.replace(several[0], f"(Did you mean one of: {quoted}?)")
    return text.replace("[OPTIONS] COMMAND", "[OPTIONS] [COMMAND]") if BEFORE_8_4 else text


class Program:
    """One context, one bound function under two scopes, three stages; ``peek`` is left out of the default run.

    Attributes
    ----------
    calls : list of (str, dict)
        What ran, in its order, with its arguments; ``left`` is the end of the context.
    """

    def __init__(self) -> None:
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.binder = binder = clickbind.Binder("prog", help="Tries models.", version="1.2")

        @binder.context
        @contextmanager
        def output(folder: str = "out") -> Iterator[None]:
            """Keeps what is made."""
            self.calls.append(("output", {"folder": folder}))
            Path(folder).mkdir(exist_ok=True)
            yield
            self.calls.append(("left", {}))

        @binder.bind("train", "val")
        def dataset(folder: str = "default", size: int = 10) -> str:
            """Reads data."""
            self.calls.append(("dataset", {"folder": folder, "size": size}))
            return folder

        @binder.stage
        def prepare(source: Path = Path("raw"), shuffle: bool = False) -> None:
            """Prepare the data."""
            self.calls.append(("prepare", {"source": source, "shuffle": shuffle}))

        @binder.stage
        def train(
            epochs: int = 50, lr: float = 1e-3, model_type: str = "conv", tags: list[str] | None = None
        ) -> tuple[str, str]:
            """Train the model.

            It takes a while.

            Parameters
            ----------
            epochs : int
                How often each item is seen, by default 50
            """
            self.calls.append(("train", {"epochs": epochs, "lr": lr, "model_type": model_type, "tags": tags}))
            with binder.scope("train"):
                training = dataset()
            with binder.scope("val"):
                return training, dataset()

        @binder.stage(default=False)
        def peek(count: int = 1) -> int:
            """Look at the results."""
            self.calls.append(("peek", {"count": count}))
            return count

        self.dataset = dataset
        self.train = train
        self.main = binder.command()

    def __call__(self, *line: str, **settings: Any) -> Result:
        """Type a line."""
        return CliRunner().invoke(self.main, line, prog_name="prog", **settings)

    @property
    def ran(self) -> list[str]:
        """The names of what ran, without the bound function."""
        return [name for name, _ in self.calls if name != "dataset"]

    def got(self, name: str) -> list[Any]:
        """Return what the calls of a function got: all its arguments, or one as in ``train.epochs``."""
        function, _, argument = name.partition(".")
        found = [arguments for name, arguments in self.calls if name == function]
        return [arguments[argument] for arguments in found] if argument else found

    def complete(self, line: str, incomplete: str) -> list[str]:
        """Press TAB behind a line."""
        return completions(self.main, line, incomplete)


def completions(command: click.Command, line: str, incomplete: str, shell: str = "bash") -> list[str]:
    """Return what a shell is offered for a line's last word."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("_PROG_COMPLETE", f"{shell}_complete")  # as the shell does
        return _completions(command, line, incomplete, shell)


def _completions(command: click.Command, line: str, incomplete: str, shell: str) -> list[str]:
    shell_class = get_completion_class(shell)
    assert shell_class is not None
    complete: ShellComplete = shell_class(command, {}, "prog", "_PROG_COMPLETE")
    return [item.value for item in complete.get_completions(line.split(), incomplete)]


@pytest.fixture(autouse=True)
def _started_as_a_script(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let programs be called by their name, and not by ``python -m pytest`` where that has started the tests."""
    monkeypatch.setattr(sys.modules["__main__"], "__package__", None, raising=False)


@pytest.fixture(autouse=True)
def _unfrozen() -> Iterator[None]:
    """Take back what a press of TAB does to a process that is made for it alone."""
    yield
    gc.unfreeze()


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Program:
    """Return a fresh program, started from an empty folder."""
    monkeypatch.chdir(tmp_path)
    return Program()


def elsewhere(binder: clickbind.Binder) -> Callable[[Any], Any]:
    """Bind a class as another module does that has it from the one that defines it: a stand-in is made."""

    def bind(cls: Any) -> Any:
        return binder.bind(cls)

    return bind
