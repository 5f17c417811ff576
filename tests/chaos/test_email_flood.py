"""A stranger registers another person's address and cancels, again and again, against the real processes."""

import http.client
import time
from contextlib import closing
from dataclasses import replace
from urllib.parse import urlencode

import pytest
from sqlalchemy import func, select, text

from shared.models import OutboxMessage, Registration
from shared.outbox.budgets import BURST
from tests.support.email_server import Postbox
from tests.support.processes import FORM, House

pytestmark = pytest.mark.chaos

VICTIM = {"name": "Victim", "email": "victim@example.org", "consent": "yes"}


def post(house: House, path: str, **fields: str) -> str:
    with closing(http.client.HTTPConnection("127.0.0.1", house.port, timeout=30)) as connection:
        connection.request("POST", path, urlencode(fields), FORM)
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 303
        return answer.headers["Location"] or ""


def healthz(house: House) -> float:
    started = time.monotonic()
    with closing(http.client.HTTPConnection("127.0.0.1", house.port, timeout=30)) as connection:
        connection.request("GET", "/healthz")
        assert connection.getresponse().status == 200
    return time.monotonic() - started


def is_quiet(house: House) -> bool:
    """Return whether no message is due."""
    with house.committed.sessions() as db:
        return not db.scalar(
            select(func.count()).where(OutboxMessage.finished_at.is_(None), OutboxMessage.due_at <= func.now())
        )


def let_gaps_pass(house: House) -> None:
    with house.committed.sessions.begin() as db:
        db.execute(text("UPDATE outbox SET due_at = least(due_at, now()) WHERE finished_at IS NULL"))
        db.execute(text("UPDATE email_budget SET full_at = now()"))


@pytest.mark.alone
def test_a_flood_of_one_address_is_a_burst_and_ends_with_the_truth(house: House, postbox: Postbox) -> None:
    # The web tier has limits of its own; here it is the worker that stands against the flood.
    web = house.parts["web"]
    unlimited = replace(web, environment={**web.environment, "TURNOUT_RATE_LIMITS": "off"})
    house.parts = {**house.parts, "web": unlimited}
    house.start("redis", "web", "worker", "scheduler")
    registrations, waits = f"/en/e/{house.slug}/registrations", []
    post(house, registrations, **VICTIM | {"email": "first@example.org"})
    postbox.wait_for(1, 60)
    for _ in range(40):
        own = post(house, registrations, **VICTIM)
        post(house, f"{own}/cancel")
        waits.append(healthz(house))
    post(house, registrations, **VICTIM)
    house.until(lambda: is_quiet(house), 60)
    assert postbox.recipients.count(VICTIM["email"]) <= BURST
    assert max(waits) < 1
    let_gaps_pass(house)
    house.until(lambda: all(message.finished_at for message in house.messages()), 60)
    assert postbox.recipients.count(VICTIM["email"]) <= BURST + 2
    with house.committed.sessions() as db:
        conditions = Registration.is_live, Registration.email == VICTIM["email"]
        registration_id = db.scalars(select(Registration.id).where(*conditions)).one()
        last = db.get_one(OutboxMessage, str(postbox.accepted[-1]["Message-ID"]).strip("<>").partition("@")[0])
    assert (last.kind, last.subject) == ("registration_confirmed", registration_id)
