"""Draw the picture of the page of runs: docs/pictures/page.png.

python docs/make_page_picture.py

It runs a sweep of 60 jobs, writes their page, and opens that in Chromium.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
PICTURE = ROOT / "docs" / "pictures" / "page.png"

PROGRAM = '''\
import math
import os
import struct
import zlib
from contextlib import contextmanager
from typing import Annotated, Literal

import clickbind

binder = clickbind.Binder("digits")


@binder.context
@contextmanager
def output(folder: Annotated[str, clickbind.Option(run_folder=True)] = "."):
    before = os.getcwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


def draw(losses):
    """Draw a curve."""
    wide, high = 320, 120
    rows = [bytearray(b"\\xff" * wide) for _ in range(high)]
    for x in range(wide):
        y = int((high - 4) * (1 - losses[x * len(losses) // wide] / 2.5))
        for row in rows[max(y, 0) : max(y, 0) + 3]:
            row[x] = 40

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", wide, high, 8, 0, 0, 0, 0)
    data = zlib.compress(b"".join(b"\\0" + bytes(row) for row in rows))
    with open("loss.png", "wb") as file:
        file.write(b"\\x89PNG\\r\\n\\x1a\\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b""))


@binder.stage
def train(lr: float = 0.01, batch: int = 32, model: Literal["mlp", "cnn"] = "mlp", epochs: int = 40):
    """Train the model."""
    if lr > 0.5 and batch < 64:
        raise ValueError("diverged in epoch 3")
    worst = abs(math.log10(lr) + 2) * 0.3 + (0.25 if model == "mlp" else 0.08) + abs(math.log2(batch) - 6) * 0.03
    losses = [worst + 2.2 * math.exp(-epoch * lr ** 0.3 / 2) for epoch in range(epochs)]
    for epoch, loss in enumerate(losses):
        print(f"epoch {epoch:2}  loss {loss:.4f}")
    draw(losses)
    return {"loss": losses[-1]}


@binder.stage
def evaluate(folder: str = "data/test"):
    """Measure the accuracy."""
    with open("log.txt") as file:
        loss = float(file.read().split()[-1])
    return {"accuracy": max(0.1, 1 - loss / 3)}


main = binder.command()
if __name__ == "__main__":
    main()
'''

LINE = (
    "--into runs/digits sweep -j 2 train --lr .0001 --lr .001 --lr .01 --lr .1 --lr 1 --batch 16 --batch 32 --batch 64 "
    "--batch 128 --batch 256 --batch 512 --model mlp --model cnn evaluate"
)


def draw() -> None:
    """Draw the picture."""
    sys.path.insert(0, str(ROOT))
    from tests.report.browser import opened  # noqa: PLC0415 - needs the path

    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name)
        (folder / "digits.py").write_text(PROGRAM, encoding="utf-8")
        for line in (LINE, "runs runs/digits --html page.html"):
            subprocess.run([sys.executable, "digits.py", *line.split()], cwd=folder, check=False)
        with opened(folder / "profile") as page:
            page.look(1280, 860)
            page.open(folder / "page.html", "job=27&sort=train.loss&x=train.lr&y=evaluate.accuracy&log=x")
            time.sleep(1)
            page.picture(PICTURE)


if __name__ == "__main__":
    draw()
    sys.stdout.write(f"Wrote {PICTURE}.\n")
