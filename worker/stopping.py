"""Whether this worker was asked to stop: set in its first process, read in those that run ticks."""

import mmap

from celery.signals import worker_shutting_down

# A byte that is shared with the processes forked later. Not an Event, whose lock a killed process would keep.
_asked = mmap.mmap(-1, 1)


@worker_shutting_down.connect
def ask(**_: object) -> None:
    """Ask all processes of this worker to stop."""
    _asked[0] = 1


def is_asked() -> bool:
    """Return whether this worker was asked to stop."""
    return bool(_asked[0])
