"""A started mailing: its progress, stopping it, the state of each email, and the people to call."""

from datetime import timedelta
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared import clock
from shared.mailings import mailings
from shared.models import Event, FailureReason, Mailing, OutboxMessage
from tests.conftest import Statements
from tests.factories import make_registration
from tests.support.mailing_form import FIELDS, base
from tests.web.organizer.conftest import Begin


def test_a_started_mailing_is_neither_changed_nor_sent_again(
    organizer: FlaskClient, db: Session, event: Event, begin: Begin
) -> None:
    make_registration(db, event)
    mailing = begin()
    assert organizer.get(f"{base(event, mailing)}edit").status_code == 303
    assert organizer.post(f"{base(event, mailing)}edit", data=FIELDS).status_code == 409
    for name, data in (("send", {}), ("schedule", {"at": "2031-05-05T10:00"}), ("unschedule", {}), ("delete", {})):
        answer = organizer.post(f"{base(event, mailing)}{name}", data=data)
        assert answer.status_code == 409, name
        assert "The mailing has changed in the meantime. This is its current state." in answer.text
    assert len(db.scalars(select(OutboxMessage).where(OutboxMessage.kind == "mailing")).all()) == 1


def settle(db: Session, outcomes: dict[int, dict[str, Any]]) -> None:
    for subject, values in outcomes.items():
        message = db.scalars(
            select(OutboxMessage).where(OutboxMessage.subject == subject, OutboxMessage.kind == "mailing")
        ).one()
        for name, value in values.items():
            setattr(message, name, value)
    db.flush()


def test_progress_counts_every_email_once_with_reasons(
    organizer: FlaskClient, db: Session, event: Event, begin: Begin
) -> None:
    people = [make_registration(db, event) for _ in range(5)]
    mailing, now = begin(), clock.now()
    settle(
        db,
        {
            people[0].id: {"finished_at": now, "outcome": "sent"},
            people[1].id: {"finished_at": now, "outcome": "skipped: wants no news"},
            people[2].id: {"dead_at": now, "outcome": "no such user", "failure": FailureReason.ADDRESS_REFUSED},
            people[3].id: {"outcome": "", "failure": FailureReason.SERVER_TIMEOUT},
        },
    )
    progress = organizer.get(f"{base(event, mailing)}progress.json").get_json()
    assert (progress["promised"], progress["sent"], progress["failed"], progress["open"]) == (5, 1, 1, 2)
    assert progress["skipped"] == {"wants no news": 1}
    html = " ".join(progress["html"].split())
    assert "3 of 5 emails processed, 2 queued." in html
    assert '<progress class="bar" max="5" value="3"' in html
    assert "unsubscribed: 1" in html
    assert "1 could not be sent yet and will be retried" in html
    page = organizer.get(f"{base(event, mailing)}people").text
    assert all(person.name in page for person in people)
    assert "Skipped: unsubscribed" in page
    assert "The email server did not answer in time. Sending will be retried automatically." in page
    failed = organizer.get(f"{base(event, mailing)}people?state=failed").text
    assert people[2].name in failed
    assert people[0].name not in failed
    assert "does not accept this address" in failed


def test_emails_of_a_stopped_mailing_are_skipped_for_good(
    organizer: FlaskClient, db: Session, event: Event, begin: Begin
) -> None:
    emailed, waiting = make_registration(db, event), make_registration(db, event)
    mailing = begin()
    settle(db, {emailed.id: {"finished_at": clock.now(), "outcome": "sent"}})
    assert organizer.post(f"{base(event, mailing)}stop").status_code == 303
    db.expire_all()
    outcomes = dict(
        db.execute(select(OutboxMessage.subject, OutboxMessage.outcome).where(OutboxMessage.kind == "mailing")).all()
    )
    assert outcomes == {emailed.id: "sent", waiting.id: "skipped: stopped"}
    assert organizer.post(f"{base(event, mailing)}stop").status_code == 409
    assert "mailing stopped: 1" in organizer.get(base(event, mailing)).text


def test_people_without_email_are_listed_with_numbers_and_a_text(
    organizer: FlaskClient, db: Session, event: Event, begin: Begin
) -> None:
    mailed, silent = make_registration(db, event), make_registration(db, event, email=None, phone="+992918123456")
    refused = make_registration(db, event, phone="+992918000000")
    mailings.unsubscribe(db, registration=refused)
    bounced = make_registration(db, event, phone="+992918777777", language="ru", name="Мария")
    mailing = begin()
    page = organizer.get(f"{base(event, mailing)}calls").text
    assert 'href="tel:+992918123456"' in page
    assert f"Салом, {silent.name}." in page
    assert f"/tg/e/{event.slug}" in page
    assert mailed.name not in page.replace(silent.name, "")
    assert "+992918000000" not in page
    assert "+992918777777" not in page
    settle(db, {bounced.id: {"dead_at": clock.now(), "outcome": "x", "failure": FailureReason.ADDRESS_REFUSED}})
    page = organizer.get(f"{base(event, mailing)}calls").text
    assert "+992918777777" in page
    assert "Здравствуйте, Мария." in page


def test_long_lists_have_pages(organizer: FlaskClient, db: Session, event: Event, begin: Begin) -> None:
    event.capacity = 60
    for _ in range(52):
        make_registration(db, event)
    mailing = begin()
    for number, count in ((1, 50), (2, 2)):
        page = organizer.get(f"{base(event, mailing)}people?page={number}").text
        assert page.count('<li class="line') == count
        assert "No recipients here." not in page
    for number in range(21):
        db.add(Mailing(event_id=event.id, audience="came", subject={"tg": f"Номаи {number}"}, body={"tg": "Х"}))
    db.flush()
    second = organizer.get(f"{base(event)}?page=2").text
    assert (second.count('<li class="line'), "No mailings yet." in second) == (2, False)
    assert "No recipients here." in organizer.get(f"{base(event, mailing)}people?state=failed").text


def test_a_page_needs_the_same_statements_for_any_number_of_people(
    organizer: FlaskClient, db: Session, event: Event, begin: Begin, statements: Statements
) -> None:
    make_registration(db, event)
    mailing = begin()
    counts: dict[str, list[int]] = {}
    for more in (0, 9):
        for _ in range(more):
            person = make_registration(db, event)
            db.add(OutboxMessage(kind="mailing", subject=person.id, key=str(mailing.id)))
        for path in ("", "people", "calls", "progress.json"):
            db.flush()
            db.expire_all()
            with statements() as executed:
                organizer.get(base(event, mailing) + path)
            counts.setdefault(path, []).append(len(executed))
    assert all(few == many <= 10 for few, many in counts.values()), counts


def test_a_finished_mailing_cannot_be_stopped(organizer: FlaskClient, db: Session, event: Event, begin: Begin) -> None:
    emailed, unreached = make_registration(db, event), make_registration(db, event)
    mailing, now = begin(), clock.now()
    settle(db, {emailed.id: {"finished_at": now, "outcome": "sent"}, unreached.id: {"dead_at": now, "outcome": "x"}})
    answer = organizer.post(f"{base(event, mailing)}stop")
    assert answer.status_code == 409
    assert "There is nothing to stop: the mailing is finished." in answer.text
    assert "Stopped" not in answer.text
    assert "stopped" not in organizer.get(base(event)).text
    db.refresh(mailing)
    assert mailing.stopped_at is None


def test_the_retry_of_an_email_being_sent_can_be_stopped(
    organizer: FlaskClient, db: Session, event: Event, begin: Begin
) -> None:
    last = make_registration(db, event)
    mailing = begin()
    settle(db, {last.id: {"leased_until": clock.now() + timedelta(minutes=2)}})
    assert organizer.post(f"{base(event, mailing)}stop").status_code == 303
    db.refresh(mailing)
    assert mailing.stopped_at is not None


def test_progress_reports_when_the_mailing_has_started_and_when_it_is_done(
    organizer: FlaskClient, db: Session, event: Event, draft: Mailing, begin: Begin
) -> None:
    def stands() -> tuple[str, bool, bool]:
        page = organizer.get(base(event, draft)).text
        progress = organizer.get(f"{base(event, draft)}progress.json").get_json()
        assert f'data-stage="{progress["stage"]}"' in page
        assert ('id="live-state"' in page) is ("js/live.js" in page)
        return progress["stage"], progress["done"], "js/live.js" in page

    person = make_registration(db, event)
    assert stands() == ("ahead", False, False)
    draft.due_at = clock.now() + timedelta(hours=1)
    db.flush()
    assert stands() == ("ahead", False, True)
    begin()
    assert stands() == ("begun", False, True)
    settle(db, {person.id: {"finished_at": clock.now(), "outcome": "sent"}})
    assert stands() == ("begun", True, False)
