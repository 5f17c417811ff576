"""The list of people and the story of each, as the ledger has them."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from shared import clock
from shared.accounts import members
from shared.door import paper_list, walk_ins
from shared.mailings import audiences, call_list
from shared.models import Device, Event, Mailing, Membership, RegistrationState
from shared.outbox import outbox
from shared.registrations import people, people_export
from shared.registrations.people import EVERYONE, Wanted
from tests.factories import make_account, make_device, make_door, make_event, make_registration
from tests.support.scans import claim, hand_in


def test_scans_at_the_doors_of_others_are_nobodys_business(db: Session, event: Event, device: Device) -> None:
    guest, other_event = make_registration(db, event), make_event(db)
    assert other_event.organization_id != event.organization_id
    foreign = make_device(db, make_door(db, other_event), stamps_from=clock.now() - timedelta(hours=1))[0]
    for phone, at in ((foreign, other_event), (device, event)):
        assert [count_where(db, event, where) for where in ("came", "inside")] == [0, 0]
        assert people.scans(db, event_id=event.id, ticket_id=guest.ticket_id, limit=9) == []
        assert export(db, event).first_at is None
        hand_in(db, phone, claim(at, person=guest.ticket_id))
    assert [count_where(db, event, where) for where in ("came", "inside")] == [1, 1]
    assert len(people.scans(db, event_id=event.id, ticket_id=guest.ticket_id, limit=9)) == 1
    assert export(db, event).first_at is not None


IN_ORDER = ["Anvar", "Валиев", "Ғафур", "Ёдгор", "Жанна", "Ҷамшед", "Юсуф"]
MIXED = ["Юсуф", "Ёдгор", "Валиев", "Ҷамшед", "Anvar", "Жанна", "Ғафур"]


@pytest.fixture
def mixed(db: Session, event: Event) -> list[int]:
    """Add people with numbers alone, and a walk-in and a member of each name; email the people; return their ids."""
    ids = []
    for place, name in enumerate(MIXED):
        phone = f"+9929012345{place:02}"
        ids.append(make_registration(db, event, name=name, email=None, phone=phone).id)
        make_registration(db, event, name=name, walk_in=True, email=None)
        account = make_account(db, name=name)
        db.add(Membership(account_id=account.id, organization_id=event.organization_id, role="viewer"))
    outbox.enqueue_each(db, "mailing", subjects=ids, key="1")
    outbox.enqueue_each(db, "event_changed", subjects=ids, key="1:time")
    return ids


def lists_of(db: Session, event: Event, ids: list[int]) -> dict[str, list[str]]:
    """Return the names of each list of people, in its order."""
    registered = Wanted(walk_ins="none")
    statement, values = people_export.statement(event.id, registered)
    mailing = Mailing(id=1, event_id=event.id, event=event, audience="everybody", subject={}, body={})
    listed, session = people.listed(db, event_id=event.id, wanted=registered, limit=9), event.sessions[0].id
    chosen = people.ids(db, event_id=event.id, wanted=registered, limit=9)
    memberships = members.of_organization(db, organization_id=event.organization_id, limit=9)
    mailed = audiences.people(db, mailing=mailing, state=None, limit=9, offset=0)
    return {
        "people": [entry.name for entry in listed],
        "without email": [
            entry.name for party in people.without_email(db, event=event, limit=9, offset=0) for entry in party
        ],
        "chosen": [entry.name for number in chosen for entry in listed if entry.id == number],
        "confirmed": [entry.name for entry in people.people(db, event_id=event.id, ids=ids)],
        "a file": [row.name for row in db.execute(text(statement), values)],
        "members": [account.name for account, _ in memberships],
        "mailing": [registration.name for _, registration, _ in mailed],
        "to call": [str(row["name"]) for row in audiences.to_call(db, mailing=mailing, limit=9, offset=0)],
        "unreached": [entry.about.name for entry in call_list.listed(db, event=event, limit=9, offset=0)],
        "paper": [
            entry.name for entry in paper_list.not_checked_in(db, event_id=event.id, session_id=session, limit=9)
        ],
        "look-alikes": [pair.walk_in.name for pair in walk_ins.look_alikes(db, event_id=event.id, limit=9)],
    }


def test_every_list_of_people_is_by_the_alphabet(db: Session, event: Event, mixed: list[int]) -> None:
    lists = lists_of(db, event, mixed)
    assert lists == dict.fromkeys(lists, IN_ORDER)


def test_a_page_of_the_list_begins_after_the_last_of_the_page_before(
    db: Session, event: Event, mixed: list[int]
) -> None:
    whole = people.ids(db, event_id=event.id, wanted=EVERYONE, limit=99)
    for place, last in enumerate(whole, 1):
        assert [row.id for row in people.listed(db, event_id=event.id, limit=99, after=last)] == whole[place:]


def test_the_waiting_list_is_in_order_with_each_group(db: Session, event: Event) -> None:
    now = clock.now()
    since = {"Юсуф": 30, "Алия": 10, "Ёдгор": 20}
    hosts = {
        name: make_registration(
            db, event, name=name, state="waiting", confirmed_at=None, waited_at=now - timedelta(minutes=minutes)
        )
        for name, minutes in since.items()
    }
    host = hosts["Юсуф"]
    brought = {"host_id": host.id, "email": None, "contact_key": None, "state": "waiting", "confirmed_at": None}
    make_registration(db, event, name="Бону", waited_at=host.waited_at, **brought)
    make_registration(db, event, name="Аваз")
    waiting = Wanted(state=RegistrationState.WAITING)
    whole = people.listed(db, event_id=event.id, wanted=waiting, limit=9)
    assert [row.name for row in whole] == ["Юсуф", "Бону", "Ёдгор", "Алия"]
    for place, last in enumerate(whole, 1):
        later = people.listed(db, event_id=event.id, wanted=waiting, limit=9, after=last.id)
        assert [row.id for row in later] == [row.id for row in whole[place:]]
    searched = people.listed(db, event_id=event.id, wanted=Wanted(state=RegistrationState.WAITING, words="а"), limit=9)
    assert [row.name for row in searched] == ["Алия"]


@pytest.mark.parametrize(
    ("typed", "name"),
    [("Сай вал", "Сайёра Валиева"), ("Max Nikolay", "Maxim Nikolayev"), ("вали сурай", "Сурайё Валиева")],
)
def test_a_name_is_found_as_one_types(db: Session, event: Event, typed: str, name: str) -> None:
    for name_ in ("Сайёра Валиева", "Maxim Nikolayev", "Сурайё Валиева", "Сурат Саидов"):
        make_registration(db, event, name=name_)
    session, filters = event.sessions[0].id, Wanted(words=typed)
    listed = people.listed(db, event_id=event.id, wanted=filters, limit=9)
    on_paper = paper_list.not_checked_in(db, event_id=event.id, session_id=session, words=typed, limit=9)
    assert [row.name for row in listed] == [row.name for row in on_paper] == [name]


@pytest.mark.parametrize(
    ("phone", "spellings"),
    [
        ("+79161234567", ("8 916 123 45 67", "0079161234567", "+7 (916) 123-45-67", "7 916 1234567", "123 45 67")),
        ("+992931234567", ("00992 93 123 45 67", "810 992 93 123 45 67", "93 123 45 67", "+992931234567", "4567")),
        ("+992004712345", ("00 471 23 45", "992 00 471 23 45")),
    ],
)
def test_a_number_is_found_as_people_write_it(
    db: Session, event: Event, phone: str, spellings: tuple[str, ...]
) -> None:
    number = make_registration(db, event, email=None, phone=phone).id
    for other_phone in ("+4712345", "+79161234568", "+992931234568", "+992004712346"):
        make_registration(db, event, email=None, phone=other_phone)
    ids_by_spelling = {
        typed: people.ids(db, event_id=event.id, wanted=Wanted(words=typed), limit=9) for typed in spellings
    }
    assert ids_by_spelling == {typed: [number] for typed in spellings}
    unseen = Wanted(words=spellings[0], contacts=False)
    assert people.ids(db, event_id=event.id, wanted=unseen, limit=9) == []


def count_where(db: Session, event: Event, where: str) -> int:
    (row,) = people.listed(db, event_id=event.id, limit=9)
    rows = people.listed(db, event_id=event.id, wanted=Wanted(came=where), limit=9)
    assert (row.first_at is not None) is bool(rows)
    return len(rows)


def export(db: Session, event: Event) -> Row[Any]:
    statement, values = people_export.statement(event.id, EVERYONE)
    return db.execute(text(statement), values).one()
