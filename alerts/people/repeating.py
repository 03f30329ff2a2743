"""Rules of repetition (RFC 5545, section 3.3.10) over wall clock times."""

from datetime import datetime
from functools import lru_cache

from dateutil.rrule import rrule, rrulestr


@lru_cache(maxsize=512)
def rule_of(words: str, start: datetime) -> rrule:
    """The rule from its first start on.

    Raises:
        ValueError: it is none, or repeats more often than once an hour.
    """
    try:
        made = rrulestr(words, dtstart=start, cache=False)
    except (ValueError, TypeError, AttributeError, OverflowError) as error:
        raise ValueError(f"{words!r}: expected a rule such as FREQ=WEEKLY;BYDAY=MO,TU ({error})") from error
    often = any(word in words.upper() for word in ("SECONDLY", "MINUTELY"))
    if isinstance(made, rrule) and not often:
        return made
    raise ValueError(f"{words!r}: expected one rule whose FREQ is HOURLY, DAILY, WEEKLY, MONTHLY or YEARLY")
