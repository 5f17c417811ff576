"""The registrations of this browser: a signed cookie, so that a ticket is found again without an email or an account.

Never for private events: another person who uses the phone must not learn of them.
"""

from dataclasses import dataclass
from typing import Any

from flask import Request, Response
from itsdangerous import BadData, URLSafeSerializer

from shared import links, tokens
from shared.models import Event, Registration
from web.current import settings

COOKIE = "places"
MOST_REMEMBERED = 20
YEAR_SECONDS = 31_536_000


@dataclass(frozen=True, slots=True)
class RememberedRegistration:
    """A registration of this browser, with the version of its link, and its event."""

    id: int
    version: int
    event_id: int

    def address(self, language: str) -> str:
        """Return the address of the registration's page."""
        return links.registration(language, own_token(self))

    def calendar(self, language: str) -> str:
        """Return the address of the registration's calendar file."""
        return links.registration_calendar(language, own_token(self))


def own_token(registration: RememberedRegistration | Registration) -> str:
    """Return the token that opens a registration's page; anyone who has it can change and cancel that registration."""
    return tokens.make(settings().secrets[0], "registration", id=registration.id, version=registration.version)


def remembered_registrations(request: Request) -> tuple[RememberedRegistration, ...]:
    """Return the registrations in the browser's cookie, the newest first; none if the cookie is not valid."""
    cookie = request.cookies.get(COOKIE)
    if not cookie:
        return ()
    try:
        rows: Any = _signer().loads(cookie)
        return tuple(RememberedRegistration(*map(int, row)) for row in rows[:MOST_REMEMBERED])
    except (BadData, TypeError, ValueError):
        return ()


def remembered_for(request: Request, event: Event) -> RememberedRegistration | None:
    """Return this browser's registration for an event."""
    return next((entry for entry in remembered_registrations(request) if entry.event_id == event.id), None)


def remember(answer: Response, request: Request, registration: Registration, event: Event) -> None:
    """Add a registration to the browser's cookie, as the newest."""
    if event.private:
        return
    newest = RememberedRegistration(registration.id, registration.version, event.id)
    remembered = remembered_registrations(request)
    if remembered[:1] == (newest,):
        return
    entries = [newest, *(entry for entry in remembered if entry.id != newest.id)][:MOST_REMEMBERED]
    value = _signer().dumps([[entry.id, entry.version, entry.event_id] for entry in entries])
    answer.set_cookie(COOKIE, str(value), max_age=YEAR_SECONDS, secure=_is_secure(), httponly=True, samesite="Lax")


def forget(answer: Response) -> None:
    """Delete the browser's cookie; the links of its registrations still work."""
    answer.delete_cookie(COOKIE, secure=_is_secure(), httponly=True, samesite="Lax")


def _is_secure() -> bool:
    return settings().base_url.startswith("https:")


def _signer() -> URLSafeSerializer:
    # itsdangerous signs with the last of its keys; ours come newest first.
    return URLSafeSerializer(list(reversed(settings().secrets)), salt="turnout places")
