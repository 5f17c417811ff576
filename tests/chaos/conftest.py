"""An installation whose processes are killed, and an email that is stopped half way."""

from collections.abc import Iterator

import pytest

from tests.conftest import Committed
from tests.journeys.conftest import Installation, playwright, run, visit
from tests.support.email_server import Postbox, open_postbox
from tests.support.hold import Hold, hold
from tests.support.processes import House, build

__all__ = ["Hold", "hold", "playwright"]


@pytest.fixture(scope="session")
def installation() -> Iterator[Installation]:
    """Return an installation of this process's own, whose processes may be killed."""
    with run() as up, visit(up) as installation:
        yield installation


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
