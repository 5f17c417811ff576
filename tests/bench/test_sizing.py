"""The tables of docs/scaling.md are computed from the figures of docs/performance.md, and from no others."""

from bench import sizing


def test_the_tables_of_the_page_are_those_of_the_measured_figures() -> None:
    costs = sizing.measured((sizing.DOCS / "performance.md").read_text(encoding="utf-8"))
    page = (sizing.DOCS / "scaling.md").read_text(encoding="utf-8")
    tables = sizing.costs_of_units(costs), sizing.processors_of_days(costs)
    assert page == sizing.renewed(page, *tables), "write them anew: python -m bench.sizing"
    assert all("\n".join(sizing._lines(table)) in page for table in tables)


def test_a_million_registrations_a_day_are_a_fifth_of_it_in_one_hour() -> None:
    costs = {unit.row: {"web": 10.0, "worker": 0.0, "pg": 1.0} for unit in sizing.UNITS}
    times = sum(unit.times for unit in sizing.UNITS)
    *_, million = sizing.processors_of_days(costs)
    rate = 1_000_000 / 5 / 3600
    assert million[:3] == ["1,000,000", f"{rate:.2f}", f"{rate * 10 * times / 1000:.2f}"]
    assert million[3:5] == ["0.00", f"{rate * times / 1000:.2f}"]
    assert million[5:] == ["29", "2"]
