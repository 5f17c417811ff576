"""Accounts and the organizations that they make, and their passwords."""

from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from shared import clock, contacts, tokens
from shared.config import LANGUAGES
from shared.errors import Conflicting, Invalid
from shared.i18n import normalize
from shared.models import Account, Membership, Organization
from shared.operations import audit, passwords, sign_ins

_FIRST = text("SELECT pg_advisory_xact_lock(hashtext('turnout first account'))")


def create(db: Session, *, email: str, name: str, password: str, language: str = "en") -> Account:
    """Create an account. Raises Invalid for a password outside 8 to 200 characters, or an address that has one."""
    kept = passwords.hashed(password)
    account = Account(email=address(email), name=name, language=language, password_hash=kept)
    try:
        with db.begin_nested():
            db.add(account)
    except IntegrityError:
        raise Invalid("email", "account_exists") from None
    return account


def address(email: str) -> str:
    """The address as accounts keep it. Raises Invalid for what is none."""
    try:
        return contacts.address(email)
    except ValueError:
        raise Invalid("email", "email") from None


def add_organization(db: Session, *, name: str, zone: str, language: str) -> Organization:
    """Add an organization. Raises Invalid where there is one of that name, and for a time zone that there is not."""
    if zone not in clock.zones():
        raise Invalid("zone", "zone_unknown")
    languages = [language, *(other for other in LANGUAGES if other != language)]
    made = Organization(slug="-".join(name.lower().split()), name={language: normalize(name)}, zone=zone)
    made.languages = languages
    try:
        with db.begin_nested():
            db.add(made)
    except IntegrityError:
        raise Invalid("organization", "organization_exists") from None
    return made


def join(db: Session, *, organization: Organization, account: Account, role: str) -> Membership:
    """Make an account a member: owner, organizer or viewer."""
    membership = Membership(organization_id=organization.id, account_id=account.id, role=role)
    return db.merge(membership)


def require_first(db: Session, *, code: str, secrets: tuple[bytes, ...]) -> None:
    """Let only the first visit pass, with the code that was printed at the start; others wait until it has committed.

    Raises Conflicting once there is an account, Invalid for another code.
    """
    db.execute(_FIRST)
    if db.scalar(select(func.count()).select_from(select(Account.id).limit(1).subquery())):
        raise Conflicting("account_exists")
    if not tokens.is_first_code(secrets, code):
        raise Invalid("code", "first_code")


def change_profile(db: Session, *, account: Account, name: str, language: str) -> None:
    """Change what an account is called, and the language of its mails."""
    given = {"name": name, "language": language}
    changed = [field for field, value in given.items() if getattr(account, field) != value]
    account.name, account.language = name, language
    db.flush()
    if changed:
        audit.note_own(db, account=account, action="account.edited", fields=changed)


def change_password(db: Session, *, account: Account, old: str, new: str, sign_in_id: int) -> None:
    """Choose another password: ends every other sign-in and every mailed link.

    Raises Invalid for a wrong old one, or a new one outside 8 to 200 characters.
    """
    if account.password_hash is not None and not passwords.fits(account.password_hash, old):
        raise Invalid("old", "password_wrong")
    account.password_hash = passwords.hashed(new)
    account.version = Account.version + 1
    db.flush()
    sign_ins.revoke_all(db, account_id=account.id, but=sign_in_id)
    audit.note_own(db, account=account, action="account.password_changed")


def reset_password(db: Session, *, account_id: int, version: int, new: str) -> Account:
    """Choose another password for whoever holds the mailed link, which is used up; ends all sign-ins.

    Raises Unidentified when the link was used before, Invalid for a password outside 8 to 200 characters.
    """
    kept = passwords.hashed(new)
    account = sign_ins.use_link(db, account_id=account_id, version=version)
    account.password_hash = kept
    db.flush()
    sign_ins.revoke_all(db, account_id=account.id)
    audit.note_own(db, account=account, action="account.password_reset")
    return account
