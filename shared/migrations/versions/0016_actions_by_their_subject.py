"""Audit actions by the subject that they are about: a door, a pass, a phone, not all of them "doors"."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0016"
down_revision: str | None = "0015"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

RENAMED = {
    "doors.added": "door.added",
    "doors.renamed": "door.renamed",
    "doors.closed": "door.closed",
    "doors.reopened": "door.reopened",
    "doors.rules": "door.rules_edited",
    "doors.made": "door_pass.created",
    "doors.renewed": "door_pass.renewed",
    "doors.ended": "door_pass.revoked",
    "doors.revoked": "phone.revoked",
    "doors.revoked_and_renewed": "phone.revoked_and_pass_renewed",
    "doors.allowed": "phone.allowed",
    "doors.quarantine_accepted": "quarantine.accepted",
    "doors.quarantine_deleted": "quarantine.deleted",
    "doors.settled": "conflict.settled",
    "doors.opened": "conflict.reopened",
    "doors.merged": "walk_in.merged",
    "doors.separated": "walk_in.separated",
    "doors.files": "scan_file.imported",
    "doors.ticked": "paper_list.checked_in",
    "mails.sent_again": "email.resent",
    "registration.sent_again": "registration.email_resent",
    "registration.scan_undone": "registration.check_in_undone",
    "registration.admitted": "registration.checked_in",
    "report.written_down": "report.edited",
    "visits.begun": "returning_attendees.enabled",
    "visits.forgotten": "returning_attendees.deleted",
    "member.invited_again": "member.invitation_resent",
    "member.invitation_withdrawn": "member.invitation_revoked",
    "mailing.written": "mailing.created",
    "mailing.rewritten": "mailing.edited",
    "mailing.begun": "mailing.started",
    "account.second_step_on": "account.second_factor_on",
    "account.second_step_off": "account.second_factor_off",
    "account.second_step_removed": "account.second_factor_removed",
    "people.printed": "people.sign_in_sheet_created",
    "event.discarded": "event.draft_deleted",
}
"""Code of before shows an action that it does not know by its name, and goes on."""


def upgrade() -> None:
    _rename(RENAMED)


def downgrade() -> None:
    _rename({new: old for old, new in RENAMED.items()})


def _rename(names: dict[str, str]) -> None:
    pairs = sa.values(sa.column("old", sa.Text), sa.column("new", sa.Text), name="renamed").data(list(names.items()))
    audit = sa.table("audit", sa.column("action", sa.Text))
    # The audit is append-only, by a trigger. It stays so for everyone else: they wait until the end of this migration.
    op.execute("ALTER TABLE audit DISABLE TRIGGER keep_audit")
    op.execute(sa.update(audit).where(audit.c.action == pairs.c.old).values(action=pairs.c.new))
    op.execute("ALTER TABLE audit ENABLE TRIGGER keep_audit")
    # An email about an account names its action at the beginning of its key, and may still be waiting.
    outbox = sa.table("outbox", sa.column("kind", sa.Text), sa.column("key", sa.Text), sa.column("finished_at"))
    action, moment = sa.func.split_part(outbox.c.key, " ", 1), sa.func.split_part(outbox.c.key, " ", 2)
    waiting = (outbox.c.kind == "account_notice", outbox.c.finished_at.is_(None), action == pairs.c.old)
    op.execute(sa.update(outbox).where(*waiting).values(key=pairs.c.new + " " + moment))
