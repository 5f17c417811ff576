"""The only reader of the time, so that a test can set it and nothing else ever reads a naive clock."""

from datetime import UTC, datetime


def now() -> datetime:
    """Now, aware and in UTC."""
    return datetime.now(UTC)


def milliseconds(moment: datetime) -> int:
    """Whole milliseconds since 1970, the unit in which phones stamp their scans."""
    return int(moment.timestamp() * 1000)


def from_milliseconds(stamp: int) -> datetime:
    """The moment of a phone's stamp, aware and in UTC."""
    return datetime.fromtimestamp(stamp / 1000, UTC)
