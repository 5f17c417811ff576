"""The facts that are compared after a measure, on the real tables."""

from sqlalchemy.orm import Session

from bench.facts import disagreements
from bench.measures import MEASURES
from tests.factories import make_event, make_registration


def test_each_table_that_holds_another_number_is_named(db: Session) -> None:
    event = make_event(db)
    for _ in range(2):
        make_registration(db, event)
    facts = MEASURES[0].facts
    # The factory queues no email.
    assert disagreements(db.connection(), facts, 2, event=event.id) == ["2 were acknowledged, enqueued emails: 0"]
    assert len(disagreements(db.connection(), facts, 3, event=event.id)) == 4


def test_scans_that_were_not_stored_are_noticed(db: Session) -> None:
    event = make_event(db)
    assert disagreements(db.connection(), MEASURES[1].facts, 0, event=event.id) == []
    assert disagreements(db.connection(), MEASURES[1].facts, 1, event=event.id) == [
        "1 were acknowledged, scans: 0",
        "1 were acknowledged, admissions: 0",
    ]
