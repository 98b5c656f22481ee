"""The parts of jobs that run in processes of their own, run in this one."""

from __future__ import annotations

import importlib
import io
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import clickbind
from clickbind import sweeps
from clickbind.errors import UserError
from clickbind.sweeps import child, local, programs, server, worker

from .conftest import Fit


@pytest.fixture(autouse=True)
def _same_process(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Put back what a process of a job changes in itself."""
    path, main, streams = list(sys.path), sys.modules["__main__"], [os.dup(1), os.dup(2)]
    monkeypatch.setenv(worker.SLOT, "")
    monkeypatch.setattr(os, "setpgid", lambda *_: None)
    yield
    sys.path[:] = path
    sys.modules["__main__"] = main
    sys.modules.pop("__mp_main__", None)
    for number, copy in enumerate(streams, 1):
        os.dup2(copy, number)
        os.close(copy)


def address(fit: Fit) -> str:
    """Return the address of the program."""
    return sweeps.programs.address_of(fit.binder._registry, "fit")


def job(fit: Fit, text: str = "train.lr: 0.5\nrun.stages: [train]\n") -> str:
    """Make a job, and return its folder."""
    folder = fit.folder / "x" / "01"
    folder.mkdir(parents=True)
    (folder / "run.yml").write_text(text, encoding="utf-8")
    return str(folder)


def test_a_module_is_found_by_its_name(fit: Fit) -> None:
    command, prog = sweeps.programs.load(address(fit))
    assert command is fit.module.main
    assert prog == "fit"


def test_a_script_is_run_again(fit: Fit) -> None:
    found = json.loads(address(fit)) | {"file": str(fit.folder / "fit.py"), "module": "__main__"}
    command, _ = sweeps.programs.load(json.dumps(found))
    assert command is sys.modules["__mp_main__"].main
    assert command is not fit.module.main


def test_a_program_without_a_command_in_a_variable_gets_one(fit: Fit) -> None:
    del fit.module.main
    command, _ = sweeps.programs.load(address(fit))
    assert command.list_commands(None)[:2] == ["train", "evaluate"]


def test_a_binder_that_is_gone_is_reported(fit: Fit) -> None:
    where = address(fit)
    del fit.module.binder
    with pytest.raises(UserError, match="fit has no global variable 'binder' in this process, which was the Binder"):
        sweeps.programs.load(where)


@pytest.mark.parametrize(("has_file", "has_spec"), [(True, False), (False, True), (False, False)])
def test_the_main_module_is_found_by_its_file_or_name(
    fit: Fit, monkeypatch: pytest.MonkeyPatch, has_file: bool, has_spec: bool
) -> None:
    registry = fit.binder._registry
    monkeypatch.setattr(registry, "home", ("__main__", "binder"))
    main = importlib.util.module_from_spec(importlib.machinery.ModuleSpec("package.__main__", None))
    if not has_spec:
        main.__spec__ = None
    if has_file:
        main.__file__ = str(fit.folder / "fit.py")
    monkeypatch.setitem(sys.modules, "__main__", main)
    if not has_file and not has_spec:
        with pytest.raises(UserError, match="put its functions into a file, and import them"):
            sweeps.programs.address_of(registry, "fit")
        return
    found = json.loads(sweeps.programs.address_of(registry, "fit"))
    expected = (str(fit.folder / "fit.py"), "__main__") if has_file else (None, "package.__main__")
    assert (found["file"], found["module"]) == expected


def test_a_job_runs_in_this_process(fit: Fit) -> None:
    folder = job(fit)
    assert worker.main(address(fit), folder, "3") == 0
    assert Path(folder, "trained").read_text(encoding="utf-8").startswith("0.5 ")
    assert "by a child in 3\n" in Path(folder, "log.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "code"),
    [("train.lr: 2\nrun.stages: [train]\n", 1), ("train.lr: many\n", 2)],
)
def test_a_job_that_fails_has_an_exit_code(fit: Fit, text: str, code: int) -> None:
    folder = job(fit, text)
    assert worker.main(address(fit), folder, "0") == code


@pytest.mark.parametrize(("code", "expected"), [(None, 0), (7, 7), ("gone", 1), ("nothing", 0)])
def test_a_job_that_exits_has_its_code(fit: Fit, monkeypatch: pytest.MonkeyPatch, code: Any, expected: int) -> None:
    def leave(*_: Any, **__: Any) -> None:
        raise SystemExit(code)

    monkeypatch.setattr(fit.module.main, "main", leave if code != "nothing" else lambda *_, **__: None)
    assert worker.run_here(fit.module.main, "fit", job(fit), "0") == expected


def test_a_job_goes_on_in_this_process(fit: Fit) -> None:
    folder = job(fit, "train.lr: 2\nrun.stages: [train]\n")
    assert worker.main(address(fit), folder, "0") == 1
    sweeps.sheet.write(os.path.dirname(folder), {"resumed": True, "program": "fit", "line": "fit resume x"})
    command, prog = sweeps.programs.load(address(fit))
    assert worker.run_here(command, prog, folder, "0", ("--train.lr", "0.5")) == 0
    assert Path(folder, "trained").read_text(encoding="utf-8").startswith("0.5 ")


def test_a_program_that_cannot_be_imported_ends_the_job(fit: Fit, capsys: pytest.CaptureFixture[str]) -> None:
    folder = job(fit)
    assert worker.main(json.dumps(json.loads(address(fit)) | {"module": "nowhere"}), folder, "0") == 1
    assert "No module named 'nowhere'" in capsys.readouterr().err


def test_a_new_interpreter_reads_its_job_from_standard_input(fit: Fit, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = job(fit)
    request = {"program": address(fit), "folder": folder, "slot": "1", "words": ["--train.token", "hunter2"]}
    monkeypatch.setattr(sys, "stdin", io.StringIO(json.dumps(request)))
    before = os.dup(0)
    try:
        assert sweeps.fresh.main() == 0
    finally:
        os.dup2(before, 0)
        os.close(before)
    assert "by a child in 1\n" in Path(folder, "log.txt").read_text(encoding="utf-8")


def test_a_worker_waits_for_its_child_and_shows_that_it_lives(fit: Fit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child, "_BEAT", 0.01)
    folder = job(fit)
    assert child.run_in_child(address(fit), folder, "0") == 0


class Served:
    """A server in a thread of this process, which starts processes where a real one forks."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, program: str, threads: int = 1) -> None:
        self.ours, theirs = socket.socketpair()
        self.lines = self.ours.makefile("r", encoding="utf-8")
        self.children: list[subprocess.Popen[bytes]] = []
        self.code: list[int] = []
        monkeypatch.setattr(server, "threads", lambda: threads)
        monkeypatch.setattr(signal, "signal", lambda *_: None)
        monkeypatch.setattr(os, "fork", self.fork)
        self.ours.sendall(json.dumps({"program": program, "words": []}).encode() + b"\n")
        number = str(theirs.detach())
        self.thread = threading.Thread(target=lambda: self.code.append(server.main(number)), daemon=True)
        self.thread.start()

    def fork(self) -> int:
        """Start a process that ends with 3, or be the child if there is one already."""
        if self.children:
            return 0
        self.children.append(subprocess.Popen([sys.executable, "-c", "raise SystemExit(3)"]))
        return self.children[0].pid

    def answer(self) -> dict[str, Any]:
        """Read an answer."""
        found: dict[str, Any] = json.loads(self.lines.readline())
        return found

    def ask(self, **request: Any) -> None:
        """Send a request."""
        self.ours.sendall(json.dumps(request).encode() + b"\n")

    def end(self) -> int:
        """Close the connection, and return the exit code."""
        self.ours.shutdown(socket.SHUT_WR)
        self.thread.join()
        self.lines.close()
        self.ours.close()
        for process in self.children:
            process.returncode = 3  # the server has waited for it
        return self.code[0]


def test_a_server_ends_if_its_driver_is_killed() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(b"an answer that nobody will read: the system then resets the connection")
        ours.close()
        assert server._Server(theirs).serve() is None


def test_a_server_starts_a_process_for_each_request(fit: Fit, monkeypatch: pytest.MonkeyPatch) -> None:
    served = Served(monkeypatch, address(fit))
    assert served.answer() == {"state": "ready"}
    served.ask(number=5, folder="x", slot="0")
    assert served.answer() == {"number": 5, "pid": served.children[0].pid}
    assert served.answer() == {"number": 5, "exit": 3}
    assert served.end() == 0


def test_an_exception_that_click_does_not_know_ends_a_job(fit: Fit, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr(fit.module.main, "main", fail)
    folder = job(fit)
    Path(folder, "log.txt").write_text("before", encoding="utf-8")
    worker.redirect(folder)
    assert worker.run_here(fit.module.main, "fit", folder, "0") == 1
    assert "before\n--- again" in Path(folder, "log.txt").read_text(encoding="utf-8")


def test_a_job_that_can_have_no_log_is_not_run(fit: Fit, capsys: pytest.CaptureFixture[str]) -> None:
    folder = fit.folder / "gone"
    assert worker.main(address(fit), str(folder), "0") == 1
    expected = f"Error: {folder}/log.txt: the log of this job cannot be written: No such file or directory.\n"
    assert capsys.readouterr().err == expected


def test_a_job_that_starts_with_closed_outputs_prints_to_its_log(fit: Fit, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = job(fit)
    monkeypatch.setattr(sys, "stdout", None)
    monkeypatch.setattr(sys, "stderr", None)
    worker.redirect(folder)
    os.write(1, b"by C\n")
    sys.stdout.write("out\n")
    sys.stderr.write("err\n")
    assert Path(folder, "log.txt").read_text(encoding="utf-8") == "by C\nout\nerr\n"


def test_jobs_of_a_server_that_is_gone_end(fit: Fit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programs, "_START", "import sys; sys.argv.pop(); import socket; " + GONE)
    executor = local.Processes(address(fit))
    future = executor.submit(None, address(fit), job(fit), "0")
    assert future.result() is None
    executor.stop(signal.SIGINT)
    executor.shutdown()


GONE = 's = socket.socket(fileno=int(sys.argv[1])); s.recv(9999); s.sendall(b\'{{"state": "ready"}}\\n\'); s.recv(99)'


def test_running_jobs_get_a_signal(fit: Fit, monkeypatch: pytest.MonkeyPatch) -> None:
    executor = local.Processes(address(fit), fresh=True)
    monkeypatch.setattr(programs, "_START", "import time; time.sleep(600)")
    future = executor.submit(None, address(fit), job(fit), "0")
    executor.stop(signal.SIGKILL)
    assert future.result() == -signal.SIGKILL
    executor.stop(signal.SIGKILL)
    executor.shutdown()


def test_the_child_of_a_server_runs_the_job(fit: Fit, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = job(fit)
    served = Served(monkeypatch, address(fit))
    served.answer()
    monkeypatch.setattr(os, "fork", lambda: 0)
    served.ask(number=1, folder=folder, slot="2")
    served.thread.join()
    assert served.code == [0]
    assert "by a child in 2\n" in Path(folder, "log.txt").read_text(encoding="utf-8")
    served.lines.close()
    served.ours.close()


def test_a_job_whose_folder_is_gone_fails(fit: Fit, monkeypatch: pytest.MonkeyPatch) -> None:
    served = Served(monkeypatch, address(fit))
    served.answer()
    monkeypatch.setattr(os, "fork", lambda: 0)
    served.ask(number=1, folder=str(fit.folder / "gone"), slot="2")
    served.thread.join()
    assert served.code == [1]
    served.lines.close()
    served.ours.close()


def test_a_child_of_a_server_with_running_jobs_closes_what_is_not_its_own(
    fit: Fit, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = job(fit)
    monkeypatch.setattr(server._Server, "_reap", lambda *_: None)
    served = Served(monkeypatch, address(fit))
    served.answer()
    served.ask(number=1, folder=folder, slot="0")
    served.answer()
    served.ask(number=2, folder=folder, slot="1")
    served.thread.join()
    assert served.code == [0]
    served.lines.close()
    served.ours.close()
    served.children[0].wait()


def test_a_program_without_a_home_is_refused() -> None:
    with pytest.raises(UserError, match="assign its Binder to a global variable"):
        sweeps.programs.address_of(clickbind.Binder("lost")._registry, "lost")


def test_a_server_says_that_it_cannot_fork(fit: Fit, monkeypatch: pytest.MonkeyPatch) -> None:
    served = Served(monkeypatch, address(fit), threads=2)
    assert served.answer() == {"state": "threads"}
    assert served.end() == 0


def test_a_server_says_that_a_program_cannot_be_imported(fit: Fit, monkeypatch: pytest.MonkeyPatch) -> None:
    served = Served(monkeypatch, json.dumps(json.loads(address(fit)) | {"module": "nowhere"}))
    found = served.answer()
    assert found["state"] == "failed"
    assert "No module named 'nowhere'" in found["message"]
    assert served.end() == 1


def test_threads_are_counted_without_a_list_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    many = server.threads()
    assert many >= threading.active_count()

    def missing(_: str) -> list[str]:
        raise FileNotFoundError

    monkeypatch.setattr(os, "listdir", missing)
    assert server.threads() == threading.active_count()


def test_without_forks_each_job_gets_a_new_interpreter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    assert local.Processes("{}")._fresh
