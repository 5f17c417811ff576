"""The desk's measures over HTTP, with few people: each of them is taken. No test asks how fast."""

import os
import threading
from collections.abc import Iterator

import pytest
from werkzeug.serving import make_server

from bench import desk, table
from bench.service import Service
from tests.conftest import Committed
from web.app import create_app, make_resources

PEOPLE = 300


@pytest.fixture
def service(committed: Committed) -> Iterator[Service]:
    """Run the web tier as threads of this process."""
    app = create_app(committed.settings, resources=make_resources(committed.settings, committed.engine))
    server = make_server("127.0.0.1", 0, app, threaded=True)
    threading.Thread(target=server.serve_forever, args=(0.01,)).start()
    yield Service(server.server_port, committed.settings, committed.engine, [os.getpid()])
    server.shutdown()
    server.server_close()


def test_every_measure_of_the_desk_is_taken(service: Service) -> None:
    taken = list(desk.measure(service, people=PEOPLE, looks=2))
    assert [limit.measure for limit in taken] == [
        "a page of the list",
        "a search by name",
        "the live page",
        "the live page asks, nothing is new",
        "CSV of 300, to its first byte",
        "CSV of 300, to its last byte",
        "CSV of 300, MB of memory for it",
        "XLSX of 300, to its first byte",
        "XLSX of 300, to its last byte",
        "XLSX of 300, MB of memory for it",
        "doors closed, the report compiled",
    ]
    assert all(0 <= limit.p50 <= limit.p95 for limit in taken)
    assert len({len(line) for line in (table.heading_of_limits("at the desk"), *map(table.line_of_limit, taken))}) == 1
