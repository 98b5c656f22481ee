"""The test matrix: every Python, with the lowest and the newest dependencies."""

import nox

PYTHONS = ["3.10", "3.11", "3.12", "3.13", "3.14", "3.15"]
DEPENDENCIES = {
    "lowest": ["click==8.3.3", "docstring-parser==0.16", "pyyaml==6.0.1"],
    "newest": ["click>=8.3.3,!=8.4.0", "docstring-parser", "pyyaml"],
}


@nox.session(python=PYTHONS)
@nox.parametrize("dependencies", list(DEPENDENCIES))
def tests(session: nox.Session, dependencies: str) -> None:
    # Several of the tools need a newer Click than the lowest; their tests are skipped without them.
    extras = "engines,optuna,report,test,tools" if dependencies == "newest" else "test"
    session.install(
        "-e", f".[{extras}]", "-e", "examples/multistage", "-e", "examples/digits", *DEPENDENCIES[dependencies]
    )
    session.run("pytest", *session.posargs)


@nox.session(python="3.12")
def compare(session: nox.Session) -> None:
    """Run the programs of docs/comparison.md, with the other libraries."""
    session.install("-e", ".[compare,test]")
    session.run("pytest", "tests/test_comparison.py", *session.posargs)
