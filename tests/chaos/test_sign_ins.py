"""A hundred simultaneous sign-ins, each with another address, leave the pages and the memory to all others."""

import contextlib
import http.client
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from urllib.parse import urlencode

import psutil
import pytest

from tests.support.processes import FORM, House

pytestmark = pytest.mark.chaos

PEOPLE = 100
MOST_SECONDS = 1.0
MOST_MEGABYTES = 450
"""Of one of the two web processes; 900 in all."""


def attempt(house: House, number: int) -> int:
    """Try a wrong password for a new address; return the status of the answer."""
    form = urlencode({"email": f"nobody{number}@example.org", "password": "not the password"})
    connection = http.client.HTTPConnection("127.0.0.1", house.port, timeout=120)
    with contextlib.closing(connection):
        connection.request("POST", "/account/sign-in", form, FORM)
        answer = connection.getresponse()
        answer.read()
    return answer.status


def alive(house: House) -> float:
    """Return the seconds until /healthz answers."""
    began = time.monotonic()
    connection = http.client.HTTPConnection("127.0.0.1", house.port, timeout=120)
    with contextlib.closing(connection):
        connection.request("GET", "/healthz")
        assert connection.getresponse().status == 200
    return time.monotonic() - began


def megabytes(house: House) -> float:
    """Return the memory of the web tier: its processes together, with the granian that watches them."""
    web = psutil.Process(house.running["web"].pid)
    return sum(process.memory_info().rss for process in (web, *web.children(recursive=True))) / 2**20


@pytest.mark.alone
def test_a_hundred_wrong_sign_ins_at_once_leave_the_pages_and_the_memory_to_others(house: House) -> None:
    environment = {**house.parts["web"].environment, "TURNOUT_RATE_LIMITS": "off"}
    house.parts = {**house.parts, "web": replace(house.parts["web"], environment=environment)}
    house.start("redis", "web")
    attempt(house, -1)
    start = threading.Barrier(PEOPLE + 1)

    def arrive(number: int) -> int:
        start.wait(60)
        return attempt(house, number)

    waited, sizes = [], []
    with ThreadPoolExecutor(PEOPLE) as pool:
        answers = [pool.submit(arrive, number) for number in range(PEOPLE)]
        start.wait(60)
        while not all(answer.done() for answer in answers):
            waited.append(alive(house))
            sizes.append(megabytes(house))
    statuses = Counter(answer.result() for answer in answers)
    assert max(waited) < MOST_SECONDS
    assert max(sizes) < MOST_MEGABYTES
    assert statuses.keys() == {401, 503}
