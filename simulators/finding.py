"""What a device says beside its readings: findings of its own, and that it is online."""

import json
from collections.abc import Sequence

from simulators.message import Outgoing, rfc3339
from simulators.scenario import Happening


class FindingSimulator:
    """Sends an `event` once at the start of every `finding`, and a retained `status` at the first call."""

    def __init__(self, topic: str, happenings: Sequence[Happening]) -> None:
        self._topic = topic
        self._happenings = [item for item in happenings if item.what == "finding"]
        self._told: set[tuple[int, int]] = set()
        self._greeted = False

    def messages(self, moment: int, elapsed: float) -> list[Outgoing]:
        """What it says at `moment` (epoch ms), `elapsed` seconds into the scenario."""
        out: list[Outgoing] = []
        if not self._greeted:
            self._greeted = True
            status = {"state": "online", "ts": rfc3339(moment)}
            out.append(Outgoing(f"{self._topic}/status", json.dumps(status).encode(), moment, status, retain=True))
        for place, item in enumerate(self._happenings):
            since = item.running(elapsed)
            episode = (place, round(elapsed - since) if since is not None else -1)
            if since is None or episode in self._told:
                continue
            self._told.add(episode)
            body = {"ts": rfc3339(moment), "type": item.alarm or "finding", "level": item.level, "text": item.text}
            out.append(Outgoing(f"{self._topic}/event", json.dumps(body).encode(), moment, body))
        return out
