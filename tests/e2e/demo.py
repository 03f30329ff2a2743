"""`hub demo` as a newcomer starts it: a real process on free ports, and what its files say."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any, Self

import httpx
from playwright.sync_api import Page

from tests.engines import free_port, wait_until

READY_WITHIN = 60.0


class Demo:
    """One run on `folder`; `stop` presses Ctrl-C."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.folder = folder
        self._log = (folder.parent / f"{folder.name}.out").open("ab")
        ports = ("--port", str(free_port()), "--mqtt-port", str(free_port()))
        command = (sys.executable, "-m", "hub", "demo", *ports, "--data", str(folder), *options)
        self.process = subprocess.Popen(command, stdout=self._log, stderr=self._log, start_new_session=True)
        wait_until(self._answers, READY_WITHIN, "the demo answers")

    def _answers(self) -> bool:
        assert self.process.poll() is None, Path(self._log.name).read_text(encoding="utf-8")
        try:
            return httpx.get(f"{self.http}/v1/health/live", timeout=2).is_success
        except (httpx.TransportError, OSError, ValueError):
            return False

    @property
    def http(self) -> str:
        return str(self._addresses()["http"])

    @property
    def mqtt_port(self) -> int:
        return int(str(self._addresses()["mqtt"]).rsplit(":", 1)[1])

    def address(self, protocol: str) -> str:
        """HOST:PORT where a field protocol is listened for."""
        return str(self._addresses()[protocol])

    @property
    def token(self) -> str:
        return (self.folder / "admin-token").read_text(encoding="utf-8").strip()

    @property
    def password(self) -> str:
        return (self.folder / "admin-password").read_text(encoding="utf-8").strip()

    def log_in(self, page: Page) -> None:
        """Log in as the administrator and wait for the desk."""
        page.goto(f"{self.http}/login")
        page.fill("input[name=name]", "admin")
        page.fill("input[name=password]", self.password)
        page.click("button[type=submit]")
        page.wait_for_selector("#incidents")

    def client(self) -> httpx.Client:
        """A client with the administrator's token."""
        return httpx.Client(base_url=self.http, headers={"Authorization": f"Bearer {self.token}"}, timeout=30)

    def get(self, path: str) -> Any:
        """What it answers; a part that says it is away is waited for."""
        with self.client() as client:
            answer = wait_until(lambda: _unless_away(client.get(path)), 20, f"{path} is answered")
        assert answer is not None
        assert answer.is_success, answer.text
        return answer.json()

    def children(self) -> set[int]:
        """Process ids of everything it started."""
        found = set()
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    parent = int((entry / "stat").read_text(encoding="utf-8").rsplit(") ", 1)[1].split()[1])
                except OSError:
                    continue
                if parent == self.process.pid:
                    found.add(int(entry.name))
        return found

    def stop(self, how: signal.Signals = signal.SIGINT) -> int:
        """Ctrl-C, to the whole foreground group as a terminal sends it; the exit status."""
        os.killpg(self.process.pid, how)
        status = self.process.wait(30)
        self._log.close()
        return status

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.stop(signal.SIGTERM)

    def _addresses(self) -> dict[str, Any]:
        text = (self.folder / "addresses.json").read_text(encoding="utf-8")
        return dict(json.loads(text))


def _unless_away(answer: httpx.Response) -> httpx.Response | None:
    return None if answer.status_code == httpx.codes.SERVICE_UNAVAILABLE else answer
