"""An event's titles of sessions, and its hours of doors."""

from sqlalchemy.orm import Session

from shared import clock
from shared.door import roster
from shared.models import Event, EventSession
from shared.reports import ledger
from shared.reports.figures import compile_figures
from tests.factories import make_device, make_door, make_event

DAYS: list[dict[str, str]] = [{}, {"ru": "Второй день"}, {}]
CALLED = [
    {"en": "Session 1", "ru": "Часть 1", "tg": "Қисми 1"},
    {"ru": "Второй день"},
    {"en": "Session 3", "ru": "Часть 3", "tg": "Қисми 3"},
]


def three_days(db: Session) -> Event:
    sessions = [EventSession(title=title, position=position) for position, title in enumerate(DAYS)]
    return make_event(db, sessions=sessions, starts_at=clock.now())


def test_a_session_without_a_title_is_called_by_its_number(db: Session) -> None:
    event = three_days(db)
    assert [event.title_of(session) for session in event.sessions] == CALLED


def test_the_only_session_has_the_events_title(db: Session) -> None:
    event = make_event(db)
    assert event.title_of(event.sessions[0]) == event.title


def test_phones_and_reports_call_sessions_alike(db: Session) -> None:
    event = three_days(db)
    door_pass = make_device(db, make_door(db, event))[0].door_pass
    assert door_pass is not None
    of_phones = roster.sessions(door_pass, roster.ticket_types(db, event=event))
    figures = compile_figures(event, ledger.read(db, event))
    for sessions in (of_phones, figures["sessions"]):
        assert [session["title"] for session in sessions] == CALLED


def test_doors_open_at_any_time_if_set_so_and_else_two_hours_before(db: Session) -> None:
    events = make_event(db), make_event(db, doors_open_minutes=None), make_event(db, doors_open_minutes=0)
    db.expire_all()
    assert [event.doors_open_minutes for event in events] == [120, None, 0]
