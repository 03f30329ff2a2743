"""Topic names and filters: what is valid, what matches (MQTT 5, section 4.7)."""

import re

MAX_LEVELS = 64
SHARED = "$share/"


def valid_name(topic: str) -> bool:
    """Whether a message may be published there: no wildcard, at most `MAX_LEVELS` levels, 65 535 bytes."""
    return bool(topic) and not any(c in topic for c in "+#\0") and topic.count("/") < MAX_LEVELS


def valid_filter(topic_filter: str) -> bool:
    """Whether this is a topic filter: `+` fills its level, `#` fills the last one."""
    levels = topic_filter.split("/")
    if not topic_filter or "\0" in topic_filter or len(levels) > MAX_LEVELS:
        return False
    if any(("+" in level or "#" in level) and len(level) > 1 for level in levels):
        return False
    return "#" not in levels[:-1]


def matcher(topic_filter: str) -> re.Pattern[str]:
    """A pattern whose `fullmatch` says whether a topic name fits a valid filter."""
    levels = topic_filter.split("/")
    parts = ["[^/]*" if level == "+" else re.escape(level) for level in levels]
    # 4.7.2-1: a filter that starts with a wildcard does not match topics that start with "$".
    guard = r"(?!\$)" if levels[0] in ("+", "#") else ""
    if levels[-1] != "#":
        return re.compile(guard + "/".join(parts), re.DOTALL)
    above = "/".join(parts[:-1])
    return re.compile(guard + (above + "(?:/.*)?" if len(levels) > 1 else ".*"), re.DOTALL)
