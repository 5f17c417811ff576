"""Day and time by a wall clock, and which occurrence of a time that the clock shows twice."""

import re
from datetime import datetime

FIRST, SECOND = "first", "second"
_WRITTEN = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]([0-9]{2}:[0-9]{2})(:[0-9]{2}(\.[0-9]+)?)?")


def read_wall(text: str) -> datetime:
    """Return a wall time as written by a browser's field or a person, to the minute. Raises ValueError."""
    match = _WRITTEN.fullmatch(text.strip())
    if match is None:
        raise ValueError("no day and time")
    return datetime.fromisoformat(f"{match[1]} {match[2]}")


def read_which(text: str) -> bool | None:
    """Return whether the second occurrence is chosen; None if neither is."""
    return {FIRST: False, SECOND: True}.get(text)
