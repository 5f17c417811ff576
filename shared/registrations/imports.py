"""Importing a list of people: first a plan for each row, then exactly that plan, or nothing.

The plan is made under the same lock both times, and its digest shows whether anything changed in between.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256

from sqlalchemy.orm import Session

from shared.audit import audit
from shared.errors import Conflicting
from shared.models import Account, Event
from shared.registrations.organizer_registrations import Person, add_people, registered_keys, require_open
from shared.registrations.seats import Seats, lock

IMPORTED = "import"
"""The source of imported registrations."""
PRIORITY = 5
"""Priority of their tickets: thousands at once give way to emails for which a person waits."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a list: the person it names, or the error of each wrong field, in words. `number` is its line's."""

    number: int
    person: Person | None
    errors: Mapping[str, str]


class RowResult(StrEnum):
    """What can become of a row. Doubled: an earlier row of the list has its contact."""

    NEW = "new"
    DOUBLED = "doubled"
    REGISTERED = "registered"
    INVALID = "invalid"
    NO_SEAT = "no_seat"


@dataclass(frozen=True, slots=True)
class RowOutcome:
    """The outcome planned for a row."""

    row: Row
    kind: RowResult


@dataclass(frozen=True, slots=True)
class Plan:
    """The outcome of each row; `digest` changes whenever any of them does."""

    outcomes: Sequence[RowOutcome]

    @property
    def digest(self) -> str:
        """Return the hash of every row and its outcome."""
        rows = [[outcome.row.number, outcome.kind, _written(outcome.row.person)] for outcome in self.outcomes]
        return sha256(json.dumps(rows).encode()).hexdigest()

    def count(self, kind: RowResult) -> int:
        """Return how many rows have this outcome."""
        return sum(outcome.kind == kind for outcome in self.outcomes)

    @property
    def mailed(self) -> int:
        """Return how many of the new people get a ticket by email: the others have only a number."""
        new = (outcome.row.person for outcome in self.outcomes if outcome.kind == RowResult.NEW)
        return sum(bool(person and person.email) for person in new)


class ChangedPlan(Conflicting):
    """The plan is no longer the one on the page; `plan` is the current one."""

    def __init__(self, plan: Plan) -> None:
        super().__init__("plan_changed")
        self.plan = plan


def plan_import(db: Session, *, event: Event, rows: Sequence[Row]) -> Plan:
    """Return the plan for the rows; nothing is written. Raises NotOpen."""
    return _plan(db, lock(db, event.id), rows)


def import_people(db: Session, *, event: Event, rows: Sequence[Row], digest: str, by: Account) -> int:
    """Register everyone whom the plan calls new, all or none; return how many.

    `digest` is that of the plan on the page. Raises ChangedPlan when it has changed, NotOpen.
    """
    seats = lock(db, event.id)
    plan = _plan(db, seats, rows)
    if plan.digest != digest:
        raise ChangedPlan(plan)
    people = [outcome.row.person for outcome in plan.outcomes if outcome.kind == RowResult.NEW and outcome.row.person]
    if people:
        add_people(
            db, seats=seats, people=people, by=by, source=IMPORTED, action="registration.imported", priority=PRIORITY
        )
        audit.note(db, by=by, action="people.imported", event=event, count=len(people), rows=len(rows))
    return len(people)


def _plan(db: Session, seats: Seats, rows: Sequence[Row]) -> Plan:
    require_open(seats.event)
    keys = {key for row in rows if row.person and (key := row.person.contact_key)}
    known_keys, keys_before = registered_keys(db, event_id=seats.event.id, keys=keys), set[str]()
    planned = Counter[int]()
    return Plan([RowOutcome(row, _outcome_of(row, seats, known_keys, keys_before, planned)) for row in rows])


def _outcome_of(
    row: Row, seats: Seats, registered_keys: set[str], keys_before: set[str], planned: Counter[int]
) -> RowResult:
    person = row.person
    if person is None:
        return RowResult.INVALID
    key = person.contact_key
    if key in keys_before:
        return RowResult.DOUBLED
    if key:
        keys_before.add(key)
    if key in registered_keys:
        return RowResult.REGISTERED
    if not _fits(seats, person.ticket_type_id, planned):
        return RowResult.NO_SEAT
    planned[person.ticket_type_id] += 1
    return RowResult.NEW


def _fits(seats: Seats, ticket_type_id: int, planned: Counter[int]) -> bool:
    event, ticket_type = seats.rows(ticket_type_id)
    if ticket_type.waiting:
        return False
    return event.fits(planned.total() + 1) and ticket_type.fits(planned[ticket_type_id] + 1)


def _written(person: Person | None) -> list[object]:
    if person is None:
        return []
    return [person.name, person.email, person.phone, person.language, person.ticket_type_id, dict(person.answers)]
