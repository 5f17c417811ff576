"""What tests of the web tier share."""

from tests.web.world import world

__all__ = ["world"]
