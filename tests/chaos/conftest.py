"""A house to break things in, and a mail that stops half way."""

import asyncio
import threading
from collections.abc import Iterator

import pytest

from tests.chaos.house import House, build
from tests.conftest import Committed
from tests.journeys.conftest import Installation, playwright, run, visit
from tests.postbox import ACCEPTED, Postbox, open_postbox

__all__ = ["playwright"]


@pytest.fixture(scope="session")
def installation() -> Iterator[Installation]:
    """An installation of this process's own, whose parts may be killed."""
    with run() as up, visit(up) as installation:
        yield installation


class Hold:
    """Keeps mails waiting at a point of their delivery, the first or any, until they are let go or hung up on."""

    def __init__(self) -> None:
        self.reached = threading.Event()
        self.let_go = threading.Event()

    async def __call__(self) -> str:
        """What the mail server asks at that point; only the first mail waits."""
        if not self.reached.is_set():
            await self.wait()
        return ACCEPTED

    async def wait(self) -> None:
        """Keep a mail waiting."""
        self.reached.set()
        await asyncio.get_running_loop().run_in_executor(None, self.let_go.wait, 60)


@pytest.fixture
def hold() -> Iterator[Hold]:
    """A point where a mail stops; whoever still waits there at the end is let go."""
    hold = Hold()
    yield hold
    hold.let_go.set()


@pytest.fixture
def postbox() -> Iterator[Postbox]:
    """The mail server of the house."""
    with open_postbox() as box:
        yield box


@pytest.fixture
def house(committed: Committed, postbox: Postbox) -> Iterator[House]:
    """A house with nothing running in it yet."""
    with build(committed, postbox) as house:
        yield house
