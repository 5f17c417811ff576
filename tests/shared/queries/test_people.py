"""The list of people and one person's story, as the ledger has them."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from shared import clock, outbox
from shared.models import Device, Event, Mailing, Membership
from shared.queries import accounts, call_list, mailings, paper_list, people, people_export, walk_ins
from shared.queries.people import EVERYONE, Wanted
from tests.factories import make_account, make_device, make_door, make_event, make_registration
from tests.shared.operations.test_attendance import claim, hand_in


def test_scans_at_the_doors_of_others_are_nobodys_business(db: Session, event: Event, device: Device) -> None:
    guest, other = make_registration(db, event), make_event(db)
    assert other.organization_id != event.organization_id
    foreign = make_device(db, make_door(db, other), stamps_from=clock.now() - timedelta(hours=1))[0]
    for phone, at in ((foreign, other), (device, event)):
        assert [came(db, event, wanted) for wanted in ("came", "inside")] == [0, 0]
        assert people.scans(db, event_id=event.id, ticket_id=guest.ticket_id, limit=9) == []
        assert export(db, event).first_at is None
        hand_in(db, phone, claim(at, person=guest.ticket_id))
    assert [came(db, event, wanted) for wanted in ("came", "inside")] == [1, 1]
    assert len(people.scans(db, event_id=event.id, ticket_id=guest.ticket_id, limit=9)) == 1
    assert export(db, event).first_at is not None


IN_ORDER = ["Anvar", "Валиев", "Ғафур", "Ёдгор", "Жанна", "Ҷамшед", "Юсуф"]
MIXED = ["Юсуф", "Ёдгор", "Валиев", "Ҷамшед", "Anvar", "Жанна", "Ғафур"]


@pytest.fixture
def mixed(db: Session, event: Event) -> list[int]:
    """People with numbers alone, a walk-in and a member of each name, and what all of them are to be told."""
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
    """The names of each list of people there is, in its order."""
    registered = Wanted(walk_ins="none")
    statement, values = people_export.statement(event.id, registered)
    mailing = Mailing(id=1, event_id=event.id, event=event, audience="everybody", subject={}, body={})
    listed, session = people.listed(db, event_id=event.id, wanted=registered, limit=9), event.sessions[0].id
    chosen = people.ids(db, event_id=event.id, wanted=registered, limit=9)
    members = accounts.members(db, organization_id=event.organization_id, limit=9)
    mailed = mailings.people(db, mailing=mailing, state=None, limit=9, offset=0)
    return {
        "people": [one.name for one in listed],
        "without email": [
            one.name for party in people.without_email(db, event=event, limit=9, offset=0) for one in party
        ],
        "chosen": [one.name for number in chosen for one in listed if one.id == number],
        "confirmed": [one.name for one in people.people(db, event_id=event.id, ids=ids)],
        "a file": [row.name for row in db.execute(text(statement), values)],
        "members": [account.name for account, _ in members],
        "mailing": [registration.name for _, registration, _ in mailed],
        "to call": [str(row["name"]) for row in mailings.to_call(db, mailing=mailing, limit=9, offset=0)],
        "unreached": [one.about.name for one in call_list.listed(db, event=event, limit=9, offset=0)],
        "paper": [one.name for one in paper_list.not_checked_in(db, event_id=event.id, session_id=session, limit=9)],
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
        assert [one.id for one in people.listed(db, event_id=event.id, limit=99, after=last)] == whole[place:]


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
    waiting = Wanted(state="waiting")
    whole = people.listed(db, event_id=event.id, wanted=waiting, limit=9)
    assert [one.name for one in whole] == ["Юсуф", "Бону", "Ёдгор", "Алия"]
    for place, last in enumerate(whole, 1):
        later = people.listed(db, event_id=event.id, wanted=waiting, limit=9, after=last.id)
        assert [one.id for one in later] == [one.id for one in whole[place:]]
    searched = people.listed(db, event_id=event.id, wanted=Wanted(state="waiting", words="а"), limit=9)
    assert [one.name for one in searched] == ["Алия"]


@pytest.mark.parametrize(
    ("typed", "name"),
    [("Сай вал", "Сайёра Валиева"), ("Max Nikolay", "Maxim Nikolayev"), ("вали сурай", "Сурайё Валиева")],
)
def test_a_name_is_found_as_one_types(db: Session, event: Event, typed: str, name: str) -> None:
    for one in ("Сайёра Валиева", "Maxim Nikolayev", "Сурайё Валиева", "Сурат Саидов"):
        make_registration(db, event, name=one)
    session, wanted = event.sessions[0].id, Wanted(words=typed)
    listed = people.listed(db, event_id=event.id, wanted=wanted, limit=9)
    on_paper = paper_list.not_checked_in(db, event_id=event.id, session_id=session, words=typed, limit=9)
    assert [one.name for one in listed] == [one.name for one in on_paper] == [name]


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
    for other in ("+4712345", "+79161234568", "+992931234568", "+992004712346"):
        make_registration(db, event, email=None, phone=other)
    found = {typed: people.ids(db, event_id=event.id, wanted=Wanted(words=typed), limit=9) for typed in spellings}
    assert found == {typed: [number] for typed in spellings}
    unseen = Wanted(words=spellings[0], contacts=False)
    assert people.ids(db, event_id=event.id, wanted=unseen, limit=9) == []


def came(db: Session, event: Event, wanted: str) -> int:
    (one,) = people.listed(db, event_id=event.id, limit=9)
    found = people.listed(db, event_id=event.id, wanted=Wanted(came=wanted), limit=9)
    assert (one.first_at is not None) is bool(found)
    return len(found)


def export(db: Session, event: Event) -> Row[Any]:
    statement, values = people_export.statement(event.id, EVERYONE)
    return db.execute(text(statement), values).one()
