"""Setting up a second factor, verifying it, and removing it.

Guessing: at any moment 3 of a million codes are valid (one step of drift to either side). Ten wrong codes are accepted,
and then one a day, for good, whatever is right in between: at most 375 in a year, which is 1 chance in 900 for a person
who has the password and whom the emails about it do not stop. A recovery code has 60 bits, cannot be guessed, and ends
the wait. So does a password changed while signed in; one set by an emailed link does not, since a reader of the mailbox
could then guess forever."""

from datetime import datetime, timedelta

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.orm import Session

from shared import clock
from shared.accounts import one_time_codes, passwords, sign_ins
from shared.errors import Conflicting, Counted, Invalid
from shared.models import Account, RecoveryCode

Secrets = tuple[bytes, ...]


WRONG_CODE_COSTS = timedelta(days=1)

MOST_AHEAD = 10 * WRONG_CODE_COSTS

NOTIFIED_FROM = 5 * WRONG_CODE_COSTS
"""From the fifth wrong code on the account gets an email, at most once a day."""


def start(db: Session, *, account: Account, password: str, secrets: Secrets) -> None:
    """Draw a secret to show to an app; no code is required until one was confirmed.

    Raises Conflicting when one is in use, Invalid for a wrong password, Busy.
    """
    if account.totp_since is not None:
        raise Conflicting
    passwords.require_current(account, password)
    secret = one_time_codes.draw()
    account.totp_secret, account.totp_step = one_time_codes.seal(secrets, secret, account_id=account.id), None
    db.flush()


def secret_of(account: Account, *, secrets: Secrets) -> str | None:
    """Return the secret of an account, if it has one that one of our keys opens."""
    if account.totp_secret is None:
        return None
    return one_time_codes.unseal(secrets, account.totp_secret, account_id=account.id)


def confirm(db: Session, *, account: Account, code: str, secrets: Secrets) -> list[str]:
    """Require codes from now on, since the app shows the right one; return the recovery codes.

    They are shown this once. Raises Conflicting when nothing is being set up, Invalid for a wrong code.
    """
    if account.totp_since is not None or account.totp_secret is None:
        raise Conflicting
    if not _use_code(db, account, code, secrets):
        raise Invalid("code", "code_wrong")
    account.totp_since = clock.now()
    sign_ins.notify(db, account=account, action="account.second_factor_on")
    return new_recovery_codes(db, account=account)


def verify(db: Session, *, account: Account, code: str, secrets: Secrets, is_limited: bool = True) -> None:
    """Accept a code of the app or a recovery code; each is valid once.

    Raises Counted for a wrong code of the app and for any while too many were wrong, Invalid for a wrong recovery code.
    """
    if any(sign.isalpha() for sign in code):
        verify_recovery_code(db, account=account, code=code, field="code")
        return
    if is_limited:
        _require_code(db, account, code, secrets)
    elif not _use_code(db, account, code, secrets):
        raise Counted("code", "code_wrong")


def verify_recovery_code(db: Session, *, account: Account, code: str, field: str = "recovery") -> None:
    """Accept a recovery code, which is valid once. Raises Invalid for any other, and for a code of the app."""
    if not _use_recovery_code(db, account, code):
        raise Invalid(field, "recovery_wrong")
    _set_wrong_codes(db, account, None)
    sign_ins.notify(db, account=account, action="account.recovery_code_used")


def renew(
    db: Session, *, account: Account, password: str, code: str, secrets: Secrets, is_limited: bool = True
) -> list[str]:
    """Replace the recovery codes; the earlier ones are no longer valid.

    Raises Conflicting when there is no second factor, Invalid for a wrong password or code, Busy.
    """
    if account.totp_since is None:
        raise Conflicting
    passwords.require_current(account, password)
    verify(db, account=account, code=code, secrets=secrets, is_limited=is_limited)
    sign_ins.notify(db, account=account, action="account.recovery_codes_renewed")
    return new_recovery_codes(db, account=account)


def stop(db: Session, *, account: Account, password: str, code: str, secrets: Secrets, is_limited: bool = True) -> None:
    """Remove the second factor, or cancel its setup, for which nothing is required.

    Raises Invalid for a wrong password or code, Busy.
    """
    if account.totp_since is not None:
        passwords.require_current(account, password)
        verify(db, account=account, code=code, secrets=secrets, is_limited=is_limited)
        sign_ins.notify(db, account=account, action="account.second_factor_off")
    _forget(db, account)


def remove(db: Session, *, account: Account) -> None:
    """Remove the second factor without a code: for the operator of the installation."""
    if account.totp_since is not None:
        sign_ins.notify(db, account=account, action="account.second_factor_removed")
    _forget(db, account)


def new_recovery_codes(db: Session, *, account: Account) -> list[str]:
    """Draw ten recovery codes in place of the earlier ones."""
    db.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account.id))
    drawn = one_time_codes.draw_recovery_codes()
    db.add_all(RecoveryCode(account_id=account.id, code_hash=one_time_codes.recovery_hash(code)) for code in drawn)
    db.flush()
    return drawn


def _forget(db: Session, account: Account) -> None:
    account.totp_secret = account.totp_since = account.totp_step = account.wrong_codes_until = None
    db.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account.id))
    db.flush()


def _charge(db: Session, account: Account) -> datetime | None:
    """Count a code as wrong before it is compared; return how far ahead the account is now, None at the limit."""
    now = clock.now()
    ahead = func.greatest(Account.wrong_codes_until, now)  # which ignores NULL
    may_try = (Account.id == account.id, ahead <= now + MOST_AHEAD - WRONG_CODE_COSTS)
    charged = update(Account).where(*may_try).values(wrong_codes_until=ahead + WRONG_CODE_COSTS)
    counted = charged.returning(Account.wrong_codes_until)
    return db.scalar(counted)


def _require_code(db: Session, account: Account, code: str, secrets: Secrets) -> None:
    """Accept a code of the app within the limit of wrong ones. Raises Counted."""
    # Charged first, which locks the row: of many codes at once no more are compared than may be wrong.
    until = _charge(db, account)
    if until is None:
        raise Counted("code", "codes_used_up")
    if _use_code(db, account, code, secrets):
        _set_wrong_codes(db, account, until - WRONG_CODE_COSTS)
        return
    if until > clock.now() + NOTIFIED_FROM - WRONG_CODE_COSTS:
        sign_ins.notify(db, account=account, action="account.wrong_codes", occasion=f"{clock.now():%Y-%m-%d}")
    raise Counted("code", "code_wrong")


def _set_wrong_codes(db: Session, account: Account, until: datetime | None) -> None:
    changed = update(Account).where(Account.id == account.id).values(wrong_codes_until=until)
    db.execute(changed)


def _use_code(db: Session, account: Account, code: str, secrets: Secrets) -> bool:
    secret = secret_of(account, secrets=secrets)
    step = one_time_codes.step_of(secret, code, now=clock.now(), after=account.totp_step) if secret else None
    if step is None:
        return False
    # In the statement: of two simultaneous uses of a code only one succeeds.
    later = or_(Account.totp_step.is_(None), Account.totp_step < step)
    used = update(Account).where(Account.id == account.id, later).values(totp_step=step).returning(Account.id)
    return db.scalar(used) is not None


def _use_recovery_code(db: Session, account: Account, code: str) -> bool:
    matching = (RecoveryCode.account_id == account.id, RecoveryCode.code_hash == one_time_codes.recovery_hash(code))
    used = update(RecoveryCode).where(*matching, RecoveryCode.used_at.is_(None)).values(used_at=clock.now())
    return db.scalar(used.returning(RecoveryCode.account_id)) is not None


def recovery_codes_left(db: Session, *, account_id: int) -> int:
    """Count an account's unused recovery codes."""
    unused = select(func.count()).select_from(RecoveryCode)
    return db.scalars(unused.where(RecoveryCode.account_id == account_id, RecoveryCode.used_at.is_(None))).one()
