"""The share kit: texts, pictures, posters, and short links that are counted."""

import io
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared import clock
from shared.models import Audit, Channel, Event, Partner, Registration, Speaker
from tests.conftest import Statements
from tests.factories import close_event, make_event, make_registration
from tests.support.organizer_pages import channel
from tests.support.pdf_text import words_of
from web.organizer.share.views import announcement

FORM = {"name": "Ann", "email": "ann@example.org"}


@pytest.fixture
def event(db: Session) -> Event:
    """An upcoming event."""
    return make_event(db, summary={"en": "Seven talks."}, venue={"en": "National Library"})


def test_a_text_is_plain_lines_with_the_link_last(organizer: FlaskClient, app: Flask, event: Event) -> None:
    with app.app_context():
        lines = announcement(event, "ru", None).text.splitlines()
    assert lines[:2] == ["Вечер выступлений", "Seven talks."]
    assert lines[-1].endswith(f"http://127.0.0.1:8000/ru/e/{event.slug}")
    assert "National Library" in lines


def test_a_text_invites_only_while_registration_is_possible(app: Flask, db: Session, event: Event) -> None:
    def last() -> str:
        db.flush()
        with app.app_context():
            return announcement(event, "en", None).text.splitlines()[-1]

    link = f"http://127.0.0.1:8000/en/e/{event.slug}"
    assert last() == f"Register: {link}"
    event.opens_at = clock.now() + timedelta(days=1)
    assert last() == f"Register: {link}"
    event.opens_at, event.closes_at = None, clock.now()
    assert last() == link
    event.closes_at = None
    for why in ("draft", "cancelled", "published", "doors_closed", "over"):
        close_event(db, event, why)
        assert last() == (f"Register: {link}" if why in {"draft", "published"} else link)


def test_a_private_event_shares_no_topic(app: Flask, db: Session, client: FlaskClient) -> None:
    event = make_event(db, private=True, venue={"en": "National Library"}, summary={"en": "The topic"})
    with app.app_context():
        text = announcement(event, "en", None).text
    assert text.startswith("Peshraft\n")
    assert not {"An evening", "The topic", "National Library"} & set(text.splitlines())


def test_a_short_link_leads_to_the_event_and_counts_registrations(
    organizer: FlaskClient, db: Session, event: Event
) -> None:
    link = channel(organizer, db, event)
    answer = organizer.get(f"/l/{link.code.upper()}", headers={"Accept-Language": "ru"})
    assert (answer.status_code, answer.location) == (303, f"/ru/e/{event.slug}?source={link.code}")
    page = organizer.get(answer.location).text
    assert f'<input type="hidden" name="source" value="{link.code}">' in page
    assert f"/tg/e/{event.slug}?source={link.code}" in page
    form = {**FORM, "source": link.code, "companion.1.name": "Bob"}
    assert organizer.post(f"/ru/e/{event.slug}/registrations", data=form).status_code == 303
    assert "Telegram · 1 registration<" in organizer.get(f"/organize/events/{event.id}/share/").text


def test_a_guest_has_the_source_of_the_host(organizer: FlaskClient, db: Session, event: Event) -> None:
    link, pages = channel(organizer, db, event), f"/organize/events/{event.id}"
    form = {**FORM, "source": link.code, "companion.1.name": "Bob"}
    assert organizer.post(f"/en/e/{event.slug}/registrations", data=form).status_code == 303
    assert ">Bob<" in organizer.get(f"{pages}/people/?source={link.code}").text
    assert "<dt>Telegram</dt><dd>2</dd>" in organizer.get(f"{pages}/sign-ups").text


def test_a_link_is_renamed_with_its_registrations(organizer: FlaskClient, db: Session, event: Event) -> None:
    link, share = channel(organizer, db, event), f"/organize/events/{event.id}/share/"
    make_registration(db, event, name="Ann", source=link.code)
    answer = organizer.post(f"{share}{link.id}/rename", data={"name": "Our Telegram"}, follow_redirects=True)
    assert "Link renamed, including for everyone who registered through it." in answer.text
    assert "Our Telegram · 1 registration" in answer.text
    people = organizer.get(f"/organize/events/{event.id}/people/?columns=1&column=source&source={link.code}").text
    assert f'<option value="{link.code}" selected>Our Telegram</option>' in people
    assert '<td class="word">Our Telegram</td>' in people
    person = db.scalars(select(Registration.id)).one()
    assert "<dd>Our Telegram</dd>" in organizer.get(f"/organize/events/{event.id}/people/{person}/").text
    export = {"format": "csv"}
    with organizer.post(f"/organize/events/{event.id}/people/export", data=export) as file:
        assert ",Our Telegram," in file.get_data(as_text=True)
    assert organizer.get(f"/l/{link.code}").status_code == 303


def test_an_invalid_name_of_a_link_is_refused_at_its_field(organizer: FlaskClient, db: Session, event: Event) -> None:
    link, share = channel(organizer, db, event), f"/organize/events/{event.id}/share/"
    channel(organizer, db, event, "Poster")
    for name, sentence in (
        ("POSTER", "A link with this name already exists. Choose another name."),
        (" ", "Fill in this field"),
        ("x" * 61, "too long"),
    ):
        answer = organizer.post(f"{share}{link.id}/rename", data={"name": name})
        assert answer.status_code == 422
        assert f'id="channel-{link.id}-name-error"' in answer.text
        assert sentence in answer.text
    db.refresh(link)
    assert link.name == "Telegram"


def test_a_link_is_deleted_only_without_registrations(organizer: FlaskClient, db: Session, event: Event) -> None:
    link, share = channel(organizer, db, event), f"/organize/events/{event.id}/share/"
    assert f"{link.id}/remove" in organizer.get(share).text
    registration = make_registration(db, event, source=link.code)
    assert f"{link.id}/remove" not in organizer.get(share).text
    answer = organizer.post(f"{share}{link.id}/remove")
    assert answer.status_code == 409
    assert "Rename it instead." in answer.text
    registration.source = None
    db.flush()
    answer = organizer.post(f"{share}{link.id}/remove", follow_redirects=True)
    assert "The link is deleted" in answer.text
    assert organizer.get(f"/l/{link.code}").status_code == 404
    assert organizer.get(f"/en/e/{event.slug}?source={link.code}").status_code == 200


@pytest.mark.parametrize("act", ["rename", "remove"])
def test_a_link_of_another_event_is_not_changed(organizer: FlaskClient, db: Session, event: Event, act: str) -> None:
    foreign = Channel(event_id=make_event(db).id, code="foreign", name="Theirs")
    db.add(foreign)
    db.flush()
    answer = organizer.post(f"/organize/events/{event.id}/share/{foreign.id}/{act}", data={"name": "Mine"})
    assert answer.status_code == 404
    db.refresh(foreign)
    assert foreign.name == "Theirs"


@pytest.mark.parametrize("source", ["nothing", "x" * 500, "\0", "<b>"])
def test_a_source_of_another_event_is_ignored(organizer: FlaskClient, db: Session, event: Event, source: str) -> None:
    assert organizer.get(f"/ru/e/{event.slug}", query_string={"source": source}).status_code == 200
    form = {**FORM, "source": source}
    assert organizer.post(f"/ru/e/{event.slug}/registrations", data=form).status_code == 303
    assert db.scalars(select(Registration.source)).one() is None


def test_a_link_of_a_draft_or_an_unknown_link_is_not_found(organizer: FlaskClient, db: Session, event: Event) -> None:
    link = channel(organizer, db, event)
    event.state = "draft"
    db.flush()
    assert organizer.get(f"/l/{link.code}").status_code == 404
    assert organizer.get("/l/zzzzzz").status_code == 404


def test_a_duplicate_name_is_refused_at_its_field(organizer: FlaskClient, db: Session, event: Event) -> None:
    channel(organizer, db, event)
    for name, sentence in (
        ("telegram", "A link with this name already exists. Choose another name."),
        (" ", "Fill in this field"),
        ("x" * 61, "too long"),
    ):
        answer = organizer.post(f"/organize/events/{event.id}/share/", data={"name": name})
        assert answer.status_code == 422
        assert sentence in answer.text
    assert [act.action for act in db.scalars(select(Audit))] == ["channel.added"]


def test_the_page_needs_the_same_statements_for_any_number_of_links(
    organizer: FlaskClient, db: Session, event: Event, statements: Statements
) -> None:
    for number in range(20):
        link = Channel(event_id=event.id, code=f"code{number}", name=f"Place {number}")
        db.add(link)
        make_registration(db, event, source=link.code)
    db.flush()
    db.expire_all()
    with statements() as executed:
        assert organizer.get(f"/organize/events/{event.id}/share/").status_code == 200
    assert len(executed) <= 10, "\n".join(executed)


@pytest.mark.parametrize(("shape", "size"), [("wide", (1200, 630)), ("square", (1080, 1080))])
def test_a_draft_has_pictures_too(
    organizer: FlaskClient, db: Session, event: Event, shape: str, size: tuple[int, int]
) -> None:
    event.state = "draft"
    db.flush()
    answer = organizer.get(f"/organize/events/{event.id}/share/{shape}-tg.png")
    with Image.open(io.BytesIO(answer.data)) as image:
        assert image.size == size
    assert organizer.get(f"/organize/events/{event.id}/share/round-tg.png").status_code == 404


def test_a_poster_has_the_short_link(organizer: FlaskClient, db: Session, event: Event) -> None:
    link = channel(organizer, db, event, "Афиша")
    answer = organizer.get(f"/organize/events/{event.id}/share/{link.id}/poster-ru.pdf")
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    assert answer.data.startswith(b"%PDF")
    foreign_link = channel(organizer, db, make_event(db, organization=event.organization), "Другая")
    assert organizer.get(f"/organize/events/{event.id}/share/{foreign_link.id}/poster-ru.pdf").status_code == 404


def test_a_poster_names_the_speakers_unless_the_event_is_private(
    organizer: FlaskClient, db: Session, event: Event
) -> None:
    link = channel(organizer, db, event, "Афиша")
    event.speakers = [Speaker(name={"en": "Zarina"}), Speaker(name={"en": "Farrukh"}, sample=True)]
    event.partners = [Partner(name={"en": "National Library"})]
    db.flush()
    sentences = ("Seven talks.", "Speakers: Zarina, Farrukh (sample)", "Partners: National Library")
    for is_private in (False, True):
        event.private = is_private
        db.flush()
        poster = words_of(organizer.get(f"/organize/events/{event.id}/share/{link.id}/poster-en.pdf").data)
        assert [sentence in poster for sentence in sentences] == [not is_private] * 3


def test_a_poster_invites_only_while_registration_is_possible(
    organizer: FlaskClient, db: Session, event: Event
) -> None:
    link = channel(organizer, db, event, "Афиша")

    def called() -> list[bool]:
        poster = words_of(organizer.get(f"/organize/events/{event.id}/share/{link.id}/poster-en.pdf").data)
        return [words in poster for words in ("Scan to register", "Scan to read more")]

    assert called() == [True, False]
    close_event(db, event, "over")
    assert called() == [False, True]
