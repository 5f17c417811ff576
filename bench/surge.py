"""The minute in which registration opens: visitors come at a fixed rate, whether the service keeps up or not."""

from bench import measures, parts, scene
from bench.facts import disagreements
from bench.load import Order, Outcome, run_together
from bench.service import Service
from bench.table import Cost, Row
from shared import links

PAGES, REGISTRATIONS = 400, 100
"""Arrivals a second, and at most so many connections of each."""
SEATS = 5
"""Seats for each second of the surge: 300 for a minute, for which 20 times as many ask."""
TITLES = "surge: event page", "surge: registrations"


def measure(service: Service, seconds: float) -> tuple[list[Row], list[str]]:
    """Measure the wait of everyone, from the moment at which they come; exactly the seats are to be given."""
    seats = round(SEATS * seconds)
    event = scene.make_event(service, seats=seats)
    address = links.event("en", event.slug)
    scene.look_at(service, address)
    pages = [{"address": address, "holds": scene.TITLE}] * PAGES
    people = [{"slugs": [event.slug], "client": number, "right": [303, 409]} for number in range(REGISTRATIONS)]
    before = parts.sample()
    outcomes = run_together(
        Order(service.port, seconds, 0, "pages", pages, arrivals=PAGES),
        Order(service.port, seconds, 0, "registration", people, arrivals=REGISTRATIONS),
    )
    # Parts do not know for whom they worked: both rows have the cost of the mean request.
    cost = Cost.of(parts.used(before), sum(outcome.right for outcome in outcomes))
    faults = [f"{times} × {fault}" for outcome in outcomes for fault, times in outcome.wrong.items()]
    faults += faults_of_arrivals(outcomes, seconds) + faults_of_seats(service, event.id, outcomes[1], seats)
    rows = [
        Row(title, most, outcome.per_second, outcome.p50_ms, outcome.p99_ms, cost=cost, kb=outcome.kb)
        for title, most, outcome in zip(TITLES, (PAGES, REGISTRATIONS), outcomes, strict=True)
    ]
    return rows, [f"surge: {fault}" for fault in faults]


def faults_of_arrivals(outcomes: list[Outcome], seconds: float) -> list[str]:
    """Return a sentence for pages, and one for registrations, if someone got no right answer."""
    came = [round(seconds * rate) for rate in (PAGES, REGISTRATIONS)]
    return [
        f"{number} came, {outcome.right} were answered"
        for number, outcome in zip(came, outcomes, strict=True)
        if number != outcome.right
    ]


def faults_of_seats(service: Service, event: int, registrations: Outcome, seats: int) -> list[str]:
    """Return what answers and tables say about other numbers of seats, registrations or emails."""
    registered = registrations.statuses.get("303", 0)
    faults = [] if registered == seats else [f"{registered} were told of a seat, there are {seats}"]
    with service.engine.connect() as connection:
        return faults + disagreements(connection, measures.SEATS, seats, events=[event])
