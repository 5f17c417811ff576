"""An email as a value, and as the bytes for the wire. No socket here, no database, no templates."""

from base64 import encodebytes
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.header import Header

from shared.i18n import normalize
from shared.outbox.outcomes import SkipReason


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
    """Return the email for the wire, below the mailer's own headers (RFC 2045 and 2046).

    Not built with email.mime: it goes through the lines of all files again for each part around them, 2 ms an email.
    """
    own = {
        "Subject": _header(normalize(email.subject), "Subject").encode(),
        "Content-Language": email.language,
        "MIME-Version": "1.0",
    }
    if email.unsubscribe:
        own["List-Unsubscribe"] = f"<{email.unsubscribe}>"
        own["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"  # RFC 8058: email programs post it themselves
    return _head({**headers, **own}) + _multipart("mixed", _body(email), *_files(email.attachments, "attachment"))


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


def _body(email: Email) -> bytes:
    page = _multipart("related", _text(email.html, "html"), *_files(email.inline, "inline"))
    return _multipart("alternative", _text(email.text, "plain"), page)


def _multipart(subtype: str, *parts: bytes) -> bytes:
    # In base64 and in our headers no line begins with a hyphen, so any boundary is unique.
    boundary = f"=_{subtype}"
    head = _head({"Content-Type": f'multipart/{subtype}; boundary="{boundary}"'})
    delimiter = f"\r\n--{boundary}".encode()
    return head + b"".join(b"%b\r\n%b" % (delimiter, part) for part in parts) + delimiter + b"--\r\n"


def _text(text: str, subtype: str) -> bytes:
    return _part({"Content-Type": f'text/{subtype}; charset="utf-8"'}, text.encode())


def _files(files: Iterable[File], disposition: str) -> Iterator[bytes]:
    for file in files:
        headers = {
            "Content-Type": f'{file.type}; name="{file.name}"',
            "Content-Disposition": f'{disposition}; filename="{file.name}"',
            "Content-ID": f"<{file.cid}>",
        }
        yield _part(headers, file.content)


def _part(headers: Mapping[str, str], content: bytes) -> bytes:
    head = _head({**headers, "Content-Transfer-Encoding": "base64"})
    return head + b"\r\n" + encodebytes(content).replace(b"\n", b"\r\n")


def _head(headers: Mapping[str, str]) -> bytes:
    # A value is ASCII, and has line breaks only where Header folded it.
    return "".join(f"{name}: {value}\n" for name, value in headers.items()).replace("\n", "\r\n").encode("ascii")
