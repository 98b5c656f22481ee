"""The packages may import one another in one order, and no module imports itself by way of others."""

from __future__ import annotations

import ast
import graphlib
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import clickbind

FOLDER = Path(clickbind.__file__).parent

ORDER = [
    "errors",
    "keys",
    "output",
    "_lazy",
    "nodes",
    "fast",
    "types",
    "declare",
    "layers",
    "calls",
    "record",
    "running",
    "journal",
    "observers",
    "report",
    "sweeps",
    "engines",
    "cli",
    "binder",
    "__init__",
    "argbind",
]
"""Each imports only what is above it, at once, when first used, or for annotations."""

MODULES = {path: path.relative_to(FOLDER).with_suffix("").parts for path in sorted(FOLDER.rglob("*.py"))}
NAMES = {".".join(parts) for parts in MODULES.values()}


def module_named(*parts: str) -> str:
    """Return the name of a module, or of the face of a package."""
    name = ".".join(parts)
    return name if name in NAMES else f"{name}.__init__"


def imports(path: Path) -> Iterator[str]:
    """Walk the modules of this package that one imports; ``types.models`` in its body imports that when first used."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    here = MODULES[path][:-1]
    packages = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.level:
            origin = [*here[: len(here) - node.level + 1], *(node.module or "").split(".")]
            origin = [part for part in origin if part]
            for alias in node.names:
                inner = [*origin, alias.name]
                if ".".join(inner) in NAMES or (FOLDER / Path(*inner)).is_dir():
                    packages.add(alias.name)
                    if not is_face(path, inner):
                        yield module_named(*inner)
                else:
                    yield module_named(*origin)
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in packages:
            used = (node.value.id, node.attr)
            if ".".join(used) in NAMES:
                yield ".".join(used)


def is_face(path: Path, inner: list[str]) -> bool:
    """Whether a package's face names one of its modules, which it imports when that is first used."""
    faces = path.name == "__init__.py" and inner[0] != "argbind"
    return faces and len(inner) > 1 and tuple(inner[:-1]) == MODULES[path][:-1]


GRAPH = {module_named(*parts): set(imports(path)) - {module_named(*parts)} for path, parts in MODULES.items()}


@pytest.mark.parametrize("module", GRAPH)
def test_a_package_imports_only_what_is_above_it(module: str) -> None:
    place = ORDER.index(module.split(".", maxsplit=1)[0])
    below = {name for name in GRAPH[module] if ORDER.index(name.split(".")[0]) > place}
    assert not below


def test_no_module_imports_itself_by_way_of_others() -> None:
    graphlib.TopologicalSorter(GRAPH).prepare()


LIBRARIES = {
    "click": "errors output fast types declare layers calls record running journal observers report sweeps engines cli "
    "binder argbind",
    "yaml": "nodes",
    "docstring_parser": "declare",
    "rich": "cli",
    "rich_click": "cli binder",
    "pandas": "journal",
    "mlflow": "observers",
    "plotly": "report",
    "optuna": "sweeps",
    "distributed": "engines",
    "submitit": "engines",
}


def outside(path: Path) -> Iterator[str]:
    """Walk the libraries that a module imports."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield str(node.module).partition(".")[0]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: ".".join(MODULES[path]))
def test_a_library_is_imported_in_the_packages_that_it_is_for(path: Path) -> None:
    found = set(outside(path)) - sys.stdlib_module_names
    assert {name for name in found if MODULES[path][0] not in LIBRARIES[name].split()} == set()


@pytest.mark.parametrize("path", MODULES, ids=lambda path: ".".join(MODULES[path]))
def test_a_module_stays_under_500_lines(path: Path) -> None:
    assert path.read_text(encoding="utf-8").count("\n") < 500
