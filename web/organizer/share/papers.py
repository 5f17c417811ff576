"""Pictures and posters of an event, also of a draft, to download from the share kit."""

from collections.abc import Sequence

from flask import Response
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from shared import clock
from shared.errors import Missing
from shared.events import channels, events, pictures
from shared.events.availability import availability
from shared.i18n import gettext, use_language
from shared.models import Channel, Event, Partner, Speaker
from shared.papers import poster, share
from shared.papers.poster import PosterPaper
from web import wording
from web.access import VIEWER, Member
from web.organizer.routes import OrganizerRoutes, event_of
from web.organizer.share.views import short_address
from web.visitor.events import share_paper

pages = OrganizerRoutes("organizer_papers", __name__, url_prefix="/organize/events/<int:event_id>/share")

SHAPES = {"wide": share.WIDE, "square": share.SQUARE}


@pages.get("/<shape>-<lang>.png", access=VIEWER)
def image(db: Session, by: Member, event_id: int, shape: str, lang: str) -> ResponseReturnValue:
    """Return a picture to post, wide or square."""
    if shape not in SHAPES:
        raise Missing("picture")
    event = events.get(db, event_id=event_of(by).id)
    with use_language(lang):
        content = share.png(share_paper(event), pictures.photograph(db, event=event), SHAPES[shape])
    return _file(content, "image/png", f"{event.slug}-{shape}-{lang}.png")


@pages.get("/<int:channel_id>/poster-<lang>.pdf", access=VIEWER)
def poster_of(db: Session, by: Member, event_id: int, channel_id: int, lang: str) -> ResponseReturnValue:
    """Return a poster whose QR code is a channel's short link."""
    event = events.get(db, event_id=event_of(by).id)
    channel = channels.channel(db, channel_id=channel_id, event_id=event_id)
    with use_language(lang):
        content = poster.pdf(_paper(event, channel, lang), pictures.photograph(db, event=event))
    return _file(content, "application/pdf", f"{event.slug}-{lang}.pdf")


def _paper(event: Event, channel: Channel, lang: str) -> PosterPaper:
    organization = wording.said(event.organization.name, event)
    return PosterPaper(
        slug=event.slug,
        title=organization if event.private else wording.said(event.title, event),
        when=wording.when(event, year=True),
        venue="" if event.private else wording.where(event),
        organization="" if event.private else organization,
        address=short_address(channel),
        call=gettext("share.poster_register")
        if availability(event, clock.now()).is_ahead
        else gettext("share.poster_read_more"),
        language=lang,
        summary="" if event.private else wording.said(event.summary, event),
        speakers="" if event.private else _speakers(event),
        partners="" if event.private else _partners(event),
    )


def _speakers(event: Event) -> str:
    """Return the speakers in one line, with a note where any is a sample, as on the event's page."""
    sample = f" ({gettext('public.sample')})" if any(speaker.sample for speaker in event.speakers) else ""
    names = _names(event, event.speakers)
    return gettext("share.poster_speakers", names=f"{names}{sample}") if names else ""


def _partners(event: Event) -> str:
    names = _names(event, event.partners)
    return gettext("share.poster_partners", names=names) if names else ""


def _names(event: Event, rows: Sequence[Speaker] | Sequence[Partner]) -> str:
    return ", ".join(wording.said(row.name, event) for row in rows)


def _file(content: bytes, mimetype: str, name: str) -> Response:
    response = Response(content, mimetype=mimetype)
    response.headers["Content-Disposition"] = f'inline; filename="{name}"'
    return response
