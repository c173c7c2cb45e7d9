"""
A real browser for tests: Debian's Chromium (or what PRAXIS_CHROMIUM names), driven over a pipe.

Where there is none, tests that want it are skipped, and with PRAXIS_CI set they fail.
"""

import base64
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
#: The browser reads file 3 and writes file 4.
_LAUNCHER = """
import os, sys
for number, name in ((100, sys.argv[1]), (101, sys.argv[2])):
    os.dup2(int(name), number)
os.dup2(100, 3)
os.dup2(101, 4)
os.execv(sys.argv[3], sys.argv[3:])
"""
_HOW = "install it (apt-get install chromium), or name it in PRAXIS_CHROMIUM"


def find_chromium() -> str:
    named = os.environ.get("PRAXIS_CHROMIUM")
    found = named or next((path for name in _NAMES if (path := shutil.which(name))), None)
    if found is None:
        if os.environ.get("PRAXIS_CI"):
            pytest.fail(f"PRAXIS_CI is set, and there is no Chromium for this test: {_HOW}", False)
        pytest.skip(f"no Chromium for this test: {_HOW}")
    return found


class Tab:
    """A tab; *events* are what the browser said by itself, oldest first."""

    def __init__(self, incoming: int, outgoing: int) -> None:
        self._incoming, self._outgoing = incoming, outgoing
        self._rest = b""
        self._count = 0
        self._session: str | None = None
        self.events: list[dict[str, Any]] = []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        attached = self.call("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        self._count += 1
        message = {"id": self._count, "method": method, "params": params}
        if self._session is not None:
            message["sessionId"] = self._session
        os.write(self._outgoing, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._read()
            if answer.get("id") == self._count:
                assert "error" not in answer, answer
                result: dict[str, Any] = answer["result"]
                return result
            self.events.append(answer)

    def _read(self) -> dict[str, Any]:
        while b"\0" not in self._rest:
            data = os.read(self._incoming, 1 << 20)
            assert data, "Chromium has ended"
            self._rest += data
        line, _, self._rest = self._rest.partition(b"\0")
        message: dict[str, Any] = json.loads(line)
        return message

    def open(self, page: Path, fragment: str = "") -> None:
        self.call("Page.navigate", url=f"{page.as_uri()}{fragment}")
        self.ask("new Promise(r => document.readyState === 'complete' ? r() : onload = () => r())")

    def visit(self, url: str) -> None:
        """Go to another page; return once it stands."""
        begun = len(self.events)
        self.call("Page.navigate", url=url)
        self._wait_for_load(begun)

    def reload(self) -> None:
        """Load the page again; return once the new one stands."""
        self.events.clear()
        self.call("Page.reload")
        self._wait_for_load(0)

    def follow(self, expression: str) -> None:
        """Do in JavaScript what leads to another page; return once that one stands."""
        begun = len(self.events)
        self.ask(f"(() => {{ {expression}; }})()")
        self._wait_for_load(begun)

    def _wait_for_load(self, begun: int) -> None:
        def has_come() -> bool:
            return any(one.get("method") == "Page.loadEventFired" for one in self.events[begun:])

        while not has_come():
            self.events.append(self._read())

    def wait_for(self, condition: str) -> None:
        """Wait until a JavaScript expression is true, looked at before each frame."""
        self.ask(
            "new Promise(done => { const look = () => "
            f"({condition}) ? done() : requestAnimationFrame(look); look(); }})"
        )

    def ask(self, expression: str) -> Any:
        """The value of a JavaScript expression, awaited."""
        answer = self.call(
            "Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True
        )
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def press(self, key: str) -> None:
        text = {"text": key} if len(key) == 1 else {}
        self.call("Input.dispatchKeyEvent", type="keyDown", key=key, **text)
        self.call("Input.dispatchKeyEvent", type="keyUp", key=key)

    def resize(self, width: int, height: int = 900) -> None:
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=width < 600,
        )

    def screenshot(self, file: Path) -> None:
        """Keep what is seen."""
        file.write_bytes(base64.b64decode(self.call("Page.captureScreenshot")["data"]))

    def complaints(self, site: str = "file:") -> list[str]:
        """Errors, violations of the page's policy and requests that left the site."""
        self.ask("0")  # what was still on its way has come
        found = []
        for event in self.events:
            method, params = event.get("method"), event.get("params", {})
            if method == "Runtime.exceptionThrown":
                found.append(str(params["exceptionDetails"]))
            elif method == "Log.entryAdded" and params["entry"]["level"] == "error":
                found.append(params["entry"]["text"])
            elif method == "Page.javascriptDialogOpening":
                found.append(f"dialog: {params['message']}")
            elif method == "Network.requestWillBeSent":
                url = params["request"]["url"]
                if not url.startswith((site, "data:", "about:")):
                    found.append(f"request: {url}")
        return found


@contextmanager
def browser(folder: Path) -> Iterator[Tab]:
    """A tab of a browser of its own, whose profile lies in *folder*."""
    program = find_chromium()
    to_browser, outgoing = os.pipe()
    incoming, from_browser = os.pipe()
    arguments = [
        program,
        "--headless=new",
        "--no-sandbox",  # it opens files of the tests alone, and they may run as root
        "--disable-gpu",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--remote-debugging-pipe",
        f"--user-data-dir={folder}",
    ]
    process = subprocess.Popen(
        [sys.executable, "-c", _LAUNCHER, str(to_browser), str(from_browser), *arguments],
        pass_fds=(to_browser, from_browser),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(to_browser)
    os.close(from_browser)
    try:
        yield Tab(incoming, outgoing)
    finally:
        with suppress(OSError):
            os.close(outgoing)  # which tells it to end
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        os.close(incoming)
