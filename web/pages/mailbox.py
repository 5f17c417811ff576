"""Sent emails on a local installation, which writes them into a folder instead of sending them. 404 everywhere else."""

import base64
import os
import re
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit

from flask import Response, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from typing_extensions import TypedDict

from shared import clock
from shared.errors import Missing
from web.access import VISITOR, Visitor
from web.current import settings
from web.routes import Routes

pages = Routes("mailbox", __name__)

PAGE = 50
LARGEST_PAGE = 1000
_NAME = re.compile(r"[A-Za-z0-9._-]{1,200}")
_PICTURE = re.compile(r"""(?<=["'(])cid:([^"')]+)""")
_NEW_TAB = '<base target="_blank">'
"""Without it a link would open inside the frame, in which our pages refuse to load."""


class EmailSummary(TypedDict):
    """An email in the folder, and the address of its source; `at` is a moment with its offset (ISO 8601)."""

    id: str
    to: str
    subject: str
    at: str
    eml: str


@dataclass(frozen=True)
class Email:
    """An email in the folder; `id` is its file's name without `.eml`."""

    id: str
    message: EmailMessage
    at: datetime

    def text(self) -> str:
        """Return its plain text."""
        body = self.message.get_body(("plain",))
        return body.get_content() if body else ""

    def html(self) -> str:
        """Return its HTML with its own pictures inline; empty when it has none."""
        body = self.message.get_body(("html",))
        return _PICTURE.sub(self._picture, body.get_content()) if body else ""

    def _picture(self, match: re.Match[str]) -> str:
        """Return the part that a cid: URL names (RFC 2392) as a data: URL; the name itself if there is no such part."""
        content_id = f"<{unquote(match[1])}>"
        for part in self.message.walk():
            if part.get("Content-ID") == content_id and part.get_content_maintype() == "image":
                content = base64.b64encode(part.get_content()).decode()
                return f"data:{part.get_content_type()};base64,{content}"
        return match[0]

    def attachments(self) -> list[str]:
        """Return the names of its attachments."""
        return [part.get_filename() or part.get_content_type() for part in self.message.iter_attachments()]


@pages.get("/mailbox/", access=VISITOR)
def emails(db: Session, by: Visitor) -> ResponseReturnValue:
    """List the emails, the newest first."""
    newest = _newest(_folder(), *_bounds())
    return render_template("mailbox/emails.html", emails=newest, offset=_bounds()[0], page=PAGE)


@pages.get("/mailbox.json", access=VISITOR, answers={200: list[EmailSummary]}, raises=(Missing,))
def emails_json(db: Session, by: Visitor) -> ResponseReturnValue:
    """List the emails for programs: at most `limit` (50, up to 1000) from `offset` on."""
    return jsonify([_summary(email) for email in _newest(_folder(), *_bounds())])


@pages.get("/mailbox/<name>.eml", access=VISITOR)
def source(db: Session, by: Visitor, name: str) -> ResponseReturnValue:
    """Return an email as it was sent."""
    return Response(_content(_path(name))[0], mimetype="message/rfc822")


@pages.get("/mailbox/<name>/", access=VISITOR)
def email(db: Session, by: Visitor, name: str) -> ResponseReturnValue:
    """Show an email."""
    return render_template("mailbox/email.html", email=_read(_path(name)))


@pages.get("/mailbox/<name>/html", access=VISITOR)
def html(db: Session, by: Visitor, name: str) -> ResponseReturnValue:
    """Return an email's HTML as an email program shows it: no script, no form, nothing from elsewhere."""
    response = Response(_read(_path(name)).html().replace("<head>", f"<head>{_NEW_TAB}", 1))
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
        "sandbox allow-popups allow-popups-to-escape-sandbox; frame-ancestors 'self'"
    )
    return response


def _folder() -> Path:
    here = settings()
    # Another name for this machine means that a foreign page asks (DNS rebinding).
    asked = urlsplit(f"//{request.host}").hostname
    if here.turnout_mailbox is None or not here.is_local or asked not in {"localhost", "127.0.0.1", "::1"}:
        raise Missing("mailbox")
    return here.turnout_mailbox


def _path(name: str) -> Path:
    path = _folder() / f"{name}.eml"
    if not _NAME.fullmatch(name) or not path.is_file():
        raise Missing("letter")
    return path


def _bounds() -> tuple[int, int]:
    offset = request.args.get("offset", 0, type=int)
    limit = request.args.get("limit", PAGE, type=int)
    return max(0, offset), max(1, min(limit, LARGEST_PAGE))


def _newest(folder: Path, offset: int, limit: int) -> list[Email]:
    files = sorted(folder.glob("*.eml"), key=lambda path: (_written_ns(path), path.name), reverse=True)
    return [email for path in files[offset : offset + limit] if (email := _read_if_there(path))]


def _written_ns(path: Path) -> int:
    """Return when an email was written, in nanoseconds; 0 for one that was deleted meanwhile."""
    try:
        return path.stat().st_mtime_ns
    except FileNotFoundError:
        return 0


def _read_if_there(path: Path) -> Email | None:
    try:
        return _read(path)
    except Missing:
        return None


def _read(path: Path) -> Email:
    content, written_ns = _content(path)
    message = message_from_bytes(content, _class=EmailMessage, policy=policy.default)
    dated = message.get("Date")
    at = parsedate_to_datetime(str(dated)) if dated else clock.from_milliseconds(written_ns // 1_000_000)
    return Email(path.stem, message, at)


def _content(path: Path) -> tuple[bytes, int]:
    """Return an email and when it was written, in nanoseconds. Raises Missing for one that was deleted meanwhile."""
    try:
        with path.open("rb") as file:
            return file.read(), os.fstat(file.fileno()).st_mtime_ns
    except FileNotFoundError:
        raise Missing("letter") from None


def _summary(email: Email) -> EmailSummary:
    return {
        "id": email.id,
        "to": str(email.message.get("To", "")),
        "subject": str(email.message.get("Subject", "")),
        "at": email.at.isoformat(),
        "eml": f"/mailbox/{email.id}.eml",
    }
