"""The parts of an event's programme, as other statements ask about them."""

# An array, which is looked up once: of a condition with a subquery the planner expects far too few to be inside.
STILL_ON = """ANY (ARRAY(
    SELECT part.id FROM event_session part JOIN event ON event.id = part.event_id
    WHERE part.event_id = :event
      AND (part.ends_at IS NULL OR part.ends_at + make_interval(mins => CAST(event.grace_minutes AS integer)) > :now)
))"""
"""What equals the id of a session that people may be inside of `now`: whoever was not scanned out of one has left it
when its grace is over, as the report has it too."""
