"""What a parser holds of a line of many words: the rest of it without a copy, the parameters with their places."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

__all__ = ["Feeder", "Order", "Words", "cut"]

_AT_ONCE = 100  # words: a list of so many moves as fast as one of two


class Words(Sequence[str]):
    """The words of a line from one on: what remains of a chain behind each turn, without copying it.

    Parameters
    ----------
    words : sequence of str
        The whole line.
    start : int
        The number of the first word.
    """

    __slots__ = ("_start", "_words")

    def __init__(self, words: Sequence[str], start: int = 0) -> None:
        self._words = words
        self._start = start

    def __len__(self) -> int:
        return max(len(self._words) - self._start, 0)

    def __getitem__(self, item: Any) -> Any:
        if isinstance(item, slice):
            if item.stop is None:
                return Words(self._words, self._start + item.start)
            return self._words[self._start : self._start + item.stop]
        return self._words[self._start + item]

    def back(self, number: int) -> Words:
        """Return the words from some before these."""
        return Words(self._words, self._start - number)


class Order(list[Any]):
    """The parameters in the order in which the line names them. Click looks each one up in it, from its start."""

    def __init__(self, order: Iterable[Any]) -> None:
        super().__init__(order)
        self._places: dict[Any, int] = {}
        for place, param in enumerate(self):
            self._places.setdefault(param, place)

    def index(self, item: Any, *_: Any) -> int:
        """Find a parameter."""
        place = self._places.get(item)
        if place is None:
            raise ValueError(item)
        return place


def cut(words: Sequence[str]) -> Words:
    """Return words as such that can be cut without a copy."""
    return words if isinstance(words, Words) else Words(words)


class Feeder:
    """Hands Click's parser the words of a long line a few at a time: it takes each off a list's front, which moves all.

    Parameters
    ----------
    args : sequence of str
        The line; what remains of `Words` is such too.
    """

    def __init__(self, args: Sequence[str]) -> None:
        self._waiting = cut(args)
        self._cuts = isinstance(args, Words)

    def process(self, state: Any, parser: Any) -> None:
        """Process the words as Click's parser does, to the first that is no option where that ends them."""
        while self.refill(state, 1):
            word = state.rargs.pop(0)
            if word == "--":
                break
            if word[:1] in parser._opt_prefixes and len(word) > 1:  # noqa: SLF001 - a part of it
                parser._process_opts(word, state)  # noqa: SLF001 - a part of it
            elif parser.allow_interspersed_args:
                state.largs.append(word)
            else:
                state.rargs.insert(0, word)
                break
        if state.largs or parser._args:  # noqa: SLF001 - a part of it
            self.refill(state, len(state.rargs) + len(self._waiting))

    def refill(self, state: Any, number: int) -> bool:
        """See that Click has a number of words, where the line has them; whether it has any."""
        if len(state.rargs) < number and self._waiting:
            more = max(number - len(state.rargs), _AT_ONCE)
            state.rargs += self._waiting[:more]
            self._waiting = self._waiting[more:]
        return bool(state.rargs)

    def remaining(
        self, opts: dict[str, Any], left: list[str], order: list[Any]
    ) -> tuple[dict[str, Any], Any, list[Any]]:
        """Return what the parser has found, with all that remains of the line."""
        # What Click has been handed and left over stands right before what it has not.
        rest = self._waiting.back(len(left)) if self._waiting else left
        return opts, rest if self._cuts else list(rest), Order(order)
