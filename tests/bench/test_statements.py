"""Statements in PostgreSQL's log, as its drivers send them."""

from bench.statements import executed


def test_a_statement_counts_wherever_its_first_word_stands() -> None:
    log = b"""
2026-12-01 12:00:00 UTC [7] LOG:  statement: BEGIN
2026-12-01 12:00:00 UTC [7] LOG:  execute _pg3_2:
\tWITH free AS (SELECT 1)
\tSELECT * FROM free
2026-12-01 12:00:00 UTC [7] DETAIL:  Parameters: $1 = '1'
2026-12-01 12:00:00 UTC [7] LOG:  execute <unnamed>: SELECT 1
2026-12-01 12:00:00 UTC [7] LOG:  statement: COMMIT
2026-12-01 12:00:00 UTC [7] LOG:  checkpoint starting: time
"""
    counted = executed(log)
    assert (counted.statements, counted.round_trips) == (2, 4)
