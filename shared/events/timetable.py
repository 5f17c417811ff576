"""The timetable of an event: two sessions in one room cannot overlap."""

from collections.abc import Iterable, Sequence
from itertools import combinations

from shared.errors import Invalid
from shared.i18n import text_in
from shared.models import Event, EventSession

Pair = tuple[EventSession, EventSession]


def overlapping(event: Event) -> list[Pair]:
    """Return the sessions that overlap in time, each pair once."""
    return _overlapping(event.sessions)


def room_conflicts(event: Event) -> list[Pair]:
    """Return the overlapping pairs that are in one room."""
    return _room_conflicts(event.sessions, event)


def require_no_overlap(
    event: Event,
    *,
    session: EventSession | None = None,
    but: Iterable[Pair] = (),
    field: str,
    reason: str = "same_room",
) -> None:
    """Raise Invalid at `field` when two sessions in one room would overlap.

    With `session`, which need not be in the event yet, only its own pairs count, so that one after the other can be
    corrected; pairs in `but` overlapped before, and this change did not cause them.
    """
    overlaps_before = {frozenset(map(id, pair)) for pair in but}
    sessions = event.sessions if session is None or session in event.sessions else [*event.sessions, session]
    for pair in _room_conflicts(sessions, event):
        if frozenset(map(id, pair)) not in overlaps_before and (session is None or session in pair):
            raise Invalid(field, reason)


def _overlapping(sessions: Sequence[EventSession]) -> list[Pair]:
    return [pair for pair in combinations(sessions, 2) if _is_same_time(*pair)]


def _room_conflicts(sessions: Sequence[EventSession], event: Event) -> list[Pair]:
    return [pair for pair in _overlapping(sessions) if _is_same_room(*pair, event.languages)]


def _is_same_time(session: EventSession, other: EventSession) -> bool:
    if not (session.starts_at and session.ends_at and other.starts_at and other.ends_at):
        return False
    return session.starts_at < other.ends_at and other.starts_at < session.ends_at


def _is_same_room(session: EventSession, other: EventSession, languages: Sequence[str]) -> bool:
    """Compare by name in the first language that has both; sessions without a room are in the event's only one."""
    shared = [code for code in (*languages, *session.place) if session.place.get(code) and other.place.get(code)]
    return _room(session, shared or languages) == _room(other, shared or languages)


def _room(session: EventSession, languages: Sequence[str]) -> str:
    return str(text_in(session.place, languages) or "").casefold()
