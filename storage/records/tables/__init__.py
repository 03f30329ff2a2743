"""The tables of the records database, the same on SQLite and PostgreSQL; every time is UTC epoch milliseconds."""

from storage.records.tables.access import app_user, audit, idempotency, session, token
from storage.records.tables.field_work import link_key, report, task_action, task_link
from storage.records.tables.keeping import consumer_offset, dead_letter, feed, meta
from storage.records.tables.notices import UNFINISHED, delivery, notification, subscription
from storage.records.tables.patrol import (
    patrol_camera,
    patrol_coverage,
    patrol_event,
    patrol_evidence,
    patrol_label,
    patrol_model,
)
from storage.records.tables.people import KEPT, duty, ladder, person_place, preflight
from storage.records.tables.register import (
    catalogue_change,
    command,
    department,
    device,
    device_state,
    rule,
    rule_version,
)
from storage.records.tables.schema import Big, metadata
from storage.records.tables.shifts import shift
from storage.records.tables.work import (
    alert,
    alert_transition,
    incident,
    incident_evidence,
    incident_log,
    incident_timer,
    silence,
)

__all__ = [
    "KEPT",
    "UNFINISHED",
    "Big",
    "alert",
    "alert_transition",
    "app_user",
    "audit",
    "catalogue_change",
    "command",
    "consumer_offset",
    "dead_letter",
    "delivery",
    "department",
    "device",
    "device_state",
    "duty",
    "feed",
    "idempotency",
    "incident",
    "incident_evidence",
    "incident_log",
    "incident_timer",
    "ladder",
    "link_key",
    "meta",
    "metadata",
    "notification",
    "patrol_camera",
    "patrol_coverage",
    "patrol_event",
    "patrol_evidence",
    "patrol_label",
    "patrol_model",
    "person_place",
    "preflight",
    "report",
    "rule",
    "rule_version",
    "session",
    "shift",
    "silence",
    "subscription",
    "task_action",
    "task_link",
    "token",
]
