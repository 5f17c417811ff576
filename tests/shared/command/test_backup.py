"""`turnout backup`: one file, whole or not there, that only its owner may read and only the passphrase opens."""

import gzip
import json
import os
import pty
import stat
import subprocess
import tracemalloc
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import text

from shared.command import backup, main
from shared.command.home import Home
from shared.command.installation import publish
from shared.command.sealed import MAGIC
from tests.conftest import Committed
from tests.factories import SECRET, make_registration
from tests.support.backups import PASSPHRASE, Operator
from tests.support.turnout_up import TURNOUT

NOWHERE = "postgresql://turnout@127.0.0.1:1/turnout"


def test_a_backup_is_sealed_and_for_its_owner_alone(operator: Operator, committed: Committed) -> None:
    with committed.sessions.begin() as db:
        make_registration(db, name="Фарзона")
    printed = operator.succeed("backup")
    file = operator.file.read_bytes()
    assert f"{len(file):,} bytes" in printed
    assert stat.S_IMODE(operator.file.stat().st_mode) == 0o600
    assert file.startswith(MAGIC)
    assert SECRET not in file
    about, _, sql = b"".join(operator.content()).partition(b"\n")
    assert json.loads(about)["secret_key"] == SECRET.decode()
    assert "Фарзона" in gzip.decompress(sql).decode()
    assert sorted(path.name for path in operator.folder.iterdir()) == ["passphrase", "turnout.backup"]


def test_a_backup_that_fails_leaves_the_earlier_one(operator: Operator) -> None:
    operator.file.write_bytes(b"the earlier one")
    assert operator.fail("backup", DATABASE_URL=NOWHERE).startswith("the database says: ")
    assert operator.file.read_bytes() == b"the earlier one"
    assert sorted(path.name for path in operator.folder.iterdir()) == ["passphrase", "turnout.backup"]


def test_a_dump_that_fails_leaves_the_earlier_backup(operator: Operator, monkeypatch: pytest.MonkeyPatch) -> None:
    operator.file.write_bytes(b"the earlier one")
    monkeypatch.setattr(backup, "DUMP_OPTIONS", ("--table=missing",))
    assert operator.fail("backup") == "pg_dump says: no matching tables were found"
    assert operator.file.read_bytes() == b"the earlier one"
    assert sorted(path.name for path in operator.folder.iterdir()) == ["passphrase", "turnout.backup"]


def test_a_folder_that_is_missing_is_one_line(operator: Operator) -> None:
    operator.file = operator.folder / "missing" / "turnout.backup"
    assert "No such file or directory" in operator.fail("backup")


def test_a_short_passphrase_is_refused(operator: Operator) -> None:
    operator.passphrase.write_text("12345678901\n1234567890123")
    assert operator.fail("backup") == "a passphrase has at least 12 characters"
    operator.passphrase.write_text("")
    assert operator.fail("backup") == "a passphrase has at least 12 characters"


def test_without_a_terminal_and_a_file_there_is_no_passphrase(operator: Operator) -> None:
    result = CliRunner().invoke(main, ["backup", str(operator.file)], env=operator.environment)
    assert (result.exit_code, result.output.count("\n")) == (2, 1)
    assert "name its file with --passphrase-file" in result.output


def test_the_terminal_asks_twice_for_a_new_passphrase(operator: Operator) -> None:
    screen, terminal = pty.openpty()
    command = [*TURNOUT, "backup", str(operator.file)]
    environment = {**os.environ, **operator.environment}
    with subprocess.Popen(command, stdin=terminal, stdout=terminal, stderr=terminal, env=environment) as process:
        os.close(terminal)
        for prompt in (b"Passphrase of the backup: ", b"Repeat for confirmation: "):
            shown = b""
            while not shown.endswith(prompt):
                shown += os.read(screen, 1)
            os.write(screen, f"{PASSPHRASE}\n".encode())
    os.close(screen)
    assert process.returncode == 0
    assert b"secret_key" in next(operator.content())


def test_an_installation_that_turnout_up_runs_is_backed_up(operator: Operator, tmp_path: Path) -> None:
    running = Home(tmp_path / "data")
    with running.lock("http://127.0.0.1:8000"):
        publish(running, operator.environment)
        operator.succeed("backup", "--data", running.path)
    assert SECRET in next(operator.content())


def test_a_folder_without_turnout_is_not_made(operator: Operator, tmp_path: Path) -> None:
    nowhere = tmp_path / "nowhere"
    assert operator.fail("backup", "--data", nowhere).startswith(f"there is no Turnout in {nowhere}")
    assert not nowhere.exists()


@pytest.mark.parametrize("command", ["backup", "restore"])
def test_a_large_database_takes_little_memory(operator: Operator, committed: Committed, command: str) -> None:
    with committed.engine.begin() as connection:
        connection.execute(text("CREATE TABLE large AS SELECT gen_random_uuid() FROM generate_series(1, 100000)"))
    committed.engine.dispose()
    operator.succeed("backup")
    assert operator.file.stat().st_size > 2_000_000
    tracemalloc.start()
    operator.succeed(command, *(["--replace"] if command == "restore" else []))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1_000_000
