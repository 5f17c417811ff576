"""Threads and real commits: an organization keeps an owner, and a one-time code works once."""

from datetime import timedelta

import pytest

from shared import clock, tokens
from shared.accounts import accounts, members, one_time_codes, second_factors, sign_ins
from shared.errors import Conflicting, Counted, DomainError, Invalid, Missing, NotAllowed, Unidentified
from shared.models import Account, Invitation
from tests.conftest import Committed
from tests.factories import SECRET, make_account, make_organization
from tests.support.threads import together

SECRETS = (SECRET,)
ROUNDS = 10


def owners(committed: Committed) -> tuple[int, list[int]]:
    with committed.sessions.begin() as db:
        organization = make_organization(db)
        account_ids = [make_account(db, organization=organization, role="owner").id for _ in range(2)]
        return organization.id, account_ids


@pytest.mark.parametrize("act", ["demote", "remove"])
def test_two_owners_who_part_with_each_other_at_once_leave_one(committed: Committed, act: str) -> None:
    for _ in range(ROUNDS):
        organization_id, both = owners(committed)

        def remove_other(position: int, organization_id: int = organization_id, both: list[int] = both) -> str:
            try:
                with committed.sessions.begin() as db:
                    arguments = {"by": db.get_one(Account, both[position]), "organization_id": organization_id}
                    arguments["account_id"] = both[1 - position]
                    if act == "remove":
                        members.remove(db, **arguments)
                    else:
                        members.change_role(db, **arguments, role="viewer")
            except (NotAllowed, Conflicting):
                return "refused"
            return "done"

        assert together(2, remove_other) == {"done": 1, "refused": 1}
        with committed.sessions.begin() as db:
            remaining = members.of_organization(db, organization_id=organization_id, limit=9)
            assert [role for _, role in remaining].count("owner") == 1


def test_two_owners_who_leave_at_once_leave_one(committed: Committed) -> None:
    for _ in range(ROUNDS):
        organization_id, both = owners(committed)

        def leave(position: int, organization_id: int = organization_id, both: list[int] = both) -> str:
            try:
                with committed.sessions.begin() as db:
                    me = db.get_one(Account, both[position])
                    members.remove(db, by=me, organization_id=organization_id, account_id=me.id)
            except Conflicting:
                return "refused"
            return "done"

        assert together(2, leave) == {"done": 1, "refused": 1}


def good_once(committed: Committed, act: object) -> dict[str, int]:
    def attempt(_: int) -> str:
        try:
            with committed.sessions.begin() as db:
                act(db)  # type: ignore[operator]  # a function of the session
        except DomainError:
            return "refused"
        return "good"

    return dict(together(8, attempt))


def test_an_emailed_link_signs_in_once_however_often_it_is_submitted(committed: Committed) -> None:
    with committed.sessions.begin() as db:
        number = make_account(db).id
    outcome = good_once(committed, lambda db: sign_ins.use_link(db, account_id=number, version=1))
    assert outcome == {"good": 1, "refused": 7}


def test_a_code_and_a_recovery_code_are_good_once(committed: Committed) -> None:
    with committed.sessions.begin() as db:
        account = make_account(db)
        second_factors.start(db, account=account, password="", secrets=SECRETS)
        secret = second_factors.secret_of(account, secrets=SECRETS) or ""
        code = one_time_codes.code_at(secret, clock.now())
        [recovery, *_] = second_factors.confirm(db, account=account, code=code, secrets=SECRETS)
        number = account.id
    # The next code is good already, and still in half a minute.
    following = one_time_codes.code_at(secret, clock.now() + timedelta(seconds=one_time_codes.STEP_SECONDS))
    for code in (following, recovery):
        outcome = good_once(
            committed,
            lambda db, code=code: second_factors.verify(
                db, account=db.get_one(Account, number), code=code, secrets=SECRETS
            ),
        )
        assert outcome == {"good": 1, "refused": 7}


def test_however_many_wrong_codes_come_at_once_ten_are_tried(committed: Committed) -> None:
    with committed.sessions.begin() as db:
        account = make_account(db)
        second_factors.start(db, account=account, password="", secrets=SECRETS)
        secret = second_factors.secret_of(account, secrets=SECRETS) or ""
        code = one_time_codes.code_at(secret, clock.now())
        second_factors.confirm(db, account=account, code=code, secrets=SECRETS)
        number = account.id

    def guess(_: int) -> str:
        # The code that was used up: as wrong as any other, and never right by chance.
        with committed.sessions.begin() as db:
            try:
                second_factors.verify(db, account=db.get_one(Account, number), code=code, secrets=SECRETS)
            except Counted as refusal:
                return refusal.reason
        return "right"

    assert together(24, guess) == {"code_wrong": 10, "codes_used_up": 14}


def test_an_invitation_is_accepted_once(committed: Committed) -> None:
    with committed.sessions.begin() as db:
        organization = make_organization(db)
        by = make_account(db, organization=organization, role="owner")
        arguments = {"email": "one@example.org", "role": "viewer", "language": "tg"}
        invitation_id = members.invite(db, by=by, organization_id=organization.id, **arguments).id
        guests = [make_account(db).id for _ in range(8)]

    def accept(position: int) -> str:
        try:
            with committed.sessions.begin() as db:
                invitation = db.get_one(Invitation, invitation_id)
                members.accept(db, invitation=invitation, account=db.get_one(Account, guests[position]))
        except Missing:
            return "refused"
        return "joined"

    assert together(8, accept) == {"joined": 1, "refused": 7}


def test_the_first_account_is_created_once(committed: Committed) -> None:
    def create(position: int) -> str:
        try:
            with committed.sessions.begin() as db:
                accounts.require_first(db, code=tokens.first_code(SECRET), secrets=SECRETS)
                accounts.create(db, email=f"{position}@example.org", name="Ann", password="a good password")
        except (Conflicting, Invalid, Unidentified):
            return "refused"
        return "made"

    assert together(8, create) == {"made": 1, "refused": 7}
