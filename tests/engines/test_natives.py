"""Futures of any executor become native ones."""

from __future__ import annotations

import asyncio
import concurrent.futures
import signal
import threading
from collections.abc import Callable
from typing import Any

import pytest

from clickbind.engines.natives import Executor, deaf
from tests.conftest import HANG


class Other:
    """A future of another kind, which is done after some looks at it."""

    def __init__(self, result: Callable[[], Any], looks: int = 2) -> None:
        self.looks = looks
        self.result = result

    def done(self) -> bool:
        self.looks -= 1
        return self.looks <= 0


def fail(error: BaseException) -> Any:
    raise error


class Maker:
    """An executor that returns the futures that it was made with."""

    def __init__(self, *found: Any) -> None:
        self.found = list(found)
        self.shuts = 0

    def submit(self, *_: Any) -> Any:
        return self.found.pop(0)

    def shutdown(self) -> None:
        self.shuts += 1


def test_futures_are_polled_until_all_are_done() -> None:
    executor = Executor(Maker(Other(lambda: 1), Other(lambda: 2, 5)))
    found = [executor.submit(print), executor.submit(print)]
    assert [future.result(HANG) for future in found] == [1, 2]


def test_a_native_future_is_left_alone() -> None:
    future: concurrent.futures.Future[int] = concurrent.futures.Future()
    assert Executor(Maker(future)).submit(print) is future


def test_an_error_is_passed_on() -> None:
    executor = Executor(
        Maker(Other(lambda: fail(ValueError("no"))), Other(lambda: fail(asyncio.CancelledError("gone"))))
    )
    with pytest.raises(ValueError, match="no"):
        executor.submit(print).result(HANG)
    with pytest.raises(concurrent.futures.CancelledError, match="gone"):
        executor.submit(print).result(HANG)


@pytest.mark.parametrize(("result", "expected"), [(None, True), (True, True), (False, False)])
def test_cancelling_is_passed_on(result: Any, expected: bool) -> None:
    other: Any = Other(lambda: 1)
    other.cancel = lambda: result
    future = Executor(Maker(other)).submit(print)
    assert future.cancel() is expected
    assert future.result(HANG) == 1


def test_what_cannot_be_cancelled_says_so() -> None:
    future = Executor(Maker(Other(lambda: 1))).submit(print)
    assert not future.cancel()
    assert future.result(HANG) == 1


def test_an_executor_is_shut_down_once() -> None:
    maker = Maker()
    executor = Executor(maker)
    executor.shutdown()
    executor.shutdown()
    assert maker.shuts == 1
    assert not hasattr(executor, "stop")
    Executor(object()).shutdown()


def test_only_an_executor_that_can_stop_jobs_does() -> None:
    maker: Any = Maker()
    signals: list[int] = []
    maker.stop = signals.append
    executor: Any = Executor(maker)
    executor.stop(2)
    assert signals == [2]


def test_what_an_engine_starts_ignores_ctrl_c() -> None:
    before = signal.getsignal(signal.SIGINT)
    with deaf():
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    assert signal.getsignal(signal.SIGINT) is before
    seen: list[Any] = []

    def look() -> None:
        with deaf():
            seen.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    assert seen == [before]
