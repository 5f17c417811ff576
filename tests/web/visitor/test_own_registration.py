"""The page of a registration: its content in each state, and every action on it."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, object_session

from shared import clock, links
from shared.config import LANGUAGES
from shared.i18n import gettext, use_language
from shared.models import Event, OutboxMessage, Question, Registration, TicketType
from tests.factories import make_event, make_registration
from tests.support.registration_form import own_address
from web.visitor.own_registration import MESSAGES

LATER = datetime(2090, 1, 1, tzinfo=UTC)


@pytest.fixture
def event(db: Session) -> Event:
    return make_event(db, slug="talks", capacity=30)


def act(client, registration: Registration, name: str, /, **fields: str):
    answer = client.post(f"{own_address(registration)}/{name}", data=fields)
    session = object_session(registration)
    assert session
    session.expire_all()
    return answer


def enqueued(db: Session) -> list[str]:
    return list(db.scalars(select(OutboxMessage.kind).order_by(OutboxMessage.id)))


def english(message: str) -> str:
    with use_language("en"):
        return gettext(message)


def message_of(answer) -> str:
    assert answer.status_code == 303, answer.text
    return answer.location.partition("?said=")[2]


def with_companion(db: Session, event: Event) -> tuple[Registration, Registration]:
    host = make_registration(db, event)
    return host, make_registration(db, event, name="Мадина", host_id=host.id, email=None, contact_key=None)


# Cancelling -----------------------------------------------------------------------------------------------------------


def test_cancelling_takes_one_step_and_frees_the_seat(client, db, event):
    registration = make_registration(db, event)
    answer = act(client, registration, "cancel")
    assert message_of(answer) == "cancelled"
    db.refresh(event)
    assert (registration.state, registration.cancelled_by, event.taken) == ("cancelled", "self", 0)
    assert enqueued(db) == ["place_given_up"]
    page = client.get(answer.location).text
    assert english(MESSAGES["cancelled"]) in page
    assert "Register again" in page


def test_a_link_changes_nothing_when_it_is_only_opened(client, db, event):
    registration = make_registration(db, event)
    for name in ("cancel", "edit", "again", "move", "language", "confirm", "accept"):
        answer = client.get(f"{own_address(registration)}/{name}")
        assert (answer.status_code, answer.location) == (303, own_address(registration))
    assert registration.state == "confirmed"


def test_cancelling_twice_is_the_same(client, db, event):
    registration = make_registration(db, event)
    act(client, registration, "cancel")
    assert message_of(act(client, registration, "cancel")) == "cancelled"
    assert enqueued(db) == ["place_given_up"]


def test_a_freed_seat_goes_to_the_waiting_list(client, db):
    event = make_event(db, capacity=1)
    seated = make_registration(db, event)
    waits = make_registration(db, event, state="waiting", confirmed_at=None, waited_at=clock.now())
    act(client, seated, "cancel")
    assert waits.state == "offered"


def test_a_guest_is_cancelled_alone(client, db, event):
    host, companion = with_companion(db, event)
    assert message_of(act(client, host, "cancel", member=str(companion.id))) == "cancelled"
    assert (host.state, companion.state) == ("confirmed", "cancelled")


def test_cancelling_the_host_keeps_the_guests_seats(client, db, event):
    host, companion = with_companion(db, event)
    act(client, host, "cancel")
    assert (host.state, companion.state) == ("cancelled", "confirmed")
    assert companion.name in client.get(own_address(host)).text


@pytest.mark.parametrize("member", ["stranger", "", "x", "9" * 40])
def test_nobody_outside_the_party_can_be_cancelled(client, db, event, member):
    host, stranger = make_registration(db, event), make_registration(db, event)
    named = str(stranger.id) if member == "stranger" else member
    assert act(client, host, "cancel", member=named).status_code == 404
    assert (host.state, stranger.state) == ("confirmed", "confirmed")


def test_a_guest_cannot_act_for_the_host(client, db, event):
    host, companion = with_companion(db, event)
    assert act(client, companion, "cancel", member=str(host.id)).status_code == 404


# Confirming and accepting ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("state", "name"), [("unconfirmed", "confirm"), ("offered", "accept")])
def test_an_offered_seat_is_taken_by_its_button(client, db, event, state, name):
    registration = make_registration(db, event, state=state, deadline=LATER, confirmed_at=None)
    page = client.get(own_address(registration)).text
    assert f'{own_address(registration)}/{name}"' in page
    assert "Friday" in page or "Sunday" in page
    assert message_of(act(client, registration, name)) == "confirmed"
    assert (registration.state, registration.deadline) == ("confirmed", None)
    assert enqueued(db) == ["registration_confirmed"]


@pytest.mark.parametrize("change", [{"deadline": clock.now() - timedelta(minutes=1)}])
def test_an_expired_offer_says_so(client, db, event, change):
    registration = make_registration(db, event, state="offered", confirmed_at=None, **change)
    answer = act(client, registration, "accept")
    assert message_of(answer) == "late"
    assert registration.state == "offered"
    assert english(MESSAGES["late"]) in client.get(answer.location).text


@pytest.mark.parametrize("state", ["waiting", "cancelled"])
def test_a_registration_without_a_held_seat_cannot_be_confirmed(client, db, event, state):
    change = {"cancelled_at": LATER, "cancelled_by": "self"} if state == "cancelled" else {"waited_at": clock.now()}
    registration = make_registration(db, event, state=state, **change)
    assert message_of(act(client, registration, "confirm")) == "late"
    assert registration.state == state


def test_the_page_shows_the_position_on_the_waiting_list(client, db, event):
    now = clock.now()
    for minutes in (3, 2):
        make_registration(db, event, state="waiting", waited_at=now - timedelta(minutes=minutes))
    last = make_registration(db, event, state="waiting", waited_at=now)
    assert "Your position on the waiting list: 3." in client.get(own_address(last)).text


@pytest.mark.parametrize(
    ("by", "words"),
    [
        ("self", "Your registration is cancelled"),
        ("organizer", "The organizer has cancelled"),
        ("lapsed", "not confirmed"),
    ],
)
def test_a_cancelled_registration_says_who_cancelled_it(client, db, event, by, words):
    registration = make_registration(db, event, state="cancelled", cancelled_at=LATER, cancelled_by=by)
    page = client.get(own_address(registration)).text
    assert words in page
    assert f'href="{links.event("en", "talks")}#register"' in page


@pytest.mark.parametrize(
    ("by", "heading"),
    [("self", "Your registration is cancelled"), ("organizer", "The organizer has cancelled this registration")],
)
def test_a_cancelled_waiting_registration_mentions_no_seat_or_ticket(client, db, event, by, heading):
    gone = {"state": "cancelled", "cancelled_at": LATER, "cancelled_by": by, "confirmed_at": None}
    page = client.get(own_address(make_registration(db, event, waited_at=clock.now(), code=None, **gone))).text
    assert f"<h1>{heading}</h1>" in page
    lead = page.split(f"<h1>{heading}</h1>")[1].split("</p>")[0]
    assert "seat" not in lead
    assert "place" not in lead
    assert "ticket" not in lead


# Changing -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def asking(db: Session) -> Event:
    """An event with two ticket types, a question for all and one for the second type only."""
    event = make_event(db, ticket_types=[TicketType(title={"en": "Guest"}), TicketType(title={"en": "Team"})])
    questions = [
        Question(key="town", kind="short", label={"en": "Town"}, required=True),
        Question(key="team", kind="short", label={"en": "Team name"}, ticket_type_id=event.ticket_types[1].id),
    ]
    event.questions.extend(questions)
    db.flush()
    return event


def test_a_name_and_answers_are_corrected(client, db, asking):
    registration = make_registration(db, asking, answers={"town": "Khujand", "older": "kept"})
    code, page = registration.code, client.get(own_address(registration)).text
    assert 'value="Khujand"' in page
    assert "Team name" not in page
    fields = {"name": "Nigina", "answer.town": "Kulob", "answer.team": "x", "answer.nothing": "y"}
    assert message_of(act(client, registration, "edit", **fields)) == "edited"
    assert (registration.name, registration.name_key, registration.code) == ("Nigina", "nigina", code)
    assert registration.answers == {"town": "Kulob", "older": "kept"}


def test_an_invalid_correction_is_reported_at_its_field_and_changes_nothing(client, db, asking):
    registration = make_registration(db, asking, name="Nigina", answers={"town": "Kulob"})
    answer = act(client, registration, "edit", name="", **{"answer.town": "x" * 201})
    assert answer.status_code == 422
    assert 'id="name-error"' in answer.text
    assert 'id="answer.town-error"' in answer.text
    assert '<details class="change" id="edit" open>' in answer.text
    assert (registration.name, registration.answers) == ("Nigina", {"town": "Kulob"})


def test_a_name_cannot_become_an_advert_unless_an_organizer_wrote_it(client, db, asking):
    registration = make_registration(db, asking, name="Nigina (peshraft.tj)")
    answer = act(client, registration, "edit", name="Win at evil.example", **{"answer.town": "Kulob"})
    assert answer.status_code == 422
    assert "A name cannot contain a link" in answer.text
    assert message_of(act(client, registration, "edit", name=registration.name, **{"answer.town": "Kulob"})) == "edited"
    assert (registration.name, registration.answers) == ("Nigina (peshraft.tj)", {"town": "Kulob"})


def test_a_guests_name_is_corrected_on_the_guests_page(client, db, asking):
    host, companion = with_companion(db, asking)
    own = own_address(companion, "tg")
    assert own in client.get(own_address(host)).text
    assert "Town" not in client.get(own).text
    assert message_of(act(client, companion, "edit", name="Madina S.")) == "edited"
    assert companion.name == "Madina S."


def test_an_answer_is_text_everywhere(client, db, asking):
    registration = make_registration(db, asking, answers={"town": "<script>x</script>"}, name="<b>N</b>")
    page = client.get(own_address(registration)).text
    assert "<script>x" not in page
    assert "<b>N" not in page


def test_the_ticket_type_is_changed_if_it_has_a_seat(client, db, asking):
    registration = make_registration(db, asking)
    first, second = asking.ticket_types
    assert message_of(act(client, registration, "move", ticket_type=str(second.id))) == "moved"
    assert (registration.ticket_type_id, first.taken, second.taken) == (second.id, 0, 1)


def test_a_full_ticket_type_is_answered_with_a_message(client, db):
    ticket_types = [TicketType(title={"en": "Guest"}), TicketType(title={"en": "Team"}, capacity=1)]
    event = make_event(db, ticket_types=ticket_types)
    make_registration(db, event, ticket_type_id=event.ticket_types[1].id)
    registration = make_registration(db, event)
    answer = act(client, registration, "move", ticket_type=str(event.ticket_types[1].id))
    assert message_of(answer) == "full"
    assert english(MESSAGES["full"]) in client.get(answer.location).text
    assert registration.ticket_type_id == event.ticket_types[0].id


@pytest.mark.parametrize("ticket_type", ["", "x", "999999999999"])
def test_an_unknown_ticket_type_changes_nothing(client, db, asking, ticket_type):
    assert message_of(act(client, make_registration(db, asking), "move", ticket_type=ticket_type)) == "changed"


def test_a_ticket_is_resent_at_most_once_in_ten_minutes(client, db, event):
    registration = make_registration(db, event)
    assert message_of(act(client, registration, "again")) == "again"
    answer = act(client, registration, "again")
    assert message_of(answer) == "rested"
    assert "less than 10 minutes ago" in client.get(answer.location).text
    assert enqueued(db) == ["ticket_again"]


def test_the_language_of_the_group_is_changed_on_the_page_too(client, db, event):
    host, companion = with_companion(db, event)
    answer = act(client, host, "language", language="ru")
    assert answer.location == f"{own_address(host, 'ru')}?said=language"
    db.refresh(companion)
    assert companion.language == "ru"
    assert message_of(act(client, host, "language", language="xx")) == "changed"


# Access ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["cancel", "edit", "move", "confirm", "accept"])
@pytest.mark.parametrize("change", [{"starts_at": datetime(2020, 1, 1, tzinfo=UTC)}, {"state": "cancelled"}])
def test_a_registration_for_a_past_event_cannot_be_changed(client, db, change, name):
    registration = make_registration(db, make_event(db, **change))
    assert message_of(act(client, registration, name, name="Ann")) == "over"
    assert registration.state == "confirmed"


@pytest.mark.parametrize("name", ["cancel", "edit", "again", "move", "language", "confirm", "accept"])
def test_a_revoked_or_foreign_link_acts_on_nothing(client, db, event, name):
    registration = make_registration(db, event)
    address = own_address(registration)
    registration.version += 1
    db.flush()
    for spoiled in (address, address[:-1], f"{address}x"):
        assert client.post(f"{spoiled}/{name}").status_code == 404
    assert registration.state == "confirmed"


def test_only_known_results_are_shown(client, db, event):
    page = client.get(f"{own_address(make_registration(db, event))}?said=You+won").text
    assert "You won" not in page
    assert 'class="said"' not in page


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("result", MESSAGES)
def test_every_result_is_a_sentence_in_each_language(client, db, event, lang, result):
    page = client.get(f"{own_address(make_registration(db, event), lang)}?said={result}").text
    sentence = re.search(r'<p class="said" role="status">([^<]+)</p>', page)
    assert sentence
    assert sentence[1] != MESSAGES[result]
    assert (sentence[1] == english(MESSAGES[result])) is (lang == "en")


def test_a_private_event_is_not_offered_to_be_shared(client, db):
    registration = make_registration(db, make_event(db, private=True))
    assert "share-address" not in client.get(own_address(registration)).text


@pytest.mark.parametrize("private", [True, False])
@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_title_of_a_private_event_stands_in_no_tab_and_no_history(client, db, lang, private):
    event = make_event(db, private=private)
    registration = make_registration(db, event)
    for address in (own_address(registration, lang), links.sent(lang, event.slug), links.ticket(registration.code)):
        title = client.get(address).text.split("<title>")[1].split("</title>")[0]
        assert any(topic in title for topic in event.title.values()) is not private
        assert any(name in title for name in event.organization.name.values()) is private


# The cookie of this browser -------------------------------------------------------------------------------------------


def test_a_browser_finds_its_tickets_again(client, db, event, statements):
    first, second = make_registration(db, event), make_registration(db, make_event(db))
    for registration in (first, second):
        cookie = client.get(own_address(registration)).headers["Set-Cookie"]
        assert all(word in cookie for word in ("places=", "HttpOnly", "SameSite=Lax", "Max-Age=31536000"))
    db.expunge_all()
    with statements() as executed:
        page = client.get("/en/my").text
    assert len(executed) <= 4
    assert page.count("/en/r/") == 2
    assert own_address(first) in client.get("/en/e/talks").text


def test_the_event_page_of_a_registered_browser_differs(client, db, event):
    before = client.get("/en/e/talks").headers["ETag"]
    client.get(own_address(make_registration(db, event)))
    assert client.get("/en/e/talks").headers["ETag"] != before


def test_a_private_event_leaves_no_trace_in_the_browser(client, db):
    answer = client.get(own_address(make_registration(db, make_event(db, private=True))))
    assert "places=" not in answer.headers.get("Set-Cookie", "")


@pytest.mark.parametrize("cookie", ["", "x", "W1sxLDEsMV1d.forged", "\u00e9" * 300])
def test_a_forged_cookie_is_no_ticket(client, db, event, cookie):
    client.set_cookie("places", cookie)
    assert "/en/r/" not in client.get("/en/my").text


def test_the_newest_twenty_are_remembered_and_revoked_ones_are_not_shown(client, db, event):
    registrations = [make_registration(db, event) for _ in range(22)]
    for registration in registrations:
        client.get(own_address(registration))
    registrations[-1].version += 1
    db.flush()
    page = client.get("/en/my").text
    assert page.count("/en/r/") == 19
    assert f'href="{own_address(registrations[0])}"' not in page
