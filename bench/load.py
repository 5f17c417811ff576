"""The load: clients in a process of its own, each with a connection that it keeps.

    python -m bench.load < orders.json > outcomes.json

Closed: a client sends its next request when the last is answered. Open: requests are due at a fixed rate, whether the
last are answered or not, and their time counts from then, as for visitors who come by themselves. One process and one
loop: generating and reading costs the same at every measure and little beside an answer.
"""

import asyncio
import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from itertools import islice
from math import ceil, inf
from typing import Any

from bench.senders import SENDERS, Answer, Request
from shared.command.processes import CannotStart

PATIENCE_SECONDS = 60
LATE = 12
"""Times the duration of an open load after which it is not waited for: a slow service answers long after the last
arrival.
"""
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


@dataclass(frozen=True)
class Order:
    """The target of a load, its duration (the warm-up included), and each client's sender with its arguments.

    `requests` is the most that all clients send together, `arrivals` how many are due each second in an open load.
    """

    port: int
    seconds: float
    warm_up: float
    sender: str
    clients: list[dict[str, Any]]
    requests: int | None = None
    arrivals: float = 0


@dataclass(frozen=True)
class Outcome:
    """The result of a load. Only answers after the warm-up make the rate; `right` means that every answer was.

    `kb` is the mean size of a right answer in kB, `statuses` how many of them had each status.
    """

    per_second: float
    p50_ms: float
    p99_ms: float
    right: int
    wrong: dict[str, int]
    kb: float = 0
    statuses: dict[str, int] = field(default_factory=dict)


@dataclass
class _Tally:
    opens: float
    closes: float
    latencies: list[float] = field(default_factory=list)
    right: int = 0
    wrong: Counter[str] = field(default_factory=Counter)
    size: int = 0
    statuses: Counter[str] = field(default_factory=Counter)

    def note(self, start: float, end: float, answer: Answer, fault: str) -> None:
        if fault:
            self.wrong[fault] += 1
            return
        self.right += 1
        self.size += len(answer.head) + len(answer.body)
        self.statuses[str(answer.status)] += 1
        # Of a measure too short for any answer the first one after it counts.
        if self.opens <= end and (end <= self.closes or not self.latencies):
            self.closes = max(self.closes, end)
            self.latencies.append(end - start)

    def outcome(self, end: float) -> Outcome:
        if not self.latencies:
            self.wrong["no answer in the time that counts"] += 1
            return Outcome(0, 0, 0, self.right, dict(self.wrong))
        rate = len(self.latencies) / (min(self.closes, end) - self.opens)
        p50, p99 = (percentile(self.latencies, share) * 1000 for share in (0.50, 0.99))
        kb = self.size / self.right / 1000
        return Outcome(rate, p50, p99, self.right, dict(self.wrong), kb, dict(self.statuses))


def percentile(values: Sequence[float], share: float) -> float:
    """Return the smallest of the values that at least this share of them does not exceed; there must be one."""
    return sorted(values)[max(0, ceil(share * len(values)) - 1)]


def run(order: Order) -> Outcome:
    """Load a service from another process. Raises CannotStart when that process breaks down."""
    return run_together(order)[0]


def run_together(*orders: Order) -> list[Outcome]:
    """Load a service with several orders at once from one other process. Raises CannotStart."""
    command = (sys.executable, "-m", "bench.load")
    orders_json = json.dumps([asdict(order) for order in orders])
    patience = PATIENCE_SECONDS + max(order.seconds * (LATE if order.arrivals else 1) for order in orders)
    try:
        outcomes = subprocess.run(
            command, input=orders_json, capture_output=True, text=True, timeout=patience, check=True
        )
    except subprocess.TimeoutExpired:
        raise CannotStart(f"the last answer did not come within {patience:.0f} s") from None
    except subprocess.CalledProcessError as error:
        raise CannotStart(f"the load broke down: {error.stderr.strip()}") from None
    return [Outcome(**outcome) for outcome in json.loads(outcomes.stdout)]


async def load(order: Order) -> Outcome:
    """Connect all clients, then start them together."""
    senders = [SENDERS[order.sender](**client) for client in order.clients]
    streams = [await asyncio.open_connection("127.0.0.1", order.port) for _ in senders]
    now = asyncio.get_running_loop().time()
    tally = _Tally(now, inf) if order.arrivals else _Tally(now + order.warm_up, now + order.seconds)
    dues: Iterator[float | None] = _arrivals(order, now) if order.arrivals else _at_once(tally)
    shared = islice(dues, order.requests)
    clients = (_client(*stream, sender, shared, tally) for stream, sender in zip(streams, senders, strict=True))
    await asyncio.gather(*clients)
    return tally.outcome(asyncio.get_running_loop().time())


async def load_together(orders: Sequence[Order]) -> list[Outcome]:
    """Load with all orders at once."""
    return await asyncio.gather(*map(load, orders))


def _at_once(tally: _Tally) -> Iterator[None]:
    """Yield until the measure closes: the next request is due now."""
    while asyncio.get_running_loop().time() < tally.closes:
        yield None


def _arrivals(order: Order, begin: float) -> Iterator[float]:
    return (begin + number / order.arrivals for number in range(round(order.seconds * order.arrivals)))


async def _client(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    sender: Iterator[Request],
    dues: Iterator[float | None],
    tally: _Tally,
) -> None:
    """Send a request when the next of the due times, which all clients share, has come."""
    time = asyncio.get_running_loop().time
    for due in dues:
        request = next(sender, None)
        if request is None:
            # The first client to finish ends it for all: with fewer clients it would be another measure.
            tally.closes = min(tally.closes, time())
            break
        if due is not None:
            await asyncio.sleep(due - time())
        began = time() if due is None else due
        writer.write(request.raw)
        try:
            answer = await _answer(reader)
        except (OSError, asyncio.IncompleteReadError):
            tally.wrong["the connection was closed"] += 1
            break
        tally.note(began, time(), answer, request.fault(answer))
    writer.close()


async def _answer(reader: asyncio.StreamReader) -> Answer:
    head = await reader.readuntil(b"\r\n\r\n")
    length = _LENGTH.search(head)
    body = await reader.readexactly(int(length[1])) if length else b""
    return Answer(int(head[9:12]), head, body)


if __name__ == "__main__":
    ordered = [Order(**order) for order in json.load(sys.stdin)]
    json.dump([asdict(outcome) for outcome in asyncio.run(load_together(ordered))], sys.stdout)
