"""A ticket is stored without writing any index of registrations anew.

A ticket's code and its picture concern no door, so they leave `revision`, which is indexed, as it is. Beyond 1 kB a row
stores its picture apart, and pages keep room for the second version of a row. Both hold for rows written from now on.
"""

from collections.abc import Sequence

from alembic import op

revision: str = "0020"
down_revision: str | None = "0019"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

# A generated column is computed only after this trigger: NEW has none.
STAMP_REVISION = """
    CREATE OR REPLACE FUNCTION stamp_revision() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF NEW.code IS DISTINCT FROM OLD.code OR NEW.qr IS DISTINCT FROM OLD.qr THEN
            OLD.code := NEW.code;
            OLD.qr := NEW.qr;
            OLD.name_order := NEW.name_order;
            IF OLD IS NOT DISTINCT FROM NEW THEN
                RETURN NEW;
            END IF;
        END IF;
        NEW.revision := pg_current_xact_id()::text::bigint;
        RETURN NEW;
    END $$
"""
STAMP_EACH_REVISION = """
    CREATE OR REPLACE FUNCTION stamp_revision() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        NEW.revision := pg_current_xact_id()::text::bigint;
        RETURN NEW;
    END $$
"""


def upgrade() -> None:
    op.execute(STAMP_REVISION)
    op.execute("ALTER TABLE registration SET (fillfactor = 60, toast_tuple_target = 1024)")


def downgrade() -> None:
    op.execute("ALTER TABLE registration RESET (fillfactor, toast_tuple_target)")
    op.execute(STAMP_EACH_REVISION)
