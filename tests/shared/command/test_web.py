"""The web tier as it runs: a server in front, processes behind it, and clients that mean no good."""

import contextlib
import http.client
import json
import re
import signal
import subprocess
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import psutil
import pytest

from shared.command import front, supervisor
from shared.command.certificate import certificate_for
from shared.command.embedded import temporary_directory
from shared.command.front import Listening
from shared.command.home import free_port
from shared.command.logs import Log
from shared.command.processes import wait_until
from shared.command.supervisor import Supervisor
from shared.command.web import web_processes
from shared.config import LANGUAGES, Settings
from shared.i18n import in_every_language
from tests.conftest import Committed, own_database
from tests.factories import make_account, make_event, make_sign_in
from tests.support.processes import environment
from tests.support.slow_clients import Address, siege
from tests.support.turnout_up import TURNOUT

SLOW_FORM = "POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\n"
SLOW_FORM += "Content-Length: 1000\r\n\r\nname=a"
UPLOADED = "multipart/form-data; boundary=x"
UPLOAD = b'--x\r\nContent-Disposition: form-data; name="file"; filename="scans.json"\r\n\r\n'
UPLOAD += b"a" * (16 * 1024 * 1024) + b"\r\n--x--\r\n"
GET = "GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


class Tier:
    """A web tier that runs in threads of this process, on a database of the test's own."""

    def __init__(self, committed: Committed, folder: Path, *, has_tls: bool = False, **settings: object) -> None:
        self.address = Address(free_port(), has_tls)
        self.folder = folder
        self.said: list[str] = []
        changed = {"base_url": f"http{'s' * has_tls}://127.0.0.1:{self.address.port}", **settings}
        variables = environment(committed.settings.model_copy(update=changed))
        files = (folder / "certificate.pem", folder / "key.pem") if has_tls else ()
        if has_tls:
            certificate_for(folder, "127.0.0.1")
        proxies = int(str(settings.get("turnout_trusted_proxies", 0)))
        listening = Listening("127.0.0.1", self.address.port, *files, proxies=proxies)
        self._supervisor = Supervisor(partial(Log, folder), self.said.append)
        self._supervisor.start(*web_processes(listening, folder, variables))
        self._watching = threading.Thread(target=self._supervisor.watch)
        self._watching.start()

    def processes(self, file: str) -> list[psutil.Process]:
        """Return the processes whose command names a file in the folder that begins so, the oldest first."""
        children = psutil.Process().children(recursive=True)
        processes = (child for child in children if str(self.folder / file) in _command(child))
        return sorted(processes, key=psutil.Process.create_time)

    def logs(self) -> str:
        """Return the text of all logs."""
        return "\n".join(path.read_text() for path in sorted(self.folder.glob("*.log")))

    def stop(self) -> None:
        """Stop all of it."""
        self._supervisor.stopping.set()
        self._watching.join()
        self._supervisor.stop()


def _command(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.NoSuchProcess:
        return ""


@contextlib.contextmanager
def running(committed: Committed, **options: Any) -> Iterator[Tier]:
    """Run a web tier for as long as the block runs."""
    with temporary_directory() as folder:
        tier = Tier(committed, folder, **options)
        try:
            yield tier
        finally:
            tier.stop()


@pytest.fixture(scope="module")
def database(settings: Settings) -> Iterator[Committed]:
    """Return the database of all tests here."""
    with own_database(settings) as committed:
        yield committed


@pytest.fixture(scope="module")
def form(database: Committed) -> str:
    """Return the path of the form of an event that is open to all."""
    with database.sessions.begin() as db:
        return f"/en/e/{make_event(db, capacity=10_000).slug}/registrations"


@pytest.fixture(scope="module")
def tier(database: Committed) -> Iterator[Tier]:
    """Run a web tier as an operator does, but with little patience for silent clients."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(front, "HEADERS_WITHIN", "3s")
        with running(database, turnout_rate_limits="on") as tier:
            yield tier


def person(number: int) -> dict[str, str]:
    """Return the fields of a registration form."""
    return {"name": f"Шариф {number}", "email": f"person-{number}@example.org", "consent": "yes"}


def besiege(address: Address, form: str, *, bodies: int, idle: int, silent: int) -> None:
    """Hold connections of three kinds while others are answered within a second."""
    with siege(address) as attack:
        attack.hold(bodies, SLOW_FORM.format(path=form).encode())
        attack.hold(idle, GET.format(path="/healthz").encode(), is_answered=True)
        attack.hold(silent)
        health = [address.ask("GET", "/healthz") for _ in range(20)]
        registered = [address.ask("POST", form, person(number)) for number in range(5)]
        assert attack.closed() < silent / 2, "they were to be there all the while"
    assert {status for status, _ in health} == {200}
    assert {status for status, _ in registered} == {303}
    assert max(seconds for _, seconds in health + registered) < 1


@pytest.mark.alone
def test_slow_idle_and_silent_clients_cost_nobody_else_anything(database: Committed, form: str) -> None:
    with running(database) as tier:
        besiege(tier.address, form, bodies=500, idle=1_000, silent=1_000)


@pytest.mark.alone
def test_the_same_holds_over_tls(database: Committed, form: str) -> None:
    with running(database, has_tls=True) as tier:
        # A handshake costs us as much as it costs the server: fewer of those that make one.
        besiege(tier.address, form, bodies=100, idle=200, silent=1_000)


def test_the_processes_count_together(tier: Tier, form: str) -> None:
    counts = {ask_for_count(tier) for _ in range(10)}
    assert [tier.address.ask("POST", form, person(100 + number))[0] for number in range(8)] == [303] * 8
    assert ask_for_count(tier) == max(counts) + 8
    pids = {path.stem.rpartition("_")[2] for path in (tier.folder / "counts").glob("counter_*.db")}
    assert len(pids) == 2


def ask_for_count(tier: Tier) -> float:
    """Return how many people the tier registered, as it tells a monitor."""
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", tier.address.port, timeout=30)) as connection:
        connection.request("GET", "/metrics")
        page = connection.getresponse().read().decode()
    registered = r'^turnout_request_seconds_count\{method="POST",.*registrations",status="303"\} (.+)$'
    return sum(map(float, re.findall(registered, page, re.MULTILINE)))


def test_who_says_nothing_is_hung_up_on(tier: Tier) -> None:
    with siege(tier.address) as attack:
        attack.hold(5, b"GET /healthz HT")
        attack.hold(5)
        assert wait_until(lambda: attack.closed() == 10, lambda: True, 60)


def test_who_reads_slowly_keeps_no_thread(tier: Tier) -> None:
    large = "/static/built/zxing_reader.wasm"
    with siege(tier.address) as attack:
        attack.hold(40, GET.format(path=large).encode())
        assert [tier.address.ask("GET", "/healthz")[0] for _ in range(10)] == [200] * 10


def test_a_body_that_no_form_of_ours_has_is_refused_while_it_comes(tier: Tier, form: str) -> None:
    for path in (form, "/door/"):
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", tier.address.port, timeout=30)) as connection:
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                connection.request("POST", path, b"a" * 2 * front.BUFFERED)
            answer = connection.getresponse()
            assert answer.status == 413
            assert "Server" not in answer.headers
            assert answer.read() == front.page("too_large").encode()


def test_the_front_knows_a_body_that_it_does_not_hold_by_its_length() -> None:
    known = [size for size in range(0, 20_000_000, 997) if re.search(front.LARGER_THAN_BUFFERED, str(size))]
    assert known == [size for size in range(0, 20_000_000, 997) if size >= 1_100_000]
    assert front.BUFFERED < 1_100_000


def test_a_file_that_is_too_large_for_its_form_is_told_so(tier: Tier, database: Committed) -> None:
    with database.sessions.begin() as db:
        event = make_event(db)
        sign_in = make_sign_in(db, make_account(db, organization=event.organization, role="owner"))
    headers = {"Cookie": f"sign_in={sign_in}", "Sec-Fetch-Site": "same-origin", "Content-Type": UPLOADED}
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", tier.address.port, timeout=30)) as connection:
        connection.request("POST", f"/organize/events/{event.id}/doors/files", UPLOAD, headers)
        answer = connection.getresponse()
        assert answer.status == 422
        assert "at most 10 megabytes" in answer.read().decode()


def test_a_forwarded_address_is_never_the_visitors_own_word(tier: Tier) -> None:
    wrong = {"email": "somebody@example.org", "password": "wrong"}

    def is_limited(**headers: str) -> bool:
        # More tries than a minute allows, at most.
        return any(tier.address.ask("POST", "/account/sign-in", wrong, **headers)[0] == 429 for _ in range(12))

    assert is_limited()
    forged = {"X-Forwarded-For": "203.0.113.9", "X_Forwarded_For": "203.0.113.10", "Forwarded": "for=203.0.113.11"}
    assert tier.address.ask("POST", "/account/sign-in", wrong, **forged)[0] == 429


def test_an_answer_is_passed_on_with_its_length(tier: Tier) -> None:
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", tier.address.port, timeout=10)) as connection:
        connection.request("GET", "/en/")
        answer = connection.getresponse()
        assert answer.headers["Content-Length"] == str(len(answer.read()))


def test_the_server_does_not_say_what_it_is(tier: Tier) -> None:
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", tier.address.port, timeout=10)) as connection:
        connection.request("GET", "/healthz")
        headers = connection.getresponse().headers
    assert {"Server", "Via"} & set(headers) == set()


@pytest.mark.parametrize("frozen", ["web-1.sock", "front.json"])
def test_a_process_that_hangs_is_replaced_and_the_others_answer_meanwhile(
    database: Committed, monkeypatch: pytest.MonkeyPatch, frozen: str
) -> None:
    monkeypatch.setattr(supervisor, "HUNG_AFTER", 600.0)
    with running(database) as tier:

        def is_well() -> bool:
            return all(tier.address.ask("GET", "/healthz", timeout=2)[0] == 200 for _ in range(10))

        victims = tier.processes(frozen)
        for victim in victims:
            victim.suspend()
        if frozen != "front.json":
            assert wait_until(is_well, lambda: True, 60)
        monkeypatch.setattr(supervisor, "HUNG_AFTER", 3.0)
        assert wait_until(lambda: bool(set(tier.processes(frozen)) - set(victims)), lambda: True, 60)
        assert wait_until(is_well, lambda: True, 60)
        assert tier.said[0].endswith("does not answer and is replaced")


def test_without_a_process_visitors_get_a_page_and_no_log_has_an_address(
    database: Committed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "FIRST_PAUSE", 60.0)
    monkeypatch.setattr(front, "WAITED_FOR", "100ms")
    with running(database) as tier:
        for process in tier.processes("web-"):
            process.kill()
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", tier.address.port, timeout=20)) as connection:
            connection.request("GET", "/en/r/secret-token/")
            answer = connection.getresponse()
            assert answer.status in {502, 503}
            assert answer.headers["Retry-After"]
            assert answer.read() == front.page("away").encode()
    assert "secret-token" not in tier.logs()


@pytest.mark.parametrize(
    ("name", "messages"),
    [("away", ("error.unavailable_title", "error.try_in_a_minute")), ("too_large", ("error.too_large_title",))],
)
def test_a_page_of_the_front_says_what_the_error_pages_say(name: str, messages: tuple[str, ...]) -> None:
    page = front.page(name)
    texts = [text for message in messages for text in in_every_language(message).values()]
    assert [text for text in texts if text not in page] == []
    assert re.findall('<p lang="(..)"', page) == list(LANGUAGES)


def test_the_command_serves_and_stops(database: Committed) -> None:
    port = free_port()
    variables = {**environment(database.settings), "BASE_URL": f"http://127.0.0.1:{port}"}
    process = subprocess.Popen([*TURNOUT, "web", "--port", str(port)], env=variables, stderr=subprocess.PIPE, text=True)
    try:
        assert wait_until(lambda: Address(port).ask("GET", "/healthz")[0] == 200, lambda: process.poll() is None, 120)
        children = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(signal.SIGTERM)
        _, log = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 0
    assert not any(child.is_running() for child in children)
    assert '"event": "stopped"' in log


def readiness(tier: Tier, **headers: str) -> dict[str, Any]:
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", tier.address.port, timeout=30)) as connection:
        connection.request("GET", "/readyz", headers=headers)
        answer: dict[str, Any] = json.load(connection.getresponse())
        return answer


def test_readyz_details_are_shown_on_this_machine_and_to_no_undeclared_proxy(tier: Tier) -> None:
    assert "database" in readiness(tier)
    assert "database" not in readiness(tier, **{"X-Forwarded-For": "203.0.113.9"})


def test_the_status_is_public_to_this_machine_behind_a_declared_proxy(database: Committed) -> None:
    with running(database, turnout_trusted_proxies=1) as tier:
        assert "database" in readiness(tier)
