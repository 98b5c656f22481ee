"""A Click program with the kit as one of its commands, which Click's own classes complete."""

from __future__ import annotations

import click

from tests.shells import kit

main = click.Group("outer", commands={"kit": kit.main})

if __name__ == "__main__":
    main(prog_name="outer")
