"""`python -m hub.supervise PLAN`: the supervisor alone, with nothing loaded that it does not need; PLAN is JSON."""

import http.client
import json
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, field

from hub.supervisor import Supervisor


@dataclass(frozen=True, slots=True)
class Announcement:
    """What is printed once the API answers on `host`:`port`, and how long that may take in seconds."""

    host: str
    port: int
    text: str
    within: float = 60.0


@dataclass(frozen=True, slots=True)
class Plan:
    """Parts by name with the command that runs each."""

    parts: Sequence[tuple[str, Sequence[str]]]
    announcement: Announcement | None = field(default=None)

    def command(self) -> tuple[str, ...]:
        """The command that carries it out."""
        return (sys.executable, "-m", "hub.supervise", json.dumps(asdict(self)))


def carry_out(plan: Plan) -> None:
    """Run the parts until Ctrl-C or SIGTERM."""
    supervisor = Supervisor(lambda sentence: print(f"hub: {sentence}", file=sys.stderr))  # noqa: T201
    for name, command in plan.parts:
        supervisor.add(name, command)
    if plan.announcement is not None:
        threading.Thread(target=_announce, args=(plan.announcement, supervisor), daemon=True).start()
    supervisor.run()


def _announce(announcement: Announcement, supervisor: Supervisor) -> None:
    end = time.monotonic() + announcement.within
    while not _answers(announcement.host, announcement.port):
        if time.monotonic() > end:
            address = f"{announcement.host}:{announcement.port}"
            print(f"hub: {address} did not answer in {announcement.within:g} s", file=sys.stderr)  # noqa: T201
            supervisor.request_stop()
            return
        time.sleep(0.1)
    print(announcement.text, flush=True)  # noqa: T201


def _answers(host: str, port: int) -> bool:
    with closing(http.client.HTTPConnection(host, port, timeout=2)) as connection:
        try:
            connection.request("GET", "/v1/health/live")
            return connection.getresponse().status == http.client.OK
        except (OSError, http.client.HTTPException):
            return False


def main() -> None:
    """Read the plan from the only argument."""
    tree = json.loads(sys.argv[1])
    told = tree["announcement"]
    carry_out(Plan(tree["parts"], None if told is None else Announcement(**told)))


if __name__ == "__main__":
    main()
