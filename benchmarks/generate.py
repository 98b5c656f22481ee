"""Programs of many stages, each of ten parameters of ten types."""

from __future__ import annotations

__all__ = ["write_click", "write_click_same", "write_clickbind"]

_HEAD = '''\
"""A program of many stages."""

from __future__ import annotations

import enum
from pathlib import Path
from typing import Literal, Optional

import {library}


class Colour(enum.Enum):
    """A colour."""

    RED = "red"
    BLUE = "blue"

'''

_CLICKBIND = '''
@binder.stage
def stage_{number}(
    count: int = 1,
    rate: float = 0.5,
    name: str = "first",
    shuffle: bool = True,
    path: Path = Path("data"),
    sizes: list[int] = [1, 2],
    mode: Literal["fast", "slow"] = "fast",
    note: Optional[str] = None,
    pair: tuple[int, str] = (1, "a"),
    colour: Colour = Colour.RED,
) -> None:
    """Take step {number} of the work.

    Parameters
    ----------
    count : int
        How many of them.
    rate : float
        How fast they are.
    name : str
        What the result is called.
    shuffle : bool
        Whether they are shuffled.
    path : Path
        Where they are.
    sizes : list of int
        How large they are.
    mode : {{'fast', 'slow'}}
        How they are taken.
    note : str, optional
        What to say about them.
    pair : (int, str)
        Two that belong together.
    colour : Colour
        How they are painted.
    """
    print("stage {number}", count, rate, name, shuffle, path, sizes, mode, note, pair, colour)

'''

_CLICK = '''
@main.command("stage-{number}")
@click.option("--count", type=int, default=1, help="How many of them.")
@click.option("--rate", type=float, default=0.5, help="How fast they are.")
@click.option("--name", default="first", help="What the result is called.")
@click.option("--shuffle/--no-shuffle", default=True, help="Whether they are shuffled.")
@click.option("--path", type=click.Path(path_type=Path), default=Path("data"), help="Where they are.")
@click.option("--sizes", type=int, multiple=True, default=[1, 2], help="How large they are.")
@click.option("--mode", type=click.Choice(["fast", "slow"]), default="fast", help="How they are taken.")
@click.option("--note", help="What to say about them.")
@click.option("--pair", type=(int, str), default=(1, "a"), help="Two that belong together.")
@click.option("--colour", type=click.Choice(Colour), default=Colour.RED, help="How they are painted.")
def stage_{number}(
    count: int,
    rate: float,
    name: str,
    shuffle: bool,
    path: Path,
    sizes: list[int],
    mode: Literal["fast", "slow"],
    note: Optional[str],
    pair: tuple[int, str],
    colour: Colour,
) -> None:
    """Take step {number} of the work."""
    print("stage {number}", count, rate, name, shuffle, path, sizes, mode, note, pair, colour)

'''

_CLICK_GROUP = '''
@click.group(context_settings={"help_option_names": ["-h", "--help"], "show_default": True})
def main() -> None:
    """A program of many stages."""

'''

_CLICK_SAME = """
main.dotted("stage_{number}", "count", type=int, default=1, help="How many of them.")
main.dotted("stage_{number}", "rate", type=float, default=0.5, help="How fast they are.")
main.dotted("stage_{number}", "name", default="first", help="What the result is called.")
main.dotted("stage_{number}", "shuffle", default=True, help="Whether they are shuffled.")
main.dotted("stage_{number}", "path", type=click.Path(path_type=Path), default=Path("data"), help="Where they are.")
main.dotted("stage_{number}", "sizes", type=int, multiple=True, default=[1, 2], help="How large they are.")
main.dotted("stage_{number}", "mode", type=click.Choice(["fast", "slow"]), default="fast", help="How they are taken.")
main.dotted("stage_{number}", "note", help="What to say about them.")
main.dotted("stage_{number}", "pair", type=(int, str), default=(1, "a"), help="Two that belong together.")
main.dotted("stage_{number}", "colour", type=click.Choice(Colour), default=Colour.RED, help="How they are painted.")
"""

_CLICK_SAME_GROUP = (
    _CLICK_GROUP.replace("@click.group(", "@click.group(cls=Sections, ")
    + """
main.params += [click.Option(["--config"], metavar="FILE", help="Read values from a YAML file."), *OWN_OPTIONS]

"""
)


def write_clickbind(path: str, stages: int) -> None:
    """Write a program on clickbind."""
    with open(path, "w", encoding="utf-8") as file:
        file.write(_HEAD.format(library="clickbind"))
        file.write('binder = clickbind.Binder("staged", help=__doc__)\n\n')
        file.writelines(_CLICKBIND.format(number=number) for number in range(stages))
        file.write("\nmain = binder.command()\n")


def write_click(path: str, stages: int) -> None:
    """Write the same by hand on Click, every option made when the module is loaded."""
    with open(path, "w", encoding="utf-8") as file:
        file.write(_HEAD.format(library="click"))
        file.write(_CLICK_GROUP)
        file.writelines(_CLICK.format(number=number) for number in range(stages))


def write_click_same(path: str, stages: int) -> None:
    """Write the same by hand on Click, with the dotted options at the root that clickbind has."""
    with open(path, "w", encoding="utf-8") as file:
        file.write(
            _HEAD.format(library="click").replace("import click\n", "import click\nfrom click_sections import *\n")
        )
        file.write(_CLICK_SAME_GROUP.replace("def main()", "def main(config: tuple[str, ...])"))
        file.writelines(_CLICK.format(number=number) + _CLICK_SAME.format(number=number) for number in range(stages))
