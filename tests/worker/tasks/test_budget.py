"""The emails that strangers can cause to one address, through the real web application and a real worker's tick."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select, text

from shared import clock
from shared.accounts import sign_ins
from shared.models import EmailBudget, Mailing, OutboxMessage, Registration
from shared.outbox import outbox
from shared.outbox.budgets import BURST, GAP
from shared.registrations import organizer_registrations, seat_holds, self_service
from shared.registrations.new_registration import NewRegistration
from shared.registrations.organizer_registrations import Person
from tests.conftest import Committed
from tests.factories import make_account, make_event, make_registration
from tests.support.email_server import Postbox
from tests.support.registration_form import send
from worker import emails
from worker.email_message import Email
from worker.mailer import Mailer
from worker.tasks.outbox import deliver

Ticking = Callable[[], Counter[str]]
VICTIM = "victim@example.org"


@pytest.fixture
def tick(committed: Committed, postbox: Postbox) -> Ticking:
    """Run one tick of a worker with limits."""
    limited = committed.settings.model_copy(update={"smtp_url": postbox.url, "turnout_rate_limits": "on"})

    def tick() -> Counter[str]:
        with Mailer(limited) as mailer:
            return Counter(deliver(committed.sessions, limited, mailer, until=clock.now() + timedelta(seconds=60)))

    return tick


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make emails without pictures and papers, of which this module says nothing: a tenth of the time."""

    def compose(kind: str, _about: Registration, host: Registration, *_: object, **__: object) -> Email:
        return Email(to=host.email or "", name=host.name, sender="", language="en", subject=kind, text="", html="")

    monkeypatch.setattr(emails, "compose", compose)


def pass_time(committed: Committed, by: timedelta) -> None:
    """Let the outbox and the budgets be so much older."""
    with committed.sessions.begin() as db:
        db.execute(text("UPDATE outbox SET due_at = due_at - :by"), {"by": by})
        db.execute(text("UPDATE email_budget SET full_at = full_at - :by"), {"by": by})


def make_slugs(committed: Committed, count: int = 1, **overrides: object) -> list[str]:
    with committed.sessions.begin() as db:
        return [make_event(db, **overrides).slug for _ in range(count)]


def sign_up(committed: Committed, slug: str, email: str = VICTIM, name: str = "Манижа") -> int:
    with committed.sessions.begin() as db:
        asked = NewRegistration(name=name, language="en", email=email)
        return self_service.register(db, slug=slug, new_registration=asked).registration.id


def cancel(committed: Committed, registration_id: int) -> None:
    with committed.sessions.begin() as db:
        self_service.cancel(db, registration_id=registration_id, by="self")


def sign_up_and_cancel(client: FlaskClient, slug: str) -> None:
    own = send(client, slug=slug, email=VICTIM).location
    assert client.post(f"{own}/cancel").status_code == 303


def text_of(message: EmailMessage) -> str:
    body = message.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def test_forty_cycles_make_a_burst_and_the_last_email_is_true(
    committed: Committed, tick: Ticking, postbox: Postbox
) -> None:
    [slug] = make_slugs(committed)
    browser = committed.client()
    for _ in range(40):
        sign_up_and_cancel(browser, slug)
        tick()
    assert len(postbox.accepted) == BURST
    own = send(browser, slug=slug, email=VICTIM).location
    tick()
    assert len(postbox.accepted) == BURST
    for _ in range(2):
        pass_time(committed, GAP + timedelta(seconds=2))
        tick()
    assert len(postbox.accepted) == BURST + 1
    assert own in text_of(postbox.accepted[-1])
    with committed.sessions() as db:
        assert db.scalar(select(func.count()).where(OutboxMessage.finished_at.is_(None))) == 0


@pytest.mark.usefixtures("bare")
def test_two_hundred_strangers_are_not_delayed(committed: Committed, tick: Ticking) -> None:
    with committed.sessions.begin() as db:
        event = make_event(db)
        guests = [make_registration(db, event, state="waiting", waited_at=clock.now()) for _ in range(200)]
        outbox.enqueue_each(db, "joined_waiting_list", subjects=[registration.id for registration in guests])
    assert tick() == {"sent": 200}


@pytest.mark.usefixtures("bare")
def test_a_fresh_address_gets_its_ticket_at_once_while_a_flood_waits(
    committed: Committed, tick: Ticking, postbox: Postbox
) -> None:
    for slug in make_slugs(committed, BURST + 3):
        sign_up(committed, slug)
    assert tick() == {"sent": BURST, "delayed": 3}
    sign_up(committed, slug, email="fresh@example.org")
    assert tick() == {"sent": 1}
    assert postbox.recipients == [VICTIM] * BURST + ["fresh@example.org"]


@pytest.mark.usefixtures("bare")
def test_a_teacher_gets_the_ticket_of_every_child_in_the_order_of_their_registration(
    committed: Committed, tick: Ticking, postbox: Postbox
) -> None:
    slugs = make_slugs(committed, 25)
    for number, slug in enumerate(slugs):
        sign_up(committed, slug, name=f"Pupil {number}")
    with committed.sessions.begin() as db:
        db.execute(text("UPDATE outbox SET created_at = created_at - (25 - subject) * interval '1 minute'"))
    assert tick() == {"sent": BURST, "delayed": 25 - BURST}
    for _ in range(25 - BURST):
        pass_time(committed, GAP + timedelta(seconds=2))
        assert tick()["sent"] == 1
    assert tick() == {}
    greeted = [str(message["To"]).partition("<")[0].strip() for message in postbox.accepted]
    assert sorted(greeted, key=lambda name: int(name.split()[1])) == greeted
    assert len(set(greeted)) == 25


@pytest.mark.usefixtures("bare")
def test_a_ticket_that_waits_is_drawn_and_waits_without_being_looked_at(committed: Committed, tick: Ticking) -> None:
    for slug in make_slugs(committed, BURST):
        sign_up(committed, slug)
    tick()
    late = sign_up(committed, make_slugs(committed)[0])
    assert tick() == {"delayed": 1}
    assert tick() == {}
    with committed.sessions() as db:
        message = db.scalars(select(OutboxMessage).where(OutboxMessage.subject == late)).one()
        drawn = db.get_one(Registration, late).qr
    assert (message.attempts, message.leased_until, message.outcome) == (0, None, None)
    assert timedelta(minutes=9) < message.due_at - clock.now() < GAP + timedelta(seconds=2)
    assert drawn is not None


@pytest.mark.usefixtures("bare")
def test_no_email_overtakes_an_older_one_that_is_being_sent(
    committed: Committed, tick: Ticking, postbox: Postbox
) -> None:
    [slug] = make_slugs(committed)
    cancel(committed, sign_up(committed, slug))
    assert tick() == {"skipped": 1, "sent": 1}
    with committed.sessions.begin() as db:
        db.execute(text("UPDATE outbox SET finished_at = NULL, due_at = now() WHERE kind = 'place_given_up'"))
        being_sent = outbox.claim(db)
    assert being_sent is not None
    sign_up(committed, slug)
    assert tick() == {"delayed": 1}
    with committed.sessions.begin() as db:
        outbox.finish(db, being_sent.id, "sent")
    pass_time(committed, timedelta(seconds=2))
    assert tick() == {"sent": 1}


@pytest.mark.parametrize("age", [timedelta(0), timedelta(days=400)])
def test_what_waits_is_not_due_before_its_moment(committed: Committed, age: timedelta) -> None:
    until = clock.now() + GAP
    with committed.sessions.begin() as db:
        outbox.enqueue(db, "ticket_again", subject=1)
        db.execute(text("UPDATE outbox SET created_at = created_at - :age"), {"age": age})
        outbox.delay(db, db.scalars(select(OutboxMessage.id)).one(), until)
    with committed.sessions() as db:
        assert until <= db.scalars(select(OutboxMessage.due_at)).one() <= until + timedelta(seconds=1)


@pytest.mark.usefixtures("bare")
def test_organizers_and_their_mailings_are_neither_delayed_nor_counted(
    committed: Committed, tick: Ticking, postbox: Postbox
) -> None:
    with committed.sessions.begin() as db:
        by = make_account(db)
        events = [make_event(db) for _ in range(BURST + 2)]
        for event in events:
            child = Person(name="Ann", language="en", ticket_type_id=event.ticket_types[0].id, email=VICTIM)
            added = organizer_registrations.add(db, event=event, person=child, by=by)
        organizer_registrations.send_again(db, event=event, ids=[added], by=by)
        mailing = Mailing(event_id=event.id, audience="everybody", subject={"en": "News"}, body={"en": "Come."})
        db.add(mailing)
        db.flush()
        outbox.enqueue_each(db, "mailing", subjects=[added], key=str(mailing.id))
    assert tick()["delayed"] == 0
    assert len(postbox.accepted) > BURST
    with committed.sessions() as db:
        assert db.scalar(select(func.count()).select_from(EmailBudget)) == 0


@pytest.mark.usefixtures("bare")
def test_an_organizers_cancellation_reaches_an_address_that_a_stranger_floods(
    committed: Committed, tick: Ticking, postbox: Postbox
) -> None:
    slugs = make_slugs(committed, BURST + 1)
    ids = [sign_up(committed, slug) for slug in slugs]
    assert tick()["delayed"] == 1
    with committed.sessions.begin() as db:
        event = db.get_one(Registration, ids[0]).event
        organizer_registrations.cancel(db, event=event, ids=ids[:1], by=make_account(db))
    assert tick() == {"sent": 1}
    assert postbox.accepted[-1]["Subject"] == "place_taken_back"


@pytest.mark.usefixtures("bare")
def test_links_to_sign_in_have_a_budget_of_their_own_and_of_those_that_wait_one_is_sent(
    committed: Committed, tick: Ticking, postbox: Postbox
) -> None:
    for slug in make_slugs(committed, BURST + 1):
        sign_up(committed, slug)
    tick()
    with committed.sessions.begin() as db:
        account_id = make_account(db, email=VICTIM).id
        sign_ins.ask_link(db, email=VICTIM, kind="sign_in_link")
    assert tick() == {"sent": 1}
    end = int((clock.now() + timedelta(minutes=20)).timestamp())
    for number in range(40):
        with committed.sessions.begin() as db:
            outbox.enqueue(db, "sign_in_link", subject=account_id, key=f"1.{end + number}")
        if number < BURST:
            tick()
    assert tick() == {"skipped": 39 - BURST, "delayed": 1}
    assert len(postbox.accepted) == 2 * BURST
    pass_time(committed, GAP + timedelta(seconds=2))
    assert tick()["sent"] == 2


@pytest.mark.usefixtures("bare")
def test_a_mail_server_that_is_away_costs_no_budget(committed: Committed, tick: Ticking, postbox: Postbox) -> None:
    [slug] = make_slugs(committed)
    sign_up(committed, slug)
    postbox.refuse("451 4.7.1 come back later")
    for _ in range(BURST + 2):
        assert tick() == {"failed": 1}
        pass_time(committed, timedelta(hours=1))
    with committed.sessions.begin() as db:
        db.execute(text("UPDATE email_budget SET full_at = full_at + interval '1 day'"))
    postbox.refuse(None)
    assert tick() == {"sent": 1}


@pytest.mark.usefixtures("bare")
def test_of_many_moves_that_wait_the_ticket_is_sent_once(committed: Committed, tick: Ticking, postbox: Postbox) -> None:
    with committed.sessions.begin() as db:
        registration = make_registration(db).id
    for number in range(5):
        with committed.sessions.begin() as db:
            outbox.enqueue(db, "ticket_again", subject=registration, key=f"moved {number}")
    assert tick() == {"skipped": 4, "sent": 1}


@pytest.mark.usefixtures("bare")
def test_repeated_refusals_are_emailed_once(committed: Committed, tick: Ticking, postbox: Postbox) -> None:
    with committed.sessions.begin() as db:
        event = make_event(db, capacity=1, contact="email", confirm_by_mail=True, waiting_list=False)
        make_registration(db, event)
    for _ in range(5):
        sign_up(committed, event.slug)
    assert tick() == {"skipped": 4, "sent": 1}


@pytest.mark.usefixtures("bare")
def test_nothing_is_limited_where_limits_are_off(committed: Committed, postbox: Postbox) -> None:
    for slug in make_slugs(committed, BURST + 2):
        sign_up(committed, slug)
    settings = committed.settings.model_copy(update={"smtp_url": postbox.url})
    with Mailer(settings) as mailer:
        assert Counter(deliver(committed.sessions, settings, mailer, until=clock.now() + timedelta(seconds=60))) == {
            "sent": BURST + 2
        }


@pytest.mark.usefixtures("bare")
def test_a_seat_is_held_as_long_after_a_delayed_email_as_after_one_that_left_at_once(
    committed: Committed, tick: Ticking
) -> None:
    soon = clock.now() + seat_holds.HOLD_LASTS
    with committed.sessions.begin() as db:
        event, *others = (make_event(db) for _ in range(BURST + 4))
        waiting = [make_registration(db, event_, state="waiting", email=VICTIM, waited_at=soon) for event_ in others]
        outbox.enqueue_each(db, "joined_waiting_list", subjects=[registration.id for registration in waiting])
    tick()
    with committed.sessions.begin() as db:
        host = make_registration(db, event, state="unconfirmed", email=VICTIM, held=True, deadline=soon)
        outbox.enqueue(db, "please_confirm", subject=host.id)
    assert tick()["delayed"] == 1
    with committed.sessions() as db:
        leaves_at = db.scalar(select(OutboxMessage.due_at).where(OutboxMessage.kind == "please_confirm"))
        held_until = db.get_one(Registration, host.id).deadline
    assert leaves_at
    assert held_until
    assert held_until > soon
    # A delayed row is due a second after its budget allows it.
    assert abs(leaves_at + seat_holds.HOLD_LASTS - held_until) <= timedelta(seconds=2)
