"""The command `resume` goes on with a recorded run, and never does again what is done."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Annotated, Any

import pytest
from click.testing import CliRunner, Result

import clickbind
from clickbind.journal import claims, code, records
from tests.journal.kit import Fit, record_of, turns_of


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(code, "code_of", lambda _: code.Code("abcdefghij", ""))


@pytest.fixture
def fit() -> Fit:
    """A program with a run in ``r`` whose second turn has failed."""
    fit = Fit(insists=False, envvar_prefix="fit", config="fit.yml")
    fit.fails()
    assert fit("--into r --debug run train --epochs 4 --token hunter2! evaluate").exit_code == 1
    fit.ran.clear()
    fit.within = lambda: 2
    return fit


def test_a_run_goes_on_with_what_is_not_done(fit: Fit) -> None:
    before = record_of("r")
    result = fit("resume r")
    assert (result.exit_code, fit.ran) == (0, ["evaluate test"])
    assert result.stderr == "r: 1 of 2 turns are done; the run goes on with evaluate.\n"
    after = record_of("r")
    assert (after["status"], after["exit"], after["error"]) == ("done", 0, None)
    assert after["results"] == {"train.loss": 0.5, "evaluate": 2}
    assert after["line"] == before["line"]
    assert after["turns"][0] == before["turns"][0]
    assert turns_of("r") == [("train", "done"), ("evaluate", "done")]
    assert after["seconds"] >= before["turns"][0]["seconds"]
    assert sorted(os.listdir("r")) == [".done", "model", "record.json", "run.yml", "versions.txt"]


def test_a_run_is_resumed_as_often_as_it_fails(fit: Fit) -> None:
    text = Path("r/run.yml").read_text(encoding="utf-8")
    fit.fails()
    assert fit("resume r").exit_code == 1
    assert turns_of("r") == [("train", "done"), ("evaluate", "failed")]
    assert Path("r/run.yml").read_text(encoding="utf-8") == text
    fit.within = lambda: 3
    assert fit("resume r").exit_code == 0
    assert fit.ran == ["evaluate test", "evaluate test"]
    assert record_of("r")["results"]["evaluate"] == 3


def test_the_results_come_back_in_python(fit: Fit) -> None:
    assert fit.main(["resume", "r"], standalone_mode=False) == [2]
    assert fit.main(["resume", "r"], standalone_mode=False) == []


def test_a_run_that_is_done_is_left_alone(fit: Fit) -> None:
    fit("resume r")
    before = record_of("r")
    result = fit("resume r")
    assert (result.exit_code, result.output) == (0, "r: the run is done. To run a part of it again: --from STAGE.\n")
    assert fit.ran == ["evaluate test"]
    assert record_of("r") == before


def test_from_runs_again_what_is_done(fit: Fit) -> None:
    fit("resume r")
    fit.within = lambda: {"new": 7}
    result = fit("resume r --from evaluate --evaluate.folder test2")
    assert (result.exit_code, fit.ran[1:]) == (0, ["evaluate test2"])
    found = record_of("r")
    assert found["results"] == {"train.loss": 0.5, "evaluate.new": 7}
    assert (turns_of("r"), found["status"]) == ([("train", "done"), ("evaluate", "done")], "done")
    assert "evaluate.folder: test2  # --evaluate.folder\n" in Path("r/run.yml").read_text(encoding="utf-8")
    fit.returns = {"loss": 9}
    assert fit("--from train resume r --train.epochs 6").exit_code == 0
    assert fit.ran[2:] == ["train 6", "evaluate test2"]
    assert record_of("r")["results"] == {"train.loss": 9, "evaluate.new": 7}


def test_a_part_that_fails_again_is_not_done(fit: Fit) -> None:
    fit("resume r")
    fit.fails()
    assert fit("resume r --from evaluate").exit_code == 1
    assert records.read("r").status == "failed"
    assert ".done" not in os.listdir("r")


@pytest.mark.parametrize("name", ["run.yml", "record.json", "versions.txt", "code.diff"])
def test_a_run_with_a_folder_in_the_place_of_a_file_stays_as_it_is(fit: Fit, name: str) -> None:
    fit("resume r")
    text = Path("r/run.yml").read_text(encoding="utf-8")
    Path("r", name).unlink(missing_ok=True)
    Path("r", name).mkdir()
    before = sorted(os.listdir("r"))
    fit.ran.clear()
    result = fit("resume r --from evaluate")
    assert (result.exit_code, fit.ran, sorted(os.listdir("r"))) == (2, [], before)
    assert name in result.output
    assert name == "run.yml" or Path("r/run.yml").read_text(encoding="utf-8") == text


def test_until_leaves_the_rest_for_another_time(fit: Fit) -> None:
    assert fit("resume r --from train --until train").exit_code == 0
    assert fit.ran == ["train 4"]
    result = fit("resume r --until train")
    assert result.exit_code == 0  # what was asked for is done


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (
            "resume r --train.epochs 5",
            "--train.epochs: train has run with train.epochs 4. To run that again: --from train.",
        ),
        ("--train.epochs 5 resume r", "--train.epochs: train has run with train.epochs 4."),
        ("resume r --dataset.size 3", "--dataset.size: train has run with dataset.size 10."),
        ("resume r --val/dataset.size 3", "--val/dataset.size: train has run with val/dataset.size unset."),
        ("resume r --run.stages train", "--run.stages: a run goes on with its own stages. Start a new one."),
        ("resume r --output.folder s", "--output.folder: train has run with output.folder unset."),
        ("resume r --from train --output.folder s", "--output.folder s are two folders"),
        ("resume r --into s", "'--into' cannot be used with 'resume'."),
        ("resume r --no-record", "'--no-record' cannot be used with 'resume'."),
        (
            "resume r --from analyze",
            "--from: no turn of this run is of a stage 'analyze'; its stages are train, evaluate.",
        ),
        ("resume none", "none: there is no such folder."),
        ("resume empty", "empty: there is no record of a run."),
        ("resume", "Missing argument 'FOLDER'."),
        ("resume r --train.epohcs 5", "No such option '--train.epohcs'."),
        ("resume r --train.epochs many", "'many' is not a valid integer"),
    ],
)
def test_a_wrong_line_is_refused(fit: Fit, line: str, message: str) -> None:
    Path("empty").mkdir()
    before = record_of("r")
    result = fit(line)
    assert result.exit_code == 2
    assert message in " ".join(result.stderr.split())
    assert (fit.ran, record_of("r")) == ([], before)


def test_values_that_change_nothing_are_accepted(fit: Fit) -> None:
    assert fit("resume r --train.epochs 4 --dataset.size 10 --evaluate.folder other").exit_code == 0
    assert fit.ran == ["evaluate other"]


def test_a_secret_is_not_compared(fit: Fit) -> None:
    assert fit("resume r --train.token other").exit_code == 0
    assert fit.ran == ["evaluate test"]


def test_several_stages_that_have_run_are_named() -> None:
    fit = Fit(insists=False)
    fit.fails()
    fit("--into r run train train evaluate")
    fit.returns = None
    assert "--dataset.size: train has run with" in fit("resume r --dataset.size 3").stderr
    fit.within = lambda: 1
    fit("resume r --from evaluate")
    assert fit.ran == ["train 1", "train 1", "evaluate test", "evaluate test"]
    message = fit("resume r --from train --dataset.size 3").stderr
    assert "Error" not in message
    assert fit("resume r --dataset.size 3").exit_code == 0  # it is done: nothing runs


def test_two_stages_that_have_run_are_both_named() -> None:
    fit = Fit(insists=False)
    done: list[int] = []
    fit.within = lambda: done.append(1) if not done else fit.main(["none"])
    fit("--into r run train evaluate evaluate")
    result = fit("resume r --dataset.size 3")
    assert "--dataset.size: train and evaluate have run with dataset.size 10." in result.stderr


def test_the_values_of_a_turn_are_kept() -> None:
    fit = Fit(insists=False)
    Path("f.yml").write_text("run.stages: [{train: {epochs: 3}}, evaluate, {train: {epochs: 5}}]\n", encoding="utf-8")
    fit.fails()
    fit("--into r --config f.yml")
    fit.within = lambda: 1
    assert fit("resume r").exit_code == 0
    assert fit.ran == ["train 3", "evaluate test", "evaluate test", "train 5"]
    text = Path("r/run.yml").read_text(encoding="utf-8")
    assert "run.stages:  # f.yml:1\n- train:\n    epochs: 3" in text
    fit.returns = {"other": 1}
    assert fit("resume r --from evaluate").exit_code == 0
    assert record_of("r")["results"] == {"train.loss": 0.5, "train.other": 1, "evaluate": 1}


def test_recorded_values_beat_files_and_variables_of_today(fit: Fit, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("fit.yml").write_text("evaluate.folder: file\noutput.folder: elsewhere\n", encoding="utf-8")
    Path("more.yml").write_text("evaluate.folder: more\nval/dataset.size: 7\nrun.stages: [train]\n", encoding="utf-8")
    monkeypatch.setenv("FIT_EVALUATE_FOLDER", "variable")
    monkeypatch.setenv("FIT_RUN_STAGES", "train")
    monkeypatch.setenv("FIT_VAL__DATASET_SIZE", "8")
    assert fit("resume r --config more.yml").exit_code == 0
    assert fit.ran == ["evaluate test"]
    assert not os.path.exists("elsewhere")
    assert "val/dataset.size" not in Path("r/run.yml").read_text(encoding="utf-8")


class Secrets:
    """A stage with a secret that is required, and one that fails at first."""

    def __init__(self) -> None:
        self.got: list[str] = []
        self.fails = True
        binder = clickbind.Binder("prog", envvar_prefix="prog", config="prog.yml")

        @binder.stage
        def get(token: Annotated[str, clickbind.Option(secret=True, envvar="TOKEN")]) -> None:
            self.got.append(token)
            if self.fails:
                raise ValueError("refused")

        self.main = binder.command()

    def __call__(self, line: str) -> Result:
        return CliRunner().invoke(self.main, line.split(), prog_name="prog")


@pytest.mark.parametrize("source", ["line", "variable", "prefix", "default file", "file"])
def test_secrets_come_from_today(source: str, monkeypatch: pytest.MonkeyPatch) -> None:
    secrets = Secrets()
    secrets("--into r get --token old-secret")
    secrets.fails = False
    result = secrets("resume r")
    assert (result.exit_code, "Missing option '--get.token" in result.stderr) == (2, True)
    Path("s.yml" if source == "file" else "prog.yml").write_text(
        "get.token: new-secret\n" if source.endswith("file") else "", encoding="utf-8"
    )
    for name in {"variable": ["TOKEN"], "prefix": ["PROG_GET_TOKEN"]}.get(source, ()):
        monkeypatch.setenv(name, "new-secret")
    line = {"line": "resume r --get.token new-secret", "file": "--config s.yml resume r"}.get(source, "resume r")
    assert secrets(line).exit_code == 0
    assert secrets.got == ["old-secret", "new-secret"]
    assert "new-secret" not in "".join(path.read_text(encoding="utf-8") for path in Path("r").iterdir())


def test_a_run_that_is_in_progress_is_refused(fit: Fit) -> None:
    claim = claims.take("r")
    result = fit("resume r")
    assert (result.exit_code, fit.ran) == (2, [])
    assert re.search(f"r: process {os.getpid()} on .* runs it; wait until it has ended.", result.stderr)
    claim.release()


def test_a_killed_run_goes_on() -> None:
    fit = Fit(insists=False)
    fit.fails(KeyboardInterrupt())
    fit("--into r")
    fit.within = lambda: 1
    assert fit("resume r").exit_code == 0
    assert fit.ran[2:] == ["evaluate test"]


def test_a_run_that_failed_before_its_contexts_goes_on() -> None:
    fit = Fit()

    def fail() -> None:
        raise OSError("no disk")

    fit.before = fail
    fit("--into a/r --train.epochs 3")
    fit("--into a/r --train.epochs 4")
    assert sorted(os.listdir("a")) == ["r.record", "r.record-2"]
    assert fit("resume a/r").exit_code == 1
    assert sorted(os.listdir("a")) == ["r.record", "r.record-2"]
    fit.before = lambda: None
    assert fit("resume a/r").exit_code == 0
    assert sorted(os.listdir("a")) == ["r", "r.record"]
    assert fit("runs a").output.count("\n") == 4
    assert fit.ran == ["train 4", "evaluate test"]
    os.rename("a/r", "a/s")
    assert fit("resume a/r.record").exit_code == 0
    assert sorted(os.listdir("a")) == ["r", "s"]
    assert "a/s: the run is done" in fit("resume a/s").output


def test_a_run_of_which_nothing_is_known_starts_again(fit: Fit) -> None:
    Path("r/record.json").write_text("{", encoding="utf-8")
    assert fit("resume r").exit_code == 0
    assert fit.ran == ["train 4", "evaluate test"]
    assert record_of("r")["status"] == "done"


def test_a_waiting_run_is_begun(fit: Fit) -> None:
    os.unlink("r/record.json")
    assert fit("resume r").exit_code == 0
    assert fit.ran == ["train 4", "evaluate test"]


def test_a_record_without_its_run_is_refused(fit: Fit) -> None:
    os.unlink("r/run.yml")
    assert "the record has no run.yml, so the run cannot be resumed." in fit("resume r").stderr


def test_a_record_that_does_not_fit_its_run_is_refused(fit: Fit) -> None:
    path = Path("r/run.yml")
    path.write_text(path.read_text(encoding="utf-8").replace("- train\n", ""), encoding="utf-8")
    result = fit("resume r")
    assert result.exit_code == 2
    assert "run.yml has the stages evaluate, but the record says that train are done" in " ".join(result.stderr.split())


def test_a_run_that_was_edited_wrongly_is_refused(fit: Fit) -> None:
    Path("r/run.yml").write_text("train.epohcs: 3\n", encoding="utf-8")
    assert "unknown key 'train.epohcs'" in fit("resume r").stderr or "has no parameter" in fit("resume r").stderr
    assert fit.ran == []


def test_what_was_killed_after_all_turns_only_ends(fit: Fit) -> None:
    found = record_of("r")
    found["turns"][1]["status"] = "done"
    Path("r/record.json").write_text(json.dumps(found), encoding="utf-8")
    result = fit("resume r --until train")
    assert (result.exit_code, fit.ran) == (2, [])
    assert "--until train leaves nothing to run of train evaluate: what is done comes after it." in result.stderr
    result = fit("resume r")
    assert (result.exit_code, fit.ran) == (0, [])
    assert "r: all 2 turns are done; the run only enters its contexts, and ends.\n" in result.stderr
    assert record_of("r")["status"] == "done"
    assert fit("resume r").output.startswith("r: the run is done.")


def test_a_stage_that_is_not_done_cannot_be_skipped() -> None:
    fit = Fit(insists=False)
    fit.fails()
    fit("--into r run evaluate train")
    result = fit("resume r --from train")
    assert (result.exit_code, "--from train: evaluate comes before it, and is not done." in result.stderr) == (2, True)


@pytest.mark.parametrize(
    ("now", "before", "line"),
    [
        (code.Code("zyxwvuts", ""), "", "it was commit abcdefg, and is zyxwvut."),
        (code.Code(None, ""), "", "it was commit abcdefg, and is None."),
        (code.Code("abcdefghij", "+ x\n"), "", "by changes that are not committed."),
        (code.Code("abcdefghij", "+ x\n"), "+ y\n", "by changes that are not committed."),
        (code.Code("abcdefghij", "+ x\n"), "+ x\n", ""),
    ],
)
def test_code_that_has_changed_is_said_to_have(
    fit: Fit, now: code.Code, before: str, line: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if before:
        Path("r/code.diff").write_text(before, encoding="utf-8")
    monkeypatch.setattr(code, "code_of", lambda _: now)
    result = fit("resume r")
    assert result.exit_code == 0
    said = result.stderr.splitlines()[1:]
    assert said == (
        [f"The code has changed since this run was recorded{':' if 'it was' in line else ','} {line}"] if line else []
    )


def test_a_run_that_goes_on_can_be_shown_first(fit: Fit) -> None:
    before = record_of("r")
    result = fit("resume r --print-config --evaluate.folder other")
    assert (result.exit_code, result.stderr, fit.ran) == (0, "", [])
    assert "evaluate.folder: other  # --evaluate.folder\n" in result.output
    assert record_of("r") == before


def test_the_options_of_the_program_hold_for_it_too(fit: Fit) -> None:
    assert "evaluate(\n" in fit("resume r --debug").output
    fit.fails()
    fit("resume r --from evaluate --save s.yml")
    assert "train.epochs: 4\n" in Path("s.yml").read_text(encoding="utf-8")


def test_flags_and_repeated_options_are_passed_on() -> None:
    binder = clickbind.Binder("prog")
    got: list[Any] = []

    @binder.stage
    def train(tags: list[str] = [], fast: bool = True, name: str = "") -> None:  # noqa: B006 - copied for each call
        got.append((tags, fast, name))
        if len(got) == 1:
            raise ValueError("no")

    main = binder.command()
    CliRunner().invoke(main, ["--into", "r", "train"])
    line = ["resume", "r", "--train.tags", "a", "--train.tags", "b", "--no-train.fast", "--train.name=-x"]
    result = CliRunner().invoke(main, line)
    assert result.exit_code == 0, result.output
    assert got[1] == (["a", "b"], False, "-x")


def test_origins_of_a_run_that_goes_on_are_the_first_ones(fit: Fit) -> None:
    fit("resume r --evaluate.folder other")
    text = Path("r/run.yml").read_text(encoding="utf-8")
    assert "train.epochs: 4  # --epochs\n" in text
    assert "evaluate.folder: other  # --evaluate.folder\n" in text
    assert "dataset.size: 10  # default\n" in text
    assert "run.stages:  # the command line\n" in text


def test_an_origin_that_is_not_recorded_is_the_record(fit: Fit) -> None:
    path = Path("r/run.yml")
    path.write_text(re.sub(r"  # .*", "", path.read_text(encoding="utf-8")), encoding="utf-8")
    assert fit("resume r").exit_code == 0
    assert "\ntrain.epochs: 4  # the record\n" in path.read_text(encoding="utf-8")
