"""A web process is replaced, and no request meets a closed door."""

import threading
from collections import Counter
from functools import partial

import pytest

from shared.command import front, supervisor
from shared.command.processes import wait_until
from tests.conftest import Committed
from tests.factories import make_event
from tests.support.slow_clients import Address
from tests.support.web_tier import Tier, running

pytestmark = pytest.mark.chaos


def visit(address: Address, slug: str, over: threading.Event, answers: "Counter[int]", visitor: int) -> None:
    """Read a page and register, again and again, until it is over."""
    number = 0
    while not over.is_set():
        number += 1
        person = {"name": "Шариф", "email": f"p{visitor}-{number}@example.org", "consent": "yes"}
        answers[address.ask("GET", f"/en/e/{slug}", timeout=30)[0]] += 1
        answers[address.ask("POST", f"/en/e/{slug}/registrations", person, timeout=30)[0]] += 1


def names(tier: Tier) -> set[str]:
    """Return the sockets of the web processes that run."""
    commands = (" ".join(process.cmdline()) for process in tier.processes("web-"))
    return {word.rpartition("/")[2] for command in commands for word in command.split() if ".sock." in word}


def test_no_request_is_refused_while_the_only_process_is_replaced(
    committed: Committed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "LEAVES_AFTER", 3.0)
    monkeypatch.setattr(front, "WAITED_FOR", "50ms")  # else the front bridges a gap of seconds
    with committed.sessions.begin() as db:
        slug = make_event(db, capacity=100_000).slug
    with running(committed, workers=1) as tier:
        page = f"/en/e/{slug}"
        assert wait_until(lambda: tier.address.ask("GET", page)[0] == 200, lambda: True, 30), "the front found it alive"
        over, answers = threading.Event(), Counter[int]()
        visitors = [
            threading.Thread(target=partial(visit, tier.address, slug, over, answers, number)) for number in range(3)
        ]
        for visitor in visitors:
            visitor.start()
        tier.supervisor.renew()
        try:
            assert wait_until(lambda: names(tier) == {"web-1.sock.2"}, lambda: True, 120), tier.logs()
        finally:
            over.set()
            for visitor in visitors:
                visitor.join()
        assert set(answers) == {200, 303}, answers
        assert tier.said == []
