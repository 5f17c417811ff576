"""The share kit: a text per language, pictures, and a short link for each place where it is given out."""

from dataclasses import dataclass
from typing import Any

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from shared import links
from shared.errors import Conflicting, DomainError
from shared.i18n import deferred, gettext, use_language
from shared.models import Channel, Event
from shared.operations import channels as operations
from shared.queries import channels, events
from web.access import ORGANIZER, VIEWER, Member
from web.current import settings
from web.forms import fields
from web.forms.events import CHANNEL
from web.forms.fields import Setting
from web.pages import wording
from web.pages.form import Typed
from web.pages.organizer import event_of, kept_by_nobody, open_conflicts
from web.pages.organizer.editor.page import Form, errors_of
from web.routes import Routes

pages = Routes("organizer_share", __name__, url_prefix="/organize/events/<int:event_id>/share")
pages.after_request(kept_by_nobody)

USUAL = ("Telegram", "Instagram", "WhatsApp", "Facebook", deferred("Poster"), deferred("University"))
TOO_MANY = deferred("These are as many links as an event can have.")


@dataclass(frozen=True, slots=True)
class Announcement:
    """A text to paste, in one language."""

    language: str
    text: str


@pages.get("/", access=VIEWER)
def page(db: Session, by: Member, event_id: int) -> ResponseReturnValue:
    """Everything to give out; `?channel=` puts that channel's link into the texts."""
    return _show(db, by)


def refused(db: Session, by: Member, event_id: int, error: DomainError) -> ResponseReturnValue:
    """The page again, and what is wrong with the name of the new link."""
    refusal = gettext(TOO_MANY) if isinstance(error, Conflicting) else ""
    typed = Typed(fields.typed(CHANNEL, request.form, Setting()), errors_of(error), refusal)
    return _show(db, by, typed)


@pages.post("/", access=ORGANIZER, refused=refused)
def add(db: Session, by: Member, event_id: int) -> ResponseReturnValue:
    """Make a short link."""
    name = fields.read(CHANNEL, request.form, Setting())["name"]
    made = operations.add(db, event=event_of(by), by=by.account, name=name)
    return redirect(f"/organize/events/{event_id}/share/?channel={made.id}#links", 303)


def _show(db: Session, by: Member, typed: Typed | None = None) -> str:
    event = events.get(db, event_id=event_of(by).id)
    counted = channels.of_event(db, event_id=event.id)
    chosen = next((one.channel for one in counted if str(one.channel.id) == request.args.get("channel")), None)
    return render_template(
        "organizer/share/page.html",
        by=by,
        event=event,
        texts=[announcement(event, code, chosen) for code in event.languages],
        counted=counted,
        chosen=chosen,
        form=Form("channel", CHANNEL, Setting(), typed or Typed()),
        usual=[gettext(name) for name in USUAL],
        short=short_address,
        open_conflicts=open_conflicts(db, by),
        wording=wording,
    )


def announcement(event: Event, code: str, channel: Channel | None) -> Announcement:
    """What a messenger takes: plain lines, the link last. Of a private event only who holds it, and when."""
    with use_language(code):
        title = wording.said(event.organization.name if event.private else event.title, event)
        summary = "" if event.private else wording.said(event.summary, event)
        facts = [wording.when(event), "" if event.private else wording.where(event)]
        link = short_address(channel) if channel else links.absolute(settings().base_url, links.event(code, event.slug))
        parts = ["\n".join(filter(None, (title, summary))), "\n".join(filter(None, facts)), _call(link)]
    return Announcement(code, "\n\n".join(filter(None, parts)))


def short_address(channel: Any) -> str:
    """A channel's link, whole."""
    return links.absolute(settings().base_url, links.short(channel.code))


def _call(link: str) -> str:
    return gettext("Register: %(link)s", link=link)
