"""The list of attendees, and an attendee's page."""

import re
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared import clock
from shared.models import (
    Account,
    Admission,
    Device,
    Event,
    OutboxMessage,
    Question,
    Registration,
    Scan,
    TicketType,
)
from shared.registrations import organizer_registrations
from tests.conftest import Statements
from tests.factories import make_door, make_event, make_registration, make_series, make_sign_in
from tests.support.form_filling import form_in
from tests.support.organizer_pages import listed
from tests.support.scans import claim, hand_in


@pytest.fixture
def address(event: Event) -> str:
    return f"/organize/events/{event.id}/people"


def search(organizer: FlaskClient, address: str, **query: str) -> list[int]:
    return listed(organizer.get(f"{address}/", query_string=query).text)


def test_people_are_found_by_words_of_the_name_in_any_spelling(
    organizer: FlaskClient, db: Session, event: Event, address: str
) -> None:
    registration_id = make_registration(db, event, name="Ҷаҳонгир Раҳимов").id
    make_registration(db, event, name="Мадина Намунаева")
    for words in ("Jahongir", "чахонгир", "rahim", "рах ҷах", "Ҷаҳонгир Раҳимов"):
        assert search(organizer, address, q=words) == [registration_id], words
    assert search(organizer, address, q="angir") == []


def test_people_are_found_in_the_usual_spellings_while_a_name_is_typed(
    organizer: FlaskClient, db: Session, event: Event, address: str
) -> None:
    registration_id = make_registration(db, event, name="Ёдгор Зиёев").id
    make_registration(db, event, name="Далер Зоиров")
    for words in ("Yodgor", "yo", "Ё", "Едгор", "Зи", "Зиё", "ziyo", "Ziyoyev yodgor"):
        assert search(organizer, address, q=words) == [registration_id], words


def test_people_are_found_by_address_end_of_number_and_short_code(
    organizer: FlaskClient, db: Session, event: Event, address: str
) -> None:
    registration = make_registration(db, event, email="madina_1@example.org", phone="+992901234567")
    make_registration(db, event, email="madinax1@example.org", phone="+992907654321")
    code = str(registration.short_code)
    for words in ("madina_1@", "Madina_1@Example.org", "34567", "123 45-67", code, f"{code[:4].lower()}-{code[4:]}"):
        assert search(organizer, address, q=words) == [registration.id], words
    for words in ("%@", "@", "67 (", "'; DROP TABLE scan --"):
        search(organizer, address, q=words)
    assert search(organizer, address, q="nobody@example.org") == []


def test_filters_narrow_the_list(
    organizer: FlaskClient, db: Session, event: Event, address: str, phone: Device
) -> None:
    speakers = TicketType(event_id=event.id, title={"en": "Speakers"}, position=1)
    db.add(speakers)
    db.flush()
    db.refresh(event)
    checked_in = make_registration(db, event, name="Алия", language="ru", source="poster")
    speaker = make_registration(db, event, name="Бахром", ticket_type_id=speakers.id)
    cancelled = make_registration(db, event, name="Ганҷина", state="cancelled", cancelled_at=clock.now())
    walk_in = make_registration(db, event, name="Шаҳло", walk_in=True, email=None, contact_key=None, short_code=None)
    hand_in(db, phone, claim(event, person=checked_in.ticket_id))
    for query, expected in (
        ({}, [checked_in, speaker, cancelled, walk_in]),
        ({"state": "cancelled"}, [cancelled]),
        ({"language": "ru"}, [checked_in]),
        ({"source": "poster"}, [checked_in]),
        ({"ticket_type": str(speakers.id)}, [speaker]),
        ({"came": "came"}, [checked_in]),
        ({"came": "not"}, [speaker, cancelled, walk_in]),
        ({"came": "inside", "state": "confirmed"}, [checked_in]),
        ({"walk_ins": "only"}, [walk_in]),
        ({"walk_ins": "none", "q": "ba"}, [speaker]),
        ({"state": "nothing", "ticket_type": "x", "language": "<b>"}, [checked_in, speaker, cancelled, walk_in]),
    ):
        assert search(organizer, address, **query) == [registration.id for registration in expected], query


def test_a_long_list_has_pages_in_order_of_names_and_omits_no_one(
    organizer: FlaskClient, db: Session, event: Event, address: str
) -> None:
    event.capacity = event.ticket_types[0].capacity = None
    ids = [make_registration(db, event, name="Шариф").id for _ in range(120)]
    listed_ids, page = [], organizer.get(f"{address}/").text
    while True:
        listed_ids += listed(page)
        next_link = re.search(r'rel="next" href="\?([^"]+)"', page)
        if not next_link:
            break
        page = organizer.get(f"{address}/?{next_link[1]}").text
    assert listed_ids == ids
    assert "First page" in page


def test_the_list_takes_six_statements_at_any_length(
    organizer: FlaskClient, db: Session, event: Event, address: str, statements: Statements
) -> None:
    event.capacity = event.ticket_types[0].capacity = None
    event.series_id = make_series(db, organization_id=event.organization_id).id
    counts = []
    for more in (1, 60):
        for _ in range(more):
            make_registration(db, event)
        db.expire_all()
        for query in ("", "?q=sharif&state=confirmed&came=not&columns=1&column=contact"):
            organizer.get(f"{address}/{query}")
            db.expire_all()
            with statements() as executed:
                organizer.get(f"{address}/{query}")
            counts.append(len(executed))
    assert set(counts) == {counts[0]}, "\n".join(executed)
    assert counts[0] <= 6, "\n".join(executed)


def test_a_viewer_can_read_but_not_change(viewer: FlaskClient, db: Session, event: Event, address: str) -> None:
    registration = make_registration(db, event, email="seen@example.org")
    page = viewer.get(f"{address}/").text
    assert "seen@example.org" in page
    person = viewer.get(f"{address}/{registration.id}/").text
    for text in (page, person):
        actions = re.findall(r'method="post" action="([^"]+)"', text)
        assert set(actions) == {"/account/sign-out", "/account/language"}
        assert "Cancel registration" not in text
        assert "Add attendee" not in text
    for path in ("/new", "/import", "/export", f"/{registration.id}/edit"):
        assert viewer.get(f"{address}{path}").status_code == 403


def test_only_organizers_see_contacts_and_answers_of_a_private_event(
    viewer: FlaskClient, db: Session, event: Event, address: str, account: Account
) -> None:
    event.private = True
    db.add(Question(event_id=event.id, key="why", kind="short", label={"en": "Why"}))
    db.flush()
    answers = {"why": "a secret"}
    registration = make_registration(db, event, email="hidden@example.org", phone="+992901234567", answers=answers)
    for path in (f"{address}/?columns=1&column=contact", f"{address}/{registration.id}/"):
        page = viewer.get(path).text
        assert "hidden@" not in page
        assert "a secret" not in page
        assert "901234567" not in page
    assert search(viewer, address, q="hidden@") == search(viewer, address, q="34567") == []
    viewer.set_cookie("sign_in", make_sign_in(db, account))
    page = viewer.get(f"{address}/{registration.id}/").text
    assert "hidden@example.org" in page
    assert "a secret" in page
    assert search(viewer, address, q="hidden@") == [registration.id]


def test_a_move_names_the_new_ticket_type(
    organizer: FlaskClient, db: Session, event: Event, address: str, account: Account
) -> None:
    speakers = TicketType(event_id=event.id, title={"en": "Speakers", "tg": "Суханварон"}, position=1)
    db.add(speakers)
    registration = make_registration(db, event)
    organizer_registrations.move(db, event=event, ids=[registration.id], ticket_type_id=speakers.id, by=account)
    history = organizer.get(f"{address}/{registration.id}/").text.split('class="story"')[1]
    assert f"{account.name}, Speakers" in history[history.index("Moved to another ticket type") :]


def test_an_email_delayed_by_the_limit_of_its_address_shows_until_when(
    organizer: FlaskClient, db: Session, event: Event, address: str
) -> None:
    registration, due_at = make_registration(db, event), clock.now() + timedelta(minutes=9)
    db.add(OutboxMessage(kind="registration_confirmed", subject=registration.id, due_at=due_at))
    db.flush()
    history = organizer.get(f"{address}/{registration.id}/").text.split('class="story"')[1]
    assert "or later: many emails have gone to this address" in history
    assert "queued<" not in history


def test_an_attendee_s_page_has_the_whole_history_in_order(
    organizer: FlaskClient, db: Session, event: Event, address: str, phone: Device, account: Account
) -> None:
    registration = make_registration(db, event, name="Мадина", created_at=clock.now() - timedelta(days=3))
    db.add_all(
        [
            OutboxMessage(kind="registration_confirmed", subject=registration.id, outcome="sent",
                    created_at=registration.created_at, finished_at=registration.created_at + timedelta(seconds=9)),
            OutboxMessage(kind="reminder", subject=registration.id, outcome="550 no such box",
                    failure="address_refused", created_at=registration.created_at,
                    dead_at=clock.now() - timedelta(days=1)),
            OutboxMessage(kind="thanks", subject=registration.id, outcome="", failure="server_timeout"),
        ]
    )  # fmt: skip
    db.flush()
    at = clock.milliseconds(clock.now() - timedelta(minutes=20))
    hand_in(db, phone, claim(event, person=registration.ticket_id, at=at))
    edit = f"{address}/{registration.id}/edit"
    organizer.post(edit, data={**form_in(organizer.get(edit).text, edit), "name": "Мадина Н."})
    page = organizer.get(f"{address}/{registration.id}/").text
    history = page.split('class="story"')[1]
    entries = [
        "Registered",
        "Email: ticket",
        "accepted by the email server",
        "Email: reminder",
        "failed: 550 no such box",
    ]
    entries += ["Checked in", "North door, Нигина", "Registration edited", f"{account.name}, name"]
    positions = [history.index(words) for words in entries]
    assert positions == sorted(positions)
    assert "Мадина Н." in page
    assert "The email server did not answer in time. Sending will be retried automatically." in history


def test_an_attendee_of_another_event_does_not_exist(
    organizer: FlaskClient, db: Session, event: Event, address: str
) -> None:
    foreign = make_registration(db, make_event(db, organization=event.organization))
    for path in ("", "edit"):
        assert organizer.get(f"{address}/{foreign.id}/{path}").status_code == 404
    data = {"door": str(make_door(db, event).id), "session": str(event.sessions[0].id)}
    assert organizer.post(f"{address}/{foreign.id}/admit", data=data).status_code == 404
    answer = organizer.post(f"{address}/acts/done", data={"act": "cancel", "person": str(foreign.id)})
    assert "n=0&left=1" in answer.location
    db.refresh(foreign)
    assert foreign.state == "confirmed"


def test_an_attendee_is_added_by_hand_without_an_address(
    organizer: FlaskClient, db: Session, event: Event, address: str
) -> None:
    answer = organizer.post(f"{address}/new", data={"name": " Мадина  Намунаева", "language": "tg"})
    assert answer.status_code == 303
    assert "People with an email address get the ticket by email." in organizer.get(f"{address}/new").text
    page = organizer.get(answer.location).text
    assert "Мадина Намунаева" in page
    assert "added by hand" in page
    db.refresh(event)
    assert event.taken == event.ticket_types[0].taken == 1


@pytest.mark.parametrize(
    ("typed", "field", "sentence"),
    [
        ({"name": " "}, "name", "Enter a name."),
        ({"email": "nobody"}, "email", "This does not look like an email address."),
        ({"phone": "12"}, "phone", "This does not look like a phone number."),
        ({"language": "xx"}, "language", "Choose one of these languages."),
        (
            {"email": "taken@example.org"},
            "email",
            "There is already a registration with this email address or phone number.",
        ),
    ],
)
def test_each_error_is_at_its_field(
    organizer: FlaskClient, db: Session, event: Event, address: str, typed: dict[str, str], field: str, sentence: str
) -> None:
    make_registration(db, event, email="taken@example.org")
    answer = organizer.post(f"{address}/new", data={"name": "Ann <b>", "language": "tg", **typed})
    assert answer.status_code in {409, 422}
    assert sentence in answer.text.split(f'id="{field}-error">')[1].split("</p>")[0]
    assert "<b>" not in answer.text
    assert len(db.scalars(select(Registration).where(Registration.event_id == event.id)).all()) == 1


@pytest.mark.parametrize(
    ("event_left", "type_left", "waiting", "sentence", "offered"),
    [
        (0, 2, 0, "All seats of the event are taken.", "All seats are taken."),
        (0, 0, 1, "All seats of the event are taken.", "All seats are taken."),
        (4, 0, 0, "All seats of this ticket type are taken.", "All seats are taken."),
        (4, 2, 1, "There is a waiting list for this ticket type.", "All seats are taken."),
        (1, 2, 0, "", "Only 1 seat left"),
    ],
)
def test_without_a_free_seat_the_form_names_the_limit(
    organizer: FlaskClient,
    db: Session,
    event: Event,
    address: str,
    event_left: int,
    type_left: int,
    waiting: int,
    sentence: str,
    offered: str,
) -> None:
    [ticket_type] = event.ticket_types
    event.ticket_types.append(TicketType(title={"en": "Guests"}, position=1))
    event.taken, event.capacity = 5, 5 + event_left
    ticket_type.taken, ticket_type.capacity, ticket_type.waiting = 3, 3 + type_left, waiting
    db.flush()
    [option] = re.findall(rf'<option value="{ticket_type.id}"[^>]*>([^<]*)<', organizer.get(f"{address}/new").text)
    assert f"({offered})" in option
    data = {"name": "Ann", "language": "tg", "ticket_type": str(ticket_type.id)}
    answer = organizer.post(f"{address}/new", data=data)
    assert answer.status_code == (409 if sentence else 303)
    if sentence:
        assert sentence in answer.text
        assert 'value="Ann"' in answer.text


def test_an_attendee_is_checked_in_by_hand_only_once(
    organizer: FlaskClient, db: Session, event: Event, address: str
) -> None:
    registration, door = make_registration(db, event), make_door(db, event)
    data = {"door": str(door.id), "session": str(event.sessions[0].id)}
    answer = organizer.post(f"{address}/{registration.id}/admit", data=data)
    assert "said=admitted" in answer.location
    assert "by hand, in the list" in organizer.get(answer.location).text
    again = organizer.post(f"{address}/{registration.id}/admit", data=data)
    assert "This person is already inside." in organizer.get(again.location).text
    assert len(db.scalars(select(Admission).where(Admission.person == registration.ticket_id)).all()) == 1
    foreign = make_door(db).id
    assert organizer.post(f"{address}/{registration.id}/admit", data={**data, "door": str(foreign)}).status_code == 404


def test_a_cancelled_registration_is_not_checked_in_and_the_page_gives_the_reason(
    organizer: FlaskClient, db: Session, event: Event, address: str
) -> None:
    cancelled = make_registration(db, event, state="cancelled", cancelled_at=clock.now(), cancelled_by="self")
    data = {"door": str(make_door(db, event).id), "session": str(event.sessions[0].id)}
    answer = organizer.post(f"{address}/{cancelled.id}/admit", data=data)
    assert answer.status_code == 409
    assert "The registration is cancelled." in answer.text


def test_a_scan_is_undone_from_the_history_once(
    organizer: FlaskClient, db: Session, event: Event, address: str
) -> None:
    registration, door = make_registration(db, event), make_door(db, event)
    data = {"door": str(door.id), "session": str(event.sessions[0].id)}
    page = organizer.get(organizer.post(f"{address}/{registration.id}/admit", data=data).location).text
    scan = re.findall(r'name="scan" value="([^"]+)"', page)
    for _ in range(2):
        answer = organizer.post(f"{address}/{registration.id}/undo", data={"scan": scan})
        page = organizer.get(answer.location).text
        assert "The scan is undone and no longer counts." in page
        assert 'name="scan"' not in page
    assert len(db.scalars(select(Scan).where(Scan.undoes.is_not(None))).all()) == 1
    assert organizer.post(f"{address}/{registration.id}/undo", data={"scan": "x"}).status_code == 404


def test_the_history_gives_the_reason_why_an_email_was_skipped(
    organizer: FlaskClient, db: Session, event: Event, address: str
) -> None:
    registration, now = make_registration(db, event, email=None, phone="+992900000001"), clock.now()
    kinds = {"registration_confirmed": "no address", "thanks": "of no use any more", "reminder": "wants no news"}
    db.add_all(
        OutboxMessage(kind=kind, subject=registration.id, outcome=f"skipped: {why}", finished_at=now)
        for kind, why in kinds.items()
    )
    db.flush()
    history = organizer.get(f"{address}/{registration.id}/").text.split('class="story"')[1]
    assert set(re.findall(r"skipped: ([^<]+)<", history)) == {"no email address", "no longer needed", "unsubscribed"}


def test_a_walk_in_is_not_called_registered(organizer: FlaskClient, db: Session, event: Event, address: str) -> None:
    walk_in = make_registration(db, event, walk_in=True, email=None, contact_key=None, short_code=None)
    rows = organizer.get(f"{address}/").text.split("<tbody>")[1].split("</tbody>")[0]
    for text in (rows, organizer.get(f"{address}/{walk_in.id}/").text):
        assert "walk-in" in text
        assert "registered" not in re.findall(r">([^<]+)<", text)
