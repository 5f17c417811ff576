"""Programs beside us: they die with us, and nothing of them is left."""

import os
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path

import psutil
import pytest

from shared.command.logs import Log
from shared.command.processes import CannotStart, Process, halt, spawn, wait_until
from shared.command.supervisor import Stopped, Supervisor

FOREVER = "import signal; signal.pause()"


def _part(name: str, code: str, folder: Path, **more: object) -> Process:
    return Process(name, (sys.executable, "-I", "-c", code), folder, **more)  # type: ignore[arg-type]  # fields of Part


def test_a_part_dies_with_its_parent(tmp_path: Path) -> None:
    code = (
        "import os, subprocess, sys, pathlib; from shared.command.processes import Process, spawn;"
        f"p = spawn(Process('it', (sys.executable, '-I', '-c', {FOREVER!r}), pathlib.Path('.')), subprocess.DEVNULL);"
        "print(p.pid, flush=True); os.kill(os.getpid(), 9)"
    )
    parent = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert parent.returncode == -signal.SIGKILL, parent.stderr
    assert wait_until(lambda: not _lives(int(parent.stdout)), lambda: True, 10)


def _lives(pid: int) -> bool:
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


def test_what_a_part_left_running_is_taken_away(tmp_path: Path) -> None:
    code = (
        f"import os, sys; child = os.fork(); child or os.execv(sys.executable, ['x', '-c', {FOREVER!r}]); print(child)"
    )
    process = spawn(_part("it", code, tmp_path), subprocess.PIPE)
    assert process.stdout
    child = int(process.stdout.readline())
    process.stdout.close()
    halt(process, signal.SIGTERM)
    assert wait_until(lambda: not _lives(child), lambda: True, 10)


def test_a_part_that_will_not_stop_is_ended(tmp_path: Path) -> None:
    deaf = "import signal; signal.signal(15, signal.SIG_IGN); print(1, flush=True);" + "\nwhile True: signal.pause()"
    process = spawn(_part("it", deaf, tmp_path), subprocess.PIPE)
    assert process.stdout
    process.stdout.readline()
    process.stdout.close()
    halt(process, signal.SIGTERM, 0.1)
    assert process.returncode == -signal.SIGKILL


def test_the_reason_for_not_starting_is_what_was_said_last(tmp_path: Path) -> None:
    supervisor = Supervisor(partial(Log, tmp_path), print)
    broken = _part(
        "broken", "print('one', flush=True); raise SystemExit('no such table')", tmp_path, answers=lambda: False
    )
    with pytest.raises(CannotStart, match="broken does not start: no such table"):
        supervisor.start(broken)
    supervisor.stop()


def test_what_ends_by_itself_gives_what_it_printed_or_fails(tmp_path: Path) -> None:
    supervisor = Supervisor(partial(Log, tmp_path), print)
    assert supervisor.finish(_part("well", "print('done')", tmp_path)) == b"done\n"
    with pytest.raises(CannotStart, match="ill failed: no"):
        supervisor.finish(_part("ill", "raise SystemExit('no')", tmp_path))
    supervisor.stopping.set()
    with pytest.raises(Stopped):
        supervisor.finish(_part("asked to stop", FOREVER, tmp_path))
    supervisor.stop()


def test_the_pause_before_a_part_is_started_again_grows(tmp_path: Path) -> None:
    lines: list[str] = []

    def note(line: str) -> None:
        lines.append(line)
        if len(lines) == 3:
            supervisor.stopping.set()

    supervisor = Supervisor(partial(Log, tmp_path), note)
    supervisor.start(_part("ill", "raise SystemExit(7)", tmp_path))
    supervisor.watch()
    supervisor.stop()
    assert [line.partition(":")[0] for line in lines] == [
        "ill died (status 7), again in 0.5 s",
        "ill died (status 7), again in 1 s",
        "ill died (status 7), again in 2 s",
    ]


def test_a_finite_part_restarts_on_failure_and_is_reported_done_once(tmp_path: Path) -> None:
    lines: list[str] = []

    def note(line: str) -> None:
        lines.append(line)
        if line == "It is done." or len(lines) == 2:
            supervisor.stopping.set()

    supervisor = Supervisor(partial(Log, tmp_path), note)
    code = (
        "import pathlib; path = pathlib.Path('tried'); seen = path.exists(); path.touch(); raise SystemExit(not seen)"
    )
    supervisor.start(_part("it", code, tmp_path, done="It is done."))
    supervisor.watch()
    supervisor.stop()
    assert [line.partition(",")[0] for line in lines] == ["it died (status 1)", "It is done."]


def test_a_part_gets_only_the_environment_that_it_is_given(tmp_path: Path) -> None:
    code = "import os; print(sorted(set(os.environ) - {'LC_CTYPE'}))"
    assert "PATH" in os.environ
    printed = Supervisor(partial(Log, tmp_path), print).finish(
        _part("it", code, tmp_path, environment={"ONLY": "this"})
    )
    assert printed == b"['ONLY']\n"


def test_a_signal_stops_it_whatever_the_main_thread_holds(tmp_path: Path) -> None:
    supervisor = Supervisor(partial(Log, tmp_path), print)
    asked = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = [signal.getsignal(number) for number in asked]
    supervisor.stop_on_signals()
    try:
        # As while it begins to wait, or while the handler of another signal sets it.
        with supervisor.stopping._cond:  # type: ignore[attr-defined]  # the lock that Event keeps to itself
            signal.raise_signal(signal.SIGINT)
        assert supervisor.stopping.wait(10)
    finally:
        for number, handler in zip(asked, before, strict=True):
            signal.signal(number, handler)
