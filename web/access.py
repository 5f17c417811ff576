"""Who acts, and whether a route lets them.

A route declares one of the accesses below; web/routes.py resolves it inside the route's transaction, before the view.

    VISITOR      anybody                                    by: Visitor
    DEVICE       a paired phone                             by: Device
    DEVICE_LATE  the same, revoked ones too: their scans are handed in, stored, and do not stand
    SIGNED_IN    an account                                 by: Member
    VIEWER, ORGANIZER, OWNER   a member of the organization of the event that `event_id` in the address names, with at
                 least this role                            by: Member, with role and event
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from typing import Any

from flask import request
from sqlalchemy.orm import Session


@dataclass(frozen=True)
class Visitor:
    """Anybody: nothing is known and nothing is asked."""


@dataclass(frozen=True)
class Access:
    """What a route asks of who acts. `resolve` gives who that is, or raises Unidentified or NotAllowed."""

    name: str
    resolve: Callable[[Session, Mapping[str, Any]], Any]


VISITOR = Access("visitor", lambda db, values: Visitor())


def network() -> str:
    """The network that asks: an IPv4 address, or the /64 that one IPv6 customer has to itself."""
    try:
        address = ip_address(request.remote_addr or "")
    except ValueError:
        return "unknown"
    if isinstance(address, IPv6Address) and address.ipv4_mapped is None:
        return f"{address.exploded[:19]}::/64"
    return str(address)
