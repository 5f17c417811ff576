"""The load, on servers that are wrong in a known way."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from gzip import compress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from bench.load import Order, percentile, run

PAGE, OTHER = (compress(page, mtime=0) for page in (b"<h1>Talks</h1>", b"<h1>Someone else's</h1>"))
SLOW_SECONDS = 0.02
Serve = Callable[[int, bytes], int]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Start a server that answers every request with one status and body; return its port. Status 0 hangs up, and
    /healthz is slow.
    """
    servers, hold = [], threading.Event()

    def begin(status: int, body: bytes) -> int:
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                if not status:
                    self.close_connection = True
                    return
                if self.path == "/healthz":
                    hold.wait(SLOW_SECONDS)
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.send_header("Content-Encoding", "gzip")
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
    return Order(port, 0.4, 0.1, "pages", [{"address": "/en/e/talks", "holds": "Talks"}] * 2)


def test_right_answers_are_counted_and_timed(serve: Serve) -> None:
    outcome = run(order(serve(200, PAGE)))
    assert outcome.wrong == {}
    # The warm-up's are right, and not in the rate.
    assert outcome.right > outcome.per_second * 0.3 > 0
    assert 0 < outcome.p50_ms <= outcome.p99_ms


def test_an_answer_after_a_measure_too_short_for_it_counts(serve: Serve) -> None:
    outcome = run(Order(serve(200, b""), 0.01, 0, "alive", [{}]))
    assert outcome.right == 1
    assert outcome.p50_ms >= SLOW_SECONDS * 1000


def test_no_more_requests_are_sent_than_ordered(serve: Serve) -> None:
    assert run(replace(order(serve(200, PAGE)), requests=7)).right == 7


def test_who_comes_while_others_wait_waits_from_then(serve: Serve) -> None:
    # Twice as many come as two connections can serve: the last of 0.3 s waits for as long again.
    rate = 2 * 2 / SLOW_SECONDS
    outcome = run(Order(serve(200, b""), 0.3, 0, "alive", [{}] * 2, arrivals=rate))
    assert outcome.right == outcome.statuses["200"] == 60
    assert outcome.p99_ms > 5 * SLOW_SECONDS * 1000


@pytest.mark.parametrize(
    ("status", "body", "fault"),
    [
        (500, PAGE, "status 500"),
        (200, OTHER, "a page without its title"),
        (0, b"", "the connection was closed"),
    ],
)
def test_wrong_answers_are_named_and_never_counted(serve: Serve, status: int, body: bytes, fault: str) -> None:
    clients = [{"addresses": ["/en/e/talks"] * 1000, "holds": "Talks"}] * 2
    outcome = run(replace(order(serve(status, body)), sender="first_looks", clients=clients))
    assert outcome.wrong[fault] > 0
    assert (outcome.right, outcome.per_second) == (0, 0)


@pytest.mark.parametrize(("share", "value"), [(0.0, 1), (0.5, 50), (0.99, 99), (1.0, 100)])
def test_a_percentile_is_one_of_the_values(share: float, value: int) -> None:
    assert percentile([float(number) for number in range(100, 0, -1)], share) == value
    assert percentile([7.0], share) == 7
