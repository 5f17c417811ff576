"""The whole product as real processes, each of which can be stopped, killed and started again by name."""

import contextlib
import http.client
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import urlencode

import psutil
from redis import Redis
from sqlalchemy import select, text

from shared import clock
from shared.command.embedded import temporary_directory
from shared.command.home import free_port
from shared.command.processes import Process, halt, spawn, wait_until
from shared.command.redis import redis_server
from shared.config import Settings
from shared.models import OutboxMessage
from tests.conftest import Committed
from tests.factories import make_event
from tests.support.email_server import Postbox
from web import form_tokens

ROOT = Path(__file__).parents[2]
TURNOUT = (sys.executable, "-m", "shared.command")
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@dataclass(frozen=True)
class Answer:
    """The status that a registration was answered with, and the seconds that it took."""

    status: int
    location: str
    milliseconds: float


@dataclass
class House:
    """Web, worker, scheduler and Redis, on a database and with a mail server of the test's own."""

    home: Path
    committed: Committed
    settings: Settings
    postbox: Postbox
    slug: str
    port: int
    parts: Mapping[str, Process]
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, *names: str) -> None:
        """Start parts, and wait until each answers."""
        for name in names:
            with self._log(name).open("ab") as output:
                self.running[name] = spawn(self.parts[name], output)
            self.until(self.parts[name].answers, 120)

    def stop(self, name: str) -> None:
        """Ask a process to stop, as an operator does."""
        process = self.running.pop(name)
        halt(process, self.parts[name].stop)

    def kill(self, name: str) -> None:
        """Kill a process with its children, as the kernel does when memory runs out."""
        process = self.running.pop(name)
        taken = psutil.Process(process.pid).children(recursive=True)
        for each in (psutil.Process(process.pid), *taken):
            with contextlib.suppress(psutil.NoSuchProcess):
                each.kill()
        process.wait(10)
        psutil.wait_procs(taken, 10)

    def register(self, person: str) -> Answer:
        """Register a person on the event's page."""
        fields = {"name": f"Шариф {person}", "email": f"{person}@example.org", "consent": "yes"}
        fields["once"] = self._stamp()
        started = time.monotonic()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        with contextlib.closing(connection):
            connection.request("POST", f"/tg/e/{self.slug}/registrations", urlencode(fields), FORM)
            answer = connection.getresponse()
            answer.read()
        return Answer(answer.status, answer.headers["Location"] or "", (time.monotonic() - started) * 1000)

    def _stamp(self) -> str:
        """Return the hidden field of a page opened ten seconds ago: a person's, since a program may register less."""
        marked = f"{secrets.token_urlsafe(16)}.{int(clock.now().timestamp()) - 10}"
        return f"{marked}.{form_tokens._mac(self.settings.secrets[0], marked)}"

    def messages(self) -> Sequence[OutboxMessage]:
        """Return the messages of the outbox."""
        with self.committed.sessions() as db:
            return db.scalars(select(OutboxMessage).order_by(OutboxMessage.created_at)).all()

    def has_sent_all(self) -> bool:
        """Return whether every queued email is sent."""
        return all(message.outcome == "sent" for message in self.messages())

    def add_second(self) -> "House":
        """Add the parts of a second machine: web and worker on the same database and Redis; return it by its web."""
        port = free_port()
        web, worker = _our_parts(self.settings, port)["web"], self.parts["worker"]
        parts = {**self.parts, "second web": replace(web, name="second web"), "second worker": worker}
        return replace(self, port=port, parts=parts)

    def ticks_waiting(self) -> int:
        """Return the number of ticks that no worker has fetched yet."""
        with Redis.from_url(self.settings.redis_url) as redis:
            return int(redis.llen("turnout"))

    def let_time_pass(self) -> None:
        """End every lease and every delay, as two minutes and an hour would; for a worker that is gone."""
        with self.committed.sessions.begin() as db:
            over = "leased_until = leased_until - interval '1 hour', due_at = least(due_at, now())"
            db.execute(text(f"UPDATE outbox SET {over} WHERE finished_at IS NULL"))

    def until(self, fact: Callable[[], object], seconds: float) -> None:
        """Wait until a condition holds, or fail with the logs of the processes."""
        assert wait_until(lambda: bool(fact()), lambda: True, seconds), self.logs()

    def logs(self) -> str:
        """Return the last lines of every process."""
        tails = (f"== {path.stem}\n" + path.read_text(errors="replace")[-3000:] for path in self.home.glob("*.log"))
        return "\n".join(tails)

    def _log(self, name: str) -> Path:
        return self.home / f"{name}.log"


@contextlib.contextmanager
def build(committed: Committed, postbox: Postbox) -> Iterator[House]:
    """Build an installation with no process running yet; stop every process that runs at the end."""
    with committed.sessions.begin() as db:
        slug = make_event(db, capacity=10_000).slug
    with temporary_directory() as home:
        redis, port = redis_server(home / "redis"), free_port()
        settings = committed.settings.model_copy(
            update={
                "redis_url": redis.url,
                "smtp_url": postbox.url,
                "base_url": f"http://127.0.0.1:{port}",
                "turnout_rate_limits": "on",
            }
        )
        parts = {"redis": redis.part, **_our_parts(settings, port)}
        house = House(home, committed, settings, postbox, slug, port, parts)
        try:
            yield house
        finally:
            for name in reversed([*house.running]):
                house.stop(name)


def environment(settings: Settings) -> dict[str, str]:
    """Return the environment variables of a process."""
    variables = {name.upper(): str(value) for name, value in settings.model_dump(exclude_defaults=True).items()}
    return {**variables, "PATH": os.environ["PATH"], "PYTHONUNBUFFERED": "1"}


def _our_parts(settings: Settings, port: int) -> dict[str, Process]:
    commands = {
        "web": ("web", "--port", str(port), "--workers", "1"),
        "worker": ("worker", "--concurrency", "2"),
        "scheduler": ("scheduler",),
    }
    answers = {"web": lambda: _is_healthy(port)}
    return {
        name: Process(
            name=name,
            command=(*TURNOUT, *arguments),
            directory=ROOT,
            environment=environment(settings),
            answers=answers.get(name, lambda: True),
        )
        for name, arguments in commands.items()
    }


def _is_healthy(port: int) -> bool:
    try:
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=5)) as connection:
            connection.request("GET", "/healthz")
            return connection.getresponse().status == 200
    except OSError:
        return False
