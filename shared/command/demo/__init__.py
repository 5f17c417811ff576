"""The demo organization: real past events as they are on record, and upcoming ones that are marked as samples."""

from shared.command.demo.load import load, tour

__all__ = ["load", "tour"]
