"""One frame explained, without a hub: what `hub decode` prints."""

import math
from typing import Any, Final

import msgspec

from hub.catalogue import Catalogue, Device
from hub.errors import Refused
from ingest.codec import Arrival, Entry
from ingest.codecs import senml, telemetry
from ingest.document import read_json
from ingest.field.session import Decoded
from ingest.protocols import load_protocols, protocol_names

PROTOCOLS: Final = (*protocol_names(), "telemetry", "senml")

# What the public word for a refusal is, by the codec's own; the rest is `bad_value`.
_REASONS: Final = {"bad_json": "bad_format", "too_large": "bad_length", "unsupported": "unsupported"}
_ANYBODY: Final = Device("any/water/any", auto_properties=True)


def explain_frame(protocol: str, frame: bytes, received: int) -> dict[str, Any]:
    """`{"ok": true, "fields", "observations"}`, or `{"ok": false, "reason", "detail"}`; `received` stands for an absent time (epoch ms)."""
    if protocol in protocol_names():
        return _decoded(load_protocols((protocol,))[protocol].decode(frame))
    entry = Entry(_ANYBODY, Catalogue())
    try:
        if protocol == "senml" and not senml.is_senml(read_json(frame)):
            raise Refused("bad_json", "expected SenML: a JSON array of records, RFC 8428")  # noqa: TRY301 - refused as the codec refuses
        taken = telemetry.decode(Arrival(frame, received, 1 << 62), entry)
    except Refused as refused:
        return _refusal(refused)
    if taken.refusals and not taken.readings:
        return _refusal(taken.refusals[0])
    observations = [
        {"property": name, "time": reading.time, "value": value}
        for reading in taken.readings
        for name, value in zip(reading.names, reading.values, strict=True)
        if not math.isnan(value)
    ]
    answer: dict[str, Any] = {"ok": True, "fields": msgspec.json.decode(frame), "observations": observations}
    if taken.refusals:
        answer["refused"] = [{"reason": refused.reason, "detail": refused.detail} for refused in taken.refusals]
    return answer


def _decoded(frame: Decoded) -> dict[str, Any]:
    if not frame.ok:
        return {"ok": False, "reason": frame.reason, "detail": frame.detail}
    return {"ok": True, "fields": frame.fields, "observations": frame.observations}


def _refusal(refused: Refused) -> dict[str, Any]:
    return {"ok": False, "reason": _REASONS.get(refused.reason, "bad_value"), "detail": str(refused)}
