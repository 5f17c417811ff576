"""Mailings that begin at their hour: queued once, delivered by the state of that moment."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from shared import clock
from shared.config import Settings
from shared.mailings import audiences, mailings
from shared.models import Account, Event, FailureReason, Mailing, OutboxMessage, Registration
from shared.outbox import outbox
from shared.registrations import self_service
from tests.factories import make_account, make_event, make_registration
from tests.support.email_server import Postbox
from worker.mailer import Mailer
from worker.tasks.mailings import begin_one
from worker.tasks.outbox import deliver

TEXTS = {"subject": {"tg": "Хабар"}, "body": {"tg": "Салом, {ном}."}}


@pytest.fixture
def event(db: Session) -> Event:
    return make_event(db)


@pytest.fixture
def account(db: Session, event: Event) -> Account:
    return make_account(db, organization=event.organization, role="organizer")


@pytest.fixture
def mailing_(db: Session, event: Event, account: Account) -> Mailing:
    return mailings.write(db, event=event, by=account, audience="confirmed", **TEXTS)


def send(db: Session, sessions: sessionmaker[Session], mailing: Mailing, account: Account) -> None:
    mailings.send(db, mailing=mailing, by=account)
    db.commit()
    begin_one(sessions, mailing.id)
    db.expire_all()


def outcomes(db: Session) -> dict[int, str | None]:
    db.expire_all()
    query = select(OutboxMessage.subject, OutboxMessage.outcome).where(OutboxMessage.kind == "mailing")
    return {row.subject: row.outcome for row in db.execute(query)}


def work(sessions: sessionmaker[Session], settings: Settings) -> list[str]:
    with Mailer(settings) as mailer:
        return list(deliver(sessions, settings, mailer, until=clock.now() + timedelta(seconds=30)))


def test_it_begins_at_its_hour_and_only_once(
    db: Session, sessions: sessionmaker[Session], event: Event, mailing_: Mailing, account: Account
):
    person = make_registration(db, event)
    mailings.schedule(db, mailing=mailing_, by=account, due_at=clock.now() + timedelta(hours=1))
    assert list(audiences.due(db, now=clock.now())) == []
    db.commit()
    begin_one(sessions, mailing_.id)
    assert outcomes(db) == {}
    mailings.schedule(db, mailing=mailing_, by=account, due_at=clock.now() - timedelta(seconds=1))
    assert list(audiences.due(db, now=clock.now())) == [mailing_.id]
    db.commit()
    for _ in range(2):
        begin_one(sessions, mailing_.id)
    assert outcomes(db) == {person.id: None}
    assert list(audiences.due(db, now=clock.now())) == []


def test_a_mailing_arrives_in_a_language_it_has_and_can_be_unsubscribed(
    db: Session,
    sessions: sessionmaker[Session],
    event: Event,
    mailing_: Mailing,
    account: Account,
    mailing: Settings,
    postbox: Postbox,
):
    person = make_registration(db, event, language="en", name="Ann")
    send(db, sessions, mailing_, account)
    assert work(sessions, mailing) == ["sent"]
    [message] = postbox.accepted
    assert message["Subject"] == "Хабар"
    assert message["Content-Language"] == "en"
    text = message.get_body(("plain",)).get_content()
    assert "Салом, Ann." in text
    assert "Stop news from" in text
    assert message["List-Unsubscribe"]
    assert outcomes(db) == {person.id: "sent"}


def test_what_changed_since_it_began_is_skipped_with_its_reason(
    db: Session,
    sessions: sessionmaker[Session],
    event: Event,
    mailing_: Mailing,
    account: Account,
    mailing: Settings,
    postbox: Postbox,
):
    gone, refused, moved, stays = (make_registration(db, event) for _ in range(4))
    send(db, sessions, mailing_, account)
    self_service.cancel(db, registration_id=gone.id, by="self")
    mailings.unsubscribe(db, registration=db.get_one(Registration, refused.id))
    db.get_one(Registration, moved.id).state = "waiting"
    db.commit()
    work(sessions, mailing)
    assert outcomes(db) == {
        gone.id: "skipped: cancelled meanwhile",
        refused.id: "skipped: wants no news",
        moved.id: "skipped: not among them any more",
        stays.id: "sent",
    }
    assert stays.email in postbox.recipients


def test_a_ticket_waits_for_at_most_one_email_of_a_mailing(
    db: Session,
    sessions: sessionmaker[Session],
    event: Event,
    mailing_: Mailing,
    account: Account,
    mailing: Settings,
    postbox: Postbox,
):
    people = [make_registration(db, event) for _ in range(5)]
    send(db, sessions, mailing_, account)
    with Mailer(mailing) as mailer:
        rounds = deliver(sessions, mailing, mailer, until=clock.now() + timedelta(seconds=30))
        next(rounds)
        outbox.enqueue(db, "registration_confirmed", subject=people[0].id)
        db.commit()
        next(rounds)
    assert [message["Subject"] == "Хабар" for message in postbox.accepted] == [True, False]


def test_stopping_a_mailing_lets_at_most_the_current_email_go_out(
    db: Session,
    sessions: sessionmaker[Session],
    event: Event,
    mailing_: Mailing,
    account: Account,
    mailing: Settings,
    postbox: Postbox,
):
    for _ in range(3):
        make_registration(db, event)
    send(db, sessions, mailing_, account)
    with sessions.begin() as session:
        in_hand = outbox.claim(session)
    assert in_hand is not None
    assert mailings.stop(db, mailing=mailing_, by=account) == 2
    db.commit()
    assert sorted(filter(None, outcomes(db).values())) == ["skipped: stopped"] * 2
    with sessions.begin() as session:
        outbox.retry(session, in_hand.id, FailureReason.SERVER_TIMEOUT, "late")
    db.get_one(OutboxMessage, in_hand.id).due_at = clock.now() - timedelta(minutes=1)
    db.commit()
    assert work(sessions, mailing) == ["skipped"]
    assert postbox.accepted == []


def test_a_test_goes_to_its_author_and_is_marked_as_one(
    db: Session,
    sessions: sessionmaker[Session],
    event: Event,
    mailing_: Mailing,
    account: Account,
    mailing: Settings,
    postbox: Postbox,
):
    mailings.test(db, mailing=mailing_, by=account, language="tg")
    db.commit()
    assert work(sessions, mailing) == ["sent"]
    [message] = postbox.accepted
    assert message["Subject"].endswith("Хабар")
    assert message["Subject"] != "Хабар"
    assert postbox.recipients == [account.email]
    assert message["List-Unsubscribe"] is None
    assert outcomes(db) == {}


def test_a_test_of_what_was_deleted_is_skipped(
    db: Session,
    sessions: sessionmaker[Session],
    mailing_: Mailing,
    account: Account,
    mailing: Settings,
):
    mailings.test(db, mailing=mailing_, by=account, language="tg")
    mailings.delete(db, mailing=mailing_, by=account)
    db.commit()
    assert work(sessions, mailing) == ["skipped"]
