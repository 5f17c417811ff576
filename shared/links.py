"""The paths that pages, emails and codes name, one function each; absolute() completes them. Those of email and
messengers are whole addresses.
"""

from collections.abc import Mapping
from urllib.parse import quote

ORGANIZER_PAGES: Mapping[str, str] = {
    "my_events": "/organize/",
    "new_event": "/organize/new",
    "status": "/organize/health",
    "resend_failed": "/organize/health/again",
    "members": "/organize/organizations/{organization_id}/members",
    "returning": "/organize/organizations/{organization_id}/returning",
    "organization_activity": "/organize/organizations/{organization_id}/audit",
    "year": "/organize/organizations/{organization_id}/years/{year}",
    "organization_series": "/organize/organizations/{organization_id}/series/{series_id}",
    "series": "/organize/series/{series_id}",
    "event": "/organize/events/{event_id}/",
    "activity": "/organize/events/{event_id}/audit",
    "edit": "/organize/events/{event_id}/edit/",
    "preview": "/organize/events/{event_id}/preview/{lang}",
    "share": "/organize/events/{event_id}/share/",
    "registration_counts": "/organize/events/{event_id}/sign-ups",
    "people": "/organize/events/{event_id}/people/",
    "person": "/organize/events/{event_id}/people/{person_id}/",
    "held_seats": "/organize/events/{event_id}/people/acts/held",
    "live": "/organize/events/{event_id}/live",
    "live_figures": "/organize/events/{event_id}/live.json",
    "screen_link": "/organize/events/{event_id}/live/screen",
    "close_doors": "/organize/events/{event_id}/live/close",
    "reopen_doors": "/organize/events/{event_id}/live/reopen",
    "doors": "/organize/events/{event_id}/doors/",
    "paper_list": "/organize/events/{event_id}/doors/paper",
    "mailings": "/organize/events/{event_id}/mailings/",
    "new_mailing": "/organize/events/{event_id}/mailings/new",
    "mailing": "/organize/events/{event_id}/mailings/{mailing_id}/",
    "call_list": "/organize/events/{event_id}/mailings/unreached",
    "report": "/organize/events/{event_id}/report",
}
"""The pages of organizers and where some of their forms are sent, by name; a word in braces is an id."""


def absolute(base_url: str, path: str) -> str:
    """Return the whole address of a path."""
    return base_url + path


def home(language: str) -> str:
    """Return the page of upcoming and past events."""
    return f"/{language}/"


def event(language: str, slug: str) -> str:
    """Return an event's page."""
    return f"/{language}/e/{quote(slug)}"


def registrations(language: str, slug: str) -> str:
    """Return where the form of an event is sent."""
    return f"{event(language, slug)}/registrations"


def sent(language: str, slug: str) -> str:
    """Return the page that answers a second registration; it is the same for everyone."""
    return f"{event(language, slug)}/sent"


def registration(language: str, token: str) -> str:
    """Return the page of a registration, for the holder of its token."""
    return f"/{language}/r/{token}"


def registration_action(language: str, token: str, act: str) -> str:
    """Return where an act on a registration is sent: cancel, edit, again, move, language, confirm, accept."""
    return f"{registration(language, token)}/{act}"


def registration_calendar(language: str, token: str) -> str:
    """Return the calendar file of the sessions to which a ticket admits."""
    return registration_action(language, token, "event.ics")


def my_registrations(language: str) -> str:
    """Return the page of this browser's registrations."""
    return f"/{language}/my"


def forget_registrations(language: str) -> str:
    """Return where this browser is asked to forget them."""
    return f"{my_registrations(language)}/forget"


def unsubscribe(token: str) -> str:
    """Return where news is unsubscribed from: shows on GET, acts on POST (RFC 8058)."""
    return f"/u/{token}"


def resubscribe(token: str) -> str:
    """Return where that is undone, by POST."""
    return f"{unsubscribe(token)}/again"


def ticket(code: str, form: str = "") -> str:
    """Return the page behind a ticket's QR code; `form` is "", ".png", ".svg" or ".pdf"."""
    return f"/T/{code}{form}"


def ticket_code(base_url: str, code: str) -> str:
    """Return the content of the QR code: upper case, which takes fewer modules. Doors ignore the host."""
    return absolute(base_url, ticket(code)).upper()


def event_calendar(slug: str) -> str:
    """Return an event as a calendar file."""
    return f"/e/{quote(slug)}.ics"


def share_image(language: str, slug: str) -> str:
    """Return the picture of an event's cover and title that goes with a shared address."""
    return f"{event(language, slug)}.png"


def picture(sha256: str, size: str = "") -> str:
    """Return an uploaded picture, under the hash of its bytes; `size` is "wide", "tile" or "logo", else as stored."""
    return f"/img/{sha256}/{size}" if size else f"/img/{sha256}"


def short(code: str) -> str:
    """Return a short link to distribute: it leads to an event's page and counts registrations through it."""
    return f"/l/{code}"


def calendar() -> str:
    """Return the calendar of every public event, to subscribe to."""
    return "/calendar.ics"


def feed() -> str:
    """Return new events, for feed readers (Atom, RFC 4287)."""
    return "/feed.xml"


def door(secret: str) -> str:
    """Return the link that pairs a phone: the secret stands in the fragment, which no server and no log sees."""
    return f"/door/#{secret}"


def organizer(page: str, **ids: object) -> str:
    """Return a page of organizers, by its name in ORGANIZER_PAGES."""
    return ORGANIZER_PAGES[page].format(**ids)


def live(event_id: int) -> str:
    """Return an event's live page, for its organizers."""
    return organizer("live", event_id=event_id)


def event_report(event_id: int) -> str:
    """Return an event's latest report, for its organizers."""
    return organizer("report", event_id=event_id)


def screen(token: str) -> str:
    """Return the projector's view of an event: numbers, no names."""
    return f"/screen/{token}"


def report(token: str) -> str:
    """Return a report for a partner: read-only, no names."""
    return f"/reports/{token}"


def sign_in() -> str:
    """Return where an organizer signs in."""
    return "/account/sign-in"


def first_account() -> str:
    """Return where the first account is created, with the code that was printed at the start."""
    return "/account/first"


def sign_in_link(token: str) -> str:
    """Return the emailed sign-in link: shows on GET, acts on POST, so that scanners of emails do not use it up."""
    return f"/account/sign-in/link/{token}"


def ask_reset() -> str:
    """Return where a link to choose another password is requested."""
    return "/account/reset"


def password_reset(token: str) -> str:
    """Return where another password is chosen, for the holder of the emailed token."""
    return f"/account/reset/{token}"


def invitation(token: str) -> str:
    """Return where an invitation is accepted."""
    return f"/account/invitation/{token}"


def members(organization_id: int) -> str:
    """Return the members of an organization, for its owners."""
    return organizer("members", organization_id=organization_id)


def returning(organization_id: int) -> str:
    """Return the setting for returning attendees of an organization; its acts stand below it."""
    return organizer("returning", organization_id=organization_id)


def whatsapp(text: str, phone: str | None = None) -> str:
    """Return a link to a WhatsApp chat with a number (E.164), or a choice of chats, with the text already written."""
    return f"https://wa.me/{(phone or '').removeprefix('+')}?text={quote(text, safe='')}"


def telegram(text: str, link: str) -> str:
    """Return a link to a choice of chats in Telegram, with a link and a text below it."""
    return f"https://t.me/share/url?url={quote(link, safe='')}&text={quote(text, safe='')}"


def sms(text: str, phone: str) -> str:
    """Return a link to an SMS to a number (E.164) with the text already written (RFC 5724)."""
    return f"sms:{phone}?body={quote(text, safe='')}"


def email(subject: str, text: str) -> str:
    """Return a link to a new email without a recipient, with subject and text already written (RFC 6068)."""
    return f"mailto:?subject={quote(subject, safe='')}&body={quote(text, safe='')}"


def mailbox() -> str:
    """Return the page of sent emails, on a machine that runs the embedded default."""
    return "/mailbox/"
