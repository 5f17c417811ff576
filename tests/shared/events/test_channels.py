"""Channels: added, renamed with their registrations, and removed while they have none."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared import clock
from shared.errors import Conflicting, Invalid, Missing
from shared.events import channels
from shared.models import Account, Channel, Event
from shared.reports import ledger, registration_counts
from tests.factories import make_account, make_event, make_registration
from tests.support.recorded_acts import acts


@pytest.fixture
def by(db: Session) -> Account:
    return make_account(db)


def test_a_renamed_channel_keeps_its_registrations(db: Session, event: Event, by: Account) -> None:
    channel = channels.add(db, event=event, by=by, name="Telegram")
    make_registration(db, event, source=channel.code)
    make_registration(db, event, source="by_hand")
    channels.rename(db, channel=channel, by=by, name="Our Telegram")
    assert [(row.channel.name, row.people) for row in channels.of_event(db, event_id=event.id)] == [("Our Telegram", 1)]
    assert ledger.channels(db, event_id=event.id) == {channel.code: "Our Telegram"}
    assert dict(registration_counts.of_event(db, event=event).sources) == {"Our Telegram": 1, "by_hand": 1}
    assert acts(db) == [("channel.added", {"channel": channel.id}), ("channel.renamed", {"channel": channel.id})]


def test_a_channel_name_is_unique_in_an_event_in_any_case(db: Session, event: Event, by: Account) -> None:
    poster, telegram = (channels.add(db, event=event, by=by, name=name) for name in ("Афиша", "Telegram"))
    with pytest.raises(Invalid) as refusal:
        channels.rename(db, channel=telegram, by=by, name="АФИША")
    assert (refusal.value.field, refusal.value.reason) == ("name", "channel_taken")
    channels.rename(db, channel=poster, by=by, name="АФИША")
    elsewhere = channels.add(db, event=make_event(db), by=by, name="Афиша")
    assert (poster.name, telegram.name, elsewhere.name) == ("АФИША", "Telegram", "Афиша")


def test_the_same_name_again_is_not_audited(db: Session, event: Event, by: Account) -> None:
    channels.rename(db, channel=channels.add(db, event=event, by=by, name="Poster"), by=by, name="Poster")
    assert [action for action, _ in acts(db)] == ["channel.added"]


def test_a_channel_is_removed_only_without_registrations(db: Session, event: Event, by: Account) -> None:
    used, unused = (channels.add(db, event=event, by=by, name=name) for name in ("Telegram", "Poster"))
    make_registration(db, event, source=used.code, state="cancelled", cancelled_at=clock.now(), cancelled_by="self")
    with pytest.raises(Conflicting) as refusal:
        channels.remove(db, channel=used, by=by)
    assert refusal.value.reason == "signed_up"
    channels.remove(db, channel=unused, by=by)
    assert db.scalars(select(Channel.id)).all() == [used.id]
    assert acts(db)[-1] == ("channel.removed", {"channel": unused.id})
    with pytest.raises(Missing):
        channels.by_code(db, code=unused.code)
    with pytest.raises(Missing):
        channels.remove(db, channel=unused, by=by)
