"""Programs of the shapes that public projects have run as they do on ArgBind, and say what they do differently."""

from __future__ import annotations

import re
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from tests.test_from_argbind import Result, run

LIBRARY = '''
"""What a library of somebody else has: optimizers, an accelerator, models, data."""

from pathlib import Path
from typing import List, Union


class AdamW:
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999)):
        self.given = (list(params), lr, tuple(betas))


class Accelerator:
    use_ddp = False

    def __init__(self, amp: bool = False):
        self.amp = amp

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass


class Loader:
    def __init__(self, sources: List[str] = None, shuffle: bool = True, root: Union[str, Path] = "."):
        self.given = (sources, shuffle, root)


class Dataset:
    def __init__(self, loader, rate: int, duration: float = 0.5, **kwargs):
        self.given = (loader.given, rate, duration, kwargs)


class Transform:
    def __init__(self, name: str = None, prob: float = 1.0):
        self.name, self.prob = name, prob

    def transform(self):
        return self.name, self.prob


class Identity(Transform):
    pass


class Echo(Transform):
    pass


class Gain(Transform):
    def __init__(self, db: tuple = ("const", -24), name: str = None, prob: float = 1.0):
        super().__init__(name, prob)
        self.db = db
'''

PROGRAM = """
import warnings
from pathlib import Path

import argbind
import library

warnings.filterwarnings("ignore", category=UserWarning)

AdamW = argbind.bind(library.AdamW, "generator", "discriminator")
Accelerator = argbind.bind(library.Accelerator, without_prefix=True)
Loader = argbind.bind(library.Loader)
Dataset = argbind.bind(library.Dataset, "train", "val")
tfm = argbind.bind_module(
    library, "train", filter_fn=lambda fn: hasattr(fn, "transform") and fn.__qualname__ != "Transform"
)


@argbind.bind(without_prefix=True)
def load(args, accel: library.Accelerator, save_path: str, resume: bool = False):
    with argbind.scope(args, "generator"):
        print(AdamW([1, 2], use_zero=accel.use_ddp).given)
    with argbind.scope(args, "discriminator"):
        print(AdamW([3], use_zero=accel.use_ddp).given)
    for name in ("train", "val"):
        with argbind.scope(args, name):
            print(name, Dataset(Loader(), 44100, extra=1).given)
            print(name, [getattr(tfm, each)().prob for each in ("Identity", "Echo", "Gain")])
    print(save_path, resume, accel.amp)


@argbind.bind(without_prefix=True)
def train(
    args,
    accel: library.Accelerator,
    save_path: str = "ckpt",
    lambdas: dict = {"mel/loss": 100.0},
    val_idx: list = [0],
):
    Path(save_path).mkdir(exist_ok=True)
    argbind.dump_args(args, Path(save_path) / "args.yml")
    load(args, accel, save_path)
    print(lambdas, val_idx)


if __name__ == "__main__":
    args = argbind.parse_args()
    args["args.debug"] = False
    with argbind.scope(args):
        with Accelerator() as accel:
            train(args, accel)
"""

BASE = """\
amp: false
lambdas:
  mel/loss: 15.0
  adv/gen_loss: 1.0
val_idx: [0, 1]
AdamW.betas: [0.8, 0.99]
generator/AdamW.lr: 1e-4
Gain.db: [const, -16]
Transform.prob: 0.25
train/Loader.sources: [/data/train]
val/Loader.sources: [/data/val]
val/Dataset.duration: 5.0
"""

PRINTED = """\
([1, 2], 0.0001, (0.8, 0.99))
([3], 0.001, (0.8, 0.99))
train ((['/data/train'], True, '.'), 44100, 0.5, {'extra': 1})
train [0.25, 0.25, 1.0]
val ((['/data/val'], True, '.'), 44100, 5.0, {'extra': 1})
val [0.25, 0.25, 1.0]
ckpt False True
{'mel/loss': 15.0, 'adv/gen_loss': 1.0} [0, 1]
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return the folder of a project with a library, a training script, and a config that includes another."""
    (tmp_path / "library.py").write_text(LIBRARY, encoding="utf-8")
    (tmp_path / "train.py").write_text(migrated(PROGRAM), encoding="utf-8")
    (tmp_path / "base.yml").write_text(BASE, encoding="utf-8")
    (tmp_path / "exp.yml").write_text("$include:\n  - base.yml\n\namp: true\namp: true\n", encoding="utf-8")
    return tmp_path


def migrated(program: str) -> str:
    return program.replace("import argbind\n", "from clickbind import argbind\n")


def test_a_training_program_runs_unchanged(project: Path) -> None:
    result = run("train.py", "--args.load", "exp.yml", folder=project)
    assert (result.code, result.output) == (0, PRINTED)
    assert result.errors.replace(str(project / "train.py"), "train.py").splitlines() == [
        "Warning: exp.yml:5:1: amp is repeated with the same value, first set on line 4.",
        "Warning: train.py:22: AdamW has no parameter 'use_zero', so the argument is dropped.",
    ]


def test_the_arguments_that_it_dumps_run_it_again(project: Path) -> None:
    run("train.py", "--args.load", "exp.yml", folder=project)
    result = run("train.py", "--args.load", "ckpt/args.yml", folder=project)
    assert (result.code, result.output) == (0, PRINTED)


def test_what_is_typed_overrides_scopes_and_names_of_bases_in_files(project: Path) -> None:
    line = "--args.load exp.yml --Loader.sources /tmp --Echo.prob .5 --train/Transform.prob .75"
    printed = run("train.py", *line.split(), folder=project).output.splitlines()
    assert printed[2] == "train ((['/tmp'], True, '.'), 44100, 0.5, {'extra': 1})"
    assert printed[3] == "train [0.75, 0.75, 1.0]"
    assert printed[4] == "val ((['/tmp'], True, '.'), 44100, 5.0, {'extra': 1})"
    assert printed[5] == "val [0.25, 0.5, 1.0]"


def script(folder: Path, text: str, *line: str) -> Result:
    """Run a program of a few lines."""
    header = "from typing import *\nfrom pathlib import *\nfrom clickbind import argbind\n"
    (folder / "program.py").write_text(header + textwrap.dedent(text), encoding="utf-8")
    return run("program.py", *line, folder=folder)


IN_PLACE = """
class Net:
    def __init__(self, size: int = 1):
        self.size = size

class Wide(Net):
    pass

class Deep:
    def __init__(self, layers: int = 1):
        self.layers = layers

argbind.bind(Net)
argbind.bind(Net, "train")
argbind.bind(Wide)
for kind in (Deep,):
    argbind.bind(kind)
args = argbind.parse_args()
with argbind.scope(args):
    print(Net().size, Wide().size, Deep().layers, Net(7).size, type(Net()) is Net)
args["args.debug"] = 1
with argbind.scope(args, "train"):
    Net()
"""


def test_a_class_bound_by_a_bare_call_is_bound_in_place(tmp_path: Path) -> None:
    result = script(
        tmp_path, IN_PLACE, *["--Net.size", "2", "--Wide.size", "3", "--Deep.layers", "4", "--train/Net.size", "5"]
    )
    assert result.errors == ""
    assert result.output == "2 3 4 7 True\nNet(\n  # scope = train\n  size : int = 5\n)\n"


def test_a_bare_call_that_cannot_bind_in_place_is_warned_of(tmp_path: Path) -> None:
    text = """
    import datetime

    class Point:
        def __new__(cls, x: int = 1):
            return super().__new__(cls)

    argbind.bind(Point)
    argbind.bind(datetime.timedelta)
    """
    first, second = script(tmp_path, text).errors.splitlines()
    assert first.endswith(
        "program.py:11: bind(Point) has no effect, because Point cannot be changed and the bound class is dropped. "
        "Write Point = argbind.bind(Point)."
    )
    assert "bind(timedelta) has no effect" in second


READING = """
@argbind.bind()
def run(
    stages: List[str] = ["a"],
    mode: str = None,
    tags: List[str] = None,
    count: int = None,
    pair: Tuple[str, int] = ("x", 1),
    numbers: Tuple[int, int] = (1, 2),
    path: Union[str, Path] = ".",
    maybe: Optional[Union[Path, str]] = None,
    home: Path = Path("h"),
    table: Dict[str, int] = {},
    sizes: Optional[List[int]] = None,
):
    print(stages, mode, tags, count, pair, numbers, repr(path), repr(maybe), home, table, sizes)

args = argbind.parse_args()
with argbind.scope(args):
    run()
"""

DEFAULTS = "['a'] None None None ('x', 1) (1, 2) '.' None h {} None\n"


@pytest.mark.parametrize(
    ("line", "default", "printed"),
    [
        ("--run.mode none", "] None None", "] none None"),
        ("--run.tags none", "None None None (", "None ['none'] None ("),
        ("--run.count none", "", ""),
        ("--run.count 3", "None (", "3 ("),
        ("--run.sizes 3 --run.sizes none", "", ""),
        ("--run.stages b --run.stages c", "['a']", "['c']"),
        ("--run.table a=1 --run.table b=2", "{}", "{'b': 2}"),
        ("""--run.tags "[a,|'b|c']" """, "None None (", """['"[a,', "'b", 'c\\']"'] None ("""),
        ("--run.pair 'q'|2", "('x', 1)", "(\"'q'\", 2)"),
        ("--run.numbers [3,4]", "(1, 2)", "(3, 4)"),
        ("--run.path x/y", "'.'", "'x/y'"),
        ("--run.maybe x/y", "'.' None", "'.' 'x/y'"),
    ],
)
def test_what_is_typed_is_read_as_argbind_reads_it(line: str, default: str, printed: str, tmp_path: Path) -> None:
    words = [word.replace("|", " ") for word in line.split()]
    result = script(tmp_path, READING, *words)
    assert result.errors == ""
    assert result.output == DEFAULTS.replace(default, printed)


@pytest.mark.parametrize(
    ("text", "default", "printed"),
    [
        ("run.path: /data/x", "'.'", "'/data/x'"),
        ("run.maybe: /data/x", "'.' None", "'.' '/data/x'"),
        ("run.mode: none", "] None None", "] none None"),
        ("run.tags: [a, \"'b c'\"]", "None None (", "['a', \"'b c'\"] None ("),
        ("run.home: !!python/object/apply:pathlib.PosixPath [/, data, x]", " h ", " /data/x "),
        ("run.home: !!python/object/apply:pathlib.PosixPath\n- a\n- b", " h ", " a/b "),
        ("run.path: !!python/object/apply:pathlib._local.PosixPath [a, b]", "'.'", "'a/b'"),
        ("run.home: !!python/object/apply:pathlib.PurePosixPath []", " h ", " . "),
        ("run.mode: !!python/object/apply:pathlib.WindowsPath ['C:\\', x]", "] None None", "] C:\\x None"),
    ],
)
def test_a_file_is_read_as_argbind_reads_it(text: str, default: str, printed: str, tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text(f"{text}\n", encoding="utf-8")
    result = script(tmp_path, READING, "--args.load", "a.yml")
    assert result.errors == ""
    assert result.output == DEFAULTS.replace(default, printed)


def test_what_is_read_so_is_saved_so(tmp_path: Path) -> None:
    line = ["--run.path", "x/y", "--run.tags", "[a 'b", "--run.mode", "none"]
    first = script(tmp_path, READING, *line, "--args.save", "a.yml")
    assert "'x/y'" in first.output
    assert run("program.py", "--args.load", "a.yml", folder=tmp_path) == first


LIBRARY_THAT_IMPORTS_ARGBIND = """
import argbind

@argbind.bind()
def seed(value: int = 0):
    return value
"""


def test_a_library_that_imports_argbind_itself_uses_the_same_functions(tmp_path: Path) -> None:
    (tmp_path / "library.py").write_text(LIBRARY_THAT_IMPORTS_ARGBIND, encoding="utf-8")
    text = """
    import sys

    sys.modules["argbind"] = argbind
    import library

    with argbind.scope(argbind.parse_args()):
        print(library.seed())
    """
    assert script(tmp_path, text, "--seed.value", "3").output == "3\n"


def test_a_launchers_option_is_added_to_the_parser(tmp_path: Path) -> None:
    text = """
    @argbind.bind(without_prefix=True)
    def train(seed: int = 0):
        print(seed)

    parser = argbind.build_parser()
    parser.add_argument("--local_rank", type=int, default=0)
    args = argbind.parse_args(parser)
    with argbind.scope(args):
        train()
    print(args["local_rank"])
    """
    for flag in ("--local_rank=3", "--local-rank=3"):
        assert script(tmp_path, text, flag, "--seed", "1").output == "1\n3\n"


def test_a_name_without_a_function_of_its_own_is_refused_with_advice_that_bind_takes(tmp_path: Path) -> None:
    text = """
    import functools

    def make(size):
        def net(width: int = size): ...
        return net

    argbind.bind(make(1))
    for function in (lambda x=1: x, functools.partial(print, end=""), make(2)):
        try:
            argbind.bind(function)
        except argbind.BindError as error:
            print(error)
    """
    result = script(tmp_path, text.replace("argbind.BindError", "Exception"))
    first, second, third = result.output.splitlines()
    assert first == "'<lambda>' is not a valid name: write it as a function with 'def'."
    assert second.endswith(" has no name: wrap it in a function.")
    assert third.endswith(" Rename one of them.")
    assert "name=" not in result.output


PAGE = (Path(__file__).parent.parent / "docs" / "from-argbind.md").read_text(encoding="utf-8")
CHANGE, LIST, BOOLEANS = map(textwrap.dedent, re.findall(r"(?ms)^   ```sh\n(.*?)^   ```", PAGE))
"""The commands of the page."""

BEFORE = {
    "a.py": "import argbind\n",
    "b c.py": "if True:\n    import argbind as ab  # twice\n    from argbind import bind\n",
    "pkg/d.py": "from argbind import (\n    bind,\n)\nimport argbind\t\n",
    "e.py": "import argbinder\nimport argbind_x\n# import argbind, os\nargbind = 1\n",
    "f.md": "import argbind\n",
    ".venv/g.py": "import argbind\n",
    "env/lib/python3.11/site-packages/h.py": "import argbind\n",
    "i.py": "import argbind, os.path\n",
    "j.py": "import os, argbind\n",
    "k.py": "import os; import argbind\n",
    "l.py": 'import importlib\nimportlib.import_module("argbind")\n',
    "m.py": "from argbind.argbind import bind\n",
    "n.ipynb": '{"source": [\n"import argbind\\n",\n"from clickbind import argbind"\n]}\n',
}

AFTER = BEFORE | {
    "a.py": "from clickbind import argbind\n",
    "b c.py": ("if True:\n    from clickbind import argbind as ab  # twice\n    from clickbind.argbind import bind\n"),
    "pkg/d.py": "from clickbind.argbind import (\n    bind,\n)\nfrom clickbind import argbind\t\n",
}


def shell(command: str, folder: Path) -> str:
    return subprocess.run(["sh", "-c", command], cwd=folder, capture_output=True, text=True, check=False).stdout


def written(files: dict[str, str], folder: Path) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(exist_ok=True, parents=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.mark.skipif(sys.platform == "darwin", reason="the page says what to change there")
def test_the_commands_of_the_page_change_the_imports_that_they_can_and_list_the_others(tmp_path: Path) -> None:
    written(BEFORE, tmp_path)
    shell(CHANGE, tmp_path)
    assert {name: (tmp_path / name).read_text(encoding="utf-8") for name in BEFORE} == AFTER
    assert sorted(shell(LIST, tmp_path).splitlines()) == [
        "./i.py:1:import argbind, os.path",
        "./j.py:1:import os, argbind",
        "./k.py:1:import os; import argbind",
        './l.py:2:importlib.import_module("argbind")',
        "./m.py:1:from argbind.argbind import bind",
        './n.ipynb:2:"import argbind\\n",',
    ]


def test_the_list_has_every_import_before_they_are_changed(tmp_path: Path) -> None:
    lines = shell(LIST, written(BEFORE, tmp_path)).splitlines()
    assert {line.split(":")[0] for line in lines} == {f"./{name}" for name in BEFORE if name[0] in "abijklmnp"}


def test_the_command_for_booleans_finds_all_that_default_to_true(tmp_path: Path) -> None:
    found = ["    a: bool = True,", "    b=True", "    last: bool = True  # comment", "def f(c: bool=True, d=1):"]
    others = ["    e: bool = False,", "    if x == True:", "    g = Trueish"]
    written({"a.py": "\n".join([*found, *others]), ".venv/b.py": "a=True\n"}, tmp_path)
    assert [line.split(":", 2)[2] for line in shell(BOOLEANS, tmp_path).splitlines()] == found


@pytest.mark.parametrize(
    ("line", "printed"),
    [
        (["--f.words", "a  b"], "['a', 'b'] None"),
        (["--f.words", ""], "[] None"),
        (["--f.path", "none"], "None None"),
        (["--f.path", "./none"], "None none"),
        (["--f.words", "a", "b"], ""),
    ],
)
def test_words_are_read_as_the_table_of_the_page_says(line: list[str], printed: str, tmp_path: Path) -> None:
    text = """
    @argbind.bind()
    def f(words: List[str] = None, path: Path = None):
        print(words, path)

    with argbind.scope(argbind.parse_args()):
        f()
    """
    result = script(tmp_path, text, *line)
    assert result.output.strip() == printed
    assert ("unexpected extra argument" in result.errors) == (not printed)


def test_a_parameter_that_is_passed_twice_is_an_error(tmp_path: Path) -> None:
    text = """
    @argbind.bind()
    def f(a, size: int = 1): ...

    f(1, a=2)
    """
    assert "TypeError: " in script(tmp_path, text).errors.splitlines()[-1]


def test_the_old_form_of_super_is_an_error_with_the_cure_of_the_page_and_works_decorated(tmp_path: Path) -> None:
    text = """
    {decorator}
    class Net:
        def __init__(self, size: int = 1):
            super(Net, self).__init__()
            print(size)

    {call}
    with argbind.scope(argbind.parse_args()):
        Net()
    """
    decorated = script(tmp_path, text.format(decorator="@argbind.bind()", call=""), "--Net.size", "2")
    assert decorated.output == "2\n"
    rebound = script(tmp_path, text.format(decorator="", call="Net = argbind.bind(Net)"))
    assert "Write super() without arguments" in rebound.errors
    assert "| an error when it is called: write `super()`, or decorate the class |" in PAGE
