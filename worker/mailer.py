"""Email to SMTP: the only socket of the worker."""

import contextlib
import smtplib
import socket
import ssl
import threading
from collections.abc import Callable
from email.utils import format_datetime, parseaddr
from typing import Any, Self
from urllib.parse import parse_qs, unquote, urlsplit
from uuid import UUID

from email_validator import validate_email

from shared import clock
from shared.config import Settings
from worker.email_message import Email, as_bytes, mailbox

DEADLINE_SECONDS = 60
"""For one email, everything included; its lease is kept meanwhile, so no other process sends it."""

CONNECT_SECONDS = 10
REPLY_SECONDS = 30


class Mailer:
    """One connection to the mail server: opened for the first email, reused for those that follow.

    A handshake costs several times the round trips of an email. A context manager, which says goodbye at the end.
    """

    def __init__(self, settings: Settings, *, deadline: float = DEADLINE_SECONDS) -> None:
        self._settings = settings
        self._deadline = deadline
        self._late = threading.Event()
        self._line: _Line | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._line is not None:
            with contextlib.suppress(smtplib.SMTPException, OSError):
                self._line.quit()
        self._hang_up()

    def send(self, email: Email, *, message_id: UUID, handing_over: Callable[[], None] = lambda: None) -> str:
        """Transfer an email to the server, and return its answer; `handing_over` is called just before.

        Raises smtplib.SMTPException when the server refuses, OSError when it is not there or not done in time, and
        Unanswered where it may have the email all the same.
        """
        self._late.clear()
        # smtplib's own timeouts restart with each byte.
        cutter = threading.Timer(self._deadline, self.cut)
        cutter.daemon = True
        cutter.start()
        try:
            return self._deliver(email, message_id, handing_over)
        except BaseException:
            # After any error, the state of the dialogue is unknown.
            self._hang_up()
            raise
        finally:
            cutter.cancel()

    def _deliver(self, email: Email, message_id: UUID, handing_over: Callable[[], None]) -> str:
        name, sender = parseaddr(self._settings.mail_from)
        to = wire_address(email.to)
        headers = {
            "From": mailbox(email.sender or name, sender, "From"),
            "To": mailbox(email.name, to, "To"),
            "Date": format_datetime(clock.now()),
            "Message-ID": message_id_of(message_id, self._settings.base_url),
            "Auto-Submitted": "auto-generated",
        }
        if email.reply_to:
            headers["Reply-To"] = mailbox(email.sender or name, email.reply_to, "Reply-To")
        content = as_bytes(email, headers)
        line = self._connected()
        handing_over()
        line.sendmail(sender, [to], content, () if to.isascii() else ("SMTPUTF8",))
        return line.answer

    def _connected(self) -> "_Line":
        if self._line is None or not self._line.still_answers():
            self._hang_up()
            self._line = _Line(self._settings, self._late)
            self._line.dial()
        return self._line

    def cut(self) -> None:
        """End the delivery that waits, from another thread: it raises an error."""
        self._late.set()
        if self._line is not None:
            self._line.cut()

    def _hang_up(self) -> None:
        if self._line is not None:
            self._line.close()
        self._line = None


class Unanswered(smtplib.SMTPException):
    """The connection was lost during the transfer: it is unknown whether the server has the email."""


class _Line(smtplib.SMTP):
    """An SMTP connection that another thread can cut, whatever it is waiting for."""

    def __init__(self, settings: Settings, late: threading.Event) -> None:
        self._url = urlsplit(settings.smtp_url)
        self._late = late
        self._end: socket.socket | None = None
        self.answer = ""
        """To the last email: often the name under which the server has it."""
        # Our name is the installation's: to find the machine's, smtplib asks a name server, which may not answer.
        super().__init__(local_hostname=urlsplit(settings.base_url).hostname, timeout=CONNECT_SECONDS)

    def dial(self) -> None:
        """Connect, encrypt and log in according to the server's address."""
        host = self._url.hostname or ""
        self._host = host  # starttls() checks the certificate against it; only the constructor would set it
        code, words = self.connect(host, self._url.port or (465 if self._url.scheme == "smtps" else 25))
        if code != 220:
            raise smtplib.SMTPConnectError(code, words)
        if parse_qs(self._url.query).get("starttls") == ["1"]:
            self.starttls(context=ssl.create_default_context())
        if self._url.username:
            self.login(unquote(self._url.username), unquote(self._url.password or ""))

    def data(self, msg: Any) -> tuple[int, bytes]:
        """Send the email itself, during which a lost connection has an error of its own. Raises Unanswered."""
        try:
            code, words = super().data(msg)
        except (smtplib.SMTPServerDisconnected, OSError) as error:
            raise Unanswered(str(error)) from error
        self.answer = words.decode(errors="replace")
        return code, words

    def still_answers(self) -> bool:
        """Return True if the connection outlived the pause since the last email."""
        try:
            return self.rset()[0] == 250
        except (smtplib.SMTPException, OSError):
            return False

    def cut(self) -> None:
        """End the connection now."""
        if self._end is not None:
            with contextlib.suppress(OSError):
                self._end.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Close the connection, and our second file descriptor of it."""
        super().close()
        if self._end is not None:
            self._end.close()

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        line = socket.create_connection((host, port), timeout)
        self._end = line.dup()  # TLS takes over the first descriptor
        if self._late.is_set():
            line.close()
            raise TimeoutError("the mail server took too long to answer")
        line.settimeout(REPLY_SECONDS)
        if self._url.scheme == "smtps":
            return ssl.create_default_context().wrap_socket(line, server_hostname=host)
        return line


def message_id_of(message_id: UUID, base_url: str) -> str:
    """Return a Message-ID that is the same for each attempt, so that duplicates are recognized as one email."""
    return f"<{message_id}@{urlsplit(base_url).hostname}>"


def wire_address(address: str) -> str:
    """Return an address that old servers understand too: its domain in ASCII, unless the part before the @ is not."""
    checked = validate_email(address, check_deliverability=False, test_environment=True)
    return checked.ascii_email or checked.normalized
