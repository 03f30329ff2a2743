"""What a chart needs in one answer: columns of pixels with peaks and flags, the declared period for telling gaps, and the limits in force."""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import replace
from math import isfinite
from typing import Any

from starlette.responses import Response

from api.answers import answer
from api.context import History
from api.formats import JSON, Format
from api.pixels import COLUMNS, MOST_SERIES, Scale, pixels_of, rows_of
from api.problem import invalid
from api.series_head import HEAD, head_of
from api.tables import Chunk, Table, table_response
from api.times import write_times
from hub.clock import rfc3339
from hub.rule import Rule
from hub.standards.facts import facts_of
from hub.standards.named import bounds
from storage.records.rules import list_rules
from storage.series import Points, Select, Series
from storage.zones import zone_of

_NUMBERS = frozenset({"min", "max", "first", "last", "count", "invalid"})


def chart_answer(
    parts: History, select: Select, span: tuple[int, int], width: int, zone: str, form: Format
) -> Response:
    """The selected series, `width` columns over the span; invalid values are counted whatever `valid` says, since a chart marks them.

    Raises:
        Problem: `invalid-parameter` for more series than a chart can show.
    """
    wanted = replace(select, valid_only=False)
    count = len(parts.series.latest(wanted))
    if count > MOST_SERIES:
        raise invalid("device", f"a question of at most {MOST_SERIES} series beside `width`; these are {count}")
    scale = Scale.of(*span, width)
    if form is not JSON:
        columns = (*HEAD, *COLUMNS, "zone")
        return table_response(Table("chart", columns, _chunks(parts, wanted, scale, zone), zone, _NUMBERS), form)
    with parts.records.read() as tx:
        rules = list_rules(tx)
    series = [_series(one, scale, rules, parts, zone) for one in parts.series.scan(wanted, *span)]
    info = zone_of(zone)
    range_ = {"from": rfc3339(scale.start, info), "to": rfc3339(scale.end, info)}
    head = {"zone": zone, "width": width, **range_, "step_s": scale.step / 1000, "columns": COLUMNS}
    return answer({**head, "series": series})


def _series(points: Points, scale: Scale, rules: list[Rule], parts: History, zone: str) -> dict[str, Any]:
    period = parts.register.period(points.series.station, points.series.property)
    return {
        **head_of(points.series, parts.register),
        "period_s": None if period is None else period / 1000,
        "limits": [limit for rule in rules for limit in _limits(rule, points.series, scale.end, parts)],
        "rows": _rows(points, scale, zone),
    }


def _rows(points: Points, scale: Scale, zone: str) -> list[tuple[str | float | None, ...]]:
    pixels = pixels_of(points, scale)
    return rows_of(pixels, write_times(pixels.start, zone))


def _limits(rule: Rule, series: Series, until: int, parts: History) -> Iterator[dict[str, Any]]:
    """A limit by the name of a standard is that of the chart's last instant; `/v1/limits` tells of each edition in between."""
    if rule.kind != "level" or rule.property != series.property or not rule.matches(series.station):
        return
    for side in ("above", "below"):
        for level, limit in sorted(getattr(rule, side).items()):
            yield {"rule": rule.id, "version": rule.version, "level": level, side: limit}
    facts = facts_of(parts.register.now(), series.station, series.property)
    for level, name in sorted(rule.limits.items()):
        held = bounds(name, rule.property, facts, zone_of(parts.zone))
        place = bisect_left(held.since, until) - 1
        for side, limit in (("above", held.above[place]), ("below", held.below[place])):
            if isfinite(limit):
                yield {"rule": rule.id, "version": rule.version, "level": level, side: limit}


def _chunks(parts: History, select: Select, scale: Scale, zone: str) -> Iterator[Chunk]:
    for one in parts.series.scan(select, scale.start, scale.end):
        head = tuple(head_of(one.series, parts.register).values())
        yield [(*head, *row, zone) for row in _rows(one, scale, zone)]
