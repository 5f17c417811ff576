"""`turnout demo`: loads, resets or removes the demo organization, and plays an evening of it."""

from pathlib import Path

import click
from sqlalchemy import text

from shared.command.demo import history
from shared.command.demo.evening import evening
from shared.command.demo.load import SLUG, load, tour
from shared.command.installation import data_option, find_settings
from shared.command.tour import lines
from shared.command.transaction import transaction
from shared.config import Settings
from shared.outbox.kinds import MessageKind

# In the order that the foreign keys require; rows with ON DELETE CASCADE are deleted with their event.
OF_EVENTS = (
    "DELETE FROM outbox WHERE kind = ANY(:kinds) AND subject IN "
    "(SELECT id FROM registration WHERE event_id = ANY(:events))",
    "DELETE FROM admission WHERE event_id = ANY(:events)",
    "DELETE FROM scan WHERE event_id = ANY(:events)",
    "DELETE FROM registration WHERE event_id = ANY(:events)",
    "DELETE FROM shift WHERE device_id IN (SELECT id FROM device WHERE event_id = ANY(:events))",
    "DELETE FROM device WHERE event_id = ANY(:events)",
    "DELETE FROM event WHERE id = ANY(:events)",
)
OF_ORGANIZATION = (
    "DELETE FROM series WHERE organization_id = :organization",
    "DELETE FROM unsubscription WHERE organization_id = :organization",
    "DELETE FROM audit WHERE organization_id = :organization",
    "DELETE FROM account WHERE id IN (SELECT account_id FROM membership WHERE organization_id = :organization) "
    "AND id NOT IN (SELECT account_id FROM membership WHERE organization_id <> :organization)",
    "DELETE FROM membership WHERE organization_id = :organization",
    "DELETE FROM organization WHERE id = :organization",
)


@click.group(invoke_without_command=True)
@click.option("--reset", is_flag=True, help="Remove it first, with every registration and scan made in it.")
@click.option("--remove", is_flag=True, help="Remove it, and load nothing.")
@data_option
@click.pass_context
def demo(context: click.Context, reset: bool, remove: bool, data: Path | None) -> None:
    """Load the demo organization; a second time changes nothing."""
    if context.invoked_subcommand:
        _pass_on(context, reset=reset, remove=remove, data=data)
        return
    settings = find_settings(data)
    if reset or remove:
        clear(settings)
        click.echo("The demo is removed.")
    if not remove:
        load(settings)
        sights = tour(settings)
        for line in lines(sights, command="turnout demo evening"):
            click.echo(line)
        if sights.fills:
            click.echo("The sample evenings are being filled: this takes about a minute.")
        history.fill(settings)


demo.add_command(evening)


def _pass_on(context: click.Context, *, reset: bool, remove: bool, data: Path | None) -> None:
    for option, is_given in (("--reset", reset), ("--remove", remove)):
        if is_given:
            raise click.UsageError(f"give {option} alone, and then {context.invoked_subcommand}")
    context.obj = data


def clear(settings: Settings) -> None:
    """Remove the demo organization with everything created in it, or nothing of it."""
    with transaction(settings) as db:
        query = text("SELECT id FROM organization WHERE slug = :slug AND sample")
        organization = db.scalar(query, {"slug": SLUG})
        # Every registration, scan or filling of an evening waits, and then has no event.
        ids = text("SELECT id FROM event WHERE organization_id = :organization ORDER BY id FOR UPDATE")
        events = list(db.scalars(ids, {"organization": organization}))
        values = {"organization": organization, "events": events, "kinds": list(MessageKind)}
        for statement in (*OF_EVENTS, *OF_ORGANIZATION):
            db.execute(text(statement), values)
