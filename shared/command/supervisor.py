"""Supervision of parts: a part that dies or hangs is started again after a growing pause, with a line in the log."""

import signal
import subprocess
import threading
import time
from _thread import start_new_thread
from collections.abc import Callable
from dataclasses import dataclass

from shared.command.logs import Log
from shared.command.processes import CannotStart, Process, clear, halt, spawn, wait_until

FIRST_PAUSE = 0.5
LONGEST_PAUSE = 30.0
# A part that lives this long was well: its next death starts again at the first pause.
WELL_AFTER = 60.0
# Migrations of a large database take a while.
_FINISHED_AFTER = 3600.0
_LOOK_EVERY = 0.2
ASK_EVERY = 1.0
# With one question's timeout, and a start, a process that hangs is replaced within 15 s.
HUNG_AFTER = 8.0
# Under load a start takes its time.
_STARTED_AFTER = 60.0
# For what it does when another takes its place; longer than the front keeps an idle connection (front.py).
LEAVES_AFTER = 30.0


@dataclass
class _Running:
    """A part and its state; `process` is None while it waits to be started again at `due`, `silent` is the time of its
    first unanswered question, 0 while it answers.
    """

    part: Process
    log: Log
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    due: float = 0.0
    pause: float = FIRST_PAUSE
    silent: float = 0.0
    has_answered: bool = False

    def hangs(self) -> bool:
        """Return True if it has not answered for too long.

        Only questions count: time in which we stood still ourselves, as in a paused container, is not its silence.
        """
        patience = HUNG_AFTER if self.has_answered else _STARTED_AFTER
        return bool(self.silent) and time.monotonic() - self.silent > patience


class Stopped(Exception):
    """A request to stop during the start."""


class Supervisor:
    """Starts parts in order and stops them in reverse order. To be used from one thread."""

    def __init__(self, log_of: Callable[[str], Log], report: Callable[[str], None], name: str = "up") -> None:
        self.stopping = threading.Event()
        self._log_of = log_of
        self._say = report
        self._log = log_of(name)
        self._running: list[_Running] = []
        self._renewing = threading.Event()
        self._leaving: list[threading.Thread] = []

    def stop_on_signals(self) -> None:
        """Stop when the operator, or the terminal's end, asks for it. From the main thread only."""
        for signal_number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            # Not set() here: it would wait forever for the event's lock where the main thread has it at this moment, as
            # it does in set() itself when a second signal comes. Nor Thread.start(), which takes locks of its own.
            signal.signal(signal_number, lambda *_: start_new_thread(self.stopping.set, ()))

    def renew_on_hangup(self) -> None:
        """Replace parts without a gap on SIGHUP. From the main thread only, after stop_on_signals()."""
        signal.signal(signal.SIGHUP, lambda *_: start_new_thread(self.renew, ()))

    def renew(self) -> None:
        """Have the parts that can be renewed replaced, one after the other, by the thread that watches."""
        self._renewing.set()

    def start(self, *parts: Process, seconds: float = 120) -> None:
        """Start parts side by side and wait until all of them answer. Raises CannotStart, Stopped."""
        started = [_Running(part, self._log_of(part.name)) for part in parts]
        self._running += started
        for running in started:
            self._spawn(running)
        for running in started:
            self._wait_for(running, seconds)
            if running.part.lives:
                running.has_answered = True
                threading.Thread(target=self._ask, args=(running,), daemon=True).start()

    def finish(self, part: Process) -> bytes:
        """Run a part that ends by itself and return its output. Raises CannotStart, Stopped."""
        log = self._log_of(part.name)
        process = spawn(part, subprocess.PIPE, errors=subprocess.PIPE)
        assert process.stdout
        assert process.stderr
        log.follow(process.stderr)
        with process.stdout as printed:
            wait_until(self.stopping.is_set, lambda: process.poll() is None, _FINISHED_AFTER)
            halt(process, part.stop, 5)
            self._raise_if_stopped()
            if process.returncode:
                raise CannotStart(f"{part.name} failed: {log.last()} ({log.where})")
            return printed.read()

    def watch(self) -> None:
        """Restart parts that die, until asked to stop."""
        while not self.stopping.wait(_LOOK_EVERY):
            if self._renewing.is_set():
                self._renewing.clear()
                self._renew_all()
            for running in list(self._running):
                self._look_at(running)

    def stop(self) -> None:
        """Stop everything, the last started first, and wait for it."""
        self.stopping.set()
        for running in reversed(self._running):
            if running.process:
                halt(running.process, running.part.stop, running.part.patience)
                self._log.write(event="stopped", stopped=running.part.name)
        for leaving in self._leaving:
            leaving.join()

    def _spawn(self, running: _Running) -> None:
        running.started, running.silent, running.has_answered = time.monotonic(), 0.0, False
        running.process = spawn(running.part, subprocess.PIPE)
        assert running.process.stdout
        running.log.follow(running.process.stdout)
        self._log.write(event="started", started=running.part.name, pid=running.process.pid)

    def _wait_for(self, running: _Running, seconds: float) -> None:
        process = running.process
        answered = process and wait_until(
            running.part.answers, lambda: process.poll() is None and not self.stopping.is_set(), seconds
        )
        self._raise_if_stopped()
        if not answered:
            raise CannotStart(f"{running.part.name} does not start: {running.log.last()} ({running.log.where})")

    def _raise_if_stopped(self) -> None:
        if self.stopping.is_set():
            raise Stopped

    def _look_at(self, running: _Running) -> None:
        if running.process is None:
            if time.monotonic() >= running.due:
                self._spawn(running)
        elif running.process.poll() == 0 and running.part.done:
            self._running.remove(running)
            self._log.write(event="ended", ended=running.part.name)
            self._say(running.part.done)
        elif running.process.poll() is not None:
            self._bury(running, running.process)
        elif running.hangs():
            self._say(f"{running.part.name} does not answer and is replaced")
            self._log.write(event="hung", hung=running.part.name, pid=running.process.pid)
            clear(running.process)
            self._bury(running, running.process)

    def _renew_all(self) -> None:
        for running in self._running:
            if running.part.renewed and running.process:
                self._renew(running, running.part.renewed(), running.process)

    def _renew(self, running: _Running, part: Process, former: "subprocess.Popen[bytes]") -> None:
        """Replace the process of a part once the next one answers; if it does not, the former one stays."""
        fresh = _Running(part, running.log)
        self._spawn(fresh)
        process = fresh.process
        assert process
        may_wait = lambda: process.poll() is None and not self.stopping.is_set()  # noqa: E731 - as in _wait_for
        if not wait_until(part.answers, may_wait, _STARTED_AFTER):
            clear(process)
            self._log.write(event="not renewed", kept=part.name, said=running.log.last())
            return
        part.take_over()
        leaves = threading.Thread(target=self._retire, args=(running.part, former), daemon=True)
        running.part, running.process, running.started = part, process, fresh.started
        running.silent, running.has_answered = 0.0, True
        self._leaving = [thread for thread in self._leaving if thread.is_alive()] + [leaves]
        leaves.start()

    def _retire(self, part: Process, process: "subprocess.Popen[bytes]") -> None:
        part.leave()
        self.stopping.wait(LEAVES_AFTER)
        halt(process, part.stop, part.patience)
        self._log.write(event="renewed", renewed=part.name)

    def _ask(self, running: _Running) -> None:
        """Ask a part if it lives, in a thread: a hung part takes its time not to answer."""
        while not self.stopping.wait(ASK_EVERY):
            process, lives, began = running.process, running.part.lives, time.monotonic()
            has_answered = bool(process and lives and lives())
            if process is not running.process:
                continue
            running.silent = 0.0 if has_answered else running.silent or began
            running.has_answered = running.has_answered or has_answered

    def _bury(self, running: _Running, process: subprocess.Popen[bytes]) -> None:
        clear(process)
        if time.monotonic() - running.started > WELL_AFTER:
            running.pause = FIRST_PAUSE
        last_line = running.log.last()
        self._log.write(
            event="died", died=running.part.name, status=process.returncode, said=last_line, again_in=running.pause
        )
        self._say(f"{running.part.name} died ({_cause(process.returncode)}), again in {running.pause:g} s: {last_line}")
        running.process = None
        running.due = time.monotonic() + running.pause
        running.pause = min(running.pause * 2, LONGEST_PAUSE)


def _cause(status: int) -> str:
    return f"signal {-status}" if status < 0 else f"status {status}"
