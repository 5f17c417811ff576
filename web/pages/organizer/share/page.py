"""The share kit: a text per language, pictures, and a short link for each place where it is given out."""

from dataclasses import dataclass
from typing import Any

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from shared import clock, links
from shared.errors import Conflicting, DomainError
from shared.i18n import deferred, gettext, use_language
from shared.models import Channel, Event
from shared.operations import channels as operations
from shared.queries import channels, events
from shared.queries.availability import availability
from web.access import ORGANIZER, VIEWER, Member
from web.current import settings
from web.forms import fields
from web.forms.events import CHANNEL
from web.forms.fields import Setting
from web.pages import wording
from web.pages.organizer import event_of, no_store, open_conflicts
from web.pages.organizer.form import Form, Refusal, form_in
from web.routes import Routes

pages = Routes("organizer_share", __name__, url_prefix="/organize/events/<int:event_id>/share")
pages.after_request(no_store)

USUAL = (
    "Telegram",
    "Instagram",
    "WhatsApp",
    "Facebook",
    deferred("share.channel_poster"),
    deferred("share.channel_university"),
)
REFUSALS = {
    "too_many": deferred("share.link_limit_error"),
    "signed_up": deferred("share.link_in_use_error"),
}
"""Why an act was refused, by the reason of the Conflicting."""
SAID = {
    "made": deferred("share.link_created"),
    "renamed": deferred("share.link_renamed"),
    "removed": deferred("share.link_deleted"),
}


@dataclass(frozen=True, slots=True)
class Announcement:
    """A text to paste, in one language."""

    language: str
    text: str


@pages.get("/", access=VIEWER)
def page(db: Session, by: Member, event_id: int) -> ResponseReturnValue:
    """Everything to give out; `?channel=` puts that channel's link into the texts."""
    return _show(db, by)


def refused(
    db: Session, by: Member, event_id: int, error: DomainError, channel_id: int | None = None
) -> ResponseReturnValue:
    """The page again, and what is wrong with the name of a link, or why it stays. Raises Missing."""
    return _show(db, by, refusal=Refusal(_at(channel_id), error))


@pages.post("/", access=ORGANIZER, refused=refused)
def add(db: Session, by: Member, event_id: int) -> ResponseReturnValue:
    """Make a short link."""
    name = fields.read(CHANNEL, request.form, Setting())["name"]
    made = operations.add(db, event=event_of(by), by=by.account, name=name)
    return redirect(f"/organize/events/{event_id}/share/?channel={made.id}&said=made#links", 303)


@pages.post("/<int:channel_id>/rename", access=ORGANIZER, refused=refused)
def rename(db: Session, by: Member, event_id: int, channel_id: int) -> ResponseReturnValue:
    """Call a link otherwise; it stays the same link."""
    name = fields.read(CHANNEL, request.form, Setting())["name"]
    channel = channels.channel(db, channel_id=channel_id, event_id=event_id)
    operations.rename(db, channel=channel, by=by.account, name=name)
    return redirect(f"/organize/events/{event_id}/share/?said=renamed#channel-{channel_id}", 303)


@pages.post("/<int:channel_id>/remove", access=ORGANIZER, refused=refused)
def remove(db: Session, by: Member, event_id: int, channel_id: int) -> ResponseReturnValue:
    """Take a link away that nobody signed up through."""
    channel = channels.channel(db, channel_id=channel_id, event_id=event_id)
    operations.remove(db, channel=channel, by=by.account)
    return redirect(f"/organize/events/{event_id}/share/?said=removed#links", 303)


def _at(channel_id: int | None) -> str:
    return f"channel-{channel_id}" if channel_id else "channel"


def _form(refusal: Refusal | None, channel: Channel | None = None) -> Form:
    """The form with a link's name; the one that was refused with what was typed."""
    shown = {"name": channel.name if channel else ""}
    return form_in(_at(channel.id if channel else None), CHANNEL, Setting(), shown, refusal)


def _show(db: Session, by: Member, refusal: Refusal | None = None) -> str:
    event = events.get(db, event_id=event_of(by).id)
    reason = refusal.error.reason if refusal and isinstance(refusal.error, Conflicting) else ""
    counted = channels.of_event(db, event_id=event.id)
    chosen = next((one.channel for one in counted if str(one.channel.id) == request.args.get("channel")), None)
    return render_template(
        "organizer/share/page.html",
        by=by,
        event=event,
        texts=[announcement(event, code, chosen) for code in event.languages],
        counted=counted,
        chosen=chosen,
        form=_form(refusal),
        forms={one.channel.id: _form(refusal, one.channel) for one in counted},
        message="" if refusal else gettext(SAID.get(request.args.get("said", ""), "")),
        refusal=gettext(REFUSALS[reason]) if reason else "",
        usual=[gettext(name) for name in USUAL],
        short=short_address,
        open_conflicts=open_conflicts(db, by),
        wording=wording,
    )


def announcement(event: Event, code: str, channel: Channel | None) -> Announcement:
    """What a messenger takes: plain lines, the link last, which invites as long as one may register. Of a private event
    only who holds it, and when.
    """
    with use_language(code):
        title = wording.said(event.organization.name if event.private else event.title, event)
        summary = "" if event.private else wording.said(event.summary, event)
        facts = [wording.when(event), "" if event.private else wording.where(event)]
        link = short_address(channel) if channel else links.absolute(settings().base_url, links.event(code, event.slug))
        parts = ["\n".join(filter(None, (title, summary))), "\n".join(filter(None, facts)), _call(event, link)]
    return Announcement(code, "\n\n".join(filter(None, parts)))


def short_address(channel: Any) -> str:
    """A channel's link, whole."""
    return links.absolute(settings().base_url, links.short(channel.code))


def _call(event: Event, link: str) -> str:
    return gettext("share.register_line", link=link) if availability(event, clock.now()).is_ahead else link
