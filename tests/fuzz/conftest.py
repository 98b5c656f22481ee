"""Say how many lines the tests of this folder have tried, in all processes."""

from __future__ import annotations

from typing import Any

import pytest

from .promise import tried

LINES = "fuzz_lines"


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Hand the number to the process that has started this one."""
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output[LINES] = tried.lines


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take the number of another process."""
    tried.lines += getattr(node, "workeroutput", {}).get(LINES, 0)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Show the number."""
    if tried.lines:
        terminalreporter.write_line(f"{tried.lines:,} lines tried")
