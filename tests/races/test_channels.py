"""A short link is removed during a registration through it."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from shared.errors import Conflicting, Missing
from shared.events import channels
from shared.models import Channel
from tests.conftest import Committed
from tests.factories import make_account, make_event, make_registration
from tests.support.threads import is_waited


def test_a_link_with_a_registration_under_way_is_not_removed(committed: Committed) -> None:
    with committed.sessions.begin() as db:
        event, by = make_event(db), make_account(db)
        channel = channels.add(db, event=event, by=by, name="Telegram")

    def remove() -> None:
        with committed.sessions.begin() as db:
            channels.remove(db, channel=db.get_one(Channel, channel.id), by=by)

    with ThreadPoolExecutor(1) as pool:
        with committed.sessions.begin() as db:
            assert channels.lock_channel(db, code=channel.code, event_id=event.id)
            removing = pool.submit(remove)
            while not removing.done() and not is_waited(committed):
                pass
            make_registration(db, db.merge(event), source=channel.code)
        with pytest.raises(Conflicting):
            removing.result(timeout=30)


def test_a_link_that_was_removed_meanwhile_is_not_renamed(committed: Committed) -> None:
    with committed.sessions.begin() as db:
        event, by = make_event(db), make_account(db)
        channel = channels.add(db, event=event, by=by, name="Telegram")
    with committed.sessions.begin() as db:
        stale = db.get_one(Channel, channel.id)
        with committed.sessions.begin() as second_session:
            channels.remove(second_session, channel=second_session.get_one(Channel, channel.id), by=by)
        with pytest.raises(Missing):
            channels.rename(db, channel=stale, by=by, name="Poster")
