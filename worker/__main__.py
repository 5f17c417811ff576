"""The worker's program: `python -m worker CONCURRENCY`.

It is not started by Celery's own command, which loads a terminal's worth of code: 12 MB.
"""

import gc
import os
import socket
import sys

from celery.signals import worker_before_create_process

from worker.app import app
from worker.configuration import settings


@worker_before_create_process.connect
def _share(**_: object) -> None:
    # A child's first full collection would write to each object that exists by now, and so copy its page: 22 MB.
    gc.collect()
    gc.freeze()


def main() -> None:
    """Receive ticks until asked to stop, in as many processes as the first argument says."""
    worker = app.Worker(
        # A name of its own, so that several workers on one machine can be distinguished.
        hostname=f"worker-{os.getpid()}@{socket.gethostname()}",
        loglevel=settings().turnout_log_level.upper(),
        quiet=True,
        pool_cls="prefork",
        concurrency=int(sys.argv[1]),
        # They cost messages and start-up time, and nothing here listens to them.
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=True,
    )
    worker.start()
    sys.exit(worker.exitcode)


if __name__ == "__main__":
    main()
