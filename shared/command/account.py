"""`turnout account create EMAIL`: the first account, and the organization it owns."""

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.command.transaction import transaction
from shared.config import LANGUAGES, read_settings
from shared.errors import Invalid
from shared.models import Organization
from shared.operations import accounts


@click.group()
def account() -> None:
    """Accounts of people who organize."""


@account.command()
@click.argument("email")
@click.option("--name", prompt="Your name")
@click.option("--organization", prompt="Organization", help="Its name; it is made where there is none of that name.")
@click.option("--zone", default="Asia/Dushanbe", show_default=True, help="The organization's time zone.")
@click.option("--language", default="en", show_default=True, type=click.Choice(LANGUAGES))
@click.password_option()
def create(email: str, name: str, organization: str, zone: str, language: str, password: str) -> None:
    """Create an account that owns an organization."""
    try:
        with transaction(read_settings()) as db:
            owner = accounts.create(db, email=email, name=name, password=password, language=language)
            accounts.join(db, organization=_organization(db, organization, zone, language), account=owner, role="owner")
    except (Invalid, ValueError) as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"{email} owns {organization}")


def _organization(db: Session, name: str, zone: str, language: str) -> Organization:
    slug = "-".join(name.lower().split())
    found = db.scalars(select(Organization).where(Organization.slug == slug)).one_or_none()
    if found:
        return found
    languages = [language, *(other for other in LANGUAGES if other != language)]
    made = Organization(slug=slug, name={language: name}, zone=zone, languages=languages)
    db.add(made)
    db.flush()
    return made
