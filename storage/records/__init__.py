"""Records: the register, rules, people, alerts, incidents, notices and dead letters, in SQLite or PostgreSQL."""

from storage.records.engine import Committed, Records, mark, open_records

__all__ = ["Committed", "Records", "mark", "open_records"]
