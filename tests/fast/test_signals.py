"""The C half of `signal` answers as `signal` itself."""

from __future__ import annotations

import signal
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clickbind import fast

NUMBERS = st.sampled_from([signal.SIGTERM, signal.SIGINT])


@pytest.mark.skipif(sys.platform == "emscripten", reason="WebAssembly: no signals")
@given(NUMBERS, st.sampled_from(["SIG_DFL", "SIG_IGN", "leave"]), st.booleans())
def test_a_handler_that_one_sets_the_other_finds(number: signal.Signals, name: str, ours: bool) -> None:
    def leave(*_: object) -> None:
        pass

    signals = fast.signals()
    before = signal.getsignal(number)
    side: Any = signals if ours else signal
    try:
        side.signal(number, getattr(side, name, leave))
        assert signal.getsignal(number) is getattr(signal, name, leave)
        assert signals.getsignal(number) is getattr(signals, name, leave)
    finally:
        signal.signal(number, before)
    assert signals.SIGTERM == signal.SIGTERM
