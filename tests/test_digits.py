"""The experiment on handwritten digits: what its README shows happens, and its numbers are right and the same again."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import HANG, in_new_words
from tests.digits_kit import ENVIRONMENT, EXAMPLE, run, typed

# isort: split
# The kit skips these tests where a library of the example is missing.

import numpy as np

from digits import figures, files, program
from digits.model import cross_entropy, gradients, initialize, logits
from digits.optimizers import SGD, Adam

README = (EXAMPLE / "README.md").read_text(encoding="utf-8")


def shell(line: str, folder: Path) -> str:
    """Type a line of a session, and return everything that it prints."""
    return in_new_words(typed(folder, line).stdout)


def without_numbers(text: str) -> str:
    """Leave out what differs with the processor and the library of linear algebra, and the order in which jobs end."""
    text = re.sub(r"(loss|accuracy)([= ])\d[\d.e+-]*%?", r"\1\2N", text)
    text = re.sub(r"\d+:\d\d|\d+\.\d MB|\b\d+\.\d{3,}\b", "N", text)
    text = re.sub(r"\d+ of 359|for \d+ epochs, best: epoch \d+|program\.py:\d+", "N", text)
    return "\n".join(sorted(re.sub(" +", " ", line) for line in text.splitlines()))


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[tuple[str, str, str]]]:
    """Run the sessions of the README: the folder, and for each line what is shown and what happened."""
    pytest.importorskip("plotly", reason="plotly is not installed")
    folder = tmp_path_factory.mktemp("played")
    shutil.copytree(EXAMPLE / "configs", folder / "configs")
    lines = []
    for kind, name, text in re.findall(r"(?ms)^```(\w+) ?(\S*)\n(.*?)^```", README):
        if name:
            (folder / name).write_text(text, encoding="utf-8")
        elif kind == "console":
            for line, shown in re.findall(r"(?ms)^\$ ([^\n]*)\n(.*?)(?=^\$ |\Z)", text):
                lines.append((line, shown, shell(line, folder)))
    return folder, lines


def test_the_sessions_of_its_readme_are_what_happens(played: tuple[Path, list[tuple[str, str, str]]]) -> None:
    for line, shown, printed in played[1]:
        assert without_numbers(printed) == without_numbers(shown), line


def test_the_first_run_reads_96_percent_and_draws_figures(played: tuple[Path, list[tuple[str, str, str]]]) -> None:
    assert re.findall(r"accuracy (\d\d)\.\d%, loss", played[1][0][2])[-1] >= "96"
    for name in ("losses.png", "confusion.png", "mistakes.png"):
        assert (played[0] / "output" / name).read_bytes().startswith(b"\x89PNG")


def test_a_saved_run_has_the_same_numbers_in_another_process_and_folder(
    played: tuple[Path, list[tuple[str, str, str]]],
) -> None:
    folder, _ = played
    for name in ("history.json", "evaluation.json", "predictions.npz"):
        assert (folder / "output" / name).read_bytes() == (folder / "runs" / "again" / name).read_bytes()


def test_the_notebook_trains_and_plots_the_sweep(played: tuple[Path, list[tuple[str, str, str]]]) -> None:
    cells = json.loads((EXAMPLE / "digits.ipynb").read_text(encoding="utf-8"))["cells"]
    code = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
    checks = """
assert best["train.optim.lr"] in (0.1, 0.3), best["train.optim.lr"]
assert [len(line.get_xdata()) for line in axes.lines] == [3, 3]
assert results["accuracy"] > .8 and losses["loss"] < 1, (results, losses)
figure.savefig("sweep.png")
"""
    subprocess.run(
        [sys.executable, "-c", code + checks],
        cwd=played[0],
        env={**ENVIRONMENT, "MPLBACKEND": "Agg"},
        check=True,
        timeout=HANG,
    )
    assert (played[0] / "sweep.png").exists()
    history = json.loads((played[0] / "runs" / "notebook" / "history.json").read_text(encoding="utf-8"))
    assert [epoch["epoch"] for epoch in history] == [1, 2, 3, 4, 5]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the data of all splits."""
    folder = tmp_path_factory.mktemp("prepared")
    run(folder, "run", "download", "preprocess", "--split.seed", "3", "--split.scale", "standard")
    return folder / "data"


@pytest.fixture
def prepared(data: Path, tmp_path: Path) -> Path:
    """Return a folder with the data of all splits."""
    shutil.copytree(data, tmp_path / "data")
    return tmp_path


def test_damaged_data_are_found_by_their_checksum(prepared: Path) -> None:
    raw = prepared / "data" / "raw.npz"
    raw.write_bytes(raw.read_bytes()[:-1] + b"x")
    printed = run(prepared, "preprocess", code=1)
    assert printed == "Error: data/raw.npz is damaged: its checksum differs. Run the stage 'download' again.\n"


def test_a_split_without_images_is_refused(prepared: Path) -> None:
    printed = run(prepared, "preprocess", "--split.val", ".0001", code=1)
    assert printed == "Error: no image is left for val: change --preprocess.split.val or --preprocess.split.test.\n"


def test_standard_scaling_gives_each_pixel_mean_0_and_variance_1_in_training(prepared: Path) -> None:
    with np.load(prepared / "data" / "train.npz") as arrays:
        varying = arrays["x"].std(axis=0) > 0
        assert varying.sum() > 50
        assert np.allclose(arrays["x"].mean(axis=0), 0)
        assert np.allclose(arrays["x"].std(axis=0)[varying], 1)


def test_a_pipe_has_no_progress_bar(prepared: Path) -> None:
    printed = run(prepared, "train", "--epochs", "2", "--train/dataset.limit", "100", "--patience", "none")
    found = re.sub(r"\d[\d.]*", "N", printed)
    assert found == "training\ntrained mlp for N epochs, best: epoch N, loss N, accuracy N%\n"


class Bar:
    """A progress bar that notes its steps, and gets Ctrl-C in one of them.

    Attributes
    ----------
    steps : list of int
        What it was moved by.
    """

    def __init__(self, last: int) -> None:
        self.last = last
        self.steps: list[int] = []

    def __call__(self, **_: Any) -> AbstractContextManager[Bar]:
        return nullcontext(self)

    def update(self, steps: int, _: dict[str, float]) -> None:
        """Move it."""
        self.steps.append(steps)
        if len(self.steps) == self.last:
            raise KeyboardInterrupt


def test_ctrl_c_leaves_the_best_classifier_and_the_epochs_so_far(
    prepared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(prepared)
    monkeypatch.setattr(program, "progressbar", Bar(last=3))
    with program.output(Path("output")):
        with pytest.raises(KeyboardInterrupt):
            program.train(epochs=9)
        assert len(files.read_json(Path("output/history.json"), "train")) == 3
        assert program.evaluate()["accuracy"] > 0.8
        program.analyze(dpi=20)


def test_the_bar_of_a_training_that_stops_early_is_full(prepared: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(prepared)
    bar = Bar(last=-1)
    monkeypatch.setattr(program, "progressbar", bar)
    with program.output(Path("output")), program.binder.scope({"train/dataset.limit": 30}):
        program.train(epochs=200, patience=1)
    assert len(bar.steps) < 200
    assert sum(bar.steps) == 200


def test_the_options_of_json_say_how_numbers_are_written(prepared: Path) -> None:
    run(prepared, "train", "--epochs", "1", "--json.indent", "1", "--json.sort_keys")
    assert (
        (prepared / "output" / "history.json").read_text(encoding="utf-8").startswith('[\n {\n  "epoch": 1,\n  "loss":')
    )
    run(prepared, "train", "--epochs", "1")
    assert len((prepared / "output" / "history.json").read_text(encoding="utf-8").splitlines()) == 1


def test_mistakes_are_drawn_from_raw_images_whatever_the_scale(prepared: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(prepared)  # the images are scaled to variance 1
    with program.output(Path("output")):
        program.train(epochs=1)
        program.evaluate()
    images = files.read_arrays(Path("output/predictions.npz"), "evaluate")["images"]
    assert images.shape[1:] == (8, 8)
    assert (images.min(), images.max()) == (0, 16)


@pytest.mark.parametrize("stage", ["preprocess", "train", "evaluate", "analyze"])
def test_a_stage_that_comes_too_early_says_what_to_run(stage: str, tmp_path: Path) -> None:
    assert re.search(r"^Error: .* does not exist\. Run the stage '\w+' first\.$", run(tmp_path, stage, code=1))


@pytest.mark.parametrize(
    "line",
    [
        ["--epochs", "0"],
        ["--optim.lr", "0"],
        ["--optim", "Adam", "--optim.momentum", ".5"],
        ["--model", "cnn"],
        ["--patience", "-1"],
    ],
)
def test_a_wrong_value_makes_nothing(line: list[str], tmp_path: Path) -> None:
    assert "Error: " in run(tmp_path, "train", *line, code=2)
    assert list(tmp_path.iterdir()) == []


def test_the_program_imports_neither_scikit_learn_nor_matplotlib() -> None:
    code = "import sys, digits.program; sys.exit(bool({'sklearn', 'matplotlib'} & sys.modules.keys()))"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=HANG)


@pytest.mark.parametrize("sizes", [(5, 3), (5, 4, 3)])
def test_the_gradients_are_those_of_finite_differences(sizes: tuple[int, ...]) -> None:
    rng = np.random.default_rng(0)
    parameters = initialize(sizes, rng)
    x, y = rng.normal(size=(7, 5)), rng.integers(0, 3, 7)
    loss, found = gradients(parameters, x, y)
    assert loss == cross_entropy(logits(parameters, x), y)
    for parameter, gradient in zip(parameters, found, strict=True):
        for index in np.ndindex(parameter.shape):
            before, losses = parameter[index], []
            for change in (1e-6, -1e-6):
                parameter[index] = before + change
                losses.append(cross_entropy(logits(parameters, x), y))
            parameter[index] = before
            assert gradient[index] == pytest.approx((losses[0] - losses[1]) / 2e-6, abs=1e-6)


@pytest.mark.parametrize("optim", [SGD(lr=0.02), Adam(lr=0.05)])
def test_an_optimizer_finds_the_bottom_of_a_bowl(optim: SGD | Adam) -> None:
    parameters: list[Any] = [np.array([3.0, -2.0]), np.array(1.0)]
    step = optim.start(parameters)
    for _ in range(600):
        step([2 * parameter for parameter in parameters])
    assert all(np.allclose(parameter, 0, atol=1e-3) for parameter in parameters)


def test_a_classifier_without_mistakes_has_a_figure_too(tmp_path: Path) -> None:
    figure = figures.mistakes(np.zeros((2, 8, 8)), np.array([0, 1]), np.eye(2), most=3)
    figures.save(figure, tmp_path / "none.png", dpi=50)
    assert [path.name for path in tmp_path.iterdir()] == ["none.png"]


def test_a_write_that_fails_leaves_the_old_file(tmp_path: Path) -> None:
    files.write_text(tmp_path / "file.json", "1")
    with pytest.raises(TypeError):
        files.write_arrays(tmp_path / "file.json", file=np.zeros(1))  # which `np.savez` takes for its own parameter
    assert [path.name for path in tmp_path.iterdir()] == ["file.json"]
    assert files.read_json(tmp_path / "file.json", "train") == 1
