"""A phone at a door without its screen: it pairs by the pass's secret and uploads scans, as the scanner does."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from playwright.sync_api import APIRequestContext

from shared import clock

Said = dict[str, Any]


@dataclass
class BarePhone:
    """One paired phone: the people on its list by name, the session that it scans for, and how many scans it sent."""

    request: APIRequestContext
    address: str
    token: str
    session: int
    people: Mapping[str, str]
    sent: int = 0
    walk_ins: list[Said] = field(default_factory=list)

    def let_in(self, *names: str) -> list[str]:
        """Check in people of the list; return the server's answer to each scan."""
        return self.hand_in([self.scan("in", self.people[name]) for name in names])

    def let_in_newcomer(self, name: str, language: str) -> list[str]:
        """Check in a person without a registration."""
        person = str(uuid4())
        self.walk_ins.append({"id": person, "name": name, "language": language})
        return self.hand_in([self.scan("in", person)])

    def refuse(self, reason: str) -> list[str]:
        """Refuse a code that is not on the list."""
        return self.hand_in([self.scan("refused", None, reason=reason)])

    def scan(self, kind: str, person: str | None, **more: str) -> Said:
        """Make a scan, now."""
        at = clock.milliseconds(clock.now())
        about = {"person": person} if person else {}
        return {"id": str(uuid4()), "session": self.session, "kind": kind, "at": at, **about, **more}

    def hand_in(self, scans: Sequence[Said]) -> list[str]:
        """Upload a batch."""
        batch = {"device_time": clock.milliseconds(clock.now()), "handed_in": self.sent, "scans": scans}
        headers = {"Authorization": f"Bearer {self.token}"}
        content = {**batch, "walk_ins": self.walk_ins}
        answer = self.request.post(f"{self.address}/api/door/scans", data=content, headers=headers)
        self.sent += len(scans)
        return [result["result"] for result in answer.json()["results"]]


def pair(request: APIRequestContext, link: str, *, volunteer: str) -> BarePhone:
    """Pair by a door's link, and read the list."""
    address, _, secret = link.partition("/door/#")
    asked = {"secret": secret, "volunteer": volunteer, "device": str(uuid4())}
    ground = request.post(f"{address}/api/door/pair", data=asked).json()
    headers = {"Authorization": f"Bearer {ground['token']}"}
    roster = request.get(f"{address}/api/door/roster", headers=headers).json()
    people = {entry["name"]: entry["id"] for entry in roster["entries"]}
    return BarePhone(request, address, ground["token"], ground["sessions"][0]["id"], people)
