"""Draw the terminals of the README and of the pages from what the multistage program really prints.

make pictures

Most pictures are sessions: their commands are run in a terminal, and rich draws the output, in colours if it has any.
Only the prompt is added. The others are interfaces, which draw themselves. `tests/test_pictures.py` compares the text
of each picture with a new session.
"""

from __future__ import annotations

import asyncio
import os
import re
import shlex
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

FOLDER = Path(__file__).with_name("pictures")

COLUMNS = 80
MARGIN = 1
PROMPT = "$ "
LEFT_OUT = "⋮"

SESSIONS: dict[str, list[str]] = {
    "help": ["multistage --help"],
    "error": ["multistage --config exp.yml run train evaluate"],
    "sweep": [
        "python fit.py --into lr sweep train --lr .001 --lr .01 --lr .2 evaluate",
        "python fit.py runs lr --sort evaluate.error",
    ],
    "rich": ["rich-click multistage --help"],
}
"""The pictures, each with its commands."""

FILES = {
    "exp.yml": """\
train:
  lr: 1e-2
  epochs: many
evaluate.foldre: /data/test
""",
    "fit.py": re.findall(
        r"(?s)```python fit.py\n(.*?)```", Path(__file__).with_name("sweeps.md").read_text(encoding="utf-8")
    )[0],
}
"""The files that the commands read."""

KEPT = {
    "multistage --help": ("Usage", "train", "Stages", "Commands"),
    "rich-click multistage --help": ("Usage", "train", "Stages", "Commands"),
}
"""The sections to show of an output that is too long for a picture, by the first word of their titles."""

INTERFACES = ["trogon"]
"""The pictures of interfaces."""

# The terminal is dark on a light page too. No font is loaded from the network, which a page's image may not do.
_STYLE = """\
<svg viewBox="0 0 {width} {height}" width="{width}" height="{height}" xmlns="http://www.w3.org/2000/svg">
    <style>
    .{unique_id}-matrix {{
        font-family: ui-monospace, SFMono-Regular, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace;
        font-size: {char_height}px;
        line-height: {line_height}px;
    }}
    .{unique_id}-title {{ font-size: 17px; font-family: system-ui, "Segoe UI", Helvetica, Arial, sans-serif; }}
    {styles}
    </style>
    <defs>
    <clipPath id="{unique_id}-clip-terminal">
    <rect x="0" y="0" width="{terminal_width}" height="{terminal_height}" />
    </clipPath>
    {lines}
    </defs>
    {chrome}
    <g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
    {backgrounds}
    <g class="{unique_id}-matrix">
    {matrix}
    </g>
    </g>
</svg>
"""
_BACKGROUND, _FOREGROUND = (22, 27, 34), (230, 237, 243)
_DARK = [(72, 79, 88), (255, 123, 114), (63, 185, 80), (210, 153, 34), (88, 166, 255), (188, 140, 255), (57, 197, 207)]
_LIGHT = [(110, 118, 129), (255, 161, 152), (86, 211, 100), (227, 179, 65), (121, 192, 255), (210, 168, 255)]


def session(name: str) -> str:
    """Run the commands of a picture in a terminal, and return it as text, with the terminal's escape sequences."""
    with tempfile.TemporaryDirectory() as folder:
        for file, text in FILES.items():
            (Path(folder) / file).write_text(text, encoding="utf-8")
        shown = [f"{PROMPT}{line}\n{_shortened(line, _printed(line, folder))}" for line in SESSIONS[name]]
    return "\n".join(shown)


def plain(text: str) -> str:
    """Return a text without escape sequences."""
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


def _printed(line: str, folder: str) -> str:
    """Run a command in a terminal of its own, and return all that it prints there."""
    import pty

    program, *arguments = shlex.split(line)
    ours, theirs = pty.openpty()
    environment = {name: value for name, value in os.environ.items() if name not in {"NO_COLOR", "FORCE_COLOR"}}
    with subprocess.Popen(
        [Path(sys.executable).with_name(program), *arguments],
        cwd=folder,
        env={**environment, "COLUMNS": str(COLUMNS), "TERM": "xterm-256color"},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    ):
        os.close(theirs)
        with open(ours, "rb", closefd=True) as terminal:
            printed = _read(terminal.fileno()).decode().replace("\r\n", "\n")
            printed = re.sub(r"[^\n]*\r", "", printed)  # a line that changes, which is written over
            printed = re.sub(r"(?<= )\d+:\d\d(?=[ .])", "0:00", printed)  # how long something took
            return re.sub(r"(?m) +$", "", printed).lstrip("\n")


def _read(terminal: int) -> bytes:
    """Read until the program has ended, which Linux reports as an error and others as the end of the file."""
    parts = []
    while True:
        try:
            part = os.read(terminal, 65536)
        except OSError:
            part = b""
        if not part:
            return b"".join(parts)
        parts.append(part)


def _shortened(line: str, printed: str) -> str:
    """Leave out the sections that a picture has no space for, with a mark in their place."""
    if line not in KEPT:
        return printed
    panels = "╭" in printed
    start = r"(?m)^(?=(?:\x1b\[[0-9;]*m)*╭)" if panels else r"(?m)^(?=\S)"
    sections = [section for section in re.split(start, printed) if section]
    missing = set(KEPT[line]) - {_title(section) for section in sections}
    if missing:
        raise ValueError(f"'{line}' prints no section {', '.join(sorted(missing))}; mend KEPT in {__file__}.")
    shown: list[str] = []
    for section in sections:
        if _title(section) in KEPT[line]:
            shown.append(section)
        elif shown[-1] != f"{LEFT_OUT}\n":
            shown.append(f"{LEFT_OUT}\n")
    return "".join(shown)


def _title(section: str) -> str:
    return re.findall(r"\w+", plain(section))[0]


async def _trogon() -> str:
    """Open trogon with a stage and a value, and return the picture that it draws of itself."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # it imports old names of Click
        from trogon import Trogon
    from multistage import main

    app = Trogon(main, app_name="multistage")
    async with app.run_test(size=(100, 40)) as pilot:
        await pilot.press("end")  # the commands are sorted: the last one is `train`
        await pilot.pause()
        for field in app.screen.query("ParameterControls"):
            if "--epochs" in field.schema.name:
                field.query_one("Input").value = "100"
        await pilot.pause()
        return app.export_screenshot(title="multistage tui")


def _interface() -> str:
    """Return the picture of an interface, without the fonts that it would load from the network."""
    drawn = re.sub(r"(?s)@font-face \{.*?\}\s*|<!--.*?-->\s*", "", asyncio.run(_trogon()))
    return drawn.replace("Fira Code, monospace", "ui-monospace, SFMono-Regular, Menlo, Consolas, monospace")


def draw(name: str) -> str:
    """Return a picture as SVG."""
    return _tidy(_interface() if name in INTERFACES else _session(name))


def _tidy(drawn: str) -> str:
    """Shorten the numbers in tags, and remove white space at the ends of lines."""
    drawn = re.sub(r"<[^>]*>", lambda tag: _NUMBER.sub(lambda number: f"{float(number[0]):.1f}", tag[0]), drawn)
    return re.sub(r"(?m)[ \t]+$", "", drawn)


_NUMBER = re.compile(r"\d+\.\d{4,}")


def _session(name: str) -> str:
    """Draw a session."""
    from rich.console import Console
    from rich.padding import Padding
    from rich.terminal_theme import TerminalTheme
    from rich.text import Text

    text = Text.from_ansi(session(name).rstrip("\n"))
    for row in (row for row in text.plain.splitlines() if len(row) > COLUMNS):
        raise ValueError(f"A picture has {COLUMNS} columns, and this line has {len(row)}: {row}")
    text.highlight_regex(rf"(?m)^{re.escape(PROMPT)}.*$", "bold")
    text.highlight_regex(rf"(?m)^{re.escape(PROMPT)}", "green")
    text.highlight_regex(rf"(?m)^{LEFT_OUT}$", "bright_black")
    with open(os.devnull, "w", encoding="utf-8") as nowhere:
        console = Console(width=COLUMNS + 2 * MARGIN, record=True, file=nowhere, color_system="truecolor")
        console.print(Padding(text, (0, MARGIN, 1, MARGIN)), highlight=False)
    theme = TerminalTheme(_BACKGROUND, _FOREGROUND, [*_DARK, _FOREGROUND], [*_LIGHT, _DARK[-1], _FOREGROUND])
    return console.export_svg(title="multistage", theme=theme, code_format=_STYLE, unique_id=name)


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for picture in (*SESSIONS, *INTERFACES):
        (FOLDER / f"{picture}.svg").write_text(draw(picture), encoding="utf-8")
        sys.stdout.write(f"Wrote {FOLDER / picture}.svg.\n")
