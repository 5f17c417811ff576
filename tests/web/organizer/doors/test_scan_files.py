"""Files that phones saved: all of them are imported, or none, with a sentence about the result."""

import json
from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.test import TestResponse, encode_multipart

from shared import clock
from shared.door import phones
from shared.models import Device, Event, Registration, Scan, Shift
from tests.factories import make_account, make_event, make_registration
from tests.support.organizer_pages import message_of
from tests.web.organizer.conftest import Twice


def scan(event: Event, person: str, **more: Any) -> dict[str, Any]:
    at = clock.milliseconds(clock.now()) - 60_000
    return {"id": str(uuid4()), "person": person, "session": event.sessions[0].id, "kind": "in", "at": at, **more}


def saved(event: Event, *scans: Any, **more: Any) -> dict[str, Any]:
    file = {"format": "turnout-scans", "version": 1, "event": event.id, "phone": str(uuid4()), "made_at": 1}
    return {**file, "scans": list(scans), **more}


def upload(client: FlaskClient, event: Event, *files: Any) -> TestResponse:
    contents = [file if isinstance(file, bytes) else json.dumps(file).encode() for file in files]
    uploads = [FileStorage(BytesIO(content), f"turnout-scans-{number}.json") for number, content in enumerate(contents)]
    # Encoded here, since the client leaves open the file in which it stores a large body.
    boundary, body = encode_multipart(MultiDict({"files": uploads}))
    kind = f'multipart/form-data; boundary="{boundary}"'
    return client.post(f"/organize/events/{event.id}/doors/files", data=body, content_type=kind)


@pytest.fixture
def guest(db: Session, event: Event) -> Registration:
    return make_registration(db, event)


def test_new_and_known_scans_are_counted(organizer: FlaskClient, db: Session, event: Event) -> None:
    scans = [scan(event, make_registration(db, event).ticket_id) for _ in range(3)]
    assert message_of(organizer, upload(organizer, event, saved(event, *scans[:2]))) == "2 new scans."
    again = upload(organizer, event, saved(event, *scans))
    assert message_of(organizer, again) == "1 new scan. 2 scans were already recorded."
    assert db.query(Scan).filter_by(event_id=event.id).count() == 3


def test_several_files_are_imported_together(organizer: FlaskClient, db: Session, event: Event) -> None:
    guests = [make_registration(db, event) for _ in range(2)]
    files = [
        saved(
            event, scan(event, guest.ticket_id), shifts=[{"name": "Нигина", "since": 1}], walk_ins=[{"id": "nonsense"}]
        )
        for guest in guests
    ]
    assert message_of(organizer, upload(organizer, event, *files)) == "2 new scans."
    assert db.query(Shift).filter_by(name="Нигина").count() == 2


def test_conflicts_unreadable_scans_and_unknown_tickets_are_counted(
    organizer: FlaskClient, event: Event, guest: Registration
) -> None:
    first, second = scan(event, guest.ticket_id), scan(event, guest.ticket_id)
    strange = scan(event, "0123456789abcdef")
    broken = ["nonsense", {**scan(event, guest.ticket_id), "kind": "DANCE"}, scan(event, guest.ticket_id, session=0)]
    upload(organizer, event, saved(event, first))
    words = message_of(organizer, upload(organizer, event, saved(event, second, strange, *broken)))
    assert "1 scan is of a ticket used twice. Resolve it below with a note." in words
    assert "1 scan is of a person who is not on the list. It counts." in words
    assert "3 scans could not be used. Keep the file" in words


def test_scans_of_a_revoked_phone_do_not_count(
    organizer: FlaskClient, db: Session, event: Event, phone: Device, guest: Registration
) -> None:
    phones.revoke(db, device=phone, by=make_account(db))
    late = scan(event, guest.ticket_id, at=clock.milliseconds(clock.now()) + 1000)
    words = message_of(organizer, upload(organizer, event, saved(event, late, phone=str(phone.phone))))
    assert words == "1 scan was made after its phone was revoked. It is stored and does not count."


def test_a_file_without_scans_is_reported(organizer: FlaskClient, event: Event) -> None:
    assert message_of(organizer, upload(organizer, event, saved(event))) == "No scans were found."


WRONG = [b"", b"{}", b"\xff\xfe", b"[" * 100_000, b'{"format": "turnout-scans", "version": 2}', b"%PDF-1.7"]


@pytest.mark.parametrize("content", WRONG, ids=lambda content: content[:10].decode(errors="replace"))
def test_one_wrong_file_refuses_them_all(
    organizer: FlaskClient, db: Session, event: Event, guest: Registration, content: bytes
) -> None:
    answer = upload(organizer, event, saved(event, scan(event, guest.ticket_id)), content)
    assert answer.status_code == 422
    assert 'id="hand-in-files-error">turnout-scans-1.json is not a file from the scanner.' in answer.text
    assert db.query(Scan).filter_by(event_id=event.id).count() == 0


def test_a_file_of_another_event_is_refused(organizer: FlaskClient, db: Session, event: Event) -> None:
    foreign_event = make_event(db, organization=event.organization)
    file = saved(foreign_event, scan(foreign_event, make_registration(db, foreign_event).ticket_id))
    answer = upload(organizer, event, file)
    assert answer.status_code == 422
    assert "turnout-scans-0.json is from another event." in answer.text
    assert db.query(Scan).count() == 0


def test_a_form_without_a_file_is_refused(organizer: FlaskClient, event: Event) -> None:
    for data in ({}, {"files": (BytesIO(b""), "")}):
        answer = organizer.post(f"/organize/events/{event.id}/doors/files", data=data)
        assert answer.status_code == 422
        assert "Choose the file saved by the scanner." in answer.text


def test_three_megabytes_are_accepted_and_eleven_are_refused(
    organizer: FlaskClient, event: Event, guest: Registration
) -> None:
    large = json.dumps(saved(event, scan(event, guest.ticket_id))).encode() + b" " * 3 * 1024 * 1024
    assert message_of(organizer, upload(organizer, event, large)) == "1 new scan."
    answer = upload(organizer, event, large, large, large, large)
    assert answer.status_code == 422
    assert (
        'id="hand-in-files-error">These files are too large. Choose files of at most 10 megabytes in total.'
        in answer.text
    )


def test_imported_scans_are_on_the_page(
    organizer: FlaskClient, event: Event, guest: Registration, shown_twice: Twice
) -> None:
    shown_twice(guest)
    upload(organizer, event, saved(event, scan(event, guest.ticket_id)))
    assert organizer.get(f"/organize/events/{event.id}/doors/").text.count("data-conflict>") == 2
