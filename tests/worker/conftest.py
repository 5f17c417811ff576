"""A mail server, and settings that name it."""

from collections.abc import Iterator

import pytest

from shared.config import Settings
from tests.postbox import Postbox, open_postbox


@pytest.fixture
def postbox() -> Iterator[Postbox]:
    """A mail server that takes everything."""
    with open_postbox() as box:
        yield box


@pytest.fixture
def mailing(settings: Settings, postbox: Postbox) -> Settings:
    """Settings whose mails arrive in the postbox."""
    return settings.model_copy(update={"smtp_url": postbox.url, "base_url": "https://turnout.example"})
