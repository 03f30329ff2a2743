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
    if not isinstance(made, rrule):
        raise ValueError(f"{words!r}: expected one rule such as FREQ=WEEKLY;BYDAY=MO,TU")
    if any(word in words.upper() for word in ("SECONDLY", "MINUTELY")):
        raise ValueError(f"{words!r}: expected FREQ HOURLY, DAILY, WEEKLY, MONTHLY or YEARLY")
    return made
