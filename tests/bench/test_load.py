"""The load, on servers that are wrong in a known way."""

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from bench.load import Order, percentile, run

Serve = Callable[[int, bytes], int]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Start a server that answers every request with one status and body; return its port. Status 0 hangs up."""
    servers = []

    def begin(status: int, body: bytes) -> int:
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                if not status:
                    self.close_connection = True
                    return
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Write nothing."""

        servers.append(ThreadingHTTPServer(("127.0.0.1", 0), Handler))
        threading.Thread(target=servers[-1].serve_forever, args=(0.01,)).start()
        return servers[-1].server_port

    yield begin
    for server in servers:
        server.shutdown()
        server.server_close()


def order(port: int) -> Order:
    return Order(port, 0.4, 0.1, "page", [{"slug": "talks", "title": "Talks"}] * 2)


def test_right_answers_are_counted_and_timed(serve: Serve) -> None:
    outcome = run(order(serve(200, b"<h1>Talks</h1>")))
    assert outcome.wrong == {}
    # The warm-up's are right, and not in the rate.
    assert outcome.right > outcome.per_second * 0.3 > 0
    assert 0 < outcome.p50_ms <= outcome.p99_ms


@pytest.mark.parametrize(
    ("status", "body", "fault"),
    [
        (500, b"<h1>Talks</h1>", "status 500"),
        (200, b"<h1>Somebody else's</h1>", "a page without the event's title"),
        (0, b"", "the connection was closed"),
    ],
)
def test_wrong_answers_are_named_and_never_counted(serve: Serve, status: int, body: bytes, fault: str) -> None:
    outcome = run(order(serve(status, body)))
    assert outcome.wrong[fault] > 0
    assert (outcome.right, outcome.per_second) == (0, 0)


@pytest.mark.parametrize(("share", "value"), [(0.0, 1), (0.5, 50), (0.99, 99), (1.0, 100)])
def test_a_percentile_is_one_of_the_values(share: float, value: int) -> None:
    assert percentile([float(number) for number in range(100, 0, -1)], share) == value
    assert percentile([7.0], share) == 7
