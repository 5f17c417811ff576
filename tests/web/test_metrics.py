"""The figures for Prometheus: what they count, who may read them, and that dashboard and alerts name no others."""

import json
import re
from datetime import timedelta
from pathlib import Path

import pytest
import yaml
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy.orm import Session

from shared import clock
from shared.config import Settings
from shared.heartbeats import WORKER
from shared.models import OutboxMessage
from shared.outbox import system_status
from tests.conftest import Committed, make_settings
from tests.factories import make_event
from tests.support.registration_form import send
from web.app import create_app

MONITORING = Path(__file__).parents[2] / "docs" / "monitoring"
STATEMENTS = "turnout_statements_total"
TOKEN = "a-token-of-the-monitor"
Labels = dict[str, str]


def figures(client: FlaskClient) -> dict[str, list[tuple[Labels, float]]]:
    """Return the figures by name, each with its labels and value."""
    found: dict[str, list[tuple[Labels, float]]] = {}
    for family in text_string_to_metric_families(client.get("/metrics").text):
        for sample in family.samples:
            found.setdefault(sample.name, []).append((sample.labels, sample.value))
    return found


def value(client: FlaskClient, name: str, **labels: str) -> float:
    """Return the sum of a figure, for these labels."""
    return sum(number for own, number in figures(client).get(name, []) if labels.items() <= own.items())


def test_a_registration_is_a_request_of_its_route_and_a_statement(committed: Committed) -> None:
    with committed.sessions.begin() as db:
        make_event(db, slug="talks")
    client = committed.client()
    route = {"method": "POST", "route": "/<language:lang>/e/<slug>/registrations", "status": "303"}
    requests, statements = value(client, "turnout_request_seconds_count", **route), value(client, STATEMENTS)
    send(client)
    assert value(client, "turnout_request_seconds_count", **route) == requests + 1
    assert value(client, STATEMENTS) > statements


def test_an_address_that_does_not_exist_makes_no_label_of_its_own(client: FlaskClient) -> None:
    client.get("/en/registrations/a-secret-token/anything")
    page = client.get("/metrics").text
    assert 'route="none"' in page
    assert "a-secret-token" not in page


def test_messages_are_counted_by_state_and_age(client: FlaskClient, db: Session) -> None:
    hour_ago = clock.now() - timedelta(hours=1)
    for subject, dead_at in ((1, None), (2, None), (3, hour_ago)):
        db.add(OutboxMessage(kind="mailing", subject=subject, due_at=hour_ago, dead_at=dead_at))
    db.flush()
    assert value(client, "turnout_messages", state="due") == 2
    assert value(client, "turnout_messages", state="failed") == 1
    assert value(client, "turnout_oldest_due_message_seconds") >= 3_590


def test_a_heartbeat_has_an_age(client: FlaskClient, db: Session) -> None:
    assert "turnout_heartbeat_age_seconds" not in figures(client)
    system_status.record_heartbeat(db, WORKER)
    assert 0 <= value(client, "turnout_heartbeat_age_seconds", process=WORKER) < 60


def test_without_the_database_the_rest_is_answered(settings: Settings) -> None:
    client = create_app(make_settings("postgresql://nobody@/nothing?host=/nowhere", settings.redis_url)).test_client()
    client.get("/healthz")
    assert value(client, "turnout_request_seconds_count", route="/healthz") >= 1
    assert value(client, "turnout_database_up") == 0
    assert "turnout_messages" not in figures(client)


@pytest.fixture
def monitor(committed: Committed) -> FlaskClient:
    client = committed.client(turnout_metrics_token=TOKEN)
    client.environ_base["REMOTE_ADDR"] = "192.0.2.7"
    return client


def test_another_machine_needs_the_token(monitor: FlaskClient) -> None:
    assert monitor.get("/metrics").status_code == 404
    assert monitor.get("/metrics", headers={"Authorization": "Bearer something-else"}).status_code == 404
    answer = monitor.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")


def test_without_a_token_no_other_machine_reads_them(committed: Committed) -> None:
    client = committed.client()
    client.environ_base["REMOTE_ADDR"] = "192.0.2.7"
    assert client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404


def expressions() -> list[str]:
    """Return the expressions of the dashboard and of the alert rules."""
    dashboard = json.loads((MONITORING / "dashboard.json").read_text())
    rules = yaml.safe_load((MONITORING / "alerts.yaml").read_text())["groups"][0]["rules"]
    panels = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    return [*panels, *(rule["expr"] for rule in rules)]


def test_dashboard_and_alerts_name_only_figures_that_exist(client: FlaskClient, db: Session) -> None:
    system_status.record_heartbeat(db, WORKER)
    client.get("/healthz")
    page = client.get("/metrics").text
    # A counter with labels shows nothing before it counts.
    known = {*figures(client), *re.findall(r"# TYPE (\w+)", page), "turnout_scans_total"}
    named = {name for expression in expressions() for name in re.findall(r"\bturnout_\w+", expression)}
    assert len(named) >= 10
    assert named <= known
