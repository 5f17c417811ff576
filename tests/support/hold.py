"""An email that is stopped half way."""

import asyncio
import threading
from collections.abc import Iterator

import pytest

from tests.support.email_server import ACCEPTED


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
