"""The structure of the package, and what a run of a program imports."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import clickbind
from clickbind import later

PACKAGE = Path(clickbind.__file__).parent
EXAMPLE = PACKAGE.parent / "examples" / "multistage" / "multistage.py"

# Each imports only what stands above it, at once or later; `later` itself loads what others ask it for.
ORDER = """
    collector errors keys resolve output nodes core conversion texts flow choices containers unions hints kinds models
    limits rules marks annotated groups numpydoc docstrings signature turns definitions travel registry schema redaction
    environment variables documents excerpts lines sources config filling scopes entered pickling classes atomic
    written record moved switches words line shown options layout completion flags sections debugging coroutines run
    plans contexts stages chain lookahead own_options commands bindable modules binder __init__ argument_files
    arguments parser argbind
"""
ROOMS = ORDER.split()

OUTSIDE = {
    "click": """
        errors resolve output groups limits rules redaction environment config scopes written record moved switches
        line options layout completion flags sections debugging run plans contexts stages chain lookahead own_options
        commands binder argument_files arguments parser argbind
    """,
    "yaml": "nodes record",
    "docstring_parser": "docstrings",
}

MODULES = sorted(path.stem for path in PACKAGE.glob("*.py") if path.stem != "later")


def imports(module: str) -> Iterator[str]:
    """Walk what a module imports, at once or later, its own package's modules with a dot before."""
    tree = ast.parse((PACKAGE / f"{module}.py").read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "later":
            library = later.LIBRARIES.get(node.attr)
            yield f".{node.attr}" if library is None else library.partition(".")[0]
        elif isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level:
            yield from (f".{node.module}",) if node.module else (f".{alias.name}" for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.partition(".")[0]


def loaded(*arguments: str, env: dict[str, str] | None = None) -> set[str]:
    """Give the modules that a run of the example has imported when it ends."""
    code = (
        f"import runpy, sys; sys.argv = ['multistage', *{arguments!r}]\n"
        f"try: runpy.run_path({str(EXAMPLE)!r}, run_name='__main__')\n"
        "except SystemExit: print('MODULES', *sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, check=True, text=True)
    return set(done.stdout.rpartition("MODULES")[2].split())


def loads_later() -> Iterator[str]:
    """Walk what the package's modules ask `later` for."""
    for module in MODULES:
        for node in ast.walk(ast.parse((PACKAGE / f"{module}.py").read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "later":
                yield node.attr


def test_every_module_has_its_place() -> None:
    assert sorted(ROOMS) == MODULES


@pytest.mark.parametrize("module", MODULES)
def test_a_module_imports_only_what_stands_above_it(module: str) -> None:
    above = {f".{room}" for room in ROOMS[: ROOMS.index(module)]}
    assert {name for name in imports(module) if name.startswith(".")} - {".later"} <= above


def test_what_is_loaded_later_is_what_somebody_asks_for() -> None:
    assert sorted(later.__all__) == sorted(set(loads_later()))


def test_there_is_nothing_else_to_load_later() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        later.nothing  # type: ignore[attr-defined]  # noqa: B018 - it is looked up


@pytest.mark.parametrize(("library", "rooms"), OUTSIDE.items())
def test_a_library_appears_in_its_rooms_only(library: str, rooms: str) -> None:
    assert {module for module in MODULES if library in imports(module)} == set(rooms.split())


@pytest.mark.parametrize("module", MODULES)
def test_a_module_depends_on_nothing_else_at_run_time(module: str) -> None:
    outside = {name for name in imports(module) if not name.startswith(".")}
    assert outside <= {*sys.stdlib_module_names, *OUTSIDE}


@pytest.mark.parametrize("module", MODULES)
def test_a_module_stays_under_500_lines(module: str) -> None:
    assert (PACKAGE / f"{module}.py").read_text(encoding="utf-8").count("\n") < 500


COSTLY = {"asyncio", "copy", "dataclasses", "difflib", "docstring_parser", "importlib.metadata", "tempfile", "yaml"}


@pytest.mark.parametrize(
    ("arguments", "needed"),
    [
        (["train"], set()),
        (["run", "train", "--epochs", "7", "evaluate", "--output.folder", "."], set()),
        (["--help"], set()),
        (["train", "--help"], set()),
        (["--config", "f.yml", "train"], set()),
        (["--config", "lists.yml", "train"], set()),
        (["--config", "nested.yml", "train"], {"yaml"}),
        (["--save", "saved.yml", "train"], {"yaml"}),
        (["trian"], {"difflib"}),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_run_imports_what_it_needs_and_no_more(
    arguments: list[str], needed: set[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("f.yml").write_text("train.epochs: 3\n", encoding="utf-8")
    Path("lists.yml").write_text("output.folder: '.'\nrun.stages: [train]\n", encoding="utf-8")
    Path("nested.yml").write_text("run.stages: [{train: {epochs: 3}}]\n", encoding="utf-8")
    modules = loaded(*arguments)
    assert needed <= modules
    assert not (COSTLY & modules) - needed - {"copy"}
