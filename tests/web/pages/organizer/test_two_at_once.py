"""Two people at one form: who is slower sees what the other one saved, and loses nothing of what was typed."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from shared import clock
from shared.models import Event, Mailing, OutboxMessage, Question, Registration
from tests.factories import make_registration, make_report
from tests.web.filled import form_in

STALE = "Somebody else saved this part while you were at it."
MOVED = "Somebody else changed it while you looked."


@pytest.fixture
def person(db: Session, event: Event) -> Registration:
    db.add(Question(event_id=event.id, key="child", kind="yes_no", label={"tg": "Кӯдак"}, position=0))
    return make_registration(db, event, name="Мадина", answers={"child": True})


@pytest.fixture
def draft(db: Session, event: Event) -> Mailing:
    make_registration(db, event)
    one = Mailing(event_id=event.id, audience="confirmed", subject={"tg": "Хабар"}, body={"tg": "Салом"})
    db.add(one)
    db.flush()
    return one


def assert_saved_meanwhile(answer: TestResponse, *texts: str) -> None:
    """Each stands under a field, as what somebody else saved."""
    said = [" ".join(one.split("</div>")[0].split()) for one in answer.text.split("Saved by someone else:")[1:]]
    for text in texts:
        assert any(text in one for one in said), text


def test_a_person_whom_two_correct_keeps_what_the_first_one_saved(
    organizer: FlaskClient, db: Session, event: Event, person: Registration
) -> None:
    address = f"/organize/events/{event.id}/people/{person.id}/edit"
    mine = theirs = form_in(organizer.get(address).text, address)
    changed = {**theirs, "name": "Мадина Раҳимова", "language": "ru", "answer.child": "no"}
    assert organizer.post(address, data=changed).status_code == 303
    answer = organizer.post(address, data={**mine, "phone": "93 123 45 67"})
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


def test_a_fault_in_between_hides_nothing_that_somebody_else_saved(
    organizer: FlaskClient, db: Session, event: Event, person: Registration
) -> None:
    address = f"/organize/events/{event.id}/people/{person.id}/edit"
    mine = form_in(organizer.get(address).text, address)
    organizer.post(address, data={**mine, "name": "Мадина Раҳимова"})
    wrong = organizer.post(address, data={**mine, "phone": "1"})
    assert wrong.status_code == 422
    assert organizer.post(address, data={**form_in(wrong.text, address), "phone": "93 123 45 67"}).status_code == 409
    db.refresh(person)
    assert person.name == "Мадина Раҳимова"


def test_what_a_guest_changed_meanwhile_is_not_overwritten(
    organizer: FlaskClient, db: Session, event: Event, person: Registration
) -> None:
    address = f"/organize/events/{event.id}/people/{person.id}/edit"
    mine = form_in(organizer.get(address).text, address)
    person.name = "Мадина аз Хуҷанд"
    db.flush()
    answer = organizer.post(address, data=mine)
    assert answer.status_code == 409
    assert "Мадина аз Хуҷанд" in answer.text


def test_a_mailing_that_two_write_keeps_what_the_first_one_saved(
    organizer: FlaskClient, db: Session, event: Event, draft: Mailing
) -> None:
    address = f"/organize/events/{event.id}/mailings/{draft.id}/edit"
    mine = form_in(organizer.get(address).text, address)
    theirs = {**mine, "subject.ru": "Новость", "body.ru": "Здравствуйте", "audience": "everybody"}
    assert organizer.post(address, data=theirs).status_code == 303
    answer = organizer.post(address, data={**mine, "body.tg": "Салом, дӯстон\r\n\r\nТо дидор"})
    assert answer.status_code == 409
    assert STALE in answer.text
    assert_saved_meanwhile(answer, "Everybody", "Новость", "Здравствуйте", ">Салом<")
    again = form_in(answer.text, address)
    assert again["body.tg"].split() == ["Салом,", "дӯстон", "То", "дидор"]
    db.refresh(draft)
    assert (draft.audience, draft.body) == ("everybody", {"tg": "Салом", "ru": "Здравствуйте"})
    assert organizer.post(address, data=again).status_code == 303


@pytest.mark.parametrize("act", ["send", "schedule", "delete"])
def test_what_a_colleague_wrote_after_the_preview_is_looked_at_before_anything_is_done(
    organizer: FlaskClient, db: Session, event: Event, draft: Mailing, act: str
) -> None:
    base = f"/organize/events/{event.id}/mailings/{draft.id}/"
    at = {"at": f"{clock.now().year + 1}-05-05T10:00"} if act == "schedule" else {}
    seen = {**form_in(organizer.get(base).text, base + act), **at}
    theirs = form_in(organizer.get(f"{base}edit").text, f"{base}edit")
    organizer.post(f"{base}edit", data={**theirs, "subject.tg": "Хабари дигар"})
    answer = organizer.post(base + act, data=seen)
    assert answer.status_code == 409
    assert MOVED in answer.text
    assert "Хабари дигар" in answer.text
    again = form_in(answer.text, base + act)
    assert again.get("at") == at.get("at")
    db.expire_all()
    assert db.get_one(Mailing, draft.id).due_at is None
    assert organizer.post(base + act, data=again).status_code == 303
    assert db.scalars(select(OutboxMessage)).all() == []


def test_a_headcount_that_two_write_down_keeps_what_the_first_one_saved(
    organizer: FlaskClient, db: Session, event: Event
) -> None:
    event.ends_at = clock.now() - timedelta(minutes=5)
    make_report(db, event)
    address = f"/organize/events/{event.id}/report"
    mine = form_in(organizer.get(address).text, address)
    assert organizer.post(address, data={**mine, "headcount": "22", "note": "Two doors"}).status_code == 303
    answer = organizer.post(address, data={**mine, "headcount": "25"})
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
