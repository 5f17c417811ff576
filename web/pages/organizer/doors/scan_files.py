"""Files that phones saved without a network: all are read first, then everything in them is imported, or nothing."""

from collections import Counter

from flask import request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from shared.door import scan_files
from shared.door.batches import ScanClaim
from shared.models import Event
from shared.scans import ScanResult
from web.access import ORGANIZER, Member
from web.bounds import Body
from web.forms.doors import UPLOAD_LIMIT, read_files, refuse_large
from web.forms.scans import HandInFile, read_scan, read_shifts, read_walk_ins
from web.pages.organizer import event_of, no_store
from web.pages.organizer.doors.page import done, refused
from web.routes import Routes

pages = Routes("organizer_scan_files", __name__, url_prefix="/organize/events/<int:event_id>/doors")
pages.after_request(no_store)


@pages.post("/files", access=ORGANIZER, body=Body(UPLOAD_LIMIT), refused=refused)
def import_files(db: Session, by: Member, event_id: int) -> ResponseReturnValue:
    """Import the files, each as if its phone had sent it."""
    refuse_large(request.content_length)
    uploads = [upload for upload in request.files.getlist("files") if upload.filename]
    for upload in uploads:
        upload.stream.seek(0)  # a transaction that the database made begin anew has read it before
    files = read_files([(upload.filename or "", upload.read()) for upload in uploads], event_id)
    answers = Counter[str]()
    for file in files:
        answers += _import_file(db, event_of(by), file)
    return done(db, by, "files", "files", **answers)


def _import_file(db: Session, event: Event, file: HandInFile) -> Counter[str]:
    claims = [claim for claim in map(read_scan, file.scans) if isinstance(claim, ScanClaim)]
    answers = scan_files.import_file(
        db,
        event=event,
        phone=file.phone,
        scans=claims,
        walk_ins=read_walk_ins(file.walk_ins),
        shifts=read_shifts(file.shifts),
    )
    answers[ScanResult.INVALID] += len(file.scans) - len(claims)
    return answers
