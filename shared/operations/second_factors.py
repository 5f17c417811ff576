"""Setting up a second factor, showing it, and doing without it."""

from sqlalchemy import delete, or_, update
from sqlalchemy.orm import Session

from shared import clock, second_factor
from shared.errors import Conflicting, Invalid
from shared.models import Account, RecoveryCode
from shared.operations import audit

Secrets = tuple[bytes, ...]


def start(db: Session, *, account: Account, secrets: Secrets) -> None:
    """Draw a secret to show to an app; nothing asks for codes of it until one was shown. Raises Conflicting when one
    is in use."""
    if account.totp_since is not None:
        raise Conflicting
    secret = second_factor.draw()
    account.totp_secret, account.totp_step = second_factor.seal(secrets, secret, account_id=account.id), None
    db.flush()


def secret_of(account: Account, *, secrets: Secrets) -> str | None:
    """The secret of an account, if it has one that one of our keys opens."""
    if account.totp_secret is None:
        return None
    return second_factor.unseal(secrets, account.totp_secret, account_id=account.id)


def confirm(db: Session, *, account: Account, code: str, secrets: Secrets) -> list[str]:
    """Ask for codes from now on, since the app shows the right one; the recovery codes, which are shown this once.

    Raises Conflicting when nothing is being set up, Invalid for a wrong code.
    """
    if account.totp_since is not None or account.totp_secret is None:
        raise Conflicting
    if not _use_code(db, account, code, secrets):
        raise Invalid("code", "code_wrong")
    account.totp_since = clock.now()
    audit.note_own(db, account=account, action="account.second_step_on")
    return new_recovery_codes(db, account=account)


def show(db: Session, *, account: Account, code: str, secrets: Secrets) -> None:
    """Take a code of the app or a recovery code; each is good once. Raises Invalid for any other."""
    if _use_code(db, account, code, secrets):
        return
    if not any(sign.isalpha() for sign in code):
        raise Invalid("code", "code_wrong")
    show_recovery(db, account=account, code=code, field="code")


def show_recovery(db: Session, *, account: Account, code: str, field: str = "recovery") -> None:
    """Take a recovery code, which is good once. Raises Invalid for any other, and for a code of the app."""
    if not _use_recovery_code(db, account, code):
        raise Invalid(field, "recovery_wrong")
    audit.note_own(db, account=account, action="account.recovery_code_used")


def renew(db: Session, *, account: Account, code: str, secrets: Secrets) -> list[str]:
    """Make the recovery codes anew; the earlier ones are good no more. Raises Conflicting where there is no second
    factor, Invalid for a wrong code."""
    if account.totp_since is None:
        raise Conflicting
    show(db, account=account, code=code, secrets=secrets)
    audit.note_own(db, account=account, action="account.recovery_codes_renewed")
    return new_recovery_codes(db, account=account)


def stop(db: Session, *, account: Account, code: str, secrets: Secrets) -> None:
    """Do without a second factor from now on. Raises Invalid for a wrong code; nothing happens where there is none."""
    if account.totp_since is not None:
        show(db, account=account, code=code, secrets=secrets)
        audit.note_own(db, account=account, action="account.second_step_off")
    _forget(db, account)


def remove(db: Session, *, account: Account) -> None:
    """Do without a second factor, also without a code: for who runs the installation."""
    if account.totp_since is not None:
        audit.note_own(db, account=account, action="account.second_step_removed")
    _forget(db, account)


def new_recovery_codes(db: Session, *, account: Account) -> list[str]:
    """Draw ten codes in place of those that there were."""
    db.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account.id))
    drawn = second_factor.draw_recovery_codes()
    db.add_all(RecoveryCode(account_id=account.id, code_hash=second_factor.recovery_hash(one)) for one in drawn)
    db.flush()
    return drawn


def _forget(db: Session, account: Account) -> None:
    account.totp_secret = account.totp_since = account.totp_step = None
    db.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account.id))
    db.flush()


def _use_code(db: Session, account: Account, code: str, secrets: Secrets) -> bool:
    secret = secret_of(account, secrets=secrets)
    step = second_factor.step_of(secret, code, now=clock.now(), after=account.totp_step) if secret else None
    if step is None:
        return False
    # In the statement: two who type the same code at once are not both let in.
    later = or_(Account.totp_step.is_(None), Account.totp_step < step)
    used = update(Account).where(Account.id == account.id, later).values(totp_step=step).returning(Account.id)
    return db.scalar(used) is not None


def _use_recovery_code(db: Session, account: Account, code: str) -> bool:
    mine = (RecoveryCode.account_id == account.id, RecoveryCode.code_hash == second_factor.recovery_hash(code))
    used = update(RecoveryCode).where(*mine, RecoveryCode.used_at.is_(None)).values(used_at=clock.now())
    return db.scalar(used.returning(RecoveryCode.account_id)) is not None
