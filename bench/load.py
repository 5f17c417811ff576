"""The load: keep-alive clients in a process of its own, each sending its next request when the last is answered.

    python -m bench.load < order.json > outcome.json

One process and one loop: generating and reading costs the same at every measure and little beside an answer.
"""

import asyncio
import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from math import ceil
from typing import Any

from bench.senders import SENDERS, Answer, Request
from shared.command.processes import CannotStart

PATIENCE_SECONDS = 60
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


@dataclass(frozen=True)
class Order:
    """The target of a load, its duration (the warm-up included), and each client's sender with its arguments."""

    port: int
    seconds: float
    warm_up: float
    sender: str
    clients: list[dict[str, Any]]


@dataclass(frozen=True)
class Outcome:
    """The result of a load. Only answers after the warm-up make the rate; `right` means that every answer was."""

    per_second: float
    p50_ms: float
    p99_ms: float
    right: int
    wrong: dict[str, int]


@dataclass
class _Tally:
    opens: float
    closes: float
    latencies: list[float] = field(default_factory=list)
    right: int = 0
    wrong: Counter[str] = field(default_factory=Counter)

    def note(self, start: float, end: float, fault: str) -> None:
        if fault:
            self.wrong[fault] += 1
            return
        self.right += 1
        if self.opens <= end <= self.closes:
            self.latencies.append(end - start)

    def outcome(self) -> Outcome:
        if not self.latencies:
            self.wrong["no answer in the time that counts"] += 1
            return Outcome(0, 0, 0, self.right, dict(self.wrong))
        rate = len(self.latencies) / (self.closes - self.opens)
        p50, p99 = (percentile(self.latencies, share) * 1000 for share in (0.50, 0.99))
        return Outcome(rate, p50, p99, self.right, dict(self.wrong))


def percentile(values: list[float], share: float) -> float:
    """Return the smallest of the values that at least this share of them does not exceed; there must be one."""
    return sorted(values)[max(0, ceil(share * len(values)) - 1)]


def run(order: Order) -> Outcome:
    """Load a service from another process. Raises CannotStart when that process breaks down."""
    command = (sys.executable, "-m", "bench.load")
    order_json, patience = json.dumps(asdict(order)), order.seconds + PATIENCE_SECONDS
    try:
        outcome = subprocess.run(
            command, input=order_json, capture_output=True, text=True, timeout=patience, check=True
        )
    except subprocess.TimeoutExpired:
        raise CannotStart(f"an answer did not come within {PATIENCE_SECONDS} s") from None
    except subprocess.CalledProcessError as error:
        raise CannotStart(f"the load broke down: {error.stderr.strip()}") from None
    return Outcome(**json.loads(outcome.stdout))


async def load(order: Order) -> Outcome:
    """Connect all clients, then start them together."""
    senders = [SENDERS[order.sender](**client) for client in order.clients]
    streams = [await asyncio.open_connection("127.0.0.1", order.port) for _ in senders]
    now = asyncio.get_running_loop().time()
    tally = _Tally(now + order.warm_up, now + order.seconds)
    await asyncio.gather(*(_client(*stream, sender, tally) for stream, sender in zip(streams, senders, strict=True)))
    return tally.outcome()


async def _client(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, sender: Iterator[Request], tally: _Tally
) -> None:
    time = asyncio.get_running_loop().time
    for request in sender:
        began = time()
        if began >= tally.closes:
            break
        writer.write(request.raw)
        try:
            answer = await _answer(reader)
        except (OSError, asyncio.IncompleteReadError):
            tally.note(began, time(), "the connection was closed")
            break
        tally.note(began, time(), request.fault(answer))
    # The first client to finish ends it for all: with fewer clients it would be another measure.
    tally.closes = min(tally.closes, time())
    writer.close()


async def _answer(reader: asyncio.StreamReader) -> Answer:
    head = await reader.readuntil(b"\r\n\r\n")
    length = _LENGTH.search(head)
    body = await reader.readexactly(int(length[1])) if length else b""
    return Answer(int(head[9:12]), head, body)


if __name__ == "__main__":
    ordered = Order(**json.load(sys.stdin))
    json.dump(asdict(asyncio.run(load(ordered))), sys.stdout)
