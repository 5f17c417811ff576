"""The memory of a process, from /proc of Linux; in MB (1,048,576 bytes)."""

import re
from pathlib import Path


def begin(process: int) -> float:
    """Return its present memory; peak() counts from here on."""
    Path(f"/proc/{process}/clear_refs").write_text("5")
    return _told(process, "VmRSS")


def peak(process: int) -> float:
    """Return its highest memory since begin()."""
    return _told(process, "VmHWM")


def share(process: int) -> float:
    """Return its present memory, with its part of shared pages (PSS); only the user who started it may read this."""
    rollup = Path(f"/proc/{process}/smaps_rollup").read_text()
    return int(re.findall(r"^Pss:\s+(\d+) kB", rollup, re.MULTILINE)[0]) / 1024


def _told(process: int, name: str) -> float:
    status = Path(f"/proc/{process}/status").read_text()
    return int(re.findall(rf"{name}:\s+(\d+) kB", status)[0]) / 1024
