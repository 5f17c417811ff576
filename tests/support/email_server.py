"""A mail server of the tests' own, on a real socket: stores what it accepts, and answers as a test decides."""

import asyncio
import contextlib
import email
import email.policy
import ssl
import threading
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.support.event_loop import event_loop

ACCEPTED = "250 2.0.0 accepted"


@dataclass
class Postbox:
    """The accepted emails, in order. `at_recipient` and `at_content` answer, and may let an email wait; so may
    `after_content`, once the email is accepted and before the client hears so. With `password`, no other logs in.
    """

    port: int = 0
    accepted: list[EmailMessage] = field(default_factory=list)
    contents: list[bytes] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    logins: list[str] = field(default_factory=list)
    connections: int = 0
    at_sender: str = "250 OK"
    password: str = ""
    at_recipient: Callable[[], Awaitable[str]] | None = None
    at_content: Callable[[], Awaitable[str]] | None = None
    after_content: Callable[[], Awaitable[str]] | None = None
    _arrival: threading.Condition = field(default_factory=threading.Condition)

    @property
    def url(self) -> str:
        """Return its address, as SMTP_URL names it."""
        return f"smtp://127.0.0.1:{self.port}"

    @property
    def message_ids(self) -> list[str]:
        """Return the Message-ID of each email that was accepted."""
        return [str(message["Message-ID"]) for message in self.accepted]

    def refuse(self, answer: str | None) -> None:
        """Answer every recipient like this from now on; with None, accept them again."""

        async def refusing() -> str:
            return str(answer)

        self.at_recipient = refusing if answer else None

    def wait_for(self, count: int, seconds: float) -> list[EmailMessage]:
        """Wait for so many emails and return them; fail when they do not arrive in time."""
        with self._arrival:
            has_arrived = self._arrival.wait_for(lambda: len(self.accepted) >= count, seconds)
        assert has_arrived, f"{len(self.accepted)} of {count} emails came in {seconds} s"
        return self.accepted

    async def handle_EHLO(  # noqa: N802
        self, _server: SMTP, session: Session, _envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_MAIL(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.at_sender.startswith("250"):
            envelope.mail_from = address
            envelope.mail_options.extend(options)
        return self.at_sender

    async def handle_RCPT(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        answer = await self.at_recipient() if self.at_recipient else "250 OK"
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
            envelope.rcpt_options.extend(options)
        return answer

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        answer = await self.at_content() if self.at_content else ACCEPTED
        if answer.startswith("250"):
            self._keep(envelope)
        return await self.after_content() if self.after_content else answer

    def _keep(self, envelope: Envelope) -> None:
        assert isinstance(envelope.content, bytes)
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        with self._arrival:
            self.contents.append(envelope.content)
            self.accepted.append(message)
            self.recipients.extend(envelope.rcpt_tos)
            self._arrival.notify_all()

    def _authenticate(self, *arguments: Any) -> AuthResult:
        login = arguments[4]
        assert isinstance(login, LoginPassword)
        self.logins.append(f"{login.login.decode()}:{login.password.decode()}")
        is_right = not self.password or login.password.decode() == self.password
        return AuthResult(success=is_right, handled=is_right)  # else aiosmtpd refuses it


@contextlib.contextmanager
def open_postbox(
    tls: ssl.SSLContext | None = None, *, from_the_start: bool = False, port: int = 0
) -> Iterator[Postbox]:
    """Serve until the block ends; `tls` offers STARTTLS, or with `from_the_start` speaks TLS at once (smtps)."""
    box = Postbox()

    def converse() -> SMTP:
        return SMTP(
            box,
            loop=loop,
            hostname="postbox",
            enable_SMTPUTF8=True,
            tls_context=None if from_the_start else tls,
            authenticator=box._authenticate,
            auth_required=False,
            auth_require_tls=tls is not None and not from_the_start,
        )

    with event_loop() as loop:
        opening = loop.create_server(converse, "127.0.0.1", port, ssl=tls if from_the_start else None)
        server = asyncio.run_coroutine_threadsafe(opening, loop).result(5)
        box.port = server.sockets[0].getsockname()[1]
        yield box
        loop.call_soon_threadsafe(server.close)
