"""The sessions of an event, as a fragment of other statements."""

# An array, which is looked up once: for a condition with a subquery the planner expects far too few people inside.
STILL_ON = """ANY (ARRAY(
    SELECT part.id FROM event_session part JOIN event ON event.id = part.event_id
    WHERE part.event_id = :event
      AND (part.ends_at IS NULL OR part.ends_at + make_interval(mins => CAST(event.grace_minutes AS integer)) > :now)
))"""
"""Equals the id of a session that people may be inside of `now`: a person who was not scanned out has left when the
session's grace is over, as in the report.
"""
