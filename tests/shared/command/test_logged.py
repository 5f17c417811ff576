"""What the logs of an installation keep of people: nothing."""

import urllib.error
import urllib.request
from urllib.parse import urlencode

import pytest

from shared.config import read_settings
from shared.database import make_engine, make_sessions
from tests.factories import make_event, make_registration
from tests.shared.command.running import Start

VISITOR = {"name": "Secretname Visitor", "email": "secretname@x.example", "phone": "+992931234567"}


def test_who_was_turned_away_from_a_full_event_is_in_no_log(start: Start) -> None:
    up = start("--no-demo").ready()
    web = up.part("granian")
    assert web
    engine = make_engine(read_settings(web.environ()))
    with make_sessions(engine).begin() as db:
        make_registration(db, make_event(db, slug="full", capacity=1, waiting_list=False))
    engine.dispose()
    form = urlencode(VISITOR).encode()
    with pytest.raises(urllib.error.HTTPError, match="409") as refusal:
        urllib.request.urlopen(f"http://127.0.0.1:{up.port}/en/e/full/registrations", form, timeout=60)
    refusal.value.close()
    logs = up.data / "logs"
    up.until(lambda: "violates not-null constraint" in (logs / "postgres.log").read_text())
    assert up.stop() == 0
    kept = "\n".join(path.read_text() for path in logs.iterdir()).lower()
    assert [word for word in ("secretname", "931234567") if word in kept] == []
