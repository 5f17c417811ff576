"""The text of a printed page."""

import subprocess


def words_of(pdf: bytes) -> str:
    """Return the text of a PDF as pdftotext reads it, with one space between words, also for one that never breaks."""
    read = subprocess.run(["pdftotext", "-", "-"], input=pdf, capture_output=True, check=True, timeout=20)
    return " ".join(read.stdout.decode().split())
