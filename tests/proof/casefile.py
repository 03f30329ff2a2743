"""A small district with one incident worth a case: readings, a picture, people's acts, a notice that was refused and then taken."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image
from sqlalchemy import insert

from alerts.proof.case import CaseMaker
from alerts.proof.drawing import Place
from alerts.proof.seal import open_seal
from alerts.telling import Site
from hub.evidence import Evidence
from storage.evidence import EvidenceFolder
from storage.records import attached, incidents, notices
from storage.records.incidents import Entry
from storage.records.tables import delivery, incident_log
from tests.api.hub import NOW, WATER, Hub

HOSTILE = '<script>&amp;]]> "\u202e氨氮\u0000超标" \U0001f41f'


@dataclass(frozen=True, slots=True)
class District:
    """A hub with an incident, and what makes its case."""

    hub: Hub
    incident: str
    maker: CaseMaker
    evidence: EvidenceFolder

    def case(self, language: str = "zh", *, report: bool = True) -> bytes:
        """The zip."""
        made = self.maker.make(self.incident, language=language, report=report)
        assert made is not None
        data = b"".join(made.stream())
        assert len(data) == made.size()
        made.close()
        return data

    def note(self, text: str, times: int = 1) -> None:
        """Write into the log."""
        with self.hub.records.begin() as tx:
            row, lines = incidents.get(tx, self.incident), []
            for number in range(times - 1):
                # As `incidents.change` does, but for the many at once.
                assert row is not None
                row, line = incidents._changed(row, row, Entry("note", "wang", NOW, NOW, f"{text} {number}"))
                lines.append(line)
            if lines:
                tx.execute(insert(incident_log), lines)
            assert row is not None
            incidents.change(tx, row, {}, Entry("note", "wang", NOW, NOW, f"{text} {times - 1}"))

    def attach(self, data: bytes, media_type: str = "image/png", **more: object) -> str:
        """Keep bytes as evidence of the incident."""
        sha256 = self.evidence.put(data)
        piece = Evidence(sha256, "photo", media_type, len(data), NOW, "after", **more)  # type: ignore[arg-type]
        with self.hub.records.begin() as tx:
            assert attached.attach(tx, self.incident, piece, by="li", at=NOW, lon=121.6, lat=29.95)
        return sha256


def picture(seed: int = 1, size: tuple[int, int] = (24, 18)) -> bytes:
    """A PNG of noise."""
    pixels = np.random.default_rng(seed).integers(0, 255, (size[1], size[0], 3), np.uint8)
    made = io.BytesIO()
    Image.fromarray(pixels).save(made, "PNG")
    return made.getvalue()


def settle(hub: Hub) -> District:
    """The hub with one incident."""
    times = [NOW - back * 60_000 for back in range(20, 0, -1)]
    hub.write(WATER, {"nh3_n": [1.0 + step / 10 for step in range(20)], "ph": [7.0] * 20}, times)
    hub.alert()
    incident = hub.get("/v1/incidents").json()["items"][0]["id"]
    place = Place(WATER, "一号站", 121.6, 29.95)
    unit: Callable[[str, str], str] = hub.context.register.unit
    evidence = EvidenceFolder(Path(hub.context.evidence))
    site, seal = Site.of(hub.settings), open_seal(hub.settings.hub.data)
    maker = CaseMaker(hub.records, hub.store, evidence, site, seal, unit, lambda: (place,))
    district = District(hub, incident, maker, evidence)
    district.attach(picture())
    district.note(HOSTILE.replace("\0", ""))
    _tell(district)
    return district


def _tell(district: District) -> None:
    to = notices.Recipient("duty", "sms", "13800000001")
    with district.hub.records.begin() as tx:
        notices.enqueue(
            tx, [notices.Draft(district.incident, None, to, "incident.opened", "r1", '{"text":"超标"}')], at=NOW
        )
        number = notices.of_incident(tx, district.incident)[0].id
        for attempt, status in enumerate(("failed", "accepted"), 1):
            row = {"notification": number, "attempt": attempt, "begun": NOW, "ended": NOW + 5, "status": status}
            tx.execute(insert(delivery), {**row, "code": 0, "answer": HOSTILE.replace("\0", ""), "vendor_id": "v-1"})
