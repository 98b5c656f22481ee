"""Damage files: a typing error, or what an editor, a merge, a disk or somebody who means harm may leave of a text."""

from __future__ import annotations

from pathlib import Path

from hypothesis import strategies as st

from .kinds import BEGINS, ENDS

__all__ = ["change", "damaged", "misspelt"]

TOKENS = [
    *"[]{}:,#&*!|>%@`'\"-?~$=.\n\t\r\x00\x85\u2028\ufeff\ud800",
    *["<<: *a", "&a ", "*a", "!!binary ", "!!python/name:os.system ", "!x ", "---\n", "...\n", "\n- ", "\n  ", "\r\n"],
    *["$include: [main.yml]\n", "$vars: {v0: $v0}\n", "${v0}", "$v1", "$$", "${x:-", "$schema: x\n", "\\ud83d", "? "],
    *["$sweep: {f.x: [1, 2]}\n", "run.stages: [f, on]\n", "args.save: x\n", "class: Window\n", "null", ".nan", "1e400"],
]


MANY = 10_000
shares = st.integers(0, MANY)
"""A place in a text, as a share of its length: what is drawn does not depend on the text, which may have times."""


@st.composite
def damaged(draw: st.DrawFn, text: str) -> bytes:
    """Draw what is left of a text after some changes anywhere."""
    for _ in range(draw(st.integers(1, 4))):
        start = draw(shares) * len(text) // MANY
        end = min(len(text), start + draw(st.sampled_from([0, 0, 1, 2, 10, 100])))
        put = draw(st.sampled_from([*TOKENS, text[start:end] * 2, ""]) | st.text(max_size=3))
        text = text[:start] + put + text[end:]
    data = text.encode(draw(st.sampled_from(["utf-8", "utf-8", "utf-8", "utf-16", "utf-32-le", "latin-1"])), "replace")
    cut = draw(shares) * len(data) // MANY
    ends = st.sampled_from([data, data, data[:cut], data[:cut] + b"\xff" + data[cut:], data.replace(b"\n", b"\r\n")])
    return draw(ends)


def change(data: st.DataObject, path: Path) -> None:
    """Remove a file, empty it, damage it, or put a folder in its place."""
    how = data.draw(st.sampled_from(["remove", "empty", "folder", "damage"]))
    whole = path.read_bytes()
    path.unlink()
    if how == "folder":
        path.mkdir()
    elif how != "remove":
        path.write_bytes(data.draw(damaged(whole.decode())) if how == "damage" else b"")


@st.composite
def misspelt(draw: st.DrawFn, text: str) -> bytes:
    """Draw a text with one other character, which is in no secret, and takes no line or word apart."""
    places = [place for place in range(len(text)) if not _is_in_secret(text, place)]
    if places:
        place = places[draw(shares) * (len(places) - 1) // MANY]
        put = draw(st.sampled_from([*"[]{}:,#&*!|>%@`'\"-?~$=.\t\x00\ufeff", "é", ""]))
        text = text[:place] + put + text[place + draw(st.integers(0, 1)) :]
    return text.encode()


def _is_in_secret(text: str, place: int) -> bool:
    begin = text.rfind(BEGINS, 0, place + len(BEGINS))
    return begin >= 0 and text.rfind(ENDS, begin, place) < begin
