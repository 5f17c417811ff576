"""After any storm of acts on one address, once it is quiet, the last email about an event tells the truth."""

from collections import defaultdict
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from shared import clock
from shared.errors import DomainError
from shared.models import OutboxMessage, Registration, TicketType
from shared.outbox import budgets
from shared.registrations import self_service
from shared.registrations.new_registration import NewRegistration
from tests.conftest import Committed
from tests.factories import make_event
from worker import emails
from worker.email_message import Email
from worker.mailer import Mailer
from worker.tasks.outbox import deliver

TELLS = {"confirmed": "ticket", "waiting": "joined_waiting_list", "offered": "seat_offered"}
HISTORIES = st.lists(
    st.tuples(
        st.sampled_from(("register", "register", "cancel", "cancel", "again", "move", "seat", "deliver", "wait")),
        st.integers(0, 1),
    ),
    max_size=30,
)


class Storm:
    """Two events with a seat and a rival for it, one address, and the emails that arrived there."""

    def __init__(self, committed: Committed) -> None:
        self._limited = committed.settings.model_copy(update={"turnout_rate_limits": "on"})
        self._sessions = committed.sessions
        self._address = f"{uuid4().hex}@example.org"
        self.received: dict[int, list[tuple[str, int]]] = defaultdict(list)
        with self._sessions.begin() as db:
            events = [make_event(db, capacity=1, waiting_list=True) for _ in range(2)]
            self.slugs = [event.slug for event in events]
            self.ids = [event.id for event in events]
            for event in events:
                db.add(TicketType(event_id=event.id, title={"en": "Another"}, position=2))

    def live(self, db: Session, event: int, email: str | None = None) -> Registration | None:
        conditions = Registration.event_id == self.ids[event], Registration.email == (email or self._address)
        return db.scalars(select(Registration).where(*conditions, Registration.is_live)).one_or_none()

    def register(self, event: int, email: str = "") -> None:
        with self._sessions.begin() as db:
            types = select(TicketType.id).where(TicketType.event_id == self.ids[event])
            first = db.scalar(types.order_by(TicketType.id).limit(1))
            address = email or self._address
            asked = NewRegistration(name="Ann", language="en", email=address, ticket_type_id=first, wait=True)
            self_service.register(db, slug=self.slugs[event], new_registration=asked)

    def cancel(self, event: int, email: str = "") -> None:
        with self._sessions.begin() as db:
            if registration := self.live(db, event, email):
                self_service.cancel(db, registration_id=registration.id, by="self")

    def again(self, event: int) -> None:
        with self._sessions.begin() as db:
            if registration := self.live(db, event):
                registration.sent_again_at = None
                db.flush()
                self_service.send_again(db, people=[registration])

    def move(self, event: int) -> None:
        with self._sessions.begin() as db:
            if registration := self.live(db, event):
                types = select(TicketType.id).where(TicketType.event_id == self.ids[event])
                other_types = types.where(TicketType.id != registration.ticket_type_id)
                self_service.move(db, registration=registration, ticket_type_id=db.scalars(other_types).one())

    def seat(self, event: int) -> None:
        """Let the rival take a seat, or free it."""
        rival = f"rival.{self._address}"
        with self._sessions() as db:
            is_there = self.live(db, event, rival) is not None
        (self.cancel if is_there else self.register)(event, rival)

    def deliver(self, _: int) -> None:
        with Recorder(self) as mailer:
            next(deliver(self._sessions, self._limited, mailer, until=clock.now() + timedelta(minutes=1)), None)

    def wait(self, _: int) -> None:
        with self._sessions.begin() as db:
            db.execute(text("UPDATE outbox SET due_at = due_at - :by"), {"by": budgets.GAP})
            db.execute(text("UPDATE email_budget SET full_at = full_at - :by"), {"by": budgets.GAP})

    def quiet_down(self) -> None:
        while self._owed():
            self.wait(0)
            self.deliver(0)

    def _owed(self) -> int:
        with self._sessions() as db:
            return (
                db.scalar(
                    select(func.count()).where(OutboxMessage.finished_at.is_(None), OutboxMessage.dead_at.is_(None))
                )
                or 0
            )

    def truth(self, event: int) -> tuple[str, int] | None:
        with self._sessions() as db:
            registration = self.live(db, event)
            return (TELLS[registration.state], registration.id) if registration else None


class Recorder(Mailer):
    """Records the emails to the address of a storm."""

    def __init__(self, storm: Storm) -> None:
        super().__init__(storm._limited)
        self._storm = storm

    def send(self, mail: Email, *, message_id: UUID, handing_over: Callable[[], None] = lambda: None) -> str:
        if mail.to == self._storm._address:
            event_id, registration_id = map(int, mail.text.split())
            self._storm.received[event_id].append((mail.subject, registration_id))
        return "2.0.0 accepted"


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make emails of their kind and event alone, with a budget that is soon spent."""

    def compose(kind: str, _about: Registration, host: Registration, *_: Any, **__: Any) -> Email:
        about = f"{host.event_id} {host.id}"
        return Email(to=host.email or "", name="", sender="", language="en", subject=kind, text=about, html="")

    monkeypatch.setattr(emails, "compose", compose)
    monkeypatch.setattr(budgets, "BURST", 2)


@pytest.mark.usefixtures("bare")
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(history=HISTORIES)
def test_once_it_is_quiet_the_last_email_tells_the_truth(committed: Committed, history: list[tuple[str, int]]) -> None:
    storm = Storm(committed)
    for act, event in history:
        try:
            getattr(storm, act)(event)
        except DomainError:
            continue
    storm.quiet_down()
    for event in (0, 1):
        last, truth = (storm.received[storm.ids[event]] or [None])[-1], storm.truth(event)
        is_free = truth is None and last is not None and last[0] == "place_given_up"
        assert last == truth or is_free, dict(storm.received)
