"""The API of the phones at the doors, as docs/door-api.md and docs/openapi.json say.

Unknown fields are ignored, so that the last two versions of the scanner are understood.
"""

import json
from collections.abc import Mapping, Sequence
from functools import partial
from hashlib import sha256
from typing import Annotated, Any
from uuid import UUID

from flask import Response, jsonify, request
from flask.typing import ResponseReturnValue
from pydantic import AfterValidator, BaseModel, Field
from sqlalchemy.orm import Session

from shared import clock, tokens
from shared.door import attendance, doors, passes, polls, quarantine
from shared.door import roster as rosters
from shared.door.attendance import BatchResult, Result
from shared.door.batches import Batch, ScanClaim
from shared.errors import Refused, Unidentified
from shared.i18n import normalize
from shared.models import Device, Door, DoorPass
from web.access import DEVICE, DEVICE_LATE, TOKEN, VISITOR, Visitor, network
from web.api.answers import (
    DoorFacts,
    DoorSetup,
    PairAnswer,
    PassAnswer,
    RosterAnswer,
    ScanAnswer,
    ScansAnswer,
)
from web.current import KeptSetup, resources, settings
from web.forms.scans import (
    Name,
    ScanInput,
    ShiftInput,
    Stamp,
    WalkInInput,
    read_alone,
    read_scan,
    read_shifts,
    read_walk_ins,
)
from web.limits import Limit
from web.metrics import SCANS
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


class RosterRequest(BaseModel):
    """The cursor of the phone's copy of the roster; without a valid one the whole roster is returned. `setup` is the
    hash of what the phone decides by, which is then not repeated.
    """

    since: str | None = None
    setup: str | None = None


class ScansRequest(BaseModel):
    """A whole batch, its items not yet validated. `waiting` and `version` show organizers the state of the phone."""

    device_time: Stamp
    waiting: Annotated[int | None, Field(ge=0, lt=2**31)] = None
    version: Annotated[str | None, Field(max_length=40), AfterValidator(lambda text: text and normalize(text))] = None
    handed_in: Annotated[int, Field(ge=0, lt=2**31)] = 0
    shifts: list[Annotated[Any, read_alone(ShiftInput)]] = []
    walk_ins: Annotated[list[Annotated[Any, read_alone(WalkInInput)]], Field(max_length=100)] = []
    scans: Annotated[list[Annotated[Any, read_alone(ScanInput)]], Field(max_length=attendance.LARGEST_BATCH)] = []


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


@api.post(
    "/pass",
    access=VISITOR,
    limits=(PASS_LIMIT,),
    takes=PassRequest,
    answers={200: PassAnswer},
    raises=(Unidentified,),
)
def show_pass(db: Session, by: Visitor, received: PassRequest) -> ResponseReturnValue:
    """Return the event and door of a pass, before a name is entered and a phone counted."""
    subject = _pass_of(received.secret)
    door = passes.read(db, pass_id=subject.id, version=subject.version).door
    answer: PassAnswer = {
        "event": {"title": door.event.title, "languages": door.event.languages},
        "door": _door(door),
        "server_time": _now(),
    }
    return jsonify(answer)


@api.post(
    "/pair",
    access=VISITOR,
    limits=(PAIRING_LIMIT,),
    takes=PairRequest,
    answers={200: PairAnswer},
    raises=(Unidentified,),
)
def pair(db: Session, by: Visitor, received: PairRequest) -> ResponseReturnValue:
    """Pair a phone with the door that the secret names."""
    subject = _pass_of(received.secret)
    device, token = passes.pair(
        db, pass_id=subject.id, version=subject.version, phone=received.device, volunteer=received.volunteer
    )
    assert device.door_pass is not None  # it was just paired by one
    ticket_types = rosters.ticket_types(db, event=device.door_pass.door.event)
    answer: PairAnswer = {"token": token, "server_time": _now(), **_door_setup(db, device.door_pass, ticket_types)}
    return jsonify(answer)


def roster_at_once(db: Session, by: bytes, received: RosterRequest) -> ResponseReturnValue | None:
    """Answer a poll with nothing new in one statement; None if something may be new, or the phone may not read."""
    poll = polls.answer(db, digest=by, since=received.since)
    if poll is None:
        return None
    setup = _kept_setup(db, pass_id=poll.pass_id, event_id=poll.event_id)
    return jsonify(_roster_answer(poll.roster, setup, received))


@api.get(
    "/roster",
    access=DEVICE,
    limits=(ROSTER_LIMIT,),
    at_once=roster_at_once,
    at_once_access=TOKEN,
    takes=RosterRequest,
    answers={200: RosterAnswer},
)
def roster(db: Session, by: Device, received: RosterRequest) -> ResponseReturnValue:
    """Return the tickets and the scans of all doors that changed since the cursor."""
    assert by.door_pass_id is not None  # without one it has no token
    setup = _kept_setup(db, pass_id=by.door_pass_id, event_id=by.event_id)
    changed = rosters.changes(db, device=by, since=received.since)
    return jsonify(_roster_answer(changed, setup, received))


def _roster_answer(changed: rosters.Roster, setup: KeptSetup, received: RosterRequest) -> Mapping[str, Any]:
    answer: RosterAnswer = {
        "cursor": changed.cursor,
        "whole": changed.whole,
        "entries": changed.entries,
        "removed": [],
        "scans": changed.scans,
        "merged": changed.merged,
        "server_time": _now(),
        "setup": setup.tag,
    }
    return answer if received.setup == setup.tag else {**answer, **setup.facts}


def receive_scans_at_once(db: Session, by: Device, received: ScansRequest) -> ResponseReturnValue | None:
    """Receive a batch in one statement if nothing in it is unusual; None if something may be."""
    scans = [read_scan(scan) for scan in received.scans]
    recorded = attendance.record_at_once(db, device=by, batch=_batch(received, scans))
    return None if recorded is None else jsonify(_scans_answer(scans, recorded))


@api.post(
    "/scans",
    access=DEVICE_LATE,
    limits=(SCANS_LIMIT,),
    at_once=receive_scans_at_once,
    takes=ScansRequest,
    answers={200: ScansAnswer},
    raises=(Refused,),
)
def receive_scans(db: Session, by: Device, received: ScansRequest) -> ResponseReturnValue:
    """Receive a batch; every scan gets its own result, in order."""
    scans = [read_scan(scan) for scan in received.scans]
    recorded = quarantine.receive(db, device=by, batch=_batch(received, scans), is_limited=resources().limiter.on)
    if recorded.quarantined:
        note(SecurityEvent.SCAN_QUARANTINED, event_id=by.event_id, device_id=by.id, count=recorded.quarantined)
    return jsonify(_scans_answer(scans, recorded))


def _batch(received: ScansRequest, scans: Sequence[ScanClaim | ScanAnswer]) -> Batch:
    return Batch(
        scans=[scan for scan in scans if isinstance(scan, ScanClaim)],
        handed_in=received.handed_in,
        shifts=read_shifts(received.shifts[-LATEST_SHIFTS:]),
        walk_ins=read_walk_ins(received.walk_ins),
        waiting=received.waiting,
        clock_offset=_now() - received.device_time,
        version=received.version,
    )


def _scans_answer(scans: Sequence[ScanClaim | ScanAnswer], recorded: BatchResult) -> ScansAnswer:
    """Count the results, and return the answer to a batch: the result of each scan, in order."""
    for result in recorded.results:
        SCANS.labels(result.result).inc()
    results = iter(recorded.results)
    return {
        "server_time": _now(),
        "resend": recorded.resend,
        "results": [_scan_answer(next(results)) if isinstance(scan, ScanClaim) else scan for scan in scans],
    }


def _scan_answer(result: Result) -> ScanAnswer:
    answer: ScanAnswer = {"id": str(result.id), "result": result.result}
    return {**answer, "reason": result.reason} if result.reason else answer


def _kept_setup(db: Session, *, pass_id: int, event_id: int) -> KeptSetup:
    """Return what the phones of this pass decide by, as it was within the last second."""
    # In the request's own session, which has a connection: were all taken, each would wait for a second one.
    make = partial(_read_setup, db, pass_id=pass_id, event_id=event_id)
    return resources().setups.get(pass_id, make)


def _read_setup(db: Session, *, pass_id: int, event_id: int) -> KeptSetup:
    door_pass = passes.get(db, pass_id=pass_id, event_id=event_id)
    facts = _door_setup(db, door_pass, rosters.ticket_types(db, event=door_pass.door.event))
    return KeptSetup(facts, sha256(json.dumps(facts).encode()).hexdigest()[:16])


def _door_setup(db: Session, door_pass: DoorPass, ticket_types: Sequence[rosters.RosterTicketType]) -> DoorSetup:
    """Return what every phone of a pass decides by; paired phones get a change of it with their next roster."""
    event = door_pass.door.event
    return {
        "event": {**rosters.moments(event), "zone": event.zone, "languages": event.languages},
        "door": {**_door(door_pass.door), "closed": door_pass.door.closed_at is not None},
        "doors": [_door(door) for door in doors.of_event(db, event_id=event.id)],
        "sessions": rosters.sessions(door_pass, ticket_types),
        "types": [{"id": each.id, "title": each.title, "sessions": each.sessions} for each in ticket_types],
        "keys": rosters.keys(db, event=event),
        "rules": rosters.rules(door_pass),
    }


def _door(door: Door) -> DoorFacts:
    return {"id": door.id, "name": door.name}


def _now() -> int:
    return clock.milliseconds(clock.now())
