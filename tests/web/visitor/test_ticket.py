"""The page that a ticket's QR code opens."""

from io import BytesIO

import pypdfium2
import pytest
import zxingcpp
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy.orm import Session

from shared import clock, links
from shared.i18n import format_day
from shared.models import Registration
from tests.conftest import Committed
from tests.factories import make_days, make_event, make_picture, make_registration
from web.visitor.ticket import DRAW_LIMIT

BASE = "http://127.0.0.1:8000"


@pytest.fixture
def registration(db: Session) -> Registration:
    return make_registration(db, make_event(db, slug="talks"), name="Ҷаҳонгир Раҳимов", language="tg")


@pytest.mark.parametrize("form", ["", ".png", ".svg", ".pdf"])
def test_a_ticket_is_not_cached_on_the_way(client, registration, form):
    answer = client.get(links.ticket(registration.code, form))
    assert answer.status_code == 200
    assert "no-store" in answer.headers["Cache-Control"]
    assert answer.headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize(("language", "words"), [("en", "Valid"), ("ru", "Действителен"), ("tg", "Эътибор дорад")])
def test_a_ticket_shows_what_is_printed_on_it_in_its_own_language_and_offers_nothing(
    client, db, registration, language, words
):
    client.set_cookie("language", "ru" if language == "en" else "en")
    registration.language = language
    db.flush()
    page = client.get(f"/T/{registration.code}").text
    code = registration.short_code
    assert f'<html lang="{language}" dir="ltr">' in page
    assert all(text in page for text in (words, registration.name, f"{code[:4]}-{code[4:]}"))
    assert not any(text in page for text in ("<form", "<button", registration.email, 'class="button"'))


def test_a_ticket_shows_its_qr_code_while_it_is_valid(client, db, registration):
    registration.qr = "<svg><title>the code</title></svg>"
    db.flush()
    assert registration.qr in client.get(f"/T/{registration.code}").text
    registration.state, registration.cancelled_at, registration.cancelled_by = "cancelled", clock.now(), "self"
    db.flush()
    assert registration.qr not in client.get(f"/T/{registration.code}").text


def test_a_cancelled_ticket_says_so(client, db, registration):
    registration.state, registration.cancelled_at, registration.cancelled_by = "cancelled", clock.now(), "self"
    registration.language = "en"
    db.flush()
    assert "Not valid" in client.get(f"/T/{registration.code}").text


def test_a_ticket_of_a_cancelled_event_says_so(client, db):
    registration = make_registration(db, make_event(db, state="cancelled"), language="en")
    assert "The event is cancelled" in client.get(f"/T/{registration.code}").text


def read(picture: Image.Image) -> str:
    match = zxingcpp.read_barcode(picture)
    assert match
    return match.text


def corner(client, registration):
    with Image.open(BytesIO(client.get(f"/T/{registration.code}.png").data)) as image:
        return image.convert("RGB").getpixel((500, 20))


def test_a_photograph_heads_the_ticket_unless_the_event_is_private(client: FlaskClient, db, registration):
    woven = corner(client, registration)
    registration.event.picture = make_picture(db, colour="#00ff00")
    db.flush()
    red, green, blue = corner(client, registration)
    assert (red < 20, green > 235, blue < 20) == (True, True, True)
    registration.event.private = True
    db.flush()
    assert corner(client, registration) == woven


def test_the_picture_holds_the_code(client: FlaskClient, registration):
    picture = Image.open(BytesIO(client.get(f"/T/{registration.code}.png").data))
    assert read(picture) == links.ticket_code(BASE, registration.code)


def test_the_print_holds_the_code_and_the_name(client: FlaskClient, registration):
    page = pypdfium2.PdfDocument(client.get(f"/T/{registration.code}.pdf").data)[0]
    assert read(page.render(scale=3).to_pil()) == links.ticket_code(BASE, registration.code)
    assert "Ҷаҳонгир" in page.get_textpage().get_text_bounded()


def test_a_ticket_to_one_day_shows_that_day(client, db):
    event = make_days(db)
    registration = make_registration(db, event, ticket_type_id=event.ticket_types[1].id, language="en")
    day = event.sessions[1].starts_local
    assert f"{format_day(day)}, 10:00–16:00" in client.get(f"/T/{registration.code}").text.replace("\u2060", "")
    page = pypdfium2.PdfDocument(client.get(f"/T/{registration.code}.pdf").data)[0]
    assert f"{format_day(day, year=True)}, 10:00–16:00" in page.get_textpage().get_text_bounded().replace("\r\n", " ")


@pytest.mark.parametrize("form", ["", ".png", ".svg", ".pdf"])
def test_a_forged_or_unknown_ticket_is_404(client, db, registration, form):
    code = registration.code
    forged = code[:60] + ("A" if code[60] != "A" else "B") + code[61:]
    for wrong in (forged, "A" * 120, "A", "Ҷ", code + "A"):
        assert client.get(links.ticket(wrong, form)).status_code == 404


def test_a_code_typed_in_small_letters_is_the_same(client, registration):
    assert client.get(f"/T/{registration.code.lower()}").status_code == 200


@pytest.mark.parametrize(
    ("query", "millimetres"), [("", (105, 148)), ("?size=A4", (210, 297)), ("?size=A0", (105, 148))]
)
def test_a_ticket_is_printed_on_a_postcard_or_a_whole_sheet(client, db, query, millimetres):
    registration = make_registration(db)
    page = pypdfium2.PdfDocument(client.get(f"/T/{registration.code}.pdf{query}").data)[0]
    assert tuple(round(points * 25.4 / 72) for points in page.get_size()) == millimetres


def test_a_ticket_is_drawn_as_often_as_a_person_may_want_it_and_another_persons_still_is(committed: Committed) -> None:
    with committed.sessions.begin() as db:
        first, second = (make_registration(db) for _ in range(2))
    client = committed.client(turnout_rate_limits="on", turnout_trusted_proxies=1)
    statuses = [
        client.get(f"/T/{first.code}.svg", headers={"X-Forwarded-For": f"192.0.2.{number}"}).status_code
        for number in range(DRAW_LIMIT.count + 1)
    ]
    assert statuses == [200] * DRAW_LIMIT.count + [429]
    assert client.get(f"/T/{second.code}.svg").status_code == 200
    assert client.get(f"/T/{first.code}").status_code == 200
