"""The check of the email server: a conversation up to the point where an email would follow."""

import smtplib
import ssl
from collections.abc import Iterator
from email.utils import parseaddr
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from shared.command.doctor.examination import Fault, Installation
from shared.config import Settings, is_loopback

PATIENCE = 10
_OK, _FOR_GOOD = range(200, 300), 500
NO_MAILBOX = b"5.1.1"
"""RFC 3463: the recipient has no mailbox. Senders to whom no one answers need none."""
EXPLANATIONS: tuple[tuple[type[Exception], str, str], ...] = (
    (
        ssl.SSLCertVerificationError,
        "has a certificate that is not trusted",
        "let SMTP_URL name the host that its certificate names",
    ),
    (ssl.SSLError, "does not speak TLS as SMTP_URL says", "write smtps:// for port 465, ?starttls=1 for port 587"),
    (smtplib.SMTPAuthenticationError, "refuses the login", "correct user and password in SMTP_URL"),
    (smtplib.SMTPNotSupportedError, "lacks what SMTP_URL asks for", "remove ?starttls=1, or user and password"),
    (UnicodeError, "cannot be asked as SMTP_URL says", "write host, user and password in ASCII"),
    (Exception, "does not answer", "correct host and port in SMTP_URL, or ask the provider if the port is blocked"),
)


def answers(installation: Installation) -> Iterator[Fault]:
    """Find an email server that is away, is not encrypted, or refuses the login or the sender. No email is sent."""
    settings = installation.settings
    url = urlsplit(settings.smtp_url)
    try:
        with _connect(url, settings) as line:
            yield from _speak(line, url, parseaddr(settings.mail_from)[1])
    except (smtplib.SMTPException, OSError, UnicodeError) as error:
        wrong, act = next((wrong, act) for kind, wrong, act in EXPLANATIONS if isinstance(error, kind))
        yield Fault(f"the email server {url.hostname} {wrong} ({_reason(error)})", act)


def _connect(url: SplitResult, settings: Settings) -> smtplib.SMTP:
    host, name = url.hostname or "", urlsplit(settings.base_url).hostname
    if url.scheme == "smtps":
        context = ssl.create_default_context()
        return smtplib.SMTP_SSL(host, url.port or 465, name, timeout=PATIENCE, context=context)
    return smtplib.SMTP(host, url.port or 25, name, timeout=PATIENCE)


def _speak(line: smtplib.SMTP, url: SplitResult, sender: str) -> Iterator[Fault]:
    line.ehlo()
    if parse_qs(url.query).get("starttls") == ["1"]:
        line.starttls(context=ssl.create_default_context())
    elif url.scheme == "smtp" and not is_loopback(url.hostname or ""):
        yield from _plain(line, url)
    if url.username:
        line.login(unquote(url.username), unquote(url.password or ""))
    yield from _refusals(line, url, sender)


def _plain(line: smtplib.SMTP, url: SplitResult) -> Iterator[Fault]:
    if line.has_extn("starttls"):
        yield Fault(f"emails cross the network to {url.hostname} unencrypted", "add ?starttls=1 to SMTP_URL")
    elif url.username:
        yield Fault(f"the password for {url.hostname} crosses the network unencrypted", "use an email server with TLS")


def _refusals(line: smtplib.SMTP, url: SplitResult, sender: str) -> Iterator[Fault]:
    """Name the sender, and then the sender as recipient, since many servers refuse a sender only there."""
    code, words = line.mail(sender)
    if code in _OK:
        code, words = line.rcpt(sender)
        if code < _FOR_GOOD or words.startswith(NO_MAILBOX):
            return
    wrong = f"the email server {url.hostname} refuses emails from {sender} ({code} {words.decode(errors='replace')})"
    yield Fault(wrong, "let MAIL_FROM name an address that it sends for, and SMTP_URL a user who may")


def _reason(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        words = error.smtp_error
        return f"{error.smtp_code} {words.decode(errors='replace') if isinstance(words, bytes) else words}"
    return getattr(error, "verify_message", "") or getattr(error, "strerror", "") or str(error)
