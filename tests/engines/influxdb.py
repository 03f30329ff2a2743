"""InfluxDB 2 for a test, set up through its own HTTP interface."""

import uuid
from pathlib import Path

import httpx

from tests.engines.server import Server


class InfluxDB(Server):
    """A server with one organisation, one bucket and an operator's token."""

    script = "influxdb"
    org = "district"
    bucket = "raw"
    token = "token-of-the-tests"

    def __init__(self, port: int, folder: Path) -> None:
        super().__init__(port, folder)
        # No proxy of the environment may stand between a test and its own loopback server.
        self._http = httpx.Client(
            base_url=self.http_url, headers={"Authorization": f"Token {self.token}"}, trust_env=False
        )

    @property
    def http_url(self) -> str:
        """Address of the HTTP interface."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        """As `engines.series` of hub.toml takes it, for the first bucket."""
        return self.bucket_url(self.bucket)

    def bucket_url(self, bucket: str) -> str:
        """As `engines.series` of hub.toml takes it."""
        return f"influxdb://127.0.0.1:{self.port}?org={self.org}&bucket={bucket}"

    def new_bucket(self) -> str:
        """The name of a fresh, empty bucket, kept for ever."""
        name = f"test-{uuid.uuid4().hex[:12]}"
        found = self._http.get("/api/v2/orgs", params={"org": self.org}).raise_for_status()
        org_id = found.json()["orgs"][0]["id"]
        self._http.post(
            "/api/v2/buckets", json={"orgID": org_id, "name": name, "retentionRules": []}
        ).raise_for_status()
        return name

    def wipe(self) -> None:
        """End it and delete its folder."""
        self._http.close()
        super().wipe()

    def _started(self) -> None:
        setup = {"username": "hub", "password": "password-of-the-tests", "org": self.org, "bucket": self.bucket}
        answer = self._http.post("/api/v2/setup", json={**setup, "token": self.token, "retentionPeriodSeconds": 0})
        if answer.status_code != httpx.codes.UNPROCESSABLE_ENTITY:  # that one means: set up before, by an earlier start
            answer.raise_for_status()
