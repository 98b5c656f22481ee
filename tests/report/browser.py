"""A headless Chromium, driven by its DevTools protocol through a pipe, which needs no library and no port."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import select
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

__all__ = ["CHROMIUM", "Page", "opened"]

_NAMES = ("chromium", "chromium-browser", "google-chrome") if os.name == "posix" else ()
CHROMIUM = next(filter(None, map(shutil.which, _NAMES)), None)

_OPTIONS = (
    *("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-pings"),
    *("--disable-extensions", "--hide-scrollbars", "--force-color-profile=srgb", "--remote-debugging-pipe"),
)
_PATIENCE = 120  # seconds that a busy machine may take for anything


class Page:
    """A tab of a browser.

    Attributes
    ----------
    events : list of dict
        What the browser has reported: errors, requests, messages of the console.
    """

    def __init__(self, write: int, read: int) -> None:
        self.events: list[dict[str, Any]] = []
        self._write, self._read = write, read
        self._buffer, self._last, self._session = b"", 0, ""
        target = self.send("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.send("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.send(f"{domain}.enable")

    def send(self, method: str, **params: Any) -> dict[str, Any]:
        """Send a command, and return its result."""
        self._last += 1
        message = {"id": self._last, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self._write, data) :]
        while True:
            found = self._receive()
            if found.get("id") == self._last:
                if "error" in found:
                    raise RuntimeError(f"{method}: {found['error']}")
                result: dict[str, Any] = found["result"]
                return result
            self.events.append(found)

    def _receive(self) -> dict[str, Any]:
        while b"\0" not in self._buffer:
            if not select.select([self._read], [], [], _PATIENCE)[0]:
                raise TimeoutError("the browser does not answer")
            part = os.read(self._read, 1 << 20)
            if not part:
                raise EOFError("the browser has ended")
            self._buffer += part
        message, _, self._buffer = self._buffer.partition(b"\0")
        found: dict[str, Any] = json.loads(message)
        return found

    def open(self, path: Path, fragment: str = "") -> None:
        """Open a file, and wait until its scripts have run and its plots are drawn."""
        self.send("Page.navigate", url="about:blank")
        self.send("Page.navigate", url=path.as_uri() + (f"#{fragment}" if fragment else ""))
        self.wait("document.readyState === 'complete' && document.querySelectorAll('.plot svg').length > 0")
        self.settle()

    def wait(self, condition: str) -> None:
        """Wait until a condition holds."""
        end = time.monotonic() + _PATIENCE
        while not self.run(condition):
            if time.monotonic() > end:
                raise TimeoutError(condition)
            time.sleep(0.02)

    def until(self, condition: str, act: Callable[[], None]) -> None:
        """Do something with the mouse until a condition holds: a plot that is drawn anew at that moment misses it."""
        end = time.monotonic() + _PATIENCE
        while time.monotonic() < end:
            act()
            for _ in range(100):
                if self.run(condition):
                    return
                time.sleep(0.02)
        raise TimeoutError(condition)

    def settle(self) -> None:
        """Wait until what was asked for is drawn."""
        self.run("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done))))")

    def run(self, script: str) -> Any:
        """Run a script in the page, and return its value."""
        found = self.send("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in found:
            raise RuntimeError(json.dumps(found["exceptionDetails"])[:2000])
        return found["result"].get("value")

    def texts(self, selector: str) -> list[str]:
        """Return the texts of elements, as they are seen."""
        found: list[str] = self.run(
            f"[...document.querySelectorAll({json.dumps(selector)})].map((one) => one.innerText.trim())"
        )
        return found

    def type(self, selector: str, text: str) -> None:
        """Type a text into a field, in the place of what is there."""
        self.run(f"document.querySelector({json.dumps(selector)}).select()")
        self.run(f"document.querySelector({json.dumps(selector)}).focus()")
        self.send("Input.insertText", text=text)
        self.settle()

    def press(self, key: str, *, code: int = 0, text: str = "") -> None:
        """Press a key."""
        common = {"key": key, "code": key, "windowsVirtualKeyCode": code}
        self.send("Input.dispatchKeyEvent", type="keyDown", text=text, **common)
        self.send("Input.dispatchKeyEvent", type="keyUp", **common)
        self.settle()

    def click(self, selector: str, number: int = 0) -> None:
        """Click at the middle of an element."""
        box = self.run(
            f"(() => {{ const one = document.querySelectorAll({json.dumps(selector)})[{number}];"
            "one.scrollIntoView({block: 'center', inline: 'center', behavior: 'instant'});"
            "const box = one.getBoundingClientRect();"
            "return [box.x + box.width / 2, box.y + box.height / 2]; })()"
        )
        self.drag(box, box)

    def drag(self, start: list[float], end: list[float]) -> None:
        """Press the mouse at one place, and release it at another."""
        middle = [(one + two) / 2 for one, two in zip(start, end, strict=True)]
        for kind, (x, y) in (
            ("mouseMoved", start),
            ("mousePressed", start),
            *([("mouseMoved", middle), ("mouseMoved", end)] if start != end else []),
            ("mouseReleased", end),
        ):
            self.send("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1, buttons=1)
        self.settle()

    def look(self, width: int, height: int, *, dark: bool = False, touch: bool = False) -> None:
        """Change the size of the window, the colours, and the pointer."""
        self.send("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=touch)
        features = [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]
        self.send("Emulation.setEmulatedMedia", features=features)
        self.send("Emulation.setTouchEmulationEnabled", enabled=touch)
        self.settle()

    def picture(self, path: Path, *, whole: bool = False) -> None:
        """Save what is seen as a PNG."""
        found = self.send("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        path.write_bytes(base64.b64decode(found["data"]))

    def problems(self) -> list[str]:
        """Return the errors that the browser has reported, among them what the policy has refused."""
        found = []
        for event in self.events:
            params = event.get("params", {})
            if event.get("method") == "Runtime.exceptionThrown":
                found.append(json.dumps(params["exceptionDetails"])[:1000])
            elif event.get("method") == "Log.entryAdded" and params["entry"]["level"] in {"error", "warning"}:
                found.append(params["entry"]["text"])
            elif event.get("method") == "Runtime.consoleAPICalled":
                found.append(f"console.{params['type']}: {json.dumps(params['args'])[:500]}")
        return found

    def requests(self) -> list[str]:
        """Return the addresses that the page has asked for, except for data in the page itself."""
        sent = (
            event["params"]["request"]["url"]
            for event in self.events
            if event.get("method") == "Network.requestWillBeSent"
        )
        return [url for url in sent if not url.startswith(("data:", "blob:", "about:"))]


@contextlib.contextmanager
def opened(profile: Path) -> Iterator[Page]:
    """Start a browser with a new profile, and end it."""
    import fcntl  # noqa: PLC0415 - Windows does not have it

    assert CHROMIUM is not None
    (to_read, to_write), (from_read, from_write) = os.pipe(), os.pipe()
    # The browser reads from descriptor 3 and writes to descriptor 4, which must not be those that are copied.
    to_read, from_write = (fcntl.fcntl(one, fcntl.F_DUPFD, 10) for one in (to_read, from_write))
    start = f'exec "$0" "$@" 3<&{to_read} 4>&{from_write}'
    words = [CHROMIUM, *_OPTIONS, f"--user-data-dir={profile}", "about:blank"]
    process = subprocess.Popen(
        ["bash", "-c", start, *words],
        pass_fds=(to_read, from_write),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        env={**os.environ, "HOME": str(profile)},
    )
    os.close(to_read)
    os.close(from_write)
    try:
        yield Page(to_write, from_read)
    finally:
        os.close(to_write)
        os.close(from_read)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, 9)
        process.wait()
