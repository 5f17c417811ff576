"""Changes of a session: emails to its ticket holders, and calendars that follow."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared import clock, wording
from shared.errors import Conflicting
from shared.events import drafts, programme
from shared.models import Account, Audit, Event, EventSession, OutboxMessage, TicketType, TicketTypeSession
from tests.factories import SECRET, make_account, make_event, make_registration


@pytest.fixture
def event(db: Session) -> Event:
    """Return the event with two sessions, a ticket type for each, and one for both."""
    return divided(db, make_event(db))


def divided(db: Session, event: Event) -> Event:
    [first], [both] = event.sessions, event.ticket_types
    assert event.ends_local is not None
    assert event.ends_at is not None
    hour = timedelta(hours=1)
    walls = {"starts_local": event.ends_local, "ends_local": event.ends_local + hour}
    second = EventSession(event_id=event.id, position=1, starts_at=event.ends_at, ends_at=event.ends_at + hour, **walls)
    kinds = [TicketType(event_id=event.id, title={"en": "One part"}, position=place) for place in (1, 2)]
    db.add_all([second, *kinds])
    db.flush()
    pairs = [(both, second), (kinds[0], first), (kinds[1], second)]
    db.add_all(TicketTypeSession(event_id=event.id, ticket_type_id=kind.id, session_id=part.id) for kind, part in pairs)
    db.flush()
    db.expire_all()
    return event


@pytest.fixture
def by(db: Session, event: Event) -> Account:
    return make_account(db, organization=event.organization, role="organizer")


def values(part: EventSession, **changes: Any) -> dict[str, Any]:
    """Return a session's form as it is, with some fields changed."""
    return {
        "title": part.title,
        "place": part.place,
        "starts_local": part.starts_local,
        "ends_local": part.ends_local,
        **changes,
    }


def later(part: EventSession) -> dict[str, Any]:
    assert part.starts_local is not None
    return {"starts_local": part.starts_local + timedelta(minutes=30)}


def announcements(db: Session) -> list[tuple[int, str]]:
    messages = select(OutboxMessage).where(OutboxMessage.kind == "event_changed").order_by(OutboxMessage.subject)
    return [(message.subject, message.key) for message in db.scalars(messages)]


@pytest.mark.parametrize("change", ["time", "room"])
def test_a_sessions_new_time_or_room_is_announced_to_its_ticket_holders(
    db: Session, event: Event, by: Account, change: str
) -> None:
    both, first, second = (make_registration(db, event, ticket_type_id=kind.id) for kind in event.ticket_types)
    part = event.sessions[1]
    new_values = values(part, **later(part)) if change == "time" else values(part, place={"tg": "Толори 2"})
    programme.change(db, event=event, by=by, kind="sessions", row=part, values=new_values, tell=True)
    assert announcements(db) == [(both.id, "1:programme"), (second.id, "1:programme")]
    assert first.id not in dict(announcements(db))
    act = db.scalars(select(Audit).where(Audit.action == "event.change_announced")).one()
    assert act.details == {"fields": ["programme"], "session": part.id}


def test_a_group_learns_of_a_session_that_only_a_guests_ticket_admits_to(
    db: Session, event: Event, by: Account
) -> None:
    _, first, second = event.ticket_types
    host = make_registration(db, event, ticket_type_id=first.id)
    companion = {"host_id": host.id, "email": None, "contact_key": None}
    make_registration(db, event, ticket_type_id=second.id, **companion)
    part = event.sessions[1]
    programme.change(db, event=event, by=by, kind="sessions", row=part, values=values(part, **later(part)), tell=True)
    assert announcements(db) == [(host.id, "1:programme")]


def test_a_silent_change_is_emailed_to_no_one_and_calendars_follow(db: Session, event: Event, by: Account) -> None:
    make_registration(db, event)
    part = event.sessions[1]
    programme.change(db, event=event, by=by, kind="sessions", row=part, values=values(part, **later(part)), tell=False)
    assert (announcements(db), event.sequence) == ([], 1)


def test_a_sessions_new_title_is_not_announced(db: Session, event: Event, by: Account) -> None:
    make_registration(db, event)
    part = event.sessions[0]
    new_values = values(part, title={"tg": "Якум"})
    programme.change(db, event=event, by=by, kind="sessions", row=part, values=new_values, tell=True)
    assert (announcements(db), event.sequence) == ([], 0)


def test_a_new_session_is_announced_to_holders_of_tickets_for_all(db: Session, event: Event, by: Account) -> None:
    both, *_ = (make_registration(db, event, ticket_type_id=kind.id) for kind in event.ticket_types)
    new_values = values(event.sessions[1], place={"tg": "Толори 3"})
    programme.add(db, event=event, by=by, kind="sessions", values=new_values, tell=True)
    assert announcements(db) == [(both.id, "1:programme")]


def test_a_removed_session_is_announced_to_no_one(db: Session, event: Event, by: Account) -> None:
    make_registration(db, event, ticket_type_id=event.ticket_types[1].id)
    programme.remove(db, event=event, by=by, kind="ticket_types", row=event.ticket_types[2])
    programme.remove(db, event=event, by=by, kind="sessions", row=event.sessions[1])
    assert (announcements(db), event.sequence) == ([], 1)


@pytest.mark.parametrize("of", [{"state": "draft"}, {"starts_at": clock.now() - timedelta(days=3)}])
def test_a_draft_and_a_past_event_announce_nothing(db: Session, of: dict[str, Any]) -> None:
    event = divided(db, make_event(db, **of))
    by = make_account(db, organization=event.organization, role="organizer")
    make_registration(db, event)
    part = event.sessions[1]
    programme.change(db, event=event, by=by, kind="sessions", row=part, values=values(part, **later(part)), tell=True)
    assert (announcements(db), event.sequence) == ([], 0)


def test_the_last_session_of_a_ticket_type_stays(db: Session, event: Event, by: Account) -> None:
    with pytest.raises(Conflicting) as refusal:
        programme.remove(db, event=event, by=by, kind="sessions", row=event.sessions[0])
    assert refusal.value.reason == "has_ticket_types"
    programme.remove(db, event=event, by=by, kind="ticket_types", row=event.ticket_types[1])
    assert programme.removal_obstacle(db, event=event, row=event.sessions[0]) == ""


def uids(event: Event) -> list[str]:
    return [entry.uid.partition("@")[0] for entry in wording.event_entries(event, "https://turnout.example")]


def test_the_first_session_keeps_its_uid_and_no_other_gets_it(db: Session) -> None:
    event = make_event(db)
    by, [first], whole = make_account(db, organization=event.organization), event.sessions, f"event-{event.id}"
    assert uids(event) == [whole]
    new_values = values(first, place={"tg": "Толори 2"})
    second = programme.add(db, event=event, by=by, kind="sessions", values=new_values)
    assert uids(event) == [whole, f"{whole}.{second.id}"]
    programme.change(db, event=event, by=by, kind="ticket_types", row=event.ticket_types[0], values=only(second))
    programme.remove(db, event=event, by=by, kind="sessions", row=first)
    assert uids(event) == [f"{whole}.{second.id}"]


def only(part: Any) -> dict[str, Any]:
    """Add a ticket type that admits to one session."""
    return {"title": {"en": "One part"}, "capacity": None, "opens_at": None, "closes_at": None, "sessions": [part.id]}


def test_none_of_several_initial_sessions_has_the_events_uid(db: Session, event: Event, by: Account) -> None:
    assert [part.plain_uid for part in event.sessions] == [True, False]
    assert event.starts_local is not None
    copied = {"title": event.title, "starts": event.starts_local, "slug": "again", "secret": SECRET}
    twin = drafts.copy(db, event=event, by=by, **copied)
    assert uids(twin) == [f"event-{twin.id}.{part.id}" for part in twin.sessions]
