"""The topics of the bus; both engines make exactly these, before any worker starts."""

from dataclasses import dataclass
from typing import Final

HOUR: Final = 3_600_000
DAY: Final = 24 * HOUR
MEGABYTE: Final = 1 << 20

OBSERVATIONS: Final = "observations"
IMPORTS: Final = "imports"
"""Batches of past values from files: stored, and looked at by no rule. One partition, so that what comes later stands."""

FRAMES: Final = "frames"
EVENTS: Final = "events"
ALERTS: Final = "alerts"
DEAD_LETTERS: Final = "dead-letters"
CATALOGUE: Final = "catalogue"
COMMANDS: Final = "commands"
ANSWERS: Final = "command-answers"

RULES_GROUP: Final = "hub-rules"
SERIES_GROUP: Final = "hub-series"
ALERTS_GROUP: Final = "hub-alerts"
PATROL_GROUP: Final = "hub-patrol"
RULES_STATE: Final = "rules-state"
"""The Faust table of the rules worker; its changelog is `hub-rules-rules-state-changelog`."""

RULES_CHANGELOG: Final = f"{RULES_GROUP}-{RULES_STATE}-changelog"


@dataclass(frozen=True, slots=True)
class TopicSpec:
    """One topic: how many partitions, how long and how much it keeps (None: for ever, no bound), largest message in bytes."""

    name: str
    partitions: int = 1
    retention_ms: int | None = None
    retention_bytes: int | None = None
    compact: bool = False
    max_message: int = MEGABYTE


def topics(partitions: int) -> tuple[TopicSpec, ...]:
    """Every topic of a hub whose keyed topics have `partitions` partitions."""
    return (
        TopicSpec(OBSERVATIONS, partitions, 3 * DAY, 8 << 30),
        TopicSpec(IMPORTS, 1, 3 * DAY, 1 << 30),
        TopicSpec(EVENTS, partitions, 30 * DAY, 1 << 30),
        TopicSpec(FRAMES, partitions, 6 * HOUR, 2 << 30, max_message=3 * MEGABYTE),
        TopicSpec(ALERTS, partitions, 365 * DAY, 2 << 30),
        TopicSpec(DEAD_LETTERS, 1, 30 * DAY, 1 << 30, max_message=4 * MEGABYTE),
        TopicSpec(CATALOGUE, 1),
        TopicSpec(COMMANDS, 1, 7 * DAY, 256 << 20),
        TopicSpec(ANSWERS, 1, 7 * DAY, 256 << 20),
        TopicSpec(RULES_CHANGELOG, partitions, compact=True, max_message=4 * MEGABYTE),
    )
