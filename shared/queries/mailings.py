"""Whom a mailing is for, how far it is, and whom it cannot reach.

Mails go to parties: a host and companions get one, at the host's address, and so does somebody who registered twice.
Who has not confirmed an address yet is in no audience: it may be somebody else's.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    RowMapping,
    Select,
    SQLColumnExpression,
    Text,
    case,
    cast,
    exists,
    func,
    literal,
    literal_column,
    select,
    text,
    union_all,
)
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session, aliased, joinedload

from shared import clock
from shared.database import name_order
from shared.errors import Missing
from shared.models import Account, Admission, Event, Mailing, OutboxMessage, Registration, Unsubscription
from shared.models.mailing import AUDIENCES

OF_WHO_CAME = ("came", "did_not_come")
"""The audiences that go by what was scanned."""
STOPPED = "stopped"
NO_ADDRESS = "no address"
STATES = ("sent", "skipped", "failed", "open")
"""What became of one person's mail: `failed` was given up, `open` is still to go or tried again."""


@dataclass(frozen=True, slots=True)
class Reach:
    """How many mails go out, and how many parties get none: without an address, or wanting no news."""

    mails: int
    no_address: int
    refused: int


@dataclass(frozen=True, slots=True)
class Progress:
    """What became of a mailing's promises; `skipped` by its reason, `retried` are among those still open."""

    enqueued: int
    sent: int
    skipped: Mapping[str, int]
    failed: int
    open: int
    retried: int

    @property
    def done(self) -> int:
        """For how many it is decided."""
        return self.enqueued - self.open


def get(db: Session, *, mailing_id: int) -> Mailing | None:
    """A mailing as it is now, with its event, for the worker."""
    return db.get(Mailing, mailing_id, populate_existing=True)


def of_event(db: Session, *, event_id: int, limit: int, offset: int) -> Sequence[tuple[Mailing, str | None]]:
    """The mailings of an event and who wrote each, the latest first."""
    written = select(Mailing, Account.name).outerjoin(Account, Account.id == Mailing.account_id)
    found = written.where(Mailing.event_id == event_id).order_by(Mailing.id.desc()).limit(limit).offset(offset)
    return [(mailing, name) for mailing, name in db.execute(found)]


def mailing(db: Session, *, mailing_id: int, event_id: int) -> Mailing:
    """A mailing of an event. Raises Missing for another event's."""
    named = select(Mailing).where(Mailing.id == mailing_id, Mailing.event_id == event_id)
    found = db.scalars(named.options(joinedload(Mailing.event))).one_or_none()
    if found is None:
        raise Missing("mailing")
    return found


def due(db: Session, *, now: datetime) -> Sequence[int]:
    """The mailings whose hour has come and whose audience is not drawn up yet."""
    waiting = (Mailing.started_at.is_(None), Mailing.stopped_at.is_(None), Mailing.due_at <= now)
    return db.scalars(select(Mailing.id).where(*waiting).order_by(Mailing.due_at, Mailing.id)).all()


def audience(event: Event, name: str) -> Select[int, str, str | None, str | None, str, bool]:
    """The hosts of an audience's parties: id, name, email, phone, language, and whether they refused news.

    Of several with one contact the live one counts, else the latest.
    """
    host = aliased(Registration)
    refused = exists().where(
        Unsubscription.organization_id == event.organization_id, Unsubscription.contact_key == host.contact_key
    )
    contact = func.coalesce(host.contact_key, cast(host.id, Text))
    return (
        select(host.id, host.name, host.email, host.phone, host.language, refused.label("refused"))
        .where(host.event_id == event.id, host.host_id.is_(None), host.merged_into.is_(None))
        .where(_is_in(event.id, name, host.id))
        .ext(distinct_on(contact))
        .order_by(contact, host.state == "cancelled", host.id.desc())
    )


def unknown_because(db: Session, *, event: Event, name: str, at: datetime) -> str | None:
    """Why it is not known at a time who came, where that is what an audience goes by: "cancelled", "too_early" until
    the last part has begun, "not_scanned" once it has and nobody was scanned in. None where it is known: else its
    absent are everybody, those in the hall among them.
    """
    if name not in OF_WHO_CAME:
        return None
    if event.state == "cancelled":
        return "cancelled"
    begins_at = _last_beginning(event)
    if not event.is_undated and (begins_at is None or at < begins_at):
        return "too_early"
    # For a part that is still ahead a time can be set: whether anybody was scanned in is asked again when it comes.
    is_ahead = begins_at is not None and clock.now() < begins_at
    return None if is_ahead or _is_scanned(db, event) else "not_scanned"


def _last_beginning(event: Event) -> datetime | None:
    beginnings = (event.starts_at, *(part.starts_at for part in event.sessions))
    return max((each for each in beginnings if each), default=None)


def _is_scanned(db: Session, event: Event) -> bool:
    admitted = exists().where(Admission.event_id == event.id, Admission.first.is_not(None))
    return bool(db.scalar(select(admitted)))


def is_addressed(db: Session, *, mailing: Mailing, host_id: int) -> bool:
    """Whether a party still belongs to the audience of a mailing."""
    belongs = _is_in(mailing.event_id, mailing.audience, literal(host_id))
    return bool(db.scalar(select(belongs)))


def reaches(db: Session, *, event: Event, names: Sequence[str] = AUDIENCES) -> dict[str, Reach]:
    """How many each audience reaches now."""
    counts = [_reach(event, name) for name in names]
    return {name: Reach(*numbers) for name, *numbers in db.execute(union_all(*counts))}


def to_call(db: Session, *, mailing: Mailing, limit: int, offset: int) -> Sequence[RowMapping]:
    """Who cannot be reached by mail and gave a number, by name; also those whose mail was given up."""
    given_up = select(OutboxMessage.subject).where(*_of(mailing), OutboxMessage.dead_at.is_not(None))
    people = audience(mailing.event, mailing.audience).subquery()
    found = select(people).where(
        people.c.phone.is_not(None), ~people.c.refused, people.c.email.is_(None) | people.c.id.in_(given_up)
    )
    return (
        db.execute(found.order_by(name_order(people.c.name), people.c.id).limit(limit).offset(offset)).mappings().all()
    )


def progress(db: Session, *, mailing: Mailing) -> Progress:
    """How far a mailing is."""
    messages = select(_state().label("state"), OutboxMessage.outcome).where(*_of(mailing)).subquery()
    why = case((messages.c.state == literal_column("'skipped'"), messages.c.outcome)).label("why")
    retried = func.count(messages.c.outcome)
    rows = db.execute(select(messages.c.state, why, func.count(), retried).group_by(messages.c.state, text("why")))
    counts: dict[str, int] = dict.fromkeys(STATES, 0)
    skipped: dict[str, int] = {}
    again = 0
    for state, reason, count, tried in rows:
        counts[state] += count
        if state == "skipped":
            skipped[reason.removeprefix("skipped: ")] = count
        if state == "open":
            again = tried
    return Progress(sum(counts.values()), counts["sent"], skipped, counts["failed"], counts["open"], again)


def people(
    db: Session, *, mailing: Mailing, state: str | None, limit: int, offset: int
) -> Sequence[tuple[OutboxMessage, Registration, str]]:
    """Each person's mail, by name, and what became of it: one of STATES. Only those of one state where it is named."""
    found = select(OutboxMessage, Registration, _state()).join(Registration, Registration.id == OutboxMessage.subject)
    found = found.where(*_of(mailing), *([_state() == state] if state else []))
    rows = db.execute(found.order_by(Registration.name_order, Registration.id).limit(limit).offset(offset))
    return [(message, registration, became) for message, registration, became in rows]


def _of(mailing: Mailing) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return OutboxMessage.kind == literal_column("'mailing'"), OutboxMessage.key == str(mailing.id)


def _state() -> ColumnElement[str]:
    return case(
        (OutboxMessage.dead_at.is_not(None), "failed"),
        (OutboxMessage.finished_at.is_(None), "open"),
        (OutboxMessage.outcome == "sent", "sent"),
        else_="skipped",
    )


def _reach(event: Event, name: str) -> Select[str, int, int, int]:
    people = audience(event, name).subquery()
    addressed = people.c.email.is_not(None)
    return select(
        literal(name),
        func.count().filter(addressed, ~people.c.refused),
        func.count().filter(~addressed),
        func.count().filter(addressed, people.c.refused),
    ).select_from(people)


def _is_in(event_id: int, name: str, host_id: SQLColumnExpression[int]) -> ColumnElement[bool]:
    """Whether a party belongs to an audience of the event."""
    if name == "came":
        return host_id.in_(_came(event_id))
    if name == "did_not_come":
        registered = _parties(event_id, Registration.state == "confirmed", ~Registration.walk_in)
        return host_id.in_(registered) & host_id.not_in(_came(event_id))
    if name in {"confirmed", "waiting"}:
        return host_id.in_(_parties(event_id, Registration.state == name))
    # Whoever was told that the event is cancelled hears too what follows from it: of money, or of another day.
    told = exists().where(OutboxMessage.kind == "event_cancelled", OutboxMessage.subject == host_id)
    return host_id.in_(_parties(event_id, Registration.state.in_(("confirmed", "waiting", "offered")))) | told


def _parties(event_id: int, *conditions: ColumnElement[bool]) -> Select[int]:
    party = func.coalesce(Registration.host_id, Registration.id)
    return select(party).where(Registration.event_id == event_id, *conditions)


def _came(event_id: int) -> Select[int]:
    admitted = (Admission.person == Registration.ticket_id) & (Admission.event_id == event_id)
    return _parties(event_id, Admission.first.is_not(None)).join(Admission, admitted)
