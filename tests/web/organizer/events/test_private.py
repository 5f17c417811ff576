"""The address of a private event: no word of the topic in it, or advice about the words."""

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.events.slugs import is_wordless
from shared.models import Audit, Event
from tests.factories import make_event
from tests.support.editor import form_of

TELLING = "words in its address may reveal the topic"
STAYS = "Words in the address may reveal the topic, and people already have the address"


@pytest.fixture
def event(db: Session) -> Event:
    """A draft with a confidential title."""
    title = {"tg": "Суҳбати пӯшида", "en": "Violence at home"}
    return make_event(db, state="draft", slug="suhbati-pushida", title=title)


def save(organizer: FlaskClient, event: Event, **changes: str) -> Any:
    """Save the registration section; return the page after it."""
    form = {name: value for name, value in form_of(event, "registration", **changes).items() if value}
    return organizer.post(f"/organize/events/{event.id}/edit/registration", data=form, follow_redirects=True)


def overview(organizer: FlaskClient, event: Event) -> str:
    return organizer.get(f"/organize/events/{event.id}/edit/").text


def test_a_draft_that_becomes_private_loses_the_words_of_its_address(
    organizer: FlaskClient, db: Session, event: Event
) -> None:
    page = save(organizer, event, private="1").text
    db.refresh(event)
    assert is_wordless(event.slug)
    assert "The address of the event no longer contains words" in page
    assert TELLING not in overview(organizer, event)
    act = db.scalars(select(Audit).where(Audit.action == "event.edited")).one()
    assert "slug" in act.details["fields"]


def test_an_address_that_is_chosen_for_a_private_draft_stays(organizer: FlaskClient, db: Session, event: Event) -> None:
    save(organizer, event, private="1")
    organizer.post(f"/organize/events/{event.id}/edit/address", data={"slug": "circle-27"})
    db.refresh(event)
    save(organizer, event, capacity="12")
    db.refresh(event)
    assert (event.slug, event.capacity) == ("circle-27", 12)


def test_a_private_draft_is_offered_an_address_without_words(organizer: FlaskClient, db: Session, event: Event) -> None:
    event.private = True
    db.flush()
    page = overview(organizer, event)
    assert f'/edit/#address-slug">The event is private, and {TELLING}' in page
    assert 'id="address-slug"' in page
    assert 'name="wordless"' in page
    form = {"slug": "suhbati-pushida", "wordless": ""}
    assert organizer.post(f"/organize/events/{event.id}/edit/address", data=form).status_code == 303
    db.refresh(event)
    assert is_wordless(event.slug)
    page = overview(organizer, event)
    assert TELLING not in page
    assert 'name="wordless"' not in page


def test_a_published_event_keeps_the_address_that_people_have_and_says_so(
    organizer: FlaskClient, db: Session, event: Event
) -> None:
    event.state = "published"
    db.flush()
    page = save(organizer, event, private="1").text
    db.refresh(event)
    assert event.slug == "suhbati-pushida"
    assert "The words in the page address have not changed" in page
    assert f'/edit/copy">{STAYS}' in overview(organizer, event)


def test_a_public_event_has_no_advice_about_its_address(organizer: FlaskClient, event: Event) -> None:
    page = overview(organizer, event)
    assert TELLING not in page
    assert 'name="wordless"' not in page


def test_a_copy_of_a_private_event_is_proposed_an_address_without_words(
    organizer: FlaskClient, db: Session, event: Event
) -> None:
    event.private, event.state = True, "published"
    db.flush()
    page = organizer.get(f"/organize/events/{event.id}/edit/copy").text
    field = page[page.index('id="copy-slug"') :]
    assert is_wordless(field.split('value="')[1].split('"')[0])
