"""The passphrase of a backup: from a file or the terminal, never from the command, which others can read."""

import sys
import unicodedata
from pathlib import Path

import click

from shared.command.processes import CannotStart

FEWEST_CHARACTERS = 12

passphrase_option = click.option(
    "--passphrase-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file whose first line is the passphrase; without it the terminal asks for it.",
)


def read_passphrase(file: Path | None, *, is_new: bool) -> str:
    """Return the passphrase in NFC, so that it does not depend on the keyboard; a new one is asked for twice.

    Raises CannotStart without a file and a terminal, and for a new one that is too short.
    """
    if file:
        typed = (file.read_text(encoding="utf-8").splitlines() or [""])[0]
    elif sys.stdin.isatty():
        typed = click.prompt("Passphrase of the backup", hide_input=True, confirmation_prompt=is_new)
    else:
        raise CannotStart("there is no terminal to ask for the passphrase: name its file with --passphrase-file")
    if is_new and len(typed) < FEWEST_CHARACTERS:
        raise CannotStart(f"a passphrase has at least {FEWEST_CHARACTERS} characters")
    return unicodedata.normalize("NFC", typed)
