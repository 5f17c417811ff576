"""A web tier as it runs: a server in front and processes behind it."""

import contextlib
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import psutil

from shared.command.certificate import certificate_for
from shared.command.embedded import temporary_directory
from shared.command.front import Listening
from shared.command.home import free_port
from shared.command.logs import Log
from shared.command.supervisor import Supervisor
from shared.command.web import web_processes
from tests.conftest import Committed
from tests.support.processes import environment
from tests.support.slow_clients import Address


class Tier:
    """A web tier that runs in threads of this process, on a database of the test's own."""

    def __init__(
        self, committed: Committed, folder: Path, *, has_tls: bool = False, workers: int = 2, **settings: object
    ) -> None:
        self.address = Address(free_port(), has_tls)
        self.folder = folder
        self.said: list[str] = []
        changed = {"base_url": f"http{'s' * has_tls}://127.0.0.1:{self.address.port}", **settings}
        variables = environment(committed.settings.model_copy(update=changed))
        files = (folder / "certificate.pem", folder / "key.pem") if has_tls else ()
        if has_tls:
            certificate_for(folder, "127.0.0.1")
        proxies = int(str(settings.get("turnout_trusted_proxies", 0)))
        listening = Listening("127.0.0.1", self.address.port, *files, proxies=proxies)
        self.supervisor = Supervisor(partial(Log, folder), self.said.append)
        self.supervisor.start(*web_processes(listening, folder, variables, workers=workers))
        self._watching = threading.Thread(target=self.supervisor.watch)
        self._watching.start()

    def processes(self, file: str) -> list[psutil.Process]:
        """Return the processes whose command names a file in the folder that begins so, the oldest first."""
        children = psutil.Process().children(recursive=True)
        processes = (child for child in children if str(self.folder / file) in _command(child))
        return sorted(processes, key=psutil.Process.create_time)

    def logs(self) -> str:
        """Return the text of all logs."""
        return "\n".join(path.read_text() for path in sorted(self.folder.glob("*.log")))

    def stop(self) -> None:
        """Stop all of it."""
        self.supervisor.stopping.set()
        self._watching.join()
        self.supervisor.stop()


def _command(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.NoSuchProcess:
        return ""


@contextlib.contextmanager
def running(committed: Committed, **options: Any) -> Iterator[Tier]:
    """Run a web tier for as long as the block runs."""
    with temporary_directory() as folder:
        tier = Tier(committed, folder, **options)
        try:
            yield tier
        finally:
            tier.stop()
