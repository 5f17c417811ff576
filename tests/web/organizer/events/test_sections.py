"""The editor of an event: each section saved alone, errors at their fields, two people at once."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared import clock
from shared.models import Audit, Event, OutboxMessage, Speaker
from tests.conftest import Statements
from tests.factories import make_account, make_event, make_registration, make_sign_in
from tests.support.editor import Save, enqueued_kinds, form_of
from web.organizer.events.form import SECTIONS

PAGES = ("", *SECTIONS, "cover", "sessions", "speakers", "partners", "ticket_types", "questions", "copy")


@pytest.mark.parametrize("part", PAGES)
def test_every_section_is_a_page_with_few_statements(
    organizer: FlaskClient, db: Session, event: Event, statements: Statements, part: str
) -> None:
    db.add_all(Speaker(event_id=event.id, name={"en": f"Speaker {n}"}, position=n) for n in range(20))
    db.flush()
    db.expire_all()
    with statements() as seen_statements:
        answer = organizer.get(f"/organize/events/{event.id}/edit/{part}")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert len(seen_statements) <= 10, "\n".join(seen_statements)


@pytest.mark.parametrize("part", PAGES)
def test_every_form_of_a_section_is_sent_to_a_route(
    organizer: FlaskClient, app: Flask, event: Event, part: str
) -> None:
    event.state = "draft"
    page = organizer.get(f"/organize/events/{event.id}/edit/{part}").text
    actions = re.findall(r'<form[^>]* action="([^"]+)"', page)
    assert len(actions) > 2
    adapter = app.url_map.bind("localhost")
    assert [action for action in actions if not adapter.test(action, "POST")] == []


def test_an_unknown_section_is_not_found(organizer: FlaskClient, event: Event) -> None:
    assert organizer.get(f"/organize/events/{event.id}/edit/nothing").status_code == 404
    assert organizer.post(f"/organize/events/{event.id}/edit/nothing").status_code == 404
    assert organizer.post(f"/organize/events/{event.id}/edit/rows/nothing/").status_code == 404


def test_texts_are_saved_in_nfc_and_are_in_the_audit_by_name_only(save: Save, db: Session, event: Event) -> None:
    before = event.version
    answer = save("texts", **{"title.ru": "Вечер\u0020\u0020\u0438\u0306ога", "summary.tg": "Як ҷумла"})
    assert answer.status_code == 303
    assert event.title["ru"] == "Вечер \u0439ога"
    assert event.summary == {"tg": "Як ҷумла"}
    assert event.version == before + 1
    act = db.scalars(select(Audit).where(Audit.action == "event.edited")).one()
    assert act.details == {"part": "texts", "fields": ["title", "summary"]}


def test_a_language_that_is_not_edited_stays(save: Save, db: Session, event: Event) -> None:
    event.languages = ["tg", "ru"]
    db.flush()
    save("texts", **{"title.ru": "Новое"})
    assert event.title == {"tg": "Шоми суханронӣ", "ru": "Новое", "en": "An evening of talks"}


def test_an_error_is_shown_at_its_field_and_nothing_is_saved(save: Save, event: Event) -> None:
    before = dict(event.title)
    answer = save("texts", **{"title.tg": " ", "title.ru": "x" * 201, "summary.en": "Kept as typed"})
    assert answer.status_code == 422
    assert "Fill in this field." in answer.text
    assert "This is too long. Use at most 200 characters." in answer.text
    assert "Kept as typed" in answer.text
    assert event.title == before


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"capacity": "-1"}, "whole number"),
        ({"capacity": "1e3"}, "whole number"),
        ({"capacity": "9999999"}, "too large"),
        ({"asks": "everything"}, "Choose one"),
        ({"opens_at": "tomorrow"}, "Enter the date and time"),
        ({"opens_at": "2026-13-01T10:00"}, "Enter the date and time"),
        ({"opens_at": "2026-12-02T10:00", "closes_at": "2026-12-01T10:00"}, "It must close after it opens"),
        ({"opens_at": "2097-12-20T10:00"}, "Registration must open before the start"),
    ],
)
def test_invalid_registration_settings_are_refused(
    save: Save, event: Event, change: dict[str, str], sentence: str
) -> None:
    answer = save("registration", **change)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert event.version == 1


def test_registration_opens_before_the_start_as_exactly_as_that_is_known(save: Save, db: Session, event: Event) -> None:
    assert event.starts_local is not None
    before = f"{event.starts_local - timedelta(minutes=1):%Y-%m-%dT%H:%M}"
    assert save("registration", opens_at=before).status_code == 303
    start = f"{event.starts_local + timedelta(minutes=1):%Y-%m-%dT%H:%M}"
    assert save("registration", opens_at=start).status_code == 422
    event.known = "day"
    db.flush()
    assert save("registration", opens_at=start).status_code == 303


def test_an_event_is_not_moved_before_its_registration_opens(
    organizer: FlaskClient, save: Save, db: Session, event: Event
) -> None:
    now = clock.now()
    assert event.starts_local is not None
    earlier = {"starts_local": f"{event.starts_local - timedelta(days=30):%Y-%m-%dT%H:%M}"}
    for opening in (event, event.ticket_types[0]):
        opening.opens_at = now - timedelta(days=1)
        db.commit()
        answer = save("time", **earlier)
        assert answer.status_code == 422
        assert "Registration would open only after this start." in answer.text
        db.refresh(opening)
        opening.opens_at = None
        db.commit()
    assert save("time", **earlier).status_code == 303


def test_a_postponed_event_takes_registrations_again(save: Save, event: Event) -> None:
    event.doors_closed_at = clock.now()
    assert event.starts_local is not None
    later = {name: f"{event.starts_local + timedelta(days=7, hours=hours):%Y-%m-%dT%H:%M}"
             for name, hours in (("starts_local", 0), ("ends_local", 2))}  # fmt: skip
    assert save("time", **later).status_code == 303
    assert event.is_open(clock.now())


def test_there_are_never_fewer_seats_than_are_taken(save: Save, db: Session, event: Event) -> None:
    for _ in range(3):
        make_registration(db, event)
    answer = save("registration", capacity="2")
    assert answer.status_code == 422
    assert "This is fewer than the seats already taken: 3." in answer.text
    assert save("registration", capacity="3").status_code == 303


def test_more_seats_go_to_the_waiting_list(save: Save, db: Session, event: Event) -> None:
    event.capacity = 1
    make_registration(db, event)
    waiting = make_registration(db, event, state="waiting", waited_at=clock.now(), confirmed_at=None, code=None)
    db.flush()
    assert save("registration", capacity="2").status_code == 303
    db.refresh(waiting)
    assert waiting.state == "offered"


def test_deletion_of_data_is_not_offered_and_saved_values_stay(
    organizer: FlaskClient, save: Save, db: Session, event: Event
) -> None:
    save("registration", private="1", retention_days="30")
    assert (event.private, event.retention_days) == (True, None)
    event.retention_days = 7
    db.flush()
    save("registration", private="1", capacity="3")
    assert (event.capacity, event.retention_days) == (3, 7)
    page = organizer.get(f"/organize/events/{event.id}/edit/registration").text
    assert not re.findall(r"erase|seven days|as the installation says|retention", page)


def test_a_new_time_and_venue_are_announced_in_one_email(save: Save, db: Session, event: Event) -> None:
    make_registration(db, event)
    starts = event.starts_local
    assert starts is not None
    answer = save("time", starts_local=f"{starts - timedelta(hours=1):%Y-%m-%dT%H:%M}", **{"venue.en": "Opera"})
    assert "said=told" in answer.location
    assert enqueued_kinds(db) == [("event_changed", "1:time,place")]
    before = db.scalars(select(OutboxMessage.before)).one()
    assert before is not None
    assert before["event"]["starts_local"] == starts.isoformat()
    assert before["event"]["venue"] == {"en": "National Library"}
    assert event.sessions[0].starts_local == event.starts_local


def test_a_small_correction_emails_no_one_and_calendars_follow(save: Save, db: Session, event: Event) -> None:
    make_registration(db, event)
    assert save("time", tell="nobody", **{"venue.en": "National Library, hall 2"}).status_code == 303
    assert enqueued_kinds(db) == []
    assert event.sequence == 1


def test_a_new_note_or_map_is_not_announced(save: Save, db: Session, event: Event) -> None:
    make_registration(db, event)
    save("time", map_link="https://example.org/map", **{"time_note.en": "Doors at five"})
    assert enqueued_kinds(db) == []
    assert event.sequence == 0


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"ends_local": "2026-01-01T10:00"}, "The end must be later than the start."),
        ({"ends_local": ""}, "Enter the day and time."),
        ({"zone": "Mars/Olympus"}, "Enter a time zone"),
        ({"map_link": "javascript:alert(1)"}, "Enter a full web address"),
        (
            {"zone": "Europe/Berlin", "starts_local": "2038-03-28T02:30"},
            "This time is skipped when the clocks go forward.",
        ),
        ({"zone": "Europe/Berlin", "starts_local": "2026-10-25T02:30"}, "Choose one of the two."),
    ],
)
def test_an_impossible_time_is_refused_at_its_field(
    save: Save, event: Event, change: dict[str, str], sentence: str
) -> None:
    before = event.starts_at
    answer = save("time", **{"ends_local": "2038-12-01T10:00", **change})
    assert answer.status_code == 422
    assert sentence in answer.text
    assert event.starts_at == before


def test_a_time_that_is_entered_is_known(save: Save, db: Session, event: Event) -> None:
    event.state = "draft"
    db.flush()
    assert "A time is entered below." in save("time", known="unknown").text


def test_the_chosen_one_of_a_repeated_hour_is_saved_and_shown(save: Save, organizer: FlaskClient, event: Event) -> None:
    form = {"zone": "Europe/Berlin", "starts_local": "2026-10-25T02:30", "ends_local": "2026-10-25T05:00"}
    assert 'name="starts_local.which"' in save("time", **form).text
    for which, hour in (("first", 0), ("second", 1)):
        assert save("time", **form, **{"starts_local.which": which}).status_code == 303
        assert event.starts_at is not None
        assert event.starts_at.hour == hour
        page = organizer.get(f"/organize/events/{event.id}/edit/time").text
        assert f'name="starts_local.which" value="{which}" checked' in page


def test_two_people_at_one_section_lose_nothing(save: Save, organizer: FlaskClient, event: Event) -> None:
    earlier = form_of(event, "texts", **{"title.en": "My title"})
    save("texts", **{"title.en": "Their title"})
    answer = organizer.post(f"/organize/events/{event.id}/edit/texts", data=earlier)
    assert answer.status_code == 409
    assert "Someone else saved changes here" in answer.text
    assert 'value="My title"' in answer.text
    assert "Their title" in answer.text
    assert event.title["en"] == "Their title"
    again = form_of(event, "texts", **{"title.en": "My title"})
    assert organizer.post(f"/organize/events/{event.id}/edit/texts", data=again).status_code == 303


def test_an_error_in_between_does_not_hide_another_persons_change(
    save: Save, organizer: FlaskClient, event: Event
) -> None:
    address = f"/organize/events/{event.id}/edit/texts"
    wrong = form_of(event, "texts", **{f"title.{event.languages[0]}": ""})
    save("texts", **{"title.en": "Their title"})
    answer = organizer.post(address, data=wrong)
    assert answer.status_code == 422
    carried = re.search(r'name="version" value="([^"]*)"', answer.text)
    assert carried is not None
    form = form_of(event, "texts", **{"title.en": "My title", "version": carried[1]})
    assert organizer.post(address, data=form).status_code == 409
    assert event.title["en"] == "Their title"


def test_two_people_at_two_sections_do_not_conflict(save: Save, organizer: FlaskClient, event: Event) -> None:
    recap = form_of(event, "recap", **{"recap.en": "It was good."})
    save("texts", **{"title.en": "Their title"})
    assert organizer.post(f"/organize/events/{event.id}/edit/recap", data=recap).status_code == 303


def test_the_languages_of_the_texts_are_chosen_with_the_first_one_first(
    organizer: FlaskClient, db: Session, event: Event
) -> None:
    address = f"/organize/events/{event.id}/edit/languages"
    assert organizer.post(address, data={"languages": ["ru", "en"], "first": "en"}).status_code == 303
    db.refresh(event)
    assert event.languages == ["en", "ru"]


def test_a_first_language_that_is_not_selected_is_refused_and_the_selection_stays(
    organizer: FlaskClient, event: Event
) -> None:
    answer = organizer.post(
        f"/organize/events/{event.id}/edit/languages", data={"languages": ["en", "ru"], "first": "tg"}
    )
    assert answer.status_code == 422
    assert '<a href="#languages-languages">The first language must be one of the selected languages.' in answer.text
    boxes = re.findall(r'<input type="\w+" name="(languages|first)" value="(\w+)" checked>', answer.text)
    assert boxes == [("languages", "en"), ("languages", "ru"), ("first", "tg")]


def test_a_draft_is_previewed_by_members_and_hidden_from_everyone_else(
    organizer: FlaskClient, client: FlaskClient, db: Session, event: Event
) -> None:
    event.state = "draft"
    db.flush()
    answer = organizer.get(f"/organize/events/{event.id}/preview/ru")
    assert answer.status_code == 200
    assert "Вечер выступлений" in answer.text
    assert '<meta name="robots" content="noindex">' in answer.text
    assert "disabled" in answer.text
    db.refresh(event)
    assert event.state == "draft"
    assert organizer.get(f"/ru/e/{event.slug}").status_code == 404
    client.set_cookie("sign_in", make_sign_in(db, make_account(db, role="owner")))
    assert client.get(f"/organize/events/{event.id}/preview/ru").status_code == 404


def test_the_address_changes_only_while_it_is_a_draft(organizer: FlaskClient, db: Session, event: Event) -> None:
    used_slug, address = make_event(db).slug, f"/organize/events/{event.id}/edit/address"
    assert organizer.post(address, data={"slug": "new-one"}).status_code == 409
    event.state = "draft"
    db.flush()
    assert "Another event has this address" in organizer.post(address, data={"slug": used_slug}).text
    assert "Use only a–z" in organizer.post(address, data={"slug": "Ҷ?"}).text
    assert organizer.post(address, data={"slug": "New-One"}).status_code == 303
    db.refresh(event)
    assert event.slug == "new-one"


def test_an_error_of_several_fields_names_each(organizer: FlaskClient) -> None:
    page = organizer.post("/organize/new", data={"language": "en", "title": ""}).text
    summary = page[page.index('role="alert"') : page.index("</ul>")]
    assert re.findall(r">([^<]*)</a>", summary) == [
        f"{name}: Fill in this field." for name in ("Title", "Starts", "Ends")
    ]
