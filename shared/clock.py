"""The only reader of the time, so that a test can set it and nothing else ever reads a naive clock."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

_moment: ContextVar[datetime | None] = ContextVar("moment", default=None)


def now() -> datetime:
    """Now, aware and in UTC."""
    return _moment.get() or datetime.now(UTC)


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Stop the clock at a moment for what the block calls. Only the demo does, whose sample evenings are past."""
    before = _moment.set(moment)
    try:
        yield
    finally:
        _moment.reset(before)


def milliseconds(moment: datetime) -> int:
    """Whole milliseconds since 1970, the unit in which phones stamp their scans."""
    return int(moment.timestamp() * 1000)


def from_milliseconds(stamp: int) -> datetime:
    """The moment of a phone's stamp, aware and in UTC."""
    return datetime.fromtimestamp(stamp / 1000, UTC)


@cache
def zones() -> frozenset[str]:
    """The time zones that something may be kept in: those that PostgreSQL and phones know too.

    Python reads two more files as zones, that of this machine and that of a machine whose place nobody chose.
    """
    return frozenset(available_timezones() - {"localtime", "Factory"})


class NoSuchTime(ValueError):
    """The wall clock of this zone never showed this time: it was jumped over."""


class AmbiguousTime(ValueError):
    """The wall clock of this zone showed this time twice: ask which."""


def instant(wall: datetime, zone: str, *, second: bool | None = None) -> datetime:
    """The UTC instant at which the wall clock of an IANA zone shows `wall` (without a zone of its own).

    `second` chooses between two occurrences when the clock was set back: False the first, True the second.
    Raises NoSuchTime for a time that was jumped over, AmbiguousTime for one that exists twice and is not chosen.
    """
    first, later = (wall.replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC) for fold in (0, 1))
    if first == later:
        return first
    if first.astimezone(ZoneInfo(zone)).replace(tzinfo=None) != wall:
        raise NoSuchTime(f"{wall} does not exist in {zone}")
    if second is None:
        raise AmbiguousTime(f"{wall} exists twice in {zone}")
    return later if second else first
