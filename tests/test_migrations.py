"""One line of migrations; it results in the models, and can be reversed."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
import time_machine
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, exists, inspect, select, text

from shared import i18n
from shared.command.demo.load import NAME, load
from shared.command.migrate import upgrade
from shared.models import (
    Admission,
    Audit,
    Event,
    EventSession,
    FailureReason,
    Organization,
    OutboxMessage,
    TicketType,
    TicketTypeSession,
)
from tests.conftest import Committed
from tests.factories import make_event, make_registration
from web.organizer.audit.texts import ACTS
from worker.account_emails import NOTICES


@pytest.fixture
def connection(committed: Committed) -> Iterator[Connection]:
    with committed.engine.begin() as connection:
        yield connection


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", "shared/migrations")
    config.attributes["connection"] = connection
    return config


def test_there_is_one_head(connection: Connection) -> None:
    assert len(ScriptDirectory.from_config(_config(connection)).get_heads()) == 1


VERSIONS = Path("shared/migrations/versions")
ONLY_ADD = "0020"
"""The first migration that the version before has to get along with."""
LOSES = re.compile(r"drop_(?:column|table)|rename|alter_column|DROP (?:COLUMN|TABLE)|RENAME|SET NOT NULL|ALTER COLUMN")
REQUIRES = re.compile(r"add_column\((?!.*server_default).*nullable=False")


def losses(migration: str) -> list[str]:
    """Return what the upgrade of a migration takes from code of before, or requires of it."""
    upgrading = migration.partition("def downgrade")[0]
    return [*LOSES.findall(upgrading), *REQUIRES.findall(upgrading)]


def test_a_migration_only_adds_so_that_the_version_before_goes_on() -> None:
    migrations = [path for path in sorted(VERSIONS.glob("[0-9]*.py")) if path.name >= ONLY_ADD]
    assert len(migrations) >= 4
    assert {path.name: losses(path.read_text()) for path in migrations if losses(path.read_text())} == {}


@pytest.mark.parametrize(
    "line",
    [
        'op.drop_column("event", "city")',
        'op.alter_column("event", "city", nullable=False)',
        'op.execute("ALTER TABLE event RENAME COLUMN city TO town")',
        'op.add_column("event", sa.Column("city", sa.Text(), nullable=False))',
    ],
)
def test_a_migration_that_takes_something_is_found(line: str) -> None:
    assert losses(f"def upgrade():\n    {line}\n\n\ndef downgrade():\n    pass\n") != []
    assert losses(f"def upgrade():\n    pass\n\n\ndef downgrade():\n    {line}\n") == []


def test_the_migrated_schema_equals_the_models(connection: Connection) -> None:
    context = MigrationContext.configure(connection, opts={"compare_server_default": True})
    assert compare_metadata(context, Event.metadata) == []


def test_the_checks_of_the_models_are_in_the_schema(connection: Connection) -> None:
    inspector = inspect(connection)
    for table in Event.metadata.sorted_tables:
        declared = {str(constraint.name) for constraint in table.constraints if "ck_" in str(constraint.name)}
        assert {constraint["name"] for constraint in inspector.get_check_constraints(table.name)} == declared


def test_down_to_nothing_and_up_again(connection: Connection) -> None:
    command.downgrade(_config(connection), "base")
    assert inspect(connection).get_table_names() == ["alembic_version"]
    assert connection.scalar(text("SELECT count(*) FROM pg_proc WHERE pronamespace = 'public'::regnamespace")) == 0
    command.upgrade(_config(connection), "head")
    assert "registration" in inspect(connection).get_table_names()


CREATED = {
    "v0.1": datetime(2026, 11, 24, 12, tzinfo=UTC),
    "revision-0014": datetime(2026, 12, 1, 8, 19, tzinfo=UTC),
    "revision-0016": datetime(2026, 12, 1, 10, 5, tzinfo=UTC),
}
"""When each dump was created with its demo: on a later day other events are ahead."""
DUMPS = sorted((Path(__file__).parent / "migrations").glob("*.sql"))
BEFORE_THE_GLOSSARY = Path(__file__).parent / "migrations" / "revision-0014.sql"
"""It has an audit row of each action that has another name since, and an email to an account that waits."""
BEFORE_THE_ROOMS = Path(__file__).parent / "migrations" / "revision-0016.sql"
"""It has a ticket type that names no session, of an event with two."""


@pytest.fixture
def earlier(committed: Committed, request: pytest.FixtureRequest) -> Committed:
    """Return a database as an earlier version left it."""
    with committed.engine.begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    with psycopg.connect(committed.engine.url.set(drivername="postgresql").render_as_string(False)) as raw:
        raw.execute(request.param.read_bytes())
    return committed


@pytest.mark.parametrize("earlier", DUMPS, indirect=True, ids=lambda path: path.stem)
def test_an_earlier_version_is_upgraded_without_loss(earlier: Committed, request: pytest.FixtureRequest) -> None:
    before = _people(earlier)
    upgrade(earlier.settings)
    with earlier.engine.begin() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Event.metadata) == []
    assert _people(earlier) == before
    with time_machine.travel(CREATED[request.node.callspec.id]):
        # Under such an address no sample evenings are added.
        load(earlier.settings.model_copy(update={"base_url": "https://turnout.example"}))
    assert _people(earlier) == before
    with earlier.sessions.begin() as db:
        named = {str(name) for name in db.scalars(select(Organization.name).where(Organization.sample))}
        texts = {event.slug: f"{event.title} {event.summary}" for event in db.scalars(select(Event))}
    assert named == {str(NAME)}
    assert "open-discussion-domestic-violence" not in texts
    assert not [text for text in texts.values() if "violence" in text or "learned to" in text]


@pytest.mark.parametrize("earlier", [BEFORE_THE_GLOSSARY], indirect=True, ids=lambda path: path.stem)
def test_audit_actions_of_before_have_a_sentence_and_waiting_notices_are_understood(earlier: Committed) -> None:
    with earlier.engine.begin() as connection:
        before = connection.scalar(text("SELECT count(*) FROM audit"))
    upgrade(earlier.settings)
    with earlier.sessions.begin() as db:
        actions = db.scalars(select(Audit.action)).all()
        [notice] = db.scalars(select(OutboxMessage.key).where(OutboxMessage.kind == "account_notice"))
    assert len(actions) == before
    assert set(actions) - ACTS.keys() == set()
    action, moment = notice.split(" ")
    assert (action in NOTICES, moment) == (True, "1764547200")


@pytest.mark.parametrize("earlier", [BEFORE_THE_ROOMS], indirect=True, ids=lambda path: path.stem)
def test_a_ticket_type_that_named_no_session_admits_to_all_as_before(earlier: Committed) -> None:
    named_none = select(TicketType.id).where(~exists().where(TicketTypeSession.ticket_type_id == TicketType.id))
    with earlier.sessions() as db:
        [ticket_type_id] = db.scalars(named_none)
    upgrade(earlier.settings)
    with earlier.sessions() as db:
        ticket_type = db.get_one(TicketType, ticket_type_id)
        assert len(ticket_type.sessions) == 2
        assert ticket_type.sessions == db.get_one(Event, ticket_type.event_id).sessions
        assert db.scalars(named_none).all() == []


def test_there_is_a_dump_of_every_version() -> None:
    assert [path.stem for path in DUMPS] == ["revision-0014", "revision-0016", "v0.1"]


def _people(earlier: Committed) -> dict[str, int]:
    """Return the number of rows of each table that an upgrade must not lose."""
    with earlier.engine.begin() as connection:
        tables = ("registration", "scan", "admission", "report", "outbox", "ticket_key", "device")
        return {table: connection.scalar(text(f"SELECT count(*) FROM {table}")) or 0 for table in tables}


PAIRED_TWICE = """
    INSERT INTO door_pass (door_id) SELECT id FROM door ORDER BY id LIMIT 1;
    INSERT INTO door (event_id, name) SELECT event_id, '{"en": "South"}' FROM door ORDER BY id LIMIT 1;
    INSERT INTO door_pass (door_id) SELECT max(id) FROM door;
    INSERT INTO device (door_pass_id, phone, token_hash, scans)
    SELECT id, '00000000-0000-4000-8000-000000000001', decode(md5(id::text), 'hex'), 1
    FROM (SELECT id FROM door_pass ORDER BY id DESC LIMIT 2) AS pass ORDER BY id;
    INSERT INTO scan (id, event_id, session_id, kind, at, device_id, digest)
    SELECT gen_random_uuid(), door.event_id, part.id, 'refused', 1, device.id, ''
    FROM device JOIN door_pass ON door_pass.id = device.door_pass_id JOIN door ON door.id = door_pass.door_id
    JOIN LATERAL (SELECT min(id) AS id FROM event_session WHERE event_id = door.event_id) part ON true
    WHERE phone = '00000000-0000-4000-8000-000000000001';
"""


@pytest.mark.parametrize("earlier", DUMPS[-1:], indirect=True, ids=lambda path: path.stem)
def test_a_phone_that_was_paired_at_two_doors_stays_where_it_scanned(earlier: Committed) -> None:
    with earlier.engine.begin() as connection:
        for statement in PAIRED_TWICE.split(";\n"):
            connection.execute(text(statement.replace(":", r"\:")))
    upgrade(earlier.settings)
    with earlier.engine.begin() as connection:
        scanned = connection.execute(
            text(
                "SELECT door.name ->> 'en', device.scans, device.phone::text LIKE '00000000%' AS is_kept FROM scan "
                "JOIN door ON door.id = scan.door_id JOIN device ON device.id = scan.device_id "
                "WHERE scan.kind = 'refused' ORDER BY device.id"
            )
        ).all()
    (first, _, first_is_kept), (second, scans, second_is_kept) = scanned[-2:]
    assert (first != "South", second, first_is_kept, second_is_kept, scans) == (True, "South", False, True, 2)


def test_an_events_only_session_keeps_its_calendar_entry(committed: Committed) -> None:
    with committed.sessions.begin() as db:
        alone, divided = make_event(db), make_event(db)
        db.add(EventSession(event_id=divided.id, position=1))
        db.flush()
        db.expire_all()
        expected = [(session.id, event is alone) for event in (alone, divided) for session in event.sessions]
    with committed.engine.begin() as connection:
        command.downgrade(_config(connection), "0004")
        command.upgrade(_config(connection), "0005")
        stored = connection.execute(text("SELECT id, plain_uid FROM event_session ORDER BY id")).all()
    assert [(number, plain) for number, plain in stored] == expected


def test_registration_beforehand_and_the_source_of_guests_are_stored(committed: Committed) -> None:
    with committed.sessions.begin() as db:
        event, other_event = make_event(db), make_event(db)
        make_registration(db, event, ticket_id="a" * 16)
        walk_in = make_registration(db, event, walk_in=True).ticket_id
        make_registration(db, other_event, ticket_id="b" * 16)
        host = make_registration(db, event, source="poster")
        brought = make_registration(db, event, host_id=host.id, email=None, contact_key=None).id
        people = {"a" * 16: True, "b" * 16: False, "c" * 16: False, walk_in: False}
        session_id = event.sessions[0].id
        db.add_all(Admission(person=person, session_id=session_id, event_id=event.id) for person in people)
    with committed.engine.begin() as connection:
        command.downgrade(_config(connection), "0005")
        command.upgrade(_config(connection), "0006")
        stored = connection.execute(text("SELECT person, registered FROM admission")).all()
        heard = connection.execute(text("SELECT source FROM registration WHERE id = :id"), {"id": brought}).scalar()
    assert {tuple(row) for row in stored} == set(people.items())
    assert heard == "poster"


def test_names_are_folded_before_the_lock(committed: Committed, monkeypatch: pytest.MonkeyPatch) -> None:
    with committed.sessions.begin() as db:
        event = make_event(db)
        for name in ("Юсуф", "Диёр", "Юсуф"):
            make_registration(db, event, name=name)
    with committed.engine.begin() as connection:
        command.downgrade(_config(connection), "0012")
    # Databases of one template have tables of one number.
    locks = (
        "mode = 'AccessExclusiveLock' AND relation = 'registration'::regclass"
        " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    )
    fold, locked = i18n.search_key, {}

    def watched(name: str) -> str:
        with committed.engine.begin() as connection:
            locked[name] = connection.scalar(text(f"SELECT count(*) FROM pg_locks WHERE {locks}"))
        return fold(name)

    monkeypatch.setattr(i18n, "search_key", watched)
    upgrade(committed.settings)
    assert {"Юсуф", "Диёр"} < set(locked)
    assert set(locked.values()) == {0}


def test_names_are_folded_and_ordered_anew(committed: Committed) -> None:
    with committed.sessions.begin() as db:
        event = make_event(db, title={"tg": "Шаҳри Диёр"})
        people = [make_registration(db, event, name=name).id for name in ("Юсуф", "Диёр", "Валиев")]
    with committed.engine.begin() as connection:
        command.downgrade(_config(connection), "0011")
        connection.execute(text("UPDATE registration SET name_key = 'dior', revision = 1 WHERE name = 'Диёр'"))
        connection.execute(text("UPDATE event SET search_key = 'shahri dior'"))
        revisions = dict(connection.execute(text("SELECT name, revision FROM registration")).all())
    upgrade(committed.settings)
    with committed.engine.begin() as connection:
        query = text("SELECT id, name, name_key, revision FROM registration ORDER BY name_order")
        rows = connection.execute(query).all()
        event_key = connection.scalar(text("SELECT search_key FROM event"))
    assert [row.id for row in rows] == [people[2], people[1], people[0]]
    assert [(row.name_key, row.revision == revisions[row.name]) for row in rows] == [
        ("valiev", True),
        ("dier", False),
        ("iusuf", True),
    ]
    assert event_key == "shahri dier"


FAILED_BEFORE = {
    "SMTPRecipientsRefused: {'a@b.org': (550, b'5.1.1 No such user')}": FailureReason.ADDRESS_REFUSED,
    "SMTPRecipientsRefused: {'a@b.org': (550, b\"Don't know (451, b'4.2.2')\")}": FailureReason.ADDRESS_REFUSED,
    "SMTPRecipientsRefused: {'a@b.org': (552, b'5.2.2 Over quota')}": FailureReason.MAILBOX_FULL,
    "SMTPRecipientsRefused: {'a@b.org': (554, b'5.7.1 Blocked')}": FailureReason.RECIPIENT_REFUSED,
    "SMTPRecipientsRefused: {'a@b.org': (452, b'4.2.2 Full')}": FailureReason.MAILBOX_FULL_NOW,
    "SMTPRecipientsRefused: {'a@b.org': (450, b'Greylisted')}": FailureReason.NOT_NOW,
    "SMTPRecipientsRefused: {'a@b.org': (-1, b'HTTP')}": FailureReason.OTHER,
    "SMTPSenderRefused: (553, b'5.1.8 Bad sender', 'turnout@b.org')": FailureReason.SENDER_REFUSED,
    "SMTPAuthenticationError: (535, b'5.7.8 Wrong password')": FailureReason.SIGN_IN_REFUSED,
    "SMTPDataError: (552, b'5.2.2 Over quota')": FailureReason.EMAIL_REFUSED,
    "SMTPDataError: (451, b'4.3.0 Busy')": FailureReason.NOT_NOW,
    "SMTPNotSupportedError: SMTPUTF8 not supported by server": FailureReason.ADDRESS_UNSUPPORTED,
    "SMTPConnectError: (554, b'No')": FailureReason.CONNECTION_REFUSED,
    "SMTPHeloError: (501, b'Who?')": FailureReason.CONNECTION_REFUSED,
    "SMTPServerDisconnected: Connection unexpectedly closed": FailureReason.CONNECTION_CLOSED,
    "Unanswered: the worker ended": FailureReason.UNANSWERED,
    "gaierror: [Errno -2] Name or service not known": FailureReason.SERVER_NOT_FOUND,
    "SSLCertVerificationError: expired": FailureReason.CERTIFICATE_WRONG,
    "ConnectionRefusedError: [Errno 111] Connection refused": FailureReason.SERVER_UNREACHABLE,
    "OSError: [Errno 113] No route to host": FailureReason.SERVER_UNREACHABLE,
    "TimeoutError: ": FailureReason.SERVER_TIMEOUT,
    "EmailNotValidError: no": FailureReason.ADDRESS_INVALID,
    "EmailSyntaxError: no": FailureReason.ADDRESS_INVALID,
    "NoKey: SECRET_KEY did not make the ticket key": FailureReason.KEY_MISSING,
    "OperationalError: (psycopg) gone\nBackground: none": FailureReason.DATABASE_UNREACHABLE,
    "KeyError: 'title'": FailureReason.OTHER,
}
"""Outcomes of failures as versions before 0019 stored them."""
ADD_MESSAGE = text("""
    INSERT INTO outbox (kind, subject, outcome, dead_at, finished_at)
    VALUES (:kind, :subject, :outcome, CASE WHEN :subject % 2 = 0 THEN now() END, CASE :kind WHEN 'sent' THEN now() END)
""")


def test_an_earlier_failure_has_its_reason_and_loses_its_exceptions_name(committed: Committed) -> None:
    with committed.engine.begin() as connection:
        command.downgrade(_config(connection), "0018")
        rows = [{"kind": "failed", "subject": n, "outcome": outcome} for n, outcome in enumerate(FAILED_BEFORE)]
        rows += [{"kind": "sent", "subject": 1, "outcome": "skipped: stopped"}]
        rows += [{"kind": "queued", "subject": 1, "outcome": None}]
        connection.execute(ADD_MESSAGE, rows)
    upgrade(committed.settings)
    with committed.sessions() as db:
        messages = db.scalars(select(OutboxMessage).order_by(OutboxMessage.kind, OutboxMessage.subject)).all()
    assert [(message.outcome, message.failure) for message in messages] == [
        *((outcome.partition(": ")[2], failure) for outcome, failure in FAILED_BEFORE.items()),
        (None, None),
        ("skipped: stopped", None),
    ]
    assert set(FAILED_BEFORE.values()) == set(FailureReason)
