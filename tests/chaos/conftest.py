"""An installation whose processes are killed, and an email that is stopped half way."""

import asyncio
import threading
from collections.abc import Iterator

import pytest

from tests.conftest import Committed
from tests.journeys.conftest import Installation, playwright, run, visit
from tests.support.email_server import ACCEPTED, Postbox, open_postbox
from tests.support.processes import House, build

__all__ = ["playwright"]


@pytest.fixture(scope="session")
def installation() -> Iterator[Installation]:
    """Return an installation of this process's own, whose processes may be killed."""
    with run() as up, visit(up) as installation:
        yield installation


class Hold:
    """Stops emails at a point of their delivery, the first or any, until they are released or hung up on."""

    def __init__(self) -> None:
        self.reached = threading.Event()
        self.let_go = threading.Event()

    async def __call__(self) -> str:
        """Answer the mail server at that point; only the first email waits."""
        if not self.reached.is_set():
            await self.wait()
        return ACCEPTED

    async def wait(self) -> None:
        """Let an email wait."""
        self.reached.set()
        await asyncio.get_running_loop().run_in_executor(None, self.let_go.wait, 60)


@pytest.fixture
def hold() -> Iterator[Hold]:
    """Return a point where an email stops; release every email that still waits there at the end."""
    hold = Hold()
    yield hold
    hold.let_go.set()


@pytest.fixture
def postbox() -> Iterator[Postbox]:
    """Run the mail server of the installation."""
    with open_postbox() as box:
        yield box


@pytest.fixture
def house(committed: Committed, postbox: Postbox) -> Iterator[House]:
    """Return an installation with no process running yet."""
    with build(committed, postbox) as house:
        yield house
