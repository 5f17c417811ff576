"""Shared fixtures of the web tier's tests."""

from tests.web.world import world

__all__ = ["world"]
