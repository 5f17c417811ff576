"""The list of people, one person's page, and the acts on them."""

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
    Audit,
    Device,
    Event,
    OutboxMessage,
    Question,
    Registration,
    Scan,
    TicketType,
)
from shared.operations import organizer_registrations
from tests.conftest import Statements
from tests.factories import make_door, make_event, make_registration, make_series, make_sign_in
from tests.shared.operations.test_attendance import claim, hand_in
from tests.web.filled import form_in


@pytest.fixture
def address(event: Event) -> str:
    return f"/organize/events/{event.id}/people"


def listed(page: str) -> list[int]:
    return [int(number) for number in re.findall(r'<th scope="row" class="word"><a href="[^"]*/people/(\d+)/"', page)]


def found(organizer: FlaskClient, address: str, **query: str) -> list[int]:
    return listed(organizer.get(f"{address}/", query_string=query).text)


def test_people_are_found_by_words_of_the_name_in_any_spelling(
    organizer: FlaskClient, db: Session, event: Event, address: str
) -> None:
    wanted = make_registration(db, event, name="Ҷаҳонгир Раҳимов").id
    make_registration(db, event, name="Мадина Намунаева")
    for words in ("Jahongir", "чахонгир", "rahim", "рах ҷах", "Ҷаҳонгир Раҳимов"):
        assert found(organizer, address, q=words) == [wanted], words
    assert found(organizer, address, q="angir") == []


def test_people_are_found_in_the_usual_spellings_while_a_name_is_typed(
    organizer: FlaskClient, db: Session, event: Event, address: str
) -> None:
    wanted = make_registration(db, event, name="Ёдгор Зиёев").id
    make_registration(db, event, name="Далер Зоиров")
    for words in ("Yodgor", "yo", "Ё", "Едгор", "Зи", "Зиё", "ziyo", "Ziyoyev yodgor"):
        assert found(organizer, address, q=words) == [wanted], words


def test_people_are_found_by_address_end_of_number_and_short_code(
    organizer: FlaskClient, db: Session, event: Event, address: str
) -> None:
    one = make_registration(db, event, email="madina_1@example.org", phone="+992901234567")
    make_registration(db, event, email="madinax1@example.org", phone="+992907654321")
    code = str(one.short_code)
    for words in ("madina_1@", "Madina_1@Example.org", "34567", "123 45-67", code, f"{code[:4].lower()}-{code[4:]}"):
        assert found(organizer, address, q=words) == [one.id], words
    for nothing in ("%@", "@", "67 (", "'; DROP TABLE scan --"):
        found(organizer, address, q=nothing)
    assert found(organizer, address, q="nobody@example.org") == []


def test_filters_narrow_the_list(
    organizer: FlaskClient, db: Session, event: Event, address: str, phone: Device
) -> None:
    speakers = TicketType(event_id=event.id, title={"en": "Speakers"}, position=1)
    db.add(speakers)
    db.flush()
    db.refresh(event)
    came = make_registration(db, event, name="Алия", language="ru", source="poster")
    late = make_registration(db, event, name="Бахром", ticket_type_id=speakers.id)
    gone = make_registration(db, event, name="Ганҷина", state="cancelled", cancelled_at=clock.now())
    walked = make_registration(db, event, name="Шаҳло", walk_in=True, email=None, contact_key=None, short_code=None)
    hand_in(db, phone, claim(event, person=came.ticket_id))
    for query, expected in (
        ({}, [came, late, gone, walked]),
        ({"state": "cancelled"}, [gone]),
        ({"language": "ru"}, [came]),
        ({"source": "poster"}, [came]),
        ({"ticket_type": str(speakers.id)}, [late]),
        ({"came": "came"}, [came]),
        ({"came": "not"}, [late, gone, walked]),
        ({"came": "inside", "state": "confirmed"}, [came]),
        ({"walk_ins": "only"}, [walked]),
        ({"walk_ins": "none", "q": "ba"}, [late]),
        ({"state": "nothing", "ticket_type": "x", "language": "<b>"}, [came, late, gone, walked]),
    ):
        assert found(organizer, address, **query) == [one.id for one in expected], query


def test_a_long_list_is_turned_by_name_and_misses_nobody(
    organizer: FlaskClient, db: Session, event: Event, address: str
) -> None:
    event.capacity = event.ticket_types[0].capacity = None
    everybody = [make_registration(db, event, name="Шариф").id for _ in range(120)]
    seen, page = [], organizer.get(f"{address}/").text
    while True:
        seen += listed(page)
        following = re.search(r'rel="next" href="\?([^"]+)"', page)
        if not following:
            break
        page = organizer.get(f"{address}/?{following[1]}").text
    assert seen == everybody
    assert "First page" in page


def test_the_list_costs_six_statements_however_long_it_is(
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
            with statements() as seen:
                organizer.get(f"{address}/{query}")
            counts.append(len(seen))
    assert set(counts) == {counts[0]}, "\n".join(seen)
    assert counts[0] <= 6, "\n".join(seen)


def test_a_viewer_looks_and_does_not_act(viewer: FlaskClient, db: Session, event: Event, address: str) -> None:
    one = make_registration(db, event, email="seen@example.org")
    page = viewer.get(f"{address}/").text
    assert "seen@example.org" in page
    person = viewer.get(f"{address}/{one.id}/").text
    for text in (page, person):
        acting = re.findall(r'method="post" action="([^"]+)"', text)
        assert set(acting) == {"/account/sign-out", "/account/language"}
        assert "Cancel registration" not in text
        assert "Add attendee" not in text
    for path in ("/new", "/import", "/export", f"/{one.id}/edit"):
        assert viewer.get(f"{address}{path}").status_code == 403


def test_contacts_and_answers_of_a_private_event_are_for_its_organizers(
    viewer: FlaskClient, db: Session, event: Event, address: str, account: Account
) -> None:
    event.private = True
    db.add(Question(event_id=event.id, key="why", kind="short", label={"en": "Why"}))
    db.flush()
    one = make_registration(db, event, email="hidden@example.org", phone="+992901234567", answers={"why": "a secret"})
    for path in (f"{address}/?columns=1&column=contact", f"{address}/{one.id}/"):
        page = viewer.get(path).text
        assert "hidden@" not in page
        assert "a secret" not in page
        assert "901234567" not in page
    assert found(viewer, address, q="hidden@") == found(viewer, address, q="34567") == []
    viewer.set_cookie("sign_in", make_sign_in(db, account))
    page = viewer.get(f"{address}/{one.id}/").text
    assert "hidden@example.org" in page
    assert "a secret" in page
    assert found(viewer, address, q="hidden@") == [one.id]


def test_a_move_says_to_which_kind_of_ticket(
    organizer: FlaskClient, db: Session, event: Event, address: str, account: Account
) -> None:
    kind = TicketType(event_id=event.id, title={"en": "Speakers", "tg": "Суханварон"}, position=1)
    db.add(kind)
    one = make_registration(db, event)
    organizer_registrations.move(db, event=event, ids=[one.id], ticket_type_id=kind.id, by=account)
    story = organizer.get(f"{address}/{one.id}/").text.split('class="story"')[1]
    assert f"{account.name}, Speakers" in story[story.index("Moved to another ticket type") :]


def test_an_email_that_the_budget_of_its_address_delays_is_not_said_to_be_on_its_way(
    organizer: FlaskClient, db: Session, event: Event, address: str
) -> None:
    one = make_registration(db, event)
    db.add(OutboxMessage(kind="registration_confirmed", subject=one.id, due_at=clock.now() + timedelta(minutes=9)))
    db.flush()
    story = organizer.get(f"{address}/{one.id}/").text.split('class="story"')[1]
    assert "or later: many emails went to this address" in story
    assert "queued" not in story


def test_one_page_tells_the_whole_story_in_order(
    organizer: FlaskClient, db: Session, event: Event, address: str, phone: Device, account: Account
) -> None:
    one = make_registration(db, event, name="Мадина", created_at=clock.now() - timedelta(days=3))
    db.add_all(
        [
            OutboxMessage(kind="registration_confirmed", subject=one.id, outcome="sent",
                    created_at=one.created_at, finished_at=one.created_at + timedelta(seconds=9)),
            OutboxMessage(kind="reminder", subject=one.id, outcome="SMTPRefused: 550 no such box",
                    created_at=one.created_at, dead_at=clock.now() - timedelta(days=1)),
        ]
    )  # fmt: skip
    db.flush()
    hand_in(db, phone, claim(event, person=one.ticket_id, at=clock.milliseconds(clock.now() - timedelta(minutes=20))))
    edit = f"{address}/{one.id}/edit"
    organizer.post(edit, data={**form_in(organizer.get(edit).text, edit), "name": "Мадина Н."})
    page = organizer.get(f"{address}/{one.id}/").text
    story = page.split('class="story"')[1]
    told = [
        "Registered",
        "Email: ticket",
        "accepted by the email server",
        "Email: reminder",
        "failed: 550 no such box",
    ]
    told += ["Checked in", "North door, Нигина", "Registration edited", f"{account.name}, name"]
    places = [story.index(words) for words in told]
    assert places == sorted(places)
    assert "Мадина Н." in page


def test_somebody_of_another_event_is_not_there(
    organizer: FlaskClient, db: Session, event: Event, address: str
) -> None:
    other = make_event(db, organization=event.organization)
    foreign = make_registration(db, other)
    for path in ("", "edit"):
        assert organizer.get(f"{address}/{foreign.id}/{path}").status_code == 404
    data = {"door": str(make_door(db, event).id), "session": str(event.sessions[0].id)}
    assert organizer.post(f"{address}/{foreign.id}/admit", data=data).status_code == 404
    answer = organizer.post(f"{address}/acts/done", data={"act": "cancel", "person": str(foreign.id)})
    assert "n=0&left=1" in answer.location
    db.refresh(foreign)
    assert foreign.state == "confirmed"


def test_somebody_is_added_by_hand_without_an_address(
    organizer: FlaskClient, db: Session, event: Event, address: str
) -> None:
    answer = organizer.post(f"{address}/new", data={"name": " Мадина  Намунаева", "language": "tg"})
    assert answer.status_code == 303
    assert "Who has an address gets the ticket by mail." in organizer.get(f"{address}/new").text
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
        ({"email": "taken@example.org"}, "email", "Somebody with this contact is registered already."),
    ],
)
def test_what_is_wrong_is_said_at_its_field(
    organizer: FlaskClient, db: Session, event: Event, address: str, typed: dict[str, str], field: str, sentence: str
) -> None:
    make_registration(db, event, email="taken@example.org")
    answer = organizer.post(f"{address}/new", data={"name": "Ann <b>", "language": "tg", **typed})
    assert answer.status_code in {409, 422}
    assert sentence in answer.text.split(f'id="{field}-error">')[1].split("</p>")[0]
    assert "<b>" not in answer.text
    assert len(db.scalars(select(Registration).where(Registration.event_id == event.id)).all()) == 1


@pytest.mark.parametrize(
    ("event_left", "kind_left", "waiting", "sentence", "offered"),
    [
        (0, 2, 0, "All seats of the event are taken.", "All seats are taken."),
        (0, 0, 1, "All seats of the event are taken.", "All seats are taken."),
        (4, 0, 0, "All seats of this kind of ticket are taken.", "All seats are taken."),
        (4, 2, 1, "People are waiting for this kind of ticket.", "All seats are taken."),
        (1, 2, 0, "", "Only 1 seat left"),
    ],
)
def test_where_no_seat_is_left_the_form_says_which_number_is_reached(
    organizer: FlaskClient,
    db: Session,
    event: Event,
    address: str,
    event_left: int,
    kind_left: int,
    waiting: int,
    sentence: str,
    offered: str,
) -> None:
    [kind] = event.ticket_types
    event.ticket_types.append(TicketType(title={"en": "Guests"}, position=1))
    event.taken, event.capacity, kind.taken, kind.capacity, kind.waiting = 5, 5 + event_left, 3, 3 + kind_left, waiting
    db.flush()
    [shown] = re.findall(rf'<option value="{kind.id}"[^>]*>([^<]*)<', organizer.get(f"{address}/new").text)
    assert f"({offered})" in shown
    answer = organizer.post(f"{address}/new", data={"name": "Ann", "language": "tg", "ticket_type": str(kind.id)})
    assert answer.status_code == (409 if sentence else 303)
    if sentence:
        assert sentence in answer.text
        assert 'value="Ann"' in answer.text


def test_an_act_asks_first_and_names_how_many(organizer: FlaskClient, db: Session, event: Event, address: str) -> None:
    people = [make_registration(db, event, name=f"Guest {number}") for number in range(3)]
    ids = [str(one.id) for one in people]
    page = organizer.post(f"{address}/acts?state=confirmed", data={"act": "cancel", "person": ids[:2]})
    assert page.status_code == 200
    assert "Cancel the registrations of 2 people?" in page.text
    assert "Guest 0" in page.text
    assert "Guest 2" not in page.text
    db.refresh(people[0])
    assert people[0].state == "confirmed"
    answer = organizer.post(f"{address}/acts/done?state=confirmed", data={"act": "cancel", "person": ids[:2]})
    assert answer.status_code == 303
    done = organizer.get(answer.location).text
    assert "2 registrations are cancelled." in done
    assert listed(done) == [people[2].id]
    assert len(db.scalars(select(Audit).where(Audit.action == "registration.cancelled")).all()) == 2


def test_everybody_whom_the_list_finds_is_at_most_500(
    organizer: FlaskClient, db: Session, event: Event, address: str
) -> None:
    event.capacity = event.ticket_types[0].capacity = None
    for number in range(3):
        make_registration(db, event, language="ru" if number else "tg")
    page = organizer.post(f"{address}/acts?language=ru", data={"act": "send_again", "everybody": "1"}).text
    assert "Resend the tickets of 2 people?" in page
    for refused in ({"act": "send_again"}, {"act": "cancel", "person": [str(n) for n in range(501)]}, {"act": "fly"}):
        for path in ("acts", "acts/done"):
            assert organizer.post(f"{address}/{path}", data=refused).status_code == 422


def test_moving_needs_a_kind_of_this_event(organizer: FlaskClient, db: Session, event: Event, address: str) -> None:
    one = make_registration(db, event)
    for kind in ("", "999999999"):
        data = {"act": "move", "person": str(one.id), "ticket_type": kind}
        answer = organizer.post(f"{address}/acts/done", data=data)
        assert answer.status_code == 422
        assert "Choose a ticket type." in answer.text


def test_somebody_is_let_in_by_hand_and_twice_says_so(
    organizer: FlaskClient, db: Session, event: Event, address: str
) -> None:
    one, door = make_registration(db, event), make_door(db, event)
    data = {"door": str(door.id), "session": str(event.sessions[0].id)}
    answer = organizer.post(f"{address}/{one.id}/admit", data=data)
    assert "said=admitted" in answer.location
    assert "by hand, in the list" in organizer.get(answer.location).text
    again = organizer.post(f"{address}/{one.id}/admit", data=data)
    assert "inside already" in organizer.get(again.location).text
    assert len(db.scalars(select(Admission).where(Admission.person == one.ticket_id)).all()) == 1
    foreign = make_door(db).id
    assert organizer.post(f"{address}/{one.id}/admit", data={**data, "door": str(foreign)}).status_code == 404


def test_who_has_cancelled_is_not_let_in_and_the_page_says_why(
    organizer: FlaskClient, db: Session, event: Event, address: str
) -> None:
    gone = make_registration(db, event, state="cancelled", cancelled_at=clock.now(), cancelled_by="self")
    data = {"door": str(make_door(db, event).id), "session": str(event.sessions[0].id)}
    answer = organizer.post(f"{address}/{gone.id}/admit", data=data)
    assert answer.status_code == 409
    assert "The registration is cancelled." in answer.text


def test_a_scan_is_taken_back_from_the_story_once(
    organizer: FlaskClient, db: Session, event: Event, address: str
) -> None:
    one, door = make_registration(db, event), make_door(db, event)
    data = {"door": str(door.id), "session": str(event.sessions[0].id)}
    page = organizer.get(organizer.post(f"{address}/{one.id}/admit", data=data).location).text
    scan = re.findall(r'name="scan" value="([^"]+)"', page)
    for _ in range(2):
        answer = organizer.post(f"{address}/{one.id}/undo", data={"scan": scan})
        page = organizer.get(answer.location).text
        assert "The scan counts no more." in page
        assert 'name="scan"' not in page
    assert len(db.scalars(select(Scan).where(Scan.undoes.is_not(None))).all()) == 1
    assert organizer.post(f"{address}/{one.id}/undo", data={"scan": "x"}).status_code == 404


def test_the_story_says_why_a_mail_was_not_sent(
    organizer: FlaskClient, db: Session, event: Event, address: str
) -> None:
    one, now = make_registration(db, event, email=None, phone="+992900000001"), clock.now()
    kinds = {"registration_confirmed": "no address", "thanks": "of no use any more", "reminder": "wants no news"}
    db.add_all(
        OutboxMessage(kind=kind, subject=one.id, outcome=f"skipped: {why}", finished_at=now)
        for kind, why in kinds.items()
    )
    db.flush()
    story = organizer.get(f"{address}/{one.id}/").text.split('class="story"')[1]
    told = set(re.findall(r"skipped: ([^<]+)<", story))
    assert told == {"no email address", "no longer needed", "unsubscribed"}


def test_a_walk_in_is_not_called_registered(organizer: FlaskClient, db: Session, event: Event, address: str) -> None:
    walked = make_registration(db, event, walk_in=True, email=None, contact_key=None, short_code=None)
    listed = organizer.get(f"{address}/").text.split("<tbody>")[1].split("</tbody>")[0]
    for shown in (listed, organizer.get(f"{address}/{walked.id}/").text):
        assert "walk-in" in shown
        assert "registered" not in re.findall(r">([^<]+)<", shown)
