"""The handout with the ticket of an attendee without a working email address."""

import re
from html import unescape
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from shared import clock, links
from shared.events import announcements
from shared.i18n import gettext, use_language
from shared.models import Event, Registration
from shared.wording import short_code
from tests.conftest import Statements
from tests.factories import close_event, make_event, make_registration

PHONE = "+992918123456"


@pytest.fixture
def event(db: Session) -> Event:
    """An event in a week."""
    return make_event(db, city={"tg": "Душанбе", "en": "Dushanbe"})


@pytest.fixture
def silent(db: Session, event: Event) -> Registration:
    """A registration with a phone number and no email address."""
    return make_registration(db, event, name="Ҷаҳонгир", email=None, phone=PHONE, contact_key=PHONE)


def person(client: FlaskClient, registration: Registration) -> str:
    return client.get(f"/organize/events/{registration.event_id}/people/{registration.id}/").text


def without_email(client: FlaskClient, event: Event, **query: str) -> str:
    return client.get(f"/organize/events/{event.id}/people/without-email", query_string=query).text


def own_links(page: str) -> list[str]:
    return re.findall(r'id="link-\d+" value="([^"]+)"', page)


def texts(page: str) -> list[str]:
    return [unescape(text) for text in re.findall(r'<pre class="letter-text"[^>]*>([^<]*)</pre>', page)]


def sent_to(page: str, prefix: str) -> list[str]:
    return [unescape(address) for address in re.findall(rf'href="({re.escape(prefix)}[^"]*)"', page)]


@pytest.mark.parametrize("place", ["person", "list", "calls"])
def test_a_person_without_email_has_a_link_a_pdf_and_a_text(
    organizer: FlaskClient, db: Session, event: Event, silent: Registration, place: str
) -> None:
    if place == "calls":
        announcements.announce_change(db, event=event, changed=["time"])
    calls = f"/organize/events/{event.id}/mailings/unreached"
    pages = {"person": lambda: person(organizer, silent), "list": lambda: without_email(organizer, event)}
    page = pages.get(place, lambda: organizer.get(calls).text)()
    [link], [text] = own_links(page), texts(page)
    assert "Ticket of" not in page
    assert f'href="{links.ticket(silent.code, ".pdf")}?size=A4" rel="noreferrer"' in page
    for words in ("Салом, Ҷаҳонгир.", "Шоми суханронӣ", "Душанбе", short_code(silent)):
        assert words in text
    assert text.endswith(f"\n{link}")
    opened = organizer.get(urlsplit(link).path)
    assert opened.status_code == 200
    assert "Ҷаҳонгир" in opened.text


def test_messengers_open_with_the_number_and_the_text(organizer: FlaskClient, silent: Registration) -> None:
    page = person(organizer, silent)
    [link], [text] = own_links(page), texts(page)
    [whatsapp], [telegram], [sms] = (sent_to(page, start) for start in ("https://wa.me/", "https://t.me/", "sms:"))
    assert urlsplit(whatsapp).path == "/992918123456"
    assert parse_qs(urlsplit(whatsapp).query) == {"text": [text]}
    shared = parse_qs(urlsplit(telegram).query)
    assert shared["url"] == [link]
    with use_language(silent.language):
        label = gettext("handout.registration_link")
    assert f"{shared['text'][0]}\n{label}\n{link}" == text, "Telegram shows the link first, so no label ends its text"
    assert sms.startswith(f"sms:{PHONE}?body=")
    body = parse_qs(urlsplit(sms).query)["body"][0]
    assert body.endswith(f"{short_code(silent)}\n{link}")
    assert len(body) < len(text) / 1.5
    assert page.count('rel="noreferrer"') == page.count('target="_blank"') == 3


def test_without_a_number_the_messenger_asks_for_the_chat(
    organizer: FlaskClient, db: Session, event: Event, silent: Registration
) -> None:
    guest = make_registration(
        db, event, host_id=make_registration(db, event).id, name="Сорбон", email=None, contact_key=None
    )
    page = person(organizer, guest)
    assert urlsplit(sent_to(page, "https://wa.me/")[0]).path == "/"
    assert sent_to(page, "sms:") == []


def test_a_host_gets_the_tickets_of_the_guests_and_a_guest_the_own_at_the_hosts_number(
    organizer: FlaskClient, db: Session, event: Event, silent: Registration
) -> None:
    guest = make_registration(db, event, host_id=silent.id, name="Сорбон", email=None, contact_key=None)
    gone = {"state": "cancelled", "cancelled_at": clock.now(), "cancelled_by": "self"}
    make_registration(db, event, host_id=silent.id, name="Парвиз", email=None, contact_key=None, **gone)
    page = person(organizer, silent)
    assert [name in texts(page)[0] for name in ("Сорбон", "Парвиз")] == [True, False]
    assert page.count("Ticket of") == 2
    own = person(organizer, guest)
    assert short_code(silent) not in texts(own)[0]
    assert sent_to(own, "sms:")[0].startswith(f"sms:{PHONE}?")
    assert own_links(own) != own_links(page)


def test_the_text_states_the_registration_and_has_no_ticket_before_there_is_one(
    organizer: FlaskClient, db: Session, event: Event
) -> None:
    waits = {"state": "waiting", "code": None, "confirmed_at": None, "waited_at": clock.now()}
    registration = make_registration(db, event, language="en", email=None, phone=PHONE, contact_key=PHONE, **waits)
    page = person(organizer, registration)
    assert "All seats are taken, and you are on the waiting list." in texts(page)[0]
    assert "Short code" not in texts(page)[0]
    assert "/T/" not in page
    assert "Send the link yourself" in page


def test_a_private_event_is_not_named_in_a_messenger(
    organizer: FlaskClient, db: Session, event: Event, silent: Registration
) -> None:
    event.private = True
    db.flush()
    page = person(organizer, silent)
    messages = [unquote(address) for start in ("https://", "sms:") for address in sent_to(page, start)]
    assert len(messages) == 3
    assert not [message for message in (*texts(page), *messages) if "суханронӣ" in message]


def test_only_organizers_get_links_that_change_registrations(
    viewer: FlaskClient, db: Session, event: Event, silent: Registration
) -> None:
    page = person(viewer, silent)
    assert PHONE in page
    assert own_links(page) == texts(page) == sent_to(page, "https://wa.me/") == []
    assert viewer.get(f"/organize/events/{event.id}/people/without-email").status_code == 403
    assert "without-email" not in viewer.get(f"/organize/events/{event.id}/people/").text


def test_once_an_event_is_over_no_ticket_is_offered(
    organizer: FlaskClient, db: Session, event: Event, silent: Registration
) -> None:
    address = f"/organize/events/{event.id}/people/"
    assert "without-email" in organizer.get(address).text
    close_event(db, event, "over")
    assert own_links(person(organizer, silent)) == []
    assert "There is no one to send a ticket to." in without_email(organizer, event)
    assert "without-email" not in organizer.get(address, query_string={"said": "imported", "n": 1}).text


@pytest.mark.parametrize("values", [{"walk_in": True}, {"state": "cancelled", "cancelled_at": clock.now()}])
def test_a_person_without_a_ticket_has_no_handout(
    organizer: FlaskClient, db: Session, event: Event, values: dict[str, object]
) -> None:
    registration = make_registration(db, event, email=None, phone=PHONE, contact_key=PHONE, **values)
    assert own_links(person(organizer, registration)) == []
    assert "There is no one to send a ticket to." in without_email(organizer, event)


def test_an_import_links_to_attendees_without_email(organizer: FlaskClient, event: Event, silent: Registration) -> None:
    page = organizer.get(f"/organize/events/{event.id}/people/?said=imported&n=1").text
    assert "Send tickets to attendees without email" in page
    assert f'href="/organize/events/{event.id}/people/without-email"' in page


def test_the_list_has_pages_and_needs_the_same_statements_for_any_number(
    organizer: FlaskClient, db: Session, event: Event, statements: Statements
) -> None:
    event.capacity = event.ticket_types[0].capacity = None
    for number in range(52):
        make_registration(db, event, email=None, phone=f"+99291812{number:04}", contact_key=f"{number}")
    make_registration(db, event, name="Мадина")
    db.expire_all()
    with statements() as executed:
        first = without_email(organizer, event)
    assert first.count('class="call"') == 50
    assert without_email(organizer, event, page="2").count('class="call"') == 2
    assert len(executed) <= 18
    assert "Мадина" not in first
