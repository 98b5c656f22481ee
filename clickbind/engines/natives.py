"""Make native futures of those of any executor, so that `concurrent.futures.wait` can wait for them."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from typing import Any, Protocol

from .. import engines

__all__ = ["Executor", "Linked", "deaf"]

_LOOK = 0.1  # seconds between two looks at futures that nobody can wait for


@contextlib.contextmanager
def deaf() -> Iterator[None]:
    """Let processes that start now ignore Ctrl-C, which a terminal sends to them too: only the driver acts on it.

    An interruption in the meantime has no effect. Outside of the main thread, this does nothing.
    """
    if engines.threading.current_thread() is not engines.threading.main_thread():
        yield
        return
    before = engines.signal.signal(engines.signal.SIGINT, engines.signal.SIG_IGN)
    try:
        yield
    finally:
        engines.signal.signal(engines.signal.SIGINT, before)


class _Future(Protocol):
    def done(self) -> bool: ...
    def result(self) -> Any: ...


class Executor:
    """An executor whose futures are native ones.

    Parameters
    ----------
    executor : object
        What an engine has made: it has ``submit``, and perhaps ``shutdown`` and ``stop``. Its futures are native ones,
        or have ``done`` and ``result``.
    """

    def __init__(self, executor: Any) -> None:
        self._executor = executor
        self._watched: dict[Linked, _Future] = {}
        self._lock = engines.threading.Lock()
        self._is_shut = False
        stop = getattr(executor, "stop", None)
        if stop is not None:  # only then, since without it the driver does it
            self.stop = stop

    def submit(self, function: Any, *args: str) -> engines.futures.Future[Any]:
        """Submit a call, and return a native future."""
        with (
            contextlib.nullcontext() if hasattr(self, "stop") else deaf()
        ):  # one that stops its jobs starts them itself
            found = self._executor.submit(function, *args)
        if isinstance(found, engines.futures.Future):
            return found
        future = Linked(found)
        with self._lock:
            is_first = not self._watched
            self._watched[future] = found
        if is_first:
            engines.threading.Thread(target=self._poll, daemon=True).start()
        return future

    def _poll(self) -> None:
        """Look at the futures until all are done."""
        while True:
            for future, found in list(self._watched.items()):
                if not future.is_settling and found.done():
                    future.is_settling = True
                    # Waiting for a result may take long: submitit waits for a file.
                    engines.threading.Thread(target=self._settle, args=(future, found), daemon=True).start()
            time.sleep(_LOOK)
            with self._lock:
                if not self._watched:
                    return

    def _settle(self, future: Linked, found: _Future) -> None:
        try:
            result = found.result()
        except BaseException as error:  # noqa: BLE001 - an engine's cancellation may be no Exception
            is_plain = isinstance(error, Exception)
            future.set_exception(error if is_plain else engines.futures.CancelledError(str(error)))
        else:
            future.set_result(result)
        with self._lock:
            del self._watched[future]

    def shutdown(self) -> None:
        """Shut the executor down, once."""
        shutdown = getattr(self._executor, "shutdown", None)
        if shutdown is not None and not self._is_shut:
            self._is_shut = True
            shutdown()


class Linked(engines.futures.Future[Any]):
    """A native future that is set as another one is done.

    Parameters
    ----------
    found : object
        The other future.

    Attributes
    ----------
    is_settling : bool
        Whether its result is being fetched.
    """

    def __init__(self, found: Any) -> None:
        super().__init__()
        self._found = found
        self.is_settling = False
        self.set_running_or_notify_cancel()

    def cancel(self) -> bool:
        """Cancel the other future; return whether that can be and was done."""
        cancel = getattr(self._found, "cancel", None)
        return cancel is not None and cancel() is not False
