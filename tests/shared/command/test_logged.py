"""The logs of an installation contain nothing about people."""

import contextlib
import http.client
from urllib.parse import urlencode

from shared.config import read_settings
from shared.database import make_engine, make_sessions
from tests.factories import make_event, make_registration
from tests.support.turnout_up import Start

VISITOR = {"name": "Secretname Visitor", "email": "secretname@x.example", "phone": "+992931234567"}


def test_a_full_event_and_a_second_registration_leave_nothing_in_any_log(start: Start) -> None:
    up = start("--no-demo").ready()
    web = up.part("granian")
    assert web
    engine = make_engine(read_settings(web.environ()))
    with make_sessions(engine).begin() as db:
        make_registration(db, make_event(db, slug="full", capacity=1, waiting_list=False))
        make_event(db, slug="free")
    engine.dispose()
    for slug, status in (("full", 409), ("free", 303), ("free", 303)):
        assert _register(up.port, slug) == status
    assert up.stop() == 0
    logs = {path.name: path.read_text() for path in (up.data / "logs").iterdir()}
    text = "\n".join(logs.values()).lower()
    assert [word for word in ("secretname", "931234567") if word in text] == []
    assert "ERROR" not in logs["postgres.log"]


def _register(port: int, slug: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    with contextlib.closing(connection):
        connection.request("POST", f"/en/e/{slug}/registrations", urlencode(VISITOR), headers)
        return connection.getresponse().status
