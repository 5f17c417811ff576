"""Taking in a list of people: first what would become of each row, then exactly that, or nothing.

The plan is made under the same lock both times, so a digest of it tells whether anything changed in between.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from sqlalchemy.orm import Session

from shared.errors import Conflicting
from shared.models import Account, Event
from shared.operations import audit
from shared.operations.organizer_registrations import Person, enter, registered, require_open
from shared.operations.seats import Seats, lock

NEW, DOUBLED, REGISTERED, INVALID, NO_SEAT = "new", "doubled", "registered", "invalid", "no_seat"
IMPORTED = "import"
"""The source of who came in by a list."""
PRIORITY = 5
"""Of their tickets: thousands at once let those go first that somebody waits for."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a list: who it names, or at each field what is wrong with it, in words. `number` is its line's."""

    number: int
    person: Person | None
    errors: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of a row: new, doubled in the list, registered already, invalid, or no seat."""

    row: Row
    kind: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What becomes of each row; `digest` is another one whenever anything is."""

    fates: Sequence[Fate]

    @property
    def digest(self) -> str:
        """Of every row and its fate."""
        told = [[one.row.number, one.kind, _written(one.row.person)] for one in self.fates]
        return sha256(json.dumps(told).encode()).hexdigest()

    def count(self, kind: str) -> int:
        """How many rows have this fate."""
        return sum(one.kind == kind for one in self.fates)

    @property
    def mailed(self) -> int:
        """How many of the new people get a ticket by mail: the others gave only a number."""
        return sum(bool(one.kind == NEW and one.row.person and one.row.person.email) for one in self.fates)


class ChangedPlan(Conflicting):
    """What would become of the rows is not what was shown; `plan` is how it is now."""

    def __init__(self, plan: Plan) -> None:
        super().__init__("plan_changed")
        self.plan = plan


def look_ahead(db: Session, *, event: Event, rows: Sequence[Row]) -> Plan:
    """What would become of the rows now; nothing is written. Raises NotOpen."""
    return _plan(db, lock(db, event.id), rows)


def carry_out(db: Session, *, event: Event, rows: Sequence[Row], digest: str, by: Account) -> int:
    """Register everybody whom the plan calls new, all or nobody; how many. `digest` is of the plan that was shown.

    Raises ChangedPlan when it is another one by now, NotOpen.
    """
    seats = lock(db, event.id)
    plan = _plan(db, seats, rows)
    if plan.digest != digest:
        raise ChangedPlan(plan)
    people = [one.row.person for one in plan.fates if one.kind == NEW and one.row.person]
    if people:
        enter(db, seats=seats, people=people, by=by, source=IMPORTED, action="registration.imported", priority=PRIORITY)
        audit.note(db, by=by, action="people.imported", event=event, count=len(people), rows=len(rows))
    return len(people)


def _plan(db: Session, seats: Seats, rows: Sequence[Row]) -> Plan:
    require_open(seats.event)
    keys = {key for row in rows if row.person and (key := row.person.contact_key)}
    known, seen = registered(db, event_id=seats.event.id, keys=keys), set[str]()
    wanted = Counter[int]()
    return Plan([Fate(row, _fate(row, seats, known, seen, wanted)) for row in rows])


def _fate(row: Row, seats: Seats, known: set[str], seen: set[str], wanted: Counter[int]) -> str:
    person = row.person
    if person is None:
        return INVALID
    key = person.contact_key
    if key in seen:
        return DOUBLED
    if key:
        seen.add(key)
    if key in known:
        return REGISTERED
    if not _fits(seats, person.ticket_type_id, wanted):
        return NO_SEAT
    wanted[person.ticket_type_id] += 1
    return NEW


def _fits(seats: Seats, ticket_type_id: int, wanted: Counter[int]) -> bool:
    event, kind = seats.rows(ticket_type_id)
    if kind.waiting:
        return False
    planned = ((event, wanted.total()), (kind, wanted[ticket_type_id]))
    return all(row.capacity is None or row.taken + count < row.capacity for row, count in planned)


def _written(person: Person | None) -> list[object]:
    if person is None:
        return []
    return [person.name, person.email, person.phone, person.language, person.ticket_type_id, dict(person.answers)]
