"""What questions about duty come with: the moment that is meant, the file that is sent."""

from typing import Annotated

from fastapi import Query, Request

from api.asking import FAR, InZone, Past
from api.problem import invalid
from api.times import EXPECTED, parse_time
from storage.zones import zone_of


async def moment_asked(
    parts: Past,
    zone: InZone,
    at: Annotated[str | None, Query(max_length=64, description=f"The moment; now when absent. {EXPECTED}")] = None,
) -> int:
    """The moment, epoch ms."""
    now = parts.clock.now()
    if at is None:
        return now
    try:
        return min(FAR, max(-FAR, parse_time(at, zone_of(zone), now)))
    except (ValueError, OverflowError) as error:
        raise invalid("at", EXPECTED) from error


async def sent(request: Request) -> bytes:
    """The body as it came."""
    return await request.body()
