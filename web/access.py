"""Who acts, and whether a route lets them.

A route declares one of the accesses below; web/routes.py resolves it inside the route's transaction, before the view.

    VISITOR      anybody                                    by: Visitor
    DEVICE       a paired phone whose pass is not over      by: Device
    DEVICE_LATE  the same, also afterwards and revoked: what a revoked phone hands in is quarantined
    SIGNED_IN    an account                                 by: Member
    GUEST        anybody, known where signed in             by: Member or Visitor
    VIEWER, ORGANIZER, OWNER   a member of the organization of the event that `event_id` in the address names, or of the
                 one that `organization_id` names, with at least this role   by: Member, with role, event, organization.
                 Who is no member meets no such page; a member of too small a role is refused.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from ipaddress import IPv6Address, ip_address
from typing import Any
from urllib.parse import urlsplit

from flask import request
from sqlalchemy.orm import Session
from werkzeug.exceptions import TooManyRequests

from shared import clock
from shared.config import is_loopback
from shared.errors import Missing, NotAllowed, Unidentified
from shared.models import Account, Device, Event, Organization
from shared.models.account import ROLES
from shared.operations import sign_ins
from shared.queries import accounts, doors
from web.current import resources, settings
from web.limits import Limit
from web.security_events import SecurityEvent, note

OTHER_HOPS = frozenset({"Forwarded", "X-Real-Ip"})
"""Headers by which a proxy may name the visitor, and which are never trusted."""


@dataclass(frozen=True)
class Visitor:
    """Anybody: nothing is known and nothing is asked."""


@dataclass(frozen=True)
class Access:
    """What a route asks of who acts. `resolve` gives who that is, or raises Unidentified, NotAllowed or Missing."""

    name: str
    resolve: Callable[[Session, Mapping[str, Any]], Any]


@dataclass(frozen=True)
class Member:
    """A signed-in account; where the address names an event, that event and the role in its organization."""

    account: Account
    role: str | None = None
    event: Event | None = None
    organization: Organization | None = None
    sign_in_id: int = 0

    def may(self, role: str) -> bool:
        """Whether the role includes another one: an owner may all that an organizer may, who may all a viewer may."""
        return self.role is not None and ROLES.index(self.role) <= ROLES.index(role)


def sign_in_cookie() -> str:
    """The cookie's name: over https one that no other host or path can set."""
    return "__Host-sign_in" if settings().base_url.startswith("https:") else "sign_in"


def may_sign_in(account: Account) -> bool:
    """Whether an account signs in here. A demo account, whose password is printed, does so on this machine only."""
    return settings().is_local or not account.is_demo


def _visitor(db: Session, values: Mapping[str, Any]) -> Visitor:
    return Visitor()


def _device(db: Session, values: Mapping[str, Any], *, late: bool = False) -> Device:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.casefold() != "bearer" or not token:
        raise Unidentified("device")
    device = _paired(db, token)
    if late:
        return device
    if device.revoked_at is not None:
        raise Unidentified("device_revoked")
    if device.door_pass is None or device.door_pass.ends_at <= clock.now():
        raise Unidentified("device_expired")
    return device


def _paired(db: Session, token: str) -> Device:
    """The phone that holds a token. Raises Unidentified, and TooManyRequests for a network that tries many."""
    try:
        return doors.device(db, token=token)
    except Unidentified:
        # Only what is wrong is counted: the phones of a hall that guesses behind the same address go on.
        if resources().limiter.allows(UNKNOWN_TOKENS, network()):
            raise
        note(SecurityEvent.LIMIT_REACHED, limit=UNKNOWN_TOKENS.name)
        raise TooManyRequests(retry_after=UNKNOWN_TOKENS.seconds) from None


def _signed_in(db: Session, values: Mapping[str, Any]) -> Member:
    token = request.cookies.get(sign_in_cookie())
    if not token:
        raise Unidentified("sign_in")
    now = clock.now()
    sign_in = accounts.signed_in(db, token=token, now=now)
    if not may_sign_in(sign_in.account):
        raise Unidentified("sign_in")
    if sign_in.seen_at < now - sign_ins.SEEN_EVERY:
        sign_ins.note_seen(db, sign_in_id=sign_in.id, now=now)
    return Member(sign_in.account, sign_in_id=sign_in.id)


def _guest(db: Session, values: Mapping[str, Any]) -> Member | Visitor:
    try:
        return _signed_in(db, values)
    except Unidentified:
        return Visitor()


def _member(db: Session, values: Mapping[str, Any], *, role: str) -> Member:
    known = _signed_in(db, values)
    about = _about(db, values)
    organization_id = about.organization_id if isinstance(about, Event) else about.id
    membership = accounts.membership(db, account_id=known.account.id, organization_id=organization_id)
    named = {"event": about} if isinstance(about, Event) else {"organization": about}
    # What is somebody else's is not there, so that nobody learns by trying which ids there are.
    if membership is None:
        raise Missing
    member = replace(known, role=membership.role, **named)
    if not member.may(role):
        raise NotAllowed
    return member


def _about(db: Session, values: Mapping[str, Any]) -> Event | Organization:
    """What the address names. Raises Missing where there is none."""
    about: Event | Organization | None
    if "event_id" in values:
        about = db.get(Event, values["event_id"])
    else:
        about = db.get(Organization, values["organization_id"])
    if about is None:
        raise Missing
    return about


VISITOR = Access("visitor", _visitor)
DEVICE = Access("device", _device)
DEVICE_LATE = Access("device, revoked ones too", partial(_device, late=True))
SIGNED_IN = Access("signed in", _signed_in)
GUEST = Access("anybody, known where signed in", _guest)
VIEWER, ORGANIZER, OWNER = (Access(role, partial(_member, role=role)) for role in ("viewer", "organizer", "owner"))


def network() -> str:
    """The network that asks: an IPv4 address, or the /64 that one IPv6 customer has to itself."""
    try:
        address = ip_address(request.remote_addr or "")
    except ValueError:
        return "unknown"
    if isinstance(address, IPv6Address) and address.ipv4_mapped is None:
        return f"{address.exploded[:19]}::/64"
    return str(address)


def asked_on_this_machine() -> bool:
    """Whether a program on this machine asks, by one of its own names and for no one else.

    Every hop that a proxy names has to be this machine, trusted or not. What a proxy that names neither the visitor nor
    their Host hands on looks like this machine's own: docs/operating.md says what a proxy must send.
    """
    hops = (request.remote_addr or "", *request.access_route)
    name = urlsplit(f"//{request.host}").hostname or ""
    return not OTHER_HOPS & set(request.headers.keys()) and all(map(is_loopback, (name, *hops)))


UNKNOWN_TOKENS = Limit("unknown_token", 300, 60, network)
