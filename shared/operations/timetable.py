"""When and where the parts of an event are, beside each other: two in one room cannot be on at the same time."""

from collections.abc import Iterable, Sequence
from itertools import combinations

from shared.errors import Invalid
from shared.i18n import text_in
from shared.models import Event, EventSession

Pair = tuple[EventSession, EventSession]


def overlapping(event: Event) -> list[Pair]:
    """Parts that are on at the same time, each pair once."""
    return _overlapping(event.sessions)


def meeting(event: Event) -> list[Pair]:
    """The pairs of these that are in one room."""
    return _meeting(event.sessions, event)


def require_no_overlap(
    event: Event, *, part: EventSession | None = None, but: Iterable[Pair] = (), field: str, reason: str = "same_room"
) -> None:
    """Raises Invalid at `field` where two parts would be on at the same time in one room.

    With `part`, which need not be in the event yet, only its own pairs count, so that one after the other can be set
    right; pairs in `but` met before, and are not the fault of this change.
    """
    known = {frozenset(map(id, pair)) for pair in but}
    parts = event.sessions if part is None or part in event.sessions else [*event.sessions, part]
    for pair in _meeting(parts, event):
        if frozenset(map(id, pair)) not in known and (part is None or part in pair):
            raise Invalid(field, reason)


def _overlapping(parts: Sequence[EventSession]) -> list[Pair]:
    return [pair for pair in combinations(parts, 2) if _is_same_time(*pair)]


def _meeting(parts: Sequence[EventSession], event: Event) -> list[Pair]:
    return [pair for pair in _overlapping(parts) if _is_same_room(*pair, event.languages)]


def _is_same_time(one: EventSession, other: EventSession) -> bool:
    if not (one.starts_at and one.ends_at and other.starts_at and other.ends_at):
        return False
    return one.starts_at < other.ends_at and other.starts_at < one.ends_at


def _is_same_room(one: EventSession, other: EventSession, languages: Sequence[str]) -> bool:
    """By its name in the first language that says both; parts without a room are in the event's one."""
    shared = [code for code in (*languages, *one.place) if one.place.get(code) and other.place.get(code)]
    return _room(one, shared or languages) == _room(other, shared or languages)


def _room(part: EventSession, languages: Sequence[str]) -> str:
    return str(text_in(part.place, languages) or "").casefold()
