"""The parts of an event's programme, as other statements ask about them."""

STILL_ON = """
    SELECT part.id FROM event_session part JOIN event ON event.id = part.event_id
    WHERE part.event_id = :event
      AND (part.ends_at IS NULL OR part.ends_at + make_interval(mins => CAST(event.grace_minutes AS integer)) > :now)
"""
"""The sessions that people may be inside of `now`: whoever was not scanned out of one has left it when its grace is
over, as the report has it too."""
