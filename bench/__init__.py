"""The service's rate per second, beside the highest rate of its PostgreSQL: `make bench [SECONDS=30]`.

Measured, each against an event of its own, after a warm-up that does not count:

registration, one hot event   64 people at once send the form of one event; each gets a seat and a queued email
scans, one at a time          16 phones at 4 doors send people of the list, each batch when the last is acknowledged
scans, batches of 10 and 100  the same with queues, as after a time offline; per_second counts scans, not requests
event page                    16 visitors read the page of an event

The parts are real: PostgreSQL with fsync on a disk, Redis, `turnout web` with its two processes as `turnout up` runs
it, only without rate limits. The load comes over HTTP from one more process on the same machine, so its cost is lost to
the service. Clients do not pause: p50 and p99 are the wait of a full house, not that of a single visitor.

The floor is measured in the same minute by pgbench on the same server: the barest statement that could do the same, on
scratch tables, 16 connections, prepared. `ratio` is our rate divided by it. The numbers of two machines, or of two
noisy minutes, are not comparable; ratios nearly are.

Measures that a person would notice have a limit instead of a floor: the scanner in a browser (bench/door.py), and the
organizer's pages at 100,000 people (bench/desk.py).

A fast wrong answer is worth nothing: every answer is read, and after each measure the tables must have exactly what was
acknowledged. A difference is printed, nothing is stored, and the run fails.
"""
