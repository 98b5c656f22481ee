"""Stages of other distributions are found by entry points, imported when needed, and harm nothing else."""

from __future__ import annotations

import pickle
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from textwrap import dedent
from types import ModuleType
from typing import Any

import click
import cloudpickle  # type: ignore[import-untyped]  # it has no stubs
import pytest
from click.testing import CliRunner, Result

import clickbind
from clickbind.calls.plugins import Plugin, PluginRegistry

PROBE = """
    def probe(rate: float = .5, *, token: str = "none"):
        '''Probe the model. It is quick.'''
        print("probe", rate)
"""
SCORE = """
    from lab import binder
    @binder.bind("val")
    def Metric(k: int = 3):
        return k
    @binder.stage
    def score_it(n: int = 1):
        print("score", n, Metric())
"""


class Lab:
    """A program, and a folder of distributions with stages for it."""

    def __init__(self, site: Path, **settings: Any) -> None:
        self.site = site
        self.binder = binder = clickbind.Binder("lab", plugins="lab.stages", **settings)

        @binder.bind
        def dataset(size: int = 10) -> int:
            return size

        @binder.stage
        def train(epochs: int = 5, *, shuffle: bool = False) -> None:
            click.echo(f"train {epochs} {dataset()}")

        self.main = binder.command()

    def install(self, name: str, entries: str, **modules: str) -> None:
        """Write a distribution as an installer does, with its modules beside it."""
        info = self.site / f"{name.replace('-', '_')}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n", encoding="utf-8")
        (info / "entry_points.txt").write_text(f"[lab.stages]\n{dedent(entries)}\n", encoding="utf-8")
        for module, text in modules.items():
            (self.site / f"{module}.py").write_text(dedent(text), encoding="utf-8")

    def __call__(self, *line: str, **settings: Any) -> Result:
        return CliRunner().invoke(self.main, line, terminal_width=200, **settings)

    @property
    def imported(self) -> set[str]:
        """The modules of plugins that are imported."""
        return {path.stem for path in self.site.glob("*.py")} & sys.modules.keys()


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Lab]]:
    site = tmp_path / "site"
    site.mkdir()
    monkeypatch.syspath_prepend(str(site))

    def made(**settings: Any) -> Lab:
        lab = Lab(site, **settings)
        module = ModuleType("lab")
        module.binder = lab.binder  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, "lab", module)
        return lab

    yield made
    for path in site.glob("*.py"):
        sys.modules.pop(path.stem, None)


@pytest.fixture
def lab(make: Callable[..., Lab]) -> Lab:
    """Make a program with two plugins that work and one that does not."""
    lab = make()
    lab.install("lab-probe", "probe = lab_probe:probe", lab_probe=PROBE)
    lab.install("lab-score", "score-it = lab_score:score_it", lab_score=SCORE)
    lab.install("lab-broken", "broken = lab_broken:fit", lab_broken="import torchh")
    return lab


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make the working directory a new folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("line", "printed", "imported"),
    [
        ("train --epochs 3 --no-shuffle --no-train.shuffle --dataset.size 2", "train 3 2\n", set()),
        ("", "train 5 10\n", set()),
        ("probe --rate 2", "probe 2.0\n", {"lab_probe"}),
        ("train --probe.rate 2", "train 5 10\n", {"lab_probe"}),
        ("run train probe --rate 1 score_it --n 4", "train 5 10\nprobe 1.0\nscore 4 3\n", {"lab_probe", "lab_score"}),
        ("--run.stages probe", "probe 0.5\n", {"lab_probe"}),
        ("--config files.yml", "train 7 10\nprobe 3.0\n", {"lab_probe"}),
        ("--config nested.yml score-it", "score 1 8\n", {"lab_score"}),
        ("--config turns.yml", "probe 4.0\nprobe 0.5\n", {"lab_probe"}),
        ("--debug train", "run(\n  stages : list = ['train']\n)\n", set()),
        ("score-it --Metric.k 4", "score 1 4\n", {"lab_score"}),
        ("--Metric.k 4 score-it", "score 1 4\n", {"lab_probe", "lab_score"}),
    ],
)
def test_a_line_imports_the_plugins_that_it_mentions(
    lab: Lab, line: str, printed: str, imported: set[str], files: Path
) -> None:
    (files / "files.yml").write_text("train.epochs: 7\nprobe.rate: 3\nrun.stages: [train, probe]\n", encoding="utf-8")
    (files / "turns.yml").write_text("run.stages: [probe: {rate: 4}, probe]\n", encoding="utf-8")
    (files / "nested.yml").write_text("Metric:\n  k: 8\nval/Metric.k: 9\n", encoding="utf-8")
    result = lab(*line.split())
    assert result.output.startswith(printed)
    assert result.exit_code == 0
    assert lab.imported == imported


def test_help_lists_the_plugins_and_the_reason_why_one_cannot_be_imported(lab: Lab) -> None:
    result = lab("--help")
    assert result.exit_code == 0
    assert "probe:\n  Probe the model. It is quick.\n\n  --probe.rate FLOAT" in result.output
    listed = result.output.partition("\nStages:\n")[2].partition("\n\n")[0]
    assert [" ".join(words.split()) for words in listed.splitlines()] == [
        "train",
        "broken (cannot be imported: ModuleNotFoundError: No module named 'torchh')",
        "probe Probe the model.",
        "score-it",
    ]


@pytest.mark.parametrize(
    "line", ["broken", "broken --help", "run train broken", "train --broken.x 1", "--run.stages broken", "run broken"]
)
def test_a_plugin_that_cannot_be_imported_says_why_before_anything_runs(lab: Lab, line: str) -> None:
    result = lab(*line.split())
    place = lab.site / "lab_broken.py"
    assert result.output == (
        "Error: the stage 'broken' of the plugin lab-broken 1.0 (lab_broken:fit) cannot be imported: "
        f"ModuleNotFoundError: No module named 'torchh' ({place}:1)\n"
    )
    assert result.exit_code == 2


def test_its_keys_in_a_file_say_so_at_their_place_with_all_other_problems(lab: Lab, files: Path) -> None:
    (files / "run.yml").write_text("broken.x: 1\nbroken:\n  y: 2\ntrain.epohcs: 3\n", encoding="utf-8")
    lines = lab("--config", "run.yml", "train").output.splitlines()
    for number in (1, 2):
        assert any(line.startswith(f"{'Error: ' * (number == 1)}run.yml:{number}:1: broken") for line in lines)
    assert sum("cannot be imported: ModuleNotFoundError" in line for line in lines) == 2
    assert any("train.epohcs" in line for line in lines)


def test_a_mistake_of_the_developer_in_a_function_that_a_file_sets_stays_one(tmp_path: Path) -> None:
    binder = clickbind.Binder("lab")
    binder.bind(dict.update, name="update")
    (tmp_path / "f.yml").write_text("update.x: 1\n", encoding="utf-8")
    with pytest.raises(clickbind.BindError):
        binder.load(tmp_path / "f.yml")


@pytest.mark.parametrize(
    ("text", "first", "whole"),
    [
        ("raise ValueError('one\\ntwo')", "ValueError: one", "ValueError: one\ntwo ("),
        ("import sys; sys.exit('no')", "SystemExit: no", "SystemExit: no ("),
        ("def f(:\n    pass", "SyntaxError: invalid syntax", "    def f(:\n"),
        ("fit = 3", "3 cannot be bound: it is not callable.", "3 cannot be bound: it is not callable."),
        ("x = 3", "AttributeError: module 'lab_bad' has no attribute 'fit'", "has no attribute 'fit'"),
        ("import click\nfit = click.Command('fit')", "it is a Click command, not a function", "with add_command."),
        (
            "try:\n    1 / 0\nexcept ZeroDivisionError as error:\n    raise RuntimeError('no') from error",
            "RuntimeError: no",
            "\ncaused by ZeroDivisionError: division by zero (",
        ),
        ("try:\n    1 / 0\nexcept ZeroDivisionError:\n    raise KeyError('a')", "KeyError: 'a'", "\ncaused by ZeroD"),
        ("from lab import binder\n@binder.stage\ndef other(): ...\nfit = other", "it is bound as 'other'", "same name"),
        ("from lab import binder\n@binder.bind\ndef fit(): ...", "it binds 'fit' with 'bind'", "needs a stage."),
        (
            "from lab import binder\n@binder.stage\ndef other(): ...\ndef fit(): ...",
            "it binds the stage 'other', which has no entry point.",
            "which has no entry point.",
        ),
        (
            "from lab import binder\n@binder.context\ndef around():\n    yield\ndef fit(): ...",
            "it binds the context 'around', which would be entered only in some runs.",
            "only in some runs.",
        ),
        (
            "from lab import binder\nbinder._registry.bounds['fit'].options",
            "the plugin bad 1.0 (lab_bad:fit) looks at its own stage 'fit' while it is imported.",
            "while it is imported.",
        ),
    ],
)
def test_each_failure_of_a_plugin_is_shown_and_harms_nothing_else(
    make: Callable[..., Lab], text: str, first: str, whole: str
) -> None:
    lab = make()
    lab.install("bad", "fit = lab_bad:fit", lab_bad=text)
    listed = " ".join(lab("--help").output.split())
    assert f"fit (cannot be imported: {first}" in listed
    result = lab("fit")
    assert whole in result.output
    assert (result.exit_code, type(result.exception)) == (2, SystemExit)
    assert lab("train").output == "train 5 10\n"
    assert list(lab.binder._registry.bounds) == ["dataset", "train", "fit"]
    assert "other" not in lab("run").output


def test_what_a_plugin_imports_of_the_program_stays_bound_although_the_plugin_fails(make: Callable[..., Lab]) -> None:
    lab = make()
    lab.install(
        "bad",
        "fit = lab_bad:fit",
        lab_more="from lab import binder\n@binder.bind('val')\ndef model(size: int = 1): ...",
        lab_bad="import lab_more\nfrom lab import binder\n@binder.bind('test')\ndef mine(): ...\n1 / 0",
    )
    assert lab("fit").exit_code == 2
    assert list(lab.binder._registry.bounds) == ["dataset", "train", "fit", "model"]
    assert list(lab.binder._registry.scopes) == ["val"]


def test_two_stages_of_one_module_are_imported_together(make: Callable[..., Lab]) -> None:
    lab = make()
    lab.install(
        "two",
        "one = lab_two:one\ntwo = lab_two:two",
        lab_two="from lab import binder\n@binder.stage\ndef one(): print(1)\n@binder.stage\ndef two(): print(2)",
    )
    assert lab("run", "one", "two").output == "1\n2\n"


def test_stages_that_bind_themselves_are_not_in_the_default_run_either(lab: Lab) -> None:
    lab("--help")
    assert lab().output == "train 5 10\n"
    assert "[default: train]" in lab("--help").output


def test_a_module_that_binds_its_stage_before_the_first_look_is_the_plugin(lab: Lab) -> None:
    __import__("lab_score")
    assert lab("score-it").output == "score 1 3\n"
    assert isinstance(lab.binder._registry.bounds["broken"], Plugin)


def test_a_module_may_bind_its_stage_after_the_first_look_too(lab: Lab) -> None:
    assert isinstance(lab.binder._registry.bounds["score_it"], Plugin)
    __import__("lab_score")
    assert lab("score-it").output == "score 1 3\n"


def test_a_name_of_two_plugins_is_an_error_that_names_both_distributions(make: Callable[..., Lab]) -> None:
    lab = make()
    lab.install("first", "probe = lab_first:probe")
    lab.install("second", "probe = lab_second:probe\nrun = lab_second:run\na b = lab_second:x")
    for line in ("--help", "train", "probe", ""):
        result = lab(*line.split())
        assert result.exit_code == 2
        assert result.output == (
            "Error: the plugin second 1.0 (lab_second:x): 'a b' is not a valid name: pass another name='…'.\n"
            "the name 'probe' is taken twice, by the plugin first 1.0 (lab_first:probe) and by the plugin second 1.0 "
            "(lab_second:probe). Uninstall a plugin, or rename one of them.\n"
            "the plugin second 1.0 (lab_second:run): the name 'run' is reserved by clickbind: pass another name='…'.\n"
        )


def test_a_name_of_the_program_and_a_plugin_is_an_error_that_names_both(make: Callable[..., Lab]) -> None:
    lab = make()
    lab.install("first", "train = lab_first:train")
    result = lab("train")
    assert result.exit_code == 2
    assert result.output.startswith("Error: the name 'train' is taken twice, by the program, tests.calls.test_plugins.")
    assert f"({__file__}:" in result.output
    assert "by the plugin first 1.0 (lab_first:train)" in result.output


def test_the_program_cannot_take_a_plugin_s_name_after_the_first_look(lab: Lab) -> None:
    lab("train")

    def probe() -> None:
        pass

    with pytest.raises(clickbind.BindError, match=r"^the name 'probe' is taken twice, by the program, .*lab-probe 1.0"):
        lab.binder.stage(probe)


def test_completion_offers_plugins_and_is_silent_about_a_name_that_is_taken_twice(
    lab: Lab, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("_LAB_COMPLETE", "bash_complete")
    monkeypatch.setenv("COMP_CWORD", "1")
    for words, offered in (("lab pr", "plain,probe\n"), ("lab --prob", "plain,--probe.rate\nplain,--probe.token\n")):
        monkeypatch.setenv("COMP_WORDS", words)
        with pytest.raises(SystemExit):
            lab.main(prog_name="lab")
        assert capsys.readouterr().out == offered
        assert lab.imported == {"lab_probe"}
    lab = Lab(lab.site)
    lab.install("other", "probe = lab_other:probe")
    monkeypatch.setenv("COMP_WORDS", "lab pr")
    with pytest.raises(SystemExit):
        lab.main(prog_name="lab")
    assert capsys.readouterr() == ("", "")


def test_outside_of_completion_an_error_leaves_a_program_that_is_not_standalone(lab: Lab) -> None:
    with pytest.raises(click.UsageError, match="No such command"):
        lab.main(["nothing"], standalone_mode=False)


def test_variables_of_plugins_are_read(make: Callable[..., Lab], monkeypatch: pytest.MonkeyPatch) -> None:
    lab = make(envvar_prefix="LAB")
    lab.install("lab-score", "score-it = lab_score:score_it", lab_score=SCORE)
    monkeypatch.setenv("LAB_TRAIN_EPOCHS", "2")
    assert lab("train").output == "train 2 10\n"
    assert not lab.imported
    monkeypatch.setenv("LAB_METRIC_K", "6")
    assert lab("train").output == "train 2 10\nWarning: LAB_METRIC_K was given, but no call used it.\n"
    assert lab("score-it").output == "score 1 6\n"
    monkeypatch.setenv("LAB_OTHER", "6")
    assert lab("score-it").output == ("Warning: the environment variable 'LAB_OTHER' sets no parameter.\nscore 1 6\n")


def test_a_saved_run_has_the_plugins_that_it_uses(lab: Lab) -> None:
    lab("--help")
    assert "probe" not in lab("--print-config", "train").output
    assert "probe.rate: 0.5" in lab("--print-config", "probe").output
    assert "Metric.k: 4" in lab("--print-config", "--Metric.k", "4", "train").output
    assert '"probe.rate"' in lab("--print-schema").output


def test_click_s_tools_see_the_options_of_plugins(lab: Lab) -> None:
    with click.Context(lab.main) as ctx:
        assert "probe.rate" in [param.name for param in lab.main.get_params(ctx)]


def test_a_secret_of_a_plugin_is_hidden_in_an_error_before_its_option(make: Callable[..., Lab]) -> None:
    lab = make()
    lab.install(
        "lab-probe",
        "probe = lab_probe:probe",
        lab_probe="""
            from typing import Annotated
            import clickbind
            def probe(token: Annotated[str, clickbind.Option(secret=True)] = "none"): ...
        """,
    )
    result = lab("train", "hunter2", "--probe.token", "hunter2")
    assert "hunter2" not in result.output


def test_values_and_scopes_know_the_functions_of_plugins(lab: Lab) -> None:
    registry = lab.binder._registry
    with lab.binder.scope({"probe.rate": 2.0, "Metric.k": 5}, "val"):
        assert registry.get("Metric").call() == 5  # type: ignore[union-attr]
    assert registry.get("nothing") is None


def test_a_stage_that_cannot_be_imported_cannot_be_called_from_python_either(lab: Lab) -> None:
    stage = lab.binder._registry.stage("broken")
    assert stage is not None
    with pytest.raises(clickbind.BindError, match="cannot be imported: ModuleNotFoundError"):
        stage.call()


def test_plugins_are_pickled_by_name(lab: Lab) -> None:
    plugin = lab.binder._registry.bounds["broken"]
    assert pickle.loads(pickle.dumps(plugin)) is plugin
    assert isinstance(cloudpickle.loads(cloudpickle.dumps(lab.main)), click.Group)
    assert pickle.loads(pickle.dumps(lab.binder)) is lab.binder


def test_a_registry_that_travels_finds_the_plugins_of_the_other_process(lab: Lab, tmp_path: Path) -> None:
    (tmp_path / "registry.pickle").write_bytes(pickle.dumps(PluginRegistry(lab.binder._registry.settings)))
    code = (
        f"import pickle, sys; sys.path.insert(0, {str(lab.site)!r})\n"
        "registry = pickle.load(open('registry.pickle', 'rb'))\n"
        "print(list(registry.bounds), registry.stage('probe').options['rate'].default)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, check=True, text=True)
    assert done.stdout == "['broken', 'probe', 'score_it'] 0.5\n"


def test_nothing_is_looked_for_until_the_first_look(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    def asked(**_: Any) -> Any:
        raise AssertionError

    monkeypatch.setattr("importlib.metadata.entry_points", asked)

    @lab.binder.context
    @contextmanager
    def output() -> Iterator[None]:
        yield

    assert lab.binder.command().name == "lab"
