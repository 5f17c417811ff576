"""An event while it happens: attendees inside, free seats, and the doors.

One cheap statement detects changes; another returns all figures.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from shared import clock
from shared.database import Texts
from shared.door.conflicts import COUNT_OPEN
from shared.models import Event
from shared.registrations.people import STILL_ON

BIN = timedelta(minutes=5)
RATE_OVER = timedelta(minutes=10)
"""A door's rate is that of the last ten whole minutes."""
SILENT_AFTER = timedelta(minutes=3)
"""A phone polls every few seconds; after three minutes of silence it is away."""
MOST_PHONES = 20
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Phone:
    """A phone that is away, or that has scans not yet synchronized. Moments are the database's."""

    door: Texts
    volunteer: str
    seen_at: datetime
    waiting: int
    is_away: bool


@dataclass(frozen=True, slots=True)
class DoorNow:
    """A door: its phones, and its recent admissions per minute."""

    id: int
    name: Texts
    is_closed: bool
    phones: int
    away: int
    waiting: int
    per_minute: float


@dataclass(frozen=True, slots=True)
class Room:
    """One session: people inside, people admitted, and seats free by the phones' rule (web/door/src/engine/ledger.ts).

    `free` is None without a capacity; `held`: seats of attendees who have not come yet are still reserved for them.
    """

    id: int
    title: Texts
    admitted: int
    inside: int
    capacity: int | None
    free: int | None
    held: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """A cheap summary: enough to detect a change."""

    open_conflicts: int
    phones: int
    away: int
    waiting_scans: int
    has_parts: bool
    tag: str


@dataclass(frozen=True, slots=True)
class Live:
    """An event while it happens.

    Arrivals count each person once, by the start (UTC) of their 5 minutes; `expected` counts the seats taken.
    """

    expected: int
    admitted: int
    inside: int
    capacity: int | None
    rooms: Sequence[Room]
    arrivals: Sequence[tuple[datetime, int]]
    doors: Sequence[DoorNow]
    refused: Mapping[str, int]
    phones: Sequence[Phone]

    @property
    def room(self) -> Room | None:
        """Return the only session's room; None where there are several, since none speaks for the event."""
        return self.rooms[0] if len(self.rooms) == 1 else None


# Counting scans by phone costs a few rows: each phone's count is stored with it. Each change gives a registration a new
# number, and a later commit may bring a lower number, so only their sum always changes.
STANDING = text(f"""
    SELECT ({COUNT_OPEN}) AS open_conflicts,
           (SELECT count(*) > 1 FROM event_session WHERE event_id = :event) AS has_parts,
           people.*, phones.*, doors.*
    FROM (SELECT count(*) AS registrations, sum(revision) AS revisions
          FROM registration WHERE event_id = :event) AS people,
         (SELECT sum(scans) AS scans,
                 count(*) FILTER (WHERE live) AS phones,
                 count(*) FILTER (WHERE live AND seen_at < :away) AS away,
                 coalesce(sum(waiting) FILTER (WHERE live), 0) AS waiting_scans,
                 md5(string_agg(concat_ws(' ', id, door_pass_id, waiting, live, seen_at < :away), ',' ORDER BY id))
          FROM (SELECT *, door_pass_id IS NOT NULL AND revoked_at IS NULL AS live FROM device WHERE event_id = :event)
               AS device) AS phones,
         (SELECT md5(string_agg(concat_ws(' ', id, name, position, closed_at), ',' ORDER BY id))
          FROM door WHERE event_id = :event) AS doors
""")  # noqa: S608 - constants

# With one session everyone has one admission; with several each person is counted once. Numbers are compared in half
# the time of texts. The odds that 2 of 100,000 people share one are 1 to 4 billion.
PEOPLE_OF_ONE = "SELECT start, people, inside FROM tally"
PEOPLE_OF_SEVERAL = """
    SELECT first_at / :width * :width AS start, count(*) AS people, count(*) FILTER (WHERE inside > 0) AS inside FROM (
        SELECT min(first_at) FILTER (WHERE first NOT IN (SELECT id FROM paper)) AS first_at,
               count(inside) FILTER (WHERE session_id = {still_on}) AS inside
        FROM admission WHERE event_id = :event AND first IS NOT NULL GROUP BY hashtextextended(person, 0)
    ) AS came GROUP BY 1
"""
# In a large event it is joins that cost, so no join checks which admitted people have a seat: all registered ones do,
# except the few who cancelled, wait, or have a ticket for another session, and these are looked up. Reasons are spelled
# as in ix_scan_told_apart; a parameter would lose the index as soon as PostgreSQL plans for every value at once.
FIGURES = """
    WITH part AS (
        SELECT id, title, position FROM event_session WHERE event_id = :event
    ), admits AS (
        SELECT kind.id AS kind, kind.capacity, kind.taken, session_id AS session
        FROM ticket_type kind JOIN ticket_type_session ON ticket_type_id = kind.id WHERE kind.event_id = :event
    ), paper AS (
        SELECT id FROM scan WHERE event_id = :event AND reason = 'paper'
    ), narrow AS (
        SELECT kind FROM admits GROUP BY kind HAVING count(*) < (SELECT count(*) FROM part)
    ), placeless AS (
        SELECT ticket_id AS person, NULL AS kind FROM registration
        WHERE event_id = :event AND state IN ('waiting', 'cancelled') AND NOT walk_in
        UNION ALL
        SELECT ticket_id, ticket_type_id FROM registration JOIN narrow ON kind = ticket_type_id
        WHERE event_id = :event AND state IN ('confirmed', 'offered', 'unconfirmed') AND NOT walk_in
    ), tally AS MATERIALIZED (
        SELECT session_id AS session,
               CASE WHEN first NOT IN (SELECT id FROM paper) THEN first_at / :width * :width END AS start,
               count(*) AS people, count(*) FILTER (WHERE registered) AS registered,
               CASE WHEN session_id = {still_on} THEN count(inside) ELSE 0 END AS inside
        FROM admission WHERE event_id = :event AND first IS NOT NULL GROUP BY 1, 2
    ), unexpected AS MATERIALIZED (
        SELECT session_id AS session, count(*) AS people
        FROM admission JOIN placeless USING (person)
        WHERE :held AND event_id = :event AND first IS NOT NULL
          AND NOT EXISTS (SELECT FROM admits WHERE admits.kind = placeless.kind AND admits.session = session_id)
        GROUP BY 1
    ), people AS MATERIALIZED (
        {people}
    ), walk_in AS MATERIALIZED (
        SELECT id FROM registration WHERE :held AND event_id = :event AND walk_in AND state <> 'cancelled'
    ), named AS (
        SELECT part.id AS session, count(*) AS people FROM walk_in JOIN registration USING (id) CROSS JOIN part
        WHERE merged_into IS NULL
          AND NOT EXISTS (SELECT FROM admission
                          WHERE person = ticket_id AND session_id = part.id AND first IS NOT NULL)
        GROUP BY 1
    ), room AS (
        SELECT part.id, part.title, part.position,
               coalesce((SELECT sum(people) FROM tally WHERE session = part.id), 0) AS admitted,
               coalesce((SELECT sum(inside) FROM tally WHERE session = part.id), 0) AS inside,
               CASE WHEN :held THEN
                   coalesce((SELECT sum(taken) FROM admits WHERE session = part.id), 0)
                   - coalesce((SELECT sum(registered) FROM tally WHERE session = part.id), 0)
                   + coalesce((SELECT people FROM unexpected WHERE session = part.id), 0)
                   + coalesce((SELECT people FROM named WHERE session = part.id), 0)
               ELSE 0 END AS kept,
               (SELECT CASE WHEN bool_or(capacity IS NULL) THEN NULL ELSE sum(capacity) END
                FROM admits WHERE session = part.id) AS seats
        FROM part
    ), phone AS (
        SELECT device.id, door_pass.door_id, device.seen_at, coalesce(device.waiting, 0) AS waiting,
               device.seen_at < :away AS away
        FROM device JOIN door_pass ON door_pass.id = device.door_pass_id
        WHERE device.event_id = :event AND device.revoked_at IS NULL
    )
    SELECT (SELECT coalesce(sum(people), 0) FROM people) AS admitted,
           (SELECT coalesce(sum(inside), 0) FROM people) AS inside,
           (SELECT jsonb_agg(to_jsonb(room) ORDER BY position, id) FROM room) AS rooms,
           (SELECT jsonb_agg(jsonb_build_array(start, people) ORDER BY start) FROM (
               SELECT start, sum(people) AS people FROM people WHERE start IS NOT NULL GROUP BY 1
           ) AS bin) AS arrivals,
           (SELECT jsonb_object_agg(reason, scans) FROM (
               SELECT coalesce(reason, 'other') AS reason, count(*) AS scans FROM scan
               WHERE event_id = :event AND (kind = 'refused' OR reason = 'paper') AND reason IS DISTINCT FROM 'paper'
               GROUP BY 1
           ) AS refusal) AS refused,
           (SELECT jsonb_agg(jsonb_build_object(
                'id', door.id, 'name', door.name, 'closed', door.closed_at IS NOT NULL,
                'phones', coalesce(held.phones, 0), 'away', coalesce(held.away, 0),
                'waiting', coalesce(held.waiting, 0), 'scans', coalesce(recent.scans, 0))
                ORDER BY door.position, door.id)
            FROM door
            LEFT JOIN (SELECT door_id, count(*) AS phones, count(*) FILTER (WHERE away) AS away,
                              sum(waiting) AS waiting FROM phone GROUP BY door_id) AS held ON held.door_id = door.id
            LEFT JOIN (SELECT door_id, count(*) AS scans FROM scan
                       WHERE event_id = :event AND kind = 'in' AND standing AND at >= :since AND at < :until
                       GROUP BY door_id) AS recent ON recent.door_id = door.id
            WHERE door.event_id = :event) AS doors,
           (SELECT jsonb_agg(jsonb_build_object('door', door.name, 'seen', extract(epoch FROM phone.seen_at),
                    'waiting', phone.waiting, 'away', phone.away,
                    'volunteer', (SELECT name FROM shift WHERE device_id = phone.id ORDER BY since DESC LIMIT 1))
                    ORDER BY phone.away DESC, phone.waiting DESC, phone.id)
            FROM (SELECT * FROM phone WHERE away OR waiting > 0 ORDER BY away DESC, waiting DESC, id LIMIT :most)
                 AS phone JOIN door ON door.id = phone.door_id) AS phones
"""
OF_ONE, OF_SEVERAL = (
    text(FIGURES.format(people=people.format(still_on=STILL_ON), still_on=STILL_ON))
    for people in (PEOPLE_OF_ONE, PEOPLE_OF_SEVERAL)
)

COLUMNS = ("capacity", "taken", "waiting", "starts_at", "ends_at", "held_minutes", "doors_closed_at", "screen_version")
"""Columns of the event's own row that its figures depend on."""


def standing(db: Session, *, event: Event) -> Standing:
    """Return a summary whose `tag` changes whenever the result of live() may change, and each minute.

    One statement.
    """
    minute = _minute()
    row = db.execute(STANDING, {"event": event.id, "away": minute - SILENT_AFTER}).one()
    state = [minute, *row, *(getattr(event, name) for name in (*COLUMNS, "title", "zone", "version"))]
    tag = sha256("\0".join(map(str, state)).encode()).hexdigest()[:24]
    return Standing(row.open_conflicts, row.phones, row.away, int(row.waiting_scans), row.has_parts, tag)


def live(db: Session, *, event: Event, has_parts: bool = True) -> Live:
    """Return the figures at the beginning of this minute, with every scan in the ledger; in one statement.

    `has_parts` False says that the event has one session, so no one can be counted twice: that halves the work.
    """
    minute = _minute()
    is_holding = event.starts_at is None or minute < event.starts_at + timedelta(minutes=event.held_minutes)
    values = {
        "event": event.id,
        "now": minute,
        "held": is_holding,
        "width": BIN // timedelta(milliseconds=1),
        "away": minute - SILENT_AFTER,
        "since": clock.milliseconds(minute - RATE_OVER),
        "until": clock.milliseconds(minute),
        "most": MOST_PHONES,
    }
    row = db.execute(OF_SEVERAL if has_parts else OF_ONE, values).one()
    rooms = [_room(session, event, is_holding) for session in row.rooms]
    return Live(
        expected=event.taken,
        admitted=int(row.admitted),
        inside=int(row.inside),
        capacity=rooms[0].capacity if len(rooms) == 1 else event.capacity,
        rooms=rooms,
        arrivals=[(clock.from_milliseconds(int(start)), people) for start, people in row.arrivals or ()],
        doors=[_door(door) for door in row.doors or ()],
        refused=dict(sorted((row.refused or {}).items(), key=lambda item: -item[1])),
        phones=_phones(row),
    )


def _minute() -> datetime:
    return clock.now().replace(second=0, microsecond=0)


def _room(session: Mapping[str, Any], event: Event, is_holding: bool) -> Room:
    limits = [limit for limit in (event.capacity, session["seats"]) if limit is not None]
    capacity = min(limits, default=None)
    free = None if capacity is None else max(0, capacity - session["inside"] - session["kept"])
    return Room(session["id"], session["title"], session["admitted"], session["inside"], capacity, free, is_holding)


def _door(door: Mapping[str, Any]) -> DoorNow:
    rate = door["scans"] / (RATE_OVER // MINUTE)
    return DoorNow(door["id"], door["name"], door["closed"], door["phones"], door["away"], door["waiting"], rate)


def _phones(row: Row[Any]) -> list[Phone]:
    return [
        Phone(
            phone["door"],
            phone["volunteer"] or "",
            clock.from_milliseconds(int(phone["seen"] * 1000)),
            phone["waiting"],
            phone["away"],
        )
        for phone in row.phones or ()
    ]
