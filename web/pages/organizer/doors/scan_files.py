"""What phones without a network saved as files: read all of them, then take all of it in, or nothing."""

from collections import Counter

from flask import request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from shared.models import Event
from shared.operations import scan_files
from shared.operations.batches import ScanClaim
from web.access import ORGANIZER, Member
from web.bounds import Body
from web.forms.doors import UPLOAD_LIMIT, read_files, refuse_large
from web.forms.scans import HandInFile, read_scan, read_shifts, read_walk_ins
from web.pages.organizer import event_of, no_store
from web.pages.organizer.doors.page import done, refused
from web.routes import Routes

pages = Routes("organizer_hand_in", __name__, url_prefix="/organize/events/<int:event_id>/doors")
pages.after_request(no_store)


@pages.post("/files", access=ORGANIZER, body=Body(UPLOAD_LIMIT), refused=refused)
def take_in(db: Session, by: Member, event_id: int) -> ResponseReturnValue:
    """Take in the files, each as if its phone had handed it in."""
    refuse_large(request.content_length)
    sent = [file for file in request.files.getlist("files") if file.filename]
    for one in sent:
        one.stream.seek(0)  # read before, where the database had the transaction begun anew
    files = read_files([(one.filename or "", one.read()) for one in sent], event_id)
    answers = Counter[str]()
    for file in files:
        answers += _take_in(db, event_of(by), file)
    return done(db, by, "files", "files", **answers)


def _take_in(db: Session, event: Event, file: HandInFile) -> Counter[str]:
    claims = [claim for claim in map(read_scan, file.scans) if isinstance(claim, ScanClaim)]
    answers = scan_files.import_file(
        db,
        event=event,
        phone=file.phone,
        scans=claims,
        walk_ins=read_walk_ins(file.walk_ins),
        shifts=read_shifts(file.shifts),
    )
    answers["invalid"] += len(file.scans) - len(claims)
    return answers
