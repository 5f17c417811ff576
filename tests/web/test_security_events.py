"""The security events of an attack, and the secrets missing from them."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from flask.testing import FlaskClient
from structlog.testing import capture_logs

from web.limits import Counts, Limit, Limiter
from web.security_events import SecurityEvent, note


class Strict(Limiter):
    """Every request exceeds its limit."""

    def count(self, acts: Sequence[tuple[Limit, str, int]]) -> Counts:
        return Counts({}, acts[0][0])


@pytest.mark.parametrize("event", SecurityEvent)
def test_an_event_is_one_line_with_its_name_and_what_it_is_about(client: FlaskClient, event: SecurityEvent) -> None:
    with client.application.test_request_context(), capture_logs() as lines:
        note(event, account_id=7)
    assert lines == [{"event": "security", "security": event.value, "account_id": 7, "log_level": "warning"}]


def test_a_refused_request_names_its_limit_and_neither_the_address_nor_the_password(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    extensions = client.application.extensions
    strict = Strict(extensions["turnout"].settings.redis_url, b"x" * 32)
    monkeypatch.setitem(extensions, "turnout", replace(extensions["turnout"], limiter=strict))
    secret = {"email": "secretname@example.org", "password": "secret password"}
    with capture_logs() as lines:
        answer = client.post("/account/sign-in", data=secret, environ_overrides={"REMOTE_ADDR": "192.0.2.7"})
    assert answer.status_code == 429
    security, request = lines
    assert security.keys() == {"event", "security", "limit", "log_level"}
    assert (security["security"], security["event"]) == ("limit_reached", "security")
    assert request["route"] == "/account/sign-in"
    assert [word for word in ("secret", "192.0.2.7") if word in str(lines)] == []
