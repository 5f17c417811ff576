"""pgbench on the real server."""

import pytest
from sqlalchemy import Engine

from bench import floor
from bench.floor import Floor
from shared.command.processes import CannotStart


def test_it_counts_rows_not_statements(engine: Engine) -> None:
    single, _ = floor.measure(Floor("SELECT 1;"), engine, 1)
    counted = Floor("SELECT 1;", rows=1000)
    thousandfold, _ = floor.measure(counted, engine, 1)
    assert thousandfold > 10 * single


@pytest.mark.parametrize("barest", [floor.SEAT, floor.scans(1), floor.scans(100)])
def test_each_floor_keeps_exactly_what_it_acknowledges(engine: Engine, barest: Floor) -> None:
    rate, faults = floor.measure(barest, engine, 0.2)
    assert rate > 0
    assert faults == []


def test_scans_have_the_indexes_of_the_real_table(engine: Engine) -> None:
    floor.measure(floor.scans(1), engine, 0.2)
    query = "SELECT count(*) FROM pg_indexes WHERE schemaname = '{}' AND tablename = 'scan'"
    with engine.connect() as connection:
        ours, real = (connection.exec_driver_sql(query.format(name)).scalar_one() for name in ("floor", "public"))
    assert ours == real > 1


def test_a_floor_that_loses_rows_is_found_out(engine: Engine) -> None:
    tables = ("CREATE TABLE floor.scan (id int PRIMARY KEY)",)
    statement = "INSERT INTO floor.scan VALUES (1) ON CONFLICT DO NOTHING;"
    _, faults = floor.measure(Floor(statement, tables, facts="SELECT count(*) AS scans FROM floor.scan"), engine, 1)
    assert len(faults) == 1
    assert faults[0].endswith("were acknowledged, scans: 1")


def test_what_the_server_refuses_stops_it(engine: Engine) -> None:
    with pytest.raises(CannotStart, match="nowhere"):
        floor.measure(Floor("SELECT * FROM nowhere;"), engine, 1)
