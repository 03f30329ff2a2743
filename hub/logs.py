"""Logging of a role: one JSON object a line into a bounded file, errors on stderr too; secrets never get here."""

import logging
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Final

import structlog

_KEEP: Final = 3
_BYTES: Final = 5 << 20

_SHARED: Final[list[structlog.typing.Processor]] = [
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
]


def log_to(folder: Path, role: str, *, debug: bool = False) -> None:
    """Send this process's log to `folder/ROLE.log` (5 MB, three kept), errors to stderr as well."""
    folder.mkdir(parents=True, exist_ok=True)
    file = RotatingFileHandler(folder / f"{role}.log", maxBytes=_BYTES, backupCount=_KEEP, encoding="utf-8")
    file.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=_SHARED,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    screen = logging.StreamHandler()
    screen.setLevel(logging.ERROR)
    screen.setFormatter(logging.Formatter(f"{role}: %(message)s"))
    logging.basicConfig(level=logging.DEBUG if debug else logging.INFO, handlers=[file, screen], force=True)
    for noisy in ("aiokafka", "asyncio", "httpx", "urllib3"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    structlog.configure(
        processors=[*_SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
