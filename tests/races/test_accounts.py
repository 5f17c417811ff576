"""Threads and real commits: an organization keeps an owner, and what is good once is good once."""

from datetime import timedelta

import pytest

from shared import clock, second_factor, tokens
from shared.errors import Conflicting, Counted, DomainError, Invalid, Missing, NotAllowed, Unidentified
from shared.models import Account, Invitation
from shared.operations import accounts, members, second_factors, sign_ins
from shared.queries import accounts as found
from tests.conftest import Committed
from tests.factories import SECRET, make_account, make_organization
from tests.races.test_seats import together

SECRETS = (SECRET,)
ROUNDS = 10


def owners(committed: Committed) -> tuple[int, list[int]]:
    with committed.sessions.begin() as db:
        organization = make_organization(db)
        made = [make_account(db, organization=organization, role="owner").id for _ in range(2)]
        return organization.id, made


@pytest.mark.parametrize("act", ["demote", "remove"])
def test_two_owners_who_part_with_each_other_at_once_leave_one(committed: Committed, act: str) -> None:
    for _ in range(ROUNDS):
        organization_id, both = owners(committed)

        def part(place: int, organization_id: int = organization_id, both: list[int] = both) -> str:
            try:
                with committed.sessions.begin() as db:
                    given = {"by": db.get_one(Account, both[place]), "organization_id": organization_id}
                    given["account_id"] = both[1 - place]
                    if act == "remove":
                        members.remove(db, **given)
                    else:
                        members.change_role(db, **given, role="viewer")
            except (NotAllowed, Conflicting):
                return "refused"
            return "done"

        assert together(2, part) == {"done": 1, "refused": 1}
        with committed.sessions.begin() as db:
            left = found.members(db, organization_id=organization_id, limit=9)
            assert [role for _, role in left].count("owner") == 1


def test_two_owners_who_leave_at_once_leave_one(committed: Committed) -> None:
    for _ in range(ROUNDS):
        organization_id, both = owners(committed)

        def leave(place: int, organization_id: int = organization_id, both: list[int] = both) -> str:
            try:
                with committed.sessions.begin() as db:
                    me = db.get_one(Account, both[place])
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
        code = second_factor.code_at(secret, clock.now())
        [recovery, *_] = second_factors.confirm(db, account=account, code=code, secrets=SECRETS)
        number = account.id
    # The next code is good already, and still in half a minute.
    following = second_factor.code_at(secret, clock.now() + timedelta(seconds=second_factor.STEP_SECONDS))
    for shown in (following, recovery):
        outcome = good_once(
            committed,
            lambda db, shown=shown: second_factors.verify(
                db, account=db.get_one(Account, number), code=shown, secrets=SECRETS
            ),
        )
        assert outcome == {"good": 1, "refused": 7}


def test_however_many_wrong_codes_come_at_once_ten_are_tried(committed: Committed) -> None:
    with committed.sessions.begin() as db:
        account = make_account(db)
        second_factors.start(db, account=account, password="", secrets=SECRETS)
        secret = second_factors.secret_of(account, secrets=SECRETS) or ""
        code = second_factor.code_at(secret, clock.now())
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
        given = {"email": "one@example.org", "role": "viewer", "language": "tg"}
        asked = members.invite(db, by=by, organization_id=organization.id, **given).id
        guests = [make_account(db).id for _ in range(8)]

    def accept(place: int) -> str:
        try:
            with committed.sessions.begin() as db:
                invitation = db.get_one(Invitation, asked)
                members.accept(db, invitation=invitation, account=db.get_one(Account, guests[place]))
        except Missing:
            return "refused"
        return "joined"

    assert together(8, accept) == {"joined": 1, "refused": 7}


def test_the_first_account_is_created_once(committed: Committed) -> None:
    def come(place: int) -> str:
        try:
            with committed.sessions.begin() as db:
                accounts.require_first(db, code=tokens.first_code(SECRET), secrets=SECRETS)
                accounts.create(db, email=f"{place}@example.org", name="Ann", password="a good password")
        except (Conflicting, Invalid, Unidentified):
            return "refused"
        return "made"

    assert together(8, come) == {"made": 1, "refused": 7}
