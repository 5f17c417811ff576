"""The rows of an event: added, changed, refused, and not removed while registrations depend on them."""

import io
import re
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.models import Event, EventSession, OutboxMessage, Question, Speaker, TicketType
from tests.factories import make_event, make_registration
from tests.support.editor import Save, span
from tests.support.scans import claim, hand_in
from tests.web.organizer.conftest import paired
from web.forms import fields
from web.organizer import edit_conflicts
from web.organizer.events.form import SESSION, row_fields, setting


def test_sessions_in_one_room_do_not_overlap_and_in_two_rooms_they_may(
    rows: Callable[..., Any], organizer: FlaskClient, db: Session, event: Event
) -> None:
    assert rows("sessions/", **span(event, 2, 3), **{"title.en": "After", "place.tg": "1"}).status_code == 303
    answer = rows("sessions/", **span(event, 2, 4), **{"title.en": "Same", "place.tg": "1"})
    assert answer.status_code == 422
    assert "Another session takes place in the same room at that time." in answer.text
    assert rows("sessions/", **span(event, 2, 4), **{"title.en": "Other", "place.tg": "2"}).status_code == 303
    page = organizer.get(f"/organize/events/{event.id}/edit/sessions").text
    assert "overlap in different rooms" in page
    assert "Enter their rooms" not in page
    db.expire_all()
    assert [len(ticket_type.sessions) for ticket_type in event.ticket_types] == [3]


def test_sessions_without_rooms_are_not_said_to_be_in_different_rooms(
    rows: Callable[..., Any], organizer: FlaskClient, event: Event
) -> None:
    assert rows("sessions/", **span(event, 1, 2), **{"title.en": "Day 2", "place.en": "Hall 2"}).status_code == 303
    page = organizer.get(f"/organize/events/{event.id}/edit/sessions").text
    assert "Enter their rooms, or shorten the longer one." in page
    assert "in different rooms" not in page


def test_a_room_is_the_same_in_whichever_languages_it_is_named(rows: Callable[..., Any], event: Event) -> None:
    first = {"title.tg": "Якум", "place.tg": "Толори А"}
    assert rows("sessions/", **span(event, 2, 4), **first).status_code == 303
    answer = rows("sessions/", **span(event, 3, 5), **{"place.tg": "Толори А", "place.ru": "Зал А"})
    assert answer.status_code == 422
    assert 'id="new-place.tg-error"' in answer.text


def test_a_session_does_not_move_over_another_in_its_room_with_the_event(
    rows: Callable[..., Any], save: Save, organizer: FlaskClient, db: Session, event: Event
) -> None:
    rows("sessions/", **span(event, 2, 3), **{"title.tg": "Дуюм"})
    answer = save("time", **span(event, 0, 3))
    assert answer.status_code == 422
    assert 'id="time-ends_local-error"' in answer.text
    assert "Two sessions would take place in the same room" in answer.text
    db.expire_all()
    assert [session.ends_local == event.ends_local for session in event.sessions] == [True, False]
    event.sessions[1].place = {"tg": "Толори дигар"}
    db.flush()
    assert save("time", **span(event, 0, 3)).status_code == 303
    assert "overlap, but not in the same room" in organizer.get(f"/organize/events/{event.id}/edit/").text


def test_sessions_that_already_share_a_room_are_reported_and_do_not_stop_the_event_from_moving(
    organizer: FlaskClient, save: Save, db: Session, event: Event
) -> None:
    times = {name: getattr(event, name) for name in ("starts_local", "ends_local", "starts_at", "ends_at")}
    db.add(EventSession(event_id=event.id, position=1, **times))
    db.flush()
    db.expire_all()
    address = f"/organize/events/{event.id}/edit"
    assert "overlap in the same room" in organizer.get(f"{address}/").text
    assert "not in the same room" not in organizer.get(f"{address}/").text
    assert "overlap in the same room" in organizer.get(f"{address}/sessions").text
    assert save("time", **span(event, 24, 26)).status_code == 303


def test_the_editor_of_a_session_chooses_whether_to_notify(
    rows: Callable[..., Any], organizer: FlaskClient, db: Session, event: Event
) -> None:
    make_registration(db, event)
    page = organizer.get(f"/organize/events/{event.id}/edit/sessions").text
    assert page.count('name="tell" value="everybody" checked') == 2
    assert 'name="tell"' not in organizer.get(f"/organize/events/{event.id}/edit/speakers").text
    added = rows("sessions/", **span(event, 2, 3), tell="everybody")
    assert "said=part_told" in added.location
    assert announcements(db) == ["1:programme"]
    session = db.scalars(select(EventSession).order_by(EventSession.id.desc())).first()
    assert session is not None
    version = edit_conflicts.stamp(fields.show(SESSION, session, setting(event)))
    answer = rows(f"sessions/{session.id}", **span(event, 3, 2), tell="nobody", version=version)
    assert re.search(rf'id="row-{session.id}-tell-tell".*?value="nobody" checked', answer.text, re.DOTALL)
    starts_local = session.starts_local
    assert starts_local is not None
    moved = rows(f"sessions/{session.id}", **span(event, 4, 5), tell="everybody", version=version)
    assert "said=part_told" in moved.location
    before = db.scalars(select(OutboxMessage.before).where(OutboxMessage.key == "2:programme")).one()
    assert before is not None
    assert before["parts"][str(session.id)]["starts_local"] == starts_local.isoformat()
    db.refresh(session)
    version = edit_conflicts.stamp(fields.show(SESSION, session, setting(event)))
    assert "said=saved" in rows(f"sessions/{session.id}", **span(event, 3, 4), tell="nobody", version=version).location
    db.refresh(event)
    assert (announcements(db), event.sequence) == (["1:programme", "2:programme"], 3)


def announcements(db: Session) -> list[str]:
    return list(
        db.scalars(select(OutboxMessage.key).where(OutboxMessage.kind == "event_changed").order_by(OutboxMessage.key))
    )


def test_a_draft_does_not_ask_whether_to_notify(organizer: FlaskClient, db: Session, event: Event) -> None:
    event.state = "draft"
    db.flush()
    assert 'name="tell"' not in organizer.get(f"/organize/events/{event.id}/edit/sessions").text


def test_a_session_ends_after_it_starts(rows: Callable[..., Any], event: Event) -> None:
    assert "The end must be later than the start." in rows("sessions/", **span(event, 3, 2)).text


def test_rows_with_registrations_or_scans_are_not_removed(rows: Callable[..., Any], db: Session, event: Event) -> None:
    first = event.sessions[0]
    ticket_type = event.ticket_types[0]
    assert "an event needs at least one" in rows(f"sessions/{first.id}/remove").text
    assert "an event needs at least one" in rows(f"ticket_types/{ticket_type.id}/remove").text
    rows("sessions/", **span(event, 2, 3))
    rows("ticket_types/", **{"title.tg": "Меҳмон", "sessions": str(first.id)})
    assert "a ticket type includes only this session" in rows(f"sessions/{first.id}/remove").text
    person = make_registration(db, event)
    assert "people are registered for it" in rows(f"ticket_types/{ticket_type.id}/remove").text
    answer = rows(f"sessions/{first.id}/remove")
    assert answer.status_code == 409
    assert "people are registered for it" in answer.text
    hand_in(db, paired(db, event, "Нигина"), claim(event, person=person.ticket_id))
    assert "tickets have been scanned for it" in rows(f"sessions/{first.id}/remove").text
    assert db.get(EventSession, first.id) is not None


def test_rows_are_added_changed_moved_and_removed(rows: Callable[..., Any], db: Session, event: Event) -> None:
    for name in ("Ann", "Bob"):
        assert rows("speakers/", **{"name.tg": name}).status_code == 303
    ann, bob = db.scalars(select(Speaker).order_by(Speaker.position)).all()
    assert rows(f"speakers/{bob.id}/up").status_code == 303
    db.expire_all()
    assert [speaker.name["tg"] for speaker in event.speakers] == ["Bob", "Ann"]
    assert rows(f"speakers/{ann.id}/remove").status_code == 303
    db.expire_all()
    assert [speaker.id for speaker in event.speakers] == [bob.id]
    assert rows("speakers/", **{"about.tg": "Nobody"}).status_code == 422


def test_a_row_of_another_event_is_not_found(rows: Callable[..., Any], db: Session) -> None:
    foreign_event = make_event(db)
    for act in ("", "/remove", "/up"):
        assert rows(f"sessions/{foreign_event.sessions[0].id}{act}").status_code == 404
    assert rows(f"speakers/{foreign_event.sessions[0].id}/picture/remove").status_code == 404


def test_a_ticket_type_has_its_own_seats_and_sessions(rows: Callable[..., Any], db: Session, event: Event) -> None:
    number = str(event.sessions[0].id)
    answer = rows("ticket_types/", **{"title.tg": "Меҳмон", "capacity": "5"})
    assert "Select at least one session" in answer.text
    assert rows("ticket_types/", **{"title.tg": "Меҳмон", "capacity": "5", "sessions": number}).status_code == 303
    assert db.scalars(select(TicketType).where(TicketType.capacity == 5)).one().sessions[0].id == int(number)


def test_a_ticket_type_never_has_fewer_seats_than_are_taken(
    rows: Callable[..., Any], organizer: FlaskClient, db: Session, event: Event
) -> None:
    rows("ticket_types/", **{"title.tg": "Меҳмон", "sessions": str(event.sessions[0].id)})
    db.expire_all()
    first, guests = event.ticket_types
    for ticket_type, number in ((first, 1), (guests, 3)):
        for _ in range(number):
            make_registration(db, event, ticket_type_id=ticket_type.id)
    values = fields.show(row_fields("ticket_types", event), guests, setting(event))
    form = {**values, "version": edit_conflicts.stamp(values)}
    answer = rows(f"ticket_types/{guests.id}", **{**form, "capacity": "2"})
    assert answer.status_code == 422
    assert f'id="row-{guests.id}-capacity-error">This is fewer than the seats already taken: 3.' in answer.text
    db.refresh(guests)
    assert guests.capacity is None
    assert rows(f"ticket_types/{guests.id}", **{**form, "capacity": "3"}).status_code == 303


def test_the_number_beside_a_ticket_type_is_labelled_as_seats_taken(
    organizer: FlaskClient, db: Session, event: Event
) -> None:
    event.ticket_types.append(TicketType(title={"en": "Guests"}, position=1, capacity=3))
    db.flush()
    make_registration(db, event)
    for address in ("", "edit/ticket_types"):
        page = organizer.get(f"/organize/events/{event.id}/{address}").text
        assert ">1 seat taken<" in page
        assert ">0 of 3 seats taken<" in page


def test_a_ready_question_keeps_its_key_and_an_own_one_gets_one(
    rows: Callable[..., Any], db: Session, event: Event
) -> None:
    form = {"kind": "one", "ticket_type_id": "", "option.new1.tg": "Ҳа", "option.new2.tg": "Не"}
    assert rows("questions/", ready="gender", **form).status_code == 303
    assert "This event already has this question." in rows("questions/", ready="gender", **form).text
    assert "Enter the question." in rows("questions/", ready="", **form).text
    assert rows("questions/", **form, **{"ready": "", "label.tg": "Чой мехоҳед?"}).status_code == 303
    assert "at least two answers" in rows("questions/", ready="district", kind="one", ticket_type_id="").text
    keys = {question.key: [option["key"] for option in question.options] for question in db.scalars(select(Question))}
    assert keys == {"gender": ["female", "male", "ha", "ne"], "choi_mehohed": ["ha", "ne"]}


def png(side: int = 40) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (side, side), "teal").save(file, "PNG")
    return file.getvalue()


def test_a_speaker_has_a_picture(organizer: FlaskClient, rows: Callable[..., Any], db: Session, event: Event) -> None:
    rows("speakers/", **{"name.tg": "Ann"})
    ann = db.scalars(select(Speaker)).one()
    assert rows(f"speakers/{ann.id}/picture", picture=(io.BytesIO(png()), "ann.png")).status_code == 303
    db.refresh(ann)
    assert ann.picture is not None
    assert f"/img/{ann.picture}" in organizer.get(f"/organize/events/{event.id}/preview/tg").text
    answer = rows(f"speakers/{ann.id}/picture", picture=(io.BytesIO(b"nothing"), "ann.png"))
    assert answer.status_code == 422
    assert "This file cannot be read as a picture" in answer.text
    rows(f"speakers/{ann.id}/picture/remove")
    db.refresh(ann)
    assert ann.picture is None


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"<svg/>", "This file cannot be read as a picture"),
        (b"", "This file cannot be read as a picture"),
    ],
)
def test_a_cover_that_cannot_be_used_is_refused(
    organizer: FlaskClient, event: Event, content: bytes, sentence: str
) -> None:
    address = f"/organize/events/{event.id}/edit/cover"
    with organizer.post(address, data={"picture": (io.BytesIO(content), "cover.jpg")}) as answer:
        assert answer.status_code == 422
        assert sentence in answer.text
    assert event.picture is None


def test_fifty_megabytes_are_refused_before_they_are_read(organizer: FlaskClient, event: Event) -> None:
    address, form = f"/organize/events/{event.id}/edit/cover", "multipart/form-data; boundary=x"
    answer = organizer.post(address, data=b"\0" * 50_000_000, content_type=form)
    assert answer.status_code == 422
    assert "at most 10 megabytes" in answer.text


def test_a_gigapixel_is_refused_before_it_is_unpacked(organizer: FlaskClient, event: Event) -> None:
    file = io.BytesIO()
    Image.new("1", (32_000, 32_000)).save(file, "PNG")
    address = f"/organize/events/{event.id}/edit/cover"
    answer = organizer.post(address, data={"picture": (io.BytesIO(file.getvalue()), "cover.png")})
    assert "too many pixels" in answer.text


def test_a_photograph_replaces_the_woven_cover(organizer: FlaskClient, db: Session, event: Event) -> None:
    address = f"/organize/events/{event.id}/edit/cover"
    assert organizer.post(address, data={"picture": (io.BytesIO(png()), "cover.png")}).status_code == 303
    db.refresh(event)
    page = organizer.get(f"/en/e/{event.slug}").text
    assert f'<img class="cloth photograph" src="/img/{event.picture}/wide"' in page
    organizer.post(f"{address}/woven")
    assert "photograph" not in organizer.get(f"/en/e/{event.slug}").text
