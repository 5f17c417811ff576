"""The share page: a text per language, pictures, and a short link for each channel."""

from dataclasses import dataclass
from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from shared import clock, links
from shared.errors import Conflicting, DomainError
from shared.events import channels, events
from shared.events.availability import availability
from shared.i18n import deferred, gettext, use_language
from shared.models import Channel, Event
from web import wording
from web.access import ORGANIZER, VIEWER, Member
from web.current import settings
from web.forms import fields
from web.forms.fields import Setting
from web.organizer.edit_form import Form, Refusal, form_in
from web.organizer.events.form import CHANNEL
from web.organizer.routes import OrganizerRoutes, done, event_of

USUAL_CHANNELS = (
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
"""The sentence for a refused action, by the reason of the Conflicting."""
RESULTS = {
    "made": deferred("share.link_created"),
    "renamed": deferred("share.link_renamed"),
    "removed": deferred("share.link_deleted"),
}
pages = OrganizerRoutes(
    "organizer_share", __name__, url_prefix="/organize/events/<int:event_id>/share", results=RESULTS
)


@dataclass(frozen=True, slots=True)
class Announcement:
    """A text to paste, in one language."""

    language: str
    text: str


@pages.get("/", access=VIEWER)
def page(db: Session, by: Member, event_id: int) -> ResponseReturnValue:
    """Show the share kit; `?channel=` puts that channel's link into the texts."""
    return _show(db, by)


def refused(
    db: Session, by: Member, event_id: int, error: DomainError, channel_id: int | None = None
) -> ResponseReturnValue:
    """Return the page with the error in the name of a link, or the reason why a link cannot be deleted."""
    return _show(db, by, refusal=Refusal(_form_id(channel_id), error))


@pages.post("/", access=ORGANIZER, refused=refused)
def add(db: Session, by: Member, event_id: int) -> ResponseReturnValue:
    """Create a short link."""
    name = fields.read(CHANNEL, request.form, Setting())["name"]
    channel = channels.add(db, event=event_of(by), by=by.account, name=name)
    return done(_address(event_id), "made", "links", channel=channel.id)


@pages.post("/<int:channel_id>/rename", access=ORGANIZER, refused=refused)
def rename(db: Session, by: Member, event_id: int, channel_id: int) -> ResponseReturnValue:
    """Rename a short link; its address stays the same."""
    name = fields.read(CHANNEL, request.form, Setting())["name"]
    channel = channels.channel(db, channel_id=channel_id, event_id=event_id)
    channels.rename(db, channel=channel, by=by.account, name=name)
    return done(_address(event_id), "renamed", f"channel-{channel_id}")


@pages.post("/<int:channel_id>/remove", access=ORGANIZER, refused=refused)
def remove(db: Session, by: Member, event_id: int, channel_id: int) -> ResponseReturnValue:
    """Delete a short link that has no registrations."""
    channel = channels.channel(db, channel_id=channel_id, event_id=event_id)
    channels.remove(db, channel=channel, by=by.account)
    return done(_address(event_id), "removed", "links")


def _address(event_id: int) -> str:
    return links.organizer("share", event_id=event_id)


def _form_id(channel_id: int | None) -> str:
    return f"channel-{channel_id}" if channel_id else "channel"


def _form(refusal: Refusal | None, channel: Channel | None = None) -> Form:
    """Return the form with a link's name; a refused form with the typed name."""
    values = {"name": channel.name if channel else ""}
    return form_in(_form_id(channel.id if channel else None), CHANNEL, Setting(), values, refusal)


def _show(db: Session, by: Member, refusal: Refusal | None = None) -> str:
    event = events.get(db, event_id=event_of(by).id)
    reason = refusal.error.reason if refusal and isinstance(refusal.error, Conflicting) else ""
    counted = channels.of_event(db, event_id=event.id)
    chosen_id = request.args.get("channel")
    chosen = next((row.channel for row in counted if str(row.channel.id) == chosen_id), None)
    return render_template(
        "organizer/share/share.html",
        event=event,
        texts=[announcement(event, code, chosen) for code in event.languages],
        counted=counted,
        chosen=chosen,
        form=_form(refusal),
        forms={row.channel.id: _form(refusal, row.channel) for row in counted},
        refusal=gettext(REFUSALS[reason]) if reason else "",
        usual_channels=[gettext(name) for name in USUAL_CHANNELS],
        short_address=short_address,
    )


def announcement(event: Event, code: str, channel: Channel | None) -> Announcement:
    """Return a text for a messenger: plain lines, the link last, with an invitation to register while that is possible.

    Of a private event it names only the organization and the time.
    """
    with use_language(code):
        title = wording.said(event.organization.name if event.private else event.title, event)
        summary = "" if event.private else wording.said(event.summary, event)
        facts = [wording.when(event), "" if event.private else wording.where(event)]
        link = short_address(channel) if channel else links.absolute(settings().base_url, links.event(code, event.slug))
        paragraphs = [
            "\n".join(filter(None, (title, summary))),
            "\n".join(filter(None, facts)),
            _call_to_action(event, link),
        ]
    return Announcement(code, "\n\n".join(filter(None, paragraphs)))


def short_address(channel: Any) -> str:
    """Return the absolute address of a channel's short link."""
    return links.absolute(settings().base_url, links.short(channel.code))


def _call_to_action(event: Event, link: str) -> str:
    return gettext("share.register_line", link=link) if availability(event, clock.now()).is_ahead else link
