"""The ticket email as it arrives: read back from the mail server, its codes decoded from their pictures."""

import io
import re
from datetime import UTC, datetime
from email.message import EmailMessage
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import pypdfium2
import pytest
import zxingcpp
from PIL import Image
from qrcode.main import QRCode
from sqlalchemy.orm import Session

from shared import clock, i18n, links, tokens, wording
from shared.config import Settings
from shared.models import Event, EventSession, OutboxMessage, Registration
from shared.outbox import outbox
from shared.papers import qr
from shared.registrations import new_registration, self_service
from tests.factories import make_days, make_event, make_picture, make_registration, moment
from tests.support.email_server import Postbox
from tests.support.received_email import entries_of, files, page_of, text_of
from tests.worker.conftest import Post, enqueued_message
from worker.deliveries import prepare
from worker.email_message import Skipped

ANOTHER_YEAR = datetime(clock.now().year + 2, 12, 5, 13, 0, tzinfo=UTC)
PLACE = {
    "venue": {"en": "National Library", "ru": "Национальная библиотека", "tg": "Китобхонаи миллӣ"},
    "city": {"en": "Dushanbe", "ru": "Душанбе", "tg": "Душанбе"},
}


def decoded(picture: Image.Image) -> str:
    [code] = zxingcpp.read_barcodes(picture)
    return code.text


def code_in_picture(part: EmailMessage) -> str:
    return decoded(Image.open(io.BytesIO(part.get_content())))


def code_on_paper(part: EmailMessage) -> str:
    document = pypdfium2.PdfDocument(part.get_content())
    try:
        return decoded(document[0].render(scale=3).to_pil())
    finally:
        document.close()


@pytest.mark.parametrize(
    ("language", "subject", "greeting", "place"),
    [
        ("en", "Your ticket: An evening of talks", "Hello, Шариф Раҳимзода.", "National Library, Dushanbe"),
        ("ru", "Ваш билет: Вечер выступлений", "Здравствуйте, Шариф Раҳимзода.", "Национальная библиотека, Душанбе"),
        ("tg", "Чиптаи Шумо: Шоми суханронӣ", "Салом, Шариф Раҳимзода.", "Китобхонаи миллӣ, Душанбе"),
    ],
)
def test_an_email_has_the_essentials_in_the_recipients_language(db, post: Post, language, subject, greeting, place):
    event = make_event(db, starts_at=ANOTHER_YEAR, **PLACE)
    message = post(make_registration(db, event, language=language, name="Шариф Раҳимзода"))
    assert message["Subject"] == subject
    assert message["Content-Language"] == language
    for words in (text_of(message), page_of(message)):
        assert greeting in words
        assert place in words
        assert "18:00–20:00" in words
        assert str(ANOTHER_YEAR.year) in words
    assert f'lang="{language}"' in page_of(message)


def test_an_email_names_the_ticket_type_and_its_time(db, post: Post):
    event = make_days(db)
    every, second_type = event.ticket_types
    host = make_registration(db, event, ticket_type_id=second_type.id, language="en")
    day = f"{i18n.format_day(event.sessions[1].starts_local)}, 10:00–16:00"
    message = post(host)
    for words in (text_of(message), page_of(message)):
        assert f"{day}, Dushanbe time" in words
        assert f"Day 2: {day}" in words
        assert "One day" in words
        assert wording.when(event) not in words
    reminder = post(host, "reminder", "2d")
    assert reminder["Subject"] == f"Reminder: An evening of talks, {day}"
    assert "The event is soon." in text_of(reminder)
    make_registration(db, event, ticket_type_id=every.id, host_id=host.id, email=None, contact_key=None)
    both = text_of(post(host, "ticket_again"))
    assert wording.when(event) in both
    assert "All days" in both
    assert f"Day 2: {day}" in both


def test_its_link_opens_the_registration(db, post: Post, mailing: Settings):
    registration = make_registration(db, language="tg")
    message = post(registration)
    [address] = re.findall(r"https://\S+", text_of(message))
    assert f'href="{address}"' in page_of(message)
    prefix, _, token = urlsplit(address).path.rpartition("/")
    assert prefix == "/tg/r"
    assert tokens.verify(mailing.secrets, "registration", token) == tokens.Subject(registration.id, 1)


def test_its_codes_are_the_registrations_on_the_screen_and_on_paper(db, post: Post, mailing: Settings):
    registration = make_registration(db, code=None)
    parts = files(post(registration))
    code = links.ticket_code(mailing.base_url, registration.code)
    assert code_in_picture(parts[f"ticket-{registration.short_code}.png"]) == code
    assert code_on_paper(parts[f"ticket-{registration.short_code}.pdf"]) == code


def test_the_code_of_a_ticket_is_computed_once_for_its_email(db, post: Post, monkeypatch):
    computed = []
    monkeypatch.setattr(qr, "QRCode", lambda **options: computed.append(options) or QRCode(**options))
    message = post(make_registration(db, code=None))
    assert {part.get_content_type() for part in files(message).values()} >= {"image/png", "application/pdf"}
    assert len(computed) == 1


def test_the_code_that_is_stored_is_the_one_that_doors_accept(db, post: Post):
    registration = make_registration(db)
    code = registration.code
    registration.code = None
    post(registration)
    assert registration.code == code


def test_the_short_code_is_there_without_pictures(db, post: Post):
    registration = make_registration(db)
    message = post(registration)
    spaced = f"{registration.short_code[:4]}-{registration.short_code[4:]}"
    assert spaced in text_of(message)
    assert spaced in page_of(message)


def test_pictures_come_with_the_mail_and_nothing_from_the_network(db, post: Post):
    message = post(make_registration(db))
    sources = set(re.findall(r'src="([^"]+)"', page_of(message)))
    pictures = {
        f"cid:{part['Content-ID'][1:-1]}" for part in message.walk() if part.get_content_disposition() == "inline"
    }
    assert sources == pictures
    assert "cid:cover.png@turnout" in sources
    assert "url(" not in page_of(message)


def middle(part: EmailMessage) -> tuple[int, ...]:
    with Image.open(io.BytesIO(part.get_content())) as image:
        return image.convert("RGB").getpixel((image.width // 2, image.height // 2))


def head_of_paper(part: EmailMessage) -> tuple[int, ...]:
    with pypdfium2.PdfDocument(part.get_content()) as document:
        page = document[0].render(scale=1).to_pil().convert("RGB")
    return page.getpixel((page.width // 2, 10))


def test_a_photograph_heads_the_email_and_its_ticket_in_few_bytes(db, post: Post):
    event = make_event(db, picture=make_picture(db, colour="#00ff00"))
    registration = make_registration(db, event)
    parts = files(post(registration))
    for red, green, blue in (
        middle(parts["cover.jpeg"]),
        head_of_paper(parts[f"ticket-{registration.short_code}.pdf"]),
    ):
        assert (red < 20, green > 235, blue < 20) == (True, True, True)
    event.picture = make_picture(db, noisy=True)
    db.flush()
    message = post(registration, "ticket_again")
    assert files(message)["cover.jpeg"].get_content_type() == "image/jpeg"
    assert len(files(message)["cover.jpeg"].get_content()) <= 40_000
    assert "cover.png" not in files(message)
    assert 'src="cid:cover.jpeg@turnout"' in page_of(message)


def test_a_private_events_photograph_is_nowhere_in_its_email(db, post: Post):
    event = make_event(db, private=True)
    registration = make_registration(db, event)
    ticket = f"ticket-{registration.short_code}.pdf"
    woven = files(post(registration))
    event.picture = make_picture(db)
    db.flush()
    message = post(registration, "ticket_again")
    for name in ("cover.png", ticket):
        assert files(message)[name].get_content() == woven[name].get_content()
    assert set(files(message)) == set(woven)
    assert "/img/" not in page_of(message)


def test_a_group_gets_all_its_tickets_in_one_email(db, post: Post, postbox: Postbox):
    event = make_event(db)
    asked = new_registration.NewRegistration(
        name="Манижа", language="ru", email="manizha@example.org", companions=("Шариф", "Фарзона")
    )
    host = self_service.register(db, slug=event.slug, new_registration=asked).registration
    message = post(host)
    party = db.query(Registration).filter_by(event_id=event.id).all()
    assert message["Subject"] == "Ваши билеты: Вечер выступлений"
    assert "Подтверждены 3\N{NO-BREAK SPACE}места." in text_of(message)
    for person in party:
        assert person.name in text_of(message)
        assert person.code.lower() in code_in_picture(files(message)[f"ticket-{person.short_code}.png"]).lower()
        assert person.qr.startswith("<svg")
    assert len(party) == 3
    assert postbox.recipients == ["manizha@example.org"]


def test_a_guest_who_cancelled_gets_no_ticket(db, post: Post):
    event = make_event(db)
    host = make_registration(db, event)
    companion = make_registration(db, event, host_id=host.id, email=None, contact_key=None, name="Фарзона")
    self_service.cancel(db, registration_id=companion.id, by="self")
    assert "Фарзона" not in text_of(post(host))


def test_names_and_titles_are_text_everywhere(db, post: Post):
    title = {"en": 'Press & <script>alert("1")</script>'}
    registration = make_registration(db, make_event(db, title=title, languages=["en"]), name="<b>Шариф</b> {{ 7 * 7 }}")
    registration.language = "en"
    message = post(registration)
    assert "<script>" not in page_of(message)
    assert "&lt;b&gt;Шариф&lt;/b&gt; {{ 7 * 7 }}" in page_of(message)
    assert "<b>Шариф</b> {{ 7 * 7 }}" in text_of(message)
    assert message["Subject"] == f"Your ticket: {title['en']}"


def test_a_private_event_is_not_named_where_others_look(db, post: Post):
    event = make_event(db, private=True, confirm_by_mail=True)
    message = post(make_registration(db, event, language="en"))
    assert message["Subject"] == "Your ticket"
    assert "evening" not in files(message)["event.ics"].get_content()
    assert [name for name in files(message) if "evening" in name] == []


def test_the_calendar_keeps_one_event_for_life(db, post: Post):
    event = make_event(db, **PLACE)
    registration = make_registration(db, event, language="en")
    [first] = entries_of(post(registration))
    assert first["UID"] == f"{registration.ticket_id}@turnout.example"
    assert first["SUMMARY"] == "An evening of talks"
    assert first["LOCATION"] == "National Library, Dushanbe"
    assert first.start == event.starts_at
    assert first.end == event.ends_at
    event.sequence += 1
    [second] = entries_of(post(registration, "ticket_again"))
    assert second["UID"] == first["UID"]
    assert second["SEQUENCE"] == first["SEQUENCE"] + 1


def test_an_event_of_two_days_leaves_the_night_free(db, post: Post):
    event = workshop(db)
    entries = entries_of(post(make_registration(db, event, language="en")))
    assert [entry.start.astimezone(ZoneInfo(event.zone)).hour for entry in entries] == [10, 10]
    assert [entry["SUMMARY"] for entry in entries] == [
        "An evening of talks: First day",
        "An evening of talks: Second day",
    ]
    assert len({entry["UID"] for entry in entries}) == 2


def workshop(db: Session) -> Event:
    first, last = (ANOTHER_YEAR.replace(day=day, tzinfo=None) for day in (5, 6))
    days: list[Any] = [("First day", first), ("Second day", last)]
    parts = [
        EventSession(title={"en": title}, starts_local=day.replace(hour=10), ends_local=day.replace(hour=17))
        for title, day in days
    ]
    return make_event(db, sessions=parts, starts_local=first.replace(hour=10), ends_local=last.replace(hour=17))


def test_an_event_known_only_by_its_day_is_a_day_in_the_calendar(db, post: Post):
    event = make_event(db, known="day")
    [entry] = entries_of(post(make_registration(db, event)))
    assert entry.start == event.starts_local.date()


def test_an_event_known_only_by_its_month_is_in_no_calendar(db, post: Post):
    event = make_event(db, known="about")
    assert "event.ics" not in files(post(make_registration(db, event)))


def test_the_ticket_sent_again_is_the_same(db, post: Post):
    registration = make_registration(db)
    first, again = post(registration), post(registration, "ticket_again")
    assert text_of(first) == text_of(again)
    assert first["Message-ID"] != again["Message-ID"]


@pytest.mark.parametrize("overrides", [{"state": "cancelled"}, {"starts_at": moment(18)}], ids=["cancelled", "over"])
def test_a_ticket_to_no_coming_event_is_not_emailed(db, mailing: Settings, overrides):
    owed = enqueued_message(db, make_registration(db, make_event(db, **overrides)))
    assert prepare(db, owed, mailing) == Skipped("there is no such event to come")


def test_a_registration_that_was_erased_is_skipped(db, mailing: Settings):
    outbox.enqueue(db, "registration_confirmed", subject=999_999)
    owed = db.query(OutboxMessage).filter_by(subject=999_999).one()
    assert isinstance(prepare(db, owed, mailing), Skipped)
