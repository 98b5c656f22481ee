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


def printed(folder: Path, *line: str) -> str:
    """Run a program, and return what it prints."""
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    done = subprocess.run(
        [sys.executable, *line], cwd=folder, env=environment, capture_output=True, check=False, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.skipif(importlib.util.find_spec("joblib") is None, reason="joblib is not installed")
def test_joblibs_processes_get_the_values(tmp_path: Path) -> None:
    blocks = re.findall(r"(?ms)^```python (\S+)\n(.*?)^```", DOCS.read_text(encoding="utf-8"))
    (tmp_path / "joblib_pool.py").write_text(dict(blocks)["joblib_pool.py"], encoding="utf-8")
    assert printed(tmp_path, "joblib_pool.py", "--score.size", "5") == "0 5 10\n"


LOADER = '''
"""A loader of data whose workers are processes, as PyTorch's."""

import multiprocessing


def work(dataset, init, number, tasks, results):
    init(number)
    for index in iter(tasks.get, None):
        results.put((index, dataset[index]))


class DataLoader:
    def __init__(self, dataset, num_workers, worker_init_fn):
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

TRAINING = """
from functools import partial

import clickbind
from loader import DataLoader

binder = clickbind.Binder("training")


@binder.bind("train", "val")
def transform(x: int, *, gain: int = 1) -> int:
    return x * gain


class Numbers:
    def __len__(self):
        return 4

    def __getitem__(self, index):
        return transform(index)


def enter(scope, values, worker):
    binder.scope(values, scope).__enter__()


@binder.stage
def train(workers: int = 2):
    for scope in ("train", "val"):
        loader = DataLoader(Numbers(), num_workers=workers, worker_init_fn=partial(enter, scope, binder.values()))
        print(scope, *loader)


main = binder.command()

if __name__ == "__main__":
    main()
"""


def test_the_workers_of_a_loader_get_the_values(tmp_path: Path) -> None:
    (tmp_path / "loader.py").write_text(LOADER, encoding="utf-8")
    (tmp_path / "training.py").write_text(TRAINING, encoding="utf-8")
    line = ["training.py", "--transform.gain", "2", "train", "--train/transform.gain", "10"]
    assert printed(tmp_path, *line) == "train 0 10 20 30\nval 0 2 4 6\n"


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
