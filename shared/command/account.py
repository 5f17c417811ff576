"""`turnout account` and `turnout organization`: the first account, organizations, and a lost phone."""

from pathlib import Path

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.accounts import accounts, second_factors
from shared.command.arguments import Name, WrongInput
from shared.command.installation import data_option, find_settings
from shared.command.transaction import transaction
from shared.config import LANGUAGES
from shared.errors import Invalid
from shared.models import Account, Organization, Role

zone_option = click.option("--zone", default="Asia/Dushanbe", show_default=True, help="The organization's time zone.")
language_option = click.option("--language", default="en", show_default=True, type=click.Choice(LANGUAGES))

REASONS = {
    "password_length": "a password has 8 to 200 characters",
    "password_common": "many people use this password, so it is guessed first: choose your own",
    "password_named": "this password is a name that belongs to the account: choose another one",
    "email": "this is not an email address",
    "account_exists": "there is an account of this email address already",
    "organization_exists": "there is an organization of this name already: choose another name",
    "zone_unknown": "there is no such time zone: give a name like Asia/Dushanbe",
    "organization_sample": "this name belongs to the demo: choose another name",
}


@click.group()
def account() -> None:
    """Manage organizers' accounts."""


@account.command()
@click.argument("email")
@click.option("--name", prompt="Your name", type=Name())
@click.option(
    "--organization", prompt="Organization", type=Name(), help="Its name; it is made where there is none of that name."
)
@zone_option
@language_option
@click.password_option()
@data_option
def create(
    email: str, name: str, organization: str, zone: str, language: str, password: str, data: Path | None
) -> None:
    """Create an account that owns an organization."""
    try:
        with transaction(find_settings(data)) as db:
            organizations = (organization,)
            owner = accounts.create(
                db, email=email, name=name, password=password, language=language, organization=organizations
            )
            accounts.join(
                db, organization=_organization(db, organization, zone, language), account=owner, role=Role.OWNER
            )
    except (Invalid, ValueError) as error:
        raise _wrong(error) from None
    click.echo(f"{email} owns {organization}")


@account.command("without-second-step")
@click.argument("email")
@data_option
def without_second_step(email: str, data: Path | None) -> None:
    """Turn off two-step verification for an account whose owner lost the phone and the recovery codes."""
    try:
        with transaction(find_settings(data)) as db:
            second_factors.remove(db, account=_account(db, email))
    except Invalid as error:
        raise _wrong(error) from None
    click.echo(f"{email} signs in without two-step verification")


@click.group()
def organization() -> None:
    """Manage organizations. Each sees nothing of the others."""


@organization.command("create")
@click.argument("name", type=Name())
@click.option("--owner", prompt="Owner's e-mail", help="Of an account that there is.")
@zone_option
@language_option
@data_option
def create_organization(name: str, owner: str, zone: str, language: str, data: Path | None) -> None:
    """Create an organization that an account owns."""
    try:
        with transaction(find_settings(data)) as db:
            account = _account(db, owner)
            created = accounts.add_organization(db, name=name, zone=zone, language=language)
            accounts.join(db, organization=created, account=account, role=Role.OWNER)
    except (Invalid, ValueError) as error:
        raise _wrong(error) from None
    click.echo(f"{owner} owns {name}")


def _wrong(error: Exception) -> WrongInput:
    return WrongInput(REASONS.get(str(error), str(error)))


def _account(db: Session, email: str) -> Account:
    existing = accounts.of_address(db, address=accounts.address(email))
    if existing is None:
        raise WrongInput(f"there is no account of {email}")
    return existing


def _organization(db: Session, name: str, zone: str, language: str) -> Organization:
    slug = "-".join(name.lower().split())
    there = db.scalars(select(Organization).where(Organization.slug == slug)).one_or_none()
    if there and there.sample:
        # Its accounts are removed with the demo.
        raise Invalid("organization", "organization_sample")
    return there or accounts.add_organization(db, name=name, zone=zone, language=language)
