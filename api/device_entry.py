"""The register's entry of a device as callers write and read it, and as the hub keeps it."""

from typing import Any

import msgspec

from api.bodies import DeviceBody, NewDatastream, NewLink
from api.problem import invalid
from hub.catalogue import Datastream, Device
from hub.errors import BadQuery
from hub.link import FieldLink
from hub.secret import hash_secret
from hub.standards.permit import PermitLimit
from storage.zones import zone_of


def entry_of(device: Device) -> dict[str, Any]:
    """The entry as its own PUT would take it, secrets aside."""
    streams = {
        name: {**msgspec.structs.asdict(one), "period_s": _seconds(one.period_ms)}
        for name, one in device.datastreams.items()
    }
    for stream in streams.values():
        del stream["period_ms"]
        stream["limits"] = [msgspec.structs.asdict(limit) for limit in stream["limits"]]
    plain = msgspec.structs.asdict(device)
    for name in ("period_ms", "lateness_ms", "secret_hash"):
        del plain[name]
    seconds = {"period_s": _seconds(device.period_ms), "lateness_s": device.lateness_ms / 1000}
    return {**plain, **seconds, "datastreams": streams, "link": _link_entry(device.link)}


def device_of(given: DeviceBody, station: str, secret: str | None, known: Device | None = None) -> Device:
    """The device that a body means; what the body leaves out of the link's secrets is as in `known`.

    Raises:
        Problem: a member is not as expected.
    """
    if given.zone is not None:
        try:
            zone_of(given.zone)
        except BadQuery as error:
            raise invalid("zone", error.expected, "body") from error
    apart = {"station", "period_s", "lateness_s", "datastreams", "new_secret", "link"}
    streams = {
        name: Datastream(_ms(one.period_s), one.low, one.high, one.unit, one.name_zh, one.name_en, _limits(one))
        for name, one in given.datastreams.items()
    }
    return Device(
        **given.model_dump(exclude=apart),
        station=station,
        period_ms=_ms(given.period_s),
        lateness_ms=round(given.lateness_s * 1000),
        datastreams=streams,
        secret_hash="" if secret is None else hash_secret(secret),
        link=None if given.link is None else _link(given.link, None if known is None else known.link),
    )


def _link(given: NewLink, known: FieldLink | None) -> FieldLink:
    plain = given.model_dump()
    for secret in ("password", "key"):
        if plain[secret] is None:
            plain[secret] = "" if known is None else getattr(known, secret)
    plain["sources"] = tuple(given.sources)
    return FieldLink(**plain)


def _link_entry(link: FieldLink | None) -> dict[str, Any] | None:
    """A secret that is there is shown as null: a PUT of null keeps it."""
    if link is None:
        return None
    hidden = {name: None if getattr(link, name) else "" for name in ("password", "key")}
    return {**msgspec.structs.asdict(link), **hidden}


def _limits(given: NewDatastream) -> tuple[PermitLimit, ...]:
    return tuple(PermitLimit(**limit.model_dump()) for limit in given.limits)


def _seconds(milliseconds: int | None) -> float | None:
    return None if milliseconds is None else milliseconds / 1000


def _ms(seconds: float | None) -> int | None:
    return None if seconds is None else max(1, round(seconds * 1000))
