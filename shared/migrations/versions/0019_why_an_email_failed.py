"""Why an email failed is a word in a column of its own; until now it was read from the text of the exception.

The text loses the exception's name: it is the answer of the mail server.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0019"
down_revision: str | None = "0018"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

REASONS = [
    "address_refused",
    "recipient_refused",
    "email_refused",
    "sender_refused",
    "sign_in_refused",
    "mailbox_full",
    "mailbox_full_now",
    "not_now",
    "unanswered",
    "address_invalid",
    "address_unsupported",
    "server_not_found",
    "server_unreachable",
    "server_timeout",
    "certificate_wrong",
    "connection_refused",
    "connection_closed",
    "key_missing",
    "database_unreachable",
    "other",
]
# smtplib wrote an answer as (452, b'4.2.2 Mailbox full'), with the code of RFC 3463 where the server gave one.
FILL = r"""
    UPDATE outbox SET outcome = regexp_replace(outbox.outcome, '^\w+: ', ''), failure = CASE
        WHEN code = '4' AND status = '2.2' THEN 'mailbox_full_now'
        WHEN code = '4' THEN 'not_now'
        WHEN name = 'SMTPRecipientsRefused' AND code = '5' AND status = '2.2' THEN 'mailbox_full'
        WHEN name = 'SMTPRecipientsRefused' AND code = '5' AND status NOT LIKE '1.%' THEN 'recipient_refused'
        WHEN name = 'SMTPRecipientsRefused' AND code = '5' THEN 'address_refused'
        WHEN name = 'SMTPSenderRefused' THEN 'sender_refused'
        WHEN name = 'SMTPAuthenticationError' THEN 'sign_in_refused'
        WHEN name = 'SMTPDataError' THEN 'email_refused'
        WHEN name = 'SMTPNotSupportedError' THEN 'address_unsupported'
        WHEN name IN ('SMTPConnectError', 'SMTPHeloError') THEN 'connection_refused'
        WHEN name = 'SMTPServerDisconnected' THEN 'connection_closed'
        WHEN name = 'Unanswered' THEN 'unanswered'
        WHEN name = 'gaierror' THEN 'server_not_found'
        WHEN name = 'SSLCertVerificationError' THEN 'certificate_wrong'
        WHEN name IN ('ConnectionRefusedError', 'OSError') THEN 'server_unreachable'
        WHEN name = 'TimeoutError' THEN 'server_timeout'
        WHEN name IN ('EmailNotValidError', 'EmailSyntaxError') THEN 'address_invalid'
        WHEN name = 'NoKey' THEN 'key_missing'
        WHEN name = 'OperationalError' THEN 'database_unreachable'
        ELSE 'other' END
    FROM (
        SELECT id, name, reply[1] AS code, reply[3] AS status FROM outbox,
            LATERAL (SELECT substring(outcome FROM '^(\w+): ') AS name) AS exception,
            LATERAL (SELECT regexp_match(outcome, '\((\d)\d\d, b?[''"](\d\.(\d{1,3}\.\d{1,3})\y)?') AS reply) AS answer
        WHERE finished_at IS NULL AND outcome IS NOT NULL
    ) AS earlier WHERE earlier.id = outbox.id
"""


def upgrade() -> None:
    op.add_column("outbox", sa.Column("failure", sa.Text(), nullable=True))
    op.execute(FILL)
    listed = ", ".join(f"'{reason}'" for reason in REASONS)
    op.create_check_constraint(op.f("ck_outbox_failure"), "outbox", f"failure IN ({listed})")


def downgrade() -> None:
    op.drop_column("outbox", "failure")
