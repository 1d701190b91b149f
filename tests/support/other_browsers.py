"""Firefox and WebKit, as Debian has them, by the protocols that each speaks itself: BiDi, and WebDriver.

Playwright drives builds of its own of them, which Debian does not have; and a library for each of the two
protocols would bring some twenty packages for what is JSON over a socket. Mouse and keys are the browser's.
"""

from __future__ import annotations

import itertools
import json
import os
import re
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from websockets.sync.client import connect

from tests.support import machine

MINI_BROWSER = "MiniBrowser"
QUIET = {
    # Nothing is asked of anybody but the server of the test.
    "app.normandy.enabled": False,
    "browser.safebrowsing.provider.mozilla.updateURL": "",
    "browser.shell.checkDefaultBrowser": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "extensions.systemAddon.update.enabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "services.settings.server": "http://127.0.0.1:1/",
    "toolkit.telemetry.server": "",
}
FIND = """(selector => {
  const isSeen = (one) => one.checkVisibility({ visibilityProperty: true })
  const found = [...document.querySelectorAll(selector)].find(isSeen)
  if (!found) return null
  found.scrollIntoView({ block: "center", behavior: "instant" })
  const { x, y, width, height } = found.getBoundingClientRect()
  const at = [Math.round(x + width / 2), Math.round(y + height / 2)]
  const top = document.elementFromPoint(...at)
  return top && (found.contains(top) || top.contains(found)) ? at : null
})"""
KEYS = {"\n": "\ue007"}


class OtherBrowser:
    """A window of a browser. What the two protocols share is here; each says how to ask."""

    def open(self, url: str) -> None:
        raise NotImplementedError

    def run(self, expression: str) -> Any:
        """Return the value of a JavaScript expression, as JSON has it."""
        raise NotImplementedError

    def act(self, sources: Sequence[dict[str, Any]]) -> None:
        """Move, press and type, as WebDriver's actions say it."""
        raise NotImplementedError

    def until(self, expression: str, timeout_s: float = 30) -> Any:
        """Wait until a JavaScript expression is true."""
        what = f"{type(self).__name__}: {expression}"
        return machine.wait_until(lambda: self.run(expression), what, timeout_s)

    def press(self, selector: str) -> None:
        """Press what is in sight and not covered, in the middle, by the mouse."""
        x, y = self.until(f"{FIND}({json.dumps(selector)})")
        move = {"type": "pointerMove", "x": x, "y": y, "duration": 0}
        down, up = {"type": "pointerDown", "button": 0}, {"type": "pointerUp", "button": 0}
        self.act([{"type": "pointer", "id": "mouse", "actions": [move, down, up]}])

    def type(self, text: str) -> None:
        """Type where the keyboard is."""
        strokes = [
            {"type": kind, "value": KEYS.get(letter, letter)}
            for letter in text
            for kind in ("keyDown", "keyUp")
        ]
        self.act([{"type": "key", "id": "keys", "actions": strokes}])


class Firefox(OtherBrowser):
    def __init__(self, socket: Any) -> None:
        self._socket, self._numbers = socket, itertools.count(1)
        self._ask("session.new", capabilities={})
        self._context = self._ask("browsingContext.getTree")["contexts"][0]["context"]

    def _ask(self, method: str, **params: Any) -> Any:
        number = next(self._numbers)
        self._socket.send(json.dumps({"id": number, "method": method, "params": params}))
        while True:
            answer = json.loads(self._socket.recv(timeout=60))
            if answer.get("id") == number:
                assert answer["type"] == "success", answer
                return answer["result"]

    def open(self, url: str) -> None:
        self._ask("browsingContext.navigate", context=self._context, url=url, wait="complete")

    def run(self, expression: str) -> Any:
        whole = f"JSON.stringify(({expression}) ?? null)"
        how = {"target": {"context": self._context}, "awaitPromise": False}
        answer = self._ask("script.evaluate", expression=whole, **how)
        assert answer["type"] == "success", answer
        return json.loads(answer["result"]["value"])

    def act(self, sources: Sequence[dict[str, Any]]) -> None:
        self._ask("input.performActions", context=self._context, actions=list(sources))


class WebKit(OtherBrowser):
    def __init__(self, port: int, binary: Path) -> None:
        self._at = f"http://127.0.0.1:{port}/session"
        options = {"binary": str(binary), "args": ["--automation"]}
        made = self._ask("", {"capabilities": {"alwaysMatch": {"webkitgtk:browserOptions": options}}})
        self._at += f"/{made['sessionId']}"

    def _ask(self, path: str, body: dict[str, Any]) -> Any:
        data = json.dumps(body).encode()
        request = urllib.request.Request(self._at + path, data, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)["value"]

    def open(self, url: str) -> None:
        self._ask("/url", {"url": url})

    def run(self, expression: str) -> Any:
        return self._ask("/execute/sync", {"script": f"return ({expression}) ?? null", "args": []})

    def act(self, sources: Sequence[dict[str, Any]]) -> None:
        self._ask("/actions", {"actions": list(sources)})

    def close(self) -> None:
        with urllib.request.urlopen(urllib.request.Request(self._at, method="DELETE"), timeout=60):
            pass


@contextmanager
def firefox() -> Iterator[Firefox]:
    """Start Firefox without its window, with a profile of its own."""
    program = machine.program("firefox-esr") or machine.program("firefox")
    if program is None:
        machine.missing("firefox-esr")
    with machine.private_folder("firefox") as folder, ExitStack() as stack:
        prefs = [f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in QUIET.items()]
        (folder / "user.js").write_text("\n".join(prefs))
        command = [str(program), "--headless", "--no-remote", "--profile", str(folder)]
        log = _running(stack, [*command, "--remote-debugging-port", "0"], folder)
        listening = re.compile(r"BiDi listening on (ws://\S+)")
        address = machine.wait_until(lambda: listening.search(log.read_text()), "Firefox", 60)
        socket = stack.enter_context(connect(f"{address[1]}/session", max_size=None))
        yield Firefox(socket)


@contextmanager
def webkit() -> Iterator[WebKit]:
    """Start WebKitGTK's smallest browser in a screen that nobody sees."""
    driver, screen = machine.program("WebKitWebDriver"), machine.program("Xvfb")
    browser = machine.program(MINI_BROWSER, *Path("/usr/lib").glob("*/webkit2gtk-4.*"))
    if driver is None or screen is None or browser is None:
        machine.missing("webkit2gtk-driver or xvfb")
    with machine.private_folder("webkit") as folder, ExitStack() as stack:
        shown = _running(stack, [str(screen), "-displayfd", "1", "-screen", "0", "1280x900x24"], folder)
        number = re.compile(r"^(\d+)$", re.M)
        display = machine.wait_until(lambda: number.search(shown.read_text()), "Xvfb")[1]
        port = machine.free_port()
        _running(stack, [str(driver), f"--port={port}"], folder, DISPLAY=f":{display}")
        machine.wait_until(lambda: machine.answers(port), "WebKitWebDriver")
        window = WebKit(port, browser)
        stack.callback(window.close)
        yield window


def _running(stack: ExitStack, command: list[str], home: Path, **environment: str) -> Path:
    """Start a program until the stack ends; return the file with what it prints."""
    log = home / f"{Path(command[0]).name}.log"
    with log.open("wb") as file:
        started = machine.start(command, log=file, env={**os.environ, "HOME": str(home), **environment})
    stack.callback(started.wait)
    stack.callback(started.terminate)
    return log
