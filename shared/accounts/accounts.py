"""Accounts, the organizations that they create, and their passwords."""

from collections.abc import Iterable, Sequence

from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, joinedload

from shared import clock, contacts, tokens
from shared.accounts import passwords, sign_ins
from shared.audit import audit
from shared.config import LANGUAGES
from shared.errors import Conflicting, Invalid
from shared.i18n import normalize
from shared.models import Account, Membership, Organization, Role
from shared.models.account import DEMO_DOMAIN

_FIRST = text("SELECT pg_advisory_xact_lock(hashtext('turnout first account'))")


def create(
    db: Session, *, email: str, name: str, password: str, language: str = "en", organization: Iterable[str] = ()
) -> Account:
    """Create an account.

    Raises Invalid for an address that has one, and for a bad password: too short, a common one, a word of the address
    or name, or a name of the organization that it is for.
    """
    account_address = address(email)
    passwords.require_good(password, names=(account_address, name, *organization))
    account = Account(
        email=account_address, name=name, language=language, password_hash=passwords.hash_password(password)
    )
    try:
        with db.begin_nested():
            db.add(account)
    except IntegrityError:
        raise Invalid("email", "account_exists") from None
    return account


def address(email: str) -> str:
    """Return the address as accounts store it. Raises Invalid for one that is not an address."""
    try:
        return contacts.address(email)
    except ValueError:
        raise Invalid("email", "email") from None


def add_organization(db: Session, *, name: str, zone: str, language: str) -> Organization:
    """Add an organization. Raises Invalid for a name that exists, and for an unknown time zone."""
    if zone not in clock.zones():
        raise Invalid("zone", "zone_unknown")
    languages = [language, *(code for code in LANGUAGES if code != language)]
    new_organization = Organization(slug="-".join(name.lower().split()), name={language: normalize(name)}, zone=zone)
    new_organization.languages = languages
    try:
        with db.begin_nested():
            db.add(new_organization)
    except IntegrityError:
        raise Invalid("organization", "organization_exists") from None
    return new_organization


def join(db: Session, *, organization: Organization, account: Account, role: Role) -> Membership:
    """Make an account a member: owner, organizer or viewer."""
    membership = Membership(organization_id=organization.id, account_id=account.id, role=role)
    return db.merge(membership)


def require_first(db: Session, *, code: str, secrets: tuple[bytes, ...]) -> None:
    """Require that this is the first visit, with the code printed at the start; later visits wait until it has
    committed.

    Raises Conflicting once there is an account besides the demo's, Invalid for another code.
    """
    db.execute(_FIRST)
    if is_there_any(db):
        raise Conflicting("account_exists")
    if not tokens.is_first_code(secrets, code):
        raise Invalid("code", "first_code")


def change_profile(db: Session, *, account: Account, name: str, language: str) -> None:
    """Change an account's name, and the language of its emails."""
    values = {"name": name, "language": language}
    changed = [field for field, value in values.items() if getattr(account, field) != value]
    account.name, account.language = name, language
    db.flush()
    if changed:
        audit.note_own(db, account=account, action="account.edited", fields=changed)


def change_password(db: Session, *, account: Account, old: str, new: str, sign_in_id: int) -> None:
    """Change the password: end every other sign-in and revoke every emailed link.

    Raises Invalid for a wrong old password, or a bad new one.
    """
    passwords.require_current(account, old, field="old")
    passwords.require_good(new, names=_names(db, account))
    account.password_hash = passwords.hash_password(new)
    # A signed-in person has passed the second factor, and a person who guessed at it no longer knows the first one.
    account.version, account.wrong_codes_until = Account.version + 1, None
    db.flush()
    sign_ins.revoke_all(db, account_id=account.id, but=sign_in_id)
    sign_ins.notify(db, account=account, action="account.password_changed")


def reset_password(db: Session, *, account_id: int, version: int, new: str) -> Account:
    """Set another password by an emailed link, which is used up; end all sign-ins.

    Raises Unidentified when the link was used before, Invalid for a bad password.
    """
    account_before = get(db, account_id=account_id)
    passwords.require_good(new, names=_names(db, account_before) if account_before else ())
    password_hash = passwords.hash_password(new)
    account = sign_ins.use_link(db, account_id=account_id, version=version)
    account.password_hash = password_hash
    db.flush()
    sign_ins.revoke_all(db, account_id=account.id)
    sign_ins.notify(db, account=account, action="account.password_reset")
    return account


def _names(db: Session, account: Account) -> list[str]:
    """Return the names that a password must not be: words of the account's address, its name, its organizations."""
    organizations = (membership.organization for membership in memberships(db, account_id=account.id))
    return [
        account.email,
        account.name,
        *(name for organization in organizations for name in organization.name.values()),
    ]


def get(db: Session, *, account_id: int) -> Account | None:
    """Return an account, None if there is none of this id."""
    return db.get(Account, account_id)


def is_there_any(db: Session) -> bool:
    """Return True if an account exists apart from the demo's."""
    return db.scalars(select(select(Account.id).where(~Account.email.endswith(f"@{DEMO_DOMAIN}")).exists())).one()


def of_address(db: Session, *, address: str) -> Account | None:
    """Return the account of an address, spelled as by contacts.contact_key."""
    return db.scalars(select(Account).where(Account.email == address)).one_or_none()


def membership(db: Session, *, account_id: int, organization_id: int) -> Membership | None:
    """Return an account's membership of an organization; None when it is not a member."""
    return db.get(Membership, (organization_id, account_id))


def memberships(db: Session, *, account_id: int) -> Sequence[Membership]:
    """Return an account's memberships, each with its organization."""
    query = select(Membership).where(Membership.account_id == account_id)
    return db.scalars(query.options(joinedload(Membership.organization))).all()
