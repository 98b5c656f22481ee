"""Make the page: one HTML file with its data, its scripts and its style.

The page loads nothing: its policy allows its own scripts alone, by their hashes, and no connection. Its data is JSON in
which no character can end the element that it is in, and the scripts put it into the page as text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from .. import report
from ..errors import UserError
from ..journal.records import Record

__all__ = ["check", "html_of"]

_MOST = 48_000_000  # characters of the data
_ESCAPED = {ord(char): f"\\u{ord(char):04x}" for char in "<>&\N{LINE SEPARATOR}\N{PARAGRAPH SEPARATOR}"}
_MISSING = """--html draws with plotly, which is not installed: pip install "clickbind[report]\""""

# Plotly sets styles of elements, for which a policy has no hash.
_POLICY = (
    "default-src 'none'; script-src {scripts}; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
    "form-action 'none'"
)


def check() -> None:
    """Check that a page can be made.

    Raises
    ------
    UserError
        If plotly is not installed.
    """
    try:
        import plotly.offline  # noqa: F401, PLC0415 - only a page needs it
    except ImportError:
        raise UserError(_MISSING) from None


def html_of(
    records: Sequence[Record],
    folder: str,
    *,
    hide: Callable[[str], str] = str,
    every: bool = False,
    sort: str | None = None,
) -> tuple[str, dict[str, Any]]:
    """Return the page of some runs, and its data.

    Parameters
    ----------
    records, folder, hide, every, sort
        As for `content.content_of`.
    """
    limits = report.content.Limits()
    while True:
        content = report.content.content_of(records, folder, hide=hide, limits=limits, every=every, sort=sort)
        data = report.json.dumps(content, allow_nan=False, separators=(",", ":")).translate(_ESCAPED)
        if len(data) <= _MOST:
            return _composed(content["title"], data), content
        limits = limits.smaller()


def _composed(title: str, data: str) -> str:
    from plotly.offline import get_plotlyjs  # noqa: PLC0415 - only a page needs it

    scripts = [_safe(get_plotlyjs()), *map(_read, ("table.js", "plots.js", "page.js"))]
    hashes = " ".join(f"'sha256-{_hash(script)}'" for script in scripts)
    parts = {
        "policy": _POLICY.format(scripts=hashes),
        "title": _escaped(title),
        "style": _read("page.css"),
        "data": data,
        "scripts": "\n".join(f"<script>{script}</script>" for script in scripts),
    }
    return re.sub(r"\{\{(\w+)\}\}", lambda found: parts[found[1]], _read("page.html"))


def _safe(script: str) -> str:
    """Return a script in which no text ends its element."""
    return re.sub(r"(?i)<(?=/script|!--)", r"\\x3c", script)


def _hash(script: str) -> str:
    return report.base64.b64encode(report.hashlib.sha256(script.encode("utf-8")).digest()).decode()


def _escaped(text: str) -> str:
    text = text.encode("utf-8", "backslashreplace").decode()
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


def _read(name: str) -> str:
    return report.resources.files(__package__).joinpath(name).read_text(encoding="utf-8")
