"""The addresses that pages, mails and codes name, one function each: paths; absolute() completes them. Those of
email and messengers are whole.
"""

from urllib.parse import quote


def absolute(base_url: str, path: str) -> str:
    """The whole address of a path."""
    return base_url + path


def home(language: str) -> str:
    """Events to come and past."""
    return f"/{language}/"


def event(language: str, slug: str) -> str:
    """An event's page."""
    return f"/{language}/e/{quote(slug)}"


def registrations(language: str, slug: str) -> str:
    """Where the form of an event is sent."""
    return f"{event(language, slug)}/registrations"


def sent(language: str, slug: str) -> str:
    """What a second sign-up is answered with; the same for everybody."""
    return f"{event(language, slug)}/sent"


def registration(language: str, token: str) -> str:
    """One's own registration, for whoever holds the token."""
    return f"/{language}/r/{token}"


def own(language: str, token: str, act: str) -> str:
    """Where an act on one's own registration is sent: cancel, edit, again, move, language, confirm, accept."""
    return f"{registration(language, token)}/{act}"


def own_calendar(language: str, token: str) -> str:
    """The parts that one's own ticket admits to, as a calendar file."""
    return own(language, token, "event.ics")


def mine(language: str) -> str:
    """The places of this browser."""
    return f"/{language}/my"


def forget(language: str) -> str:
    """Where this browser is asked to forget them."""
    return f"{mine(language)}/forget"


def unsubscribe(token: str) -> str:
    """Where news are refused: shows on GET, acts on POST (RFC 8058)."""
    return f"/u/{token}"


def news_again(token: str) -> str:
    """Where that is taken back, by POST."""
    return f"{unsubscribe(token)}/again"


def ticket(code: str, form: str = "") -> str:
    """What a ticket's QR code opens; `form` is "", ".png", ".svg" or ".pdf"."""
    return f"/T/{code}{form}"


def ticket_code(base_url: str, code: str) -> str:
    """What stands in the QR code: upper case, which a QR code stores in fewer dots. Doors ignore the host."""
    return absolute(base_url, ticket(code)).upper()


def event_calendar(slug: str) -> str:
    """An event as a calendar file."""
    return f"/e/{quote(slug)}.ics"


def share_image(language: str, slug: str) -> str:
    """An event's cover and title as a picture, for who shares its address."""
    return f"{event(language, slug)}.png"


def picture(sha256: str, size: str = "") -> str:
    """A picture that was uploaded, under the hash of its bytes; `size` is "wide", "tile" or "logo", else as kept."""
    return f"/img/{sha256}/{size}" if size else f"/img/{sha256}"


def short(code: str) -> str:
    """A link to give out: leads to an event's page, and counts who signs up that way."""
    return f"/l/{code}"


def calendar() -> str:
    """Every public event, to subscribe to."""
    return "/calendar.ics"


def feed() -> str:
    """New events, for readers of feeds (Atom, RFC 4287)."""
    return "/feed.xml"


def door(secret: str) -> str:
    """What pairs a phone: the secret stands in the fragment, which no server and no log ever sees."""
    return f"/door/#{secret}"


def live(event_id: int) -> str:
    """An event's live page, for its organizers."""
    return f"/organize/events/{event_id}/live"


def event_report(event_id: int) -> str:
    """An event's latest report, for its organizers."""
    return f"/organize/events/{event_id}/report"


def screen(token: str) -> str:
    """The projector's view of an event: numbers, no names."""
    return f"/screen/{token}"


def report(token: str) -> str:
    """A report for a partner: read-only, no names."""
    return f"/reports/{token}"


def sign_in() -> str:
    """Where an organizer signs in."""
    return "/account/sign-in"


def first_account() -> str:
    """Where the first account is made, with the code that was printed at the start."""
    return "/account/first"


def sign_in_link(token: str) -> str:
    """What a mailed link to sign in opens: shows on GET, acts on POST, so that scanners of mails use nothing up."""
    return f"/account/sign-in/link/{token}"


def ask_reset() -> str:
    """Where a link to choose another password is asked for."""
    return "/account/reset"


def password_reset(token: str) -> str:
    """Where another password is chosen, for whoever holds the mailed token."""
    return f"/account/reset/{token}"


def invitation(token: str) -> str:
    """Where an invitation is accepted."""
    return f"/account/invitation/{token}"


def members(organization_id: int) -> str:
    """Who is in an organization, for its owners."""
    return f"/organize/organizations/{organization_id}/members"


def returning(organization_id: int) -> str:
    """Whether an organization recognises people who come again; below it, the acts on that."""
    return f"/organize/organizations/{organization_id}/returning"


def whatsapp(text: str, phone: str | None = None) -> str:
    """Opens a chat with a number (E.164) in WhatsApp, or a choice of chats, with the text written already."""
    return f"https://wa.me/{(phone or '').removeprefix('+')}?text={quote(text, safe='')}"


def telegram(text: str, link: str) -> str:
    """Opens a choice of chats in Telegram, with a link and a text below it."""
    return f"https://t.me/share/url?url={quote(link, safe='')}&text={quote(text, safe='')}"


def sms(text: str, phone: str) -> str:
    """Opens an SMS to a number (E.164) with the text written already (RFC 5724)."""
    return f"sms:{phone}?body={quote(text, safe='')}"


def email(subject: str, text: str) -> str:
    """Opens a new email to no one yet, with subject and text written already (RFC 6068)."""
    return f"mailto:?subject={quote(subject, safe='')}&body={quote(text, safe='')}"


def mailbox() -> str:
    """What was mailed, on a machine that runs the embedded default."""
    return "/mailbox/"
