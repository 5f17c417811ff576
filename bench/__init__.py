"""The service's rate beside that of its own PostgreSQL, and its limits: `make bench`, see docs/performance.md.

The parts are real: PostgreSQL with fsync on a disk, Redis, `turnout web` with its two processes as `turnout up` runs
it, the worker; only without rate limits. The load comes over HTTP from one more process on the same machine, so its
cost is lost to the service. Clients do not pause: p50 and p99 are the wait of a full house, not that of one visitor.

The floor is measured in the same run on the same server: the barest statement that could do the same, or for a page
the rate of `/healthz`. The numbers of two machines, or of two noisy minutes, are not comparable; ratios nearly are.

Measures that a person would notice have a limit instead of a floor: the scanner in a browser (bench/door.py), and the
organizer's pages at 100,000 people (bench/desk.py).

A fast wrong answer is worth nothing: answers are checked, and after each measure the tables must have exactly what was
acknowledged. A difference is printed, nothing is stored, and the run fails.
"""
