"""What was mailed on a machine of one's own, where mails go into a folder instead of out. Absent everywhere else."""

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
_OPENS_OUTSIDE = '<base target="_blank">'
"""Without it a link would open inside the frame, where our pages refuse to be shown."""


@dataclass(frozen=True)
class Letter:
    """A mail in the folder; `id` is its file's name without `.eml`."""

    id: str
    message: EmailMessage
    at: datetime

    def text(self) -> str:
        """Its plain text."""
        body = self.message.get_body(("plain",))
        return body.get_content() if body else ""

    def html(self) -> str:
        """Its HTML, with the pictures that travel with it; empty when it has none."""
        body = self.message.get_body(("html",))
        return _PICTURE.sub(self._picture, body.get_content()) if body else ""

    def _picture(self, named: re.Match[str]) -> str:
        """The part that a cid: URL names (RFC 2392) as a data: URL; the name itself where there is no such part."""
        wanted = f"<{unquote(named[1])}>"
        for part in self.message.walk():
            if part.get("Content-ID") == wanted and part.get_content_maintype() == "image":
                content = base64.b64encode(part.get_content()).decode()
                return f"data:{part.get_content_type()};base64,{content}"
        return named[0]

    def attachments(self) -> list[str]:
        """The names of the files it carries."""
        return [part.get_filename() or part.get_content_type() for part in self.message.iter_attachments()]


@pages.get("/mailbox/", access=VISITOR)
def letters(db: Session, by: Visitor) -> ResponseReturnValue:
    """What was mailed, the newest first."""
    shown = _newest(_folder(), *_bounds())
    return render_template("mailbox/letters.html", letters=shown, offset=_bounds()[0], page=PAGE)


@pages.get("/mailbox.json", access=VISITOR)
def listed(db: Session, by: Visitor) -> ResponseReturnValue:
    """The same for programs: at most `limit` (50, up to 1000) from `offset` on."""
    return jsonify([_told(letter) for letter in _newest(_folder(), *_bounds())])


@pages.get("/mailbox/<name>.eml", access=VISITOR)
def raw(db: Session, by: Visitor, name: str) -> ResponseReturnValue:
    """A mail as it was sent."""
    return Response(_content(_path(name))[0], mimetype="message/rfc822")


@pages.get("/mailbox/<name>/", access=VISITOR)
def letter(db: Session, by: Visitor, name: str) -> ResponseReturnValue:
    """A mail to read."""
    return render_template("mailbox/letter.html", letter=_read(_path(name)))


@pages.get("/mailbox/<name>/html", access=VISITOR)
def html(db: Session, by: Visitor, name: str) -> ResponseReturnValue:
    """A mail's HTML, as a mail program shows it: no script, no form, nothing from elsewhere."""
    response = Response(_read(_path(name)).html().replace("<head>", f"<head>{_OPENS_OUTSIDE}", 1))
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
        "sandbox allow-popups allow-popups-to-escape-sandbox; frame-ancestors 'self'"
    )
    return response


def _folder() -> Path:
    here = settings()
    # Another name for this machine (DNS rebinding) is somebody else's page asking.
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


def _newest(folder: Path, offset: int, limit: int) -> list[Letter]:
    files = sorted(folder.glob("*.eml"), key=lambda path: (_written(path), path.name), reverse=True)
    return [letter for path in files[offset : offset + limit] if (letter := _read_if_kept(path))]


def _written(path: Path) -> int:
    """When a mail was written, in nanoseconds; 0 for one that the mailbox dropped meanwhile."""
    try:
        return path.stat().st_mtime_ns
    except FileNotFoundError:
        return 0


def _read_if_kept(path: Path) -> Letter | None:
    try:
        return _read(path)
    except Missing:
        return None


def _read(path: Path) -> Letter:
    content, written_ns = _content(path)
    message = message_from_bytes(content, _class=EmailMessage, policy=policy.default)
    dated = message.get("Date")
    at = parsedate_to_datetime(str(dated)) if dated else clock.from_milliseconds(written_ns // 1_000_000)
    return Letter(path.stem, message, at)


def _content(path: Path) -> tuple[bytes, int]:
    """A mail and when it was written, in nanoseconds. Raises Missing for one that the mailbox dropped meanwhile."""
    try:
        with path.open("rb") as file:
            return file.read(), os.fstat(file.fileno()).st_mtime_ns
    except FileNotFoundError:
        raise Missing("letter") from None


def _told(letter: Letter) -> dict[str, str]:
    return {
        "id": letter.id,
        "to": str(letter.message.get("To", "")),
        "subject": str(letter.message.get("Subject", "")),
        "at": letter.at.isoformat(),
        "eml": f"/mailbox/{letter.id}.eml",
    }
