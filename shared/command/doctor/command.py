"""`turnout doctor`: a line for each check. Status 0 if all is well, 1 if something is wrong, 2 if it could not look."""

import json
import os
from dataclasses import asdict
from pathlib import Path

import click

from shared.command.doctor.checks import CHECKS, OF_DOMAIN, Outcome, examine
from shared.command.doctor.examination import Installation
from shared.command.doctor.settings import REQUIRED
from shared.command.home import DATA
from shared.command.installation import data_option, find_environment

WIDTH = max(len(check.name) for check in (*CHECKS, *OF_DOMAIN))


@click.command()
@click.option("--email", is_flag=True, help="Look up SPF, DKIM and DMARC of the sender's domain too.")
@click.option("--selector", default="", help="The name of the DKIM key; without it the usual names are tried.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line, for programs.")
@data_option
@click.pass_context
def doctor(context: click.Context, email: bool, selector: str, as_json: bool, data: Path | None) -> None:
    """Examine an installation: what is wrong, and what to do about it.

    The status is 0 if all is well, and 1 if something is wrong.
    """
    checks = (*CHECKS, *(OF_DOMAIN if email else ()))
    show = _show_json if as_json else _show
    outcomes = [show(outcome) for outcome in examine(_installation(data, selector), checks)]
    if not as_json and (waiting := [outcome.name for outcome in outcomes if outcome.needs]):
        click.echo(f"Skipped until the rest is well: {', '.join(waiting)}.")
    context.exit(int(not all(outcome.is_well for outcome in outcomes)))


def _installation(data: Path | None, selector: str) -> Installation:
    """Return what the environment describes, even in part, else the installation that runs on a data folder.

    Raises SettingsError when there is neither.
    """
    if data is None and any(name in os.environ for name in REQUIRED):
        return Installation(os.environ, None, selector)
    return Installation(find_environment(data), (data or DATA).absolute(), selector)


def _show(outcome: Outcome) -> Outcome:
    """Print an outcome for people, as soon as it is known; what has to wait is listed at the end."""
    if outcome.is_well:
        click.echo(_line("ok", "green", outcome.name))
    if outcome.error:
        click.echo(_line("failed", "red", outcome.name, outcome.error))
    for fault in outcome.faults:
        click.echo(_line("wrong", "red", outcome.name, str(fault)))
    return outcome


def _line(status: str, colour: str, name: str, words: str = "") -> str:
    return f"{click.style(f'{status:<6}', fg=colour)}  {name:<{WIDTH}}  {words}".rstrip()


def _show_json(outcome: Outcome) -> Outcome:
    click.echo(json.dumps(asdict(outcome) | {"is_well": outcome.is_well}, ensure_ascii=False))
    return outcome
