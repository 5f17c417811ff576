"""Two people at the same form: the slower one sees what the other saved, and does not lose what they typed."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from shared import clock
from shared.models import Event, Mailing, OutboxMessage, Question, Registration
from tests.factories import make_registration, make_report
from tests.support.form_filling import form_in

STALE = "Someone else saved changes here while you were editing."
CHANGED = "Someone else has changed this mailing."


@pytest.fixture
def person(db: Session, event: Event) -> Registration:
    db.add(Question(event_id=event.id, key="child", kind="yes_no", label={"tg": "Кӯдак"}, position=0))
    return make_registration(db, event, name="Мадина", answers={"child": True})


@pytest.fixture
def draft(db: Session, event: Event) -> Mailing:
    make_registration(db, event)
    mailing = Mailing(event_id=event.id, audience="confirmed", subject={"tg": "Хабар"}, body={"tg": "Салом"})
    db.add(mailing)
    db.flush()
    return mailing


def assert_saved_meanwhile(answer: TestResponse, *texts: str) -> None:
    """Check that each text is under a field, as saved by another organizer."""
    parts = answer.text.split("Saved by someone else:")[1:]
    saved = [" ".join(part.split("</div>")[0].split()) for part in parts]
    for text in texts:
        assert any(text in each for each in saved), text


def test_of_two_edits_of_a_registration_the_first_is_not_overwritten(
    organizer: FlaskClient, db: Session, event: Event, person: Registration
) -> None:
    address = f"/organize/events/{event.id}/people/{person.id}/edit"
    form = form_in(organizer.get(address).text, address)
    changed = {**form, "name": "Мадина Раҳимова", "language": "ru", "answer.child": "no"}
    assert organizer.post(address, data=changed).status_code == 303
    answer = organizer.post(address, data={**form, "phone": "93 123 45 67"})
    assert answer.status_code == 409
    assert STALE in answer.text
    assert_saved_meanwhile(answer, "Мадина Раҳимова", "Русский", "No")
    again = form_in(answer.text, address)
    assert (again["name"], again["phone"]) == ("Мадина", "93 123 45 67")
    db.refresh(person)
    assert (person.name, person.phone) == ("Мадина Раҳимова", None)
    assert organizer.post(address, data={**again, "name": "Мадина Раҳимова"}).status_code == 303
    db.refresh(person)
    assert (person.name, person.phone) == ("Мадина Раҳимова", "+992931234567")


def test_an_error_in_between_hides_nothing_that_another_organizer_saved(
    organizer: FlaskClient, db: Session, event: Event, person: Registration
) -> None:
    address = f"/organize/events/{event.id}/people/{person.id}/edit"
    form = form_in(organizer.get(address).text, address)
    organizer.post(address, data={**form, "name": "Мадина Раҳимова"})
    invalid = organizer.post(address, data={**form, "phone": "1"})
    assert invalid.status_code == 422
    assert organizer.post(address, data={**form_in(invalid.text, address), "phone": "93 123 45 67"}).status_code == 409
    db.refresh(person)
    assert person.name == "Мадина Раҳимова"


def test_a_change_by_the_attendee_meanwhile_is_not_overwritten(
    organizer: FlaskClient, db: Session, event: Event, person: Registration
) -> None:
    address = f"/organize/events/{event.id}/people/{person.id}/edit"
    form = form_in(organizer.get(address).text, address)
    person.name = "Мадина аз Хуҷанд"
    db.flush()
    answer = organizer.post(address, data=form)
    assert answer.status_code == 409
    assert "Мадина аз Хуҷанд" in answer.text


def test_of_two_edits_of_a_mailing_the_first_is_not_overwritten(
    organizer: FlaskClient, db: Session, event: Event, draft: Mailing
) -> None:
    address = f"/organize/events/{event.id}/mailings/{draft.id}/edit"
    form = form_in(organizer.get(address).text, address)
    theirs = {**form, "subject.ru": "Новость", "body.ru": "Здравствуйте", "audience": "everybody"}
    assert organizer.post(address, data=theirs).status_code == 303
    answer = organizer.post(address, data={**form, "body.tg": "Салом, дӯстон\r\n\r\nТо дидор"})
    assert answer.status_code == 409
    assert STALE in answer.text
    assert_saved_meanwhile(answer, "Everyone", "Новость", "Здравствуйте", ">Салом<")
    again = form_in(answer.text, address)
    assert again["body.tg"].split() == ["Салом,", "дӯстон", "То", "дидор"]
    db.refresh(draft)
    assert (draft.audience, draft.body) == ("everybody", {"tg": "Салом", "ru": "Здравствуйте"})
    assert organizer.post(address, data=again).status_code == 303


@pytest.mark.parametrize("act", ["send", "schedule", "delete"])
def test_a_mailing_edited_after_its_preview_is_shown_again_before_any_action(
    organizer: FlaskClient, db: Session, event: Event, draft: Mailing, act: str
) -> None:
    base = f"/organize/events/{event.id}/mailings/{draft.id}/"
    at = {"at": f"{clock.now().year + 1}-05-05T10:00"} if act == "schedule" else {}
    form = {**form_in(organizer.get(base).text, base + act), **at}
    draft_form = form_in(organizer.get(f"{base}edit").text, f"{base}edit")
    organizer.post(f"{base}edit", data={**draft_form, "subject.tg": "Хабари дигар"})
    answer = organizer.post(base + act, data=form)
    assert answer.status_code == 409
    assert CHANGED in answer.text
    assert "Хабари дигар" in answer.text
    again = form_in(answer.text, base + act)
    assert again.get("at") == at.get("at")
    db.expire_all()
    assert db.get_one(Mailing, draft.id).due_at is None
    assert organizer.post(base + act, data=again).status_code == 303
    assert db.scalars(select(OutboxMessage)).all() == []


def test_of_two_headcounts_the_first_is_not_overwritten(organizer: FlaskClient, db: Session, event: Event) -> None:
    event.ends_at = clock.now() - timedelta(minutes=5)
    make_report(db, event)
    address = f"/organize/events/{event.id}/report"
    form = form_in(organizer.get(address).text, address)
    assert organizer.post(address, data={**form, "headcount": "22", "note": "Two doors"}).status_code == 303
    answer = organizer.post(address, data={**form, "headcount": "25"})
    assert answer.status_code == 409
    assert STALE in answer.text
    assert answer.text.count("Saved by someone else:") == 2
    assert "Two doors" in answer.text.split("Saved by someone else:")[2]
    db.refresh(event)
    assert event.headcount == 22
    again = form_in(answer.text, address)
    assert again["headcount"] == "25"
    assert organizer.post(address, data={**again, "note": "Two doors"}).status_code == 303
    db.refresh(event)
    assert event.headcount == 25
