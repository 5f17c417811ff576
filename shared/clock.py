"""The only reader of the time, so that a test can set it and nothing else reads a naive clock."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

_moment: ContextVar[datetime | None] = ContextVar("moment", default=None)
_ahead = timedelta()
_NOISE = timedelta(seconds=1)


def now() -> datetime:
    """Return the current time, aware and in UTC."""
    return _moment.get() or datetime.now(UTC) - _ahead


def follow(reference: datetime) -> None:
    """Make this process go by another clock from now on, by what that clock shows at this moment.

    A difference of up to a second is ignored: it may be the time that the question took.
    """
    global _ahead
    ahead = datetime.now(UTC) - reference
    _ahead = ahead if abs(ahead) > _NOISE else timedelta()


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Stop the clock at a moment for the calls in the block.

    Only the demo does this: its sample evenings lie in the past.
    """
    before = _moment.set(moment)
    try:
        yield
    finally:
        _moment.reset(before)


def milliseconds(moment: datetime) -> int:
    """Return whole milliseconds since 1970, the unit of phones' stamps."""
    return int(moment.timestamp() * 1000)


def from_milliseconds(stamp: int) -> datetime:
    """Return the moment of a phone's stamp, aware and in UTC."""
    return datetime.fromtimestamp(stamp / 1000, UTC)


@cache
def zones() -> frozenset[str]:
    """Return the time zones that may be stored: those that PostgreSQL and phones know too.

    Python also reads two more files as zones: this machine's own, and one for a machine without a configured zone.
    """
    return frozenset(available_timezones() - {"localtime", "Factory"})


class NoSuchTime(ValueError):
    """A time that the wall clock of this zone never showed: it was jumped over."""


class AmbiguousTime(ValueError):
    """A time that the wall clock of this zone showed twice: ask which."""


def instant(wall: datetime, zone: str, *, second: bool | None = None) -> datetime:
    """Return the UTC instant at which the wall clock of an IANA zone shows `wall` (without a zone of its own).

    `second` chooses between two occurrences when the clock was set back: False the first, True the second. Raises
    NoSuchTime for a time that was jumped over, AmbiguousTime for one that exists twice without a choice.
    """
    first, later = (wall.replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC) for fold in (0, 1))
    if first == later:
        return first
    if first.astimezone(ZoneInfo(zone)).replace(tzinfo=None) != wall:
        raise NoSuchTime(f"{wall} does not exist in {zone}")
    if second is None:
        raise AmbiguousTime(f"{wall} exists twice in {zone}")
    return later if second else first
