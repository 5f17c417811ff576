"""Acts are listed with their account and event, page by page, and an act on many at once is one."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import insert
from sqlalchemy.orm import Session

from shared import clock
from shared.audit import activity, audit
from shared.audit.activity import Act, Wanted
from shared.models import Account, Audit, Event, Registration
from tests.conftest import Statements
from tests.factories import make_account, make_door, make_registration

Pages = Callable[[int], list[Act]]


@pytest.fixture
def by(db: Session) -> Account:
    return make_account(db, name="Зарина")


def add(db: Session, event: Event, action: str, *, minutes: int, **columns: object) -> None:
    """Add a line as another transaction wrote it, so many minutes ago."""
    at = clock.now() - timedelta(minutes=minutes)
    values = {"organization_id": event.organization_id, "event_id": event.id, "action": action, "at": at}
    db.execute(insert(Audit).values(**values, **columns))


def turned(db: Session, event: Event, size: int) -> list[Act]:
    """Return all acts, read page by page."""
    acts: list[Act] = []
    while page := activity.of_event(db, event_id=event.id, limit=size, before=acts[-1].id if acts else None):
        acts += page
    return acts


def test_what_was_done_to_many_at_once_is_one_act(db: Session, event: Event, by: Account) -> None:
    guests = [make_registration(db, event) for _ in range(3)]
    ids = [guest.id for guest in guests]
    audit.note_each(db, by=by, action="registration.cancelled", event=event, registration_ids=ids)
    audit.note_each(db, by=by, action="registration.moved", event=event, registration_ids=ids[:2], ticket_type=1)
    audit.note_each(db, by=by, action="registration.moved", event=event, registration_ids=ids[:1], ticket_type=2)
    for _ in range(2):
        audit.note(db, by=by, action="event.edited", event=event)
    acts = activity.of_event(db, event_id=event.id, limit=9)
    assert [(act.action, act.people) for act in acts] == [
        ("event.edited", 1),
        ("event.edited", 1),
        ("registration.moved", 1),
        ("registration.moved", 2),
        ("registration.cancelled", 3),
    ]
    assert (acts[2].registration_id, acts[2].person, acts[2].name) == (ids[0], guests[0].name, "Зарина")
    [latest, _, _] = activity.of_registration(db, registration_id=ids[0], limit=9)
    assert (latest.action, latest.people, latest.title) == ("registration.moved", 1, event.title)


@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_pages_show_every_act_once_the_latest_first(db: Session, event: Event, by: Account, size: int) -> None:
    # Numbered in another order than begun, as transactions do that overlap; and two at the same moment.
    for minutes, count in ((3, 1), (1, 2), (2, 1), (7, 1)):
        for number in range(count):
            add(db, event, f"event.{minutes}_{number}", minutes=minutes)
    guests = [make_registration(db, event).id for _ in range(4)]
    audit.note_each(db, by=by, action="registration.cancelled", event=event, registration_ids=guests)
    audit.note(db, by=by, action="event.edited", event=event)
    acts = turned(db, event, size)
    actions = [act.action.partition(".")[2] for act in acts]
    now, earlier = actions[:2], actions[2:]
    assert now == ["edited", "cancelled"]
    assert [action.partition("_")[0] for action in earlier] == ["1", "1", "2", "3", "7"]
    assert len({act.id for act in acts}) == 7


def test_acts_are_narrowed_down_to_who_did_them_and_to_subjects(db: Session, event: Event, by: Account) -> None:
    audit.note(db, by=by, action="event.edited", event=event)
    audit.note(db, by=by, action="door.added", event=event)
    audit.note(db, by=make_account(db), action="event.published", event=event)
    audit.note(db, by=None, action="mailing.started", event=event)

    def actions_of(**wanted: object) -> list[str]:
        acts = activity.of_event(db, event_id=event.id, limit=9, wanted=Wanted(**wanted))  # type: ignore[arg-type]  # names of its fields
        return [act.action for act in acts]

    assert actions_of(who=by.id) == ["door.added", "event.edited"]
    assert actions_of(who=0) == ["mailing.started"]
    assert actions_of(subjects=("event",)) == ["event.published", "event.edited"]
    assert actions_of(who=by.id, subjects=("door", "event")) == ["door.added", "event.edited"]
    assert actions_of(subjects=("doo",)) == []


def test_ids_are_named_by_what_they_are_of_in_one_statement(
    db: Session, event: Event, by: Account, statements: Statements
) -> None:
    door = make_door(db, event, name={"tg": "Дар"})
    kind = event.ticket_types[0]
    # A door's page writes the ids of its address, which are texts.
    audit.note(db, by=by, action="door.closed", event=event, door_id=str(door.id), scan_id="0b0e-12")
    audit.note(db, by=by, action="ticket_types.edited", event=event, id=kind.id)
    audit.note(db, by=by, action="member.removed", organization_id=event.organization_id, member=by.id)
    audit.note(db, by=by, action="sessions.removed", event=event, id=2**62)
    acts = activity.of_organization(db, organization_id=event.organization_id, limit=9)
    with statements() as executed:
        names = activity.names(db, acts)
    assert len(executed) == 1
    assert names == {
        ("door_id", door.id): {"tg": "Дар"},
        ("ticket_types", kind.id): kind.title,
        ("member", by.id): "Зарина",
    }
    with statements() as executed:
        assert activity.names(db, []) == {}
    assert executed == []


def test_what_happened_to_an_account_is_found_for_it_alone(db: Session, event: Event, by: Account) -> None:
    audit.note(db, by=by, action="event.edited", event=event)
    audit.note_own(db, account=by, action="account.password_changed")
    audit.note_own(db, account=make_account(db), action="account.edited", fields=["name"])
    [own] = activity.of_account(db, account_id=by.id, limit=9)
    assert (own.action, own.event_id, own.title) == ("account.password_changed", None, None)
    everything = activity.of_organization(db, organization_id=event.organization_id, limit=9)
    assert [act.action for act in everything] == ["event.edited"]


def test_an_act_on_a_deleted_registration_stays(db: Session, event: Event, by: Account) -> None:
    guest: Registration = make_registration(db, event)
    audit.note(db, by=by, action="registration.edited", registration=guest, fields=["name"])
    db.delete(guest)
    db.flush()
    [act] = activity.of_event(db, event_id=event.id, limit=9)
    assert (act.registration_id, act.person) == (guest.id, None)
