"""The answers that clients accept as right."""

import json
from dataclasses import replace
from gzip import compress
from itertools import islice
from typing import Any

import pytest

from bench.senders import Answer, first_looks, pages, person, polls, registration, revisits, scans
from shared.i18n import gettext, use_language

PHONE: dict[str, Any] = {"token": "t", "sessions": [3, 4], "event": 7, "people": (10, 15), "batch": 2}


OWN = b"HTTP/1.1 303 See Other\r\nLocation: /en/r/5.1.mac\r\n\r\n"
SENT = OWN.replace(b"/en/r/5.1.mac", b"/en/e/talks/sent")
with use_language("en"):
    FULL = gettext("registration.full_error").encode()
PACKED = b'HTTP/1.1 200 OK\r\nETag: W/"7"\r\nContent-Encoding: gzip\r\n\r\n'
TALKS = Answer(200, PACKED, compress(b"<h1>Talks</h1>", mtime=0))


@pytest.mark.parametrize(
    ("answer", "right", "fault"),
    [
        (Answer(303, OWN, b""), [303], ""),
        (Answer(303, SENT, b""), [303], "not sent to a registration of one's own"),
        (Answer(409, b"", FULL), [303], "status 409"),
        (Answer(409, b"", FULL), [303, 409], ""),
        (Answer(409, b"", FULL), [409], ""),
        (Answer(303, OWN, b""), [303, 409], ""),
        (Answer(303, OWN, b""), [409], "status 303"),
        (Answer(409, b"", b"no"), [409], "a refusal that does not say why"),
    ],
)
def test_only_a_seat_of_ones_own_is_right_or_a_refusal_of_a_full_event(
    answer: Answer, right: list[int], fault: str
) -> None:
    request = next(registration(slugs=["talks"], client=1, right=right))
    assert request.fault(answer) == fault


def test_a_client_registers_for_its_events_in_turn() -> None:
    requests = islice(registration(slugs=["one", "two"], client=1), 3)
    assert [request.raw.split()[1].split(b"/")[3] for request in requests] == [b"one", b"two", b"one"]


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        (TALKS, ""),
        (replace(TALKS, status=404), "status 404"),
        (replace(TALKS, head=b""), "a page that is not packed"),
        (replace(TALKS, body=compress(b"<h1>Others</h1>", mtime=0)), "a page without its title"),
    ],
)
def test_only_a_packed_page_with_its_title_is_right(answer: Answer, fault: str) -> None:
    for sender in (pages, revisits):
        assert next(sender(address="/en/e/talks", holds="Talks")).fault(answer) == fault
    assert next(first_looks(addresses=["/en/e/talks"], holds="Talks")).fault(answer) == fault


def test_a_page_is_asked_for_again_with_its_tag_and_must_be_unchanged() -> None:
    sender = revisits(address="/en/e/talks", holds="Talks")
    assert next(sender).fault(TALKS) == ""
    again = next(sender)
    assert b'If-None-Match: W/"7"\r\n' in again.raw
    assert [again.fault(Answer(status, b"", b"")) for status in (304, 200)] == ["", "status 200"]


def test_a_phone_polls_from_its_last_cursor_and_must_hear_nothing_new() -> None:
    sender = polls(token="t")
    roster = {"cursor": "5", "setup": "ab", "whole": True, "entries": [1], "scans": []}
    assert next(sender).fault(Answer(200, b"", json.dumps(roster).encode())) == ""
    again = next(sender)
    assert again.raw.startswith(b"GET /api/door/roster?since=5&setup=ab ")
    assert again.fault(Answer(200, b"", json.dumps(roster).encode())) == "something is new"


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


def test_a_phone_hands_in_each_person_once_a_session_and_then_is_done() -> None:
    bodies = [json.loads(request.raw.partition(b"\r\n\r\n")[2]) for request in scans(**PHONE)]
    assert [body["handed_in"] for body in bodies] == [0, 2, 4, 6]
    assert [scan["person"] for body in bodies for scan in body["scans"]] == [person(7, n) for n in range(10, 14)] * 2
    assert [body["scans"][0]["session"] for body in bodies] == [3, 3, 4, 4]
    assert len({scan["id"] for body in bodies for scan in body["scans"]}) == 8
