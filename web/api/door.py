"""The API of the phones at the doors. Its requests are typed here, its responses in web/door/src/lib/types.ts.

Unknown fields are ignored, so that the last two versions of the scanner are understood.
"""

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

from flask import Response, jsonify, request
from flask.typing import ResponseReturnValue
from pydantic import AfterValidator, BaseModel, Field
from sqlalchemy.orm import Session

from shared import clock, tokens
from shared.door import attendance, doors, passes, quarantine
from shared.door import roster as rosters
from shared.door.attendance import Result
from shared.door.batches import Batch, ScanClaim
from shared.errors import Unidentified
from shared.i18n import normalize
from shared.models import Device, Door, DoorPass
from web.access import DEVICE, DEVICE_LATE, VISITOR, Visitor, network
from web.current import resources, settings
from web.forms.scans import Name, Stamp, read_scan, read_shifts, read_walk_ins
from web.limits import Limit
from web.routes import Routes
from web.security_events import SecurityEvent, note


def forbid_caching(response: Response) -> Response:
    """Keep names and tokens out of every cache."""
    response.headers["Cache-Control"] = "no-store"
    return response


api = Routes("door_api", __name__, url_prefix="/api/door")
api.after_request(forbid_caching)

LATEST_SHIFTS = 50


class PassRequest(BaseModel):
    """A pairing code."""

    secret: Annotated[str, Field(max_length=200)]


class PairRequest(PassRequest):
    """A pairing code and the volunteer; `device` is the UUID that the phone has generated."""

    volunteer: Name
    device: UUID


class ScansRequest(BaseModel):
    """A whole batch, its scans not yet validated. `waiting` and `version` show organizers the state of the phone."""

    device_time: Stamp
    waiting: Annotated[int | None, Field(ge=0, lt=2**31)] = None
    version: Annotated[str | None, Field(max_length=40), AfterValidator(lambda text: text and normalize(text))] = None
    handed_in: Annotated[int, Field(ge=0, lt=2**31)] = 0
    shifts: list[Any] = []
    walk_ins: Annotated[list[Any], Field(max_length=100)] = []
    scans: Annotated[list[Any], Field(max_length=attendance.LARGEST_BATCH)] = []


def _token() -> str | None:
    """Return a digest that identifies the phone's token without storing it."""
    token = request.headers.get("Authorization", "").partition(" ")[2]
    return tokens.digest(token).hex() if token else None


PAIRING_LIMIT = Limit("pairing", 60, 60, network)
PASS_LIMIT = Limit("pass", 60, 60, network)
# A phone fetches the roster 20 times a minute, and sends scans at each check-in, or one batch after another.
ROSTER_LIMIT = Limit("roster", 300, 60, _token)
SCANS_LIMIT = Limit("scans", 600, 60, _token)


def _pass_of(secret: str) -> tokens.Subject:
    """Return the pass that a secret names. Raises Unidentified for one that we did not sign."""
    subject = tokens.verify(settings().secrets, "pairing", secret)
    if subject is None:
        raise Unidentified("pass")
    return subject


@api.post("/pass", access=VISITOR, limits=(PASS_LIMIT,))
def show_pass(db: Session, by: Visitor) -> ResponseReturnValue:
    """Return the event and door of a pass, before a name is entered and a phone counted."""
    body = PassRequest.model_validate(request.get_json())
    subject = _pass_of(body.secret)
    door = passes.read(db, pass_id=subject.id, version=subject.version).door
    event = {"title": door.event.title, "languages": door.event.languages}
    return jsonify(event=event, door=_door(door), server_time=_now())


@api.post("/pair", access=VISITOR, limits=(PAIRING_LIMIT,))
def pair(db: Session, by: Visitor) -> ResponseReturnValue:
    """Pair a phone with the door that the secret names."""
    body = PairRequest.model_validate(request.get_json())
    subject = _pass_of(body.secret)
    device, token = passes.pair(
        db, pass_id=subject.id, version=subject.version, phone=body.device, volunteer=body.volunteer
    )
    assert device.door_pass is not None  # it was just paired by one
    ticket_types = rosters.ticket_types(db, event=device.door_pass.door.event)
    return jsonify(token=token, **_door_rules(db, device.door_pass, ticket_types))


@api.get("/roster", access=DEVICE, limits=(ROSTER_LIMIT,))
def roster(db: Session, by: Device) -> ResponseReturnValue:
    """Return the tickets and the scans of all doors that changed since the cursor."""
    changed = rosters.changes(db, device=by, since=request.args.get("since"))
    assert by.door_pass is not None  # without one it has no token
    return jsonify(
        cursor=changed.cursor,
        whole=changed.whole,
        entries=changed.entries,
        removed=[],
        scans=changed.scans,
        merged=changed.merged,
        **_door_rules(db, by.door_pass, changed.ticket_types),
    )


@api.post("/scans", access=DEVICE_LATE, limits=(SCANS_LIMIT,))
def receive_scans(db: Session, by: Device) -> ResponseReturnValue:
    """Receive a batch; every scan gets its own result, in order."""
    body = ScansRequest.model_validate(request.get_json())
    read = [read_scan(scan) for scan in body.scans]
    batch = Batch(
        scans=[claim for claim in read if isinstance(claim, ScanClaim)],
        handed_in=body.handed_in,
        shifts=read_shifts(body.shifts[-LATEST_SHIFTS:]),
        walk_ins=read_walk_ins(body.walk_ins),
        waiting=body.waiting,
        clock_offset=_now() - body.device_time,
        version=body.version,
    )
    recorded = quarantine.receive(db, device=by, batch=batch, is_limited=resources().limiter.on)
    if recorded.quarantined:
        note(SecurityEvent.SCAN_QUARANTINED, event_id=by.event_id, device_id=by.id, count=recorded.quarantined)
    answers = iter(recorded.results)
    results = [_result_json(next(answers)) if isinstance(claim, ScanClaim) else claim for claim in read]
    return jsonify(server_time=_now(), resend=recorded.resend, results=results)


def _result_json(result: Result) -> dict[str, Any]:
    answer = {"id": str(result.id), "result": result.result}
    return answer | {"reason": result.reason} if result.reason else answer


def _door_rules(db: Session, door_pass: DoorPass, ticket_types: Sequence[rosters.RosterTicketType]) -> dict[str, Any]:
    """Return what every phone of a pass decides by; paired phones get a change of it with their next roster."""
    event = door_pass.door.event
    return {
        "event": rosters.moments(event) | {"zone": event.zone, "languages": event.languages},
        "door": _door(door_pass.door) | {"closed": door_pass.door.closed_at is not None},
        "doors": [_door(door) for door in doors.of_event(db, event_id=event.id)],
        "sessions": rosters.sessions(door_pass, ticket_types),
        "types": [{"id": each.id, "title": each.title, "sessions": each.sessions} for each in ticket_types],
        "keys": rosters.keys(db, event=event),
        "rules": rosters.rules(door_pass),
        "server_time": _now(),
    }


def _door(door: Door) -> dict[str, Any]:
    return {"id": door.id, "name": door.name}


def _now() -> int:
    return clock.milliseconds(clock.now())
