-- The statement that took seats until revision 0019, as shared/registrations/taking_seats.py had it.
WITH via AS (
    SELECT code FROM channel WHERE event_id = :event AND code = :source FOR KEY SHARE
), free AS (
    SELECT event.id AS event_id, ticket_type.id AS ticket_type_id,
           least(event.capacity - event.taken, ticket_type.capacity - ticket_type.taken) - :party AS seats_left
    FROM event JOIN ticket_type ON ticket_type.event_id = event.id
    WHERE event.id = :event AND event.state = 'published' AND event.doors_closed_at IS NULL
      AND event.version = coalesce(CAST(:version AS integer), event.version)
      AND (event.capacity IS NULL OR event.taken + :party <= event.capacity)
      AND ticket_type.id = :ticket_type AND ticket_type.waiting = 0
      AND (ticket_type.capacity IS NULL OR ticket_type.taken + :party <= ticket_type.capacity)
    FOR NO KEY UPDATE OF event, ticket_type
), host AS (
    INSERT INTO registration (event_id, ticket_type_id, state, confirmed_at, deadline, ticket_id, short_code, name,
                              name_key, email, phone, contact_key, language, once, source, consent, answers)
    SELECT free.event_id, free.ticket_type_id, :state, CAST(:confirmed_at AS timestamptz),
           CAST(:deadline AS timestamptz), ticket_id, short_code, name, name_key, :email, :phone, :contact_key,
           :language, :once, (SELECT code FROM via), :consent, CAST(:answers AS jsonb)
    FROM free, jsonb_to_record(:host) AS person (ticket_id text, short_code text, name text, name_key text)
    WHERE NOT EXISTS (SELECT FROM registration WHERE event_id = :event AND short_code = ANY(:companion_codes))
    ON CONFLICT DO NOTHING
    RETURNING id, event_id, ticket_type_id, state, confirmed_at, deadline, language, source, consent
), event_seats AS (
    UPDATE event SET taken = taken + :party WHERE id = (SELECT event_id FROM host)
), type_seats AS (
    UPDATE ticket_type SET taken = taken + :party WHERE id = (SELECT ticket_type_id FROM host)
), companions AS (
    INSERT INTO registration (event_id, ticket_type_id, host_id, state, confirmed_at, deadline, ticket_id,
                              short_code, name, name_key, language, source, consent)
    SELECT host.event_id, host.ticket_type_id, host.id, host.state, host.confirmed_at, host.deadline,
           person.ticket_id, person.short_code, person.name, person.name_key, host.language, host.source,
           host.consent
    FROM host, jsonb_to_recordset(:companions)
               AS person (ticket_id text, short_code text, name text, name_key text)
), worded AS (
    INSERT INTO consent_wording (version, language, wording)
    SELECT host.consent, host.language, CAST(:wording AS text) FROM host
    WHERE host.consent IS NOT NULL AND CAST(:wording AS text) IS NOT NULL
    ON CONFLICT DO NOTHING
), promised AS (
    INSERT INTO outbox (kind, subject, priority) SELECT CAST(:kind AS text), host.id, :priority FROM host
)
SELECT host.id, EXISTS (SELECT FROM free) AS has_seats, (SELECT seats_left FROM free) AS seats_left,
       host.id IS NULL AND NOT EXISTS (SELECT FROM free)
       AND EXISTS (SELECT FROM event WHERE id = :event AND state = 'published' AND doors_closed_at IS NULL
                   AND version = :version)
       AND NOT EXISTS (SELECT FROM registration WHERE event_id = :event AND contact_key = :contact_key
                       AND host_id IS NULL AND (state <> 'cancelled' OR once = :once)) AS is_full
FROM (VALUES (1)) AS one LEFT JOIN host ON true
