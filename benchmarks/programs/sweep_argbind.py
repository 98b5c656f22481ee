"""The same on argbind, which has no sweeps: a loop in the shell."""

import argbind


@argbind.bind()
def train(lr: float = 0.1, batch: int = 32) -> None:
    """Train."""
    print(lr, batch)


if __name__ == "__main__":
    with argbind.scope(argbind.parse_args()):
        train()
