"""Logging of a role: one JSON object a line into a bounded file, errors on stderr too; secrets never get here."""

import json
import logging
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Final

_KEEP: Final = 3
_BYTES: Final = 5 << 20


class JsonLines(logging.Formatter):
    """A record as one JSON object: at (RFC 3339, UTC), level, logger, message, and the traceback if there is one."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def log_to(folder: Path, role: str) -> None:
    """Send this process's log to `folder/ROLE.log` (5 MB, three kept), errors to stderr as well."""
    folder.mkdir(parents=True, exist_ok=True)
    file = RotatingFileHandler(folder / f"{role}.log", maxBytes=_BYTES, backupCount=_KEEP, encoding="utf-8")
    file.setFormatter(JsonLines())
    screen = logging.StreamHandler()
    screen.setLevel(logging.ERROR)
    screen.setFormatter(logging.Formatter(f"{role}: %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[file, screen], force=True)
    for noisy in ("aiokafka", "alembic", "asyncio", "httpx", "urllib3"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
