"""Accounts and the organizations that they make, and their passwords."""

from collections.abc import Iterable

from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from shared import clock, contacts, tokens
from shared.config import LANGUAGES
from shared.errors import Conflicting, Invalid
from shared.i18n import normalize
from shared.models import Account, Membership, Organization
from shared.operations import audit, notices, passwords, sign_ins
from shared.queries import accounts as queries

_FIRST = text("SELECT pg_advisory_xact_lock(hashtext('turnout first account'))")


def create(
    db: Session, *, email: str, name: str, password: str, language: str = "en", organization: Iterable[str] = ()
) -> Account:
    """Create an account. Raises Invalid for an address that has one, and for a password that is no good: too short, a
    common one, a part of the address, the name, or a name of the organization that it is for."""
    kept_address = address(email)
    passwords.require_good(password, names=(kept_address, name, *organization))
    account = Account(email=kept_address, name=name, language=language, password_hash=passwords.hashed(password))
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

    Raises Conflicting once there is an account besides the demo's, Invalid for another code.
    """
    db.execute(_FIRST)
    if queries.is_there_any(db):
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

    Raises Invalid for a wrong old one, or a new one that is no good.
    """
    passwords.require_own(account, old, field="old")
    passwords.require_good(new, names=_names(db, account))
    account.password_hash = passwords.hashed(new)
    # Who is signed in has shown the second factor, and who guessed at it no longer knows the first one.
    account.version, account.wrong_codes_until = Account.version + 1, None
    db.flush()
    sign_ins.revoke_all(db, account_id=account.id, but=sign_in_id)
    notices.note(db, account=account, action="account.password_changed")


def reset_password(db: Session, *, account_id: int, version: int, new: str) -> Account:
    """Choose another password for whoever holds the mailed link, which is used up; ends all sign-ins.

    Raises Unidentified when the link was used before, Invalid for a password that is no good.
    """
    known = queries.get(db, account_id=account_id)
    passwords.require_good(new, names=_names(db, known) if known else ())
    kept = passwords.hashed(new)
    account = sign_ins.use_link(db, account_id=account_id, version=version)
    account.password_hash = kept
    db.flush()
    sign_ins.revoke_all(db, account_id=account.id)
    notices.note(db, account=account, action="account.password_reset")
    return account


def _names(db: Session, account: Account) -> list[str]:
    """What a password of the account must not be: words of its address, its name, and its organizations."""
    organizations = (one.organization for one in queries.memberships(db, account_id=account.id))
    return [account.email, account.name, *(name for one in organizations for name in one.name.values())]
