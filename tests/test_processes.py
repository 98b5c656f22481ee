"""Values are passed to other processes: those of multiprocessing, of joblib, and of a loader of data."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

DOCS = Path(__file__).parent.parent / "docs" / "processes.md"
BLOCKS = dict(re.findall(r"(?ms)^```python (\S+)\n(.*?)^```", DOCS.read_text(encoding="utf-8")))
SHOWN = dict(re.findall(r"`python ([^`]+)` prints (`.*`)\.$", DOCS.read_text(encoding="utf-8"), re.MULTILINE))
"""The lines whose output the page has in a sentence, and each output."""


def printed(folder: Path, *line: str) -> str:
    """Run a program, and return what it prints."""
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    done = subprocess.run(
        [sys.executable, *line], cwd=folder, env=environment, capture_output=True, check=False, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def run(folder: Path, line: str) -> str:
    """Run a line of the page, and return what it prints, which is what the page says."""
    words = line.split()
    (folder / words[0]).write_text(BLOCKS[words[0]], encoding="utf-8")
    found = printed(folder, *words)
    assert re.findall("`([^`]*)`", SHOWN[line]) == found.splitlines()
    return found


def test_each_program_of_the_page_is_run() -> None:
    sessions = re.findall(r"(?m)^\$ python (\S+)", DOCS.read_text(encoding="utf-8"))  # by `test_docs`
    assert set(BLOCKS) == {*sessions, "joblib_pool.py", "loading.py"}
    assert {line.split()[0] for line in SHOWN} == {"joblib_pool.py", "loading.py"}


@pytest.mark.skipif(importlib.util.find_spec("joblib") is None, reason="joblib is not installed")
def test_joblibs_processes_get_the_values(tmp_path: Path) -> None:
    assert run(tmp_path, "joblib_pool.py --score.size 5") == "0 5 10\n"


LOADER = '''
"""A loader of data whose workers are processes, in place of PyTorch's."""

import multiprocessing


def work(dataset, init, number, tasks, results):
    init(number)
    for index in iter(tasks.get, None):
        results.put((index, dataset[index]))


class Dataset:
    """The class of data sets."""


class DataLoader:
    def __init__(self, dataset, batch_size, num_workers, worker_init_fn):
        assert batch_size is None
        self.dataset, self.count, self.init = dataset, num_workers, worker_init_fn

    def __iter__(self):
        context = multiprocessing.get_context("spawn")
        tasks, results = context.Queue(), context.Queue()
        workers = [
            context.Process(target=work, args=(self.dataset, self.init, number, tasks, results))
            for number in range(self.count)
        ]
        for worker in workers:
            worker.start()
        for index in range(len(self.dataset)):
            tasks.put(index)
        found = dict(results.get() for _ in range(len(self.dataset)))
        for _ in workers:
            tasks.put(None)
        for worker in workers:
            worker.join()
        return iter([found[index] for index in sorted(found)])
'''


def test_the_workers_of_a_loader_get_the_values(tmp_path: Path) -> None:
    if importlib.util.find_spec("torch") is None:
        folder = tmp_path / "torch" / "utils"
        folder.mkdir(parents=True)
        (folder / "data.py").write_text(LOADER, encoding="utf-8")
    expected = "train 0 10 20 30\nval 0 1 2 3\n"
    assert run(tmp_path, "loading.py --train/transform.gain 10") == expected
    own = expected.replace("1 2 3", "2 4 6")
    assert printed(tmp_path, "loading.py", "--train/transform.gain", "10", "--transform.gain", "2") == own


SHOWING = """
import multiprocessing

import clickbind

binder = clickbind.Binder("showing")


@binder.bind("train")
def score(size: int = 1, name: str = "n"):
    return size


def show(values):
    print(values)
    print(list(values), values["score.size"], values["score.name"], values["run.stages"])
    values.save("child.yml")


@binder.stage
def run_it():
    values = binder.values()
    values.save("parent.yml")
    process = multiprocessing.get_context("spawn").Process(target=show, args=[values])
    process.start()
    process.join()


main = binder.command()

if __name__ == "__main__":
    main()
"""


def test_a_snapshot_shows_and_saves_itself_in_a_process_that_is_spawned(tmp_path: Path) -> None:
    (tmp_path / "showing.py").write_text(SHOWING, encoding="utf-8")
    assert printed(tmp_path, "showing.py", "run-it", "--score.size", "5") == (
        "<Values: 2 set, 1 defaults\n  run.stages = ['run_it']  # the command line\n  score.size = 5  # --score.size>\n"
        "['run.stages', 'score.size'] 5 n ['run_it']\n"
    )
    saved = [(tmp_path / name).read_text(encoding="utf-8") for name in ("parent.yml", "child.yml")]
    assert saved[0] == saved[1] == "run.stages:\n- run_it\n\nscore.name: 'n'\nscore.size: 5\n"
