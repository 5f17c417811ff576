"""Passwords: refusals of bad ones, and few hashes at a time."""

import threading
from collections.abc import Iterator

import pytest
from argon2 import PasswordHasher, extract_parameters
from argon2.profiles import RFC_9106_LOW_MEMORY
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from shared.accounts import accounts, passwords, sign_ins
from shared.command.processes import wait_until
from shared.errors import Busy, Invalid
from shared.models import Account
from tests.conftest import OWN_HASHER

OWN = "manizha@example.org"


def reason(password: str, *names: str) -> str:
    with pytest.raises(Invalid) as refusal:
        passwords.require_good(password, names=names)
    assert refusal.value.field == "password"
    return refusal.value.reason


@pytest.mark.parametrize(
    "password",
    ["password", "Password1", "12345678", "87654321", "abcdefgh", "aaaaaaaa", "abababab", " " * 8, "qwertyuiop"],
)
def test_a_common_repeated_or_sequential_password_is_refused(password: str) -> None:
    assert reason(password) == "password_common"


@pytest.mark.parametrize("password", ["ПАРОЛЬ123", "йцукенгш", "душанбе1", "тоҷикистон", "gfhjkm123", "privet123"])
def test_a_password_common_in_russian_or_tajik_is_refused(password: str) -> None:
    assert reason(password) == "password_common"


@pytest.mark.parametrize("password", ["manizha1", "Peshraft-2026", "Turnout!!1", "example99", "пешрафт1", "Каримова77"])
def test_a_name_of_the_account_its_organization_or_the_service_is_refused(password: str) -> None:
    assert reason(password, OWN, "Манижа Каримова", "Peshraft", "Пешрафт") == "password_named"


@pytest.mark.parametrize(
    "password",
    [
        "correct horse",
        "дар боғи мо себ бисёр",
        "peshraft meets on tuesdays",
        "tr0ub4dor&3",
        "correct horse battery " * 9,
    ],
)
def test_a_long_password_is_accepted_without_rules_of_composition(password: str) -> None:
    passwords.require_good(password[:200], names=(OWN, "Манижа", "Peshraft"))


def test_the_list_holds_more_than_three_thousand_of_eight_characters_and_more() -> None:
    listed = passwords.COMMON.read_text(encoding="utf-8").split()
    assert len(set(listed)) == len(listed) > 3000
    assert min(map(len, listed)) >= passwords.SHORTEST
    assert all(password == password.casefold() for password in listed)


@given(st.text(max_size=250), st.lists(st.text(max_size=20), max_size=3))
def test_any_text_is_taken_or_refused_for_a_reason_and_never_fails(password: str, names: list[str]) -> None:
    reasons = []
    try:
        passwords.require_good(password, names=names)
    except Invalid as refusal:
        reasons.append(refusal.reason)
    assert set(reasons) <= {"password_length", "password_common", "password_named"}
    is_short_or_long = not passwords.SHORTEST <= len(password) <= passwords.LONGEST
    assert ("password_length" in reasons) == is_short_or_long


def test_no_account_has_or_changes_to_a_common_password(db: Session) -> None:
    for password in ("password1", "zarina2026", "peshraft1"):
        with pytest.raises(Invalid):
            accounts.create(db, email="zarina@example.org", name="Z", password=password, organization=("Peshraft",))
    account = accounts.create(db, email="zarina@example.org", name="Z", password="correct horse")
    with pytest.raises(Invalid):
        accounts.change_password(db, account=account, old="correct horse", new="zarina2026", sign_in_id=0)
    with pytest.raises(Invalid):
        accounts.reset_password(db, account_id=account.id, version=1, new="zarina2026")


def test_a_hash_has_the_low_memory_cost_of_rfc_9106(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "_hasher", OWN_HASHER)
    password_hash = passwords.hash_password("correct horse")
    assert extract_parameters(password_hash) == RFC_9106_LOW_MEMORY
    assert (RFC_9106_LOW_MEMORY.memory_cost, RFC_9106_LOW_MEMORY.time_cost) == (64 * 1024, 3)
    assert not passwords.is_outdated(password_hash)


def test_a_hash_with_outdated_parameters_is_replaced_at_the_next_sign_in(db: Session) -> None:
    weak = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash("correct horse")
    account = Account(email="zarina@example.org", name="Z", password_hash=weak)
    db.add(account)
    db.flush()
    sign_ins.by_password(db, email=account.email, password="correct horse")
    renewed = account.password_hash
    assert renewed is not None
    assert renewed != weak
    assert not passwords.is_outdated(renewed)
    sign_ins.by_password(db, email=account.email, password="correct horse")
    assert account.password_hash == renewed


class Slow:
    """A hasher that works for as long as it is let."""

    def __init__(self) -> None:
        self.at_work, self.most, self.begun = 0, 0, threading.Semaphore(0)
        self.let_go = threading.Event()

    def verify(self, _hash: str, _password: str) -> bool:
        self.at_work += 1
        self.most = max(self.most, self.at_work)
        self.begun.release()
        self.let_go.wait(10)
        self.at_work -= 1
        return True


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Iterator[Slow]:
    slow = Slow()
    monkeypatch.setattr(passwords, "_hasher", slow)
    yield slow
    slow.let_go.set()


def test_one_hash_runs_one_waits_and_others_fail_at_once(slow: Slow) -> None:
    threads = [threading.Thread(target=passwords.matches, args=("hash", "password")) for _ in range(2)]
    for thread in threads:
        thread.start()
    assert slow.begun.acquire(timeout=10)
    assert wait_until(lambda: not passwords._admitted._value, lambda: True, 5)
    for _ in range(3):
        with pytest.raises(Busy):
            passwords.matches("hash", "password")
    slow.let_go.set()
    for thread in threads:
        thread.join(10)
    assert slow.most == 1
    assert passwords.matches("hash", "password")


def test_a_waiting_request_fails_after_two_seconds(slow: Slow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "PATIENCE_SECONDS", 0.01)
    thread = threading.Thread(target=passwords.matches, args=("hash", "password"))
    thread.start()
    assert slow.begun.acquire(timeout=10)
    with pytest.raises(Busy):
        passwords.matches("hash", "password")
    slow.let_go.set()
    thread.join(10)
