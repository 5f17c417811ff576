"""Fills the demo's sample evenings, the current one first, each in a transaction of its own.

    python -m shared.command.demo.history

runs in `turnout up` beside everything else, so that no start waits for it. A run that was killed half-way continues at
the next start.
"""

import os

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.command.demo.load import EMAIL, EVENING, empty, story_of
from shared.command.demo.story import fill_story
from shared.command.transaction import transaction
from shared.config import Settings, read_settings
from shared.models import Account, Event

NICE = 10
"""Pages and doors go first."""


def fill(settings: Settings) -> None:
    """Fill each sample evening that is empty. There are none where the installation is not local."""
    with transaction(settings) as db:
        event_ids = empty(db)
    for event_id in event_ids:
        with transaction(settings) as db:
            _fill(db, event_id)


def _fill(db: Session, event_id: int) -> None:
    event = db.get(Event, event_id, with_for_update={"key_share": True, "of": Event})
    # Another process may have filled or removed it while this one waited, or an organizer ended it.
    if event and event_id in empty(db):
        account = db.scalars(select(Account).where(Account.email == EMAIL)).one()
        fill_story(db, event=event, story=story_of(event.slug), texts=EVENING, by=account)


if __name__ == "__main__":
    os.nice(NICE)
    fill(read_settings())
