"""Signing in by password, by an emailed link and with a second factor; lists of sign-ins; changed passwords."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared import clock, tokens
from shared.accounts import accounts, one_time_codes, second_factors, sign_ins
from shared.errors import Conflicting, Counted, Invalid, Unidentified
from shared.models import Account, OutboxMessage, RecoveryCode, SignIn
from tests.factories import SECRET, make_account, make_sign_in

PASSWORD = "correct horse"
SECRETS = (SECRET,)


@pytest.fixture
def account(db: Session) -> Account:
    return accounts.create(db, email="zarina@example.org", name="Зарина", password=PASSWORD)


def enqueued(db: Session) -> list[OutboxMessage]:
    return list(db.scalars(select(OutboxMessage).order_by(OutboxMessage.created_at)))


def live(db: Session, account: Account) -> int:
    return len(sign_ins.of_account(db, account_id=account.id, now=clock.now(), limit=100))


# Mailed links


def test_a_link_is_enqueued_for_an_account_and_a_row_without_one_for_a_stranger(db: Session, account: Account) -> None:
    sign_ins.ask_link(db, email="Zarina@EXAMPLE.org", kind="sign_in_link")
    for stranger in ("nobody@example.org", "somebody@example.org"):
        sign_ins.ask_link(db, email=stranger, kind="sign_in_link")
    [message] = [row for row in enqueued(db) if row.subject > 0]
    assert len({row.subject for row in enqueued(db)}) == 3
    version, end = map(int, message.key.split("."))
    assert (message.kind, message.subject, version) == ("sign_in_link", account.id, 1)
    assert 29 * 60 <= end - clock.now().timestamp() + 60 <= 31 * 60


def test_asking_again_at_once_fills_no_mailbox(db: Session, account: Account) -> None:
    with time_machine.travel(clock.now().replace(second=10), tick=False) as now:
        for _ in range(5):
            sign_ins.ask_link(db, email=account.email, kind="sign_in_link")
        assert len(enqueued(db)) == 1
        now.shift(timedelta(minutes=1))
        sign_ins.ask_link(db, email=account.email, kind="sign_in_link")
        assert len(enqueued(db)) == 2


def test_a_link_is_valid_once_and_revokes_the_others(db: Session, account: Account) -> None:
    assert sign_ins.use_link(db, account_id=account.id, version=1).version == 2
    with pytest.raises(Unidentified):
        sign_ins.use_link(db, account_id=account.id, version=1)


# Second factors


def turn_on(db: Session, account: Account, password: str = PASSWORD) -> tuple[str, list[str]]:
    second_factors.start(db, account=account, password=password, secrets=SECRETS)
    secret = second_factors.secret_of(account, secrets=SECRETS)
    assert secret is not None
    code = one_time_codes.code_at(secret, clock.now())
    return secret, second_factors.confirm(db, account=account, code=code, secrets=SECRETS)


def next_code(secret: str) -> str:
    """Return the code after the used one; valid already, and still in half a minute."""
    return one_time_codes.code_at(secret, clock.now() + timedelta(seconds=one_time_codes.STEP_SECONDS))


def test_no_code_is_required_before_one_was_confirmed(db: Session, account: Account) -> None:
    second_factors.start(db, account=account, password=PASSWORD, secrets=SECRETS)
    with pytest.raises(Invalid):
        second_factors.confirm(db, account=account, code="000000x", secrets=SECRETS)
    assert account.totp_since is None
    assert second_factors.recovery_codes_left(db, account_id=account.id) == 0


def test_the_secret_is_not_in_the_database_and_opens_with_an_older_key(db: Session, account: Account) -> None:
    secret, _ = turn_on(db, account)
    assert secret.encode() not in (account.totp_secret or b"")
    assert second_factors.secret_of(account, secrets=(b"a newer key that is long enough too!", SECRET)) == secret
    assert second_factors.secret_of(account, secrets=(b"a newer key that is long enough too!",)) is None


def test_a_code_is_good_once(db: Session, account: Account) -> None:
    secret, _ = turn_on(db, account)
    code = next_code(secret)
    second_factors.verify(db, account=account, code=code, secrets=SECRETS)
    with pytest.raises(Invalid) as refusal:
        second_factors.verify(db, account=account, code=code, secrets=SECRETS)
    assert refusal.value.field == "code"


def test_each_recovery_code_is_good_once_and_kept_as_its_digest(db: Session, account: Account) -> None:
    _, codes = turn_on(db, account)
    hashes = db.scalars(select(RecoveryCode.code_hash)).all()
    assert len(hashes) == 10
    assert not {code.encode() for code in codes} & set(hashes)
    second_factors.verify(db, account=account, code=codes[3].lower(), secrets=SECRETS)
    assert second_factors.recovery_codes_left(db, account_id=account.id) == 9
    with pytest.raises(Invalid):
        second_factors.verify(db, account=account, code=codes[3], secrets=SECRETS)


def test_a_recovery_code_of_another_account_is_refused(db: Session, account: Account) -> None:
    _, codes = turn_on(db, make_account(db))
    turn_on(db, account)
    with pytest.raises(Invalid):
        second_factors.verify(db, account=account, code=codes[0], secrets=SECRETS)


def test_new_recovery_codes_replace_the_earlier_ones(db: Session, account: Account) -> None:
    _, before = turn_on(db, account)
    after = second_factors.renew(db, account=account, password=PASSWORD, code=before[0], secrets=SECRETS)
    assert not set(before) & set(after)
    with pytest.raises(Invalid):
        second_factors.verify(db, account=account, code=before[1], secrets=SECRETS)
    second_factors.verify(db, account=account, code=after[0], secrets=SECRETS)


def test_turning_it_off_takes_a_code_and_starting_anew_draws_another_secret(db: Session, account: Account) -> None:
    secret, codes = turn_on(db, account)
    with pytest.raises(Conflicting):
        second_factors.start(db, account=account, password=PASSWORD, secrets=SECRETS)
    with pytest.raises(Invalid):
        second_factors.stop(db, account=account, password=PASSWORD, code="123", secrets=SECRETS)
    second_factors.stop(db, account=account, password=PASSWORD, code=codes[0], secrets=SECRETS)
    assert (account.totp_secret, account.totp_since, account.totp_step) == (None, None, None)
    assert second_factors.recovery_codes_left(db, account_id=account.id) == 0
    assert turn_on(db, account)[0] != secret


# Wrong codes


def guess(db: Session, account: Account, code: str = "000000") -> str:
    """Return the answer to a code."""
    try:
        second_factors.verify(db, account=account, code=code, secrets=SECRETS)
    except Counted as refusal:
        return refusal.reason
    return "right"


def notices(db: Session) -> list[str]:
    """Return the notices emailed to the account, in order."""
    return [message.key.partition(" ")[0] for message in enqueued(db) if message.kind == "account_notice"]


@pytest.fixture
def wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make codes of six zeros wrong, even in the rare step when they are right."""
    real = one_time_codes.step_of
    no_step = lambda secret, code, **when: None if code == "000000" else real(secret, code, **when)  # noqa: E731
    monkeypatch.setattr(one_time_codes, "step_of", no_step)


@pytest.mark.usefixtures("wrong")
def test_ten_wrong_codes_are_taken_and_then_one_a_day_for_good(db: Session, account: Account) -> None:
    secret, _ = turn_on(db, account)
    with time_machine.travel(clock.now() + timedelta(minutes=1), tick=False) as now:
        assert [guess(db, account) for _ in range(12)] == ["code_wrong"] * 10 + ["codes_used_up"] * 2
        assert guess(db, account, one_time_codes.code_at(secret, clock.now())) == "codes_used_up"
        for _ in range(30):
            now.shift(timedelta(days=1))
            assert [guess(db, account) for _ in range(2)] == ["code_wrong", "codes_used_up"]
        now.shift(timedelta(days=365))
        assert [guess(db, account) for _ in range(11)] == ["code_wrong"] * 10 + ["codes_used_up"]


@pytest.mark.usefixtures("wrong")
def test_right_codes_cost_nothing_and_allow_no_more_guesses(db: Session, account: Account) -> None:
    secret, _ = turn_on(db, account)
    with time_machine.travel(clock.now(), tick=False) as now:
        for number in range(25):
            now.shift(timedelta(minutes=1))
            assert guess(db, account, one_time_codes.code_at(secret, clock.now())) == "right"
            if number < 9:
                assert guess(db, account) == "code_wrong"
        assert [guess(db, account) for _ in range(2)] == ["code_wrong", "codes_used_up"]


@pytest.mark.usefixtures("wrong")
def test_a_recovery_code_signs_in_and_ends_the_wait(db: Session, account: Account) -> None:
    _, codes = turn_on(db, account)
    for _ in range(11):
        guess(db, account)
    assert guess(db, account) == "codes_used_up"
    second_factors.verify_recovery_code(db, account=account, code=codes[0])
    assert guess(db, account) == "code_wrong"


@pytest.mark.usefixtures("wrong")
def test_changing_the_password_or_removing_the_factor_ends_the_wait_too(db: Session, account: Account) -> None:
    turn_on(db, account)
    for end in ("password", "operator"):
        for _ in range(11):
            guess(db, account)
        assert guess(db, account) == "codes_used_up"
        if end == "password":
            accounts.change_password(db, account=account, old=PASSWORD, new="another horse", sign_in_id=0)
        else:
            second_factors.remove(db, account=account)
        db.refresh(account)
        assert account.wrong_codes_until is None


@pytest.mark.usefixtures("wrong")
def test_from_the_fifth_wrong_code_on_the_account_is_emailed_once_a_day(db: Session, account: Account) -> None:
    turn_on(db, account)
    with time_machine.travel(clock.now().replace(hour=3), tick=False):
        for _ in range(4):
            guess(db, account)
        assert "account.wrong_codes" not in notices(db)
        for _ in range(30):
            guess(db, account)
        assert notices(db).count("account.wrong_codes") == 1


# Acts that require the password again, and are emailed


def test_the_second_factor_is_set_up_renewed_and_stopped_with_the_password_only(db: Session, account: Account) -> None:
    with pytest.raises(Invalid) as refusal:
        second_factors.start(db, account=account, password="a wrong horse", secrets=SECRETS)
    assert (refusal.value.field, refusal.value.reason, account.totp_secret) == ("password", "password_wrong", None)
    _, codes = turn_on(db, account)
    for act in (second_factors.renew, second_factors.stop):
        with pytest.raises(Invalid) as refusal:
            act(db, account=account, password="a wrong horse", code=codes[0], secrets=SECRETS)
        assert refusal.value.reason == "password_wrong"
    assert (account.totp_since is not None, second_factors.recovery_codes_left(db, account_id=account.id)) == (True, 10)


def test_each_change_of_how_an_account_signs_in_is_emailed_to_it(db: Session, account: Account) -> None:
    _, codes = turn_on(db, account)
    second_factors.verify_recovery_code(db, account=account, code=codes[0])
    codes = second_factors.renew(db, account=account, password=PASSWORD, code=codes[1], secrets=SECRETS)
    accounts.change_password(db, account=account, old=PASSWORD, new="another horse", sign_in_id=0)
    second_factors.stop(db, account=account, password="another horse", code=codes[0], secrets=SECRETS)
    turn_on(db, account, "another horse")
    second_factors.remove(db, account=account)
    accounts.reset_password(db, account_id=account.id, version=2, new="a third horse")
    assert {message.subject for message in enqueued(db) if message.kind == "account_notice"} == {account.id}
    assert set(notices(db)) == {
        "account.second_factor_on",
        "account.recovery_code_used",
        "account.recovery_codes_renewed",
        "account.password_changed",
        "account.second_factor_off",
        "account.second_factor_removed",
        "account.password_reset",
    }


# Where one is signed in


def test_one_or_all_other_sign_ins_are_ended(db: Session, account: Account) -> None:
    for _ in range(3):
        make_sign_in(db, account)
    stranger = make_account(db)
    make_sign_in(db, stranger)
    first, second, third = (
        sign_in.id for sign_in in sign_ins.of_account(db, account_id=account.id, now=clock.now(), limit=9)
    )
    sign_ins.revoke(db, account=stranger, sign_in_id=first)
    assert live(db, account) == 3
    sign_ins.revoke(db, account=account, sign_in_id=first)
    assert live(db, account) == 2
    sign_ins.revoke_all(db, account_id=account.id, but=second)
    assert [sign_in.id for sign_in in sign_ins.of_account(db, account_id=account.id, now=clock.now(), limit=9)] == [
        second
    ]
    assert third != second
    assert live(db, stranger) == 1


# Passwords


def test_changing_the_password_needs_the_old_one_and_ends_other_sign_ins(db: Session, account: Account) -> None:
    for _ in range(2):
        make_sign_in(db, account)
    sign_in_id = db.scalars(select(SignIn.id).where(SignIn.account_id == account.id)).first() or 0
    with pytest.raises(Invalid) as refusal:
        accounts.change_password(db, account=account, old="wrong", new="another horse", sign_in_id=sign_in_id)
    assert (refusal.value.field, live(db, account)) == ("old", 2)
    accounts.change_password(db, account=account, old=PASSWORD, new="another horse", sign_in_id=sign_in_id)
    assert live(db, account) == 1
    assert sign_ins.by_password(db, email=account.email, password="another horse") is account
    with pytest.raises(Unidentified):
        sign_ins.use_link(db, account_id=account.id, version=1)


def test_an_emailed_link_sets_a_password_once_and_ends_all_sign_ins(db: Session, account: Account) -> None:
    make_sign_in(db, account)
    with pytest.raises(Invalid):
        accounts.reset_password(db, account_id=account.id, version=1, new="short")
    accounts.reset_password(db, account_id=account.id, version=1, new="another horse")
    assert live(db, account) == 0
    assert sign_ins.by_password(db, email=account.email, password="another horse") is account
    with pytest.raises(Unidentified):
        accounts.reset_password(db, account_id=account.id, version=1, new="a third horse")


# The first account


def test_the_first_visits_code_is_valid_until_an_account_exists(db: Session) -> None:
    code = tokens.first_code(SECRET)
    with pytest.raises(Invalid):
        accounts.require_first(db, code="AAAAAAAAAA", secrets=SECRETS)
    accounts.require_first(
        db, code=f" {code[:5].lower()}-{code[5:]} ", secrets=(b"a newer key, long enough for it all", SECRET)
    )
    make_account(db)
    with pytest.raises(Conflicting):
        accounts.require_first(db, code=code, secrets=SECRETS)
