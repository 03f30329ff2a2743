"""Somebody of the field staff, who asks the API as the phone does."""

from dataclasses import dataclass
from typing import Any, Self

import httpx

from alerts.field_work import issuing
from storage.records import incidents
from storage.records.rows import IncidentRow
from tests.api.hub import Hub

HERE: dict[str, Any] = {"lon": 121.6, "lat": 29.95, "accuracy_m": 8.0}
"""At the water station."""


@dataclass(slots=True)
class Staff:
    """One person with a link."""

    hub: Hub
    person: str
    token: str
    incident: str
    keys: int = 0

    @classmethod
    def sent(cls, hub: Hub, person: str) -> Self:
        """Give somebody a link to the newest incident."""
        incident = hub.get("/v1/incidents").json()["items"][0]["id"]
        with hub.records.begin() as tx:
            token = issuing.issue(tx, incident, person, at=hub.clock.now()).token
        return cls(hub, person, token, incident)

    def key(self) -> str:
        """A key that was not used before."""
        self.keys += 1
        return f"{self.person}-key-{self.keys}"

    def task(self) -> httpx.Response:
        """The task as it stands."""
        return self.hub.get(f"/v1/tasks/{self.token}", None)

    def do(self, action: str, key: str | None = None, **body: Any) -> httpx.Response:
        """One action."""
        headers = {"Idempotency-Key": key or self.key()}
        return self.hub.post(f"/v1/tasks/{self.token}/{action}", body, None, headers=headers)

    def photo(self, data: bytes, key: str | None = None, **query: Any) -> httpx.Response:
        """Send a photo."""
        headers = {"Idempotency-Key": key or self.key(), "Content-Type": "image/jpeg"}
        path = f"/v1/tasks/{self.token}/photos"
        return self.hub.ask("POST", path, None, content=data, params=query, headers=headers)

    def row(self) -> IncidentRow:
        """The incident's row."""
        with self.hub.records.read() as tx:
            found = incidents.get(tx, self.incident)
        assert found is not None
        return found

    def log(self) -> list[str]:
        """The words of the incident's log."""
        with self.hub.records.read() as tx:
            return [entry.kind for entry in incidents.log(tx, self.incident)]
