"""Seats are taken and registrations inserted by functions, and a ticket is stored without writing any index anew.

* In one statement that locks, inserts and counts, PostgreSQL prepares all of it again for each transaction that has
  waited for the lock (EvalPlanQual), with the row locked. The statements of a function are small, and each sees the row
  as it was locked.
* A ticket's code and its picture concern no door, so they leave `revision`, which is indexed, as it is. Beyond 1 kB a
  row stores its picture apart, and pages keep room for the second version of a row. Both hold for rows written from now
  on.
"""

from collections.abc import Sequence

from alembic import op

revision: str = "0020"
down_revision: str | None = "0019"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

ADD_REGISTRATIONS = """
    CREATE FUNCTION add_registrations(common jsonb, people jsonb, leaves_out_known boolean) RETURNS SETOF bigint
    LANGUAGE plpgsql AS $$
    DECLARE
        added bigint;
    BEGIN
        RETURN QUERY
        INSERT INTO registration (event_id, ticket_type_id, host_id, state, deadline, confirmed_at, waited_at,
                                  cancelled_at, cancelled_by, held, walk_in, device_id, ticket_id, short_code, name,
                                  name_key, email, phone, contact_key, language, once, source, consent, answers)
        SELECT registration.*
        FROM jsonb_array_elements(people) AS person,
             jsonb_to_record('{"held": false, "walk_in": false, "answers": {}}' || common || person) AS registration (
                 event_id bigint, ticket_type_id bigint, host_id bigint, state text, deadline timestamptz,
                 confirmed_at timestamptz, waited_at timestamptz, cancelled_at timestamptz, cancelled_by text,
                 held boolean, walk_in boolean, device_id bigint, ticket_id text, short_code text, name text,
                 name_key text, email text, phone text, contact_key text, language text, once text, source text,
                 consent text, answers jsonb
             )
        ON CONFLICT DO NOTHING
        RETURNING id;
        GET DIAGNOSTICS added = ROW_COUNT;
        IF added < jsonb_array_length(people) AND NOT leaves_out_known THEN
            RAISE unique_violation USING MESSAGE = 'a person is registered already', TABLE = 'registration';
        END IF;
    END $$
"""
# The event's row is locked before the ticket type's, as everywhere, and both are read as they are once they are locked.
# A full event is no error, and is looked at closer only then.
TAKE_SEATS = """
    CREATE FUNCTION take_seats(event_read bigint, version_read integer, type_chosen bigint, common jsonb, people jsonb,
                               channel_named text, words_agreed text, email_kind text, email_priority integer)
    RETURNS TABLE (host bigint, has_seats boolean, seats_left bigint, is_full boolean)
    LANGUAGE plpgsql AS $$
    DECLARE
        party CONSTANT bigint := jsonb_array_length(people);
        companions CONSTANT jsonb := people - 0;
    BEGIN
        SELECT least(event.capacity - event.taken, ticket_type.capacity - ticket_type.taken) - party INTO seats_left
        FROM event JOIN ticket_type ON ticket_type.event_id = event.id
        WHERE event.id = event_read AND event.state = 'published' AND event.doors_closed_at IS NULL
          AND event.version = coalesce(version_read, event.version)
          AND ticket_type.id = type_chosen AND ticket_type.waiting = 0
          AND coalesce(least(event.capacity - event.taken, ticket_type.capacity - ticket_type.taken) >= party, true)
        FOR NO KEY UPDATE OF event, ticket_type;
        has_seats := FOUND;
        IF NOT has_seats THEN
            is_full := EXISTS (SELECT FROM event WHERE id = event_read AND state = 'published'
                               AND doors_closed_at IS NULL AND version = version_read)
                AND NOT EXISTS (SELECT FROM registration WHERE event_id = event_read AND host_id IS NULL
                                AND contact_key = people -> 0 ->> 'contact_key'
                                AND (state <> 'cancelled' OR once = people -> 0 ->> 'once'));
            RETURN NEXT;
            RETURN;
        END IF;
        is_full := false;
        IF party = 1 OR NOT EXISTS (
            SELECT FROM registration WHERE event_id = event_read
            AND short_code IN (SELECT person ->> 'short_code' FROM jsonb_array_elements(companions) AS person)
        ) THEN
            IF channel_named IS NOT NULL THEN
                common := common || jsonb_build_object('source', (
                    SELECT code FROM channel WHERE event_id = event_read AND code = channel_named FOR KEY SHARE
                ));
            END IF;
            SELECT id INTO host FROM add_registrations(common, jsonb_build_array(people -> 0), true) AS id;
        END IF;
        IF host IS NOT NULL THEN
            IF party > 1 THEN
                PERFORM FROM add_registrations(common || jsonb_build_object('host_id', host), companions, false);
            END IF;
            UPDATE event SET taken = taken + party WHERE id = event_read;
            UPDATE ticket_type SET taken = taken + party WHERE id = type_chosen;
            INSERT INTO consent_wording (version, language, wording)
            SELECT common ->> 'consent', common ->> 'language', words_agreed
            WHERE common ->> 'consent' IS NOT NULL AND words_agreed IS NOT NULL
            ON CONFLICT DO NOTHING;
            INSERT INTO outbox (kind, subject, priority) VALUES (email_kind, host, email_priority);
        END IF;
        RETURN NEXT;
    END $$
"""
# A generated column is computed only after this trigger: NEW has none.
STAMP_REVISION = """
    CREATE OR REPLACE FUNCTION stamp_revision() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF NEW.code IS DISTINCT FROM OLD.code OR NEW.qr IS DISTINCT FROM OLD.qr THEN
            OLD.code := NEW.code;
            OLD.qr := NEW.qr;
            OLD.name_order := NEW.name_order;
            IF OLD IS NOT DISTINCT FROM NEW THEN
                RETURN NEW;
            END IF;
        END IF;
        NEW.revision := pg_current_xact_id()::text::bigint;
        RETURN NEW;
    END $$
"""
STAMP_EACH_REVISION = """
    CREATE OR REPLACE FUNCTION stamp_revision() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        NEW.revision := pg_current_xact_id()::text::bigint;
        RETURN NEW;
    END $$
"""


def upgrade() -> None:
    for function in (ADD_REGISTRATIONS, TAKE_SEATS, STAMP_REVISION):
        op.execute(function)
    op.execute("ALTER TABLE registration SET (fillfactor = 60, toast_tuple_target = 1024)")


def downgrade() -> None:
    op.execute("ALTER TABLE registration RESET (fillfactor, toast_tuple_target)")
    op.execute(STAMP_EACH_REVISION)
    op.execute("DROP FUNCTION take_seats")
    op.execute("DROP FUNCTION add_registrations")
