"""Arguments of commands: the types that several share, and the answer to one that is wrong."""

from typing import Any

import click

PORT = click.IntRange(1, 65_535)
PROCESSES = click.IntRange(1, 100)
LONGEST_NAME = 100
"""Characters, as in the forms."""


class WrongInput(click.ClickException):
    """Input that the installation's state does not allow: one line and status 2, as for a wrong option."""

    exit_code = 2


class Name(click.ParamType[str]):
    """A name of a person or an organization, without spaces around it."""

    name = "text"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        name = str(value).strip()
        if not 1 <= len(name) <= LONGEST_NAME or not name.isprintable():
            self.fail(f"a name has 1 to {LONGEST_NAME} letters", param, ctx)
        return name
