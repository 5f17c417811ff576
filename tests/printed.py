"""What stands on paper."""

import subprocess


def words_of(pdf: bytes) -> str:
    """The text of a PDF as pdftotext reads it, with one space between words; a space that does not break is one too."""
    read = subprocess.run(["pdftotext", "-", "-"], input=pdf, capture_output=True, check=True, timeout=20)
    return " ".join(read.stdout.decode().split())
