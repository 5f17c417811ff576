"""A phone's poll with nothing new: who asks, whether they may, and that nothing changed, in one statement."""

from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.orm import Session

from shared import clock
from shared.door.roster import Roster
from shared.door.roster_cursor import EPOCH, NEXT, OLDEST_OPEN, ReadPoint
from shared.models.door import PASS_LASTS_AFTER_EVENT, PASS_LASTS_WITHOUT_END

# The end of a pass is that of DoorPass.ends_at. Each maximum is one look into an index: a condition with the cursor
# would be planned without knowing it, as a third of the table.
POLL = text(f"""
    SELECT device.event_id, device.door_pass_id, {EPOCH.name} AS epoch, {OLDEST_OPEN.name} AS oldest_open,
           {NEXT.name} AS following,
           greatest(
               (SELECT max(revision) FROM registration
                WHERE event_id = device.event_id AND revision < {NEXT.name}),
               (SELECT max(revision) FROM scan
                WHERE event_id = device.event_id AND revision < {NEXT.name})
           ) AS last_change,
           (SELECT json_object_agg(ticket_id, merged_into) FROM registration
            WHERE event_id = device.event_id AND merged_into IS NOT NULL) AS merged
    FROM device JOIN door_pass ON door_pass.id = device.door_pass_id JOIN event ON event.id = device.event_id
    WHERE device.token_hash = :digest AND device.revoked_at IS NULL
      AND coalesce(door_pass.expires_at, event.ends_at + :after_event, door_pass.created_at + :without_end) > :now
""")  # noqa: S608 - nothing of it comes from outside


@dataclass(frozen=True, slots=True)
class Poll:
    """A phone that may read its event's roster, by its pass, and the roster's next cursor."""

    event_id: int
    pass_id: int
    roster: Roster


def answer(db: Session, *, digest: bytes, since: str | None) -> Poll | None:
    """Return the poll of the phone with a token if nothing changed since the cursor.

    None where roster.changes() has to look closer: something changed, the cursor is not valid, or no phone that may
    read has the token.
    """
    values = {
        "digest": digest,
        "now": clock.now(),
        "after_event": PASS_LASTS_AFTER_EVENT,
        "without_end": PASS_LASTS_WITHOUT_END,
    }
    row = db.execute(POLL, values).one_or_none()
    if row is None:
        return None
    read_point = ReadPoint.of(row.epoch, row.oldest_open, row.following)
    if (row.last_change or 0) in read_point.revisions_since(since):
        return None
    roster = Roster(cursor=read_point.cursor, whole=False, entries=[], scans=[], merged=row.merged or {})
    return Poll(row.event_id, row.door_pass_id, roster)
