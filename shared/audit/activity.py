"""Activity, the latest first; an action on many people at once is one act."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, literal, or_, select, union_all
from sqlalchemy.orm import InstrumentedAttribute, Session

from shared.database import Texts
from shared.models import (
    Account,
    Audit,
    Channel,
    Door,
    Event,
    EventSession,
    Invitation,
    Mailing,
    Partner,
    Question,
    Registration,
    Series,
    Speaker,
    TicketType,
)

Names = Mapping[tuple[str, int], str | Texts]
"""The present names of the ids in the details, by key and id."""
NAMES: Mapping[str, InstrumentedAttribute[Any]] = {
    "member": Account.name,
    "invitation": Invitation.email,
    "mailing": Mailing.subject,
    "door_id": Door.name,
    "door": Door.name,
    "session": EventSession.title,
    "session_id": EventSession.title,
    "ticket_type": TicketType.title,
    "channel": Channel.name,
    "source": Event.title,
    "series": Series.title,
    "sessions": EventSession.title,
    "ticket_types": TicketType.title,
    "speakers": Speaker.name,
    "partners": Partner.name,
    "questions": Question.label,
}
"""The column that names an id in the details: by its key, or for a plain `id` by the subject of the act."""


@dataclass(frozen=True, slots=True)
class Act:
    """One act, its author and its event; `people` counts the people it was done to, one of whom is `registration_id`.

    `name` is None where the account is gone or the worker acted, `person` and `title` where the act has none.
    """

    id: int
    at: datetime
    account_id: int | None
    action: str
    details: Mapping[str, Any]
    event_id: int | None
    registration_id: int | None
    people: int
    name: str | None
    person: str | None
    title: Texts | None
    languages: Sequence[str] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A filter of acts: by author (an account's id, 0 for the worker) and by subjects; empty means any."""

    who: int | None = None
    subjects: Collection[str] = ()


ANYTHING = Wanted()


def of_event(
    db: Session, *, event_id: int, limit: int, before: int | None = None, wanted: Wanted = ANYTHING
) -> Sequence[Act]:
    """Return an event's acts; `before` is the id of the last act on the previous page."""
    return _found(db, Audit.event_id == event_id, limit, before, wanted)


def of_registration(db: Session, *, registration_id: int, limit: int, before: int | None = None) -> Sequence[Act]:
    """Return the acts on one registration."""
    return _found(db, Audit.registration_id == registration_id, limit, before)


def of_organization(
    db: Session, *, organization_id: int, limit: int, before: int | None = None, wanted: Wanted = ANYTHING
) -> Sequence[Act]:
    """Return the acts in an organization and all its events."""
    return _found(db, Audit.organization_id == organization_id, limit, before, wanted)


def of_account(db: Session, *, account_id: int, limit: int, before: int | None = None) -> Sequence[Act]:
    """Return the acts on an account itself; not its acts in organizations."""
    own = and_(Audit.account_id == account_id, Audit.organization_id.is_(None))
    return _found(db, own, limit, before)


def names(db: Session, acts: Sequence[Act]) -> dict[tuple[str, int], str | Texts]:
    """Return the present names of the ids in the details, by key and id, in one statement; without deleted ones."""
    ids_by_key: dict[str, set[int]] = {}
    for act in acts:
        for key, number in ids_in(act):
            ids_by_key.setdefault(key, set()).add(number)
    if not ids_by_key:
        return {}
    queries = [
        select(literal(key), NAMES[key].class_.id, func.to_jsonb(NAMES[key])).where(NAMES[key].class_.id.in_(ids))
        for key, ids in ids_by_key.items()
    ]
    return {(key, number): name for key, number, name in db.execute(union_all(*queries))}


def ids_in(act: Act) -> list[tuple[str, int]]:
    """Return the ids in the details that have a name, each with its key in NAMES."""
    subject = act.action.partition(".")[0]
    keyed = ((subject if key == "id" else key, str(value)) for key, value in act.details.items())
    return [(key, int(value)) for key, value in keyed if key in NAMES and value.isascii() and value.isdecimal()]


def _found(
    db: Session, which: ColumnElement[bool], limit: int, before: int | None, wanted: Wanted = ANYTHING
) -> Sequence[Act]:
    conditions = [which, *_filters(wanted)]
    last = func.max(Audit.id)
    # An act on no one stands alone; the same act on many people in one transaction is grouped.
    alone = case((Audit.registration_id.is_(None), Audit.id))
    about = (Audit.at, Audit.account_id, Audit.action, Audit.details, Audit.event_id)
    person, people = func.max(Audit.registration_id).label("registration_id"), func.count().label("people")
    acts = select(last.label("id"), *about, person, people).group_by(*about, alone)
    if before is not None:
        at = select(Audit.at).where(Audit.id == before).scalar_subquery()
        conditions.append(Audit.at <= at)
        acts = acts.having(or_(Audit.at < at, last < before))
    page = acts.where(*conditions).order_by(Audit.at.desc(), last.desc()).limit(limit).subquery()
    columns = page.c[("id", "at", "account_id", "action", "details", "event_id", "registration_id", "people")]
    query = (
        select(*columns, Account.name, Registration.name, Event.title, Event.languages)
        .outerjoin(Account, Account.id == page.c.account_id)
        .outerjoin(Registration, Registration.id == page.c.registration_id)
        .outerjoin(Event, Event.id == page.c.event_id)
        .order_by(page.c.at.desc(), page.c.id.desc())
    )
    rows: Sequence[Any] = db.execute(query).all()
    return [Act(*row) for row in rows]


def _filters(wanted: Wanted) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.who is not None:
        conditions.append(Audit.account_id == wanted.who if wanted.who else Audit.account_id.is_(None))
    if wanted.subjects:
        conditions.append(func.split_part(Audit.action, ".", 1).in_(wanted.subjects))
    return conditions
