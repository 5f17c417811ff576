"""A crowd in the tables, written by a few statements: all attendees of one event, and the scans of its phones."""

from datetime import timedelta
from typing import Any

from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from shared import clock
from shared.models import Event

SINCE = timedelta(minutes=100)
OVER = timedelta(minutes=85)
"""The first arrives 100 minutes before now, the last 15; then the last comes in again."""

# The ticket ids are those of bench.senders.person(). Columns that the worker fills later are filled too: they make rows
# as wide as real ones.
_PEOPLE = text("""
    INSERT INTO registration (event_id, ticket_type_id, state, confirmed_at, ticket_id, short_code, name, name_key,
                              email, phone, contact_key, language, source, code, qr)
    SELECT :event, :kind, 'confirmed', now(), substr(md5(:event || '.' || n), 1, 16), lpad(n::text, 8, 'A'),
           (array['Шариф', 'Мадина', 'Ҷаҳонгир', 'Нигина', 'Манижа'])[1 + n % 5] || ' ' || last,
           (array['sharif', 'madina', 'jahongir', 'nigina', 'manija'])[1 + n % 5] || ' '
               || regexp_replace(last, '([a-z])\\1+', '\\1', 'g'),
           'guest' || n || '@example.org', '+99290' || lpad(n::text, 7, '0'), 'guest' || n || '@example.org',
           (array['tg', 'ru', 'en'])[1 + n % 3], CASE WHEN n % 50 = 0 THEN 'poster' END, repeat('A', 120),
           repeat(md5(n::text), 12)
    FROM generate_series(:first, :first + :people - 1) AS n CROSS JOIN LATERAL substr(md5(n::text), 1, 6) AS last
""")
_SEATED = text("""
    WITH kind AS (UPDATE ticket_type SET taken = taken + :people WHERE id = :kind)
    UPDATE event SET taken = taken + :people WHERE id = :event
""")
# Rows lie in the order in which phones would have sent them, which is not that of the list.
_SCANS = text("""
    WITH phone AS (
        SELECT array_agg(device.id ORDER BY device.id) AS ids, array_agg(door_id ORDER BY device.id) AS doors
        FROM device JOIN door_pass ON door_pass.id = door_pass_id WHERE event_id = :event
    ), guest AS MATERIALIZED (
        SELECT ticket_id AS person, id / 5 % 20 > 0 AS comes, :since + abs(hashint8(id)::bigint) % :over AS came,
               1 + id % cardinality(ids) AS place, ids, doors
        FROM registration CROSS JOIN phone WHERE event_id = :event
    ), seen AS (
        INSERT INTO scan (id, event_id, session_id, person, kind, at, device_id, door_id, reason, digest)
        SELECT CAST(md5(person || '.' || turn) AS uuid), :event, :session, person,
               CASE WHEN comes THEN kind ELSE 'refused' END, came + minutes * 60000, ids[place], doors[place],
               CASE WHEN NOT comes THEN 'other_session' END, decode(md5(person || turn), 'hex')
        FROM guest CROSS JOIN (VALUES (1, 'in', 0), (2, 'out', 10), (3, 'in', 15)) AS move (turn, kind, minutes)
        ORDER BY came + minutes * 60000
        RETURNING device_id
    ), counted AS (
        UPDATE device SET scans = device.scans + mine.scans
        FROM (SELECT device_id, count(*) AS scans FROM seen GROUP BY 1) AS mine WHERE mine.device_id = device.id
    )
    INSERT INTO admission (person, session_id, event_id, registered, first, first_at, inside, "left", entries)
    SELECT person, :session, :event, true, CAST(md5(person || '.1') AS uuid), came, CAST(md5(person || '.3') AS uuid),
           CAST(md5(person || '.2') AS uuid), 2
    FROM guest WHERE comes ORDER BY came
""")


def register(db: Session, *, event: Event, people: int, first: int = 1) -> None:
    """Register so many people with a seat, numbered from `first`: five first names, three languages, one source."""
    values = {"event": event.id, "kind": event.ticket_types[0].id, "people": people}
    db.execute(_PEOPLE, {**values, "first": first})
    db.execute(_SEATED, values)


def scan_everyone(db: Session, *, event: Event) -> None:
    """Scan everyone registered three times, by the paired phones: of each hundred 95 came in, went out and are in
    again; the others were refused three times.
    """
    since = clock.milliseconds(clock.now() - SINCE)
    values: dict[str, Any] = {"event": event.id, "session": event.sessions[0].id, "since": since}
    db.execute(_SCANS, {**values, "over": OVER // timedelta(milliseconds=1)})


def settle(engine: Engine) -> None:
    """Do the work of autovacuum, which it does within minutes; the plan must not depend on its timing."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("SET statement_timeout = 0"))
        connection.execute(text("VACUUM ANALYZE"))
        connection.execute(text("RESET statement_timeout"))
