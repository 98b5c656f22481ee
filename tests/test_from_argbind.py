"""Programs that are written for ArgBind run unchanged, and right where ArgBind is not."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.test_seed import Line, session

HERE = Path(__file__).parent
EXAMPLES = HERE.parent / "examples" / "from_argbind"
NOT_SHOWN = "[not shown]\n"
STAGES = ("download", "preprocess", "train", "evaluate", "analyze")


class Result(NamedTuple):
    output: str
    errors: str
    code: int


def run(program: str | Path, *line: str, folder: Path, **variables: str) -> Result:
    """Run a program in a folder."""
    done = subprocess.run(
        [sys.executable, str(program), *line],
        cwd=folder,
        env={**os.environ, "PYTHONIOENCODING": "utf-8", "PYTHONWARNINGS": "error", **variables},
        capture_output=True,
        check=False,
        text=True,
    )
    return Result(done.stdout, done.stderr, done.returncode)


# The seed's session


def typed(command: str, folder: Path) -> Result:
    """Run a command of the seed with its original program, ``/tmp`` being a folder of the test's."""
    words = shlex.split(command.replace("/tmp", str(folder)))[1:]
    single = words[-1] in STAGES and "--run.stages" not in words
    program = EXAMPLES / ("multistage_with_subcommands.py" if single else "multistage_flat.py")
    found = run(program, *words, folder=folder)
    return found._replace(output=found.output.replace(str(folder), "/tmp"))


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> list[Result]:
    """Run the whole session once, in its order."""
    folder = tmp_path_factory.mktemp("seed")
    return [typed(line.command, folder) for line in session()]


@pytest.mark.parametrize(
    ("number", "line"), [pytest.param(i, line, id=line.command) for i, line in enumerate(session())]
)
def test_a_command_prints_what_the_seed_shows(number: int, line: Line, results: list[Result]) -> None:
    assert results[number].code == 0, results[number].errors
    assert results[number].errors == ""
    if line.expected != NOT_SHOWN:
        assert results[number].output == line.expected


def test_the_saved_file_is_the_seeds(tmp_path: Path) -> None:
    line = 'multistage --output.folder /tmp/output --run.stages "train evaluate analyze" --train.epochs 100'
    assert typed(f"{line} --args.save /tmp/saved_args.yml", tmp_path).code == 0
    saved = (tmp_path / "saved_args.yml").read_text(encoding="utf-8").replace(str(tmp_path), "/tmp")
    assert saved == (HERE / "seed.yml").read_text(encoding="utf-8")


def test_a_stage_that_does_not_exist_ends_as_in_the_seed(tmp_path: Path) -> None:
    result = typed('multistage --output.folder /tmp/output --run.stages "non_existent_stage"', tmp_path)
    assert result.code == 1
    assert result.output.splitlines() == [
        "Making output folder /tmp/output.",
        "Switched working directory to /tmp/output",
        "Returning to original folder",
    ]
    assert result.errors.startswith("Traceback (most recent call last):\n")
    assert result.errors.splitlines()[-1] == (
        f"ValueError: Requested stage non_existent_stage not in known stages {list(STAGES)}"
    )


# What ArgBind does wrong


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """Return a program that prints the arguments of a call, by the name of its function."""
    path = tmp_path / "program.py"
    path.write_text(
        textwrap.dedent(
            '''\
            from __future__ import annotations

            from typing import Dict, List, Literal, Optional, Tuple

            from clickbind import argbind


            class Net:
                pass


            @argbind.bind("train")
            def dataset(
                shuffle: bool = True,
                count: Optional[int] = None,
                kind: Literal["wav", "mp3"] = "wav",
                sizes: list[int] = [1],
                old: List[float] = [0.5],
                pair: Tuple[int, str] = (1, "a"),
                table: Dict = {"a": 1},
                net: float | Net = 0.5,
                lr: float = 0.1,
                when: str = "now",
            ):
                """Reads 100% of the data.

                Parameters
                ----------
                shuffle : bool
                    Whether the order is 50% random.
                """
                print(shuffle, count, kind, sizes, old, pair, table, net, lr, when)


            if __name__ == "__main__":
                args = argbind.parse_args()
                try:
                    with argbind.scope(args, "train"):
                        raise ValueError
                except ValueError:
                    pass
                dataset(when="outside")
                with argbind.scope(args):
                    dataset()
            '''
        )
    )
    return path


DEFAULT = "True None wav [1] [0.5] (1, 'a') {'a': 1} 0.5 0.1 now"
OUTSIDE = DEFAULT.replace("now", "outside")


def test_an_unknown_option_is_an_error(program: Path, tmp_path: Path) -> None:
    result = run(program, "--dataset.shufle", "--args.save", "a.yml", folder=tmp_path)
    assert (result.code, result.output) == (2, "")
    assert re.search("No such option:? '?--dataset.shufle'?", result.errors)  # quoted from Click 8.4 on
    assert not (tmp_path / "a.yml").exists()


def test_a_boolean_keeps_its_default_of_true_and_can_be_switched_off(program: Path, tmp_path: Path) -> None:
    assert run(program, folder=tmp_path).output.splitlines() == [OUTSIDE, DEFAULT]
    found = run(program, "--no-dataset.shuffle", folder=tmp_path).output.splitlines()
    assert found == [OUTSIDE, DEFAULT.replace("True", "False")]


@pytest.mark.parametrize(
    ("option", "value", "shown"),
    [
        ("count", "4", "True 4 wav"),
        ("count", "none", "True None wav"),
        ("kind", "mp3", "None mp3 [1]"),
        ("sizes", "2 3", "wav [2, 3] [0.5]"),
        ("old", "2 3", "[1] [2.0, 3.0] (1"),
        ("pair", "2 3", "[0.5] (2, '3') {"),
        ("table", "x=5 y=a", "{'x': 5, 'y': 'a'} 0.5"),
        ("net", "0.7", "{'a': 1} 0.7 0.1"),
        ("lr", "1e-3", "0.5 0.001 now"),
    ],
)
def test_annotations_of_every_kind_have_options(
    program: Path, tmp_path: Path, option: str, value: str, shown: str
) -> None:
    result = run(program, f"--dataset.{option}", value, folder=tmp_path)
    assert result.errors == ""
    assert shown in result.output.splitlines()[1]


@pytest.mark.parametrize("option", ["-h", "--help"])
def test_a_docstring_may_have_a_percent_sign(program: Path, tmp_path: Path, option: str) -> None:
    result = run(program, option, folder=tmp_path)
    assert (result.code, result.errors) == (0, "")
    assert "Reads 100% of the data." in result.output
    assert "Whether the order is 50% random." in " ".join(result.output.split())


def test_values_of_a_file_are_converted(program: Path, tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text("dataset.lr: 1e-3\ndataset.when: 1.10\ndataset.pair: [3, 4]\ndataset.sizes: 5 6\n")
    result = run(program, "--args.load", "a.yml", folder=tmp_path)
    assert result.output.splitlines()[1] == "True None wav [5, 6] [0.5] (3, '4') {'a': 1} 0.5 0.001 1.10"


def test_a_wrong_value_of_a_file_is_told_before_anything_runs(program: Path, tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text("dataset.lr: fast\n")
    result = run(program, "--args.load", "a.yml", folder=tmp_path)
    assert (result.code, result.output) == (2, "")
    assert "a.yml:1:13: dataset.lr: 'fast' is not a valid float." in result.errors


def test_a_scope_ends_with_an_exception(program: Path, tmp_path: Path) -> None:
    result = run(program, "--dataset.lr", "5", folder=tmp_path)
    assert result.output.splitlines()[0] == OUTSIDE


@pytest.mark.parametrize(
    "text",
    [
        "dataset.when: !!python/object/apply:os.mkdir [made]\n",
        "dataset.table: {a: !!python/object/apply:os.mkdir [made]}\n",
        "other: !!python/object/apply:os.mkdir [made]\n",
        "other.net: !!python/name:os.mkdir\n",
    ],
)
def test_a_file_runs_no_code(program: Path, tmp_path: Path, text: str) -> None:
    (tmp_path / "a.yml").write_text(text)
    result = run(program, "--args.load", "a.yml", folder=tmp_path)
    assert (result.code, result.output) == (2, "")
    assert "a.yml:1:" in result.errors
    assert not (tmp_path / "made").exists()


def test_a_save_that_fails_leaves_the_old_file(program: Path, tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text("dataset.lr: 5\n")
    code = """\
        import program
        from clickbind import argbind

        argbind.dump_args({"dataset.when": "x", "dataset.lr": "fast"}, "a.yml")
        """
    (tmp_path / "save.py").write_text(textwrap.dedent(code))
    result = run("save.py", folder=tmp_path)
    assert result.code == 1
    assert "SaveError: dataset.lr: " in result.errors
    assert (tmp_path / "a.yml").read_text() == "dataset.lr: 5\n"


def test_threads_have_their_own_scopes(program: Path, tmp_path: Path) -> None:
    code = """\
        import threading
        from clickbind import argbind

        @argbind.bind("train", "val")
        def dataset(folder: str = "default"):
            return folder

        def work(name):
            for _ in range(1000):
                with argbind.scope({"train/dataset.folder": "t", "val/dataset.folder": "v"}, name):
                    if dataset() != name[0]:
                        print("wrong")

        threads = [threading.Thread(target=work, args=(name,)) for name in ("train", "val") * 4]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        print("done")
        """
    (tmp_path / "threads.py").write_text(textwrap.dedent(code))
    assert run("threads.py", folder=tmp_path) == ("done\n", "", 0)


# A program of the shape that those have which train models


LIBRARY = """\
    import contextlib

    class BaseTransform:
        def transform(self):
            return type(self).__name__, vars(self)

    class Identity(BaseTransform):
        def __init__(self, prob: float = 1.0):
            self.prob = prob

    class VolumeNorm(BaseTransform):
        def __init__(self, db: tuple = ("const", -24), prob: float = 1.0):
            self.db, self.prob = db, prob

    class MelLoss:
        def __init__(self, n_mels: list[int] = [150, 80], weight: float = 1.0, loss_fn=sum):
            self.n_mels, self.weight, self.loss_fn = n_mels, weight, loss_fn

        def forward(self):
            return self.n_mels

    class Helper:
        def __init__(self, x: int = 1):
            self.x = x

    class AdamW:
        def __init__(self, params, lr: float = 0.1, betas=(0.9, 0.99), *, fused: "bool | None" = None):
            self.params, self.lr, self.betas, self.fused = params, lr, betas, fused

    class AudioDataset:
        def __init__(self, loader, duration: float = 5.0, n_examples: int = 1000, transform: "BaseTransform" = None):
            self.duration, self.n_examples, self.transform = duration, n_examples, transform

    class Accelerator:
        def __init__(self, amp: bool = False):
            self.amp = amp

        def __enter__(self):
            return self

        def __exit__(self, *_):
            print("left")

    def no_grad():
        import functools

        def decorate(function):
            @functools.wraps(function)
            def call(*args, **kwargs):
                return function(*args, **kwargs)
            return call
        return decorate
    """

TRAIN = """\
    import os
    import sys

    import library
    from clickbind import argbind

    Accelerator = argbind.bind(library.Accelerator, without_prefix=True)
    AdamW = argbind.bind(library.AdamW, "generator", "discriminator")
    AudioDataset = argbind.bind(library.AudioDataset, "train", "val")

    filter_fn = lambda fn: hasattr(fn, "transform") and fn.__qualname__ not in ["BaseTransform", "Compose"]
    tfm = argbind.bind_module(library, "train", "val", filter_fn=filter_fn)

    filter_fn = lambda fn: hasattr(fn, "forward") and "Loss" in fn.__name__
    losses = argbind.bind_module(library, filter_fn=filter_fn)


    @argbind.bind("train", "val")
    def build_transform(augment_prob: float = 1.0, preprocess: list = ["Identity"]):
        return augment_prob, [getattr(tfm, name)().transform() for name in preprocess]


    @argbind.bind("train", "val", "test")
    def build_dataset(sample_rate: int, folders: dict = None):
        data = AudioDataset(None)
        return sample_rate, folders, data.duration, data.n_examples, build_transform()


    @argbind.bind(without_prefix=True)
    def load(args, accel, resume: bool = False, tag: str = "latest"):
        with argbind.scope(args, "generator"):
            generator = AdamW([1])
        with argbind.scope(args, "discriminator"):
            discriminator = AdamW([2])
        with argbind.scope(args, "train"):
            data = build_dataset(44100)
        with argbind.scope(args, "val"):
            val_data = build_dataset(44100)
        return resume, tag, generator, discriminator, data, val_data


    @library.no_grad()
    @argbind.bind(without_prefix=True)
    def val_loop(step, valid_freq: int = 10):
        return step % valid_freq


    @argbind.bind(without_prefix=True)
    def train(
        args,
        accel: Accelerator,
        seed: int = 0,
        save_path: str = "ckpt",
        save_iters: list = [10, 20],
        lambdas: dict = {"mel/loss": 100.0, "adv/gen_loss": 1.0},
    ):
        print(seed, save_path, save_iters, lambdas, accel.amp)
        resume, tag, generator, discriminator, data, val_data = load(args, accel)
        print(resume, tag, (generator.lr, generator.betas), (discriminator.lr, discriminator.betas), generator.fused)
        print(data)
        print(val_data)
        print(losses.MelLoss().n_mels, losses.MelLoss(weight=3.0).weight, losses.Helper().x, val_loop(25))


    if __name__ == "__main__":
        args = argbind.parse_args()
        args["args.debug"] = int(os.getenv("LOCAL_RANK", 1)) == 0
        with argbind.scope(args):
            with Accelerator() as accel:
                train(args, accel)
    """

BASE = """\
    # Optimization
    AdamW.lr: 1e-4
    AdamW.betas: [0.8, 0.99]
    ExponentialLR.gamma: 0.999996
    DAC.encoder_rates: [2, 4, 8, 8]

    amp: true
    device: cuda
    save_iters: [1000, 2000]
    lambdas:
      mel/loss: 15.0
      adv/gen_loss: 1

    # Transforms
    VolumeNorm.db: [const, -16]
    build_transform.preprocess:
      - Identity
      - VolumeNorm
    build_transform.augment_prob: 0.0
    train/build_transform.augment_prob: 0.5

    # Data
    train/AudioDataset.duration: 0.38
    val/AudioDataset.n_examples: 250
    train/build_dataset.folders:
      speech:
        - /data/daps/train
        - /data/vctk
      music: [/data/musdb/train]
    val/build_dataset.folders:
      speech: [/data/daps/val]
    test/build_dataset.folders: {speech: [/data/daps/test]}
    MelLoss.n_mels: [5, 10, 20]
    """

CONF = "$include:\n- conf/base.yml\n\nseed: 7\ndiscriminator/AdamW.lr: 2e-4\n"


@pytest.fixture
def training(tmp_path: Path) -> Path:
    """Return the folder of the program."""
    (tmp_path / "conf").mkdir()
    files = {"library.py": LIBRARY, "train.py": TRAIN, "conf/base.yml": BASE, "conf/small.yml": CONF}
    for name, text in files.items():
        (tmp_path / name).write_text(textwrap.dedent(text))
    return tmp_path


TRAINED = """\
7 runs/x [1000, 2000] {'mel/loss': 15.0, 'adv/gen_loss': 1} True
True latest (0.0001, (0.8, 0.99)) (0.0002, (0.8, 0.99)) None
(44100, {'speech': ['/data/daps/train', '/data/vctk'], 'music': ['/data/musdb/train']}, 0.38, 1000, \
(0.5, [('Identity', {'prob': 1.0}), ('VolumeNorm', {'db': ('const', -16), 'prob': 1.0})]))
(44100, {'speech': ['/data/daps/val']}, 5.0, 250, \
(0.0, [('Identity', {'prob': 1.0}), ('VolumeNorm', {'db': ('const', -16), 'prob': 0.25})]))
[5, 10, 20] 3.0 1 5
left
"""


def test_a_program_that_trains_a_model_gets_what_its_files_and_line_say(training: Path) -> None:
    line = "--args.load conf/small.yml --save_path runs/x --resume --val/VolumeNorm.prob 0.25"
    result = run("train.py", *line.split(), folder=training)
    assert result.output == TRAINED
    assert result.errors == (
        "Warning: conf/base.yml:4:1: no bound function has a parameter for 'ExponentialLR.gamma'.\n"
        "Warning: conf/base.yml:5:1: no bound function has a parameter for 'DAC.encoder_rates'.\n"
    )


def test_what_such_a_program_saves_is_the_same_run(training: Path) -> None:
    line = "--args.load conf/small.yml --save_path runs/x --resume --val/VolumeNorm.prob 0.25 --args.save args.yml"
    assert run("train.py", *line.split(), folder=training).output == TRAINED
    assert run("train.py", "--args.load", "args.yml", folder=training).output == TRAINED


def test_only_the_first_process_of_such_a_program_prints_its_calls(training: Path) -> None:
    first, second = (run("train.py", folder=training, LOCAL_RANK=rank) for rank in ("0", "1"))
    lines = first.output.splitlines()
    assert lines[:4] == ["Accelerator(", "  amp : bool = False", ")", "train("]
    assert "AdamW(" in lines
    assert lines[lines.index("AdamW(") + 1] == "  # scope = generator"
    assert "AdamW(" not in second.output
    assert first.errors == second.errors == ""


def test_the_help_of_such_a_program_has_a_section_per_function(training: Path) -> None:
    text = run("train.py", "-h", folder=training).output
    titles = re.findall(r"(?m)^(\w+):$", text)
    assert titles == [
        "Options", "Accelerator", "AdamW", "AudioDataset", "Identity", "VolumeNorm", "MelLoss",
        "build_transform", "build_dataset", "load", "val_loop", "train",
    ]  # fmt: skip
    assert "Scopes: generator, discriminator, as in --generator/AdamW.lr." in text
