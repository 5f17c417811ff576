"""Accounts, what they may do, and where they are signed in."""

from datetime import timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from shared import clock, tokens
from shared.contacts import contact_key
from shared.errors import Invalid, Unidentified
from shared.models import Account, Membership, Organization, SignIn

SIGNED_IN_FOR = timedelta(days=14)
SHORTEST_PASSWORD = 8
LONGEST_PASSWORD = 200

_hasher = PasswordHasher()
_NOBODY = _hasher.hash("nobody has this password")


def create(db: Session, *, email: str, name: str, password: str, language: str = "en") -> Account:
    """Create an account. Raises Invalid for a password outside 8 to 200 characters, or an address that has one."""
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise Invalid("password", "password_length")
    address = contact_key(email, None)
    account = Account(email=address, name=name, language=language, password_hash=_hasher.hash(password))
    try:
        with db.begin_nested():
            db.add(account)
    except IntegrityError:
        raise Invalid("email", "account_exists") from None
    return account


def join(db: Session, *, organization: Organization, account: Account, role: str) -> Membership:
    """Make an account a member: owner, organizer or viewer."""
    membership = Membership(organization_id=organization.id, account_id=account.id, role=role)
    return db.merge(membership)


def sign_in(db: Session, *, email: str, password: str, browser: str = "") -> str:
    """Sign a browser in for 14 days and return its token, which is shown this once.

    Raises Unidentified, after the same work, whether the address or the password is wrong.
    """
    account = db.scalars(select(Account).where(Account.email == _address(email))).one_or_none()
    _check(account.password_hash if account else None, password)
    if account is None:
        raise Unidentified("sign_in")
    token = tokens.draw()
    expires_at = clock.now() + SIGNED_IN_FOR
    sign_in_row = SignIn(token_hash=tokens.digest(token), browser=browser[:200], expires_at=expires_at)
    sign_in_row.account_id = account.id
    db.add(sign_in_row)
    db.flush()
    return token


def sign_out(db: Session, *, token: str) -> None:
    """End a browser's sign-in; unknown ones are ended already."""
    mine = SignIn.token_hash == tokens.digest(token)
    db.execute(update(SignIn).where(mine, SignIn.revoked_at.is_(None)).values(revoked_at=clock.now()))


def _address(email: str) -> str:
    try:
        return contact_key(email, None)
    except ValueError:
        return ""


def _check(password_hash: str | None, password: str) -> None:
    try:
        _hasher.verify(password_hash or _NOBODY, password[: LONGEST_PASSWORD + 1])
    except (VerificationError, InvalidHashError):
        raise Unidentified("sign_in") from None
