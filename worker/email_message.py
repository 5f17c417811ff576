"""An email as a value, and as the bytes for the wire. No socket here, no database, no templates."""

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
from shared.outbox.outcomes import SkipReason

_WIRE = compat32.clone(linesep="\r\n")


@dataclass(frozen=True, slots=True)
class File:
    """An attachment. `name` is plain ASCII; the page shows a picture by its `cid` (RFC 2392)."""

    name: str
    type: str
    content: bytes

    @property
    def cid(self) -> str:
        """Return its Content-ID without the angle brackets: left@right, as a message's own id."""
        return content_id(self.name)


def content_id(name: str) -> str:
    """Return the Content-ID of the file of a name, without the angle brackets."""
    return f"{name}@turnout"


@dataclass(frozen=True, slots=True, kw_only=True)
class Email:
    """One email to one person. `sender` is the name that the inbox shows; the address is the installation's, and
    replies go to `reply_to` where there is one.

    News has in `unsubscribe` the address to unsubscribe.
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
    """The reason why nothing is sent: the message is no longer true, or has no address."""

    why: SkipReason


@dataclass(frozen=True, slots=True)
class Delayed:
    """The end of a delay: strangers caused as many emails to this address as it may receive for now, or an older email
    is being sent, which must not arrive last.
    """

    until: datetime


Prepared = Email | Skipped | Delayed
"""The result of a delivery."""


def as_bytes(email: Email, headers: Mapping[str, str]) -> bytes:
    """Return the email for the wire, below the mailer's own headers.

    Built with email.mime: EmailMessage costs 2 ms more.
    """
    message = _multipart("mixed", [_body(email), *(_part(file, "attachment") for file in email.attachments)])
    for name, value in headers.items():
        message[name] = value
    message["Subject"] = _header(normalize(email.subject), "Subject").encode()
    message["Content-Language"] = email.language
    if email.unsubscribe:
        message["List-Unsubscribe"] = f"<{email.unsubscribe}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"  # RFC 8058: email programs post it themselves
    return message.as_bytes(policy=_WIRE)


def mailbox(name: str, address: str, header_name: str) -> str:
    """Return a display name and an address as a header's value. Names come from people: one line, no quotes."""
    display_name = normalize(name).replace("\\", "").replace('"', "")
    header = (
        _header(f'"{display_name}"' if display_name.isascii() else display_name, header_name)
        if display_name
        else Header()
    )
    header.append(f"<{address}>", "us-ascii" if address.isascii() else "utf-8")
    return header.encode()


def _header(text: str, name: str) -> Header:
    # With its name, it folds a long text where permitted, and into words of at most 75 characters (RFC 2047).
    return Header(text, "us-ascii" if text.isascii() else "utf-8", header_name=name)


def _body(email: Email) -> Message:
    pictures = (_part(file, "inline") for file in email.inline)
    page = _multipart("related", [MIMEText(email.html, "html", "utf-8"), *pictures])
    return _multipart("alternative", [MIMEText(email.text, "plain", "utf-8"), page])


def _multipart(subtype: str, parts: Sequence[Message]) -> Message:
    message = MIMEMultipart(subtype)
    for part in parts:
        del part["MIME-Version"]  # belongs to the whole
        message.attach(part)
    return message


def _part(file: File, disposition: str) -> Message:
    message = Message()
    message["Content-Type"] = f'{file.type}; name="{file.name}"'
    message["Content-Disposition"] = f'{disposition}; filename="{file.name}"'
    message["Content-ID"] = f"<{file.cid}>"
    message.set_payload(file.content)
    encode_base64(message)
    return message
