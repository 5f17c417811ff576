"""The answers that clients accept as right."""

import json

import pytest

from bench.senders import Answer, person, registration, scans

PHONE = {"token": "t", "session": 3, "event": 7, "people": (10, 15), "batch": 2}


@pytest.mark.parametrize(
    ("status", "location", "fault"),
    [
        (303, b"/en/r/5.1.mac", ""),
        (303, b"/en/e/talks/sent", "not sent to a registration of one's own"),
        (409, b"/en/r/5.1.mac", "status 409"),
    ],
)
def test_only_a_place_of_ones_own_is_right(status: int, location: bytes, fault: str) -> None:
    request = next(registration(slug="talks", client=1))
    assert request.fault(Answer(status, b"HTTP/1.1 303 See Other\r\nLocation: " + location + b"\r\n\r\n", b"")) == fault


@pytest.mark.parametrize(
    ("results", "resend", "fault"),
    [
        (["accepted", "accepted"], False, ""),
        (["accepted", "accepted"], True, "asked to send everything again"),
        (["accepted", "conflict"], False, "a scan is {'conflict'}"),
        (["accepted"], False, "a scan is not answered"),
    ],
)
def test_only_scans_that_are_all_accepted_are_right(results: list[str], resend: bool, fault: str) -> None:
    answer = {"resend": resend, "results": [{"result": result} for result in results]}
    assert next(scans(**PHONE)).fault(Answer(200, b"", json.dumps(answer).encode())) == fault


def test_a_phone_hands_in_each_person_once_and_then_is_done() -> None:
    bodies = [json.loads(request.raw.partition(b"\r\n\r\n")[2]) for request in scans(**PHONE)]
    assert [body["handed_in"] for body in bodies] == [0, 2]
    assert [scan["person"] for body in bodies for scan in body["scans"]] == [person(7, n) for n in range(10, 14)]
    assert len({scan["id"] for body in bodies for scan in body["scans"]}) == 4
