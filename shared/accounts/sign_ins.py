"""Signing in, by password or by an emailed link, and signing out.

Two steps: identifying the account, then `start`, which alone creates the row; a second factor is verified between them.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session, contains_eager

from shared import clock, tokens
from shared.accounts import passwords
from shared.audit import audit
from shared.contacts import contact_key
from shared.errors import Unidentified
from shared.models import Account, SignIn
from shared.outbox import outbox
from shared.outbox.kinds import MessageKind

SIGNED_IN_FOR = timedelta(days=14)

LINK_GOOD_FOR = timedelta(minutes=30)

SECOND_FACTOR_FOR = timedelta(minutes=10)

SEEN_EVERY = timedelta(minutes=5)


def by_password(db: Session, *, email: str, password: str) -> Account:
    """Return the account.

    Raises Unidentified, after the same work, whether the address or the password is wrong; Busy.
    """
    account = _of_address(db, email)
    if not passwords.matches(account.password_hash if account else None, password) or account is None:
        raise Unidentified("sign_in")
    if account.password_hash and passwords.is_outdated(account.password_hash):
        account.password_hash = passwords.hash_password(password)
    return account


def use_link(db: Session, *, account_id: int, version: int) -> Account:
    """Return the account of an emailed link, which is used up with all others. Raises Unidentified once it was used."""
    matching = (Account.id == account_id, Account.version == version)
    used = update(Account).where(*matching).values(version=Account.version + 1).returning(Account)
    account = db.scalars(used.execution_options(populate_existing=True)).one_or_none()
    if account is None:
        raise Unidentified("link")
    return account


def start(db: Session, *, account: Account, browser: str = "") -> str:
    """Sign a browser in for 14 days and return its token, which is shown this once."""
    token = tokens.draw()
    expires_at = clock.now() + SIGNED_IN_FOR
    row = SignIn(token_hash=tokens.digest(token), browser=browser[:200], expires_at=expires_at, account_id=account.id)
    db.add(row)
    db.flush()
    return token


def ask_link(db: Session, *, email: str, kind: MessageKind) -> None:
    """Enqueue an email with a link, "sign_in_link" or "password_reset".

    Several requests within a minute are one, so that no mailbox is filled. For an address without an account a row is
    written all the same, with no one as its subject, and the worker skips it: the answer takes as long.
    """
    account = _of_address(db, email)
    end = int((clock.now() + LINK_GOOD_FOR).replace(second=0, microsecond=0).timestamp())
    subject, version = (account.id, account.version) if account else (_nobody(email), 1)
    outbox.enqueue(db, kind, subject=subject, key=f"{version}.{end}")


def note_seen(db: Session, *, sign_in_id: int, now: datetime) -> None:
    """Record that a browser was active; skip a row that another request has locked."""
    free = select(SignIn.id).where(SignIn.id == sign_in_id).with_for_update(skip_locked=True, key_share=True)
    statement = update(SignIn).where(SignIn.id.in_(free)).values(seen_at=now)
    db.execute(statement, execution_options={"synchronize_session": False})


def sign_out(db: Session, *, token: str) -> None:
    """End a browser's sign-in; an unknown token is ended already."""
    of_token = SignIn.token_hash == tokens.digest(token)
    db.execute(update(SignIn).where(of_token, SignIn.revoked_at.is_(None)).values(revoked_at=clock.now()))


def revoke(db: Session, *, account: Account, sign_in_id: int) -> None:
    """End one sign-in of an account; another account's stays, and an ended one stays as it is."""
    active = (SignIn.id == sign_in_id, SignIn.account_id == account.id, SignIn.revoked_at.is_(None))
    ended = update(SignIn).where(*active).values(revoked_at=clock.now()).returning(SignIn.id)
    if db.scalar(ended) is not None:
        audit.note_own(db, account=account, action="account.signed_out", browsers=1)


def revoke_others(db: Session, *, account: Account, but: int) -> None:
    """End all sign-ins of an account but the one that asks for it."""
    browsers = revoke_all(db, account_id=account.id, but=but)
    if browsers:
        audit.note_own(db, account=account, action="account.signed_out", browsers=browsers)


def revoke_all(db: Session, *, account_id: int, but: int | None = None) -> int:
    """End all sign-ins of an account, or all but one; return how many. The act that calls this is audited itself."""
    active = [SignIn.account_id == account_id, SignIn.revoked_at.is_(None)]
    if but is not None:
        active.append(SignIn.id != but)
    ended = update(SignIn).where(*active).values(revoked_at=clock.now()).returning(SignIn.id)
    return len(db.scalars(ended).all())


def _nobody(email: str) -> int:
    """Return a number for an address without an account: below zero, where no account is."""
    return -1 - int.from_bytes(sha256(email.encode()).digest()[:7], "big")


def _of_address(db: Session, email: str) -> Account | None:
    try:
        address = contact_key(email, None)
    except ValueError:
        return None
    return db.scalars(select(Account).where(Account.email == address)).one_or_none()


IDLE_FOR = timedelta(days=7)
"""After this time without a request a browser is signed out, even if its sign-in would last longer."""


def signed_in(db: Session, *, token: str, now: datetime) -> SignIn:
    """Return the sign-in of a browser's token, with its account. Raises Unidentified."""
    query = select(SignIn).join(SignIn.account).options(contains_eager(SignIn.account))
    sign_in = db.scalars(query.where(SignIn.token_hash == tokens.digest(token), *_live(now))).one_or_none()
    if sign_in is None:
        raise Unidentified("sign_in")
    return sign_in


def of_account(db: Session, *, account_id: int, now: datetime, limit: int) -> Sequence[SignIn]:
    """Return an account's open sign-ins, the most recently used first."""
    query = select(SignIn).where(SignIn.account_id == account_id, *_live(now))
    return db.scalars(query.order_by(SignIn.seen_at.desc(), SignIn.id).limit(limit)).all()


def _live(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return SignIn.revoked_at.is_(None), SignIn.expires_at > now, SignIn.seen_at > now - IDLE_FOR


def notify(db: Session, *, account: Account, action: str, occasion: str = "") -> None:
    """Record an act on an account and email it.

    Acts of one kind on one occasion, by default a second, are one email.
    """
    audit.note_own(db, account=account, action=action)
    when = occasion or f"{int(clock.now().timestamp())}"
    outbox.enqueue(db, MessageKind.ACCOUNT_NOTICE, subject=account.id, key=f"{action} {when}")
