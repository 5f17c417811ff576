"""The doors page, its live sections, and each action on it: doors and their rules, passes and phones, conflicts,
walk-ins, quarantines, and files that phones saved without a network.
"""

from hashlib import sha256
from uuid import UUID

from flask import Response, jsonify, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from typing_extensions import TypedDict

from shared.door import conflicts, doors, passes, phones, quarantine, scan_files, walk_ins
from shared.door.batches import ScanClaim
from shared.door.scan_files import ScanFile
from shared.i18n import language
from web.access import ORGANIZER, Member
from web.bounds import Body
from web.forms.scans import HandInFile, read_scan, read_shifts, read_walk_ins
from web.organizer.doors.form import UPLOAD_LIMIT, read_files, read_name, read_note, read_pass, read_rules, refuse_large
from web.organizer.doors.page import done, live_sections, refused, show
from web.organizer.routes import OrganizerRoutes, event_of

pages = OrganizerRoutes("organizer_doors", __name__, url_prefix="/organize/events/<int:event_id>/doors")


class LiveSections(TypedDict):
    """The sections of the doors page that update automatically, as HTML."""

    html: str


@pages.get("/", access=ORGANIZER)
def page(db: Session, by: Member, event_id: int) -> ResponseReturnValue:
    """Show the doors of an event; `?page=`, `?phones=` and `?pairs=` turn its lists."""
    return show(db, by)


@pages.get("/changing.json", access=ORGANIZER, answers={200: LiveSections, 304: None})
def live_sections_json(db: Session, by: Member, event_id: int) -> ResponseReturnValue:
    """Return the sections of the page that update automatically; 304 while they are unchanged."""
    html = live_sections(db, by)
    # A digest of the text itself: "2 minutes ago" changes though no row has.
    tag = sha256(f"{language()} {html}".encode()).hexdigest()[:24]
    is_unchanged = request.if_none_match.contains_weak(tag)
    sections: LiveSections = {"html": html}
    response = Response(status=304) if is_unchanged else jsonify(sections)
    response.set_etag(tag, weak=True)
    response.headers["Cache-Control"] = "private, no-cache"
    return response


@pages.post("/", access=ORGANIZER, refused=refused)
def add(db: Session, by: Member, event_id: int) -> ResponseReturnValue:
    """Add a door."""
    event = event_of(by)
    door = doors.add(db, event=event, name=read_name(request.form, event.languages), by=by.account)
    return done(event_id, "added", f"door-{door.id}")


@pages.post("/<int:door_id>/name", access=ORGANIZER, refused=refused)
def rename(db: Session, by: Member, event_id: int, door_id: int) -> ResponseReturnValue:
    """Rename a door."""
    door = doors.door(db, door_id=door_id, event_id=event_id)
    name = read_name(request.form, event_of(by).languages, door.name)
    doors.rename(db, door=door, name=name, by=by.account)
    return done(event_id, "renamed", f"door-{door_id}")


@pages.post("/<int:door_id>/close", access=ORGANIZER)
def close(db: Session, by: Member, event_id: int, door_id: int) -> ResponseReturnValue:
    """Close a door."""
    doors.close(db, door=doors.door(db, door_id=door_id, event_id=event_id), by=by.account)
    return done(event_id, "closed", f"door-{door_id}")


@pages.post("/<int:door_id>/reopen", access=ORGANIZER)
def reopen(db: Session, by: Member, event_id: int, door_id: int) -> ResponseReturnValue:
    """Reopen a closed door."""
    doors.reopen(db, door=doors.door(db, door_id=door_id, event_id=event_id), by=by.account)
    return done(event_id, "reopened", f"door-{door_id}")


@pages.post("/rules", access=ORGANIZER, refused=refused)
def rules(db: Session, by: Member, event_id: int) -> ResponseReturnValue:
    """Save the rules by which the doors admit."""
    doors.set_rules(db, event=event_of(by), rules=read_rules(request.form), by=by.account)
    return done(event_id, "rules", "rules")


@pages.post("/<int:door_id>/passes", access=ORGANIZER, refused=refused)
def create(db: Session, by: Member, event_id: int, door_id: int) -> ResponseReturnValue:
    """Create a pass for a door; earlier passes stay valid."""
    door = doors.door(db, door_id=door_id, event_id=event_id)
    new_pass = read_pass(request.form, request.form.getlist("sessions"), event_of(by))
    passes.create(
        db,
        door=door,
        by=by.account,
        phones=new_pass.phones,
        sessions=new_pass.sessions,
        expires_at=new_pass.expires_at,
    )
    return done(event_id, "made", f"door-{door_id}")


@pages.post("/passes/<int:pass_id>/renew", access=ORGANIZER)
def replace_link(db: Session, by: Member, event_id: int, pass_id: int) -> ResponseReturnValue:
    """Replace the link of a pass."""
    door_pass = passes.get(db, pass_id=pass_id, event_id=event_id)
    passes.renew(db, door_pass=door_pass, by=by.account)
    return done(event_id, "renewed", f"door-{door_pass.door_id}")


@pages.post("/passes/<int:pass_id>/end", access=ORGANIZER)
def revoke_pass(db: Session, by: Member, event_id: int, pass_id: int) -> ResponseReturnValue:
    """Revoke a pass, and with it the access of its phones."""
    door_pass = passes.get(db, pass_id=pass_id, event_id=event_id)
    passes.revoke(db, door_pass=door_pass, by=by.account)
    return done(event_id, "ended", f"door-{door_pass.door_id}")


@pages.post("/phones/<int:device_id>/revoke", access=ORGANIZER)
def revoke_phone(db: Session, by: Member, event_id: int, device_id: int) -> ResponseReturnValue:
    """Revoke one phone and, where asked, replace the link of its pass. A phone already revoked stays as it is."""
    phone = phones.get(db, device_id=device_id, event_id=event_id)
    renew_pass = phone.revoked_at is None and request.form.get("renew") == "1"
    phones.revoke(db, device=phone, by=by.account, renew_pass=renew_pass)
    return done(event_id, "revoked_and_renewed" if renew_pass else "revoked", "phones")


@pages.post("/phones/<int:device_id>/allow", access=ORGANIZER)
def allow_phone(db: Session, by: Member, event_id: int, device_id: int) -> ResponseReturnValue:
    """Allow a revoked phone to pair again."""
    phones.allow(db, device=phones.get(db, device_id=device_id, event_id=event_id), by=by.account)
    return done(event_id, "allowed", "phones")


@pages.post("/conflicts/<uuid:scan_id>/<uuid:rival_id>/note", access=ORGANIZER, refused=refused)
def settle(db: Session, by: Member, event_id: int, scan_id: UUID, rival_id: UUID) -> ResponseReturnValue:
    """Save a note on a conflict, which settles it."""
    note = read_note(request.form)
    conflicts.settle(db, event=event_of(by), scans=(scan_id, rival_id), note=note, by=by.account)
    return done(event_id, "settled", "conflicts")


@pages.post("/conflicts/<uuid:scan_id>/<uuid:rival_id>/reopen", access=ORGANIZER)
def reopen_conflict(db: Session, by: Member, event_id: int, scan_id: UUID, rival_id: UUID) -> ResponseReturnValue:
    """Delete the note, which reopens the conflict."""
    conflicts.reopen(db, event=event_of(by), scans=(scan_id, rival_id), by=by.account)
    return done(event_id, "opened", "conflicts")


@pages.post("/phones/<int:device_id>/quarantine/accept", access=ORGANIZER)
def accept_quarantine(db: Session, by: Member, event_id: int, device_id: int) -> ResponseReturnValue:
    """Count everything in the phone's quarantine, as if an allowed phone had sent it."""
    phone = phones.get(db, device_id=device_id, event_id=event_id)
    answers = quarantine.accept_all(db, device=phone, by=by.account)
    return done(event_id, "quarantine_accepted", "phones", **answers)


@pages.post("/phones/<int:device_id>/quarantine/delete", access=ORGANIZER)
def delete_quarantine(db: Session, by: Member, event_id: int, device_id: int) -> ResponseReturnValue:
    """Delete everything in the phone's quarantine for good."""
    phone = phones.get(db, device_id=device_id, event_id=event_id)
    deleted = quarantine.delete_all(db, device=phone, by=by.account)
    return done(event_id, "quarantine_deleted", "phones", scans=deleted["scan"], walk_ins=deleted["walk_in"])


@pages.post("/walk-ins/<walk_in>/<ticket>/merge", access=ORGANIZER)
def merge(db: Session, by: Member, event_id: int, walk_in: str, ticket: str) -> ResponseReturnValue:
    """Count a walk-in and a registration as one person."""
    walk_ins.merge(db, event=event_of(by), walk_in=walk_in, ticket=ticket, by=by.account)
    return done(event_id, "merged", "walk-ins")


@pages.post("/walk-ins/<walk_in>/<ticket>/separate", access=ORGANIZER)
def separate(db: Session, by: Member, event_id: int, walk_in: str, ticket: str) -> ResponseReturnValue:
    """Count a walk-in and a registration as two people again."""
    walk_ins.separate(db, event=event_of(by), walk_in=walk_in, ticket=ticket, by=by.account)
    return done(event_id, "separated", "walk-ins")


@pages.post("/files", access=ORGANIZER, body=Body(UPLOAD_LIMIT), refused=refused)
def import_files(db: Session, by: Member, event_id: int) -> ResponseReturnValue:
    """Import the files, each as if its phone had sent it."""
    refuse_large(request.content_length)
    uploads = [upload for upload in request.files.getlist("files") if upload.filename]
    for upload in uploads:
        upload.stream.seek(0)  # a transaction that the database made begin anew has read it before
    files = read_files([(upload.filename or "", upload.read()) for upload in uploads], event_id)
    answers = scan_files.import_all(db, event=event_of(by), files=map(_scan_file, files), by=by.account)
    return done(event_id, "files", "files", **answers)


def _scan_file(file: HandInFile) -> ScanFile:
    claims = [claim for claim in map(read_scan, file.scans) if isinstance(claim, ScanClaim)]
    return ScanFile(
        phone=file.phone,
        scans=claims,
        walk_ins=read_walk_ins(file.walk_ins),
        shifts=read_shifts(file.shifts),
        unreadable=len(file.scans) - len(claims),
    )
