"""The places that this browser has: a signed cookie, so that a ticket is found again without mail or account.

Never for private events: whoever borrows the phone must not learn of them.
"""

from dataclasses import dataclass
from typing import Any

from flask import Request, Response
from itsdangerous import BadData, URLSafeSerializer

from shared import links, tokens
from shared.models import Event, Registration
from web.current import settings

COOKIE = "places"
NEWEST = 20
YEAR_SECONDS = 31_536_000


@dataclass(frozen=True, slots=True)
class RememberedRegistration:
    """A registration of this browser, by the version of its link, and the event that it is for."""

    id: int
    version: int
    event_id: int

    def address(self, language: str) -> str:
        """One's own page."""
        return links.registration(language, own_token(self))

    def calendar(self, language: str) -> str:
        """One's own calendar file."""
        return links.registration_calendar(language, own_token(self))


def own_token(registration: RememberedRegistration | Registration) -> str:
    """What opens a registration's own page; anyone who has it can change and cancel that registration."""
    return tokens.make(settings().secrets[0], "registration", id=registration.id, version=registration.version)


def remembered_registrations(request: Request) -> tuple[RememberedRegistration, ...]:
    """What the browser's cookie says, the newest first; nothing for a cookie that is not ours."""
    try:
        kept: Any = _signer().loads(request.cookies.get(COOKIE, ""))
        return tuple(RememberedRegistration(*map(int, row)) for row in kept[:NEWEST])
    except (BadData, TypeError, ValueError):
        return ()


def remembered_for(request: Request, event: Event) -> RememberedRegistration | None:
    """This browser's place in an event."""
    return next((place for place in remembered_registrations(request) if place.event_id == event.id), None)


def remember(answer: Response, request: Request, registration: Registration, event: Event) -> None:
    """Have the browser keep a registration as its newest."""
    if event.private:
        return
    place, known = (
        RememberedRegistration(registration.id, registration.version, event.id),
        remembered_registrations(request),
    )
    if known[:1] == (place,):
        return
    kept = [place, *(one for one in known if one.id != place.id)][:NEWEST]
    value = _signer().dumps([[one.id, one.version, one.event_id] for one in kept])
    answer.set_cookie(COOKIE, str(value), max_age=YEAR_SECONDS, secure=_is_secure(), httponly=True, samesite="Lax")


def forget(answer: Response) -> None:
    """Have the browser forget all of its registrations; their links still open them."""
    answer.delete_cookie(COOKIE, secure=_is_secure(), httponly=True, samesite="Lax")


def _is_secure() -> bool:
    return settings().base_url.startswith("https:")


def _signer() -> URLSafeSerializer:
    # itsdangerous signs with the last of its keys; ours come newest first.
    return URLSafeSerializer(list(reversed(settings().secrets)), salt="turnout places")
