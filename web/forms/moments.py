"""Day and time as they are typed: by a wall clock, and which of two where that shows a time twice."""

import re
from datetime import datetime

FIRST, SECOND = "first", "second"
_WRITTEN = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]([0-9]{2}:[0-9]{2})(:[0-9]{2}(\.[0-9]+)?)?")


def read_wall(text: str) -> datetime:
    """A wall time as a browser's field, or a person, writes it, to the minute. Raises ValueError."""
    written = _WRITTEN.fullmatch(text.strip())
    if written is None:
        raise ValueError("no day and time")
    return datetime.fromisoformat(f"{written[1]} {written[2]}")


def read_which(text: str) -> bool | None:
    """Whether the second of two is meant; None where neither was chosen."""
    return {FIRST: False, SECOND: True}.get(text)
