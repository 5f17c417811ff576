"""The system status: failed and queued emails with reasons, and components; each organizer sees only their own."""

from datetime import timedelta
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared import clock
from shared.models import Account, Audit, Event, FailureReason, Heartbeat, Invitation, Mailing, OutboxMessage
from shared.outbox import system_status
from tests.conftest import Statements
from tests.factories import make_account, make_event, make_organization, make_registration, make_sign_in

REFUSED = "{'a@example.org': (550, b'5.1.1 no such user')}"


def failed(db: Session, event: Event, *, given_up: bool = True, name: str = "Бахром", **more: object) -> OutboxMessage:
    """Return the email of a ticket that could not be sent."""
    person = make_registration(db, event, name=name)
    stuck = {"dead_at": clock.now()} if given_up else {"due_at": clock.now() + timedelta(minutes=5)}
    values = {"kind": "registration_confirmed", "subject": person.id, "attempts": 3, **stuck}
    values |= {"outcome": REFUSED, "failure": FailureReason.ADDRESS_REFUSED}
    message = OutboxMessage(**{**values, **more})
    db.add(message)
    db.flush()
    return message


def add_heartbeats(db: Session, **ago: float) -> None:
    for component, seconds in ago.items():
        db.add(Heartbeat(part=component, at=clock.now() - timedelta(seconds=seconds)))
    db.flush()


def test_a_stopped_component_is_reported(organizer: FlaskClient, db: Session) -> None:
    page = organizer.get("/organize/health").text
    assert "The email service has never run, so emails are waiting. Contact the Turnout administrator." in page
    add_heartbeats(db, worker=200, scheduler=5)
    page = organizer.get("/organize/health").text
    assert "The email service last ran 3 minutes ago, so emails are waiting. Contact the Turnout administrator." in page
    assert "The scheduler, which starts scheduled tasks, is running." in page


def test_a_heartbeat_is_written_at_most_every_ten_seconds(db: Session) -> None:
    def at(component: str) -> object:
        return db.scalars(select(Heartbeat.at).where(Heartbeat.part == component)).one()

    add_heartbeats(db, worker=3, scheduler=30)
    before = {component: at(component) for component in ("worker", "scheduler")}
    for component in before:
        system_status.record_heartbeat(db, component)
    db.expire_all()
    assert at("worker") == before["worker"]
    assert at("scheduler") > before["scheduler"]  # type: ignore[operator]  # both are moments


def test_readyz_has_the_age_of_each_heartbeat(client: FlaskClient, db: Session) -> None:
    add_heartbeats(db, worker=30)
    ages = client.get("/readyz").get_json()["database"]["seen"]
    assert 29 < ages["worker_seconds_ago"] < 60
    assert ages["scheduler_seconds_ago"] is None


def test_a_failed_email_is_shown_with_its_reason_and_the_servers_answer(
    organizer: FlaskClient, db: Session, event: Event
) -> None:
    failed(db, event)
    failed(db, event, given_up=False, name="Мадина", outcome="timed out", failure=FailureReason.SERVER_TIMEOUT)
    page = organizer.get("/organize/health").text
    assert "Ticket: Бахром" in page
    assert "No failed emails." not in page
    assert "The email server does not accept this address. Ask the person for another one." in page
    assert "5.1.1 no such user" in page
    assert "Tried 3 times." in page
    assert "Ticket: Мадина" in page
    assert "The email server did not answer in time. Sending will be retried automatically." in page
    assert "1 email could not be sent yet. Attempts continue for about two days after the first one." in page
    overview = organizer.get(f"/organize/events/{event.id}/").text
    assert "1 email could not be sent." in overview


def test_queued_emails_are_counted_with_their_age(organizer: FlaskClient, db: Session, event: Event) -> None:
    assert "No emails are queued." in organizer.get("/organize/health").text
    for minutes in (1, 7):
        person = make_registration(db, event)
        db.add(OutboxMessage(kind="ticket_again", subject=person.id, due_at=clock.now() - timedelta(minutes=minutes)))
    db.flush()
    assert "2 emails are queued. The oldest was due 7 minutes ago." in organizer.get("/organize/health").text


@pytest.mark.parametrize("given_up", [True, False])
def test_one_email_is_resent_and_is_in_the_audit(
    organizer: FlaskClient, db: Session, event: Event, given_up: bool
) -> None:
    resent, untouched = failed(db, event, given_up=given_up), failed(db, event)
    answer = organizer.post("/organize/health/again", data={"promise": str(resent.id)})
    assert answer.headers["Location"] == "/organize/health?again=1"
    db.expire_all()
    assert (resent.dead_at, resent.attempts, resent.outcome) == (None, 0, None)
    assert resent.due_at <= clock.now()
    assert untouched.dead_at is not None
    [act] = db.scalars(select(Audit).where(Audit.action == "email.resent"))
    assert (act.organization_id, act.details) == (event.organization_id, {"mails": 1})
    assert "1 email is queued again." in organizer.get("/organize/health?again=1").text


def test_all_failed_emails_are_resent_and_no_sent_one(organizer: FlaskClient, db: Session, event: Event) -> None:
    failures = [failed(db, event), failed(db, event, given_up=False)]
    sent_message = failed(db, event, dead_at=None, finished_at=clock.now(), outcome="sent")
    organizer.post("/organize/health/again")
    db.expire_all()
    assert [message.outcome for message in failures] == [None, None]
    assert sent_message.outcome == "sent"
    assert "There are no emails to resend." in organizer.get("/organize/health?again=0").text


ALL_AGAIN = "Resend all"


def test_an_empty_list_has_no_resend_button(organizer: FlaskClient, db: Session, event: Event) -> None:
    assert ALL_AGAIN not in organizer.get("/organize/health").text
    failed(db, event, given_up=False)
    page = organizer.get("/organize/health").text
    assert page.count(ALL_AGAIN) == 1
    assert page.index("No failed emails.") < page.index("Emails being retried") < page.index(ALL_AGAIN)
    failed(db, event)
    page = organizer.get("/organize/health").text
    assert page.count(ALL_AGAIN) == 1
    assert page.index(ALL_AGAIN) < page.index("Emails being retried")


def test_each_organization_sees_and_resends_only_its_own(organizer: FlaskClient, db: Session) -> None:
    foreign_event = make_event(db)
    foreign_message = failed(db, foreign_event, name="Чужая")
    invitation = Invitation(
        organization_id=foreign_event.organization_id, email="x@example.org", role="viewer", expires_at=clock.now()
    )
    mailing = Mailing(event_id=foreign_event.id, audience="came", subject={"tg": "Х"}, body={"tg": "Х"})
    db.add_all([invitation, mailing])
    db.flush()
    for kind, subject in (("invitation", invitation.id), ("mailing_test", mailing.id), ("sign_in_link", 1)):
        db.add(OutboxMessage(kind=kind, subject=subject, key="1", dead_at=clock.now(), outcome=REFUSED))
    db.flush()
    page = organizer.get("/organize/health").text
    assert "No failed emails." in page
    assert "Чужая" not in page
    for number in (str(foreign_message.id), str(uuid4()), "nonsense"):
        assert organizer.post("/organize/health/again", data={"promise": number}).status_code == 404
    organizer.post("/organize/health/again")
    db.expire_all()
    assert foreign_message.dead_at is not None


def test_invitations_and_tests_are_shown_to_their_organization(
    organizer: FlaskClient, db: Session, event: Event
) -> None:
    invited = Invitation(
        organization_id=event.organization_id, email="x@example.org", role="viewer", expires_at=clock.now()
    )
    draft = Mailing(event_id=event.id, audience="came", subject={"tg": "Х"}, body={"tg": "Х"})
    db.add_all([invited, draft])
    db.flush()
    for kind, subject in (("invitation", invited.id), ("mailing_test", draft.id)):
        db.add(OutboxMessage(kind=kind, subject=subject, key="1", dead_at=clock.now(), outcome=REFUSED))
    db.flush()
    page = organizer.get("/organize/health").text
    assert "Invitation" in page
    assert "x@example.org" in page
    assert "Test email" in page


def test_a_viewer_sees_components_and_no_names(client: FlaskClient, db: Session, event: Event) -> None:
    stuck = failed(db, event)
    viewer = make_account(db, organization=event.organization, role="viewer")
    client.set_cookie("sign_in", make_sign_in(db, viewer))
    page = client.get("/organize/health").text
    assert "The email service has never run" in page
    assert "Бахром" not in page
    assert client.post("/organize/health/again", data={"promise": str(stuck.id)}).status_code == 404


def test_an_organizer_of_two_sees_both(client: FlaskClient, db: Session, event: Event, account: Account) -> None:
    organization = make_organization(db)
    both = make_account(db, organization=organization, role="owner")
    failed(db, make_event(db, organization=organization), name="Зарина")
    client.set_cookie("sign_in", make_sign_in(db, both))
    assert "Зарина" in client.get("/organize/health").text
    assert account.id != both.id


def test_the_page_has_pages_and_needs_the_same_statements_for_any_number_of_failures(
    organizer: FlaskClient, db: Session, event: Event, statements: Statements
) -> None:
    event.capacity = 100
    counts = []
    for more in (1, 52):
        for _ in range(more):
            failed(db, event)
        db.expire_all()
        with statements() as counted:
            page = organizer.get("/organize/health").text
        counts.append(len(counted))
    assert counts[0] == counts[1] <= 8, "\n".join(counted)
    assert 'href="?page=2"' in page
    assert organizer.get("/organize/health?page=2").text.count('id="mail-') == 3


def test_emails_delayed_by_the_limit_of_their_address_are_counted_and_no_problem(
    organizer: FlaskClient, db: Session, event: Event
) -> None:
    failed(db, event, dead_at=None, outcome=None, attempts=0, due_at=clock.now() + timedelta(minutes=9))
    page = organizer.get("/organize/health").text
    assert (
        "1 email is waiting because many were sent to its address in a short time. It will be sent automatically."
        in page
    )
    assert "No emails are queued." not in page
    assert "was due" not in page
    assert "will be retried" not in page
