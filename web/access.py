"""The actors of requests, and the access that a route requires.

A route declares one of the accesses below; web/routes.py resolves it inside the route's transaction, before the view.

    VISITOR            anyone                                        by: Visitor
    DEVICE             a paired phone whose door pass is valid       by: Device
    DEVICE_LATE        the same, or one whose pass has expired or is revoked: scans of a revoked phone are quarantined
    TOKEN              anyone with a token: the view's own statement has to know the phone   by: the token's digest
    SIGNED_IN          an account                                    by: Member
    OPTIONAL_SIGN_IN   an account if signed in, else anyone          by: Member or Visitor
    VIEWER, ORGANIZER, OWNER   a member, with at least this role, of the organization of the event that `event_id` in
                       the address names, or of the one that `organization_id` names   by: Member, with role and event
                       or organization. Others get 404; a member whose role is too small gets 403.
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

from shared import clock, tokens
from shared.accounts import accounts, sign_ins
from shared.config import is_loopback
from shared.door import phones
from shared.errors import Missing, NotAllowed, Unidentified
from shared.models import Account, Device, Event, Organization, Role
from web.current import resources, settings
from web.limits import Limit
from web.security_events import SecurityEvent, note

UNTRUSTED_PROXY_HEADERS = frozenset({"Forwarded", "X-Real-Ip"})
"""Headers in which a proxy may name the visitor, and which are never trusted."""


@dataclass(frozen=True)
class Visitor:
    """A visitor of whom nothing is known and nothing is required."""


@dataclass(frozen=True)
class Access:
    """A requirement on who acts. `resolve` returns the actor, or raises Unidentified, NotAllowed or Missing."""

    name: str
    resolve: Callable[[Session, Mapping[str, Any]], Any]


@dataclass(frozen=True)
class Member:
    """A signed-in account; where the address names an event, that event and the account's role in its organization."""

    account: Account
    role: Role | None = None
    event: Event | None = None
    organization: Organization | None = None
    sign_in_id: int = 0

    def may(self, role: Role) -> bool:
        """Return whether the role includes another: owner includes organizer, which includes viewer."""
        return self.role is not None and self.role.includes(role)


def sign_in_cookie() -> str:
    """Return the cookie's name: over https one that no other host or path can set."""
    return "__Host-sign_in" if settings().base_url.startswith("https:") else "sign_in"


def may_sign_in(account: Account) -> bool:
    """Return whether an account may sign in here: a demo account, whose password is printed, on this machine only."""
    return settings().is_local or not account.is_demo


def _visitor(db: Session, values: Mapping[str, Any]) -> Visitor:
    return Visitor()


def bearer_token() -> str:
    """Return the bearer token of the request (RFC 6750); empty without one."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token if scheme.casefold() == "bearer" else ""


def _token() -> str:
    """Return the token of a phone's request. Raises Unidentified."""
    token = bearer_token()
    if not token:
        raise Unidentified("device")
    return token


def _digest(db: Session, values: Mapping[str, Any]) -> bytes:
    return tokens.digest(_token())


def _device(db: Session, values: Mapping[str, Any], *, late: bool = False) -> Device:
    token = _token()
    if late:
        return _paired(lambda: _kept(token))
    device = _paired(lambda: phones.of_token(db, token=token))
    if device.revoked_at is not None:
        raise Unidentified("device_revoked")
    if device.door_pass is None or device.door_pass.ends_at <= clock.now():
        raise Unidentified("device_expired")
    return device


def _paired(find: Callable[[], Device]) -> Device:
    """Return the phone that is found. Raises Unidentified, and TooManyRequests for a network that tries many tokens."""
    try:
        return find()
    except Unidentified:
        # Only wrong tokens count: someone who guesses behind a hall's address does not stop the hall's phones.
        if resources().limiter.allows(UNKNOWN_TOKENS, network()):
            raise
        note(SecurityEvent.LIMIT_REACHED, limit=UNKNOWN_TOKENS.name)
        raise TooManyRequests(retry_after=UNKNOWN_TOKENS.seconds) from None


def _kept(token: str) -> Device:
    """Return the phone with its pass, door and event, as it was within the last second. Raises Unidentified."""
    find = partial(phones.of_token, token=token)
    return resources().devices.get(tokens.digest(token), lambda: resources().read(find))


def _signed_in(db: Session, values: Mapping[str, Any]) -> Member:
    token = request.cookies.get(sign_in_cookie())
    if not token:
        raise Unidentified("sign_in")
    now = clock.now()
    sign_in = sign_ins.signed_in(db, token=token, now=now)
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


def _member(db: Session, values: Mapping[str, Any], *, role: Role) -> Member:
    signed_in = _signed_in(db, values)
    target = _target(db, values)
    organization_id = target.organization_id if isinstance(target, Event) else target.id
    membership = accounts.membership(db, account_id=signed_in.account.id, organization_id=organization_id)
    context = {"event": target} if isinstance(target, Event) else {"organization": target}
    # Another organization's event is 404, so that no one learns by trying which ids exist.
    if membership is None:
        raise Missing
    member = replace(signed_in, role=membership.role, **context)
    if not member.may(role):
        raise NotAllowed
    return member


def _target(db: Session, values: Mapping[str, Any]) -> Event | Organization:
    """Return the event or organization that the address names. Raises Missing if there is none."""
    target: Event | Organization | None
    if "event_id" in values:
        target = db.get(Event, values["event_id"])
    else:
        target = db.get(Organization, values["organization_id"])
    if target is None:
        raise Missing
    return target


VISITOR = Access("visitor", _visitor)
DEVICE = Access("device", _device)
DEVICE_LATE = Access("device, revoked ones too", partial(_device, late=True))
TOKEN = Access("a phone's token", _digest)
SIGNED_IN = Access("signed in", _signed_in)
OPTIONAL_SIGN_IN = Access("anyone, or a signed-in account", _guest)
VIEWER, ORGANIZER, OWNER = (
    Access(role, partial(_member, role=role)) for role in (Role.VIEWER, Role.ORGANIZER, Role.OWNER)
)


def network() -> str:
    """Return the network of the request: an IPv4 address, or the /64 that a single IPv6 customer has."""
    try:
        address = ip_address(request.remote_addr or "")
    except ValueError:
        return "unknown"
    if isinstance(address, IPv6Address) and address.ipv4_mapped is None:
        return f"{address.exploded[:19]}::/64"
    return str(address)


def is_local_request() -> bool:
    """Return whether a program on this machine sent the request, under one of the machine's own names, for no one else.

    Every hop that a proxy names has to be this machine, trusted or not. If a proxy names neither the visitor nor their
    Host, its requests look local: docs/operating.md says which headers a proxy must send.
    """
    hops = (request.remote_addr or "", *request.access_route)
    name = urlsplit(f"//{request.host}").hostname or ""
    return not UNTRUSTED_PROXY_HEADERS & set(request.headers.keys()) and all(map(is_loopback, (name, *hops)))


UNKNOWN_TOKENS = Limit("unknown_token", 300, 60, network)
