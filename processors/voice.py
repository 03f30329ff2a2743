"""How transitions are put into words: one list per batch, each transition whole."""

from dataclasses import dataclass, field

import numpy as np

from hub.alert import AlertTransition, Target, alert_id
from hub.catalogue import Catalogue
from hub.model import Condition
from processors.columns import NEVER


@dataclass(slots=True)
class Voice:
    """Collects what one record brought about; `received`, `partition` and `offset` are the record's."""

    catalogue: Catalogue
    received: int
    partition: int = 0
    offset: int = 0
    said: list[AlertTransition] = field(default_factory=list)

    def level(
        self,
        rule: tuple[str, int],
        series: tuple[str, str],
        state: np.void,
        condition: Condition,
        at: int,
        *,
        value: float | None = None,
        backfilled: bool = False,
        text: str = "",
    ) -> None:
        """A transition of a level rule's alert; `state` is its row of `processors.lane.GROUP`."""
        station, name = series
        department, kind, device = station.split("/")
        target = Target(department, kind, device, name)
        start = int(state["start"])
        fired = None if state["fired"] == NEVER else int(state["fired"])
        self.said.append(
            AlertTransition(
                id=alert_id(rule[0], target, start, backfilled=backfilled),
                n=int(state["n"]),
                rule=rule[0],
                rule_version=rule[1],
                target=target,
                level=int(state["level"]),
                condition=condition,
                at=at,
                received=self.received,
                breach_start=start,
                fired=fired,
                cleared=at if condition is Condition.CLEARED else None,
                value=value,
                limit=float(state["limit"]),
                unit=self.catalogue.property_of(station, name).unit,
                coverage=None if fired is None else _share(int(state["covered"]), fired - start),
                backfilled=backfilled,
                text=text,
                partition=self.partition,
                offset=self.offset,
            )
        )


def _share(covered: int, total: int) -> float:
    return round(covered / total, 4) if total else 1.0
