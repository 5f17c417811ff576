"""The cursor of a phone's copy of the roster: the epoch of the database, and the transactions whose rows the copy has.

Transaction numbers are of one cluster, and after a restore they may name other rows. So each restore begins an epoch,
and a cursor of another epoch counts for nothing. The epoch is computed from what a restore cannot leave as it was: the
cluster, its timeline (recovery to a point in time begins one), the database and the table `epoch`, which pg_restore
makes anew.
"""

from dataclasses import dataclass

from sqlalchemy import BigInteger, LargeBinary, literal_column

EPOCH = literal_column(
    """sha256(concat_ws(
        ' ',
        (SELECT value FROM epoch),
        'epoch'::regclass::oid,
        (SELECT oid FROM pg_database WHERE datname = current_database()),
        (SELECT system_identifier FROM pg_control_system()),
        left(pg_walfile_name(pg_current_wal_lsn()), 8)
    )::bytea)""",
    LargeBinary,
)
OLDEST_OPEN = literal_column("pg_snapshot_xmin(pg_current_snapshot())::text::bigint", BigInteger)
# The snapshot itself does not reach the transaction that reads.
NEXT = literal_column(
    """greatest(
        pg_snapshot_xmax(pg_current_snapshot())::text::bigint, pg_current_xact_id_if_assigned()::text::bigint + 1
    )""",
    BigInteger,
)
COLUMNS = (EPOCH, OLDEST_OPEN, NEXT)
"""What ReadPoint is made from; any statement may select them."""
EVERY_REVISION = range(2**63 - 1)
EPOCH_LETTERS = 16
LONGEST_NUMBER = 19


@dataclass(frozen=True, slots=True)
class ReadPoint:
    """The database as one statement read it: its epoch, the oldest open transaction, and the next one to begin."""

    epoch: str
    oldest_open: int
    next: int

    @classmethod
    def of(cls, epoch: bytes, oldest_open: int, following: int) -> "ReadPoint":
        """Return the read point of the values of COLUMNS."""
        return cls(epoch.hex()[:EPOCH_LETTERS], oldest_open, following)

    @property
    def cursor(self) -> str:
        """Return the cursor of a copy that was read here.

        It names the oldest transaction still open, so that a row numbered before and committed after it is in the next
        poll; a phone may get a row twice, which its fold ignores.
        """
        return f"{self.epoch}-{self.oldest_open}"

    def revisions_since(self, cursor: str | None) -> range:
        """Return the revisions that changed since a cursor: every revision, unless the cursor is of this epoch.

        Rows of an earlier cluster have revisions that this one has not reached. The range leaves them out: the phone
        got them with everything else when the epoch began.
        """
        epoch, _, number = (cursor or "").partition("-")
        if epoch != self.epoch or not number.isdecimal() or len(number) > LONGEST_NUMBER:
            return EVERY_REVISION
        return range(int(number), self.next) if int(number) <= self.oldest_open else EVERY_REVISION
