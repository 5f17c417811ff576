"""A simulated phone at a door. It speaks the door API over HTTP, as the scanner does, and can lose the network."""

import json
import urllib.request
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from shared import clock
from shared.command.demo.story import BUILD, Arrival

TIMEOUT = 30
_direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class UnexpectedAnswer(Exception):
    """The door API did not accept a scan as it accepts a valid phone's."""


@dataclass
class Phone:
    """A paired phone, with its stored scans that are not synchronized yet.

    `answers` counts the answers to its scans.
    """

    base_url: str
    token: str
    session: int
    is_online: bool = True
    scans: list[dict[str, Any]] = field(default_factory=list)
    walk_ins: list[dict[str, Any]] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)

    def scan(self, arrival: Arrival) -> None:
        """Store a scan of this moment, and synchronize everything stored where there is a network."""
        claim = arrival.scan(uuid4(), session=self.session, at=clock.now())
        wire = {"id": str(claim.id), "session": claim.session, "kind": claim.kind, "at": claim.at}
        self.scans.append(wire | {"person": claim.person, "reason": claim.reason})
        if walk_in := arrival.walk_in:
            self.walk_ins.append({"id": str(walk_in.id), "name": walk_in.name, "language": walk_in.language})
        if self.is_online:
            self.synchronize()

    def synchronize(self) -> None:
        """Synchronize everything stored. Raises UnexpectedAnswer, OSError where there is no answer."""
        standing = {"device_time": clock.milliseconds(clock.now()), "waiting": 0, "version": BUILD}
        batch = standing | {"scans": self.scans, "walk_ins": self.walk_ins}
        results = [answer["result"] for answer in _post(self.base_url, "scans", batch, self.token)["results"]]
        if unexpected := set(results) - {"accepted", "conflict"}:
            raise UnexpectedAnswer(f"a scan was answered {', '.join(sorted(unexpected))}")
        self.answers += results
        self.scans, self.walk_ins = [], []


def pair(base_url: str, secret: str, *, volunteer: str) -> Phone:
    """Pair a new phone by the secret of a pass. Raises OSError where it is refused, or there is no answer."""
    form = {"secret": secret, "volunteer": volunteer, "device": str(uuid4())}
    answer = _post(base_url, "pair", form)
    return Phone(base_url, answer["token"], answer["sessions"][0]["id"])


def _post(base_url: str, name: str, form: dict[str, Any], token: str = "") -> dict[str, Any]:
    headers = {"Content-Type": "application/json", **({"Authorization": f"Bearer {token}"} if token else {})}
    request = urllib.request.Request(f"{base_url}/api/door/{name}", json.dumps(form).encode(), headers)  # noqa: S310 - http of this machine
    with _direct.open(request, timeout=TIMEOUT) as response:
        answer: dict[str, Any] = json.load(response)
        return answer
