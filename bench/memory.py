"""How much memory a process takes, as Linux tells it in /proc; in MB (1,048,576 bytes)."""

import re
from pathlib import Path


def begin(process: int) -> float:
    """What it takes now; peak() counts from here on."""
    Path(f"/proc/{process}/clear_refs").write_text("5")
    return _told(process, "VmRSS")


def peak(process: int) -> float:
    """The most that it took since begin()."""
    return _told(process, "VmHWM")


def share(process: int) -> float:
    """What it takes now, with its part of what it shares with others (PSS); only whoever started it may ask."""
    rollup = Path(f"/proc/{process}/smaps_rollup").read_text()
    return int(re.findall(r"^Pss:\s+(\d+) kB", rollup, re.MULTILINE)[0]) / 1024


def _told(process: int, name: str) -> float:
    status = Path(f"/proc/{process}/status").read_text()
    return int(re.findall(rf"{name}:\s+(\d+) kB", status)[0]) / 1024
