"""A mail as a value, and as the bytes that go over the wire. No socket here, no database, no templates."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.encoders import encode_base64
from email.header import Header
from email.message import Message
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.policy import compat32

from shared.i18n import normalize

_WIRE = compat32.clone(linesep="\r\n")


@dataclass(frozen=True, slots=True)
class File:
    """Something that travels with an email. `name` is plain ASCII; the page shows a picture by its `cid` (RFC 2392)."""

    name: str
    type: str
    content: bytes

    @property
    def cid(self) -> str:
        """Its Content-ID without the angle brackets: left@right, as a message's own id."""
        return content_id(self.name)


def content_id(name: str) -> str:
    """The Content-ID of the file of a name, without the angle brackets."""
    return f"{name}@turnout"


@dataclass(frozen=True, slots=True, kw_only=True)
class Email:
    """One mail to one person. `sender` is the name that the inbox shows; the address is the service's, and answers go
    to `reply_to` where there is one.

    News carry in `unsubscribe` the address where they are refused.
    """

    to: str
    name: str
    sender: str
    language: str
    subject: str
    text: str
    html: str
    unsubscribe: str = ""
    reply_to: str = ""
    inline: tuple[File, ...] = ()
    attachments: tuple[File, ...] = ()


@dataclass(frozen=True, slots=True)
class Skipped:
    """Why nothing is mailed: what was promised is no longer true, or there is nowhere to send it."""

    why: str


@dataclass(frozen=True, slots=True)
class Delayed:
    """Until when nothing is mailed: strangers caused as many emails to this address as it may be sent for now, or an
    older one is being sent, which must not arrive as the last.
    """

    until: datetime


Prepared = Email | Skipped | Delayed
"""What a delivery makes of a promise."""


def as_bytes(mail: Email, headers: Mapping[str, str]) -> bytes:
    """The mail for the wire, below headers of the mailer's own. Built of email.mime: EmailMessage costs 2 ms more."""
    whole = _multipart("mixed", [_body(mail), *(_part(file, "attachment") for file in mail.attachments)])
    for name, value in headers.items():
        whole[name] = value
    whole["Subject"] = _header(normalize(mail.subject), "Subject").encode()
    whole["Content-Language"] = mail.language
    if mail.unsubscribe:
        whole["List-Unsubscribe"] = f"<{mail.unsubscribe}>"
        whole["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"  # RFC 8058: mail programs post it themselves
    return whole.as_bytes(policy=_WIRE)


def mailbox(name: str, address: str, header_name: str) -> str:
    """A display name and an address as a header's value. Names come from people: one line, no quotes."""
    shown = normalize(name).replace("\\", "").replace('"', "")
    header = _header(f'"{shown}"' if shown.isascii() else shown, header_name) if shown else Header()
    header.append(f"<{address}>", "us-ascii" if address.isascii() else "utf-8")
    return header.encode()


def _header(text: str, name: str) -> Header:
    # Told its name, it folds a long text where it may be folded, and into words of at most 75 characters (RFC 2047).
    return Header(text, "us-ascii" if text.isascii() else "utf-8", header_name=name)


def _body(mail: Email) -> Message:
    pictures = (_part(file, "inline") for file in mail.inline)
    page = _multipart("related", [MIMEText(mail.html, "html", "utf-8"), *pictures])
    return _multipart("alternative", [MIMEText(mail.text, "plain", "utf-8"), page])


def _multipart(kind: str, parts: Sequence[Message]) -> Message:
    whole = MIMEMultipart(kind)
    for part in parts:
        del part["MIME-Version"]  # belongs to the whole
        whole.attach(part)
    return whole


def _part(file: File, disposition: str) -> Message:
    part = Message()
    part["Content-Type"] = f'{file.type}; name="{file.name}"'
    part["Content-Disposition"] = f'{disposition}; filename="{file.name}"'
    part["Content-ID"] = f"<{file.cid}>"
    part.set_payload(file.content)
    encode_base64(part)
    return part
