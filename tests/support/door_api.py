"""Scans in JSON, and the results in the door's answers."""

from typing import Any
from uuid import uuid4

from shared import clock
from shared.models import Event

Answer = dict[str, Any]


def scan(event: Event, person: str | None = None, **more: object) -> dict[str, Any]:
    at = clock.milliseconds(clock.now())
    created = {"id": str(uuid4()), "session": event.sessions[0].id, "kind": "in", "at": at, **more}
    return created | ({"person": person} if person else {})


def results(answer: Answer) -> list[str]:
    return [result["result"] for result in answer["results"]]
